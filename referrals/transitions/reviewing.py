"""动态复核: every regular record in force is looked at again in the rhythm of its class (XX-25, C-14, C-15).

A review says that the aid goes on, or opens a change. Time opens a duty and changes nothing else: `open_reviews` gives one to whatever
lacks it, also to what came by a department's roll.
"""

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import CharField, Exists, OuterRef
from django.db.models.functions import Cast
from django.urls import reverse

from audit.transitions import record as note_line
from config import clock
from config.protection.masks import mask_name
from config.verbs import TransitionError, lock, recheck
from deadlines.models import Duty
from deadlines.rules import Limit, Rule
from deadlines.transitions import open_duties, open_duty
from households.models import AssistanceRecord, Household, IdentityTag
from households.transitions.lookup import household_of
from organization.figures import figure
from organization.models import Post, Unit

from .. import conditions, reviews
from ..models import Referral
from ..permissions import can_open_change
from . import clocks
from .changing import settle_review

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
    record: AssistanceRecord = lock(AssistanceRecord.objects.visible_to(by).shown_to(by).get_or_404(record_id))
    recheck(record, can_open_change, by)
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
    """The next ones by key: each is looked at once, whatever the number."""
    key = Cast(OuterRef("pk"), CharField())
    standing = Duty.objects.open().filter(subject_label="households.assistancerecord", subject_id=key, kind=clocks.REVIEW)
    running = Referral.objects.open().filter(record=OuterRef("pk"))
    rows = AssistanceRecord.objects.in_force(clock.today()).filter(~Exists(standing), ~Exists(running), cadence__in=CADENCES)
    rows = rows.filter(program__is_sensitive=False)  # the townships' offices are not shown these; their department reviews them
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
    note_line("reviews.opened", by.unit, by=by, new=f"{opened}项", data={"count": opened})
    return opened


def _rhythms(rows: Iterable[AssistanceRecord]) -> dict[Any, tuple[int, str]]:
    """Months and class of each: two statements, whatever the number."""
    rows = list(rows)
    homes = Household.objects.filter(pk__in=[row.household_id for row in rows if row.household_id]).in_bulk()
    severe = set(
        IdentityTag.objects.filter(resident__coverage__record__in=rows, kind=IdentityTag.Kind.SEVERE_DISABILITY)
        .standing(clock.today())
        .values_list("resident__coverage__record_id", flat=True)
    )
    figures = {
        "rhythm": figure("review_rhythm"),
        "classes": figure("review_interval_chongqing"),
        "stable": figure("review_interval")["stable"],
    }
    found = {}
    for row in rows:
        setting = homes[row.household_id].setting if row.household_id else ""
        is_severe = row.pk in severe
        months = reviews.months_between(row.program_id, setting, is_severe=is_severe, **figures)
        found[row.pk] = (months, reviews.class_name(row.program_id, setting, is_severe=is_severe))
    return found


def _place(row: AssistanceRecord) -> str:
    holder = row.household or row.resident
    return str(holder.region_id if holder else row.region_code)[:9]


def _unit(row: AssistanceRecord, known: dict[Any, Unit]) -> Unit:
    key = (row.program.department_id, _place(row))
    if key not in known:
        known[key] = Unit.objects.reviewing(*key, clock.today())
    return known[key]


def _home(row: AssistanceRecord) -> Household | None:
    return row.household or household_of(row.resident)


def _title(row: AssistanceRecord) -> str:
    program = "敏感项目" if row.program.is_sensitive else str(row.program)
    return f"{NAME}：{program} {mask_name(row.resident.name) if row.resident else row.household}"[:80]


def _url(row: AssistanceRecord) -> str:
    return reverse("referrals:record_detail", args=[row.pk])
