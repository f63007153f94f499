"""For whom a verification exists, and what of it."""

import pytest

from households.models import Access
from organization.models import Post
from tests import cast
from tests.verification import factories
from verification import page
from verification.models import Investigator, Verification
from verification.permissions import can_list, can_look, can_read_situation, can_work_on

pytestmark = pytest.mark.django_db
HOME = {"clerk", "second_clerk", "reviewer", "approver", "second_approver", "assistant", "platform", "platform_approver"}


def let_in(unit, household, by):
    """What a dispatch does."""
    return Access.objects.create(
        household=household, unit=unit, reason="referral", subject_label="x", subject_id="1", opened_at=household.opened_at, opened_by=by
    )


@pytest.mark.parametrize("name", [*cast.MEMBERS, *cast.ADMINISTRATORS])
def test_it_exists_for_the_places_of_the_household_and_the_platform(name):
    factories.finished()
    assert Verification.objects.visible_to(cast.member(name)).exists() is (name in HOME)
    assert Investigator.objects.visible_to(cast.member(name)).exists() is (name in HOME)


def test_a_department_meets_what_is_finished_of_who_was_sent_to_it(clerk, officer, neighbour_officer):
    row = factories.started()
    let_in(officer.unit, row.household, clerk)
    assert not Verification.objects.visible_to(officer).exists()
    done = factories.finished()
    let_in(officer.unit, done.household, clerk)
    assert list(Verification.objects.visible_to(officer)) == [done]
    assert not Verification.objects.visible_to(neighbour_officer).exists()


def test_jobs_see_all_and_nobody_nothing():
    factories.pending()
    assert Verification.objects.visible_to(Post.objects.the_system()).exists()
    assert not Verification.objects.visible_to(None).exists()
    assert not Investigator.objects.visible_to(None).exists()


def test_a_department_reads_the_conclusion_and_nothing_of_the_family(officer, clerk):
    row = Verification.objects.with_page_data().get(pk=factories.finished().pk)
    shown, full = page.page_of(row, officer), page.page_of(row, clerk)
    said, told = (str([of.course, of.result, of.conclusions, of.situations, of.figures, of.members, of.household]) for of in (full, shown))
    for words in ("家庭收入和财产符合申报", "甘晓窗"):
        assert words in told, words
    for words in ("砖房", "务农", "400.00", "张小明", "李秀芳", "关注户主就医"):
        assert words in said, words
        assert words not in told, words


@pytest.mark.parametrize(
    ("name", "looks", "lists", "reads", "works"),
    [
        ("clerk", True, True, True, True),
        ("reviewer", True, True, True, True),
        ("approver", True, True, True, False),
        ("neighbour_clerk", True, True, False, False),
        ("assistant", False, False, False, False),
        ("officer", True, False, False, False),
        ("department_approver", True, False, False, False),
        ("platform", True, True, True, False),
        ("platform_approver", True, True, True, False),
        ("supervision", False, False, False, False),
        ("convener", False, False, False, False),
        ("audit_administrator", False, False, False, False),
    ],
)
def test_who_may_do_what(name, looks, lists, reads, works):
    post, row = cast.member(name), factories.pending()
    assert (can_look(post), can_list(post), can_read_situation(post, row), can_work_on(post, row)) == (looks, lists, reads, works)


def test_the_list_of_work_is_the_windows_of_the_township(clerk, approver, neighbour_clerk, platform):
    mine = factories.pending()
    theirs = factories.pending(of=factories.household(code=neighbour_clerk.unit.region_id), by=neighbour_clerk)
    rows = Verification.objects.all()
    assert list(rows.of_work(clerk)) == list(rows.of_work(approver)) == [mine]
    assert list(rows.of_work(neighbour_clerk)) == [theirs]
    assert set(rows.of_work(platform)) == {mine, theirs}
