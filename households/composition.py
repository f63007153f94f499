"""Families that could be, for demo and measurements: who lives with whom, of what age and sex."""

from collections.abc import Iterator
from random import Random

from config.protection.identity import Sex

from .models.household import Relation

# Sizes of households and how often, in percent: 2.9 on average.
_SIZES, _SHARES = (1, 2, 3, 4, 5, 6), (15, 27, 27, 18, 9, 4)
MOST_MEMBERS = max(_SIZES)


def size(rng: Random) -> int:
    [found] = rng.choices(_SIZES, _SHARES)
    return found


def composition(members: int, rng: Random) -> Iterator[tuple[str, float, str]]:
    """Relation, age in years and sex of each: a head, usually a spouse, then children, parents or grandchildren as the age allows."""
    age = min(max(rng.gauss(52, 15), 22), 92)
    head = Sex.MALE if rng.random() < 0.74 else Sex.FEMALE
    yield Relation.HEAD, age, head
    left = members - 1
    if left and rng.random() < 0.86:
        yield Relation.SPOUSE, max(age + rng.gauss(-1, 3), 20), Sex.FEMALE if head is Sex.MALE else Sex.MALE
        left -= 1
    for _ in range(left):
        sex = rng.choice((Sex.MALE, Sex.FEMALE))
        if age < 62 and rng.random() < 0.75:
            yield Relation.SON if sex is Sex.MALE else Relation.DAUGHTER, max(age - rng.uniform(20, 35), 0), sex
        elif age < 62:
            yield Relation.PARENT, min(age + rng.uniform(20, 32), 99), sex
        else:
            yield Relation.GRANDCHILD, max(age - rng.uniform(45, 60), 0), sex
