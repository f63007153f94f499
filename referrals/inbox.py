"""The inbox of a unit: which referrals wait for what, counted and listed from the open duties (PERFORMANCE 6).

A page is three statements whatever its depth: positions from the index of open duties, the referrals of that page by key, their promises.
Rows are tuples of ready text: the template's loop neither reverses an address nor formats a date.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import CharField, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.urls import reverse

from config import keyset
from config.protection.masks import mask_name
from config.remembered import Remembered, RememberedCounts
from config.templatetags.frame import LAMP_ICONS
from deadlines import lamps
from deadlines.models import Duty
from deadlines.rules import SHANGHAI, Rule, due_on
from households.models import Membership
from organization.figures import figure
from organization.lineage import desks
from organization.models import Post

from .models import Referral
from .names import UNNAMED, names
from .querysets import read_of

NOTHING = "—"

LABEL = "referrals.referral"
COUNTY = frozenset({"platform"})
WINDOWS = frozenset({"township_window"})
ICONS = {colour: LAMP_ICONS[shape] for colour, shape in lamps.SHAPES.items()}


@dataclass(frozen=True, slots=True)
class Tab:
    """What a unit does next with the referrals of a tab: the kinds of duty that stand open meanwhile."""

    name: str
    label: str
    kinds: tuple[str, ...]
    empty: str
    advice: str


TABS = (
    Tab("receive", "待签收", ("receive",), "没有待签收的转办单。", "新送来的转办单会出现在这里，并在右上角消息中提醒。"),
    Tab("stage", "在办", ("stage",), "没有在办的转办单。", "签收后的转办单在这里办理，最急的排在最前。"),
    Tab("returned", "退回", ("resubmit",), "没有退回补正的转办单。", "退回窗口补正的转办单在这里，补齐后重新送出。"),
    Tab("dispute", "争议", ("settle", "rule"), "没有待处理的争议。", "单位提出“非本单位职责”的转办单在这里，改送承办单位或推送裁定。"),
    Tab("feedback", "待反馈", ("feedback",), "没有待反馈的转办单。", "作出决定后，在这里把结果反馈给受理窗口。"),
    Tab("tell", "待告知", ("tell",), "没有待告知的转办单。", "收到反馈后，告知申请人并在这里登记。"),
    Tab("away", "已转出", ("promise",), "没有转出未决的转办单。", "转给其他单位办理的在这里，可以看到现由谁办，也可以催办。"),
    Tab("closed", "已办", ("stage", "resubmit", "tell"), "没有已办的转办单。", "办完送出的转办单会留在这里，可供查阅。"),
)


class Row(NamedTuple):
    """One line of the list, every text made ready."""

    key: str
    colour: str
    icon: str
    word: str
    why: str
    url: str
    number: str
    name: str
    program: str
    place: str
    step: str
    status: str
    whose: str
    since: str
    due: str
    closed: str
    promise: str
    promise_colour: str
    mark: str  # of a change or stop, beside the program


def tabs_of(posts: Sequence[Post]) -> list[Tab]:
    """Windows tell applicants, the others feed back; the platform watches what is open, over the county."""
    kinds = {post.unit.kind for post in posts}
    hidden = {"closed"} if kinds <= COUNTY else set()
    if kinds <= WINDOWS:
        hidden.add("feedback")
    if not kinds & (WINDOWS | COUNTY):
        hidden |= {"tell", "dispute"}
    if not kinds & WINDOWS:
        hidden.add("away")
    return [tab for tab in TABS if tab.name not in hidden]


def duties_of(posts: Sequence[Post]) -> "QuerySet[Duty]":
    """Referral duties of the units of all of a person's posts; the county's for the platform, which watches."""
    rows = Duty.objects.visible_to(posts[0]) if is_watching(posts) else Duty.objects.inbox(posts)
    return _about_referrals(rows)


def _about_referrals(rows: "QuerySet[Duty]") -> "QuerySet[Duty]":
    return rows.filter(subject_label=LABEL)


def is_watching(posts: Sequence[Post]) -> bool:
    """Only the platform's: who works in a unit besides has that unit's inbox."""
    return {post.unit.kind for post in posts} <= COUNTY


def untold(posts: Sequence[Post]) -> keyset.Apart | None:
    """Of which rows a list does not tell the days: sensitive ones at others' units, before who watches (see `listed`). They go by the key
    of the referral, to which each row leads: the clock's stands beside the day in the list of late matters."""
    if not is_watching(posts):
        return None
    rows = Q(topic_code__in=names().sensitive) & ~Q(unit_id__in={unit for post in posts for unit in desks(post)})
    return keyset.Apart(rows, "subject_id")


def of_tab(rows: "QuerySet[Duty]", tab: Tab) -> "QuerySet[Duty]":
    kinds = rows.filter(kind=tab.kinds[0]) if len(tab.kinds) == 1 else rows.filter(kind__in=tab.kinds)
    return kinds.filter(closed_at__isnull=tab.name != "closed")


def tallies(posts: Sequence[Post], tabs: Iterable[Tab]) -> dict[str, str]:
    """How many stand in each open tab, each counted no further than one beyond the cap: one statement, index-only."""
    asked = tuple(tab for tab in tabs if tab.name != "closed")
    if is_watching(posts):
        return keyset.tallies({tab.name: of_tab(duties_of(posts), tab) for tab in asked})
    found = _counting(asked).counts(sorted({unit for post in posts for unit in desks(post)}))
    return {name: keyset.capped(count) for name, count in found.items()}


@cache
def _counting(tabs: tuple[Tab, ...]) -> RememberedCounts:
    return RememberedCounts(
        lambda units: {tab.name: of_tab(_about_referrals(Duty.objects.of_units(units)), tab) for tab in tabs}, keyset.CAP
    )


POSITION = ("id", "subject_id", "unit_id", "kind_name", "rule", "starts_at", "due_at", "amber_at", "falls_back", "closed_at",
            "outcome")  # fmt: skip


def listed(positions: Sequence[Any], posts: Sequence[Post], now: datetime) -> list[Row]:
    """The rows of a page in its order. A name stands in full on the own unit's work and some time after it, else masked (SECURITY #10)."""
    if not positions:
        return []
    own = {unit: post for post in posts for unit in desks(post)}
    known = _referrals(positions, own, posts)
    promises = _promises([position.subject_id for position in positions])
    words = names()
    seen_since = now - timedelta(days=int(figure("access_after_close")))
    detail, explain = pattern("referrals:referral_detail"), pattern("deadlines:duty_explain")
    rows = []
    for position in positions:
        found = known.get(position.subject_id)
        if found is None:
            continue
        colour, word = lamp(position, now, words.calendar)
        promise, promise_colour = _promise(promises.get(position.subject_id), now)
        is_own = position.unit_id in own and (position.closed_at is None or position.closed_at > seen_since)
        # Its step and who has it would tell which it is; and so would its dates, which stand beside the unit in the list of late matters.
        is_apart = position.unit_id not in own and found.program_id in words.sensitive
        word = ROUGHLY.get(colour, word) if is_apart else word
        whose = found.handler__staff__name or words.units.get(found.unit_id, "")
        rows.append(
            Row(
                position.subject_id, colour, ICONS[colour], word, "" if is_apart else explain % position.id, detail % position.subject_id,
                found.number, found.applicant if is_own else mask_name(found.applicant), _program(found.program_id, is_own),
                words.townships.get(found.township_code, ""), NOTHING if is_apart else _step(position, found), STATUS[found.status],
                NOTHING if is_apart else whose, NOTHING if is_apart else minute(position.starts_at), NOTHING if is_apart else due(position),
                minute(position.closed_at), promise, promise_colour, MARKS.get(found.purpose, ""),
            )
        )  # fmt: skip
    return rows


STATUS = {str(value): str(label) for value, label in Referral.Status.choices}
ROUGHLY = {"red": "超期", "amber": "临期", "green": "期限内"}  # of what is told without its date
MARKS = {"change": "变更", "stop": "停止"}
DETAILS = ("id", "number", "purpose", "program_id", "township_code", "stage_id", "status", "unit_id", "handler__staff__name", "applicant")


def _program(code: str, is_own: bool) -> str:
    """A sensitive program is named to those who work on it (DESIGN 2)."""
    return names().programs.get(code, code) if is_own or code not in names().sensitive else UNNAMED


def _referrals(positions: Sequence[Any], own: Mapping[int, Post], posts: Sequence[Post]) -> dict[str, Any]:
    """The referrals behind the positions, each through the gate of the post whose unit holds its duty."""
    found: dict[str, Any] = {}
    watching = posts[0] if is_watching(posts) else None
    ids: dict[int, list[UUID]] = {}
    for position in positions:
        ids.setdefault(position.unit_id if position.unit_id in own else 0, []).append(UUID(position.subject_id))
    for unit, keys in ids.items():
        post = own.get(unit, watching)
        if post is not None:
            found |= {str(row.id): row for row in _details(post.unit.kind).rows(keys, *read_of(post))}
    return found


@cache
def _details(kind: str) -> "Remembered[Referral]":
    def build(keys: Sequence[UUID], *read: Any) -> Any:
        rows = Referral.objects.seen_from(kind, *read).filter(pk__in=keys)
        return rows.annotate(applicant=applicant_name()).order_by().values_list(*DETAILS, named=True)

    return Remembered(build)


def applicant_name() -> Coalesce:
    """Who applied; where nobody did, the person or the head of the household whose aid it is: `Referral.applicant` as a column."""
    head = Membership.objects.filter(household=OuterRef("case_household"), until=None).order_by("relation", "pk")
    return Coalesce(
        F("application__applicant__name"), F("resident__name"), Subquery(head.values("resident__name")[:1]), Value(""),
        output_field=CharField(),
    )  # fmt: skip


def _promises(ids: Sequence[str]) -> dict[str, Any]:
    return {row.subject_id: row for row in _promised.rows(list(ids))}


_promised = Remembered(
    lambda ids: (
        Duty.objects.filter(subject_label=LABEL, subject_id__in=ids, is_promise=True)
        .order_by()
        .values_list("subject_id", "due_at", "amber_at", "falls_back", "closed_at", named=True)
    )
)


def lamp(position: Any, now: datetime, calendar: Any) -> tuple[str, str]:
    is_closed = position.closed_at is not None
    colour = lamps.colour(now=now, due_at=position.due_at, amber_at=position.amber_at, is_closed=is_closed)
    if is_closed:
        label = Duty.Outcome(position.outcome).label
        return colour, lamps.closed_word(
            closed_at=position.closed_at, due_at=position.due_at, outcome=position.outcome, outcome_label=str(label)
        )
    word = lamps.word(now=now, due_at=position.due_at, rule=position.rule, calendar=calendar)
    return colour, lamps.tentative(word, falls_back=position.falls_back and position.due_at is not None)


def _step(position: Any, found: Any) -> str:
    """The stage it stands at; where the work is over, the one that was done."""
    return names().stages.get(found.stage_id, "") if position.closed_at is None else str(position.kind_name)


def _promise(promise: Any, now: datetime) -> tuple[str, str]:
    """The date promised to the applicant, with its colour; nothing where none was given."""
    if promise is None:
        return "—", ""
    colour = lamps.colour(now=now, due_at=promise.due_at, amber_at=promise.amber_at, is_closed=promise.closed_at is not None)
    if promise.due_at is None:
        return "暂停计时", colour
    is_guess = promise.falls_back and promise.closed_at is None
    return lamps.tentative(due_on(promise.due_at).isoformat(), falls_back=is_guess), colour


def due(position: Any) -> str:
    if position.due_at is None:
        return "暂停计时"
    return minute(position.due_at) if position.rule == Rule.HOURS else due_on(position.due_at).isoformat()


def minute(moment: datetime | None) -> str:
    return f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M}" if moment else ""


def pattern(name: str) -> str:
    """The address of a row's page with a place for its id."""
    nowhere = UUID(int=0)
    return reverse(name, args=[nowhere]).replace(str(nowhere), "%s")
