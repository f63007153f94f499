"""定期复核: opened for every regular record by its class, done by a short verb, the next one opened (XX-25, C-14, C-15)."""

from datetime import date

import pytest
from django.db import connection
from django.http import Http404
from django.test.utils import CaptureQueriesContext

from audit.models import Event
from audit.presenters import phrase
from config import clock as clocks
from config.verbs import TransitionError
from deadlines.models import Duty, Notice
from households.models import AssistanceRecord, Resident
from households.transitions import add_member, end_membership
from organization.models import Post, Region, ReviewOffice, Unit
from referrals import reviews, transitions
from referrals.tasks import open_due_reviews
from tests import cast
from tests.households import factories as households
from tests.households.test_rolls import Roll, row
from tests.referrals.changing import aid, decided, opened, ward_aid
from tests.referrals.registering import confirmed, neighbour, proposed

FIGURES = {
    "rhythm": {"mz01_urban": 1, "mz01_rural": 3},
    "classes": {"severely_ill_or_disabled": 12, "stable": 6, "able_to_work_urban": 1, "able_to_work_rural": 3},
    "national": {"stable": 12, "unstable_or_able_to_work": 6},
}


@pytest.mark.parametrize(
    ("program", "home", "months", "words"),
    [
        ("MZ01", {"setting": "urban"}, 1, "城市低保"),
        ("MZ01", {"setting": "rural", "is_unstable": True}, 3, "农村低保"),
        ("MZ01", {"setting": "urban", "is_severe": True}, 12, "低保，有重病重残人员"),
        ("MZ07", {"setting": "rural"}, 12, "定期救助，情况稳定"),
        ("MZ02", {"is_unstable": True}, 6, "定期救助，收入不稳定或有劳动能力"),
        ("MZ02", {"is_unstable": True, "is_severe": True}, 12, "定期救助，有重病重残人员"),
    ],
)
def test_the_class_says_how_often(program, home, months, words):
    home = reviews.Household(**home)
    assert reviews.months_between(program, home, **FIGURES) == months
    assert reviews.class_name(program, home) == words


@pytest.fixture
def system(db):
    return Post.objects.the_system()


def due(record):
    return Duty.objects.open().about(record, "review").first()


def test_reviews_are_opened_for_whatever_lacks_one(system, civil_officer):
    poor, ward, once = aid(), ward_aid("MZ02"), aid("MZ04", cadence="once", until=date(2026, 5, 1))
    severe, ill, able = aid(), aid(), ward_aid("MZ02")
    households.tag(households.head_of(severe.household), "severe_disability")
    households.fact(households.head_of(ill.household), "major_illness", True)
    households.fact(able.resident, "labour_capacity", "able")
    orphan = ward_aid("MZ09")
    changing = opened("stop").record
    assert transitions.open_reviews(by=system) == 6
    every = (poor, ward, once, severe, ill, able, orphan, changing)
    assert [due(record) and due(record).limit for record in every] == [3, 12, None, 12, 12, 6, 12, None]
    duty = due(poor)
    assert (duty.unit, duty.due_at is not None, duty.url) == (cast.member("reviewer").unit, True, f"/records/{poor.pk}/")
    assert Event.objects.get(verb="reviews.opened").new == "6项"
    assert transitions.open_reviews(by=system) == 0

    # what the township is not told of is reviewed by its department, which is let in for it
    assert (due(orphan).unit, orphan.program.seed_name in due(orphan).title) == (civil_officer.unit, False)
    with pytest.raises(Http404):
        transitions.review(record_id=orphan.pk, note="没有变化", by=cast.member("reviewer"))
    transitions.review(record_id=orphan.pk, note="入户核实，没有变化。", by=civil_officer)
    assert due(orphan).unit == civil_officer.unit


def test_reviews_take_the_same_statements_whatever_the_number(system):
    aid(), ward_aid("MZ09"), ward_aid("MZ02")
    with CaptureQueriesContext(connection) as few:
        transitions.open_reviews(by=system)
    for _ in range(3):
        aid(), ward_aid("MZ09"), ward_aid("MZ02")
    with CaptureQueriesContext(connection) as many:
        assert transitions.open_reviews(by=system) == 9
    assert len(many) <= len(few)  # the first asks some settings besides


def test_a_review_is_done_and_the_next_one_opens(system, reviewer):
    record = aid()
    transitions.open_reviews(by=system)
    first = due(record)
    transitions.review(record_id=record.pk, note="入户核实，家庭没有变化。", by=reviewer)
    assert (Duty.objects.get(pk=first.pk).outcome, due(record).limit) == ("done", 3)
    event = Event.objects.get(verb="assistance_record.reviewed")
    assert (event.note, event.data["class"]) == ("入户核实，家庭没有变化。", "农村低保")
    with pytest.raises(TransitionError, match="请写明复核情况"):
        transitions.review(record_id=record.pk, note=" ", by=reviewer)
    with pytest.raises(Http404):
        transitions.review(record_id=record.pk, note="没有变化", by=cast.member("neighbour_clerk"))

    referral = opened("stop", record, origin="review")  # what changes is opened as a change, which does the review
    assert due(record) is None
    with pytest.raises(TransitionError, match=f"转办单{referral.number}"):
        transitions.review(record_id=record.pk, note="没有变化", by=reviewer)
    decided(referral, until="decided", outcome="refused")
    assert transitions.open_reviews(by=system) == 0  # until whoever is concerned has been told
    assert AssistanceRecord.objects.get().until is None


def test_the_reviews_of_what_has_ended_are_cancelled_with_the_words_why(system, clerk, clock):
    """Run out, gone from a roll: late, they would stand against the township for good. What goes on keeps its own."""
    gone, stay = (households.head_of(households.HouseholdFactory()) for _ in range(2))
    first = [row(gone, amount="600.00", since="2026-05-01"), row(stay, amount="500.00", since="2026-05-01")]
    Roll("MZ01", *first, as_of=date(2026, 8, 20)).apply()
    fixed, decision = ward_aid("MZ02", until=date(2026, 10, 31)), aid("MZ07")
    open_due_reviews()
    assert Duty.objects.open().filter(kind="review").count() == 4
    Roll("MZ01", row(stay, amount="500.00"), as_of=date(2026, 9, 20)).apply()
    ended = AssistanceRecord.objects.get(until=date(2026, 8, 31))
    late = due(ended).pk
    clock.forward(days=120)
    assert open_due_reviews() == 0
    assert {duty.subject_id for duty in Duty.objects.open().filter(kind="review")} == {
        str(decision.pk), str(AssistanceRecord.objects.get(program="MZ01", until=None).pk),
    }  # fmt: skip
    duty = Duty.objects.get(pk=late)
    assert (duty.outcome, duty.closed_by, duty.closed_at) == ("cancelled", system, clocks.now())
    told = {event.subject_id: event for event in Event.objects.filter(verb="assistance_record.review_ended")}
    assert set(told) == {str(ended.pk), str(fixed.pk)}
    event = told[str(ended.pk)]
    assert phrase(event) == "定期复核撤销：救助到2026-08-31为止，不用再复核"
    assert (event.household_id, event.subject_text) == (ended.household_id, f"定期复核：最低生活保障 {ended.household}")
    assert transitions.end_reviews(by=system) == 0
    with pytest.raises(TransitionError, match="已经结束"):
        transitions.review(record_id=ended.pk, note="已停", by=clerk)


def test_ended_reviews_take_the_same_statements_whatever_the_number(system, clock):
    def asked(number):
        for _ in range(number):
            aid(until=clocks.today())
        transitions.open_reviews(by=system)
        clock.forward(days=1)
        with CaptureQueriesContext(connection) as statements:
            assert transitions.end_reviews(by=system) == number
        return len(statements)

    assert asked(1) == asked(4)


def married_away(neighbour_clerk, clerk):
    """Aid of her own; her membership ends here, and the neighbour takes her in by her number."""
    number = households.id_number()
    home = households.HouseholdFactory(members=[households.person(), households.person("20", name="虚嫁女", number=number)])
    wife = home.memberships.get(relation="20")
    record = ward_aid("MZ03", resident=wife.resident)
    open_due_reviews()
    end_membership(membership_id=wife.pk, on=wife.since, reason="出嫁", by=clerk)
    there = households.HouseholdFactory(region=neighbour())
    add_member(household_id=there.pk, member=households.person("10", name="虚嫁女", number=number), by=neighbour_clerk)
    return record


def test_the_review_of_who_married_away_follows_on_the_same_day(clerk, neighbour_clerk, neighbour_approver):
    record = married_away(neighbour_clerk, clerk)
    before, others = due(record), aid()
    with pytest.raises(Http404):
        transitions.review(record_id=record.pk, note="没有变化。", by=clerk)
    assert open_due_reviews() == 1  # of the other family, which stays
    duty = due(record)
    assert (duty.unit, duty.region_code) == (neighbour_approver.unit, neighbour_clerk.unit.region_id)
    assert duty.due_at == before.due_at
    assert Duty.objects.get(pk=before.pk).outcome == "cancelled"
    notice = Notice.objects.get(kind="assistance_record.review_followed")
    assert (notice.unit, notice.url, "虚嫁女" in notice.body) == (neighbour_approver.unit, f"/records/{record.pk}/", False)
    assert due(others).unit == cast.member("reviewer").unit
    assert transitions.follow_moved(by=Post.objects.the_system()) == 0
    transitions.review(record_id=record.pk, note="入户核实，没有变化。", by=neighbour_clerk)


def test_a_review_follows_the_table_of_offices_and_a_departments_stays(system, civil_officer):
    poor, orphan, sent = aid(), ward_aid("MZ09"), aid()
    transitions.open_reviews(by=system)
    Resident.objects.filter(pk=orphan.resident_id).update(region=neighbour())
    assert transitions.follow_moved(by=system) == 0
    township = cast.member("reviewer").unit.region_id
    office = Unit.objects.filter(kind="township_office", region=township).exclude(office="social_affairs").first()
    ReviewOffice.objects.update_or_create(
        department=poor.program.department, township=Region.objects.get(pk=township), valid_until=None,
        defaults={"office": office, "valid_from": date(2026, 1, 1)},
    )  # fmt: skip
    assert transitions.follow_moved(by=system) == 2
    assert [due(row).unit for row in (poor, sent, orphan)] == [office, office, civil_officer.unit]


def test_what_has_strayed_is_found_in_one_statement_for_each_kind(system):
    for _ in range(3):
        aid()
    transitions.open_reviews(by=system)
    with CaptureQueriesContext(connection) as asked:
        assert transitions.follow_moved(by=system) == 0
    kinds = ("households_assistancerecord", "households_paymentline", "change_report", "death_stop")
    assert [sum(kind in row["sql"] for row in asked) for kind in kinds] == [1] * len(kinds)
    assert len(asked) == len(kinds)


def test_the_review_of_a_double_goes_with_who_stays_though_without_a_family(system, neighbour_approver):
    gone, stays = households.ResidentFactory(name="虚重复"), households.ResidentFactory(name="虚重复")
    record = ward_aid("MZ03", resident=gone)
    transitions.open_reviews(by=system)
    assert due(record).unit == cast.member("reviewer").unit
    change = proposed(gone, "merge_residents", survivor_id=stays.pk)
    Resident.objects.filter(pk=stays.pk).update(region=neighbour())
    confirmed(change)
    assert due(record).unit == neighbour_approver.unit
