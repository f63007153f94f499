"""Units, villages and the department x township table: kept by the system administrator."""

from datetime import date
from typing import TypeVar

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from audit.transitions import record
from config import clock
from config.dates import add_months
from config.verbs import TransitionError, lock, save

from ..figures import figure
from ..models import Department, Post, Region, ReviewOffice, Unit
from ..permissions import can_end_unit, can_keep_units
from ..querysets import UnitQuerySet

R = TypeVar("R", Unit, Department)


@transaction.atomic
def describe_unit(*, unit_id: int, phone: str, address: str, by: Post) -> Unit:
    """Telephone and address, as residents are told them."""
    _may(by)
    unit = lock(Unit.objects.visible_to(by).get_or_404(unit_id))
    old = f"{unit.phone} {unit.address}".strip()
    unit.phone, unit.address = phone, address
    save(unit, "phone", "address")
    record("unit.described", unit, by=by, old=old, new=f"{phone} {address}".strip())
    return unit


@transaction.atomic
def add_village(*, township: Region, code: str, name: str, setting: str, population: int | None, fictional: bool = False, by: Post) -> Unit:
    """A village or community, with its window (ZX-16). Codes are entered, never generated (RULES E).

    Raises:
        ValidationError: a code that is not 12 digits, exists already, or lies outside the township.
    """
    _may(by)
    if not code.startswith(township.code):
        raise TransitionError(f"村（社区）代码须以 {township.name} 的代码 {township.code} 开头。")
    if Region.objects.filter(code=code).exists():
        raise ValidationError({"code": "这个代码已有村（社区）使用，请核对。"})
    today = clock.today()
    region = Region(
        code=code, name=name, level=Region.Level.VILLAGE, parent=township, setting=setting, population=population,
        is_fictional=fictional, valid_from=today,
    )  # fmt: skip
    save(region)
    window = Unit(kind=Unit.Kind.VILLAGE_WINDOW, name=f"{name}综合救助窗口", short_name=f"{name}窗口", region=region, valid_from=today)
    save(window)
    record("region.added", region, by=by, new=code)
    return window


@transaction.atomic
def assign_review_office(*, department: Department, township: Region, office: Unit | None, since: date, by: Post) -> ReviewOffice:
    """Name the township office that reviews for a department; the earlier row ends the day before (ZX-33).

    Raises:
        TransitionError: none of the township's offices, or one that ends; it reviews already; a day before the earlier row began.
    """
    _may(by)
    if office is None or office.kind != Unit.Kind.TOWNSHIP_OFFICE or office.region_id != township.pk:
        raise TransitionError(f"{township.name} 没有这个业务机构。")
    Region.objects.select_for_update().get(pk=township.pk)
    office = lock(office)  # not while somebody ends it: `end_unit` hands on what stands by then
    if office.valid_until is not None:
        heir = f"由{office.successor.name}承接，请改选{office.successor.get_office_display()}" if office.successor else "请改选其他机构"
        raise TransitionError(f"{office.name}办理到{office.valid_until:%Y-%m-%d}为止，{heir}。")
    open_rows = ReviewOffice.objects.filter(department=department, township=township, valid_until=None)
    old = open_rows.first()
    if old is not None:
        if old.office_id == office.pk:
            raise TransitionError(f"{township.name}已由{office.get_office_display()}为{department.name}审核。")
        if old.valid_from >= since:
            raise TransitionError(f"现有的对应关系自 {old.valid_from} 起生效，新的须在此之后。")
        old.valid_until = date.fromordinal(since.toordinal() - 1)
        old.save(update_fields=["valid_until"])
    row = ReviewOffice(department=department, township=township, office=office, valid_from=since)
    save(row)
    record("review_office.assigned", row, by=by, old=old.office.short_name if old else "", new=office.short_name)
    return row


@transaction.atomic
def dissolve_department(*, department: Department, successor: Department, last_day: date, by: Post) -> Department:
    """A department ends on a day, and another takes over its work (RULES F7): its desk ends with it. What lies open there the job moves.

    Raises:
        TransitionError: ended already, its own successor, a successor that has ended or has no desk, a day gone by or too far off.
    """
    _may(by)
    department = _locked_together(department, successor)
    if department.valid_until is not None:
        raise TransitionError(f"{department.name}已于{department.valid_until:%Y-%m-%d}停用。")
    refuse_last_day(last_day)
    following = date.fromordinal(last_day.toordinal() + 1)
    desks = Unit.objects.current(following).filter(kind=Unit.Kind.DEPARTMENT)
    if successor.pk == department.pk or not desks.filter(department=successor).exists():
        raise TransitionError("承接单位须是另一个在用的部门，并且已设立办理单位。")
    department.valid_until, department.successor = last_day, successor
    save(department, "valid_until", "successor")
    desks.filter(department=department).update(valid_until=last_day)
    record("department.dissolved", department, by=by, old=department.name, new=successor.name, data={"last_day": last_day.isoformat()})
    return department


@transaction.atomic
def end_unit(*, unit_id: int, successor_id: int, last_day: date, by: Post) -> Unit:
    """A unit ends on a day, and another works on for it: the desk of a department with its department, a village's window, an office.

    Until that day the work goes on there. What lies open then the job moves, and what comes later goes to the successor at once. With a
    village that is merged into another its region ends as well: its families live in the other from then on.

    Raises:
        TransitionError: ended already, a unit that stays, a day gone by or too far off, or a successor that cannot take it over.
    """
    _may(by)
    successor = Unit.objects.visible_to(by).select_related("department", "region").get_or_404(successor_id)
    unit = _locked_together(Unit.objects.visible_to(by).get_or_404(unit_id), successor)
    if unit.valid_until is not None:
        raise TransitionError(f"{unit.name}已于{unit.valid_until:%Y-%m-%d}停用。")
    if not can_end_unit(by, unit):
        raise TransitionError(f"{unit.name}不能停用：乡镇（街道）窗口、社会事务办和县级平台长期设立。")
    refuse_last_day(last_day)
    if not successors_of(unit, last_day).filter(pk=successor.pk).exists():
        raise TransitionError(f"{successor.name}不能承接{unit.name}，请重新选择。")
    if unit.kind == Unit.Kind.DEPARTMENT:
        dissolve_department(department=unit.department, successor=successor.department, last_day=last_day, by=by)
        return Unit.objects.get(pk=unit.pk)
    unit.valid_until, unit.successor = last_day, successor
    save(unit, "valid_until", "successor")
    if successor.kind == Unit.Kind.VILLAGE_WINDOW:
        Region.objects.filter(pk=unit.region_id).update(valid_until=last_day)
    _review_elsewhere(unit, successor, last_day, by)
    record("unit.ended", unit, by=by, old=unit.name, new=successor.name, data={"last_day": last_day.isoformat()})
    return unit


def _locked_together(row: R, successor: R) -> R:
    """Both, by their keys: neither ends into the other while the other ends into it."""
    rows = {pk: lock(type(row)(pk=pk)) for pk in sorted({row.pk, successor.pk})}
    return rows[row.pk]


def refuse_last_day(last_day: date) -> None:
    """The form asks too.

    Raises:
        TransitionError: gone by, or further off than is planned ahead: a wrong year would wait for ever.
    """
    if last_day < clock.today():
        raise TransitionError("停用日期不能早于今天。")
    latest = add_months(clock.today(), int(figure("planned_ahead_max")))
    if last_day > latest:
        raise TransitionError(f"停用日期最晚{latest:%Y-%m-%d}，请看年份写对没有；更远的到时再办。")


def successors_of(unit: Unit, last_day: date) -> UnitQuerySet:
    """Who can work on for a unit: another department; a village of the township or its window; another office of the township."""
    following = date.fromordinal(last_day.toordinal() + 1)
    rows: UnitQuerySet = Unit.objects.current(following).exclude(pk=unit.pk)
    match unit.kind:
        case Unit.Kind.DEPARTMENT:
            return rows.filter(kind=Unit.Kind.DEPARTMENT)
        case Unit.Kind.VILLAGE_WINDOW:
            nearby = rows.filter(region__code__startswith=unit.region_id[:9])
            return nearby.filter(kind__in=[Unit.Kind.VILLAGE_WINDOW, Unit.Kind.TOWNSHIP_WINDOW])
        case Unit.Kind.TOWNSHIP_OFFICE:
            return rows.filter(kind=Unit.Kind.TOWNSHIP_OFFICE, region=unit.region_id)
    return rows.none()


def _review_elsewhere(unit: Unit, successor: Unit, last_day: date, by: Post) -> None:
    """Whatever the office reviewed the successor reviews from the next day on, for as long as the office would have; what it was to begin
    with after its last day, the successor begins with."""
    rows = ReviewOffice.objects.filter(office=unit).exclude(valid_until__lte=last_day)
    for row in rows.order_by("pk").select_for_update(of=("self",), no_key=True):
        if row.valid_from > last_day:
            row.office, heir = successor, row
            save(row, "office")
        else:
            heir = ReviewOffice(
                department_id=row.department_id, township_id=row.township_id, office=successor, valid_until=row.valid_until,
                valid_from=date.fromordinal(last_day.toordinal() + 1),
            )  # fmt: skip
            row.valid_until = last_day
            save(row, "valid_until")
            save(heir)
        record("review_office.assigned", heir, by=by, old=unit.short_name, new=successor.short_name)


def _may(by: Post) -> None:
    if not can_keep_units(by):
        raise PermissionDenied("只有系统管理员可以维护单位。")
