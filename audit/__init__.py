"""What happened: append-only events, reads of personal data."""
