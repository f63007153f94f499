"""The catalogue of 54 programs of 17 departments."""
