"""先行救助: help first, two people, papers afterwards; never an undo (LY-26, C-36, C-38, C-39, correction 15)."""

from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.http import Http404
from django.urls import reverse

from audit.models import Event
from config import clock as house_clock
from config.verbs import AlreadyHandled, TransitionError
from deadlines.models import Duty, Notice
from households.funds import figures as funds
from households.models import AssistanceRecord, PaymentLine, Resident
from households.payments import entitlement
from households.transitions.payments import close_list, make_list
from organization.models import Region
from organization.transitions import absences
from referrals import transitions, urgent
from referrals.models import UrgentAid
from referrals.transitions.urgent import EDGES
from referrals.urgent_page import UrgentPage, of_tab
from tests import cast
from tests.households.factories import HouseholdFactory, head_of, id_number
from tests.intake.factories import ApplicationFactory
from tests.referrals.factories import ReferralFactory, set_figure

pytestmark = pytest.mark.django_db
SAID = {"event": "fire", "story": "灶房起火，烧了床铺和粮食。", "voucher": "村主任在场", "amount": Decimal(800)}


def propose(by=None, **changed):
    given = {"program_code": "MZ04", "person_name": "虚老汉", "region": Region.objects.get(pk=cast.VILLAGE),
             "happened_on": house_clock.today(), **SAID, **changed}  # fmt: skip
    return transitions.propose_urgent(by=by or cast.member("clerk"), **given)


def agree(aid, by=None):
    return transitions.agree_urgent(aid_id=aid.pk, by=by or cast.member("approver"))


def kinds(aid):
    return set(Duty.objects.open().about(aid).values_list("kind", flat=True))


def whole(aid, **changed):
    said = {"number": id_number(), "promised_on": house_clock.today(), "authorised_on": house_clock.today(), "finding": "事由属实。"}
    return transitions.add_papers(aid_id=aid.pk, by=cast.member("clerk"), **{**said, **changed})


def test_what_was_given_on_the_spot_no_list_pays_again(civil_officer, civil_approver):
    given, month = agree(propose()).record, house_clock.today().replace(day=1)
    ordinary = ReferralFactory(approved=True)
    listed = make_list(program_code="MZ04", month=month, by=civil_officer)
    assert [(line.record.decision_id, line.payable) for line in listed.lines.select_related("record")] == [(ordinary.pk, 1500)]
    close_list(list_id=listed.pk, by=civil_approver)
    [line] = [line for line in funds.lines(civil_officer, month.year, house_clock.today()) if line.code == "MZ04"]
    assert (line.due, line.paid, line.unlisted) == (2300, 0, 800)
    # What a list has counted before stays counted: nobody owes it back.
    PaymentLine.objects.filter(record__decision_id=ordinary.pk).update(record=given)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM households_assistancerecord t WHERE {entitlement.handed_out()}")
        assert cursor.fetchone() == (0,)


def test_nothing_but_the_story_is_asked_and_the_clock_runs_on_rest_days(clerk, approver, clock):
    clock.set(datetime(2026, 9, 26, 22, tzinfo=ZoneInfo("Asia/Shanghai")))  # a Saturday night
    aid = propose()
    assert (aid.status, aid.resident.id_type, aid.unit, aid.deciding_unit) == ("proposed", "none", clerk.unit, approver.unit)
    [duty] = Duty.objects.open().about(aid)
    assert (duty.kind, duty.rule, duty.unit) == ("urgent_give", "hours", approver.unit)
    assert duty.due_at == house_clock.now() + timedelta(hours=24)
    assert Notice.objects.get(kind="urgent_aid.told").is_urgent
    assert "虚老汉" not in duty.title
    assert not AssistanceRecord.objects.exists()


def test_the_leader_agrees_in_person_and_it_is_given_at_once(clerk, approver):
    aid = agree(propose())
    assert (aid.status, aid.consent, aid.leader, aid.given_by) == ("given", "in_person", approver, approver)
    record = aid.record
    assert (record.program_id, record.resident, record.amount, record.cadence, record.decision_id) == (
        "MZ04",
        aid.resident,
        800,
        "once",
        aid.pk,
    )
    assert (record.source, [row.resident for row in record.coverage.all()]) == ("decision", [aid.resident])
    event = Event.objects.get(verb="urgent_aid.given")
    assert (event.by_id, event.new) == (approver.staff_id, "一次性800元")
    assert kinds(aid) == {"urgent_papers"}
    assert Duty.objects.about(aid, "urgent_papers").get().limit == 10
    with pytest.raises(AlreadyHandled, match=f"{approver.staff.name}.*已救助"):
        agree(aid)


def test_two_people_always(clerk, approver, second_approver):
    """Who proposes never agrees, not even from another post."""
    aid = propose()
    UrgentAid.objects.filter(pk=aid.pk).update(proposed_by=approver, proposed_by_staff=approver.staff)
    with pytest.raises(TransitionError, match="另一位负责人"):
        agree(aid)
    assert approver not in urgent.leaders(UrgentAid.objects.get(pk=aid.pk))
    assert agree(aid, second_approver).leader == second_approver


def test_by_telephone_it_is_recorded_and_the_leader_confirms_the_next_working_day(clerk, approver, second_approver):
    aid = propose()
    with pytest.raises(TransitionError, match="不能同意"):
        transitions.note_telephone_consent(aid_id=aid.pk, leader=cast.member("neighbour_approver"), by=clerk)
    aid = transitions.note_telephone_consent(aid_id=aid.pk, leader=approver, by=clerk)
    assert (aid.status, aid.consent, aid.leader, aid.given_by) == ("given", "telephone", approver, clerk)
    assert kinds(aid) == {"urgent_confirm", "urgent_papers"}
    duty = Duty.objects.open().about(aid, "urgent_confirm").get()
    assert (duty.unit, duty.limit, duty.rule) == (approver.unit, 1, "working_days")
    assert "负责人对电话同意的确认" in urgent.missing(aid)
    with pytest.raises(TransitionError, match="本人确认"):
        transitions.confirm_consent(aid_id=aid.pk, agreed=True, by=second_approver)
    aid = transitions.confirm_consent(aid_id=aid.pk, agreed=True, by=approver)
    assert (aid.confirmation, aid.confirmed_by, kinds(aid)) == ("agreed", approver, {"urgent_papers"})
    with pytest.raises(AlreadyHandled, match=f"{approver.staff.name}.*确认同意"):
        transitions.confirm_consent(aid_id=aid.pk, agreed=True, by=approver)


def test_papers_that_a_colleague_has_written_down_meanwhile_are_not_written_over(signed_in, clerk, second_clerk):
    aid = agree(propose())
    page, late = reverse("referrals:urgent_papers", args=[aid.pk]), signed_in(second_clerk)
    late.get(page)
    transitions.add_papers(aid_id=aid.pk, finding="房屋过火两间。", by=clerk)
    answer = late.post(page, {"seen": "", "finding": "邻居说烧了一间。"})
    assert answer.status_code == 409
    for shown in (clerk.label, "邻居说烧了一间。"):
        assert shown in answer.content.decode()
    seen = late.get(page).context["form"].initial["seen"]
    assert late.post(page, {"seen": seen, "finding": "房屋过火两间，邻居证明。"}).status_code == 302
    aid.refresh_from_db()
    assert aid.finding == "房屋过火两间，邻居证明。"


def test_who_is_away_or_gone_is_stood_in_for_by_another_leader(clerk, approver, second_approver):
    """Not by whoever took the call; the one who asks writes how, so that no duty waits for nobody."""
    aid = transitions.note_telephone_consent(aid_id=propose().pk, leader=approver, by=clerk)
    confirm = partial(transitions.confirm_consent, aid_id=aid.pk, agreed=True)
    assert not UrgentPage(aid, second_approver).may_confirm
    absences.note_absence(staff_id=approver.staff_id, first_on=house_clock.today(), last_on=house_clock.today(), by=approver)
    UrgentAid.objects.filter(pk=aid.pk).update(given_by=second_approver)  # had she noted the call
    with pytest.raises(TransitionError, match="须由另一位负责人确认"):
        confirm(by=second_approver, note_text="已电话问过。")
    UrgentAid.objects.filter(pk=aid.pk).update(given_by=clerk)
    with pytest.raises(ValidationError, match="怎样向接电话的负责人核实"):
        confirm(by=second_approver)
    assert UrgentPage(UrgentAid.objects.get(pk=aid.pk), second_approver).may_confirm
    done = confirm(by=second_approver, note_text="本人在外学习，已电话问过，属实。")
    assert (done.confirmed_by, kinds(done)) == (second_approver, {"urgent_papers"})


def test_a_call_that_is_denied_is_told_to_the_platform_and_nothing_is_undone(clerk, approver, platform):
    aid = transitions.note_telephone_consent(aid_id=propose().pk, leader=approver, by=clerk)
    with pytest.raises(ValidationError):
        transitions.confirm_consent(aid_id=aid.pk, agreed=False, by=approver)
    aid = transitions.confirm_consent(aid_id=aid.pk, agreed=False, note_text="当天没有接到电话。", by=approver)
    assert (aid.confirmation, aid.status) == ("denied", "given")
    assert Notice.objects.filter(unit=platform.unit, kind="urgent_aid.told").exists()
    assert AssistanceRecord.objects.get() == aid.record


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"amount": Decimal(1001)}, "不超过1000"),
        ({"happened_on": "tomorrow"}, "不能晚于今天"),
        ({"program_code": "MZ01"}, "不能先行给予"),
        ({"amount": None}, "大于0的金额"),
        ({"story": "number"}, "证件号码"),
        ({"region": "elsewhere"}, "不在本辖区"),
    ],
)
def test_what_is_refused_in_words(clerk, changed, words):
    set_figure("urgent_ceiling_mz04", 1000)
    if changed.get("happened_on"):
        changed = {"happened_on": house_clock.today() + timedelta(days=1)}
    if changed.get("story"):
        changed = {"story": f"身份证{id_number()}的老人"}
    if changed.get("region"):
        changed = {"region": Region.objects.get(pk=cast.NEIGHBOUR)}
    with pytest.raises((TransitionError, ValidationError), match=words):
        propose(**changed)
    assert not UrgentAid.objects.exists()


def test_twice_for_one_event_is_asked_and_once_for_all_for_the_very_same(clerk):
    household = HouseholdFactory()
    wife = household.memberships.get(relation="10").resident
    agree(propose(resident_id=head_of(household).pk))
    with pytest.raises(ValidationError, match="同一事由"):
        propose(resident_id=wife.pk)
    second = propose(resident_id=wife.pk, repeat_reason="妻子当晚住院，另需费用。")
    assert second.repeat_reason
    with pytest.raises(TransitionError, match="不能重复"):
        propose(resident_id=wife.pk, repeat_reason="再来一次")
    with pytest.raises(ValidationError, match="同一事由"):  # by name and place, where nobody has papers
        propose(person_name=wife.name)
    assert propose(resident_id=wife.pk, event="illness").status == "proposed"


def test_a_declined_one_leaves_the_way_open(clerk, approver):
    aid = propose(resident_id=head_of(HouseholdFactory(alone=True)).pk)
    with pytest.raises(ValidationError):
        transitions.decline_urgent(aid_id=aid.pk, reason=" ", by=approver)
    aid = transitions.decline_urgent(aid_id=aid.pk, reason="情况不紧急，请申请支出型。", by=approver)
    assert (aid.status, aid.declined_by, kinds(aid)) == ("declined", approver, set())
    assert propose(resident_id=aid.resident_id).status == "proposed"


def test_the_whole_household_and_somebody_registered_elsewhere(clerk):
    """C-39: where it happened, not where somebody is registered; by number in the whole county."""
    aid = agree(propose(resident_id=head_of(HouseholdFactory()).pk, is_for_household=True))
    assert (aid.record.household, aid.record.resident, aid.record.coverage.count()) == (aid.household, None, 3)
    number = id_number()
    from tests.households.factories import person

    known = head_of(HouseholdFactory(in_neighbour=True, members=[person(number=number, name="邻县人")]))
    assert propose(number=number, person_name="说不清").resident == known
    assert Event.objects.get(verb="resident.looked_up").by_id == clerk.staff_id  # beyond the gate it counts as a look-up


def test_the_papers_complete_it_piece_by_piece(clerk):
    aid = agree(propose())
    assert urgent.missing(aid) == ["事后核实情况", "身份核实", "诚信承诺书", "核对授权书"]
    aid = transitions.add_papers(aid_id=aid.pk, promised_on=house_clock.today(), by=clerk)
    assert (aid.status, urgent.missing(aid)) == ("given", ["事后核实情况", "身份核实", "核对授权书"])
    number = id_number()
    aid = whole(aid, number=number, promised_on=None)
    assert (aid.status, aid.completed_by, kinds(aid)) == ("completed", clerk, set())
    person = Resident.objects.get(pk=aid.resident_id)
    assert (person.id_type, person) == ("resident", Resident.objects.with_number(number).get())
    with pytest.raises(AlreadyHandled, match=f"{clerk.staff.name}.*手续已补齐"):
        whole(aid)


def test_a_number_of_somebody_known_leads_the_record_there(clerk):
    number = id_number()
    from tests.households.factories import person

    known = head_of(HouseholdFactory(alone=True, members=[person(number=number)]))
    aid = whole(agree(propose()), number=number)
    record = AssistanceRecord.objects.get()
    assert (aid.resident, record.resident, [row.resident for row in record.coverage.all()]) == (known, known, [known])
    application = ApplicationFactory(submitted=True, household=known.memberships.get().household)
    aid = transitions.link_application(aid_id=aid.pk, application_id=application.pk, by=clerk)
    assert aid.application == application
    with pytest.raises(TransitionError, match="受助人家庭"):
        transitions.link_application(aid_id=aid.pk, application_id=ApplicationFactory(submitted=True).pk, by=clerk)


def test_what_is_missing_after_ten_days_is_listed_and_nothing_is_undone(clerk, platform, clock):
    aid = agree(propose())
    rows = UrgentAid.objects.visible_to(platform)
    assert ([*of_tab(rows, "papers")], [*of_tab(rows, "missing")]) == ([aid], [])
    clock.forward(days=30)
    assert ([*of_tab(rows, "papers")], [*of_tab(rows, "missing")]) == ([], [aid])
    assert UrgentPage(aid, clerk).is_late
    assert AssistanceRecord.objects.get() == aid.record
    assert whole(aid).status == "completed"


@pytest.mark.parametrize(("code", "after", "status"), [("MZ12", ["事后核实情况"], "given"), ("MZ11", [], "completed")])
def test_on_the_spot_at_the_unit(civil_officer, civil_approver, code, after, status):
    """救助站 without papers, 殡仪馆: decided at the unit at once, by two people; what is verified afterwards is asked for."""
    county = Region.objects.get(pk=cast.HOME)
    aid = propose(by=civil_officer, program_code=code, region=county, amount=None, in_kind="食宿两天", event="stranded")
    assert (aid.unit, aid.deciding_unit) == (civil_officer.unit, civil_officer.unit)
    aid = agree(aid, civil_approver)
    assert (aid.status, urgent.missing(aid), aid.record.in_kind) == (status, after, "食宿两天")
    if after:
        aid = transitions.add_papers(aid_id=aid.pk, finding="已联系家人接回。", by=civil_officer)
        assert aid.status == "completed"


def test_neighbours_do_not_see_it_and_colleagues_without_the_right(clerk, assistant):
    aid = propose()
    for outsider in ("neighbour_approver", "department_approver", "convener", "supervision"):
        with pytest.raises(Http404):
            agree(aid, cast.member(outsider))
    for colleague in ("clerk", "platform_approver"):
        with pytest.raises(PermissionDenied):
            agree(aid, cast.member(colleague))
    with pytest.raises(PermissionDenied):
        propose(by=assistant)


def test_every_state_and_verb(clerk, approver):
    """All pairs that the edges do not hold are refused."""
    aid = propose()
    verbs = {
        "given": [agree, lambda row: transitions.note_telephone_consent(aid_id=row.pk, leader=approver, by=clerk)],
        "declined": [lambda row: transitions.decline_urgent(aid_id=row.pk, reason="否", by=approver)],
    }
    for status, targets in EDGES.items():
        if status == "proposed":
            continue
        for target in {"given", "declined"} - set(targets):
            for verb in verbs[target]:
                with transaction.atomic():
                    _pretend(aid, status, approver)
                    with pytest.raises(AlreadyHandled):
                        verb(aid)
                    transaction.set_rollback(True)


def _pretend(aid, status, by):
    if status == "declined":
        transitions.decline_urgent(aid_id=aid.pk, reason="否", by=by)
        return
    agree(aid)
    if status == "completed":
        whole(aid)


def test_the_event_failing_undoes_all(clerk, monkeypatch):
    aid = propose()

    def closed(*_args, **_kwargs):
        raise RuntimeError("the record is closed")

    monkeypatch.setattr("referrals.transitions.urgent.record", closed)
    with pytest.raises(RuntimeError):
        agree(aid)
    assert not AssistanceRecord.objects.exists()
    assert UrgentAid.objects.get().status == "proposed"


def test_the_pages(clerk, approver, signed_in):
    typed = {"program": "MZ04", "person_name": "虚老汉", "region": cast.VILLAGE, "happened_on": house_clock.today().isoformat(), **SAID}
    client = signed_in(clerk)
    assert client.post("/urgent/new/", {**typed, "amount": ""}).status_code == 422
    url = client.post("/urgent/new/", typed).url
    page = client.get(url).content.decode()
    assert "登记电话同意" in page
    assert ">同意，立即救助" not in page
    leader = signed_in(approver)
    assert ">同意，立即救助" in leader.get(url).content.decode()
    assert leader.post(f"{url}agree/").url == url
    assert "手续" in client.get(f"{url}papers/").content.decode()
    assert client.post(f"{url}papers/", {"finding": "事由属实。"}).url == url
    listed = client.get("/urgent/?tab=papers").content.decode()
    assert "身份核实、诚信承诺书、核对授权书" in listed
    assert "困难家庭应急救助" in client.get(url).content.decode()


def test_constraints(clerk, approver):
    aid, now = propose(), house_clock.now()
    for constraint, changed in [
        ("urgent_aid_says_what_happened_and_who_vouches", {"voucher": ""}),
        ("urgent_aid_says_how_much_or_what", {"amount": None, "in_kind": ""}),
        ("urgent_aid_given_has_consent_and_record", {"status": "given"}),
        ("declined_urgent_aid_says_who_and_why", {"status": "declined"}),
        ("confirmation_of_a_consent_says_who_and_when", {"confirmation": "agreed"}),
    ]:
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            UrgentAid.objects.filter(pk=aid.pk).update(**changed)
    agree(aid)
    for constraint, changed in [
        ("leader_is_not_the_proposer", {"leader_staff": clerk.staff}),
        ("completed_urgent_aid_says_who_and_when", {"status": "completed"}),
        ("completed_urgent_aid_says_who_and_when", {"completed_at": now, "completed_by": clerk}),
    ]:
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            UrgentAid.objects.filter(pk=aid.pk).update(**changed)
    twin = UrgentAid.objects.get(pk=propose(repeat_reason="另一处起火").pk)
    twin.pk, twin.number, twin._state.adding = None, "JN0", True
    with pytest.raises(IntegrityError, match="one_urgent_aid_per_person_and_event"), transaction.atomic():
        twin.save(force_insert=True)
