"""A guest reads the card alone, at every address of the house (DESIGN 2): a unit asked for one fact, a township asked to visit."""

from datetime import date

import pytest
from django.urls import NoReverseMatch, reverse

from config.protection.masks import mask_bank_account
from config.protection.sealing import seal
from households.models import Fact
from households.transitions import ask_for_fact, let_in, note_relative, screen_household
from tests import cast
from tests.households import factories
from tests.households.factories import HouseholdFactory, ResidentFactory
from tests.matrix.reading import addresses
from tests.verification import factories as verifications

pytestmark = pytest.mark.django_db
ACCOUNT = "6222020200112233445"
# What a household holds beyond its card: money, a name outside, the end of an account; where a page is about it, also identities,
# programs and facts, whose words stand in lists for everybody.
# By the account as a page masks it: four digits alone are met by chance in the key of some row.
BEYOND = ("412.5", "户外亲属", ACCOUNT, mask_bank_account(ACCOUNT))
WORDS_OF_ROWS = ("低保对象", "最低生活保障", "残疾等级")
WORDS = {"kind": ("move", "split", "transfer", "merge", "void"), "field": ("id_number", "phone", "bank_account")}


@pytest.fixture
def household(clerk):
    home = HouseholdFactory(authorised=True, without_kin=True)
    head = factories.head_of(home)
    seal(head, bank_account=ACCOUNT)
    head.save()
    factories.fact(home, "income_per_head", "412.50")
    factories.fact(head, "disability_level", "1")
    factories.tag(home, "subsistence")
    factories.assistance(home)
    outside = ResidentFactory(name="户外亲属")
    note_relative(resident_id=head.pk, relative_id=outside.pk, role="guardian", relation="50", since=date(2026, 9, 24), by=clerk)
    verifications.finished(of=home)
    screen_household(household_id=home.pk, by=clerk)
    ask_for_fact(household_id=home.pk, kind_key="disability_card", resident_id=head.pk, by=clerk)
    let_in(household=home, unit=cast.member("neighbour_clerk").unit, reason="visit", subject=home, by=clerk)
    return home


def test_the_unit_that_serves_it_reads_all_of_that(signed_in, clerk, household):
    """What the test below looks for is there to be read, in these words."""
    page = signed_in(clerk).get(reverse("households:household_detail", args=[household.pk])).content.decode()
    assert [word for word in ("412.5", mask_bank_account(ACCOUNT), *WORDS_OF_ROWS) if word not in page] == []


def paths(household):
    """Every address that takes one row, with each row of the household in its place; and those that are told the household beside."""
    head = factories.head_of(household)
    rows = [household.pk, head.pk, Fact.objects.get(kind="disability_level").pk]
    for name, takes in addresses().items():
        others = takes - {"pk"}
        if others - set(WORDS):
            continue
        for pk in rows if "pk" in takes else (None,):
            for word in WORDS[next(iter(others))] if others else (None,):
                given = ({"pk": pk} if pk else {}) | ({next(iter(others)): word} if others else {})
                try:
                    yield name, reverse(name, kwargs=given), pk is not None
                except NoReverseMatch:
                    continue
                if not takes:
                    yield name, f"{reverse(name)}?household={household.pk}", False


@pytest.mark.parametrize("guest", ["department_approver", "neighbour_clerk"])
def test_no_address_tells_a_guest_more_than_the_card(guest, request, signed_in, household):
    client = signed_in(request.getfixturevalue(guest))
    told, open_pages, head = set(), set(), factories.head_of(household)
    for name, path, is_about_a_row in paths(household):
        answer, words = client.get(path), WORDS_OF_ROWS if is_about_a_row else ()
        page = "" if answer.streaming else answer.content.decode(errors="ignore")
        open_pages |= {name} if head.name in page else set()
        told |= {(name, word) for word in (*BEYOND, *words) if word in page}
    assert "households:household_detail" in open_pages
    assert not told
