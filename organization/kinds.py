"""Which kinds of unit every gate of the house treats alike (DESIGN 2)."""

TOWNSHIP = frozenset({"township_window", "township_office"})
LOCAL = TOWNSHIP | {"village_window"}
COUNTY_WIDE = frozenset({"platform", "system"})
