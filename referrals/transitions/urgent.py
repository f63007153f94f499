"""先行救助 by two people: proposed, agreed to in person or by telephone, given at once; the papers afterwards (C-36, LY-26)."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.views.decorators.debug import sensitive_variables

from audit.transitions import record
from config import clock
from config.protection.masks import mask_name
from config.verbs import AlreadyHandled, ConstraintBroken, TransitionError, edge, lock, recheck, save
from config.words import without_numbers
from deadlines.models import Duty
from deadlines.rules import Limit, Rule
from deadlines.transitions import announce, close_all, close_duty, open_duty
from documents.transitions import next_number
from households.models import Household, Resident
from households.transitions import grant_record, revise_resident
from households.transitions.lookup import household_of, note_look_beyond
from households.transitions.residents import Person, enter, well_formed
from households.transitions.standing import refuse_gone
from intake.beneficiaries import members
from intake.models import Application
from organization.figures import figure
from organization.models import Post, Region, Unit

from .. import routing, rules, urgent
from ..models import UrgentAid
from ..permissions import can_agree_urgent, can_paper_urgent, can_propose_urgent

U = UrgentAid.Status
GIVE, CONFIRM, PAPERS = "urgent_give", "urgent_confirm", "urgent_papers"
EDGES: dict[str, frozenset[str]] = {
    U.PROPOSED: frozenset({U.GIVEN, U.DECLINED}),
    U.GIVEN: frozenset({U.COMPLETED}),
    U.COMPLETED: frozenset(),
    U.DECLINED: frozenset(),
}


@sensitive_variables("number")
@transaction.atomic
def propose_urgent(
    *, program_code: str, person_name: str, number: str = "", resident_id: Any = None, is_for_household: bool = False, region: Region,
    event: str, happened_on: date, story: str, voucher: str, amount: Decimal | None = None, in_kind: str = "", repeat_reason: str = "",
    by: Post,
) -> UrgentAid:  # fmt: skip
    """What happened, who vouches, what is to be given. Where it happened counts, not where somebody is registered (C-39).

    The leader's clock runs in hours, through nights and rest days.

    Raises:
        TransitionError: not this unit's, above the ceiling, in the future, or the same cause again without a reason (C-38).
        ValidationError: a value that is wrong, by field.
    """
    if not can_propose_urgent(by):
        raise PermissionDenied("由乡镇（街道）经办或现场办理的部门登记先行救助。")
    way = next((way for way in urgent.ways_of(by, clock.today()) if way.program.pk == program_code), None)
    if way is None:
        raise TransitionError("本单位不能先行给予这个项目，请重新选择。")
    if by.region_code and not region.code.startswith(by.region_code[:9]):
        raise TransitionError(f"{region.name}不在本辖区，请由事发地的乡镇（街道）先行救助。")
    _refuse_wrong(way, happened_on, amount, region, by)
    lock(region)  # two who raise the same event at once: the second reads the first's line, also of somebody without papers
    resident = _person(person_name, number, resident_id, region, by)
    household = household_of(resident) if is_for_household else None
    said = {"story": without_numbers(story), "voucher": without_numbers(voucher), "in_kind": without_numbers(in_kind)}
    stage = routing.deciding_stage(way.track)
    deciding = routing.unit_of(stage, program=way.program, window=by.unit, on=clock.today())
    aid = UrgentAid(
        program=way.program, version=way.version, track=way.track, unit=by.unit, deciding_unit=deciding, region=region,
        township_code=by.region_code[:9], person_name=resident.name, resident=resident, household=household, event=event,
        happened_on=happened_on, amount=amount, proposed_at=clock.now(), proposed_by=by, proposed_by_staff=by.staff,
        repeat_reason=without_numbers(repeat_reason), **said,
    )  # fmt: skip
    _refuse_twice(aid)
    aid.number = next_number("urgent_aid", (by.region_code[-3:] if by.unit.kind != Unit.Kind.DEPARTMENT else "000"), clock.today())
    try:
        save(aid)
    except ConstraintBroken as clash:
        raise TransitionError(str(clash.message)) from clash
    _open(
        aid,
        GIVE,
        "先行救助",
        deciding,
        Limit(Rule(stage.limit_unit), stage.limit),
        by,
        basis="民发〔2018〕23号二（二）：先行救助，休息日照常",
    )
    _note("urgent_aid.proposed", aid, by, new=_given(aid), note=aid.get_event_display())
    _tell(aid, deciding, "先行救助待同意", f"{aid.get_event_display()}，拟给予{_given(aid)}，请尽快处理。")
    return aid


def _refuse_wrong(way: urgent.Way, happened_on: date, amount: Decimal | None, region: Region, by: Post) -> None:
    if happened_on > clock.today():
        raise ValidationError({"happened_on": "发生日期不能晚于今天。"})
    ceiling = urgent.ceiling_of(way.program.pk, by.region_code or region.code, way.program.department_id)
    if rules.exceeds(amount, ceiling):
        raise ValidationError({"amount": f"先行救助不超过{ceiling}元。还需要更多的，先给这些，再登记临时救助申请。"})


@sensitive_variables("number")
def _person(name: str, number: str, resident_id: Any, region: Region, by: Post) -> Resident:
    """Somebody known, by page or by number in the whole county; otherwise entered by the name that is told, with papers or without."""
    if resident_id:
        known: Resident = Resident.objects.visible_to(by).get_or_404(resident_id)
        refuse_gone(known)
        return known
    if number.strip():
        check = well_formed(number, "resident")
        found: Resident | None = Resident.objects.with_number(check.normalised).first()
        if found is None:
            return enter(Person(name, number=number), region=region, by=by)
        note_look_beyond(found, by)
        return found
    return enter(Person(name, id_type="none"), region=region, by=by)


def _refuse_twice(aid: UrgentAid) -> None:
    """Asked about, not forbidden (C-38): whoever means it says why. One and the same event of one person is once for all, by constraint."""
    last = urgent.same_event(
        program=aid.program, resident=aid.resident, household=household_of(aid.resident), name=aid.person_name,
        region_code=aid.region_id, event=aid.event,
    ).first()  # fmt: skip
    if last is not None and not aid.repeat_reason:
        where = f"{last.unit.short_name}已登记{last.number}（{last.happened_on:%Y-%m-%d}，{last.get_status_display()}）"
        raise ValidationError({"repeat_reason": f"同一事由{where}。确属另一件事或者确需再次救助的，写明理由再提交。"})


@transaction.atomic
def agree_urgent(*, aid_id: Any, by: Post) -> UrgentAid:
    """The leader agrees in person, from the own account: it is given at once, with its record, and the papers' clock begins."""
    aid = _take_up(aid_id, U.GIVEN, can_agree_urgent, by)
    if by.staff_id == aid.proposed_by_staff_id:
        raise TransitionError("先行救助由您登记，须由另一位负责人同意。")
    return _give(aid, UrgentAid.Consent.IN_PERSON, by, by)


@transaction.atomic
def note_telephone_consent(*, aid_id: Any, leader: Post, by: Post) -> UrgentAid:
    """A leader has agreed by telephone: recorded and given now; he confirms it himself on the next working day.

    Raises:
        TransitionError: the one named may not agree to this.
    """
    aid = _take_up(aid_id, U.GIVEN, can_paper_urgent, by)
    if not urgent.leaders(aid).filter(pk=leader.pk).exists():
        raise TransitionError(f"{leader.staff.name}不能同意这件先行救助：须是本地负责审批、又不是登记人的人员。")
    aid = _give(aid, UrgentAid.Consent.TELEPHONE, leader, by)
    within = int(figure("urgent_consent_confirm_within"))
    _open(aid, CONFIRM, "确认电话同意", leader.unit, Limit(Rule.WORKING_DAYS, within), by, basis="民发〔2018〕23号二（二）；暂定次个工作日")
    announce(
        "urgent_aid.consented", aid, to=leader.staff, title=f"请确认您在电话中同意的先行救助：{_title(aid)}", is_urgent=True,
        body=f"{by.unit.short_name}{by.staff.name}记录您已同意给予{_given(aid)}。", url=aid.get_absolute_url(),
    )  # fmt: skip
    return aid


def _give(aid: UrgentAid, how: str, leader: Post, by: Post) -> UrgentAid:
    aid.status, aid.consent = U.GIVEN, how
    aid.leader, aid.leader_staff = leader, leader.staff
    aid.given_at, aid.given_by = clock.now(), by
    today = clock.today()
    aid.record = grant_record(
        program=aid.program, version=aid.version, household=aid.household, resident=None if aid.household else aid.resident,
        covered=list(members(aid.household)) if aid.household else [aid.resident], region_code=aid.region_id, amount=aid.amount,
        in_kind=aid.in_kind, cadence="once", since=today, until=today, unit=aid.deciding_unit, decision_id=aid.pk, by=by,
    )  # fmt: skip
    save(aid, "status", "consent", "leader", "leader_staff", "given_at", "given_by", "record")
    close_duty(subject=aid, kind=GIVE, by=by)
    _note("urgent_aid.given", aid, by, new=_given(aid), note=f"{leader.label}{aid.get_consent_display()}同意")
    if aid.unit_id != by.unit_id:
        _tell(aid, aid.unit, "先行救助已同意", f"{leader.staff.name}同意给予{_given(aid)}，请立即发放。")
    _ask_for_papers(aid, by)
    return aid


def _ask_for_papers(aid: UrgentAid, by: Post) -> None:
    if urgent.missing(aid):
        limit = Limit(Rule.WORKING_DAYS, int(figure("paperwork_after_urgent_aid")))
        _open(aid, PAPERS, "补齐手续", aid.unit, limit, by, basis="民发〔2018〕23号二（二）：事后补齐")
    else:
        _complete(aid, by)


@transaction.atomic
def decline_urgent(*, aid_id: Any, reason: str, by: Post) -> UrgentAid:
    """The leader does not agree; ordinary temporary assistance stays open to whoever needs it."""
    aid = _take_up(aid_id, U.DECLINED, can_agree_urgent, by)
    if not reason.strip():
        raise ValidationError({"reason": "请写明不同意的理由和建议怎么办。"})
    aid.status, aid.decline_reason = U.DECLINED, without_numbers(reason)
    aid.declined_at, aid.declined_by = clock.now(), by
    save(aid, "status", "decline_reason", "declined_at", "declined_by")
    close_all(subject=aid, by=by)
    _note("urgent_aid.declined", aid, by, note=aid.decline_reason)
    _tell(aid, aid.unit, "先行救助未同意", aid.decline_reason)
    return aid


@transaction.atomic
def confirm_consent(*, aid_id: Any, agreed: bool, note_text: str = "", by: Post) -> UrgentAid:
    """The leader confirms the telephone call himself, or says that there was none: then the platform is told. Nothing is undone.

    Is he away, or his post over, another leader who did not take the call asks him and writes how: no duty waits for nobody.

    Raises:
        AlreadyHandled: nothing waits for it.
        TransitionError: the leader is there, or it is one's own entry.
    """
    aid = _fetch(aid_id, by)
    if aid.confirmed_by is not None and aid.confirmed_at is not None:
        who = f"{aid.confirmed_by.label}于{clock.local(aid.confirmed_at):%Y-%m-%d %H:%M}"
        raise AlreadyHandled(f"{aid}的电话同意已由{who}确认（{aid.get_confirmation_display()}）。")
    if aid.consent != UrgentAid.Consent.TELEPHONE:
        raise AlreadyHandled(f"{aid}没有待确认的电话同意。请按现在的情况办理。")
    recheck(aid, can_agree_urgent, by)
    if why_not := urgent.why_not_confirm(aid, by):
        raise TransitionError(why_not)
    if by.staff_id != aid.leader_staff_id and not note_text.strip():
        raise ValidationError({"note": "代为确认的，请写明怎样向接电话的负责人核实。"})
    if not agreed and not note_text.strip():
        raise ValidationError({"note": "没有同意过的，请写明情况。"})
    aid.confirmation = UrgentAid.Confirmation.AGREED if agreed else UrgentAid.Confirmation.DENIED
    aid.confirmed_at, aid.confirmed_by, aid.confirm_note = clock.now(), by, without_numbers(note_text)
    save(aid, "confirmation", "confirmed_at", "confirmed_by", "confirm_note")
    close_duty(subject=aid, kind=CONFIRM, by=by)
    _note("urgent_aid.consent_confirmed", aid, by, new=aid.get_confirmation_display(), note=aid.confirm_note)
    if not agreed:
        platform = Unit.objects.current(clock.today()).get(kind=Unit.Kind.PLATFORM)
        _tell(aid, platform, "负责人否认电话同意过先行救助", "请核查；已给予的救助不自动撤销。")
    _complete_if_whole(aid, by)
    return aid


@sensitive_variables("number")
@transaction.atomic
def add_papers(
    *, aid_id: Any, number: str = "", identity_note: str = "", promised_on: date | None = None, authorised_on: date | None = None,
    finding: str = "", seen: str | None = None, by: Post,
) -> UrgentAid:  # fmt: skip
    """What has come in of the papers; with the last of them it is complete. A number that somebody else holds leads the record there.

    Raises:
        AlreadyHandled: it is complete; or a colleague has written of them since the page was opened (`seen`: what it had shown).
        TransitionError: nothing is left to bring, or an ID number in a text.
        ValidationError: a day in the future or before the event, or a number that is wrong.
    """
    aid = _fetch(aid_id, by)
    if aid.status != U.GIVEN:
        raise AlreadyHandled(_standing(aid))
    recheck(aid, can_paper_urgent, by)
    if seen is not None and (last := urgent.last_papers(aid)) and str(last.pk) != seen:
        who = f"{last.post_label}于{clock.local(last.at):%Y-%m-%d %H:%M}"
        raise AlreadyHandled(f"{aid}的手续刚由{who}补登过，您填写的没有登记。请核对最新的内容，把要补充的填上。")
    for name, day in (("promised_on", promised_on), ("authorised_on", authorised_on)):
        if day is not None and not aid.happened_on <= day <= clock.today():
            raise ValidationError({name: "签署日期应在事发之后、今天之前。"})
    if number.strip():
        _identify(aid, number, by)
        identity_note = identity_note or "证件号码已登记"
    aid.identity_note = without_numbers(identity_note) or aid.identity_note
    aid.promised_on, aid.authorised_on = promised_on or aid.promised_on, authorised_on or aid.authorised_on
    aid.finding = without_numbers(finding) or aid.finding
    save(aid, "identity_note", "promised_on", "authorised_on", "finding", "resident", "person_name")
    _note("urgent_aid.papers_added", aid, by, new="、".join(urgent.missing(aid)) or "齐全")
    _complete_if_whole(aid, by)
    return aid


@sensitive_variables("number")
def _identify(aid: UrgentAid, number: str, by: Post) -> None:
    """Whose number it is: a person known already gets the record; otherwise who was helped without papers gets the number."""
    check = well_formed(number, "resident")
    known = Resident.objects.with_number(check.normalised).first()
    before = lock(aid.resident)
    if known is not None and known.pk == before.pk:
        return
    if before.id_type != "none":
        raise ValidationError({"number": "受助人登记的是另一个证件号码，请核对；确属登记错误的，在人员档案中更正。"})
    if known is None:
        revise_resident(resident_id=before.pk, fields={"id_type": "resident"}, number=number, seen_at=before.changed_at, by=by)
        return
    note_look_beyond(known, by)
    _hand_over(aid, known)
    _note("urgent_aid.identified", aid, by, old=mask_name(before.name), new=mask_name(known.name))


def _hand_over(aid: UrgentAid, known: Resident) -> None:
    aid.resident, aid.person_name = known, known.name
    if aid.record is not None and aid.record.resident_id:
        aid.record.coverage.filter(resident=aid.record.resident_id).update(resident=known)
        aid.record.resident = known
        save(aid.record, "resident")


@transaction.atomic
def link_application(*, aid_id: Any, application_id: Any, by: Post) -> UrgentAid:
    """What is needed beyond urgent aid was asked for regularly: the application it led to."""
    aid = _fetch(aid_id, by)
    recheck(aid, can_paper_urgent, by)
    application: Application = Application.objects.visible_to(by).get_or_404(application_id)
    home = aid.household or household_of(aid.resident)
    if home is None or application.household_id != home.pk:
        raise TransitionError("只能关联受助人家庭的申请。")
    aid.application = application
    save(aid, "application")
    _note("urgent_aid.application_linked", aid, by, new=application.number)
    return aid


def _fetch(aid_id: Any, by: Post) -> UrgentAid:
    """Gate, then the lock."""
    aid: UrgentAid = lock(UrgentAid.objects.visible_to(by).get_or_404(aid_id))
    return aid


def _take_up(aid_id: Any, target: str, can: Any, by: Post) -> UrgentAid:
    aid = _fetch(aid_id, by)
    edge(aid.status, target, EDGES, refusal=lambda: _standing(aid))
    recheck(aid, can, by)
    return aid


def _standing(aid: UrgentAid) -> str:
    """Who was first, and when; of what waits for its leader, that it does."""
    act = {U.GIVEN: "given", U.COMPLETED: "completed", U.DECLINED: "declined"}.get(U(aid.status))
    if act is None:
        return f"{aid}现为“{aid.get_status_display()}”，还不能做这一步。"
    who = f"{getattr(aid, f'{act}_by').label}于{clock.local(getattr(aid, f'{act}_at')):%Y-%m-%d %H:%M}"
    return f"{aid}已由{who}办理，现为“{aid.get_status_display()}”。请按现在的情况办理。"


def _complete_if_whole(aid: UrgentAid, by: Post) -> None:
    if aid.status == U.GIVEN and not urgent.missing(aid):
        _complete(aid, by)


def _complete(aid: UrgentAid, by: Post) -> None:
    aid.status, aid.completed_at, aid.completed_by = U.COMPLETED, clock.now(), by
    save(aid, "status", "completed_at", "completed_by")
    if Duty.objects.open().about(aid, PAPERS).exists():
        close_duty(subject=aid, kind=PAPERS, by=by)
    _note("urgent_aid.completed", aid, by)


def _open(aid: UrgentAid, kind: str, name: str, unit: Unit, limit: Limit, by: Post, *, basis: str) -> None:
    open_duty(
        subject=aid, kind=kind, kind_name=name, unit=unit, title=_title(aid), limit=limit, url=aid.get_absolute_url(),
        region_code=aid.township_code, topic_code=aid.program_id, basis=basis, by=by,
    )  # fmt: skip


def _title(aid: UrgentAid) -> str:
    return f"{aid.program} {mask_name(aid.person_name)}"


def _given(aid: UrgentAid) -> str:
    return rules.amount_in_words(aid.amount, aid.in_kind, "once")


def _tell(aid: UrgentAid, to: Unit, title: str, body: str) -> None:
    announce("urgent_aid.told", aid, to=to, title=f"{title}：{_title(aid)}", body=body, url=aid.get_absolute_url(), is_urgent=True)


def _note(verb: str, aid: UrgentAid, by: Post, **about: Any) -> None:
    home: Household | None = aid.household or household_of(aid.resident)
    record(
        verb,
        aid,
        by=by,
        household_id=home.pk if home else None,
        application_id=aid.application_id,
        data={"program": aid.program_id},
        **about,
    )
