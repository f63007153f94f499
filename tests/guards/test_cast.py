"""The cast is who it says: role, unit and reach of each named person."""

import pytest

from config import clock
from organization.models import Post
from tests import cast

ROLES = {
    "assistant": "V", "other_assistant": "V", "clerk": "T", "second_clerk": "T", "reviewer": "T", "approver": "TA", "second_approver": "TA",
    "neighbour_clerk": "T",
    "neighbour_approver": "TA",
    "officer": "D", "department_approver": "DA", "neighbour_officer": "D", "neighbour_department_approver": "DA",
    "civil_officer": "D", "civil_approver": "DA", "second_civil_approver": "DA",
    "platform": "B", "platform_approver": "BA", "convener": "C", "supervision": "L", "system_administrator": "AS",
    "security_administrator": "AX", "audit_administrator": "AU",
}  # fmt: skip


@pytest.mark.parametrize(("name", "role"), ROLES.items())
def test_member_has_the_role_and_may_act_today(db, name, role):
    post = cast.member(name)
    assert post.role == role
    assert post in Post.objects.effective(clock.today())


def test_whole_cast_is_told():
    assert set(ROLES) == {*cast.MEMBERS, *cast.ADMINISTRATORS}


def test_neighbours_stand_where_they_should(
    clerk, approver, assistant, other_assistant, neighbour_clerk, officer, department_approver, neighbour_officer
):
    assert clerk.region_code == approver.region_code == cast.HOME != neighbour_clerk.region_code
    assert assistant.region_code.startswith(cast.HOME)
    assert other_assistant.region_code.startswith(cast.HOME)
    assert assistant.region_code != other_assistant.region_code
    assert officer.unit == department_approver.unit != neighbour_officer.unit


def test_one_person_has_two_posts_and_one_has_none(nobody, double):
    assert len(Post.objects.effective(clock.today()).filter(staff=double.staff)) == 2
    assert not nobody.posts.exists()


def test_everybody_came_in_by_the_verbs(clerk):
    """Their posts were proposed by one administrator and granted by another."""
    assert clerk.proposed_by.role == "AS"
    assert clerk.granted_by.role == "AX"
    assert clerk.staff.check_password(cast.PASSWORD)
