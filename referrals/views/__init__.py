"""Pages of the referrals, by task."""
