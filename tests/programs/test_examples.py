"""Worked examples kept with a program: asked on every check and before every publication (issue 5)."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404

from audit.models import Event
from config import clock
from organization.models import Post
from programs import transitions
from programs.models import ProgramVersion, RuleExample
from programs.proof import prove
from programs.transitions import AlreadyHandled, TransitionError, examples

pytestmark = pytest.mark.django_db


def household(**facts: Any) -> dict[str, Any]:
    person = {"facts": {key: {"value": value} for key, value in facts.items()}, "receives": [], "kin": {}, "dead": False, "counted": True}
    return {"household": {}, "receives": [], "people": {"p": person}}


@pytest.fixture
def example(officer: Post) -> RuleExample:
    return transitions.write_example(
        code="CL03", name="持证需要辅具", situation=household(disability_card=True, device_need=True),
        expected="eligible", why="评估需要的都配", by=officer,
    )  # fmt: skip


def test_an_example_is_written_by_the_programs_department(officer: Post, neighbour_officer: Post, platform: Post, example: RuleExample):
    assert (example.written_by, example.get_expected_display()) == (officer, "符合")
    assert Event.objects.filter(verb="rule_example.written").get().note == "评估需要的都配"
    with pytest.raises(PermissionDenied):
        transitions.write_example(code="CL03", name="x", situation=household(), expected="unknown", why="x", by=neighbour_officer)
    with pytest.raises(Http404):
        transitions.retire_example(example_id=example.pk, reason="x", by=neighbour_officer)
    with pytest.raises(ValidationError, match="同名"):
        transitions.write_example(code="CL03", name="持证需要辅具", situation=household(), expected="unknown", why="x", by=platform)


def test_examples_are_asked_with_whole_lists(officer: Post, example: RuleExample):
    transitions.write_example(
        code="CL03", name="没有证", situation=household(device_need=True), expected="ineligible", why="名单中没有", by=officer
    )
    transitions.write_example(
        code="CL03", name="没评估", situation=household(disability_card=True), expected="unknown", why="不知道", by=officer
    )
    proof = prove(ProgramVersion.objects.get(program_id="CL03"), clock.today())
    assert [(tried.example.name, tried.is_met) for tried in proof.tried] == [("持证需要辅具", True), ("没有证", True), ("没评估", True)]
    assert proof.is_sound


def test_a_failing_example_forbids_publishing_until_it_is_settled(officer: Post, department_approver: Post, example: RuleExample):
    draft = transitions.begin(code="CL03", note="只给一级", by=officer)
    rule = {"language": 1, "eligible": {"fact": "disability_level", "op": "in", "value": ["1"]}}
    transitions.revise_draft_rule(version_id=draft.pk, rule=rule, source="会议纪要", seen_revision=0, by=officer)
    with pytest.raises(TransitionError, match="持证需要辅具"):
        transitions.publish(version_id=draft.pk, valid_from=clock.today(), by=department_approver)
    transitions.rewrite_example(
        example_id=example.pk,
        name=example.name,
        situation=example.situation,
        expected="unknown",
        why="等级没有登记",
        by=department_approver,
    )
    changed = Event.objects.filter(verb="rule_example.rewritten").get()
    assert (changed.old, changed.new, changed.note) == ("符合", "数据不足", "等级没有登记")
    assert transitions.publish(version_id=draft.pk, valid_from=clock.today(), by=department_approver).is_published


def test_a_retired_example_is_asked_no_more(officer: Post, example: RuleExample):
    with pytest.raises(TransitionError, match="原因"):
        transitions.retire_example(example_id=example.pk, reason=" ", by=officer)
    transitions.retire_example(example_id=example.pk, reason="重复", by=officer)
    with pytest.raises(AlreadyHandled, match="重复"):
        transitions.retire_example(example_id=example.pk, reason="再停", by=officer)
    with pytest.raises(AlreadyHandled):
        transitions.rewrite_example(example_id=example.pk, name="x", situation={}, expected="unknown", why="x", by=officer)
    assert prove(ProgramVersion.objects.get(program_id="CL03"), clock.today()).tried == ()


def test_an_example_whose_event_fails_was_not_written(officer: Post, monkeypatch: pytest.MonkeyPatch):
    def fail(*args: object, **kwargs: object) -> None:
        raise RuntimeError("no record")

    monkeypatch.setattr(examples, "record", fail)
    with pytest.raises(RuntimeError, match="no record"):
        transitions.write_example(code="CL03", name="x", situation=household(), expected="unknown", why="x", by=officer)
    assert not RuleExample.objects.exists()
