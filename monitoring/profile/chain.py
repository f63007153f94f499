"""一户一条救助链: what was asked, decided, given, changed, paid and looked into for one household, over all departments, the newest first.

Each source is asked through its own gate, once, whatever the length of the chain. Of a sensitive program a referral reads 敏感项目 to those
who did not work on it, and its aid is not shown at all (DESIGN 2).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q
from django.urls import reverse

from config.templatetags.frame import money
from deadlines.rules import date_of
from deadlines.working_calendar import ONE_DAY
from households.models import AssistanceRecord, Household, IdentityTag, PaymentLine, RecordChange, RegistryChange, Screening
from households.permissions import CASEWORK, can_see_changes, can_see_screening
from households.showing import shown_name
from intake.models import Application
from intake.permissions import can_read_applications
from organization.lineage import desks
from organization.models import Post
from referrals.models import ChangeReport, Referral
from referrals.names import UNNAMED, names
from referrals.permissions import reads_reports
from verification.models import Verification
from verification.permissions import can_look

from ..models import Doubt, ReviewLine
from ..permissions import sees_doubts

SHOWN = 200
PAYMENTS = 36  # the newest; the lists themselves have them all
NOTHING = "—"
DOUBT = "疑点"


@dataclass(frozen=True, slots=True)
class Entry:
    """`lane`: whose doing it is; `what`: the kind of thing, with its tone; `order`: of what happened on one day, the order of the road."""

    on: date
    order: int
    lane: str
    what: str
    tone: str
    text: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class OpenCase:
    """A referral that has not ended, before this post."""

    program: str
    number: str
    status: str
    where: str
    since: date
    url: str


@dataclass(frozen=True, slots=True)
class Chain:
    entries: list[Entry]
    is_cut: bool
    open: list[OpenCase]
    records: list[AssistanceRecord]
    # (program, resident or ""): on its way, in words
    under_way: dict[tuple[str, str], str]


def chain_of(household: Household, post: Post, today: date) -> Chain:
    """The caller fetched the household through its gate, and reads more of it than the card."""
    records = list(AssistanceRecord.objects.about_household(household.pk).shown_to(post).with_list_data().order_by("-since", "pk"))
    referrals = _referrals(household, post)
    entries = [
        *_of_records(records, post, today), *_of_changes(records), *_of_payments(household, post),
        *_of_reviews(records, post), *_of_referrals(referrals),
        *_of_applications(household, post), *_of_tags(household, post), *_of_verifications(household, post),
        *_of_screenings(household, post),
        *_of_reports(household, post), *_of_doubts(household, post), *_of_register(household, post),
    ]  # fmt: skip
    entries.sort(key=lambda entry: (entry.on, entry.order), reverse=True)
    under_way = {
        (row.program_id, str(row.resident_id or "")): row.get_status_display() for row, is_named in referrals if row.is_open and is_named
    }
    return Chain(
        entries[:SHOWN], len(entries) > SHOWN, [_open(row, is_named) for row, is_named in referrals if row.is_open], records, under_way
    )


# ── referrals ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _referrals(household: Household, post: Post) -> list[tuple[Referral, bool]]:
    """With whether the program may be named: what is not sensitive, and what the post's unit worked on."""
    rows = Referral.objects.visible_to(post).filter(case_household=household).with_been_at(post)
    rows = rows.select_related("program__department", "unit", "window", "decided_by__unit", "resident").order_by("-dispatched_at", "-pk")
    own = desks(post)
    return [(row, not row.program.is_sensitive or row.has_been or row.window_id in own) for row in rows]


def _of_referrals(rows: Sequence[tuple[Referral, bool]]) -> Iterator[Entry]:
    for row, is_named in rows:
        program = row.program.seed_name if is_named else UNNAMED
        lane = row.program.department.name if is_named else NOTHING
        url = reverse("referrals:referral_detail", args=[row.pk]) if is_named else ""
        about = f"{program}{f'（{row.get_purpose_display()}）' if not row.is_grant else ''}，转办单{row.number}"
        yield Entry(date_of(row.dispatched_at), 2, row.window.short_name, "转办", "blue", f"{about}，{row.get_status_display()}", url)
        if row.decided_at:
            said = _decision(row) if is_named else NOTHING
            tone = "green" if row.outcome == Referral.Outcome.APPROVED else "red"
            unit = row.decided_by.unit.short_name if row.decided_by and is_named else lane
            yield Entry(date_of(row.decided_at), 4, unit, "决定", tone if is_named else "grey", f"{program}：{said}", url)
        if row.confirmed_at:
            yield Entry(
                date_of(row.confirmed_at), 5, row.window.short_name, "告知", "grey", f"{program}：{row.get_told_how_display()}", url
            )


def _decision(row: Referral) -> str:
    if row.outcome == Referral.Outcome.REFUSED:
        return f"{row.get_outcome_display()}（{row.get_refusal_code_display()}）"
    return f"{row.get_outcome_display()} {_how_much(row.amount, row.in_kind)}".strip()


def _open(row: Referral, is_named: bool) -> OpenCase:
    url = reverse("referrals:referral_detail", args=[row.pk]) if is_named else ""
    where = names().units.get(row.unit_id, "") if is_named else NOTHING
    return OpenCase(
        row.program.seed_name if is_named else UNNAMED, row.number, row.get_status_display(), where, date_of(row.dispatched_at), url
    )


# ── aid ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _of_records(records: Sequence[AssistanceRecord], post: Post, today: date) -> Iterator[Entry]:
    """Where one record takes up on the day after another, of the same program and for the same, the aid goes on: one line, not two."""
    links = post.role in CASEWORK - {"V"}
    ended = {(_held(row), row.until): row for row in records if row.until}
    gone_on = set()
    for row in records:
        url = reverse("referrals:record_detail", args=[row.pk]) if links else ""
        what, lane = f"{row.program}（{row.resident.name if row.resident else '全家'}）", row.program.department.name
        how_much = _how_much(row.amount, row.in_kind)
        former = ended.get((_held(row), row.since - ONE_DAY))
        if row.cadence == AssistanceRecord.Cadence.ONCE:
            yield Entry(row.since, 6, lane, "救助", "green", f"{what}：一次性，{how_much}", url)
        elif former is None:
            yield Entry(row.since, 6, lane, "救助", "green", f"{what}：{row.get_cadence_display()}{how_much}，开始", url)
        else:
            gone_on.add(former.pk)
            was = _how_much(former.amount, former.in_kind)
            if was != how_much:
                yield Entry(row.since, 6, lane, "救助", "blue", f"{what}：{was} → {how_much}", url)
    for row in records:
        if row.until and row.until < today and row.pk not in gone_on and row.cadence != AssistanceRecord.Cadence.ONCE:
            what = f"{row.program}（{row.resident.name if row.resident else '全家'}）"
            url = reverse("referrals:record_detail", args=[row.pk]) if links else ""
            yield Entry(row.until, 8, row.program.department.name, "救助", "grey", f"{what}：至此结束", url)


def began(row: AssistanceRecord, records: Sequence[AssistanceRecord]) -> date:
    """Since when the aid has gone on: a record that takes up on the day after another, of the same program and for the same, goes on."""
    ended = {(_held(each), each.until): each for each in records if each.until and each.cadence != AssistanceRecord.Cadence.ONCE}
    first = row
    while (former := ended.get((_held(first), first.since - ONE_DAY))) is not None:
        first = former
    return first.since


def _held(row: AssistanceRecord) -> tuple[str, str]:
    return row.program_id, str(row.household_id or row.resident_id)


def _of_changes(records: Sequence[AssistanceRecord]) -> Iterator[Entry]:
    known = {row.pk: row for row in records}
    tones = {RecordChange.Kind.STOP: "red", RecordChange.Kind.RECOVER: "red", RecordChange.Kind.RESUME: "green"}
    for change in RecordChange.objects.filter(record__in=list(known)).order_by("made_at", "pk"):
        record = known[change.record_id]
        sums = f"，{money(change.former_amount)} → {money(change.amount)}" if change.amount and change.former_amount else ""
        until = f"至{change.until}" if change.until else ""
        text = f"{record.program}：自{change.since}{until}{change.get_kind_display()}{sums}，{change.reason}"
        yield Entry(
            date_of(change.made_at), 7, record.program.department.name, "变动", tones.get(RecordChange.Kind(change.kind), "amber"), text
        )


def _of_reviews(records: Sequence[AssistanceRecord], post: Post) -> Iterator[Entry]:
    """动态复核, 生存认证: what was found, of aid that is shown."""
    tones = {ReviewLine.Result.STILL: "green", ReviewLine.Result.OVER: "grey"}
    rows = ReviewLine.objects.visible_to(post).filter(record__in=[row.pk for row in records]).exclude(result="")
    for row in rows.select_related("list__program", "list__unit", "resident").order_by("-checked_at", "pk")[:PAYMENTS]:
        if row.checked_at:
            whom = f"（{row.resident.name}）" if row.resident else ""
            text = f"{row.list.program}{whom}：{row.get_result_display()}，{row.get_way_display()}"
            tone = tones.get(ReviewLine.Result(row.result), "amber")
            yield Entry(date_of(row.checked_at), 3, row.list.unit.short_name, row.list.get_kind_display(), tone, text)


def _of_payments(household: Household, post: Post) -> Iterator[Entry]:
    """What was to be paid by closed lists, and what the bank made of it."""
    rows = PaymentLine.objects.visible_to(post).counted().about_household(household.pk).exclude(state="none")
    for row in rows.select_related("list__program__department").order_by("-list__month", "-list__serial", "pk")[:PAYMENTS]:
        failure = f"（{row.failure}）" if row.failure else ""
        text = f"{row.list.program}：{row.list}，{money(row.payable)}，{row.get_state_display()}{failure}"
        yield Entry(row.paid_on or row.list.month, 6, row.list.program.department.name, "发放", row.state_tone, text)


def _how_much(amount: Any, in_kind: str) -> str:
    return "，".join(part for part in (money(amount) if amount is not None else "", in_kind) if part)


# ── the window, and what was looked into ────────────────────────────────────────────────────────────────────────────


def _of_applications(household: Household, post: Post) -> Iterator[Entry]:
    if not can_read_applications(post):
        return
    rows = Application.objects.visible_to(post).filter(household=household).select_related("unit")
    for row in rows.order_by("-drafted_at", "-pk")[:SHOWN]:
        url = reverse("intake:application_edit", args=[row.pk])
        yield Entry(date_of(row.drafted_at), 0, row.unit.short_name, "申请", "blue", f"申请{row.number}，{row.get_status_display()}", url)
        if row.accepted_at:
            yield Entry(date_of(row.accepted_at), 1, row.unit.short_name, "受理", "blue", f"受理申请{row.number}", url)


def _of_tags(household: Household, post: Post) -> Iterator[Entry]:
    for row in IdentityTag.objects.about_household(household.pk).shown_to(post).select_related("unit", "resident"):
        whom = row.resident.name if row.resident else "全家"
        yield Entry(row.since, 5, row.unit.short_name, "身份", "blue", f"认定{row}（{whom}）")
        if row.until:
            yield Entry(row.until, 8, row.unit.short_name, "身份", "grey", f"{row}（{whom}）终止")


def _of_verifications(household: Household, post: Post) -> Iterator[Entry]:
    if not can_look(post):
        return
    for row in Verification.objects.visible_to(post).for_household(household.pk).select_related("unit"):
        done = f"，{row.get_finding_display()}" if row.finding and not row.ended_at else ""
        text = f"经济状况核查{row.number}，{row.get_status_display()}{done}"
        url = reverse("verification:verification_detail", args=[row.pk])
        day = date_of(row.finished_at or row.ended_at or row.opened_at)
        yield Entry(day, 3, row.unit.short_name, "核查", row.tone, text, url)


def _of_screenings(household: Household, post: Post) -> Iterator[Entry]:
    if not can_see_screening(post):
        return
    rows = Screening.objects.visible_to(post).for_household(household.pk).select_related("asked_by__unit").order_by("-asked_at")
    for row in rows[:SHOWN]:
        url = row.get_absolute_url()
        yield Entry(date_of(row.asked_at), 0, row.asked_by.unit.short_name, "筛查", "grey", "对照全部项目的规则筛查", url)


def _of_reports(household: Household, post: Post) -> Iterator[Entry]:
    if not reads_reports(post):
        return
    for row in ChangeReport.objects.visible_to(post).filter(household=household).select_related("reported_by__unit"):
        text = f"报告变化：{row.get_kind_display()}，{row.get_status_display()}"
        yield Entry(date_of(row.reported_at), 1, row.reported_by.unit.short_name, "变化", "amber", text, row.get_absolute_url())


def _of_doubts(household: Household, post: Post) -> Iterator[Entry]:
    if not sees_doubts(post):
        return
    for row in Doubt.objects.visible_to(post).filter(household=household).select_related("found_by__unit", "closed_by__unit"):
        url = row.get_absolute_url()
        yield Entry(date_of(row.found_at), 1, row.found_by.unit.short_name, DOUBT, "amber", row.get_kind_display(), url)
        if row.closed_at and row.closed_by:
            text = f"{row.get_kind_display()}：{row.get_outcome_display()}"
            yield Entry(date_of(row.closed_at), 7, row.closed_by.unit.short_name, DOUBT, "green", text, url)


def _of_register(household: Household, post: Post) -> Iterator[Entry]:
    """家庭变动, and who joined and left; nothing of it for departments."""
    if post.unit.kind == "department":
        return
    for row in household.memberships.exclude(until=None).select_related("resident", "ended_by__unit"):
        if row.until and row.ended_by:
            text = f"{shown_name(row.resident.name, post)}离开家庭：{row.end_reason}"
            yield Entry(row.until, 5, row.ended_by.unit.short_name, "成员", "grey", text)
    if not can_see_changes(post):
        return
    rows = RegistryChange.objects.visible_to(post).filter(Q(household=household) | Q(target=household)).select_related("proposed_by__unit")
    for change in rows:
        text = f"{change.get_kind_display()}，{change.get_status_display()}"
        yield Entry(date_of(change.proposed_at), 4, change.proposed_by.unit.short_name, "家庭变动", "blue", text, change.get_absolute_url())
