"""Less of the collector of cycles: a process of ours loads some hundred thousand objects that live as long as it does.

By its usual measure it would go through all of them again for each few ten thousand rows that a file or a ledger brings, a tenth of the
time of an import. Nearly all that is let go is let go by its count of references.

A page leaves some six hundred objects in cycles behind. Let go by the twenty thousand, every twentieth page or so pays fifteen milliseconds
for all of them; by the five thousand a few pay three.
"""

import gc

NEW_ONES, OF_PAGES = 20_000, 5_000  # objects before the youngest are looked through: in a process that imports, and in one that shows pages
YOUNGER, OLDER = 20, 20  # rounds before the next older are


def settle(new_ones: int = NEW_ONES) -> None:
    """Once a process has loaded what it works with: that stays, and is looked through no more."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(new_ones, YOUNGER, OLDER)
