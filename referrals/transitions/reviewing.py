"""动态复核: every regular record in force is looked at again in the rhythm of its class (XX-25, C-14, C-15).

A review says that the aid goes on, or opens a change. Time opens a duty and changes nothing else: `open_reviews` gives one to whatever
lacks it, also to what came by a department's roll.
"""

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import CharField, Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Cast, Coalesce, Left
from django.urls import reverse

from audit.transitions import record as note_line
from audit.transitions import record_from
from config import clock
from config.protection.masks import mask_name
from config.verbs import TransitionError, lock
from deadlines.models import Duty
from deadlines.rules import Limit, Rule, due_on
from deadlines.transitions import announce, close_duties, close_duty, open_duties, open_duty
from households.models import Access, AssistanceRecord, Fact, Household, IdentityTag, Membership
from households.transitions import let_in_many
from households.transitions.lookup import household_of
from organization.figures import figure
from organization.models import Post, Unit

from .. import conditions, reviews
from ..models import Referral
from . import clocks
from .changing import decider, settle_review, take_record

BATCH = 1_000
NOTE = 300
BASIS = "低保条例、审核确认办法定期复核（C-14、C-15、XX-25）"
NAME = "定期复核"
CADENCES = (AssistanceRecord.Cadence.MONTHLY, AssistanceRecord.Cadence.YEARLY)


@transaction.atomic
def review(*, record_id: Any, note: str, by: Post) -> AssistanceRecord:
    """Looked at again, and nothing changes: this review is done, the next one opens. What changes is opened as a change, which does it too.

    Raises:
        TransitionError: the aid is over, or a change of it is under way.
    """
    record = take_record(record_id, by)
    note = conditions.words(note, "请写明复核情况：怎样核实、家庭有无变化。", NOTE)
    if record.cadence not in CADENCES or (record.until is not None and record.until < clock.today()):
        raise TransitionError("这项救助已经结束或不是定期救助，不用复核。")
    running = Referral.objects.filter(record=record).open().first()
    if running is not None:
        raise TransitionError(f"这项救助的变更（转办单{running.number}）正在办理，不用另行复核。")
    settle_review(record, by)
    home = _home(record)
    [(months, name)] = _rhythms([record]).values()
    open_duty(
        subject=record, kind=clocks.REVIEW, kind_name=NAME, unit=_unit(record, {}), title=_title(record), by=by,
        limit=Limit(Rule.MONTHS, months), url=_url(record), region_code=home.township_code if home else record.region_code[:9],
        topic_code=record.program_id, basis=BASIS,
    )  # fmt: skip
    note_line(
        "assistance_record.reviewed", record, by=by, new="仍符合条件", note=note, household_id=home.pk if home else None,
        subject_text=_title(record), data={"class": name, "months": months},
    )  # fmt: skip
    return record


def follow_holders(whose: Q, by: Post) -> int:
    """The reviews of aid of these holders, who live elsewhere by now, go to the unit there, due on the same day: the former may not open
    a change.

    Inner, under the locks of the register's change. How many went.
    """
    rows = AssistanceRecord.objects.in_force(clock.today()).filter(whose)
    return sum(_follow(row, by) for row in rows.select_related("program", "household", "resident").order_by("pk"))


def follow_moved(*, by: Post) -> int:
    """Reviews that another unit would get today: somebody left a family and joined one of another township, or another office reviews for
    the department by now. Nothing tells of these at once; who has the duty could do nothing with it. Each in its own transaction.

    Idempotent: one statement finds them. How many went.
    """
    return sum(_follow_one(pk, by) for pk in list(_astray()))


def _astray() -> Any:
    """Keys of regular aid whose review stands at another unit than `_unit` names. What the townships are not told of its department reviews
    wherever somebody lives; where a township's office does, that of the township where the person lives."""
    today = clock.today()
    duty = _standing().order_by("pk").values("unit_id")[:1]
    office = _standing().filter(unit__kind=Unit.Kind.TOWNSHIP_OFFICE).order_by("pk").values("unit__region_id")[:1]
    place = Left(Coalesce("household__region_id", "resident__region_id"), 9)
    rows = AssistanceRecord.objects.in_force(today).filter(cadence__in=CADENCES).annotate(place=place)
    open_ones = rows.filter(program__is_sensitive=False).annotate(
        at=Subquery(duty), rightly=Unit.objects.reviewing_of(OuterRef("program__department_id"), OuterRef("place"), today)
    )
    hidden = rows.filter(program__is_sensitive=True).annotate(at=Subquery(office))
    found = open_ones.exclude(at=F("rightly")).filter(at__isnull=False, rightly__isnull=False).order_by().values_list("pk", flat=True)
    return found.union(hidden.exclude(at=F("place")).filter(at__isnull=False).order_by().values_list("pk", flat=True), all=True)


@transaction.atomic
def _follow_one(pk: Any, by: Post) -> bool:
    lock(AssistanceRecord(pk=pk))
    return _follow(AssistanceRecord.objects.select_related("program", "household", "resident").get(pk=pk), by)


def _follow(row: AssistanceRecord, by: Post) -> bool:
    """Its review goes to whom it would be given today, and that unit is told. Whether it did."""
    duty = Duty.objects.open().about(row, clocks.REVIEW).select_related("unit").first()
    if duty is None or duty.due_at is None or duty.unit_id == (unit := _unit(row, {})).pk:
        return False
    close_duty(subject=row, kind=clocks.REVIEW, by=by, outcome=Duty.Outcome.CANCELLED)
    open_duty(
        subject=row, kind=clocks.REVIEW, kind_name=NAME, unit=unit, title=_title(row), by=by, url=_url(row), region_code=_place(row),
        limit=Limit(Rule.FIXED_DATE, until=due_on(duty.due_at)), topic_code=row.program_id, basis=BASIS,
    )  # fmt: skip
    said = f"{_title(row)}，原由{duty.unit.short_name}承办。"
    announce("assistance_record.review_followed", row, to=unit, title=f"{NAME}转由本单位办理", body=said, url=_url(row))
    return True


# A line for each, in the story of the aid: that nobody has to look at it any more, and why.
OVER = """
    households_assistancerecord t JOIN programs_program g ON g.code = t.program_id
    JOIN deadlines_duty d ON d.id = ANY (%s) AND d.subject_id = t.id::text
    LEFT JOIN households_membership m ON m.resident_id = t.resident_id AND m.until IS NULL
    WHERE t.id = ANY (%s)
"""


def end_reviews(*, by: Post) -> int:
    """Reviews of aid that has ended since, gone from the roll or run out: there is nothing to be looked at, and nobody is late with it.

    Idempotent. Set-based, batch by batch. How many were cancelled.
    """
    count = 0
    while ended := _end_some(by):
        count += ended
    return count


@transaction.atomic
def _end_some(by: Post) -> int:
    """The record is held: one that a file taken back makes stand again keeps its review."""
    rows = AssistanceRecord.objects.filter(Exists(_standing().filter(due_at__isnull=False)), until__lt=clock.today())
    records = list(rows.order_by("pk").select_for_update(of=("self",), no_key=True)[:BATCH])
    duties = close_duties(subjects=records, kind=clocks.REVIEW, outcome=Duty.Outcome.CANCELLED, by=by)
    if duties:
        record_from(
            "assistance_record.review_ended", AssistanceRecord, OVER, [duties, [row.pk for row in records]], by=by, subject_text="d.title",
            note="'救助到' || t.until || '为止，不用再复核'", household_id="COALESCE(t.household_id, m.household_id)",
            is_confidential="g.is_sensitive",
        )  # fmt: skip
    return len(duties)


def _standing() -> Any:
    """The open review of each record."""
    key = Cast(OuterRef("pk"), CharField())
    return Duty.objects.open().filter(subject_label="households.assistancerecord", subject_id=key, kind=clocks.REVIEW)


def open_reviews(*, by: Post, limit: int | None = None) -> int:
    """A review for every regular record in force that has none, and of which no change is under way. Set-based, batch by batch.

    Idempotent: what has its review is passed over. How many were opened.
    """
    count, after = 0, None
    while rows := _lacking(min(BATCH, limit - count) if limit else BATCH, after):
        count, after = count + _open(rows, by), rows[-1].pk
        if limit and count >= limit:
            break
    return count


def _lacking(most: int, after: Any) -> list[AssistanceRecord]:
    """The next ones by key: each is looked at once, whatever the number. Sensitive ones too: their department reviews them (DESIGN 2)."""
    running = Referral.objects.open().filter(record=OuterRef("pk"))
    rows = AssistanceRecord.objects.in_force(clock.today()).filter(~Exists(_standing()), ~Exists(running), cadence__in=CADENCES)
    rows = rows.filter(pk__gt=after) if after else rows
    return list(rows.select_related("program", "household", "resident").order_by("pk")[:most])


@transaction.atomic
def _open(rows: list[AssistanceRecord], by: Post) -> int:
    rhythms = _rhythms(rows)
    units: dict[Any, Unit] = {}
    by_months: dict[int, list[tuple[AssistanceRecord, dict[str, Any]]]] = {}
    for row in rows:
        about = {
            "unit": _unit(row, units),
            "title": _title(row),
            "url": _url(row),
            "region_code": _place(row),
            "topic_code": row.program_id,
        }
        by_months.setdefault(rhythms[row.pk][0], []).append((row, about))
    opened = 0
    for months, subjects in by_months.items():
        opened += open_duties(subjects=subjects, kind=clocks.REVIEW, kind_name=NAME, limit=Limit(Rule.MONTHS, months), basis=BASIS, by=by)
    _let_deciders_in(rows, units, by)
    note_line("reviews.opened", by.unit, by=by, new=f"{opened}项", data={"count": opened})
    return opened


def _rhythms(rows: Iterable[AssistanceRecord]) -> dict[Any, tuple[int, str]]:
    """Months and class of each: a few statements, whatever the number."""
    rows = list(rows)
    settings = dict(Household.objects.filter(pk__in=[row.household_id for row in rows if row.household_id]).values_list("pk", "setting"))
    severe, unstable = _severe(rows), _unstable(rows)
    figures = {"rhythm": figure("review_rhythm"), "classes": figure("review_interval_chongqing"), "national": figure("review_interval")}
    found = {}
    for row in rows:
        home = reviews.Household(settings.get(row.household_id, ""), row.pk in severe, row.pk in unstable)
        found[row.pk] = (reviews.months_between(row.program_id, home, **figures), reviews.class_name(row.program_id, home))
    return found


def _severe(rows: list[AssistanceRecord]) -> set[Any]:
    """Records that reach somebody severely ill or disabled (C-15)."""
    tags = IdentityTag.objects.filter(kind=IdentityTag.Kind.SEVERE_DISABILITY).standing(clock.today())
    facts = Fact.objects.filter(kind="major_illness", value=True).valid(clock.today())
    return _reached(rows, tags) | _reached(rows, facts)


def _unstable(rows: list[AssistanceRecord]) -> set[Any]:
    """Records that reach somebody able to work, or without steady work (C-14)."""
    today = clock.today()
    found = _reached(rows, IdentityTag.objects.filter(kind__in=reviews.UNSTABLE_TAGS).standing(today))
    homes = IdentityTag.objects.filter(household__in={row.household_id for row in rows if row.household_id}, kind__in=reviews.UNSTABLE_TAGS)
    families = set(homes.standing(today).values_list("household_id", flat=True))
    found |= {row.pk for row in rows if row.household_id in families}
    for kind, values in reviews.UNSTABLE.items():
        found |= _reached(rows, Fact.objects.filter(kind=kind, value__in=values).valid(today))
    return found


def _reached(rows: list[AssistanceRecord], known: Any) -> set[Any]:
    """Which of the records reach a living resident of whom this is known."""
    whose = known.filter(resident__coverage__record__in=rows, resident__died_on=None).order_by()
    return set(whose.values_list("resident__coverage__record_id", flat=True))


def _place(row: AssistanceRecord) -> str:
    holder = row.household or row.resident
    return str(holder.region_id if holder else row.region_code)[:9]


def _unit(row: AssistanceRecord, known: dict[Any, Unit]) -> Unit:
    """The office of the township that reviews for the department; of what the townships are not told, who decides it."""
    key = (row.program_id if row.program.is_sensitive else "", row.program.department_id, _place(row))
    if key not in known:
        known[key] = decider(row, _place(row)) if row.program.is_sensitive else Unit.objects.reviewing(*key[1:], clock.today())
    return known[key]


def _let_deciders_in(rows: list[AssistanceRecord], units: dict[Any, Unit], by: Post) -> None:
    """A department sees the household of what it reviews, for as long as the aid stands."""
    sensitive = [row for row in rows if row.program.is_sensitive]
    if not sensitive:
        return
    members = Membership.objects.open().filter(resident__in=[row.resident_id for row in sensitive if row.resident_id])
    homes = dict(members.values_list("resident_id", "household_id"))
    known = [(row.household_id or homes.get(row.resident_id), _unit(row, units), row) for row in sensitive]
    let_in_many(
        rows=[(home, unit, row, row.program) for home, unit, row in known if home and unit.kind == Unit.Kind.DEPARTMENT],
        reason=Access.Reason.ROLL, by=by,
    )  # fmt: skip


def _home(row: AssistanceRecord) -> Household | None:
    return row.household or household_of(row.resident)


def _title(row: AssistanceRecord) -> str:
    program = "敏感项目" if row.program.is_sensitive else str(row.program)
    return f"{NAME}：{program} {mask_name(row.resident.name) if row.resident else row.household}"[:80]


def _url(row: AssistanceRecord) -> str:
    return reverse("referrals:record_detail", args=[row.pk])
