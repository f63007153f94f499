"""Numbers of people who do not exist, for tests and demo only: right in every digit but the area, which belongs to nobody (RULES C4)."""

from datetime import date
from random import Random

from .identity import SYNTHETIC_AREAS, Sex, check_character


def synthetic_id_number(rng: Random, birth_on: date, sex: Sex | str, area: str = SYNTHETIC_AREAS[0]) -> str:
    """An ID number of an unassigned area with a right check character; refused wherever real people are registered."""
    if area not in SYNTHETIC_AREAS:
        raise ValueError("only unassigned areas: the number could be somebody's")
    serial = rng.randrange(0, 1000, 2) + (Sex(sex) is Sex.MALE)
    first17 = f"{area}{birth_on:%Y%m%d}{serial:03}"
    return first17 + check_character(first17)
