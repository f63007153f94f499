"""Every kind of track walks as its data says (ZX-31 to ZX-33), and several programs and people travel in one application (TZ-14, TZ-27)."""

from datetime import timedelta

import pytest

from audit.models import Event
from config import clock as house_clock
from config.verbs import TransitionError
from deadlines.models import Duty
from households.models import AssistanceRecord, Fact
from intake import transitions as window
from intake.models import SupplementNotice
from intake.transitions import hand_out_card
from organization.models import Department, Unit
from organization.transitions.units import dissolve_department
from programs.models import Program
from referrals import transitions
from referrals.models import Referral
from referrals.tasks import follow_successors
from referrals.transitions import succession
from tests import cast
from tests.intake.factories import ApplicationFactory, VisitFactory, add, family, fill_in, people
from tests.organization.factories import PostFactory
from tests.programs.factories import next_version
from tests.referrals.acting import fresh, open_kinds
from tests.referrals.factories import ReferralFactory, accepted, approver_of, desk_of, handler_of, office_of
from verification.models import Verification

pytestmark = pytest.mark.django_db


@pytest.fixture
def staffed():
    """Desks of departments that the cast does not staff, for as long as a walk with its publicity takes."""

    def staff(*codes):
        with house_clock.set_clock(house_clock.now() - timedelta(days=20)):
            for code in codes:
                for rank in ("handler", "approver"):
                    PostFactory(granted=True, unit=code if isinstance(code, Unit) else desk_of(code), rank=rank)

    return staff


def walked(referral):
    rows = referral.walked.select_related("stage", "unit__department").order_by("arrived_at", "pk")
    return [(row.stage.act, row.unit.department.code if row.unit.department else row.unit.kind) for row in rows]


OFFICE, WINDOW = "township_office", "township_window"
OF_AN_OFFICE = {"RS07": "social_security", "ZJ01": "construction"}  # other than civil affairs


@pytest.mark.parametrize(
    ("program", "track", "way"),
    [
        # the township decides
        ("RS07", "ordinary", [("decide", OFFICE)]),
        # the township reviews, 残联 between, the county decides
        ("MZ02", "ordinary", [("review", OFFICE), ("co_review", "CL"), ("decide", "MZ")]),
        # the window's completeness is the township's review: the county decides
        ("CL03", "ordinary", [("decide", "CL")]),
        # direct, of a program that is also applied for
        ("YB01", "direct", [("decide", "YB")]),
        # nothing is put up of a child
        ("MZ09", "unsupported_child", [("review", OFFICE), ("decide", "MZ")]),
        # without verification beforehand
        ("YJ01", "ordinary", [("review", OFFICE), ("decide", "YJ")]),
        # the village's meeting and notice, which the window registers; then township and county (C-45)
        ("YJ01", "reconstruction", [("review", WINDOW), ("publicise", WINDOW), ("review", OFFICE), ("decide", "YJ")]),
        # the household asks, the village appraises, the township's construction office reviews, the county decides (C-49)
        ("ZJ01", "ordinary", [("review", WINDOW), ("publicise", WINDOW), ("review", OFFICE), ("decide", "ZJ")]),
    ],
)
def test_a_track_walks_as_its_data_says(staffed, program, track, way):
    staffed(*{code for _, code in way} - {OFFICE, WINDOW, "CL", "MZ"})
    if program in OF_AN_OFFICE:
        staffed(office_of(cast.member("clerk").unit, OF_AN_OFFICE[program]))
    referral = fresh(ReferralFactory(program=program, track=track, approved=True))
    assert walked(referral) == way
    assert (referral.status, referral.outcome, open_kinds(referral)) == ("decided", "approved", {"feedback"})
    kind = Program.objects.get(pk=program).kind
    assert Fact.objects.filter(decision_id=referral.pk).exists() == (kind == "registration")
    assert AssistanceRecord.objects.filter(decision_id=referral.pk).exists() == (kind not in {"registration", "identity"})


def test_what_needs_no_verification_is_to_be_sent_on_the_day_of_acceptance(clerk, clock):
    """Its duty ends with that day; what is verified first is sent until the verification must have begun (C-03)."""
    application = accepted([("JT01", "ordinary"), ("MZ04", "ordinary")], verified=False)
    duty = Duty.objects.open().about(application, "dispatch").get()
    assert (duty.unit, duty.rule, duty.until) == (clerk.unit, "fixed_date", house_clock.today())
    transitions.dispatch(application_id=application.pk, by=clerk)
    assert not Duty.objects.open().about(application).exists()
    later = Duty.objects.open().about(accepted([("MZ04", "ordinary")], verified=False), "dispatch").get()
    assert (later.rule, later.limit, later.due_at > duty.due_at) == ("working_days", 3, True)


@pytest.mark.parametrize("code", ["RS01", "RS04"])
def test_employer_programs_are_advice_alone(clerk, code):
    """A card with where the employer goes, recorded; nothing is asked for."""
    visit = VisitFactory(answered=True)
    paper = hand_out_card(visit_id=visit.pk, program_codes=[code], by=clerk)
    [item] = paper.data["items"]
    assert Program.objects.get(pk=code).seed_name == item["program"]
    assert "用人单位" in item["by_date"]
    assert Event.objects.get(verb="visit.card_handed_out").data["programs"] == [code]
    with pytest.raises(TransitionError, match="由用人单位申请"):
        add(ApplicationFactory(drafted=True), code)


def test_three_children_of_one_family_under_different_programs(clerk, reviewer, neighbour_officer):
    """多事一流程: one application, one verification, one notice; each unit sends back once (TZ-14)."""
    household = family(children=3)
    children = people(household)[2:]
    application = ApplicationFactory(drafted=True, household=household)
    for code, child in zip(["MZ03", "MZ02", "JW04"], children, strict=True):
        add(application, code, resident=child)
    add(application, "MZ04")
    application = window.accept(application_id=window.submit(application_id=fill_in(application).pk, by=clerk).pk, by=clerk)
    rows = {row.program_id: row for row in transitions.dispatch(application_id=application.pk, by=clerk)}
    assert Verification.objects.filter(household=household).count() == 1
    assert [rows[code].resident for code in ("MZ03", "MZ02", "JW04")] == children
    assert {code: row.unit for code, row in rows.items()} == {
        **dict.fromkeys(("MZ03", "MZ02", "MZ04"), reviewer.unit), "JW04": neighbour_officer.unit,
    }  # fmt: skip
    # the office and the education desk send back together
    for code, by, lines in [("MZ03", reviewer, ["残疾人证"]), ("MZ02", reviewer, ["在读证明"]), ("JW04", neighbour_officer, ["学籍证明"])]:
        transitions.take(referral_id=rows[code].pk, by=by)
        transitions.return_for_supplement(referral_id=rows[code].pk, lines=lines, by=by)
    transitions.gather_supplement(application_id=application.pk, by=clerk)
    notice = SupplementNotice.objects.get(application=application)
    assert sorted(line.text for line in notice.lines.all()) == ["在读证明", "学籍证明", "残疾人证"]
    with pytest.raises(TransitionError):
        transitions.resubmit(referral_id=rows["MZ03"].pk, by=clerk)
    window.answer_supplement(application_id=application.pk, by=clerk)
    for code in ("MZ03", "MZ02", "JW04"):
        transitions.resubmit(referral_id=rows[code].pk, by=clerk)
    transitions.take(referral_id=rows["JW04"].pk, by=neighbour_officer)
    with pytest.raises(TransitionError, match="最多退回1次"):
        transitions.return_for_supplement(referral_id=rows["JW04"].pk, lines=["再要一份"], by=neighbour_officer)
    # what was not sent back went on meanwhile
    assert Referral.objects.get(pk=rows["MZ04"].pk).status == "dispatched"


def test_a_new_version_in_the_middle_leaves_running_cases_alone(clerk):
    referral = fresh(ReferralFactory(program="CL01", in_hand=True))
    waiting = ApplicationFactory(submitted=True, programs=[("CL01", "ordinary")])
    version = next_version("CL01", valid_from=house_clock.today())
    assert fresh(referral).version != version
    transitions.propose(referral_id=referral.pk, proposal="适配。", outcome="approved", by=handler_of(referral.unit))
    transitions.forward(referral_id=referral.pk, opinion="同意。", by=approver_of(referral.unit))
    referral = fresh(referral)
    assert referral.stage.track_id == referral.track_id == referral.version.main_track.pk
    # handed in under the old one: accepted under it
    assert window.accept(application_id=waiting.pk, by=clerk).items.get().version == referral.version
    assert add(ApplicationFactory(drafted=True), "CL01").version == version


def test_what_lies_open_goes_to_the_successor_of_a_dissolved_department(system_administrator, clerk, clock, monkeypatch):
    """县残联 into 县教委, say: in hand, decided, returned and still to come; the promise runs on, the rest begins there."""
    in_hand, decided = ReferralFactory(program="CL01", in_hand=True), ReferralFactory(program="CL01", approved=True)
    returned = ReferralFactory(program="CL01", returned=True)
    heir = desk_of("JW")
    disabled, education = Department.objects.get(code="CL"), Department.objects.get(code="JW")
    with pytest.raises(TransitionError, match="另一个在用的部门"):
        dissolve_department(department=disabled, successor=disabled, last_day=house_clock.today(), by=system_administrator)
    dissolve_department(department=disabled, successor=education, last_day=house_clock.today(), by=system_administrator)
    with pytest.raises(TransitionError, match="已于"):
        dissolve_department(department=disabled, successor=education, last_day=house_clock.today(), by=system_administrator)
    assert follow_successors() == 0  # its last day
    promise = Duty.objects.open().about(in_hand, "promise").get().due_at
    clock.forward(days=1)
    with monkeypatch.context() as patch:  # one that cannot move holds up nobody
        real = succession.succeed

        def succeed(*, referral_id, by):
            if referral_id == decided.pk:
                raise TransitionError("没有设立办理单位")
            return real(referral_id=referral_id, by=by)

        patch.setattr(succession, "succeed", succeed)
        assert follow_successors() > 1
    assert follow_successors() == 1
    in_hand, decided = fresh(in_hand), fresh(decided)
    assert (in_hand.status, in_hand.unit, in_hand.handler) == ("dispatched", heir, None)
    assert [(row.unit.department.code, row.result) for row in in_hand.walked.order_by("arrived_at")] == [("CL", "succeeded"), ("JW", "")]
    assert Duty.objects.open().about(in_hand, "promise").get().due_at == promise
    assert Duty.objects.open().about(in_hand, "receive").get().unit == heir
    assert (decided.status, decided.unit) == ("decided", heir)
    assert Duty.objects.open().about(decided, "feedback").get().unit == heir
    assert follow_successors() == 0
    # it goes on there, and what comes later goes there at once
    transitions.take(referral_id=in_hand.pk, by=cast.member("neighbour_officer"))
    transitions.propose(referral_id=in_hand.pk, proposal="适配。", outcome="approved", by=cast.member("neighbour_officer"))
    transitions.forward(referral_id=in_hand.pk, by=cast.member("neighbour_department_approver"))
    assert fresh(in_hand).unit == heir
    transitions.feed_back(referral_id=decided.pk, text="请告知。", by=cast.member("neighbour_officer"))
    transitions.resubmit(referral_id=returned.pk, by=clerk)
    assert fresh(returned).unit == heir
    assert ReferralFactory(program="CL01").unit == heir
    assert Unit.objects.get(department=disabled).valid_until < house_clock.today()
