"""What must hold of everything that somebody waits for, whatever was done before: a unit, a clock, a record, and a door to it.

`faults()` reads the whole database and says in words what is wrong; nothing wrong is an empty list. Each function below is one truth.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from django.db import connection
from django.db.models import Count, Q

from audit.models import Event
from config import clock
from deadlines.models import Duty
from households.models import AssistanceRecord, Household, Membership, RegistryChange, Resident
from intake.models import Application, Request
from organization.models import Post, Unit
from referrals.models import ChangeReport, Dispute, ListEntry, MonthlyList, Referral, ReferralStage, Ruling, UrgentAid, WaitingItem
from referrals.transitions.edges import VERBS
from tests.referrals.acting import EVENTS
from verification.models import Verification, VisitRequest
from verification.needs import keeper, needs_of

# What the unit whose turn it is owes, by where the referral stands.
OWED = {
    "dispatched": {"receive"}, "received": {"stage"}, "handling": {"stage"}, "returned": {"resubmit"}, "disputed": {"settle"},
    "ruling": {"rule", "countersign"}, "decided": {"feedback"}, "fed_back": {"tell"},
}  # fmt: skip
ANY = set(Referral.Status.values)  # a later ruling sends on what is undecided and leaves the rest where it is
# The line of the record -> where the subject stands after it. A line that moves nothing is not here.
LINES: dict[type, dict[str, set[str]]] = {
    Referral: {
        **{EVENTS[verb]: {step.target} for verb, step in VERBS.items() if step.target and verb in EVENTS},
        "referral.dispatched": {"dispatched"}, "referral.change_opened": {"dispatched"}, "referral.ruled": {"ruling", "dispatched"},
        "referral.ruling_countersigned": ANY, "referral.ruled_again": ANY,
        "referral.succeeded": {"dispatched", "decided", "fed_back"},
    },
    Request: {
        "request.registered": {"registered"}, "request.pushed": {"pushed"}, "request.accepted": {"accepted"},
        "request.answered": {"answered"}, "request.returned": {"returned"}, "request.withdrawn": {"withdrawn"},
        "request.handed_over": {"handed_over"}, "request.acknowledged": {"pushed"}, "request.declined": {"pushed"},
        "request.recalled": {"pushed"},
    },
    Application: {
        "application.drafted": {"draft"}, "application.submitted": {"submitted", "supplement"}, "application.accepted": {"accepted"},
        "application.started": {"in_progress"}, "application.closed": {"closed"}, "application.withdrawn": {"withdrawn"},
        "application.terminated": {"terminated"}, "application.not_accepted": {"not_accepted"},
    },
    UrgentAid: {
        "urgent_aid.proposed": {"proposed"}, "urgent_aid.given": {"given"}, "urgent_aid.completed": {"completed"},
        "urgent_aid.declined": {"declined"},
    },
    ChangeReport: {
        "change_report.reported": {"reported"}, "change_report.confirmed": {"confirmed"}, "change_report.declined": {"unchanged"},
    },
    RegistryChange: {
        "registry.proposed": {"proposed"}, "registry.confirmed": {"confirmed"}, "registry.rejected": {"rejected"},
        "registry.withdrawn": {"withdrawn"},
    },
    WaitingItem: {
        "item.put_aside": {""}, "item.opened": {"sent"}, "item.given_up": {"withdrawn", "terminated"},
    },
}  # fmt: skip


def faults() -> list[str]:
    """Everything that does not hold, in words."""
    clocks = _Clocks()
    nouns = (
        _referrals, _applications, _requests, _urgent, _reports, _rulings, _reviews, _registry, _waiting, _lists, _verifications,
        _clocks_of_nobody,
    )  # fmt: skip
    whole = (_units, _records, _last_lines, _families)
    return [*(fault for of in nouns for fault in of(clocks)), *(fault for of in whole for fault in of())]


class _Clocks:
    """All open duties, by what they are about."""

    def __init__(self) -> None:
        self.of: dict[tuple[str, str], list[Duty]] = defaultdict(list)
        rows = (
            Duty.objects.open()
            .select_related("unit")
            .annotate(standing=Count("pauses", filter=Q(pauses__ended_at=None) & ~Q(pauses__reason="")))
        )
        for duty in rows:
            self.of[duty.subject_label, duty.subject_id].append(duty)

    def about(self, row: Any) -> list[Duty]:
        return self.of.get((row._meta.label_lower, str(row.pk)), [])

    def lacks(self, row: Any, kinds: set[str], unit_id: int) -> Iterator[str]:
        """A duty of one of these kinds at this unit, that runs, has its fixed day, or stands with its reason."""
        owed = [duty for duty in self.about(row) if duty.kind in kinds]
        if not owed:
            yield f"{name(row)}: no clock of {sorted(kinds)}"
        for duty in owed:
            if duty.unit_id != unit_id:
                yield f"{name(row)}: the clock {duty.kind} is of unit {duty.unit}, the turn is of unit {unit_id}"
            if duty.due_at is None and not duty.until and not duty.standing:
                yield f"{name(row)}: the clock {duty.kind} neither runs nor says why it stands"


def name(row: Any) -> str:
    number = getattr(row, "number", "") or row.pk
    return f"{row._meta.model_name} {number} ({getattr(row, 'status', getattr(row, 'outcome', ''))})"


# ── each noun: its unit, its clock, its door ────────────────────────────────────────────────────────────────────────


def _referrals(clocks: _Clocks) -> Iterator[str]:
    rows = list(Referral.objects.open().select_related("unit", "window", "case_household", "resident", "application"))
    stays = defaultdict(list)
    for stay in ReferralStage.objects.filter(left_at=None):
        stays[stay.referral_id].append(stay)
    claims = set(Dispute.objects.open().values_list("referral_id", flat=True))
    rulings = dict(Ruling.objects.filter(in_force_at=None, supersedes=None).values_list("dispute__referral_id", "pk"))
    seen = _Seen()
    for row in rows:
        yield from clocks.lacks(row, OWED[row.status], row.unit_id)
        if row.status in Referral.UNDECIDED:
            yield from clocks.lacks(row, {"promise"}, row.window_id)
        at_stage = row.status in {"dispatched", "received", "handling"}
        if [stay.unit_id for stay in stays.pop(row.pk, [])] != ([row.unit_id] if at_stage else []):
            yield f"{name(row)}: stands at no stage, or at another unit's"
        if (row.status in {"disputed", "ruling"}) != (row.pk in claims):
            yield f"{name(row)}: dispute and status do not agree"
        if row.case_household.closed_at or (row.resident and row.resident.survivor_id):
            yield f"{name(row)}: its household is closed or its person was merged"
        if row.application and not row.application.is_open:
            yield f"{name(row)}: runs on in an application that is over"
        if row.unit.kind == Unit.Kind.CONVENER:
            seen.want(row.unit_id, Ruling, rulings.get(row.pk), name(row))
        else:
            for unit_id in {row.unit_id, row.window_id}:
                seen.want(unit_id, Referral, row.pk, name(row))
                seen.want(unit_id, Household, row.case_household_id, name(row))
                seen.want(unit_id, Resident, row.resident_id, name(row))
    yield from (f"a stay at unit {stay.unit} of a referral that is over" for left in stays.values() for stay in left)
    yield from seen.lacking()


def _applications(clocks: _Clocks) -> Iterator[str]:
    """A draft hurries nobody; from submission on the window has a clock, and from dispatch on its items have theirs."""
    running = Referral.objects.open().values_list("application_id", flat=True)
    waiting = WaitingItem.objects.open().values_list("item__application_id", flat=True)
    alive = {*running, *waiting}
    seen = _Seen()
    for row in Application.objects.open().select_related("unit", "household", "applicant"):
        kinds = {"submitted": {"accept"}, "supplement": {"supplement"}, "accepted": {"dispatch"}}.get(row.status)
        if kinds:
            yield from clocks.lacks(row, kinds, row.unit_id)
        if row.status == "in_progress" and row.pk not in alive:
            yield f"{name(row)}: open, and nothing of it goes on"
        if row.household.closed_at or row.applicant.survivor_id:
            yield f"{name(row)}: its household is closed or its applicant was merged"
        seen.want(row.unit_id, Application, row.pk, name(row))
        seen.want(row.unit_id, Household, row.household_id, name(row))
        seen.want(row.unit_id, Resident, row.applicant_id, name(row))
    yield from seen.lacking()


def _requests(clocks: _Clocks) -> Iterator[str]:
    seen = _Seen()
    for row in Request.objects.open().prefetch_related("handovers"):
        is_senders = row.status in {"registered", "returned"}
        kind = {"registered": "push_request", "returned": "complete_request"}.get(row.status, "request")
        yield from clocks.lacks(row, {kind}, row.registered_unit_id if is_senders else row.window_id)
        offered = [handover for handover in row.handovers.all() if handover.ended_at is None]
        if len(offered) != (row.status == "handed_over"):
            yield f"{name(row)}: handing over and status do not agree"
        if row.household and row.household.closed_at:
            yield f"{name(row)}: its household is closed"
        for unit_id in {row.registered_unit_id, *([] if is_senders else [row.window_id]), *(handover.to_unit_id for handover in offered)}:
            seen.want(unit_id, Request, row.pk, name(row))
    yield from seen.lacking()


def _urgent(clocks: _Clocks) -> Iterator[str]:
    seen = _Seen()
    for row in UrgentAid.objects.filter(status__in=UrgentAid.OPEN).select_related("resident", "household", "leader"):
        if row.status == "proposed":
            yield from clocks.lacks(row, {"urgent_give"}, row.deciding_unit_id)
        else:
            yield from clocks.lacks(row, {"urgent_papers"}, row.unit_id)
            if row.consent == "telephone" and not row.confirmation:
                yield from clocks.lacks(row, {"urgent_confirm"}, row.leader.unit_id)
            if row.record_id is None:
                yield f"{name(row)}: given without a record"
        if row.resident.survivor_id or (row.household and row.household.closed_at):
            yield f"{name(row)}: its person was merged or its household closed"
        for unit_id in {row.unit_id, row.deciding_unit_id}:
            seen.want(unit_id, UrgentAid, row.pk, name(row))
    yield from seen.lacking()


def _reports(clocks: _Clocks) -> Iterator[str]:
    seen = _Seen()
    for row in ChangeReport.objects.open().select_related("household", "resident"):
        yield from clocks.lacks(row, {"change_report"}, row.unit_id)
        if row.household.closed_at or (row.resident and row.resident.survivor_id):
            yield f"{name(row)}: its household is closed or its person was merged"
        seen.want(row.unit_id, ChangeReport, row.pk, name(row))
        seen.want(row.unit_id, Household, row.household_id, name(row))
    yield from seen.lacking()


def _rulings(clocks: _Clocks) -> Iterator[str]:
    """A later ruling waits for the convener with a clock of its own; the first one's is the referral's."""
    for row in Ruling.objects.filter(in_force_at=None).exclude(supersedes=None):
        convener = Unit.objects.get(kind=Unit.Kind.CONVENER)
        yield from clocks.lacks(row, {"countersign"}, convener.pk)


def _reviews(clocks: _Clocks) -> Iterator[str]:
    """A review is owed for aid in force, by the township where whoever has it lives: nobody else may open what comes of it."""
    keys = [key for (label, key), duties in clocks.of.items() if label == "households.assistancerecord" and duties]
    for row in AssistanceRecord.objects.filter(pk__in=keys).select_related("household", "resident"):
        place = (row.household or row.resident).region_id
        for duty in clocks.about(row):
            if duty.kind == "review" and duty.unit.region_id and not place.startswith(duty.unit.region_id):
                yield f"review of {row.program_id}: owed by {duty.unit}, and they live in {place}"


def _registry(clocks: _Clocks) -> Iterator[str]:
    seen = _Seen()
    for row in RegistryChange.objects.open():
        yield from clocks.lacks(row, {"confirm_change"}, row.unit_id)
        seen.want(row.unit_id, RegistryChange, row.pk, name(row))
        seen.want(row.unit_id, Household, row.household_id, name(row))
    yield from seen.lacking()


def _waiting(clocks: _Clocks) -> Iterator[str]:
    for row in WaitingItem.objects.open().select_related("item__application__unit"):
        application = row.item.application
        yield from clocks.lacks(row, {"opening"}, application.unit_id)
        if application.status != "in_progress":
            yield f"{name(row)}: waits in an application that is {application.status}"


def _lists(clocks: _Clocks) -> Iterator[str]:
    seen = _Seen()
    proposed = set(ListEntry.objects.proposed().values_list("monthly_list_id", flat=True))
    for row in MonthlyList.objects.all():
        if row.pk in proposed:
            yield from clocks.lacks(row, {"confirm_list"}, row.unit_id)
        elif clocks.about(row):
            yield f"{name(row)}: everybody is settled, and it is still owed"
        seen.want(row.unit_id, MonthlyList, row.pk, name(row))
    for entry in ListEntry.objects.filter(state="confirmed", record=None):
        yield f"{name(entry)}: confirmed without a record"
    yield from seen.lacking()


def _verifications(clocks: _Clocks) -> Iterator[str]:
    seen = _Seen()
    for row in Verification.objects.unfinished().select_related("household", "unit"):
        if row.status == "pending":
            yield from clocks.lacks(row, {"start_verification"}, row.unit_id)
        if keeper(row, needs_of(row.household_id)) is None:
            yield f"{name(row)}: goes on, and no case of its township needs it"
        if row.household.closed_at:
            yield f"{name(row)}: its household is closed"
        seen.want(row.unit_id, Verification, row.pk, name(row))
        seen.want(row.unit_id, Household, row.household_id, name(row))
    for row in VisitRequest.objects.open().select_related("verification"):
        yield from clocks.lacks(row, {"answer_visit"}, row.unit_id)
        if row.verification.is_over:
            yield f"{name(row)}: somebody is asked to go for a verification that is over"
    yield from seen.lacking()


# ── what holds of all of them ───────────────────────────────────────────────────────────────────────────────────────


def _clocks_of_nobody(clocks: _Clocks) -> Iterator[str]:
    """What is over owes nothing any more, and a review is owed only for aid in force, by a unit that may see it."""
    for model, column in ((Referral, "status"), (Application, "status"), (Request, "status"), (UrgentAid, "status"),
                          (RegistryChange, "status"), (WaitingItem, "outcome"), (Verification, "status")):  # fmt: skip
        label = model._meta.label_lower
        keys = [key for (about, key), duties in clocks.of.items() if about == label and duties]
        standing = model._base_manager.filter(pk__in=keys)
        over = standing.exclude(pk__in=model._base_manager.filter(pk__in=keys, **{f"{column}__in": _open_states(model)}))
        for row in over:
            kinds = {duty.kind for duty in clocks.about(row)}
            if kinds - ({"urgent_confirm"} if model is UrgentAid else set()):
                yield f"{name(row)}: over, and still owed: {sorted(kinds)}"


def _open_states(model: Any) -> Iterable[str]:
    if model is WaitingItem:
        return [""]
    if model is Verification:
        return set(model.Status) - model.OVER
    return ["proposed"] if model is RegistryChange else model.OPEN


def _units() -> Iterator[str]:
    """Whoever owes something exists today, and somebody works there."""
    today = clock.today()
    owing = Unit.objects.filter(pk__in=Duty.objects.open().values("unit_id"))
    staffed = set(Post.objects.effective(today).values_list("unit_id", flat=True))
    current = set(Unit.objects.current(today).values_list("pk", flat=True))
    for unit in owing:
        if unit.pk not in current or unit.pk not in staffed:
            yield f"{unit}: owes something, and is ended or has nobody"


def _records() -> Iterator[str]:
    """No two regular records of one program and beneficiary at the same time, also after households and people were joined."""
    sql = """
        SELECT a.program_id, a.id, b.id FROM households_assistancerecord a JOIN households_assistancerecord b
          ON a.id < b.id AND a.program_id = b.program_id AND a.cadence IN ('monthly', 'yearly') AND b.cadence IN ('monthly', 'yearly')
          AND (a.household_id = b.household_id OR a.resident_id = b.resident_id)
          AND daterange(a.since, a.until, '[]') && daterange(b.since, b.until, '[]')"""
    with connection.cursor() as cursor:
        cursor.execute(sql)
        yield from (f"two regular records of {program} overlap: {one}, {other}" for program, one, other in cursor.fetchall())


def _last_lines() -> Iterator[str]:
    """The last line that says where something stands says where it stands."""
    for model, lines in LINES.items():
        label = model._meta.label_lower
        last = Event.objects.filter(subject_label=label, verb__in=list(lines)).order_by("subject_id", "-pk").distinct("subject_id")
        said = dict(last.values_list("subject_id", "verb"))
        for row in model._base_manager.all():
            stands, verb = getattr(row, "outcome" if model is WaitingItem else "status"), said.get(str(row.pk))
            is_supplement = model is Application and stands == "supplement" and verb == "application.submitted"
            if verb is None or (stands not in lines[verb] and not is_supplement):
                yield f"{name(row)}: the record ends with {verb}"


def _families() -> Iterator[str]:
    """Whoever belongs to a household belongs to one that is open, and to no other; a household has one head."""
    rows = Membership.objects.open().select_related("household", "resident")
    homes, heads, filled = defaultdict(list), defaultdict(int), set()
    for row in rows:
        homes[row.resident_id].append(row.household)
        heads[row.household_id] += row.relation == "02"
        filled.add(row.household_id)
        if row.household.closed_at or row.resident.survivor_id:
            yield f"{row.resident_id}: belongs to a closed household, or was merged and still belongs to one"
        if row.resident.region_id != row.household.region_id:
            yield f"{row.resident_id}: lives in {row.resident.region_id}, the household in {row.household.region_id}"
    yield from (f"{person}: belongs to {len(of)} households" for person, of in homes.items() if len(of) != 1)
    for household in Household.objects.filter(closed_at=None):
        if household.pk in filled and heads[household.pk] != 1:
            yield f"{household}: {heads[household.pk]} heads"


class _Seen:
    """Rows that a unit must be able to open, asked through the gate, one statement for each unit and table."""

    def __init__(self) -> None:
        self.wanted: dict[tuple[int, Any], dict[Any, str]] = defaultdict(dict)

    def want(self, unit_id: int, model: Any, pk: Any, why: str) -> None:
        if pk is not None:
            self.wanted[unit_id, model][pk] = why

    def lacking(self) -> Iterator[str]:
        posts: dict[int, Post] = {}
        for post in Post.objects.effective(clock.today()).select_related("unit__department", "unit__region", "staff").order_by("-pk"):
            posts[post.unit_id] = post
        for (unit_id, model), keys in self.wanted.items():
            post = posts.get(unit_id)
            if post is None:
                continue  # `_units` says so
            found = set(model.objects.visible_to(post).filter(pk__in=list(keys)).values_list("pk", flat=True))
            yield from (f"{why}: {post.unit} cannot open {model._meta.model_name}" for pk, why in keys.items() if pk not in found)
