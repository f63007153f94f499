"""书面提醒: issued about an open duty; the unit does the work, or gives a reason that the platform accepts or not (QJ-23).

Nothing here closes a reminder: the duty's end does, and whether it counts is read (`querysets.WrittenReminderQuerySet`).
"""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction

from audit.transitions import record
from config import clock
from config.verbs import AlreadyHandled, ConstraintBroken, TransitionError, lock, recheck, save
from deadlines import counting, rules
from deadlines.models import Duty
from deadlines.rules import Limit, Rule
from deadlines.transitions import announce
from documents.transitions import next_number
from organization.desks import still
from organization.figures import figure
from organization.models import Post
from referrals.conditions import words

from .. import matters, papers, permissions
from ..heads import heads_of
from ..models import ReminderReason, WrittenReminder

TEXT, DAYS_MOST = 500, 60
State = WrittenReminder.State


@transaction.atomic
def issue_reminders(*, duty_ids: Iterable[Any], demand: str, days: int | None = None, by: Post) -> list[WrittenReminder]:
    """One for each open duty, dated by the working calendar of today: the paper's date stays, whatever becomes of the calendar.

    Raises:
        PermissionDenied: anybody but the platform's approver.
        TransitionError: nothing chosen, closed meanwhile, or reminded in writing before.
    """
    if not permissions.can_issue_reminder(by):
        raise PermissionDenied("书面提醒由县级平台审批岗签发。")
    demand = words(demand, "请写明提醒的内容。", TEXT)
    wanted = int(figure("written_reminder_reply")) if days is None else days
    if not 1 <= wanted <= DAYS_MOST:
        raise TransitionError(f"办理时限请填1至{DAYS_MOST}个工作日。")
    duties = _open_duties(list(dict.fromkeys(duty_ids)), by)
    said, now = matters.said_of(duties), clock.now()
    due_at = rules.count(now, Limit(Rule.WORKING_DAYS, wanted), [], counting.calendar_since(clock.today())).due_at
    return [_issue(duty, said[duty.pk], demand, wanted, due_at, by) for duty in duties]


def _open_duties(keys: list[Any], by: Post) -> list[Duty]:
    """Under their locks, so that none is closed while it is reminded of; in one order, so that two who issue at once do not deadlock."""
    seen = Duty.objects.visible_to(by).open().filter(pk__in=keys, is_promise=False).exclude(kind=matters.SUPERVISE)
    duties = list(seen.select_related("unit__department").select_for_update(of=("self",), no_key=True).order_by("pk"))
    if not keys:
        raise TransitionError("请先在超期事项中选择要提醒的事项。")
    if len(duties) < len(keys):
        raise TransitionError("所选事项中有的已经办结，请返回超期事项重新选择。")
    return duties


def _issue(duty: Duty, said: str, demand: str, days: int, due_at: Any, by: Post) -> WrittenReminder:
    unit = still(duty.unit, clock.today())
    reminder = WrittenReminder(
        number=next_number(papers.REMINDER, papers.REMINDER_SCOPE, clock.today()), unit=unit, duty=duty, matter=said[:TEXT], demand=demand,
        working_days=days, due_at=due_at, issued_at=clock.now(), issued_by=by,
    )  # fmt: skip
    try:
        save(reminder)
    except ConstraintBroken as clash:
        raise AlreadyHandled(f"“{said}”：{clash.messages[0]}") from clash
    papers.issue_reminder(reminder, by)
    record("written_reminder.issued", reminder, by=by, new=unit.short_name, note=demand)
    body = f"{reminder.matter}。请于{reminder.due_on:%Y-%m-%d}前办结；到期未办又无正当理由的，计入考核。"
    _tell("written_reminder.issued", reminder, [unit, *heads_of(unit)], f"收到书面提醒{reminder.number}", body, is_urgent=True)
    return reminder


@transaction.atomic
def give_reason(*, reminder_id: UUID | str, text: str, by: Post) -> ReminderReason:
    """Why it could not be done, once; once more after a refusal.

    Raises:
        AlreadyHandled: done in time, fallen away, or accepted before; or a reason waits for its answer.
    """
    reminder = _taken_up(reminder_id, permissions.can_give_reason, by)
    state = reminder.state
    if state in {State.DONE_IN_TIME, State.ENDED, State.EXCUSED}:
        raise AlreadyHandled(f"{reminder}{State(state).label}，不用再说明理由。")
    waiting = reminder.reasons.waiting().select_related("given_by__unit", "given_by__staff").first()
    if waiting is not None:
        raise AlreadyHandled(f"{waiting.given_by.label}已于{clock.local(waiting.given_at):%Y-%m-%d %H:%M}说明理由，等待县级平台认定。")
    reason = ReminderReason(
        reminder=reminder, text=words(text, "请写明未能办理的理由。", TEXT), given_at=clock.now(), given_by=by, given_by_staff=by.staff
    )
    save(reason)
    record("written_reminder.reason_given", reminder, by=by, note=reason.text)
    platform = [reminder.issued_by.unit]
    _tell("written_reminder.reason_given", reminder, platform, f"{reminder}有理由待认定", f"{reminder.unit.short_name}：{reminder.matter}")
    return reason


@transaction.atomic
def accept_reason(*, reminder_id: UUID | str, note: str = "", by: Post) -> ReminderReason:
    """正当理由: from now on it does not count."""
    note = words(note, "", TEXT) if note.strip() else ""
    return _answer(reminder_id, ReminderReason.Answer.ACCEPTED, note, "written_reminder.reason_accepted", "理由已认定，不计入考核", by)


@transaction.atomic
def refuse_reason(*, reminder_id: UUID | str, note: str, by: Post) -> ReminderReason:
    """It counts as if nothing had been said; the unit may say more.

    Raises:
        TransitionError: no reason.
    """
    note = words(note, "请写明不予认定的原因。", TEXT)
    return _answer(reminder_id, ReminderReason.Answer.REFUSED, note, "written_reminder.reason_refused", "理由未获认定，请按期办理", by)


def _answer(reminder_id: UUID | str, answer: str, note: str, verb: str, title: str, by: Post) -> ReminderReason:
    reminder = _taken_up(reminder_id, permissions.can_answer_reason, by)
    reason = reminder.reasons.waiting().first()
    if reason is None:
        last = reminder.reasons.select_related("answered_by__unit", "answered_by__staff").last()
        if last is None or last.answered_by is None:
            raise TransitionError("单位还没有说明理由。")
        when = f"{clock.local(last.answered_at):%Y-%m-%d %H:%M}"
        raise AlreadyHandled(f"这条理由已由{last.answered_by.label}于{when}认定（{last.get_answer_display()}）。")
    if reason.given_by_staff_id == by.staff_id:
        raise TransitionError("这条理由是您本人提出的，请由其他同事认定。")
    reason.answer, reason.answer_note = answer, note
    reason.answered_at, reason.answered_by, reason.answered_by_staff = clock.now(), by, by.staff
    save(reason, "answer", "answer_note", "answered_at", "answered_by", "answered_by_staff")
    record(verb, reminder, by=by, note=note)
    _tell(verb, reminder, [reminder.unit, *heads_of(reminder.unit)], f"书面提醒{reminder.number}：{title}", note)
    return reason


def _taken_up(reminder_id: UUID | str, may: Any, by: Post) -> Any:
    """Gate, lock, gate and permission again. The edge is read from the dates, so each verb asks for itself."""
    reminder = lock(WrittenReminder.objects.visible_to(by).get_or_404(reminder_id))
    recheck(reminder, may, by)
    return WrittenReminder.objects.with_state(clock.now()).select_related("unit", "issued_by__unit").get(pk=reminder.pk)


def _tell(verb: str, reminder: WrittenReminder, to: list[Any], title: str, body: str, *, is_urgent: bool = False) -> None:
    announce(verb, reminder, to=to, title=title, body=body, url=reminder.get_absolute_url(), is_urgent=is_urgent)
