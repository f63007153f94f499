"""资金: what a year has for each program, what was granted, is due, was paid and is left (TZ-36, LY-31)."""
