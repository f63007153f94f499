"""People entered and corrected. The paper's number decides: birth date and sex that it tells are never typed against it (RULES C4)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.views.decorators.debug import sensitive_variables

from audit.transitions import record
from config import clock
from config.protection.cards import check_phone
from config.protection.identity import IdCheck, IdType, Sex, check_id_number
from config.protection.masks import mask_name
from config.protection.sealing import open_sealed, seal
from config.verbs import AlreadyHandled, ConstraintBroken, TransitionError, lock, recheck, save
from organization.models import Post, Region

from ..models import Household, Resident
from ..numbers import next_temporary_number
from ..permissions import can_enter, can_revise_resident
from .former_numbers import keep_former_number
from .identifying import note_identified
from .lookup import household_of
from .standing import refuse_gone

FIELDS = ("name", "id_type", "sex", "birth_on", "registered_place", "died_on", "bank_name")


@dataclass(frozen=True, slots=True)
class Person:
    """What the paper form says of somebody. Numbers stay out of `repr`."""

    name: str
    id_type: str = IdType.RESIDENT
    number: str = field(default="", repr=False)
    sex: str = ""
    birth_on: date | None = field(default=None, repr=False)
    phone: str = field(default="", repr=False)
    registered_place: str = ""


@sensitive_variables()
@transaction.atomic
def enter_resident(*, fields: Mapping[str, Any], number: str, phone: str = "", region: Region, by: Post) -> Resident:
    """Register a person without household: a guardian or obligor, somebody known by name alone (未归户).

    Raises:
        TransitionError: the place is another township's.
        ValidationError: a number, date or name that is wrong, by field; or the number is registered already.
    """
    if not can_enter(by):
        raise PermissionDenied("只有乡镇（街道）经办可以登记人员。")
    refuse_other_place(region, by)
    return enter(Person(**_known(fields), number=number, phone=phone), region=region, by=by)


def _known(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: fields[name] for name in ("name", "id_type", "sex", "birth_on", "registered_place") if name in fields}


def refuse_other_place(region: Region, by: Post) -> None:
    """A township registers whoever lives in it."""
    if not region.code.startswith(by.region_code):
        raise TransitionError(f"只能登记居住在本辖区的人员和家庭，{region.name}不在本辖区。")


@sensitive_variables()
def enter(person: Person, *, region: Region, by: Post) -> Resident:
    """Write the row and its event; inner. The caller has asked whether the number is known."""
    resident = Resident(name=person.name, region=region, registered_place=person.registered_place, entered_at=clock.now(), entered_by=by)
    _write_paper(resident, checked_number(person.number, person.id_type), person.sex, person.birth_on)
    seal(resident, phone=checked_phone(person.phone))
    save(resident)
    record("resident.entered", resident, by=by, new=resident.get_id_type_display(), subject_text=mask_name(resident.name))
    return resident


@sensitive_variables()
@transaction.atomic
def revise_resident(
    *,
    resident_id: Any,
    fields: Mapping[str, Any],
    number: str | None = None,
    phone: str | None = None,
    bank_account: str | None = None,
    seen_at: datetime,
    by: Post,
) -> Resident:
    """Correct a person. `seen_at` is `resident.changed_at` as the form was opened. None leaves a protected value as it is; "" empties phone
    and account, a number is never emptied.

    Raises:
        AlreadyHandled: somebody corrected the person since; who and when.
        ValidationError: a value that is wrong, by field.
    """
    resident: Resident = Resident.objects.visible_to(by).get_or_404(resident_id)
    household = household_of(resident)
    household = lock(household) if household else None  # parents first
    resident = lock(resident)
    refuse_stale(resident.changed_at, seen_at, resident.revised_by)
    recheck(resident, can_revise_resident, by)
    refuse_gone(resident)
    old, was_without = _described(resident), resident.id_type == IdType.NONE
    values = {name: fields[name] for name in FIELDS if name in fields}
    _refuse_future(values.get("died_on"))
    for name in ("name", "registered_place", "died_on", "bank_name"):
        setattr(resident, name, values.get(name, getattr(resident, name)))
    _revise_paper(resident, values, number, by)
    if phone is not None:
        seal(resident, phone=checked_phone(phone))
    if bank_account is not None:
        seal(resident, bank_account=bank_account)
    resident.revised_at, resident.revised_by = clock.now(), by
    _save_revised(resident, was_without=was_without)
    if was_without and resident.id_type != IdType.NONE:
        note_identified(resident, by)
    _note_revision(resident, old, household, by)
    return resident


@transaction.atomic
def note_death(*, resident: Resident, on: date, source: str, by: Post) -> Resident:
    """Somebody has died on that day. Inner: whoever may confirm it has. Known already: nothing is written again.

    Raises:
        ValidationError: a day in the future, or before birth.
    """
    household = household_of(resident)
    household = lock(household) if household else None  # parents first
    resident = lock(resident)
    if resident.died_on is not None:
        return resident
    _refuse_future(on)
    resident.died_on, resident.revised_at, resident.revised_by = on, clock.now(), by
    save(resident, "died_on", "revised_at", "revised_by")
    record(
        "resident.died", resident, by=by, new=on.isoformat(), note=source, subject_text=mask_name(resident.name),
        household_id=household.pk if household else None,
    )  # fmt: skip
    return resident


def _save_revised(resident: Resident, *, was_without: bool) -> None:
    """Of somebody without papers a number that is registered says who it is: the two rows are one person's."""
    try:
        save(resident)
    except ConstraintBroken as clash:
        if clash.name == "one_resident_per_id_number" and was_without:
            words = "这个证件号码已登记在另一份人员档案，可能是同一人：请核实后办理“合并重复”，保留有证件的档案。"
            raise ValidationError({"number": words}) from clash
        raise


def _note_revision(resident: Resident, old: dict[str, str], household: Household | None, by: Post) -> None:
    new = _described(resident)
    changed = [name for name in new if new[name] != old[name]]
    if household is not None:
        touch(household, by)
    record(
        "resident.revised", resident, by=by, new="、".join(changed), subject_text=mask_name(resident.name),
        data={"old": {n: old[n] for n in changed}, "new": {n: new[n] for n in changed}},
        household_id=household.pk if household is not None else None,
    )  # fmt: skip


def _described(resident: Resident) -> dict[str, str]:
    """What the record says of a person before and after: masked, or codes and dates."""
    return {
        "姓名": mask_name(resident.name), "证件类型": resident.get_id_type_display(), "证件号码": str(resident.id_number),
        "性别": resident.get_sex_display(), "出生日期": str(resident.birth_on or ""), "户籍地": mask_place(resident.registered_place),
        "联系电话": str(resident.phone), "银行账号": str(resident.bank_account), "开户银行": resident.bank_name,
        "死亡日期": str(resident.died_on or ""),
    }  # fmt: skip


def mask_place(place: str) -> str:
    """Down to the first six characters: enough to see that it changed."""
    return place[:6] + "…" if len(place) > 6 else place


def touch(household: Household, by: Post) -> None:
    """Forms of the household that were opened before are stale now. Inner, under its lock."""
    household.revised_at, household.revised_by = clock.now(), by
    household.save(update_fields=["revised_at", "revised_by"])


def refuse_stale(current: datetime, seen_at: datetime, reviser: Post | None) -> None:
    """A form opened before somebody else's change is not saved over it.

    Raises:
        AlreadyHandled: who changed it, and when.
    """
    if current != seen_at:
        who = reviser.label if reviser else "同事"
        raise AlreadyHandled(f"{who}已于{clock.local(current):%Y-%m-%d %H:%M}更正过，您打开的页面已过时。请重新打开，核对后再改。")


def _refuse_future(died_on: date | None) -> None:
    if died_on and died_on > clock.today():
        raise ValidationError({"died_on": "死亡日期不能晚于今天。"})


@sensitive_variables()
def _revise_paper(resident: Resident, values: Mapping[str, Any], number: str | None, by: Post) -> None:
    sex, birth_on = values.get("sex", resident.sex), values.get("birth_on", resident.birth_on)
    id_type = values.get("id_type", resident.id_type)
    if number or id_type != resident.id_type:
        former, check = open_sealed(resident, "id_number"), checked_number(number or "", id_type)
        _write_paper(resident, check, sex, birth_on)
        if check.normalised != former:
            keep_former_number(resident, former, by)
        return
    told = _told_by_paper(resident)
    _refuse_against_paper(told, sex, birth_on)
    resident.sex, resident.birth_on = told.sex or sex or Sex.UNKNOWN, told.birth_on or birth_on


@sensitive_variables()
def _told_by_paper(resident: Resident) -> IdCheck:
    return check_id_number(open_sealed(resident, "id_number"), resident.id_type, on=clock.today(), allow_synthetic=True)


@sensitive_variables()
def checked_number(number: str, id_type: str) -> IdCheck:
    """The number of a new paper; somebody without papers is given the next temporary one.

    Raises:
        ValidationError: beside the field: a number that is wrong for this paper.
    """
    check = well_formed(number, id_type)
    if check.id_type is not IdType.NONE:
        return check
    if check.normalised:
        raise ValidationError({"number": "没有登记过这个临时号。临时号由系统编，第一次登记时请留空。"})
    return IdCheck(IdType.NONE, next_temporary_number(clock.today()))


@sensitive_variables()
def well_formed(number: str, id_type: str) -> IdCheck:
    """Raises ValidationError beside the field: a number that is no number of this paper."""
    check = check_id_number(number, id_type, on=clock.today(), allow_synthetic=settings.IS_DEMO)
    if check.errors:
        raise ValidationError({"number": list(check.errors)})
    return check


@sensitive_variables()
def checked_phone(phone: str) -> str:
    if not phone.strip():
        return ""
    check = check_phone(phone)
    if check.errors:
        raise ValidationError({"phone": list(check.errors)})
    return check.normalised


@sensitive_variables()
def _write_paper(resident: Resident, check: IdCheck, sex: str, birth_on: date | None) -> None:
    """The number, and what it tells of birth and sex."""
    _refuse_against_paper(check, sex, birth_on)
    if birth_on and birth_on > clock.today():
        raise ValidationError({"birth_on": "出生日期不能晚于今天。"})
    resident.id_type, resident.is_synthetic = check.id_type, check.is_synthetic
    resident.sex, resident.birth_on = check.sex or sex or Sex.UNKNOWN, check.birth_on or birth_on
    seal(resident, id_number=check.normalised)


def _refuse_against_paper(check: IdCheck, sex: str, birth_on: date | None) -> None:
    """Raises ValidationError: what was typed differs from what the number says."""
    wrong = {}
    if check.birth_on and birth_on and birth_on != check.birth_on:
        wrong["birth_on"] = f"与证件号码不一致：号码中的出生日期是{check.birth_on}。请核对证件。"
    if check.sex and sex in {Sex.MALE, Sex.FEMALE} and sex != check.sex:
        wrong["sex"] = f"与证件号码不一致：号码所示为{check.sex.label}。请核对证件。"
    if wrong:
        raise ValidationError(wrong)
