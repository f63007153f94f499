"""Two households become one, and one that was opened by mistake is closed: the row stays and leads on."""

import pytest

from audit.models import Event
from config import clock as house_clock
from config.dates import add_months
from config.protection.masks import mask_name
from config.verbs import TransitionError
from documents.models import FormVersion
from households.models import Access, Fact, Household, IdentityTag, Membership
from households.transitions import add_member, ask_for_fact, registry
from intake.models import Application
from referrals.models import Referral
from tests import cast
from tests.households import factories
from tests.households.factories import HouseholdFactory, person
from tests.intake.factories import ApplicationFactory
from tests.referrals.changing import aid, opened
from tests.referrals.factories import ReferralFactory
from verification.models import Verification

from .registering import confirmed, done, leaving, proposed

pytestmark = pytest.mark.django_db


def test_everything_goes_over_and_the_old_address_leads_on(signed_in, clerk, officer, neighbour_clerk):
    referral = ReferralFactory(program="MZ04", dispatched=True)
    gone, stays = referral.case_household, HouseholdFactory(authorised=True, without_kin=True)
    old = factories.fact(gone, "house_grade", "D", how="visit", source="核查一")
    new = factories.fact(stays, "house_grade", "C", how="visit", source="核查二")
    tag, both = factories.tag(gone, "low_income"), factories.tag(stays, "edge_of_poverty")
    double = factories.tag(gone, "edge_of_poverty")
    record = factories.assistance(gone)
    change = done(gone, "merge", target_number=stays.number.lower(), members=leaving(gone, _02="70", _10="97"))
    gone.refresh_from_db()
    assert (gone.is_closed, gone.successor, change.status) == (True, stays, "confirmed")
    assert Membership.objects.open().filter(household=stays).count() == 5
    assert Membership.objects.filter(household=gone, until=None).count() == 0
    referral.refresh_from_db()
    assert (referral.case_household, referral.household, referral.application.household) == (stays, stays, stays)
    assert not Verification.objects.filter(household=gone).exists()
    for row in (old, new, tag, both, double, record):
        row.refresh_from_db()
    assert (tag.household, record.household, old.household) == (stays, stays, stays)
    assert (new.superseded_at is None) != (old.superseded_at is None), "one of the two stands"
    assert double.ended_at is not None
    assert double.household == gone
    assert both.until is None
    assert Fact.objects.standing().filter(household=stays, kind="house_grade").count() == 1
    assert stays.kin_declarations.standing().count() == 1
    verbs = set(Event.objects.filter(verb__endswith=".carried").values_list("verb", flat=True))
    assert {"application.carried", "referral.carried", "applicationitem.carried", "tag.carried", "fact.carried"} <= verbs
    client = signed_in(clerk)
    assert client.get(gone.get_absolute_url()).url == stays.get_absolute_url()
    assert signed_in(neighbour_clerk).get(gone.get_absolute_url()).status_code == 404
    assert gone.number in client.get(stays.get_absolute_url()).content.decode()
    with pytest.raises(TransitionError, match=f"并入户编号{stays.number}"):
        add_member(household_id=gone.pk, member=person(), by=clerk)
    assert FormVersion.objects.exists()


def test_into_another_township_the_accepting_window_goes_on(clerk, neighbour_approver):
    application = ApplicationFactory(accepted=True, programs=[("CL01", "ordinary")])
    gone, stays = application.household, HouseholdFactory(in_neighbour=True)
    stop = opened("stop", aid(household=gone))
    change = proposed(gone, "merge", target_number=stays.number, members=leaving(gone, _02="70", _10="97"))
    confirmed(change, by=neighbour_approver)
    assert Access.objects.about(application).get().household == stays
    assert Event.objects.get(verb="application.kept").application_id == application.pk
    assert Access.objects.about(stop).get(unit=stop.window).household == stays
    assert Household.objects.visible_to(clerk).filter(pk=stays.pk).exists()
    stop.refresh_from_db()
    assert (stop.case_household, stop.household, stop.record.household) == (stays, stays, stays)


def test_a_list_names_the_present_head_in_one_statement(clerk, django_assert_num_queries):
    household, other = HouseholdFactory(), HouseholdFactory()
    transfer = proposed(household, "transfer", target_number=other.number, members=leaving(household, _10="97"))
    confirmed(transfer)
    change = proposed(household, "move")
    with django_assert_num_queries(1):
        titles = registry.titles_of([change, transfer])
    assert titles == [f"整户迁移 {mask_name(factories.head_of(household).name)}户 {household.number}", registry.title_of(transfer)]


def test_what_stands_in_the_way():
    one, other = HouseholdFactory(), HouseholdFactory()
    members = leaving(one, _02="70", _10="97", _30="97")
    with pytest.raises(TransitionError, match="全户并入"):
        proposed(one, "merge", target_number=other.number, members=leaving(one, _10="97"))
    records = factories.assistance(one), factories.assistance(other)
    with pytest.raises(TransitionError, match="请先停止其中一户"):
        proposed(one, "merge", target_number=other.number, members=members)
    assert all(record.until is None for record in records)
    coming, running = HouseholdFactory(), HouseholdFactory()
    factories.assistance(running)
    factories.assistance(coming, since=add_months(house_clock.today().replace(day=1), 1))
    for gone, stays in ((coming, running), (running, coming)):
        with pytest.raises(TransitionError, match="起止日期不重叠"):
            proposed(gone, "merge", target_number=stays.number, members=leaving(gone, _02="70", _10="97", _30="97"))
    first, second = ApplicationFactory(drafted=True), ApplicationFactory(drafted=True)
    members = leaving(first.household, _02="70", _10="97")
    with pytest.raises(TransitionError, match=f"{first.number}、{second.number}"):
        proposed(first.household, "merge", target_number=second.household.number, members=members)


def test_a_household_opened_by_mistake_is_closed_and_its_people_stay_known(signed_in, clerk, second_clerk, clock):
    clock.set(house_clock.local(house_clock.now()).replace(hour=7, minute=30))  # in UTC it is still the day before
    household = HouseholdFactory()
    head = factories.head_of(household)
    change = done(household, "void")
    household.refresh_from_db()
    assert household.is_closed
    assert household.successor is None
    assert not Membership.objects.open().filter(household=household).exists()
    assert Household.objects.visible_to(clerk).filter(pk=household.pk).exists()
    page = signed_in(clerk).get(household.get_absolute_url()).content.decode()
    assert f"已于{house_clock.today():%Y-%m-%d}注销，只供查阅" in page
    assert f"{house_clock.today():%Y-%m-%d}，{change.get_status_display()}" in page
    assert "/members/add/" not in page
    assert signed_in(clerk).get(head.get_absolute_url()).status_code == 200
    with pytest.raises(TransitionError, match="已注销"):
        proposed(household, "move")


def test_one_that_was_helped_or_asked_is_no_mistake(clerk):
    helped, tagged, asked = HouseholdFactory(), HouseholdFactory(), HouseholdFactory()
    ask_for_fact(household_id=asked.pk, kind_key="assets_within_limits", by=clerk)
    factories.assistance(helped)
    IdentityTag.objects.all().delete()
    factories.tag(tagged, "low_income")
    application = ApplicationFactory(accepted=True)
    refusals = ((helped, "有救助记录"), (tagged, "身份标签"), (asked, "请先撤回核实请求"), (application.household, application.number))
    for household, words in refusals:
        with pytest.raises(TransitionError, match=words):
            proposed(household, "void")
    assert Application.objects.count() == 1
    assert not Referral.objects.exists()
    assert cast.member("clerk") == clerk


def test_every_table_above_the_register_is_carried_and_has_its_sentence():
    from households.models import Resident
    from referrals.presenters import PHRASES
    from referrals.transitions.registry import keys_to

    found = {model._meta.model_name for whose in (Household, Resident) for model, _ in keys_to(whose)}
    assert {"application", "applicationitem", "referral", "verification", "visit", "request"} <= found
    assert [name for name in found if f"{name}.carried" not in PHRASES] == []
