"""How a condition over a sensitive fact came out is told to those who may read the fact; the platform says why (DESIGN 2, SECURITY)."""

import json

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.urls import reverse

from audit.models import Event
from config.verbs import TransitionError
from households.permissions import can_know_value
from households.screening.discretion import state_without
from households.screening_page import page_of_screening
from households.transitions import let_in, look_into_screening, look_into_trial, screen_household
from programs.models import FactKind, Program
from programs.screening.evaluation import Result
from tests import cast
from tests.households import factories
from tests.households.factories import HouseholdFactory, id_number
from tests.households.test_screen_household import TODAY

TOLD = {"1": frozenset({"release"}), "2": frozenset({"age"})}


def leaf(path, state):
    return Result(path, state, "", "condition")


@pytest.mark.parametrize(
    ("kind", "secret", "plain", "state"),
    [
        ("all", True, True, None),
        ("all", True, False, False),
        ("any", True, False, None),
        ("any", False, True, True),
        ("any", True, None, None),
    ],
)
def test_a_group_tells_what_the_open_conditions_decide(kind, secret, plain, state):
    group = Result("0", None, "", kind, (), (leaf("1", secret), leaf("2", plain)))
    assert state_without(group, TOLD, {"release"}) is state
    turned = Result("9", None, "", "not", (), (group,))
    assert state_without(turned, TOLD, {"release"}) is (None if state is None else not state)


@pytest.fixture
def household(db):
    """Its head bears a disability of the first degree, and comes out of prison."""
    home = HouseholdFactory(alone=True)
    head = factories.head_of(home)
    given = {
        "disability_card": True,
        "disability_level": "1",
        "tekun": False,
        "work_injury_care": False,
        "release": TODAY,
        "correction": False,
    }
    for kind, value in given.items():
        factories.fact(head, kind, value)
    screen_household(household_id=home.pk, by=cast.member("clerk"))
    return home


def groups_of(household, post):
    page = page_of_screening(household, household.screenings.get(), post, TODAY)
    return {(block.program.code): (group.key, item) for group in page.groups for block in group.blocks for item in block.items}


def lines_on(item, word):
    return [line for line in item.lines if word in line.text]


def test_the_holder_and_the_window_are_told(household, clerk, platform, platform_approver, neighbour_clerk, officer):
    key, item = groups_of(household, clerk)["MZ03"]
    assert key == "eligible"
    assert {line.word for line in lines_on(item, "残疾")} == {"满足"}
    for post in (platform, platform_approver):
        key, item = groups_of(household, post)["MZ03"]
        assert key == "kept", "that it fits would say who is disabled"
        assert {(line.word, line.found) for line in lines_on(item, "残疾")} == {("不显示", ("涉及隐私，由县残联掌握",))}
        assert not item.near
    own = groups_of(household, officer)
    assert all(key != "kept" for key, _ in own.values()), "残联 reads its own facts"


def test_a_department_reads_the_outcome_of_what_it_was_let_in_for(household, civil_officer, clerk):
    let_in(household=household, unit=civil_officer.unit, reason="roll", subject=household, by=clerk)
    assert groups_of(household, civil_officer)["MZ03"][0] == "kept"
    program = Program.objects.get(pk="MZ03")
    let_in(household=household, unit=civil_officer.unit, reason="referral", subject=program, program=program, by=clerk)
    key, item = groups_of(household, civil_officer)["MZ03"]
    assert key == "eligible"
    assert {line.word for line in lines_on(item, "残疾")} == {"不显示"}


def test_page_and_interface_tell_the_platform_no_result(signed_in, platform, household):
    client = signed_in(platform)
    page = client.get(reverse("households:screening", args=[household.pk])).content.decode()
    assert "涉及隐私，不显示结果" in page
    told = client.get(f"/api/v1/households/{household.pk}/screening/").json()["answers"]
    for answer in told:
        for line in answer["conditions"]:
            if any(word in line["text"] for word in ("残疾", "释放", "社区矫正", "重特大疾病")) and "不设" not in line["text"]:
                assert line["state"] == "不显示", (answer["program"], line)
                assert "一级" not in json.dumps(line["found"], ensure_ascii=False)
    assert {answer["outcome"] for answer in told if answer["program"] == "MZ03"} == {"kept"}


def test_the_platform_says_why_and_reads_for_some_minutes(signed_in, platform, platform_approver, household, clock):
    url, why = (reverse(f"households:{name}", args=[household.pk]) for name in ("screening", "screening_look_into"))
    client, name = signed_in(platform), Program.objects.get(pk="SF02").seed_name
    assert why in client.get(url).content.decode()
    assert client.post(why, {"reason": " "}).status_code == 422
    assert "核对证件" in client.post(why, {"reason": f"核对证件{id_number()}"}).content.decode()
    assert name not in client.get(url).content.decode()
    assert client.post(why, {"reason": "核对信访事项"}).headers["Location"] == url
    [event] = Event.objects.filter(verb="household.screening_looked_into")
    assert (event.by, event.note, event.household_id) == (platform.staff, "核对信访事项", household.pk)
    page = client.get(url).content.decode()
    assert name in page
    assert "涉及隐私" not in page
    assert why not in page
    assert groups_of(household, platform)["MZ03"][0] == "eligible"
    assert name not in signed_in(platform_approver).get(url).content.decode(), "a colleague says it again"
    clock.forward(minutes=5)
    assert name not in client.get(url).content.decode()


def test_nobody_else_says_why(household, clerk, officer, platform, neighbour_clerk):
    for post, refusal in ((clerk, PermissionDenied), (neighbour_clerk, Http404), (officer, Http404)):
        with pytest.raises(refusal):
            look_into_screening(household_id=household.pk, reason="想看看", by=post)
    for reason in ("", "长" * 201):
        with pytest.raises(TransitionError):
            look_into_screening(household_id=household.pk, reason=reason, by=platform)
    with pytest.raises(Http404):
        look_into_trial(run_id=household.pk, reason="没有这次试运行", by=platform)
    assert not Event.objects.filter(verb__endswith="looked_into").exists()


def test_who_may_know_what(db, clerk, approver, officer, civil_officer, platform, assistant):
    kinds = {kind.pk: kind for kind in FactKind.objects.all()}
    told = {
        "age": (True, True, True, True, True, True),
        "disability_card": (True, True, True, False, False, False),
        "orphan": (True, False, False, True, False, False),
        "unsupported_child_full": (True, False, False, True, False, False),
        "income_per_head": (True, True, False, True, False, False),
    }
    for key, expected in told.items():
        posts = (clerk, approver, officer, civil_officer, platform, assistant)
        assert tuple(can_know_value(post, kinds[key]) for post in posts) == expected, key
