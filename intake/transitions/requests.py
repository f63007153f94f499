"""Somebody needs help: registered wherever it was heard of, pushed to the window of the address, answered by it (ZX-15, ZX-19, ZX-46)."""

from collections.abc import Callable, Sequence
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.views.decorators.debug import sensitive_variables

from audit.transitions import record
from config import clock
from config.protection.masks import mask_name
from config.protection.names import tidy_name
from config.protection.sealing import seal
from config.verbs import AlreadyHandled, TransitionError, lock, recheck, save
from config.words import without_numbers
from deadlines.rules import Limit, Rule
from deadlines.transitions import announce, close_duty, open_duty
from documents.transitions import next_number
from households.models import Household, Resident
from households.transitions import find_by_number
from organization.desks import window_of
from organization.figures import figure
from organization.models import Post, Region, Unit
from programs.models import Program

from ..models import Application, Request
from ..permissions import can_push, can_register, can_settle
from .applications import draft
from .assessment import keep_assessment

S, Source = Request.Status, Request.Source
# Every verb on a request: from where it may be called, and where it leads. A test walks every (status, verb).
VERBS: dict[str, dict[str, str]] = {
    "push_request": {S.REGISTERED: S.PUSHED, S.RETURNED: S.PUSHED},
    "withdraw_request": {S.REGISTERED: S.WITHDRAWN, S.RETURNED: S.WITHDRAWN},
    "identify_request": {S.PUSHED: S.PUSHED},
    "accept_request": {S.PUSHED: S.ACCEPTED},
    "answer_request": {S.PUSHED: S.ANSWERED},
    "return_request": {S.PUSHED: S.RETURNED},
    "hand_over_request": {S.PUSHED: S.HANDED_OVER},
    **dict.fromkeys(("acknowledge_request", "decline_request", "recall_request"), {S.HANDED_OVER: S.PUSHED}),
}
# Who still owes something, by the kind of duty: the village pushes, the window answers, the sender completes what came back.
PUSH, SETTLE, COMPLETE = "push_request", "request", "complete_request"
_OWED = {S.REGISTERED: PUSH, S.PUSHED: SETTLE, S.HANDED_OVER: SETTLE, S.RETURNED: COMPLETE}
_SOURCES = {"V": Source.VILLAGE, "D": Source.DEPARTMENT, "B": Source.COUNTY, "T": Source.TOWNSHIP, "TA": Source.TOWNSHIP}
NOTE = 500  # as long as a note of the record; an answer may be longer
_HEARD_AT_THE_WINDOW = frozenset({Source.PHONE, Source.PERSON})


@sensitive_variables("number", "phone", "found")
@transaction.atomic
def register_request(
    *,
    name: str,
    region_code: str,
    causes: Sequence[str],
    matter: str,
    number: str = "",
    resident_id: Any = None,
    phone: str = "",
    without_papers: bool = False,
    address: str = "",
    source: str = "",
    is_urgent: bool = False,
    wanted: Sequence[str] = (),
    helper_name: str = "",
    helper_relation: str = "",
    consent: str = "",
    push: bool = True,
    by: Post,
) -> Request:
    """Write down that somebody needs help; who does is 首问责任人 (TZ-14). Only a village may keep it back, and not for long (ZX-19).

    Who it is: by `resident_id`, chosen among those the post sees, or by a number, which is looked up within what the post may see, and
    logged beyond it as any look-up; one that cannot be looked up turns nobody away.

    Raises:
        TransitionError: an ID number in the words, a person registered as dead, or a village's assistant writing of another village.
    """
    if not can_register(by):
        raise PermissionDenied("您的岗位不能登记求助。")
    region = _place(region_code, by)
    resident, household = _chosen(resident_id, by) if resident_id else _known(number, by)
    request = Request(
        region=region, window=window_of(region.township_code, clock.today()), name=without_numbers(tidy_name(name)),
        without_papers=without_papers, address=without_numbers(address), causes=list(causes), matter=without_numbers(matter),
        is_urgent=is_urgent, wanted=_programs(wanted, by), source=_source(source, by), helper_name=without_numbers(tidy_name(helper_name)),
        helper_relation=without_numbers(helper_relation), consent=consent, resident=resident, household=household,
        registered_unit=by.unit, registered_at=clock.now(), registered_by=by, registered_by_staff=by.staff,
    )  # fmt: skip
    seal(request, id_number=number, phone=phone)
    request.number = next_number("request", region.township_code[-3:], clock.today())
    save(request)
    note("request.registered", request, by, new=request.get_source_display(), data={"urgent": is_urgent})
    if push or by.role != "V":
        _push(request, by)
    else:
        _owe(request, PUSH, "推送求助", by.unit, "village_push_within", "ZX-19：及时推送（暂定1个工作日）", by)
    return request


def _place(region_code: str, by: Post) -> Region:
    places = Region.objects.visible_to(by).exclude(valid_until__lt=clock.today())
    region: Region | None = places.filter(pk=region_code).select_related("parent").first()
    if region is None or not region.township_code:
        raise ValidationError({"region": "请选择求助人住的村（社区）或乡镇（街道）。"})
    if by.role == "V" and region.pk != by.region_code:
        raise TransitionError("只能登记本村（社区）的求助；其他村的，请告诉当地协理员，或打乡镇（街道）窗口电话。")
    return region


def _chosen(resident_id: Any, by: Post) -> tuple[Resident, Household | None]:
    """Through the gate; the household is known with the person."""
    resident: Resident = Resident.objects.visible_to(by).get_or_404(resident_id)
    if resident.is_dead:
        raise TransitionError(f"平台登记{resident.name}已经死亡，请核对后另选一位。")
    return resident, _home_of(resident)


def _home_of(resident: Resident) -> Household | None:
    membership = resident.memberships.open().select_related("household").first()
    return membership.household if membership else None


@sensitive_variables("number", "found")
def _known(number: str, by: Post) -> tuple[Resident | None, Household | None]:
    """Who it is, as far as the post may know: the day's cap of look-ups holds nobody up."""
    if not number:
        return None, None
    try:
        found = find_by_number(number=number, by=by)
    except TransitionError:
        return None, None
    if not found.is_here or found.resident is None:
        return None, None
    if found.resident.is_dead:
        raise TransitionError("平台登记此人已经死亡，请核对证件号码；确认登记有误的，号码留空，在“发生了什么”里说明。")
    return found.resident, found.household


def _programs(codes: Sequence[str], by: Post) -> list[str]:
    known = set(Program.objects.visible_to(by).filter(pk__in=codes).values_list("pk", flat=True))
    if unknown := sorted(set(codes) - known):
        raise ValidationError({"wanted": f"没有这个项目：{unknown[0]}。"})
    return list(dict.fromkeys(codes))


def _source(source: str, by: Post) -> str:
    """At the window: whether somebody rang or came. Everywhere else the post says it."""
    if by.unit.kind == Unit.Kind.TOWNSHIP_WINDOW:
        if source not in _HEARD_AT_THE_WINDOW:
            raise ValidationError({"source": "请选择求助从哪里来。"})
        return source
    return _SOURCES[by.role]


@transaction.atomic
def push_request(*, request_id: Any, addition: str = "", by: Post) -> Request:
    """To the window of the address: what was kept back, or what came back, with what was still to be said."""
    request = take_up(request_id, "push_request", can_push, by)
    was_returned = request.status == S.RETURNED
    close_duty(subject=request, kind=_OWED[S(request.status)], by=by)
    if was_returned:
        if not addition.strip():
            raise ValidationError({"addition": "请写明补充了什么，再推送。"})
        request.matter = f"{request.matter}\n补充：{without_numbers(addition)}"
    return _push(request, by)


def _push(request: Request, by: Post) -> Request:
    request.status = S.PUSHED
    request.pushed_at, request.pushed_by = clock.now(), by
    request.settled_at, request.settled_by, request.reply = None, None, ""
    save(request)
    owe_an_answer(request, by)
    note("request.pushed", request, by, new=request.window.name)
    if request.window_id != by.unit_id:
        tell(request, request.window, "request.pushed", f"{by.unit.short_name}推送求助", request.cause_words)
    return request


@transaction.atomic
def identify_request(*, request_id: Any, resident_id: Any, by: Post) -> Request:
    """Who it is, found by the window; a mistaken person is replaced until the request is settled."""
    resident: Resident = Resident.objects.visible_to(by).get_or_404(resident_id)
    request = take_up(request_id, "identify_request", can_settle, by)
    old = mask_name(request.resident.name) if request.resident else ""
    request.resident, request.household = resident, _home_of(resident)
    save(request, "resident", "household")
    note("request.identified", request, by, old=old, new=mask_name(resident.name))
    return request


@transaction.atomic
def accept_request(*, request_id: Any, household_id: Any, applicant_id: Any, by: Post, **how: Any) -> Application:
    """It becomes a draft application: household, applicant, helper, difficulties and words come along, and nobody types them again.

    `how`: what `draft` takes beside the household and the applicant.

    Raises:
        AlreadyHandled: a colleague was first.
        TransitionError: what `draft` refuses.
    """
    request = take_up(request_id, "accept_request", can_settle, by)
    application = draft(household_id=household_id, applicant_id=applicant_id, **how, by=by)
    application.request = request
    save(application, "request")
    keep_assessment(application_id=application.pk, fields={"difficulties": list(request.causes), "cause": request.matter}, by=by)
    request.household = application.household
    request.resident = request.resident or application.applicant
    _settle(request, S.ACCEPTED, "request.accepted", by, new=application.number)
    return application


@transaction.atomic
def answer_request(*, request_id: Any, text: str, by: Post) -> Request:
    """Advice given, in words: no application is needed, or the person does not want one."""
    request = take_up(request_id, "answer_request", can_settle, by)
    request.reply = in_words(text, "text", "请写明告诉了求助人什么。", may_name_mobile=True)
    return _settle(request, S.ANSWERED, "request.answered", by)


@transaction.atomic
def return_request(*, request_id: Any, reason: str, by: Post) -> Request:
    """Back to whoever registered it, with a sentence: what is to be completed, or why it is nothing for the window."""
    request = take_up(request_id, "return_request", can_settle, by)
    request.reply = in_words(reason, "reason", "请写明退回理由：缺什么，或者该找谁。")
    _settle(request, S.RETURNED, "request.returned", by)
    basis = "ZX-19：及时推送（暂定1个工作日）"
    _owe(request, COMPLETE, "补充求助", request.registered_unit, "village_push_within", basis, by)
    return request


@transaction.atomic
def withdraw_request(*, request_id: Any, reason: str, by: Post) -> Request:
    """Called off by the sender before the window has it: a mistake, or help is not needed any more."""
    request = take_up(request_id, "withdraw_request", can_push, by)
    request.reply = in_words(reason, "reason", "请写明撤销理由。")
    return _settle(request, S.WITHDRAWN, "request.withdrawn", by)


def _settle(request: Request, status: str, verb: str, by: Post, **about: Any) -> Request:
    """What every outcome shares: who and when, the clock, the record, and the sender told."""
    close_duty(subject=request, kind=_OWED[S(request.status)], by=by)
    request.status = status
    request.settled_at, request.settled_by = clock.now(), by
    save(request)
    note(verb, request, by, note=request.reply[:NOTE], **about)
    if request.registered_unit_id != by.unit_id:
        tell(request, request.registered_unit, verb, f"求助{request.get_status_display()}", request.reply)
    return request


# ── shared by the verbs of a request ────────────────────────────────────────────────────────────────────────────────


def take_up(request_id: Any, verb: str, allowed: Callable[[Any, Any], bool], by: Post) -> Request:
    """Fetch through the gate, lock, legal step for the locked row, gate and permission again."""
    request = seize(request_id, verb, by)
    recheck(request, allowed, by)
    return request


def seize(request_id: Any, verb: str, by: Post) -> Request:
    """The first three beats; the caller asks for the permission.

    Raises:
        AlreadyHandled: not from here; who brought it here, and when.
    """
    request: Request = lock(Request.objects.visible_to(by).get_or_404(request_id))
    if request.status not in VERBS[verb]:
        raise AlreadyHandled(standing(request))
    return request


def standing(request: Request) -> str:
    """Where it stands and who brought it there: what the loser of a race is told."""
    name = f"求助{request.number}"
    match request.status:
        case S.REGISTERED:
            return f"{name}还没有推送到窗口。"
        case S.PUSHED:
            pushed = request.pushed_by.label if request.pushed_by else "同事"
            return f"{name}已由{pushed}推送，正在等{request.window.short_name}处理。"
        case S.HANDED_OVER:
            handover = request.handovers.open().select_related("handed_by__unit", "handed_by__staff", "to_unit").get()
            return f"{name}已由{handover.handed_by.label}移交{handover.to_unit.short_name}，正在等对方签收。"
    who = request.settled_by.label if request.settled_by else "同事"
    when = f"{clock.local(request.settled_at):%Y-%m-%d %H:%M}" if request.settled_at else ""
    return f"{name}已由{who}于{when}登记为“{request.get_status_display()}”，不能再办理。"


def owe_an_answer(request: Request, by: Post) -> None:
    """The window's clock, from the push or from signing for what another window handed over."""
    basis = "ZX-15、C-55：及时受理、转办（暂定1个工作日）"
    _owe(request, SETTLE, "处理求助", request.window, "request_answer_within", basis, by)


def _owe(request: Request, kind: str, kind_name: str, unit: Unit, limit: str, basis: str, by: Post) -> None:
    urgent = "（紧急）" if request.is_urgent else ""
    open_duty(
        subject=request, kind=kind, kind_name=kind_name, unit=unit, title=f"求助{request.number} {mask_name(request.name)}{urgent}", by=by,
        limit=Limit(Rule.WORKING_DAYS, figure(limit)), url=request.get_absolute_url(), region_code=request.region_id, basis=basis,
    )  # fmt: skip


def tell(request: Request, unit: Unit, verb: str, what: str, body: str = "") -> None:
    announce(
        verb, request, to=unit, title=f"{what}：{mask_name(request.name)}（{request.number}）", body=body,
        url=request.get_absolute_url(), is_urgent=request.is_urgent,
    )  # fmt: skip


def note(verb: str, request: Request, by: Post, **about: Any) -> None:
    record(verb, request, by=by, household_id=request.household_id, **about)


def in_words(text: str, field: str, lacking: str, *, may_name_mobile: bool = False) -> str:
    if not text.strip():
        raise ValidationError({field: lacking})
    return without_numbers(text, may_name_mobile=may_name_mobile)
