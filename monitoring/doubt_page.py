"""What the pages of doubts show: lines of the list, one doubt with what was found and the ways to close it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.apps import apps
from django.urls import reverse

from audit.models import Event
from audit.presenters import phrase
from config import clock
from config.navigation import address
from deadlines import counting, lamps
from deadlines.models import Duty
from deadlines.rules import date_of
from households.models import Household, Membership, Resident
from households.permissions import can_enter, can_propose_change
from households.showing import shown_name
from intake.beneficiaries import members, possible_applicants
from intake.transitions.picks import Pick, draft_of
from organization.models import Post
from programs.models import Program
from referrals.permissions import can_open_change

from .doubt_evidence import WHY, Item, Names, items_of, record_text
from .doubt_permissions import can_close_doubt, can_draft_from_doubt
from .models import Doubt
from .permissions import can_pull_doubt
from .transitions.closing_doubts import corrections_of, ids_in, records_of
from .transitions.doubts import REVIEW

S, Kind = Doubt.Status, Doubt.Kind
TABS = {"open": "待核查", "pool": "待领取", "closed": "已办结"}
DUTY_COLUMNS = ("subject_id", "id", "rule", "due_at", "amber_at", "closed_at", "outcome")
# What each kind is mostly closed with, first among the buttons.
FIRST = {
    **dict.fromkeys((Kind.OMITTED, Kind.WATCHED, Kind.UNWATCHED), "aid"),
    **dict.fromkeys((Kind.IDENTITY, Kind.TWO_HOMES, Kind.LOOSE, Kind.KIN), "correct"),
}
APPLIES_FOR = {Kind.WATCHED: "MZ01"}


@dataclass(frozen=True, slots=True)
class Line:
    doubt: Doubt
    who: str
    lamp: Any
    due: str
    told: str


def lines(doubts: Sequence[Doubt], post: Post, now: datetime) -> list[Line]:
    """The rows of a page, each with its clock and what was found first: a fixed number of statements for all of them."""
    clocks, heads = _clocks([str(doubt.pk) for doubt in doubts]), _heads([doubt.household_id for doubt in doubts])
    calendar, names = counting.calendar_since(date_of(now)), Names.of(doubts, post)
    return [
        Line(
            doubt, _who(doubt, heads, post), _lamp(clocks.get(str(doubt.pk)), now, calendar), _due(clocks.get(str(doubt.pk))),
            _first_told(items_of(doubt, names)),
        )
        for doubt in doubts
    ]  # fmt: skip


def _first_told(items: Sequence[Item]) -> str:
    told = [item for item in items if item.text]
    if not told:
        return ""
    first = f"{told[0].people}：{told[0].text}" if told[0].people else told[0].text
    return f"{first}，等{len(told)}项" if len(told) > 1 else first


def _who(doubt: Doubt, heads: dict[Any, str], post: Post) -> str:
    if doubt.household is None:
        return shown_name(doubt.resident.name, post) if doubt.resident else ""
    head = heads.get(doubt.household_id, "")
    return f"{shown_name(head, post)}户" if head else str(doubt.household)


def _heads(households: Sequence[Any]) -> dict[Any, str]:
    rows = Membership.objects.open().filter(household__in=[pk for pk in households if pk], relation=Membership.Relation.HEAD)
    return dict(rows.values_list("household_id", "resident__name"))


def _clocks(ids: Sequence[str]) -> dict[str, Any]:
    rows = Duty.objects.filter(subject_label="monitoring.doubt", subject_id__in=ids, kind=REVIEW)
    return {row.subject_id: row for row in rows.order_by("opened_at", "pk").values_list(*DUTY_COLUMNS, named=True)}


def _lamp(row: Any, now: datetime, calendar: Any) -> Any:
    if row is None:
        return None
    if row.closed_at is not None:
        label = str(Duty.Outcome(row.outcome).label)
        word = lamps.closed_word(closed_at=row.closed_at, due_at=row.due_at, outcome=row.outcome, outcome_label=label)
        return lamps.lamp("blue", word, "")
    colour = lamps.colour(now=now, due_at=row.due_at, amber_at=row.amber_at, is_closed=False)
    url = reverse("deadlines:duty_explain", args=[row.id])
    return lamps.lamp(colour, lamps.word(now=now, due_at=row.due_at, rule=row.rule, calendar=calendar), url)


def _due(row: Any) -> str:
    return counting.due_text(Duty(rule=row.rule, due_at=row.due_at)) if row is not None else ""


@dataclass(frozen=True, slots=True)
class Choice:
    """A program that the doubt may be closed with: as the application's picks write it."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Way:
    label: str
    url: str
    is_first: bool


@dataclass
class DoubtPage:
    """One doubt before a post that sees it. A way shows where the permission and the state both allow it."""

    doubt: Doubt
    post: Post

    @cached_property
    def names(self) -> Names:
        return Names.of([self.doubt], self.post)

    @cached_property
    def items(self) -> list[Item]:
        return items_of(self.doubt, self.names)

    @property
    def why(self) -> str:
        return WHY[Kind(self.doubt.kind)]

    @cached_property
    def who(self) -> str:
        return _who(self.doubt, _heads([self.doubt.household_id]), self.post)

    @cached_property
    def lamp(self) -> Any:
        now = clock.now()
        return _lamp(_clocks([str(self.doubt.pk)]).get(str(self.doubt.pk)), now, counting.calendar_since(date_of(now)))

    @property
    def is_open(self) -> bool:
        return self.doubt.status == S.OPEN

    @cached_property
    def may_close(self) -> bool:
        return self.is_open and can_close_doubt(self.post, self.doubt)

    @property
    def may_pull(self) -> bool:
        return self.doubt.status == S.POOL and can_pull_doubt(self.post, self.doubt)

    @property
    def terms(self) -> list[tuple[str, str]]:
        doubt = self.doubt
        found = [("种类", doubt.get_kind_display()), ("对象", self.who), ("所在地", self._place)]
        found += [("核查单位", doubt.unit.name)] if doubt.unit else []
        acts = (("发现", doubt.found_at, doubt.found_by), ("交办", doubt.opened_at, doubt.opened_by))
        for what, at, by in (*acts, ("办结", doubt.closed_at, doubt.closed_by)):
            if at is not None and by is not None:
                found.append((what, f"{clock.local(at):%Y-%m-%d %H:%M} {by.label}"))
        return [*found, ("处理结果", doubt.get_outcome_display()), ("处理说明", doubt.reason)] if doubt.outcome else found

    @property
    def _place(self) -> str:
        holder = self.doubt.household or self.doubt.resident
        return holder.region.full_name if holder else ""

    @cached_property
    def links(self) -> list[Way]:
        """Where the facts are looked at and set right."""
        found = []
        if self.doubt.household is not None and Household.objects.visible_to(self.post).filter(pk=self.doubt.household_id).exists():
            found.append(Way("打开家庭档案", self.doubt.household.get_absolute_url(), is_first=True))
        if self.doubt.resident is not None and Resident.objects.visible_to(self.post).filter(pk=self.doubt.resident_id).exists():
            found.append(Way("打开人员档案", self.doubt.resident.get_absolute_url(), is_first=True))
        return found

    @cached_property
    def corrections(self) -> list[Way]:
        """Pages on which the township sets right what is wrong."""
        doubt, found = self.doubt, []
        if doubt.household_id is not None and can_propose_change(self.post):
            found.append(Way("提出分户", reverse("referrals:registry_propose", args=[doubt.household_id, "split"]), is_first=False))
            found.append(Way("提出迁移", reverse("referrals:registry_propose", args=[doubt.household_id, "move"]), is_first=False))
        if doubt.resident_id is not None and can_enter(self.post):
            url = address("households:resident_settle", doubt.resident_id)
            found += [Way("立户", url, is_first=False)] if url else []
        if can_propose_change(self.post):
            for key in ids_in(doubt, "people")[:3] if doubt.kind in {Kind.IDENTITY, Kind.TWO_HOMES, Kind.TWICE} else []:
                label = f"合并重复人员（{self.names.people.get(key, '')}）"
                found.append(Way(label, reverse("referrals:registry_merge_residents", args=[key]), is_first=False))
        return found

    @cached_property
    def corrected(self) -> list[str]:
        """What was set right since the doubt was given out."""
        return [f"{clock.local(row.at):%Y-%m-%d %H:%M} {row.post_label}：{phrase(row)}" for row in corrections_of(self.doubt)]

    @cached_property
    def stoppable(self) -> list[Way]:
        """Records of aid that the post may open a change of."""
        if not self.may_close:
            return []
        rows = records_of(self.doubt).visible_to(self.post).shown_to(self.post).select_related("program", "unit", "household", "resident")
        return [
            Way(record_text(row), reverse("monitoring:doubt_stop", args=[self.doubt.pk, row.pk]), is_first=False)
            for row in rows.order_by("since", "pk")
            if can_open_change(self.post, row)
        ]

    @cached_property
    def ways(self) -> list[Way]:
        """实施救助, 更正, 维持现状: what may close it, the likeliest first. A stop is chosen beside its record."""
        if not self.may_close:
            return []
        key, first = self.doubt.pk, FIRST.get(Kind(self.doubt.kind), "stop")
        found = []
        if can_draft_from_doubt(self.post, self.doubt) and self.doubt.household_id is not None:
            found.append(Way("实施救助", reverse("monitoring:doubt_aid", args=[key]), is_first=first == "aid"))
        found.append(Way("更正信息", reverse("monitoring:doubt_correct", args=[key]), is_first=first == "correct"))
        found.append(Way("维持现状或数据有误", reverse("monitoring:doubt_dismiss", args=[key]), is_first=False))
        return sorted(found, key=lambda way: not way.is_first)

    @property
    def needs_window(self) -> bool:
        """Aid is begun by the window's handler: said to a colleague of the township who may close it otherwise."""
        return self.may_close and self.doubt.household_id is not None and not can_draft_from_doubt(self.post, self.doubt)

    # ── for the form of aid ─────────────────────────────────────────────────────────────────────────────────────────
    @cached_property
    def applicants(self) -> list[Resident]:
        home = self.doubt.household
        return list(possible_applicants(home, clock.today()).order_by("name_order", "pk")) if home is not None else []

    @property
    def first_applicant(self) -> str:
        """Whom the doubt is about, where that is one person who may apply; else the head."""
        may = {str(person.pk) for person in self.applicants}
        named = [key for key in ids_in(self.doubt, "people") if key in may]
        if len(named) == 1 or self.doubt.household is None:
            return named[0] if named else ""
        head = self.doubt.household.memberships.open().filter(relation=Membership.Relation.HEAD).values_list("resident_id", flat=True)
        return next((str(key) for key in head if str(key) in may), "")

    @cached_property
    def begun(self) -> Any:
        """The window's own draft, into which the programs go."""
        return draft_of(self.doubt.household, self.post) if self.doubt.household is not None else None

    @cached_property
    def programs(self) -> list[Choice]:
        """What the household may be given by the evidence: a program of the household, or of one of its people."""
        wanted: list[Pick] = []
        for item in self.doubt.evidence:
            code = str(item.get("program") or "") if self.doubt.kind == Kind.OMITTED else APPLIES_FOR.get(Kind(self.doubt.kind), "")
            wanted += [Pick(code, str(person)) for person in item.get("people", [])] or [Pick(code, "")] if code else []
        known = {row.pk: row for row in Program.objects.filter(pk__in=[pick.program for pick in wanted])}
        people = {str(row.pk): row.name for row in members(self.doubt.household)} if self.doubt.household else {}
        found = []
        for pick in dict.fromkeys(wanted):
            program = known.get(pick.program)
            if program is None:
                continue
            of_home = program.beneficiary == Program.Beneficiary.HOUSEHOLD
            who = "全家" if of_home else people.get(pick.resident, "")
            if who:
                found.append(Choice(f"{pick.program}:{'' if of_home else pick.resident}", f"{program}（{who}）"))
        return list(dict.fromkeys(found))

    # ── what came of it ─────────────────────────────────────────────────────────────────────────────────────────────
    @cached_property
    def led_to(self) -> Way | None:
        if not self.doubt.led_to_label:
            return None
        model: Any = apps.get_model(self.doubt.led_to_label)
        row = model.objects.visible_to(self.post).filter(pk=self.doubt.led_to_id).first()
        label = {"intake.application": "申请", "referrals.referral": "转办单"}.get(self.doubt.led_to_label, "档案")
        if row is None:
            return None
        url = (
            reverse("intake:application_edit", args=[row.pk]) if self.doubt.led_to_label == "intake.application" else row.get_absolute_url()
        )
        return Way(f"{label}{getattr(row, 'number', '')}", url, is_first=False)

    @cached_property
    def timeline(self) -> list[dict[str, Any]]:
        rows = Event.objects.about(self.doubt).order_by("id")
        return [{"at": row.at, "who": row.post_label, "text": phrase(row)} for row in rows]
