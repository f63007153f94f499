"""Ledgers that the offices hand in beside L1: each a declaration over rows that stand, nothing stored for them (RULES, Ledgers)."""
