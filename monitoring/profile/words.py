"""What the record says of profiles that were opened. It is no part of a household's own story: who looks is the auditor's."""

PHRASES = {
    "household.profile_read": "查看家庭精准画像",
    "household.booklet_read": "打开家庭一户一册",
}
CLERICAL = frozenset(PHRASES)
