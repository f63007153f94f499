"""Let in for one fact, or for one visit: the household card and what was asked for, and nothing beyond (DESIGN 2)."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.urls import reverse

from config.protection.masks import mask_bank_account
from config.protection.sealing import open_sealed, seal
from config.verbs import TransitionError
from documents.gates import may_read
from households.models import (
    AssistanceRecord,
    Authorisation,
    Coverage,
    Fact,
    Household,
    IdentityTag,
    KinDeclaration,
    Membership,
    Relative,
    Resident,
    Screening,
)
from households.transitions import (
    answer_fact,
    ask_for_fact,
    authorise,
    declare_kin,
    find_by_number,
    let_in,
    note_fact,
    note_relative,
    reveal_number,
    screen_household,
    take_on,
)
from households.urls import urlpatterns
from intake.transitions import arrive, draft
from tests import cast
from tests.documents.factories import attachment_row
from tests.households import factories
from tests.households.factories import HouseholdFactory, ResidentFactory
from tests.verification import factories as verifications
from verification.models import Verification

pytestmark = pytest.mark.django_db
TODAY = date(2026, 9, 24)
ACCOUNT = "6222020200112233445"
# What a household holds beyond its card: money, a name outside, an identity, programs, another fact of the same department.
BEYOND = ("412.5", "户外亲属", "低保对象", "最低生活保障", "临时救助", "残疾等级", "一级")
HIDDEN = (AssistanceRecord, Authorisation, Coverage, IdentityTag, KinDeclaration, Relative, Screening, Verification)


@pytest.fixture
def household():
    """With something of everything, and 残联 asked whether its head has a card."""
    home = HouseholdFactory(authorised=True, without_kin=True)
    head, clerk = factories.head_of(home), cast.member("clerk")
    factories.fact(home, "income_per_head", "412.50")
    factories.fact(head, "disability_level", "1")
    factories.tag(home, "subsistence")
    factories.assistance(home)
    outside = ResidentFactory(name="户外亲属")
    note_relative(resident_id=head.pk, relative_id=outside.pk, role="guardian", relation="50", since=TODAY, by=clerk)
    verifications.finished(of=home)
    screen_household(household_id=home.pk, by=clerk)
    return home


def paper_of(one):
    label, pk = one._meta.label_lower, str(one.pk)
    return attachment_row(cast.member("clerk"), subject_label=label, subject_id=pk, storage_name=pk)


@pytest.fixture
def request_of(household):
    def ask(kind="disability_card"):
        head = factories.head_of(household)
        return ask_for_fact(household_id=household.pk, kind_key=kind, resident_id=head.pk, by=cast.member("clerk"))

    return ask


def test_a_department_sees_the_people_and_its_fact(officer, clerk, household, request_of):
    row = request_of()
    head = factories.head_of(household)
    assert list(Household.objects.visible_to(officer)) == [household]
    assert set(Resident.objects.visible_to(officer)) == {m.resident for m in household.memberships.all()}
    assert Membership.objects.visible_to(officer).count() == 3
    for gate in (Household.objects.beyond_the_card(officer), Resident.objects.beyond_the_card(officer), Fact.objects.visible_to(officer)):
        assert not gate.exists()
    for model in HIDDEN:
        assert not model.objects.visible_to(officer).exists(), model
        assert model.objects.visible_to(clerk).exists(), model
    papers = [paper_of(one) for one in (household, head)]
    assert not any(may_read(officer, paper) for paper in papers)
    answer = answer_fact(request_id=row.pk, value=True, found_on=TODAY, by=officer)
    assert list(Fact.objects.visible_to(officer)) == [answer.fact]
    assert may_read(officer, paper_of(answer.fact))
    let_in(household=household, unit=officer.unit, reason="referral", subject=household, by=clerk)
    assert Fact.objects.visible_to(officer).count() > 2, "a referral lets read on"
    assert all(may_read(officer, paper) for paper in papers)
    assert all(model.objects.visible_to(officer).exists() for model in HIDDEN)


def test_it_notes_nothing_but_its_answer(officer, household, request_of):
    request_of()
    for kind in ("disability_card", "disability_level"):
        with pytest.raises(Http404):
            note_fact(kind_key=kind, resident=factories.head_of(household), value="1", how="register", found_on=TODAY, by=officer)
    assert Fact.objects.filter(found_by=officer).count() == 0


def test_its_addresses_tell_nothing_beyond(signed_in, officer, household, request_of):
    """Every address of the room that takes a household, a person, a fact or a request, and those of the interface."""
    row = request_of()
    head, outside = factories.head_of(household), Resident.objects.get(name="户外亲属")
    client = signed_in(officer)
    level = Fact.objects.get(kind="disability_level")
    told = {}
    for pattern in urlpatterns:
        names = set(pattern.pattern.converters)
        for pk in (household.pk, head.pk, outside.pk, level.pk, row.pk) if names else ():
            given = {"pk": pk} if names == {"pk"} else {"pk": pk, "field": "id_number"}
            if pattern.pattern.converters["pk"].__class__.__name__ == "UUIDConverter":
                answer = client.get(reverse(f"households:{pattern.name}", kwargs=given), follow=True)
                told[pattern.name, pk] = answer
    for name in ("household-screening", "fact-request-detail"):
        for pk in (household.pk, row.pk):
            told[name, pk] = client.get(reverse(f"work_api:{name}", args=[pk]))
    told["list", ""] = client.get(reverse("households:fact_request_list"))
    told["interface", ""] = client.get(reverse("work_api:fact-request-list"))
    open_pages = {name for (name, _), answer in told.items() if answer.status_code == 200}
    assert open_pages >= {"household_detail", "fact_request_detail", "list", "interface", "fact-request-detail"}
    for key, answer in told.items():
        page = answer.content.decode()
        assert not [word for word in BEYOND if word in page], key
    for name in ("screening", "fact_note"):
        assert told[name, household.pk].status_code == 403
    assert told["resident_detail", outside.pk].status_code == 404
    assert told["fact_open", level.pk].status_code == 404
    card = told["household_detail", household.pk].content.decode()
    assert head.name in card


def test_the_card_shows_what_was_answered(signed_in, officer, household, request_of):
    answer_fact(request_id=request_of().pk, value=True, found_on=TODAY, by=officer)
    card = signed_in(officer).get(household.get_absolute_url()).content.decode()
    assert "残疾人证" in card
    assert not [word for word in BEYOND if word in card]


def test_a_township_that_visits_reads_the_card_alone(signed_in, neighbour_clerk, clerk, household):
    let_in(household=household, unit=neighbour_clerk.unit, reason="visit", subject=household, by=clerk)
    assert Household.objects.visible_to(neighbour_clerk).filter(pk=household.pk).exists()
    for model in (*HIDDEN, Fact):
        assert not model.objects.visible_to(neighbour_clerk).exists(), model
    card = signed_in(neighbour_clerk).get(household.get_absolute_url()).content.decode()
    assert not [word for word in BEYOND if word in card]
    with pytest.raises((Http404, PermissionDenied)):
        note_fact(kind_key="income_per_head", household=household, value="1", how="visit", found_on=TODAY, by=neighbour_clerk)


def test_a_township_that_visits_writes_nothing_of_the_family(signed_in, neighbour_clerk, clerk, household):
    """What was declared of kin holds up 低保: whoever is let in to visit would lift it by a second declaration."""
    head, before = factories.head_of(household), KinDeclaration.objects.get()
    let_in(household=household, unit=neighbour_clerk.unit, reason="visit", subject=head, by=clerk)
    with pytest.raises(Http404):
        declare_kin(household_id=household.pk, has_kin=False, declared_on=TODAY, by=neighbour_clerk)
    with pytest.raises(Http404):
        authorise(household_id=household.pk, resident_id=head.pk, signed_on=TODAY, by=neighbour_clerk)
    assert KinDeclaration.objects.standing().get() == before
    with pytest.raises(TransitionError, match="只是协助入户"):
        draft(household_id=household.pk, applicant_id=head.pk, by=neighbour_clerk)
    client = signed_in(neighbour_clerk)
    for name in ("kin_declare", "authorisation_add"):
        assert client.get(reverse(f"households:{name}", args=[household.pk])).status_code == 403
    new = reverse("intake:application_new")
    assert client.get(f"{new}?household={household.pk}").status_code == 403
    # Who applies there all the same is taken on first, as anybody of elsewhere, with a line in the record.
    found = find_by_number(number=open_sealed(head, "id_number"), by=neighbour_clerk)
    assert (found.is_here, found.household) == (False, None)
    take_on(token=found.outside_token, by=neighbour_clerk)
    assert find_by_number(number=open_sealed(head, "id_number"), by=neighbour_clerk).household == household
    assert draft(household_id=household.pk, applicant_id=head.pk, by=neighbour_clerk).household == household
    assert declare_kin(household_id=household.pk, has_kin=False, declared_on=TODAY, by=neighbour_clerk).declared_by == neighbour_clerk


@pytest.mark.parametrize(("guest", "reason"), [("department_approver", "fact"), ("neighbour_approver", "visit")])
def test_an_account_is_no_part_of_the_card(signed_in, request, clerk, household, guest, reason):
    """An approver's click shows an account elsewhere; the page of a guest has no such button, and its address does not exist for him."""
    by, head = request.getfixturevalue(guest), factories.head_of(household)
    seal(head, bank_account=ACCOUNT)
    head.save()
    let_in(household=household, unit=by.unit, reason=reason, subject=household, by=clerk)
    client, said = signed_in(by), {"reason": "核对协助事项"}
    for answer in (client.get(reveal_of(head, "bank_account")), client.post(reveal_of(head, "bank_account"), said)):
        assert (answer.status_code, mask_bank_account(ACCOUNT) in answer.content.decode()) == (404, False)
    with pytest.raises(Http404):
        reveal_number(resident_id=head.pk, field="bank_account", reason="核对协助事项", by=by)
    assert client.post(reveal_of(head, "id_number"), said).status_code == 200, "who it is stands on the card"
    let_in(household=household, unit=by.unit, reason="referral", subject=head, by=clerk)
    assert ACCOUNT in client.post(reveal_of(head, "bank_account"), said).content.decode()


def reveal_of(resident, field):
    return reverse("households:number_reveal", args=[resident.pk, field])


def test_a_change_of_the_register_is_proposed_by_who_reads_it(signed_in, neighbour_clerk, clerk, household):
    let_in(household=household, unit=neighbour_clerk.unit, reason="visit", subject=household, by=clerk)
    client, head = signed_in(neighbour_clerk), factories.head_of(household)
    addresses = [reverse("referrals:registry_propose", args=[household.pk, kind]) for kind in ("move", "split", "merge", "void")]
    for address in [*addresses, reverse("referrals:registry_merge_residents", args=[head.pk])]:
        answer = client.get(address)
        assert (answer.status_code, [word for word in BEYOND if word in answer.content.decode()]) == (404, []), address


def test_a_reception_shows_no_family_that_is_only_visited(signed_in, neighbour_clerk, clerk, household):
    """Whom the window receives it knows by the card; what is known of the family it reads once it has taken them on."""
    head = factories.head_of(household)
    let_in(household=household, unit=neighbour_clerk.unit, reason="visit", subject=head, by=clerk)
    visit = arrive(mode="seated", resident_id=head.pk, by=neighbour_clerk)
    client = signed_in(neighbour_clerk)
    page = client.get(visit.get_absolute_url()).content.decode()
    assert (head.name in page, [word for word in BEYOND if word in page]) == (True, [])
    take_on(token=find_by_number(number=open_sealed(head, "id_number"), by=neighbour_clerk).outside_token, by=neighbour_clerk)
    assert "残疾等级" in client.get(visit.get_absolute_url()).content.decode()
