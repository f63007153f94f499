"""People without papers: registered with what is known, and known at last (RULES C4)."""

from dataclasses import dataclass
from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from audit.transitions import record
from config import clock
from config.protection.identity import IdType
from config.protection.masks import mask_name
from config.verbs import save
from config.words import without_numbers
from organization.models import Post, Region

from ..models import Resident, Unidentified
from ..permissions import can_enter
from .residents import Person, enter, refuse_other_place

NOBODY = "无名氏"
EARLIEST = 1900


@dataclass(frozen=True, slots=True)
class Signs:
    """By what somebody may be recognised."""

    description: str
    found_on: date
    found_at_place: str = ""
    born_about: int | None = None


@transaction.atomic
def register_unidentified(*, name: str = "", sex: str = "", signs: Signs, region: Region, by: Post) -> Resident:
    """Register somebody who has no papers or does not say who it is; the county's series gives a temporary number.

    Raises:
        TransitionError: the place is another township's; an ID number in the words.
        ValidationError: no description, a day or year that cannot be, by field.
    """
    if not can_enter(by):
        raise PermissionDenied("只有乡镇（街道）经办可以登记人员。")
    refuse_other_place(region, by)
    _refuse_signs(signs)
    resident = enter(Person(name.strip() or NOBODY, IdType.NONE, sex=sex), region=region, by=by)
    row = Unidentified(
        resident=resident, born_about=signs.born_about, description=without_numbers(signs.description),
        found_at_place=without_numbers(signs.found_at_place), found_on=signs.found_on, noted_at=clock.now(), noted_by=by,
    )  # fmt: skip
    save(row)
    record("unidentified.registered", row, by=by, subject_text=mask_name(resident.name))
    return resident


def _refuse_signs(signs: Signs) -> None:
    wrong = {}
    if not signs.description.strip():
        wrong["description"] = "请写明体貌、随身物品等能辨认的情况。"
    if signs.found_on > clock.today():
        wrong["found_on"] = "发现日期不能晚于今天。"
    if signs.born_about is not None and not EARLIEST <= signs.born_about <= signs.found_on.year:
        wrong["born_about"] = f"估计的出生年份应在{EARLIEST}年至{signs.found_on.year}年之间。"
    if wrong:
        raise ValidationError(wrong)
