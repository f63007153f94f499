"""The cast: named people every test may call on, in the template database of the bed (see docs/testing.md)."""
