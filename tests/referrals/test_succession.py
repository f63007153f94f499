"""A department that ends loses nobody (RULES F7): every thing that lies open there is found at its successor, once, with its clock."""

from datetime import timedelta

import pytest
from django.apps import apps
from django.db import models
from django.urls import reverse

from audit.models import Event
from config import clock as house_clock
from config.verbs import AlreadyHandled, TransitionError
from deadlines import transitions as clocks
from deadlines.models import Duty, Notice
from households.models import Access, AssistanceRecord, Fact, FactRequest, Household, IdentityTag
from households.transitions import answer_fact, ask_for_fact, let_in
from intake import transitions as window
from intake.models import Request
from organization.models import Post, Unit
from organization.transitions.units import end_unit
from programs.models import FactKind, Program
from referrals import transitions
from referrals.models import ListEntry, MonthlyList, Referral, UrgentAid
from referrals.tasks import follow_successors
from tests import cast
from tests.deadlines.factories import open_duty
from tests.guards.test_models import our_models
from tests.households.factories import HouseholdFactory, assistance, head_of, tag
from tests.intake.factories import RequestFactory, family
from tests.racing import race
from tests.referrals.acting import fresh
from tests.referrals.factories import ReferralFactory, desk_of

MOVED, READ, PAST, STAYS = "moves", "is read through its successor", "says who did it", "is of units that no verb ends"
# Every column that names a unit, and what becomes of it when that unit has ended. A new one is not forgotten: the test below fails.
FATE = {
    "deadlines.Duty.unit": MOVED,
    "deadlines.Notice.unit": MOVED,  # what nobody has read yet
    "documents.Attachment.unit": PAST,
    "documents.IssuedDocument.unit": PAST,
    "households.Access.unit": MOVED,
    "households.AssistanceRecord.unit": MOVED,  # while it is in force
    "households.FactRequest.unit": MOVED,  # while it is not answered; then it is read through the successor
    "households.IdentityTag.unit": MOVED,  # while it stands
    "households.PaymentList.unit": PAST,  # whose it is now says its program
    "households.RegistryChange.unit": STAYS,  # a township's window
    "intake.Application.unit": STAYS,
    "intake.Request.registered_unit": MOVED,  # while it is open
    "intake.Request.window": STAYS,
    "intake.RequestHandover.from_unit": STAYS,
    "intake.RequestHandover.to_unit": STAYS,
    "intake.SupplementLine.unit": PAST,
    "intake.Visit.unit": STAYS,
    "monitoring.BulletinLine.unit": PAST,
    "monitoring.CheckPurpose.unit": READ,
    "monitoring.DayClose.unit": STAYS,
    "monitoring.Delivery.unit": READ,
    "monitoring.Doubt.unit": STAYS,  # a township's
    "monitoring.MonthClose.unit": STAYS,
    "monitoring.ReviewList.unit": READ,
    "monitoring.SupervisionOrder.issuer": STAYS,
    "monitoring.SupervisionOrder.unit": READ,  # by whoever works on for it (`reaching`); its duty moves
    "monitoring.WrittenReminder.unit": READ,
    "organization.Post.unit": PAST,  # ends with its unit: `effective`
    "organization.ReviewOffice.office": MOVED,  # by the verb itself, as dated rows
    "organization.Unit.successor": READ,
    "referrals.ChangeReport.unit": STAYS,  # a township's window
    "referrals.Dispute.proposed_unit": MOVED,  # while nobody has answered it
    "referrals.Dispute.sent_to": PAST,
    "referrals.Dispute.unit": PAST,
    "referrals.MonthlyList.unit": MOVED,
    "referrals.Publicity.unit": PAST,  # who ends it is asked of the referral
    "referrals.Referral.unit": MOVED,  # while it is open
    "referrals.Referral.window": STAYS,
    "referrals.ReferralStage.unit": PAST,
    "referrals.Ruling.named_unit": READ,
    "referrals.UrgentAid.deciding_unit": MOVED,
    "referrals.UrgentAid.unit": MOVED,
    "spreadsheets.Batch.unit": READ,
    "spreadsheets.Export.unit": READ,
    "spreadsheets.ReportApproval.unit": READ,  # it runs no more: whoever works on proposes it in the own name
    "spreadsheets.SuperiorForm.unit": READ,
    "spreadsheets.Mapping.unit": PAST,  # the successor says of its own files which column is which
    "verification.Investigator.unit": PAST,
    "verification.Verification.unit": STAYS,
    "verification.VisitRequest.unit": STAYS,
    # departments
    "households.Budget.department": READ,
    "monitoring.SummaryCell.department": MOVED,  # counted anew: a program's other department marks every month
    "organization.Department.successor": READ,
    "organization.Parameter.department": PAST,  # the page before says that figures are to be set anew
    "organization.ReviewOffice.department": PAST,  # of no program any more
    "organization.Unit.department": READ,
    "programs.FactKind.holder": MOVED,
    "programs.Program.department": MOVED,
    "programs.Stage.department": READ,
}


def test_every_column_that_names_a_unit_says_what_becomes_of_it():
    named = {
        f"{model._meta.app_label}.{model.__name__}.{field.name}"
        for model in our_models()
        for field in model._meta.concrete_fields
        if isinstance(field, models.ForeignKey) and field.related_model in {Unit, apps.get_model("organization.Department")}
    }
    assert named == set(FATE)


pytestmark = pytest.mark.django_db


@pytest.fixture
def dissolved(system_administrator, clock):
    """县残联 ends today, 县教委 works on; called, it is tomorrow."""

    def ends(heir=None):
        old, heir = desk_of("CL"), heir or desk_of("JW")
        end_unit(unit_id=old.pk, successor_id=heir.pk, last_day=house_clock.today(), by=system_administrator)
        clock.forward(days=1)
        return old, heir

    return ends


def left_at(unit):
    """Everything open that still names the unit."""
    today = house_clock.today()
    return {
        "duties": Duty.objects.open().filter(unit=unit).count(),
        "requests": Request.objects.open().filter(registered_unit=unit).count(),
        "accesses": Access.objects.filter(unit=unit).open(today).count(),
        "records": AssistanceRecord.objects.in_force(today).filter(unit=unit).count(),
        "tags": IdentityTag.objects.standing(today).filter(unit=unit).count(),
        "lists": MonthlyList.objects.filter(unit=unit).count(),
        "urgent": UrgentAid.objects.filter(unit=unit, status__in=UrgentAid.OPEN).count(),
        "programs": Program.objects.filter(department=unit.department_id).count() if unit.department_id else 0,
    }


def test_nothing_stays_at_the_desk_of_a_dissolved_department(dissolved, officer, neighbour_officer, clerk, clock):
    old, heir = desk_of("CL"), desk_of("JW")
    household = HouseholdFactory()
    request, back = RequestFactory(by=officer), RequestFactory(by=officer)
    window.return_request(request_id=back.pk, reason="缺电话。", by=clerk)
    duty = open_duty(officer)
    clocks.take(duty_id=duty.pk, by=officer)
    due = Duty.objects.get(pk=duty.pk).due_at
    let_in(household=household, unit=old, reason=Access.Reason.ROLL, subject=household, by=officer)
    record, identity = assistance(household, "CL01"), tag(head_of(household), "severe_disability", unit=old)
    listed = MonthlyList.objects.create(
        program_id="CL01", version=Program.objects.get(pk="CL01").versions.first(), unit=old, month=house_clock.today().replace(day=1),
        prepared_at=house_clock.now(), prepared_by=officer,
    )  # fmt: skip
    ListEntry.objects.create(monthly_list=listed, household=household, region_code=cast.VILLAGE)
    kind = FactKind.objects.filter(holder=old.department_id).first()
    dissolved()
    before = {name: count for name, count in left_at(old).items() if count}
    assert set(before) == {"duties", "requests", "accesses", "records", "tags", "lists", "programs"}
    assert follow_successors() > 0
    assert set(left_at(old).values()) == {0}
    duty.refresh_from_db()
    assert (duty.unit, duty.taken_by, duty.due_at) == (heir, None, due)
    assert {row.registered_unit for row in Request.objects.filter(pk__in=[request.pk, back.pk])} == {heir}
    assert Duty.objects.open().about(back).get().unit == heir
    assert household in Household.objects.visible_to(neighbour_officer)
    assert household not in Household.objects.visible_to(officer)
    for row in (record, identity, listed):
        row.refresh_from_db()
        assert row.unit == heir
    assert Program.objects.get(pk="CL01").department == heir.department
    assert kind is None or FactKind.objects.get(pk=kind.pk).holder == heir.department
    # the successor completes what came back, and its own people alone do
    window.push_request(request_id=back.pk, addition="电话已补。", by=neighbour_officer)
    assert not Post.objects.effective(house_clock.today()).filter(unit=old).exists()
    # once more it finds nothing; one line for each thing
    lines = Event.objects.count()
    assert follow_successors() == 0
    assert Event.objects.count() == lines
    assert Event.objects.about(request).filter(verb="request.succeeded").count() == 1
    assert Event.objects.about(duty).filter(verb="duty.succeeded").count() == 1
    # what comes later for the old desk goes to the new one at once
    assert open_duty(cast.member("officer")).unit == heir
    clocks.announce("test.told", household, to=Unit.objects.get(pk=old.pk), title="消息")
    assert Notice.objects.latest("created_at").unit == heir


def test_its_people_are_asked_about_what_was_closed_before(dissolved, neighbour_officer, neighbour_clerk, signed_in):
    """Closed cases stay where they were closed, and are read by whoever works on; so is the sensitive aid that goes on."""
    closed = ReferralFactory(program="CL01", confirmed=True)
    sensitive = assistance(head_of(HouseholdFactory()), "FL01")
    answered = RequestFactory(by=cast.member("officer"))
    window.answer_request(request_id=answered.pk, text="已告知怎样申请。", by=cast.member("clerk"))
    let_in(
        household=sensitive.resident.memberships.get().household, unit=desk_of("FL"), reason=Access.Reason.ROLL, subject=sensitive,
        by=neighbour_officer,
    )  # fmt: skip
    today = house_clock.today()
    end_unit(unit_id=desk_of("FL").pk, successor_id=neighbour_officer.unit_id, last_day=today, by=cast.member("system_administrator"))
    assert not Referral.objects.visible_to(neighbour_officer).filter(pk=closed.pk).exists()
    old, heir = dissolved()
    follow_successors()
    assert fresh(closed).unit != heir
    assert Referral.objects.readable_by(neighbour_officer).filter(pk=closed.pk).exists()
    assert not Referral.objects.visible_to(neighbour_clerk).filter(pk=closed.pk).exists()
    assert answered in Request.objects.visible_to(neighbour_officer)
    records = AssistanceRecord.objects.visible_to(neighbour_officer).shown_to(neighbour_officer)
    assert sensitive in records
    assert neighbour_officer.department_codes == {"JW", "CL", "FL"}
    client = signed_in(neighbour_officer)
    assert closed.number in client.get(reverse("referrals:referral_list"), {"tab": "closed"}).content.decode()
    assert client.get(closed.get_absolute_url()).status_code == 200
    assert client.get(reverse("referrals:record_detail", args=[sensitive.pk])).status_code == 200


def test_what_a_department_was_asked_for_and_answered_is_read_by_its_successor(dissolved, officer, neighbour_officer, signed_in):
    """As long as the household is seen, and no longer; of the household the card and that fact."""
    household = HouseholdFactory()
    row = ask_for_fact(household_id=household.pk, kind_key="disability_card", resident_id=head_of(household).pk, by=cast.member("clerk"))
    row = answer_fact(request_id=row.pk, value=True, found_on=house_clock.today(), source="残疾人证库", by=officer)
    assert not FactRequest.objects.visible_to(neighbour_officer).exists()
    dissolved()
    follow_successors()
    assert list(FactRequest.objects.visible_to(neighbour_officer)) == [row]
    assert row.fact in Fact.objects.visible_to(neighbour_officer)
    client = signed_in(neighbour_officer)
    assert head_of(household).name in client.get(f"{reverse('households:fact_request_list')}?tab=done").content.decode()
    assert "已核实" in client.get(row.get_absolute_url()).content.decode()
    assert "残疾人证" in client.get(household.get_absolute_url()).content.decode()
    Access.objects.filter(household=household).update(until=house_clock.today() - timedelta(days=1))
    assert not FactRequest.objects.visible_to(neighbour_officer).exists()


def test_urgent_aid_and_disputes_go_along(dissolved, clerk, neighbour_officer):
    old, heir = desk_of("CL"), desk_of("JW")
    disputed = ReferralFactory(program="MZ04", received=True)
    transitions.dispute(referral_id=disputed.pk, proposed_unit=old, reason="残疾人事务。", by=cast.member("reviewer"))
    aid = transitions.propose_urgent(
        program_code="MZ04", person_name="虚老汉", region=cast.unit_of("village_window", cast.VILLAGE).region, event="fire",
        happened_on=house_clock.today(), story="灶房起火。", voucher="村主任在场", amount=800, by=clerk,
    )  # fmt: skip
    UrgentAid.objects.filter(pk=aid.pk).update(unit=old, deciding_unit=old)
    Duty.objects.open().about(aid).update(unit=old)
    dissolved()
    follow_successors()
    aid.refresh_from_db()
    assert (aid.unit, aid.deciding_unit, Duty.objects.open().about(aid).get().unit) == (heir, heir, heir)
    assert disputed.disputes.get().proposed_unit == heir
    assert follow_successors() == 0


def test_a_village_joins_another_with_its_families_and_requests(system_administrator, assistant, other_assistant, clock):
    household = family()
    kept = RequestFactory(kept=True)
    into = other_assistant.unit
    end_unit(unit_id=assistant.unit_id, successor_id=into.pk, last_day=house_clock.today(), by=system_administrator)
    assert household in Household.objects.visible_to(assistant)  # its last day
    clock.forward(days=1)
    follow_successors()
    household.refresh_from_db()
    assert household.region == into.region
    assert {row.resident.region_id for row in household.memberships.open()} == {into.region_id}
    assert household in Household.objects.visible_to(other_assistant)
    assert Event.objects.about(household).filter(verb="household.moved").count() == 1
    kept.refresh_from_db()
    assert (kept.registered_unit, Duty.objects.open().about(kept).get().unit) == (into, into)
    window.push_request(request_id=kept.pk, by=other_assistant)
    assert follow_successors() == 0


def test_a_village_where_nobody_is_left_is_helped_by_the_window(assistant, clerk, security_administrator):
    from organization.transitions import posts

    kept, pushed = RequestFactory(kept=True), RequestFactory()
    posts.end(post_id=assistant.pk, reason="调离", by=security_administrator)
    assert follow_successors() == 1
    kept.refresh_from_db()
    pushed.refresh_from_db()
    assert (kept.registered_unit, pushed.registered_unit) == (clerk.unit, assistant.unit)
    assert window.push_request(request_id=kept.pk, by=clerk).status == "pushed"


def test_an_office_passes_its_reviews_to_another(system_administrator, clock):
    from organization.models import Department

    old, heir = (cast.unit_of("township_office", f"{cast.HOME}:{office}") for office in ("education", "construction"))
    end_unit(unit_id=old.pk, successor_id=heir.pk, last_day=house_clock.today(), by=system_administrator)
    department = Department.objects.get(code="JW").pk
    assert Unit.objects.reviewing(department, cast.HOME, house_clock.today()) == old
    clock.forward(days=1)
    assert Unit.objects.reviewing(department, cast.HOME, house_clock.today()) == heir


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_move_each_thing_once(dissolved, officer):
    referral, request = ReferralFactory(program="CL01", in_hand=True), RequestFactory(by=officer)
    dissolved()
    assert all(isinstance(answer, int) for answer in race(follow_successors, follow_successors))
    assert fresh(referral).unit == desk_of("JW")
    assert Event.objects.about(referral).filter(verb="referral.succeeded").count() == 1
    assert Event.objects.about(request).filter(verb="request.succeeded").count() == 1
    assert Program.objects.get(pk="CL01").department == desk_of("JW").department


def published(program="CL01"):
    """At 县残联, which puts up the notice itself: up since today, for five working days."""
    return fresh(ReferralFactory(program=program, publicising=True))


def test_a_notice_that_hangs_is_ended_by_the_successor(dissolved, neighbour_officer, neighbour_department_approver, clock):
    """What the dissolved department put up goes on hanging; the heir waits for its days, registers its end and sends the case on."""
    referral = published()
    notice = referral.publicities.get()
    old, heir = dissolved()
    follow_successors()
    assert Duty.objects.open().about(referral, "end_publicity").get().unit == heir
    transitions.take(referral_id=referral.pk, by=neighbour_officer)
    stage = Duty.objects.open().about(referral, "stage").get()
    assert (stage.unit, stage.due_at) == (heir, None)  # nobody is late with waiting for the notice
    with pytest.raises(AlreadyHandled, match="登记公示，公示到"):
        transitions.post_publicity(referral_id=referral.pk, place="县政府公告栏", starts_on=house_clock.today(), by=neighbour_officer)
    clock.forward(days=(notice.ends_on - house_clock.today()).days + 1)
    transitions.end_publicity(publicity_id=notice.pk, by=neighbour_officer)
    assert not Duty.objects.open().about(referral, "end_publicity").exists()
    assert Duty.objects.open().about(referral, "stage").get().due_at is not None
    with pytest.raises(AlreadyHandled, match="公示已于.*期满，请直接送下一环节"):
        transitions.post_publicity(referral_id=referral.pk, place="县政府公告栏", starts_on=house_clock.today(), by=neighbour_officer)
    assert transitions.forward(referral_id=referral.pk, by=neighbour_officer).stage.act == "decide"


def test_a_notice_is_ended_also_where_the_successor_has_begun_with_a_running_clock(dissolved, neighbour_officer, clock):
    """As it was signed for before: its stage was not made to stand, and there is nothing to start again."""
    referral = published()
    notice = referral.publicities.get()
    dissolved()
    follow_successors()
    transitions.take(referral_id=referral.pk, by=neighbour_officer)
    clocks.resume(subject=referral, kind="stage", by=neighbour_officer)
    clock.forward(days=(notice.ends_on - house_clock.today()).days + 1)
    transitions.end_publicity(publicity_id=notice.pk, by=neighbour_officer)
    assert transitions.forward(referral_id=referral.pk, by=neighbour_officer).stage.act == "decide"


def test_a_notice_that_has_done_its_days_is_not_put_up_again_by_the_successor(dissolved, neighbour_officer):
    referral = fresh(ReferralFactory(program="CL01", publicised=True))
    dissolved()
    follow_successors()
    transitions.take(referral_id=referral.pk, by=neighbour_officer)
    assert transitions.forward(referral_id=referral.pk, by=neighbour_officer).stage.act == "decide"


def test_after_a_second_review_the_successor_puts_it_up_again(dissolved, officer, department_approver, neighbour_officer, clock):
    """Its earlier stay at the stage ended otherwise: what hung then does not count."""
    referral = published()
    notice = transitions.object(publicity_id=referral.publicities.get().pk, text="有货车", by=officer)
    transitions.end_publicity(publicity_id=notice.pk, objection_result="founded", objection_note="查实", by=officer)
    clock.forward(minutes=1)
    transitions.send_back(referral_id=referral.pk, reason="重新审核", by=officer)
    transitions.take(referral_id=referral.pk, by=officer)
    transitions.propose(referral_id=referral.pk, proposal="货车已过户。", outcome="approved", by=officer)
    transitions.forward(referral_id=referral.pk, by=department_approver)
    dissolved()
    follow_successors()
    transitions.take(referral_id=referral.pk, by=neighbour_officer)
    with pytest.raises(TransitionError, match="还没有登记公示"):
        transitions.forward(referral_id=referral.pk, by=neighbour_officer)


def test_an_appraisal_that_was_waited_for_holds_the_promise_no_longer(dissolved, officer, neighbour_officer, clock):
    """As with every other departure: the promise runs, and the successor stops it where it waits for the appraisal too."""
    referral = fresh(ReferralFactory(program="CL01", in_hand=True))
    transitions.begin_appraisal(referral_id=referral.pk, reason="等县医院评残", by=officer)
    dissolved()
    follow_successors()
    promise = Duty.objects.open().about(referral, "promise").get()
    assert promise.due_at is not None
    transitions.take(referral_id=referral.pk, by=neighbour_officer)
    assert Duty.objects.open().about(referral, "stage").get().due_at is not None
    transitions.begin_appraisal(referral_id=referral.pk, reason="仍等县医院评残", by=neighbour_officer)
    clock.forward(days=3)
    transitions.end_appraisal(referral_id=referral.pk, by=neighbour_officer)
    assert Duty.objects.open().about(referral, "promise").get().due_at >= promise.due_at
    assert Duty.objects.open().about(referral, "stage").get().due_at is not None
