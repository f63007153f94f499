"""Measurements against the peer a user would pick instead and against the limit; each prints its ratios beside the goals."""
