"""A household screened: stored with all it was asked by, and answered the same on any later day (issue 5)."""

import json
import re
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404
from django.urls import reverse

from config.protection.identity import Sex
from config.verbs import TransitionError
from households.models import Screening
from households.screening.explaining import explain_change
from households.screening.screening import names_of, outcomes, replay, screen
from households.transitions import end_tag, let_in, screen_again, screen_household
from households.transitions import screening as verbs
from organization.models import Parameter, Post
from organization.reference import load_parameters
from programs.models import FactKind, Program
from tests import cast
from tests.households import factories
from tests.households.factories import HouseholdFactory
from tests.programs.factories import whole_lists

pytestmark = pytest.mark.django_db
TODAY = date(2026, 9, 24)


@pytest.fixture
def household():
    return HouseholdFactory()


@pytest.fixture
def head(household):
    return factories.head_of(household)


def asked(household, by="clerk"):
    return screen_household(household_id=household.pk, by=cast.member(by))


def test_all_rules_in_force_are_asked_and_kept(clerk, household, head, lines):
    factories.fact(household, "income_per_head", "412.50")
    factories.fact(head, "disability_card", True)
    row = asked(household)
    whole = json.dumps([row.inputs, row.versions, row.answers], ensure_ascii=False)
    assert (row.on, row.asked_by, row.previous) == (TODAY, clerk, None)
    assert head.name not in whole
    assert len(whole) < 60_000
    assert len(row.versions) == Program.objects.named().count() - 1, "MZ11 is for the dead"
    assert {answer[2] for answer in row.answers} > {"", str(head.pk)}
    [event] = lines("household.screened")
    assert (event.household_id, event.subject_id) == (household.pk, str(row.pk))
    assert "412.5" not in str(vars(event))
    assert head.name not in str(vars(event))
    again = asked(household)
    assert again.previous == row
    assert outcomes(again) == outcomes(row)


@pytest.fixture
def figures():
    """The demo's figures, which the county has still to set."""
    load_parameters(by=Post.objects.the_system(), demo=True)


def test_it_answers_the_same_on_any_later_day(clerk, platform, household, head, clock, figures):
    """Facts, figures, identities and lists changed afterwards change nothing of what was answered."""
    factories.fact(household, "income_per_head", "400.00")
    factories.fact(household, "assets_within_limits", True)
    tag = factories.tag(head, "border")
    row, before = asked(household), screen(household, TODAY)
    clock.forward(days=40)
    factories.fact(household, "income_per_head", "2000.00", found_on=date(2026, 11, 1))
    factories.fact(head, "major_illness", True, found_on=date(2026, 11, 1))
    end_tag(tag_id=tag.pk, on=date(2026, 10, 1), by=platform)
    Parameter.objects.filter(key="subsistence_standard").update(value={"urban": 1, "rural": 1})
    whole_lists(FactKind.objects.lists().values_list("pk", flat=True), TODAY)
    stored = Screening.objects.get(pk=row.pk)
    found = replay(stored, names_of(household))
    assert {one.key: one.outcome.value for one in found.rows} == outcomes(stored)
    then = {one.key: one.answer for one in before.rows}
    assert all(one.answer == then[one.key] for one in found.rows), "with every condition, value, source and date"
    assert {one.key: one.has_already for one in found.rows} == {one.key: one.has_already for one in before.rows}


def test_a_changed_answer_says_what_changed(clerk, household, head, clock, figures):
    factories.fact(household, "income_per_head", "2000.00")
    factories.fact(household, "assets_within_limits", True)
    for member in household.memberships.open():
        factories.fact(member.resident, "dibao", False)
        factories.fact(member.resident, "tekun", False)
    first = asked(household)
    clock.forward(days=3)
    factories.fact(household, "income_per_head", "400.00", found_on=date(2026, 9, 26))
    changes = explain_change(replay(first), replay(asked(household)))
    [mz01] = [change for change in changes if change.row.program.pk == "MZ01"]
    assert mz01.text == "不符合 → 符合"
    assert any("家庭人均月收入：2000元 → 400元" in cause.text and "2026-09-26" in cause.text for cause in mz01.causes)
    Parameter.objects.filter(key="subsistence_standard").update(value={"urban": 1, "rural": 1})
    changes = explain_change(replay(Screening.objects.latest("asked_at")), replay(asked(household)))
    assert any("农村515" in cause.text and "农村1" in cause.text for change in changes for cause in change.causes)


def test_the_dead_are_asked_only_where_a_program_is_for_them(household, head):
    head.died_on = TODAY
    head.save(update_fields=["died_on"])
    found = screen(household, TODAY)
    assert {row.version.program_id for row in found.rows if row.person == str(head.pk)} == {"MZ11"}


def test_who_may_not_screen(approver, neighbour_clerk, assistant, officer, household):
    for by, refusal in ((approver, PermissionDenied), (neighbour_clerk, Http404), (assistant, PermissionDenied), (officer, Http404)):
        with pytest.raises(refusal):
            screen_household(household_id=household.pk, by=by)
    assert not Screening.objects.exists()


def test_a_closed_household_is_screened_no_more(monkeypatch, clerk, household):
    def gone(row):
        raise TransitionError("不能再办理")

    monkeypatch.setattr(verbs, "refuse_gone", gone)
    with pytest.raises(TransitionError, match="不能再办理"):
        asked(household)


def test_nothing_is_kept_without_its_event(failing_record, household):
    failing_record(verbs)
    with pytest.raises(RuntimeError), transaction.atomic():
        asked(household)
    assert not Screening.objects.exists()


def test_a_new_identity_opens_programs(clerk, household, head):
    decision = uuid4()
    factories.tag(head, "subsistence", decision_id=decision)
    _, gained = screen_again(household, decision_id=decision, by=clerk)
    assert gained
    assert all(row.version.program_id != "MZ01" for row in gained)


def test_what_somebody_has_already_is_that_very_program(household, head):
    """XC02 to XC04 prove one fact, SF02 and SF03 none: the identity of the program itself is read."""
    factories.tag(household, "edge_of_poverty")
    factories.tag(head, "released_adrift")
    factories.fact(head, "civil_affairs_file", True)
    row = asked(household)
    for found in (screen(household, TODAY), replay(Screening.objects.get(pk=row.pk))):
        assert {one.version.program_id for one in found.rows if one.has_already} == {"XC03", "SF02", "MZ05"}


def test_queries_do_not_grow_with_programs_and_people(assert_queries):
    """Six people, all rules. How long it takes is measured by the bench."""
    children = [factories.person("30", birth_on=date(2010 + n, 7, 8), sex=Sex.FEMALE) for n in range(4)]
    household = HouseholdFactory(members=[factories.person(), factories.person("10", sex=Sex.FEMALE), *children])
    factories.fact(household, "income_per_head", "412.50")
    screen(household, TODAY)
    with assert_queries(7):
        found = screen(household, TODAY)
    assert len(found.rows) > 200


# ── by its page ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_page_says_why_and_what_is_missing(signed_in, clerk, household, head):
    factories.fact(household, "income_per_head", "412.50", found_on=date(2026, 9, 20), source="经济核对")
    url = reverse("households:screening", args=[household.pk])
    client = signed_in(clerk)
    assert "筛查全部项目" in client.get(url).content.decode()
    answered = client.post(reverse("households:screening_ask", args=[household.pk]))
    assert (answered.status_code, answered.headers["Location"]) == (302, url)
    page = client.get(url).content.decode()
    for words in ("重新筛查", "数据不足", "412.5元（经济核对，2026-09-20）", "核实</button>", "逐条对照", head.name):
        assert words in page, words


def test_each_reads_what_is_theirs(signed_in, clerk, platform, approver, household, head):
    """The platform no sensitive values and masked names; a department its own programs and facts; offices no sensitive programs."""
    factories.fact(household, "income_per_head", "412.50")
    factories.fact(head, "disability_card", True)
    asked(household)
    url = reverse("households:screening", args=[household.pk])
    by_platform = signed_in(platform).get(url).content.decode()
    assert "412.5" not in by_platform
    assert "涉及隐私，由县民政局掌握" in by_platform
    assert head.name not in by_platform
    by_office = signed_in(approver).get(url).content.decode()
    assert "412.5" in by_office
    assert "重新筛查</button>" not in by_office
    sensitive = Program.objects.filter(is_sensitive=True).first()
    assert sensitive.seed_name in signed_in(clerk).get(url).content.decode()
    assert sensitive.seed_name not in by_office
    assert sensitive.seed_name not in by_platform


def test_who_bears_a_sensitive_identity_is_not_told(signed_in, clerk, platform, approver, household, head):
    """Neither by the condition nor by how it came out (DESIGN 2)."""
    factories.fact(head, "orphan", True)
    asked(household)
    url = reverse("households:screening", args=[household.pk])
    line = re.compile(r'<span class="tag[^>]*>\s*(?:满足|不满足|不清楚)\s*</span>\s*[^<、，；或]{0,6}孤儿')
    assert line.search(signed_in(clerk).get(url).content.decode())
    for post in (platform, approver):
        page = signed_in(post).get(url).content.decode()
        assert "涉及隐私，由县民政局掌握" in page
        assert not line.search(page)


def test_one_follows_the_other_even_where_a_clock_is_behind(household, clock):
    first, second = asked(household), asked(household)
    Screening.objects.filter(pk=second.pk).update(asked_at=first.asked_at - timedelta(minutes=1))
    assert asked(household).previous == second


def test_a_department_reads_its_own_programs(signed_in, clerk, officer, household, head):
    let_in(household=household, unit=officer.unit, reason="referral", subject=household, by=clerk)
    factories.fact(household, "income_per_head", "412.50")
    asked(household)
    page = signed_in(officer).get(reverse("households:screening", args=[household.pk])).content.decode()
    own = set(Program.objects.filter(department_id=officer.unit.department_id).values_list("seed_name", flat=True))
    others = set(Program.objects.named().values_list("seed_name", flat=True)) - own
    assert any(name in page for name in own)
    assert not [name for name in others if f"<strong>{name}</strong>" in page]
    assert "412.5" not in page
