"""Gaps in the organization that would leave a person in need without anybody: shown until they are closed."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Max, Q

from .models import Parameter, Post, Region, Unit
from .querysets import ADMINISTRATION, UnitQuerySet

RED, AMBER = "red", "amber"
# What asks for it, as an office cites it: ZX, XX and LY of the requirements.
ZX, XX, LY = "忠府办发〔2021〕53号", "西秀区试点方案", "龙政办〔2021〕65号"


@dataclass(frozen=True)
class Alarm:
    """One gap: where, what is missing, and the source that asks for it."""

    unit: Unit
    kind: str
    sentence: str
    source: str
    colour: str = RED


Source = Callable[[UnitQuerySet, date], Iterable[Alarm]]
_others: list[Source] = []


def register(source: Source) -> None:
    """Gaps that an upper room knows of, asked together with these."""
    if source not in _others:
        _others.append(source)


def alarms(units: UnitQuerySet, on: date) -> list[Alarm]:
    """Every alarm among `units` on that day, in a fixed number of queries."""
    counted = list(_with_counts(units.current(on), on).select_related("region", "department"))
    figures = Parameter.objects.county_wide(on)
    return [
        *_desks_without_administrator(counted, on, figures),
        *_windows_without_dedicated(counted),
        *_townships_short_of_staff(counted, figures),
        *_villages_without_assistant(counted, figures),
        *_units_with_nobody_to_decide(counted),
        *_departments_without_contacts(counted, figures),
        *(alarm for source in _others for alarm in source(units, on)),
    ]


def _with_counts(units: UnitQuerySet, on: date) -> UnitQuerySet:
    in_office = Q(
        posts__granted_at__isnull=False,
        posts__ended_at=None,
        posts__valid_from__lte=on,
        posts__valid_until__gte=on,
        posts__staff__is_active=True,
    )
    return units.annotate(
        staff_count=Count("posts__staff", filter=in_office, distinct=True),
        last_day=Max("posts__valid_until", filter=in_office),
        dedicated=Count("posts", filter=in_office & Q(posts__is_dedicated=True)),
        assistants=Count("posts", filter=in_office & Q(posts__is_assistant=True)),
        approvers=Count("posts", filter=in_office & Q(posts__rank=Post.Rank.APPROVER)),
        liaisons=Count("posts", filter=in_office & Q(posts__is_liaison=True)),
        data_managers=Count("posts", filter=in_office & Q(posts__is_data_manager=True)),
    )


def _desks_without_administrator(units: list[Unit], on: date, figures: dict[str, Any]) -> Iterator[Alarm]:
    """Every grant ends: with the last administrator's, nobody could propose, grant or read the record any more."""
    for unit in units:
        if unit.kind not in ADMINISTRATION:
            continue
        last: date | None = unit.last_day  # type: ignore[attr-defined]
        if last is None:
            yield Alarm(unit, "三员缺岗", f"{unit.name}没有在岗的管理员。", "等保三员分立")
        elif (last - on).days <= figures["grant_expiry_notice"]:
            sentence = f"{unit.name}最后一个岗位{last}到期，请在此之前重新提出、授权。"
            yield Alarm(unit, "三员即将到期", sentence, "等保三员分立", AMBER)


def _windows_without_dedicated(units: list[Unit]) -> Iterator[Alarm]:
    for unit in units:
        if unit.kind == Unit.Kind.TOWNSHIP_WINDOW and not unit.dedicated:  # type: ignore[attr-defined]
            yield Alarm(unit, "窗口无专人", f"{unit.region.name}没有确定窗口专职人员，来人无人受理。", ZX)


def _townships_short_of_staff(units: list[Unit], figures: dict[str, Any]) -> Iterator[Alarm]:
    """At least two (XX-27), more by registered population (LY-06); both are shown."""
    least, bands = int(figures["township_staff_min"]), figures["township_coordinator_bands"]
    counts: dict[str, int] = {}
    for unit in units:
        if unit.region_level == Region.Level.TOWNSHIP:
            counts[unit.region_id] = counts.get(unit.region_id, 0) + unit.staff_count  # type: ignore[attr-defined]
    for unit in units:
        if unit.kind != Unit.Kind.TOWNSHIP_WINDOW:
            continue
        by_population = staff_by_population(unit.region.population, bands)
        needed, have = max(least, by_population), counts[unit.region_id]
        if have < needed:
            reason = f"经办人员不少于{least}人" + (f"，按户籍人口应配{by_population}人" if by_population else "")
            yield Alarm(unit, "乡镇人手不足", f"{unit.region.name}现有{have}人，{reason}。", f"{XX}；{LY}", AMBER)


def staff_by_population(population: int | None, bands: list[dict[str, int | None]]) -> int:
    """LY-06: how many coordinators a registered population asks for; 0 where it is unknown.

    Args:
        bands: ascending `{"up_to": persons or None, "staff": persons}`; a boundary belongs to the lower band.
    """
    if population is None:
        return 0
    for band in bands:
        limit = band["up_to"]
        if limit is None or population <= limit:
            return int(band["staff"] or 0)
    return 0


def _villages_without_assistant(units: list[Unit], figures: dict[str, Any]) -> Iterator[Alarm]:
    least, most = (int(figures["assistants_per_village"][bound]) for bound in ("min", "max"))
    for unit in units:
        if unit.kind != Unit.Kind.VILLAGE_WINDOW:
            continue
        have: int = unit.assistants  # type: ignore[attr-defined]
        if not have:
            yield Alarm(unit, "村无协理员", f"{unit.region.name}没有社会救助协理员。", f"{ZX}；{LY}")
        elif have < least:
            yield Alarm(unit, "协理员不足", f"{unit.region.name}有{have}名协理员，应不少于{least}名。", f"{ZX}；{LY}", AMBER)
        elif have > most:
            yield Alarm(unit, "协理员超员", f"{unit.region.name}有{have}名协理员，一般不超过{most}名。", LY, AMBER)


def _units_with_nobody_to_decide(units: list[Unit]) -> Iterator[Alarm]:
    """Departments with programs, the platform, and in each township the office that decides where nothing else is named."""
    for unit in units:
        decides = (
            unit.kind == Unit.Kind.PLATFORM
            or (unit.kind == Unit.Kind.DEPARTMENT and unit.department is not None and unit.department.number is not None)
            or (unit.kind == Unit.Kind.TOWNSHIP_OFFICE and unit.office == Unit.Office.SOCIAL_AFFAIRS)
        )
        if decides and not unit.approvers:  # type: ignore[attr-defined]
            yield Alarm(unit, "无人审批", f"{unit.name}没有审批岗，事项到此无人决定。", "经办与审批须分属两人")


def _departments_without_contacts(units: list[Unit], figures: dict[str, Any]) -> Iterator[Alarm]:
    liaisons, managers = int(figures["liaisons_min"]), int(figures["data_managers_min"])
    for unit in units:
        if unit.kind != Unit.Kind.DEPARTMENT:
            continue
        asked = (("联络员", unit.liaisons, liaisons), ("数据管理员", unit.data_managers, managers))  # type: ignore[attr-defined]
        if missing := [word for word, have, least in asked if have < least]:
            needed = "、".join(f"{word}至少{least}名，现有{have}名" for word, have, least in asked if have < least)
            yield Alarm(unit, "缺" + "、".join(missing), f"{unit.name}：{needed}。", f"{LY}；{ZX}", AMBER)
