"""What the pages of the catalogue say, ready for the templates: groups of a list, and one program's page."""

from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from itertools import groupby
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models

from config import clock
from organization.desks import standing
from organization.models import Department

from .models import Material, MaterialRequirement, Origin, Program, ProgramVersion, Sourced, Stage, Track
from .rules import UNIT_WORDS, counted_total, promise, wrong_with_stages

_TONES = {Origin.SEED: "blue", Origin.NATIONAL: "green", Origin.COUNTY: "green", Origin.ASSUMED: "amber"}
GROUPINGS = {"department": "按部门", "category": "按类别", "tier": "按层次"}
# Not for the public: raw working texts of the reference table.
_RAW = frozenset({"screening_text", "screening_rule", "materials_text", "exempt_text"})


@dataclass(frozen=True, slots=True)
class Group:
    title: str
    phone: str
    programs: list[Program]


def groups(programs: Iterable[Program], by: str) -> list[Group]:
    """The list in groups, in the order of the county's list of departments, or of the categories or tiers."""
    if by == "department":
        grouped = groupby(programs, key=lambda program: program.department)
        return [Group(department.name, department.phone, list(rows)) for department, rows in grouped]
    labels = dict(Program._meta.get_field(by).flatchoices) | {"": "待明确"}  # type: ignore[union-attr]
    order = list(labels)
    ranked = sorted(programs, key=lambda program: order.index(getattr(program, by)))
    return [Group(labels[value], "", list(rows)) for value, rows in groupby(ranked, key=lambda program: getattr(program, by))]


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a default comes from: one of three words, the document, a note."""

    word: str
    tone: str
    source: str
    note: str

    @property
    def reference(self) -> str:
        return "；".join(part for part in (self.source, self.note) if part)


def mark(row: Sourced, field: str) -> Mark:
    origin = row.origins[field]
    kind = Origin(origin["origin"])
    return Mark(str(kind.label), _TONES[kind], origin["source"], origin["note"])


@dataclass(frozen=True, slots=True)
class Line:
    label: str
    text: str
    mark: Mark


def line(row: Sourced, field: str) -> Line:
    return Line(row.label_of(field), shown(row, field), mark(row, field))


def lines(row: Sourced, leave_out: frozenset[str] = frozenset()) -> list[Line]:
    return [line(row, name) for name in row.sourced_fields() if name not in leave_out]


def shown(row: models.Model, field: str) -> str:
    """A field's value in office words; nothing is a dash."""
    value, column = getattr(row, field), row._meta.get_field(field)
    if isinstance(column, ArrayField):
        words = dict(column.base_field.flatchoices or [])
        return "、".join(str(words.get(item, item)) for item in value) or "—"
    if getattr(column, "choices", None):
        return str(dict(column.flatchoices).get(value, value)) or "—"  # type: ignore[union-attr]
    if column.is_relation:
        return value.name if value else "—"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, dict):
        return "已编成条件"  # the rule in words has a page of its own
    return "—" if value in {None, ""} else f"{value:,.2f}" if isinstance(value, Decimal) else str(value)


@dataclass(frozen=True, slots=True)
class Step:
    name: str
    who: str
    limit: str
    is_counted: bool


class TrackView:
    """One way a program is done: its promise, its steps, and what it asks for."""

    def __init__(self, track: Track, requirements: list[MaterialRequirement]) -> None:
        self.track = track
        asked = [row for row in requirements if row.track_id in {None, track.pk}]
        self.bring = [row for row in asked if row.need == MaterialRequirement.Need.REQUIRED]
        self.if_not_found = [row for row in asked if row.need == MaterialRequirement.Need.UNLESS_PROVEN]
        self.exempt = [row for row in asked if row.need == MaterialRequirement.Need.EXEMPT]

    @property
    def name(self) -> str:
        return self.track.name

    @cached_property
    def steps(self) -> list[Step]:
        return _steps(self.track, self.track.stages.all())

    @property
    def decider(self) -> str:
        return self.steps[-1].who

    @property
    def promise_mark(self) -> Mark:
        return mark(self.track, "whole_limit")

    @property
    def extended(self) -> str:
        track = self.track
        if track.extended_limit <= track.whole_limit:
            return ""
        return f"{track.extension_causes}的，可以延长到{promise(track.extended_limit, track.limit_unit)}"

    @property
    def publicity(self) -> str:
        track = self.track
        if not track.publicity_days:
            return "不公示"
        days = promise(track.publicity_days, track.publicity_unit)
        return f"公示{days}（{'包含在承诺时限内' if track.publicity_in_whole else '不计入承诺时限'}）"

    @property
    def publicity_mark(self) -> Mark:
        return mark(self.track, "publicity_days")

    @property
    def decider_mark(self) -> Mark:
        return mark(self.track, "route")

    @property
    def follow_up(self) -> str:
        track = self.track
        return f"{promise(track.follow_up_limit, track.follow_up_unit)}内{track.follow_up}" if track.follow_up_limit else ""


def _steps(track: Track, stages: Iterable[Stage]) -> list[Step]:
    return [
        Step(stage.name, _who(stage, track), promise(stage.limit, stage.limit_unit) if stage.limit else "当场", stage.is_counted)
        for stage in stages
    ]


@dataclass(frozen=True, slots=True)
class Road:
    """What would come of a track's stages as they are typed: the steps, what they add up to, and what is wrong with them."""

    steps: list[Step]
    total: int
    unit: str
    promise: str
    wrong: str
    is_typed: bool

    @classmethod
    def of(cls, track: Track, fields: Mapping[str, Any], rows: Iterable[Mapping[str, Any]] | None) -> "Road":
        """`rows` None: the stages as they are saved."""
        road = copy(track)
        for name, value in fields.items():
            setattr(road, name, value)
        names = Stage.sourced_fields()
        stages = list(track.stages.all()) if rows is None else [Stage(**{name: row[name] for name in names}) for row in rows]
        return cls(
            _steps(track, stages),
            counted_total(stages),
            UNIT_WORDS[road.limit_unit],
            road.promise,
            wrong_with_stages(road, stages),
            rows is not None,
        )


def _who(stage: Stage, track: Track) -> str:
    if stage.unit_kind == Stage.UnitKind.DEPARTMENT:
        return standing(stage.department or track.version.program.department, clock.today()).name
    return str(stage.get_unit_kind_display())


@dataclass(frozen=True, slots=True)
class Part:
    """One table of origins: the program, its version, a track, its stages or its materials."""

    title: str
    lines: list[Line]


class ProgramPage:
    """What a resident asks of one program, from the version in force with its page data."""

    def __init__(self, version: ProgramVersion, *, for_office: bool) -> None:
        self.version, self.program, self.for_office = version, version.program, for_office
        self._requirements = list(version.requirements.all())
        self._all = [TrackView(track, self._requirements) for track in version.tracks.all()]
        # What a resident can ask for now; stops and what is not yet delegated are the office's.
        self.tracks = [view for view in self._all if view.track.is_active and Track.Purpose.GRANT in view.track.purposes]
        self.waiting = [view for view in self._all if view not in self.tracks]

    @property
    def guide_tracks(self) -> list[TrackView]:
        """On the sheet nobody chooses to be above the ceiling; the track it belongs to says so."""
        targets = {view.track.above_ceiling_id for view in self._all}
        return [view for view in self.tracks if view.track.pk not in targets]

    @property
    def has_several_tracks(self) -> bool:
        return len(self.tracks) > 1

    @cached_property
    def marks(self) -> dict[str, Mark]:
        return {name: mark(self.version, name) for name in self.version.sourced_fields()}

    @property
    def conditions(self) -> list[str]:
        return self.version.conditions.splitlines()

    @property
    def legal_basis(self) -> list[str]:
        return self.version.legal_basis.splitlines()

    @property
    def publicity_masking(self) -> str:
        """What a notice leaves out; nothing where no track puts one up."""
        return self.version.publicity_masking if any(view.track.publicity_days for view in self._all) else ""

    @property
    def months(self) -> str:
        return "、".join(f"{month}月" for month in self.version.open_months)

    @property
    def pay_start(self) -> str:
        return "" if self.version.pay_start == ProgramVersion.PayStart.NONE else str(self.version.get_pay_start_display())

    @cached_property
    def parts(self) -> list[Part]:
        """Every default of this program with its origin."""
        hidden = frozenset() if self.for_office else _RAW
        found = [Part("项目", lines(self.program)), Part("办理规定", lines(self.version, hidden))]
        for view in self._all:
            found.append(Part(f"办理情形：{view.name}", lines(view.track)))
            steps = [Line(f"{s.order}. {s.name}", self._step(s), mark(s, "limit")) for s in view.track.stages.all()]
            found.append(Part(f"办理环节：{view.name}", steps))
        needs = [Line(row.name, str(row.get_need_display()), mark(row, "need")) for row in self._requirements]
        return [*found, Part("材料", needs)]

    @cached_property
    def assumed_count(self) -> int:
        return sum(each.mark.word == Origin.ASSUMED.label for part in self.parts for each in part.lines)

    @staticmethod
    def _step(stage: Stage) -> str:
        limit = promise(stage.limit, stage.limit_unit) if stage.limit else "当场"
        return f"{_who(stage, stage.track)}{stage.get_act_display()}，{limit}" + ("" if stage.is_counted else "，不计入全程")


def departments(track: Track) -> "models.QuerySet[Department]":
    """Who can be named for a co-review: departments of today, and those that the track names already."""
    named = Department.objects.filter(pk__in=[stage.department_id for stage in track.stages.all()])
    return Department.objects.current(clock.today()) | named


def materials() -> "models.QuerySet[Material]":
    """The catalogue of papers, for a choice."""
    return Material._default_manager.order_by("name")
