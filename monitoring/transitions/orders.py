"""督办单: drafted, issued, answered by the unit, accepted or sent back, withdrawn (ZX-48, ZX-12).

People issue orders, never the clock. While the unit owes an answer, a duty of kind `supervise` runs at it; sent in, the duty is done, and
each answer sent back opens the next.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction

from audit.transitions import record
from config import clock
from config.verbs import AlreadyHandled, TransitionError, edge, lock, recheck, save
from deadlines.models import Duty
from deadlines.rules import Limit, Rule
from deadlines.transitions import announce, close_all, close_duty, open_duty
from documents.transitions import next_number
from organization.desks import still
from organization.figures import figure
from organization.models import Post, Unit
from referrals.conditions import words

from .. import matters, papers, permissions
from ..heads import heads_of
from ..lateness import late
from ..models import OrderReply, SupervisionOrder

S = SupervisionOrder.Status
EDGES: Mapping[str, frozenset[str]] = {
    S.DRAFT: frozenset({S.ISSUED, S.WITHDRAWN}),
    S.ISSUED: frozenset({S.REPLIED, S.WITHDRAWN}),
    S.REPLIED: frozenset({S.ACCEPTED, S.ISSUED, S.WITHDRAWN}),
}
SUPERVISE = matters.SUPERVISE
KIND_NAME = "督办回复"
BASIS = "督办单答复时限（平台暂定）"
TEXT, REPLY, REASON, DAYS_MOST = 500, 2000, 200, 60


@transaction.atomic
def draft_orders(
    *, by: Post, demand: str, duty_ids: Iterable[Any] = (), units: Iterable[Unit] = (), matter: str = "", days: int | None = None
) -> list[SupervisionOrder]:
    """One order for each late duty, or for each unit about the same matter in words; several units get one each, with a clock of their own.

    Raises:
        PermissionDenied: whoever may not draft.
        TransitionError: nothing chosen, no words, a duty that is no longer late, a number in what was written.
        ConstraintBroken: an order of the same side on that duty is open.
    """
    if not permissions.can_draft_order(by):
        raise PermissionDenied("您的岗位不能起草督办单。")
    demand = words(demand, "请写明督办要求：要办什么、办到什么程度。", TEXT)
    keys, targets = list(dict.fromkeys(duty_ids)), {unit.pk: still(unit, clock.today()) for unit in units}
    chosen = _about_duties(keys, by) if keys else _about_units(targets.values(), matter)
    return [_draft(duty, unit, said, demand, _days(days), by) for duty, unit, said in chosen]


@transaction.atomic
def issue_orders(**given: Any) -> list[SupervisionOrder]:
    """Drafted and issued in one go, by whoever may issue; raises as `draft_orders`."""
    if not permissions.issues_orders(given["by"]):
        raise PermissionDenied("督办单由县级平台审批岗或督查室签发。")
    return [_issue(order, given["by"]) for order in draft_orders(**given)]


@transaction.atomic
def issue_order(*, order_id: UUID | str, demand: str, days: int | None = None, by: Post) -> SupervisionOrder:
    """Sign a draft, in its own words or in better ones.

    Raises:
        TransitionError: what it is about was done since it was drafted.
    """
    order = _taken_up(order_id, S.ISSUED, permissions.can_issue_order, by, since=S.DRAFT)
    if order.duty_id and not Duty.objects.open().filter(pk=order.duty_id).exists():
        raise TransitionError("所督办的事项已经办结，不用再签发；请撤销这份草稿。")
    order.demand, order.reply_days = words(demand, "请写明督办要求：要办什么、办到什么程度。", TEXT), _days(days)
    return _issue(order, by)


@transaction.atomic
def draft_reply(*, order_id: UUID | str, text: str, seen: str | None = None, by: Post) -> OrderReply:
    """What the unit is going to answer, for its head to send. Drafted again in sight of the former words, the later ones stand.

    Raises:
        AlreadyHandled: a colleague has drafted since the page was opened.
    """
    order = _taken_up(order_id, S.REPLIED, permissions.can_draft_reply, by)
    _refuse_unseen(order, seen)
    reply = _reply(order, words(text, "请写明办理情况。", REPLY), by)
    record("supervision.reply_drafted", order, by=by)
    return reply


@transaction.atomic
def send_reply(*, order_id: UUID | str, text: str, seen: str | None = None, by: Post) -> SupervisionOrder:
    """The head of the unit answers: in the words of the draft, which stays its drafter's, or in his own.

    Raises:
        AlreadyHandled: a colleague has drafted since the page was opened.
    """
    order = _taken_up(order_id, S.REPLIED, permissions.can_send_reply, by)
    _refuse_unseen(order, seen)
    text = words(text, "请写明办理情况。", REPLY)
    reply = order.replies.waiting().first()
    if reply is None or reply.text != text:
        reply = _reply(order, text, by)
    reply.sent_at, reply.sent_by, reply.sent_by_staff = clock.now(), by, by.staff
    save(reply, "sent_at", "sent_by", "sent_by_staff")
    order.status = S.REPLIED
    save(order, "status")
    close_duty(subject=order, kind=SUPERVISE, by=by)
    record("supervision.replied", order, by=by, note=text[:TEXT])
    _tell("supervision.replied", order, [order.issuer], f"督办单{order.number}已回复，请审核", f"{order.unit.short_name}：{order.matter}")
    return order


@transaction.atomic
def accept_reply(*, order_id: UUID | str, by: Post) -> SupervisionOrder:
    """The issuing side is content: the order is closed.

    Raises:
        TransitionError: by whoever wrote or sent the reply.
    """
    order = _taken_up(order_id, S.ACCEPTED, permissions.can_answer_reply, by)
    _answer(order, OrderReply.Verdict.ACCEPTED, "", by)
    order.status, order.accepted_at, order.accepted_by = S.ACCEPTED, clock.now(), by
    save(order, "status", "accepted_at", "accepted_by")
    record("supervision.accepted", order, by=by)
    _tell("supervision.accepted", order, [order.unit], f"督办单{order.number}已办结", order.matter)
    return order


@transaction.atomic
def send_back_reply(*, order_id: UUID | str, reason: str, days: int | None = None, by: Post) -> SupervisionOrder:
    """The issuing side is not: the unit answers again, within so many working days from now.

    Raises:
        TransitionError: no reason; by whoever wrote or sent the reply.
    """
    order = _taken_up(order_id, S.ISSUED, permissions.can_answer_reply, by, since=S.REPLIED)
    reason = words(reason, "请写明退回的原因和还要补充什么。", TEXT)
    _answer(order, OrderReply.Verdict.SENT_BACK, reason, by)
    order.status = S.ISSUED
    save(order, "status")
    _start_clock(order, _days(days), by)
    record("supervision.reply_sent_back", order, by=by, note=reason)
    told = [order.unit, *heads_of(order.unit)]
    _tell("supervision.reply_sent_back", order, told, f"督办单{order.number}的回复被退回", reason, is_urgent=True)
    return order


@transaction.atomic
def withdraw_order(*, order_id: UUID | str, reason: str, by: Post) -> SupervisionOrder:
    """Issued in error, or no longer needed; a draft is dropped the same way. Its paper is void, its clock ends, it stays to be read."""
    order = _taken_up(order_id, S.WITHDRAWN, permissions.can_withdraw_order, by)
    was_issued = order.issued_at is not None
    order.status, order.withdrawn_at, order.withdrawn_by = S.WITHDRAWN, clock.now(), by
    order.withdraw_reason = words(reason, "请写明撤销的原因。", REASON)
    save(order, "status", "withdrawn_at", "withdrawn_by", "withdraw_reason")
    close_all(subject=order, by=by, outcome=Duty.Outcome.CANCELLED)
    record("supervision.withdrawn", order, by=by, note=order.withdraw_reason)
    if was_issued:
        papers.void(order, f"督办单已撤销：{order.withdraw_reason}", by)
        _tell("supervision.withdrawn", order, [order.unit], f"督办单{order.number}已撤销", order.withdraw_reason)
    return order


# ── parts of the verbs ──────────────────────────────────────────────────────────────────────────────────────────────
Chosen = tuple[Duty | None, Unit, str]


def _about_duties(keys: Sequence[Any], by: Post) -> list[Chosen]:
    """Each still late: what was done meanwhile needs no order."""
    rows = list(late(by, clock.now()).filter(pk__in=keys).select_related("unit__department").order_by("unit_id", "due_at", "pk"))
    if len(rows) < len(keys):
        raise TransitionError("所选事项中有的已经办结或不再超期，请返回超期事项重新选择。")
    said = matters.said_of(rows)
    return [(duty, still(duty.unit, clock.today()), said[duty.pk]) for duty in rows]


def _about_units(units: Iterable[Unit], matter: str) -> list[Chosen]:
    said = words(matter, "请写明督办事项。", TEXT)
    chosen: list[Chosen] = [(None, unit, said) for unit in units]
    if not chosen:
        raise TransitionError("请选择承办单位。")
    return chosen


def _draft(duty: Duty | None, unit: Unit, matter: str, demand: str, days: int, by: Post) -> SupervisionOrder:
    order = SupervisionOrder(
        issuer=by.unit, unit=unit, duty=duty, matter=matter[:TEXT], demand=demand, reply_days=days, drafted_at=clock.now(), drafted_by=by
    )
    save(order)
    record("supervision.drafted", order, by=by, new=unit.short_name, note=order.matter)
    return order


def _issue(order: SupervisionOrder, by: Post) -> SupervisionOrder:
    order.number = next_number(papers.ORDER, papers.scope_of(order.issuer), clock.today())
    order.status, order.issued_at, order.issued_by = S.ISSUED, clock.now(), by
    save(order, "number", "status", "issued_at", "issued_by", "demand", "reply_days")
    duty = _start_clock(order, order.reply_days, by)
    papers.issue_order(order, duty, by)
    record("supervision.issued", order, by=by, new=order.unit.short_name, note=order.demand)
    told = [order.unit, *heads_of(order.unit)]
    _tell("supervision.issued", order, told, f"收到督办单{order.number}", f"{order.matter}。{order.demand}", is_urgent=True)
    return order


def _start_clock(order: SupervisionOrder, days: int, by: Post) -> Duty:
    return open_duty(
        subject=order, kind=SUPERVISE, kind_name=KIND_NAME, unit=order.unit, title=f"督办单{order.number}：{order.matter}"[:120],
        limit=Limit(Rule.WORKING_DAYS, days), url=order.get_absolute_url(), region_code=order.unit.region_id, basis=BASIS, by=by,
    )  # fmt: skip


def _refuse_unseen(order: SupervisionOrder, seen: str | None) -> None:
    """Under the order's lock. `seen`: the mark of the draft that stood on the page, "" for none; None where nothing was shown."""
    standing = order.replies.waiting().select_related("drafted_by__unit", "drafted_by__staff").first()
    if seen is None or standing is None or standing.mark == seen:
        return
    who = f"{standing.drafted_by.label}于{clock.local(standing.drafted_at):%Y-%m-%d %H:%M}"
    raise AlreadyHandled(f"{order}的回复已由{who}另存了草稿，您填写的没有保存。请打开最新的草稿，补充后再保存或报送。")


def _reply(order: SupervisionOrder, text: str, by: Post) -> OrderReply:
    """The unanswered reply in new words, whose they then are."""
    reply = order.replies.waiting().first() or OrderReply(order=order)
    reply.text, reply.drafted_at, reply.drafted_by, reply.drafted_by_staff = text, clock.now(), by, by.staff
    save(reply)
    return reply


def _answer(order: SupervisionOrder, verdict: str, reason: str, by: Post) -> None:
    reply = order.replies.waiting().get()
    reply.verdict, reply.reason = verdict, reason
    reply.answered_at, reply.answered_by, reply.answered_by_staff = clock.now(), by, by.staff
    if by.staff_id in {reply.drafted_by_staff_id, reply.sent_by_staff_id}:
        raise TransitionError("这份回复是您本人拟稿或报送的，请由其他同事审核。")
    save(reply, "verdict", "reason", "answered_at", "answered_by", "answered_by_staff")


def _taken_up(order_id: UUID | str, target: str, may: Any, by: Post, *, since: str = "") -> SupervisionOrder:
    """The beats before the change: gate, lock, edge, gate and permission again. `since`: the one state in which the verb begins."""
    order: SupervisionOrder = lock(SupervisionOrder.objects.visible_to(by).get_or_404(order_id))
    if since and order.status != since:
        raise AlreadyHandled(_handled(order))
    edge(order.status, target, EDGES, refusal=lambda: _handled(order))
    recheck(order, may, by)
    return order


def _handled(order: SupervisionOrder) -> str:
    """Who was first, and when; or what must come first."""
    last = order.replies.select_related("answered_by__unit", "answered_by__staff", "sent_by__unit", "sent_by__staff").last()
    if order.status == S.WITHDRAWN:
        return _by_whom(order, order.withdrawn_by, order.withdrawn_at, "撤销")
    if order.status == S.ACCEPTED:
        return _by_whom(order, order.accepted_by, order.accepted_at, "审核通过")
    if order.status == S.DRAFT:
        return "督办单还没有签发，不能办理这一步。"
    if order.status == S.REPLIED and last:
        return _by_whom(order, last.sent_by, last.sent_at, "报送回复")
    if last and last.answered_at:
        return _by_whom(order, last.answered_by, last.answered_at, "退回回复")
    return _by_whom(order, order.issued_by, order.issued_at, "签发")


def _by_whom(order: SupervisionOrder, who: Post | None, when: Any, what: str) -> str:
    return f"{order}已由{who.label if who else '同事'}于{clock.local(when):%Y-%m-%d %H:%M}{what}。"


def _days(days: int | None) -> int:
    """The county's figure where nothing else was asked for.

    Raises:
        TransitionError: none, or more than anybody means.
    """
    wanted = int(figure("supervision_order_reply")) if days is None else days
    if not 1 <= wanted <= DAYS_MOST:
        raise TransitionError(f"回复时限请填1至{DAYS_MOST}个工作日。")
    return wanted


def _tell(verb: str, order: SupervisionOrder, to: list[Any], title: str, body: str, *, is_urgent: bool = False) -> None:
    announce(verb, order, to=to, title=title, body=body, url=order.get_absolute_url(), is_urgent=is_urgent)
