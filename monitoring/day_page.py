"""Everything of a window's day: what came in, what was done, and each thing still open with the reason its state gives (XX-20 日清).

Today's things stand one by one: visits without an answer, requests, work that came today or is due. What else is open is counted by where
it waits, so that a township with a thousand open applications reads a page, not a book. A handful of statements, whatever the window.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q

from audit.models import Event
from deadlines.counting import due_text
from deadlines.models import Duty
from deadlines.querysets import LATE
from deadlines.rules import date_of, end_of, start_of
from intake.models import Application, Request, Visit
from organization.lineage import desks
from organization.models import Post
from referrals.models import Publicity, Referral, ReferralStage
from referrals.names import UNNAMED, names
from verification.models import Verification

from . import day_rules
from .matters import UNNAMED_STEP, step_of

SOMEWHERE = "承办单位"  # of a sensitive program: which unit has it, or that a notice of it hangs, would tell which it is
MOST = 300  # things of one day shown one by one
REFERRAL, APPLICATION, REQUEST, VERIFICATION, DUTY = (
    model._meta.label_lower for model in (Referral, Application, Request, Verification, Duty)
)


@dataclass(frozen=True, slots=True)
class Line:
    """One thing still open. `key` names it in the form; `asks`: nobody has touched it, so that somebody says why."""

    key: str
    kind: str
    title: str
    url: str
    due: str
    reason: str
    asks: bool
    said: str = ""

    def kept(self) -> dict[str, Any]:
        return asdict(self)


class Day:
    """A day of one window, as it stands at a moment."""

    def __init__(self, post: Post, day: date, now: datetime) -> None:
        self.post, self.day, self.now = post, day, now
        self.units = list(desks(post))
        self.start, self.end = start_of(day), end_of(day)
        self.is_village = post.unit.kind == "village_window"

    @cached_property
    def counts(self) -> dict[str, int]:
        """The day in numbers, each found by its own moments."""
        found: dict[str, int] = {}
        if not self.is_village:
            visits = Visit.objects.filter(unit_id__in=self.units).filter(_within("arrived_at", self.start, self.end))
            found = visits.aggregate(
                visits=Count("pk"),
                visits_answered=Count("pk", filter=Q(answered_at__isnull=False)),
                visits_open=Count("pk", filter=Q(answered_at=None)),
            )
        came = _within(self._came, self.start, self.end)
        requests = self._requests.filter(came | _within("settled_at", self.start, self.end))
        found |= requests.aggregate(
            requests=Count("pk", filter=came),
            requests_settled=Count("pk", filter=_within("settled_at", self.start, self.end)),
        )
        if not self.is_village:
            accepted = _within("accepted_at", self.start, self.end)
            found["accepted"] = Application.objects.filter(unit_id__in=self.units).filter(accepted).count()
            sent, told = _within("dispatched_at", self.start, self.end), _within("confirmed_at", self.start, self.end)
            referrals = Referral.objects.filter(window_id__in=self.units)
            found |= referrals.filter(sent | told).aggregate(sent=Count("pk", filter=sent), told=Count("pk", filter=told))
        ended = Duty.objects.ended_between(self.start, self.end).filter(unit_id__in=self.units, is_promise=False)
        found |= ended.aggregate(done=Count("pk"), done_late=Count("pk", filter=LATE))
        due = Duty.objects.open().filter(unit_id__in=self.units, is_promise=False, due_at__lte=self.end)
        found |= due.aggregate(due_open=Count("pk", filter=Q(due_at__gt=self.start)), overdue=Count("pk", filter=Q(due_at__lte=self.start)))
        return found | {"untouched": sum(line.asks for line in self.lines), "open": sum(number for _, number in self.groups)}

    @property
    def _came(self) -> str:
        return "registered_at" if self.is_village else "pushed_at"

    @property
    def _requests(self) -> Any:
        own = {"registered_unit_id__in": self.units} if self.is_village else {"window_id__in": self.units}
        return Request.objects.filter(**own)

    @cached_property
    def groups(self) -> list[tuple[str, int]]:
        """Where everything open waits, the most first."""
        found: Counter[str] = Counter()
        if self.is_village:
            for status, number in self._requests.open().values_list("status").annotate(number=Count("pk")):
                found[str(Request.Status(status).label)] += number
            return found.most_common()
        before = [status for status in Application.OPEN if status != Application.Status.IN_PROGRESS]
        rows = Application.objects.filter(unit_id__in=self.units, status__in=before).order_by()
        for status, number in rows.values_list("status").annotate(number=Count("pk")):
            found[APPLICATION_GROUPS[status]] += number
        running = Exists(Publicity.objects.running().filter(referral_id=OuterRef("pk")))
        sent = Referral.objects.filter(window_id__in=self.units).open().order_by().annotate(hangs=running)
        by_state = sent.values_list("status", "hangs", "unit_id", "program__is_sensitive").annotate(number=Count("pk"))
        for status, hangs, unit, is_sensitive, number in by_state:
            found[_group(status, hangs and not is_sensitive, SOMEWHERE if is_sensitive else names().units.get(unit, ""))] += number
        return found.most_common()

    @cached_property
    def lines(self) -> list[Line]:
        """Visits and requests first, then the unit's work, what is due soonest on top."""
        return [*self._visit_lines, *self._request_lines, *self._duty_lines][:MOST]

    @cached_property
    def _visit_lines(self) -> list[Line]:
        rows = Visit.objects.filter(unit_id__in=self.units, answered_at=None).filter(_within("arrived_at", self.start, self.end))
        found = []
        for visit in rows.select_related("arrived_by_staff").order_by("arrived_at")[:MOST]:
            reason = f"{visit.arrived_by_staff.name}接待，尚未答复"
            url = visit.get_absolute_url()
            found.append(Line(f"visit-{visit.pk}", "求助登记", visit.number, url, "", reason, asks=True))
        return found

    @cached_property
    def _request_lines(self) -> list[Line]:
        rows = self._requests.open() if self.is_village else self._requests.filter(status__in=["pushed", "handed_over"])
        requests = list(rows.select_related("window").order_by("registered_at")[:MOST])
        touched = self._touched(REQUEST, [str(row.pk) for row in requests])
        found = []
        for row in requests:
            since = date_of(row.pushed_at or row.registered_at)
            reason = day_rules.of_request(row.status, since=since, holder=row.window.short_name)
            waits = row.status == "handed_over" or (self.is_village and row.status == "pushed")
            asks = not waits and str(row.pk) not in touched
            found.append(Line(f"request-{row.pk}", "求助", row.number, row.get_absolute_url(), "", reason, asks=asks))
        return found

    @cached_property
    def _duty_lines(self) -> list[Line]:
        """The unit's own work that is due or came today; promises whose day has come, wherever the matter stands."""
        due, new = Q(due_at__lte=self.end), Q(is_promise=False) & _within("opened_at", self.start, self.end)
        rows = Duty.objects.open().filter(unit_id__in=self.units).filter(due | new).exclude(subject_label=REQUEST)
        duties = list(rows.most_urgent_first()[:MOST])
        by_label: dict[str, list[str]] = {}
        for duty in duties:
            by_label.setdefault(duty.subject_label, []).append(duty.subject_id)
        states = _states(by_label)
        own = by_label | {DUTY: [str(duty.pk) for duty in duties]}  # taken up, put back: what was done with the duty itself
        touched = {(label, key) for label, keys in own.items() for key in self._touched(label, keys)}
        sensitive = names().sensitive
        return [
            self._duty_line(duty, states.get((duty.subject_label, duty.subject_id)), touched, is_sensitive=duty.topic_code in sensitive)
            for duty in duties
        ]

    def _duty_line(self, duty: Duty, state: "State | None", touched: set[tuple[str, str]], *, is_sensitive: bool) -> Line:
        reason = state.reason if state else day_rules.of_duty(duty.kind_name, since=date_of(duty.opened_at))
        mine = {(duty.subject_label, duty.subject_id), (DUTY, str(duty.pk))}
        asks = day_rules.asks_for_words(
            duty.kind, is_watched=duty.is_promise, is_touched=not touched.isdisjoint(mine),
            waits_outside=bool(state and state.waits_outside),
        )  # fmt: skip
        # the colleagues of the township and the county read the day too: none of them is told a sensitive program or its step (DESIGN 2)
        kind, title = step_of(duty), UNNAMED if is_sensitive else duty.title
        return Line(f"duty-{duty.pk}", kind, title, duty.url, due_text(duty), reason, asks=asks)

    def _touched(self, label: str, keys: Iterable[str]) -> set[str]:
        """Of these things, those about which the unit's people left a line in the record that day."""
        lines = Event.objects.filter(subject_label=label, subject_id__in=list(keys), unit_id__in=self.units)
        return set(lines.filter(at__gte=self.start, at__lt=max(self.end, self.now)).order_by().values_list("subject_id", flat=True))


@dataclass(frozen=True, slots=True)
class State:
    reason: str
    waits_outside: bool = False


APPLICATION_GROUPS = {"draft": "草稿", "submitted": "待受理", "supplement": "待补正", "accepted": "已受理，等待核对或派单"}


def _group(status: str, hangs: bool, unit: str) -> str:
    """The same words as a line's reason, without its dates."""
    words = {
        "dispatched": f"待{unit}签收",
        "returned": "退回补正",
        "disputed": "争议待处理",
        "ruling": "裁定中",
        "decided": f"待{unit}反馈",
        "fed_back": "待告知申请人",
    }
    return words.get(status) or ("公示中" if hangs else f"在{unit}办理")


def _within(field: str, start: datetime, end: datetime) -> Q:
    return Q(**{f"{field}__gte": start, f"{field}__lt": end})


def _states(by_label: dict[str, list[str]]) -> dict[tuple[str, str], State]:
    """The reasons of all subjects of the kinds that have a state, a statement or two for each kind."""
    found = {(REFERRAL, key): state for key, state in _referral_states(by_label.get(REFERRAL, [])).items()}
    for row in Application.objects.filter(pk__in=by_label.get(APPLICATION, [])).prefetch_related("notices"):
        notice = next((one for one in row.notices.all() if one.answered_at is None), None)
        moment = (notice.issued_at if notice else None) or row.accepted_at or row.submitted_at or row.drafted_at
        reason = day_rules.of_application(row.status, since=date_of(moment), due=notice.due_on if notice else None)
        found[APPLICATION, str(row.pk)] = State(reason, waits_outside=row.status == "supplement")
    for row in Verification.objects.filter(pk__in=by_label.get(VERIFICATION, [])):
        found[VERIFICATION, str(row.pk)] = State(day_rules.of_verification(row.status, since=date_of(row.opened_at)))
    return found


def _referral_states(keys: list[str]) -> dict[str, State]:
    if not keys:
        return {}
    until = dict(Publicity.objects.running().filter(referral_id__in=keys).values_list("referral_id", "ends_on"))
    proposed = set(
        ReferralStage.objects.current().filter(referral_id__in=keys, proposed_at__isnull=False).values_list("referral_id", flat=True)
    )
    found = {}
    for row in Referral.objects.filter(pk__in=keys).select_related("unit", "stage", "program"):
        hangs, is_sensitive = until.get(row.pk), row.program.is_sensitive
        unit, stage = (SOMEWHERE, UNNAMED_STEP) if is_sensitive else (row.unit.short_name, row.stage.name)
        told = None if is_sensitive else hangs
        state = day_rules.ReferralState(row.status, unit, stage, date_of(row.arrived_at), told, row.pk in proposed)
        found[str(row.pk)] = State(day_rules.of_referral(state), waits_outside=row.status in {"returned", "ruling"} or hangs is not None)
    return found
