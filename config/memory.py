"""Less of the collector of cycles: a process of ours loads some hundred thousand objects that live as long as it does.

By its usual measure it would go through all of them again for each few ten thousand rows that a file or a ledger brings, a tenth of the
time of an import. Nearly all that is let go is let go by its count of references.
"""

import gc

NEW_ONES, YOUNGER, OLDER = 20_000, 20, 20  # objects before the youngest are looked through; rounds before the next older are


def settle() -> None:
    """Once a process has loaded what it works with: that stays, and is looked through no more."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(NEW_ONES, YOUNGER, OLDER)
