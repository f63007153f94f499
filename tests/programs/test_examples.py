"""Worked examples kept with a program: asked on every check and before every publication (issue 5)."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from django.urls import reverse

from audit.models import Event
from config import clock
from organization.models import Post
from programs import transitions
from programs.facts import catalogue_of_examples
from programs.models import Program, ProgramVersion, RuleExample
from programs.proof import ask, prove
from programs.screening.language import read
from programs.transitions import AlreadyHandled, TransitionError, examples
from tests.matrix import objects_programs as bodies

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
        seen_revision=0,
        by=department_approver,
    )
    changed = Event.objects.filter(verb="rule_example.rewritten").get()
    assert (changed.old, changed.new, changed.note) == ("符合", "数据不足", "等级没有登记")
    assert transitions.publish(version_id=draft.pk, valid_from=clock.today(), by=department_approver).is_published


def test_what_another_rewrote_meanwhile_is_not_overwritten(signed_in, officer: Post, department_approver: Post, example: RuleExample):
    """Two people at one example: the later one keeps what was typed, sees what was saved, and then decides."""
    page = reverse("programs:example_rewrite", args=[example.pk])
    assert 'name="seen_revision" value="0"' in signed_in(officer).get(page).content.decode()
    changed = {"name": example.name, "situation": example.situation, "expected": "unknown", "why": "先改的", "seen_revision": 0}
    transitions.rewrite_example(example_id=example.pk, **changed, by=department_approver)
    with pytest.raises(AlreadyHandled, match="残定之.*修改过这个样例"):
        transitions.rewrite_example(example_id=example.pk, **changed, by=officer)
    late = signed_in(officer).post(page, {**bodies.example(), "why": "后改的"})
    words = late.content.decode()
    assert late.status_code == 422
    for shown in ("修改过这个样例", "后改的", "先改的", "您填的与最新保存的不同", 'name="seen_revision" value="1"'):
        assert shown in words
    assert signed_in(officer).post(page, {**bodies.example(), "why": "后改的", "seen_revision": "1"}).status_code == 302
    example.refresh_from_db()
    assert (example.why, example.revision) == ("后改的", 2)


def member(number: int, relation: str, **fields: str) -> dict[str, str]:
    return {f"member-{number}-{name}": value for name, value in {"relation": relation, "is_counted": "on", **fields}.items() if value}


def test_an_example_holds_relatives_and_members(signed_in, officer: Post):
    """Written without scripts: rows are asked for one by one; who is not counted or dead is no kin of anybody's answer."""
    client, page = signed_in(officer), reverse("programs:example_write", args=["CL02"])
    more = client.post(page, {**bodies.example(), "do": "member", "name": ""})
    assert more.status_code == 200
    assert 'name="member-0-relation"' in more.content.decode()
    rows = {"member-TOTAL_FORMS": "4", "member-INITIAL_FORMS": "0"}
    body = {**bodies.example(), "name": "一家人", **rows, **member(0, "parent", fact_disability_card="yes")}
    body |= {**member(1, "parent", is_counted=""), **member(2, "spouse", DELETE="on"), **member(3, "")}
    twice = client.post(page, {**body, "member-2-DELETE": "", **member(3, "spouse")})
    assert "配偶最多一位" in twice.content.decode()
    written = client.post(page, body)
    assert written.status_code == 302, written.content.decode()
    example = RuleExample.objects.get(name="一家人")
    people = example.situation["people"]
    assert (people["p"]["kin"], people["m1"]["counted"], people["m2"]["counted"]) == ({"parent": ["m1"]}, True, False)
    shown = client.get(written["Location"]).content.decode()
    assert "父母（不计入家庭）" in shown
    again = client.get(reverse("programs:example_rewrite", args=[example.pk])).content.decode()
    assert again.count('<legend class="h6">成员') == 2


def test_relatives_decide_the_answer():
    """A rule of any child: without one nothing is known; one who is not counted does not count."""
    catalogue = catalogue_of_examples(clock.today())
    rule = read(
        {"language": 1, "eligible": {"scope": "any_child", "fact": "age", "op": "lt", "value": "16"}}, catalogue, beneficiary="resident"
    )
    child = {"facts": {"age": {"value": "9"}}, "receives": [], "kin": {}, "dead": False, "counted": True, "relation": "child"}
    example = RuleExample(program=Program.objects.get(pk="MZ09"), name="x", situation=household())
    assert ask(example, rule, clock.today(), {}, catalogue).outcome == "unknown"
    example.situation["people"] |= {"m1": child}
    example.situation["people"]["p"]["kin"] = {"child": ["m1"]}
    found = ask(example, rule, clock.today(), {}, catalogue)
    assert (found.outcome, found.lines[0].found) == ("eligible", ("子女：9周岁",))


def test_members_are_counted_from_the_people():
    catalogue = catalogue_of_examples(clock.today())
    rule = read({"language": 1, "eligible": {"fact": "members", "op": "ge", "value": "2"}}, catalogue, beneficiary="household")
    example = RuleExample(program=Program.objects.get(pk="MZ01"), name="x", situation=household())
    assert ask(example, rule, clock.today(), {}, catalogue).outcome == "ineligible"
    example.situation["people"]["m1"] = {"facts": {}, "receives": [], "kin": {}, "dead": False, "counted": True, "relation": "spouse"}
    assert ask(example, rule, clock.today(), {}, catalogue).outcome == "eligible"


def test_a_retired_example_is_asked_no_more(officer: Post, example: RuleExample):
    with pytest.raises(TransitionError, match="原因"):
        transitions.retire_example(example_id=example.pk, reason=" ", by=officer)
    transitions.retire_example(example_id=example.pk, reason="重复", by=officer)
    with pytest.raises(AlreadyHandled, match="重复"):
        transitions.retire_example(example_id=example.pk, reason="再停", by=officer)
    with pytest.raises(AlreadyHandled):
        transitions.rewrite_example(example_id=example.pk, name="x", situation={}, expected="unknown", why="x", seen_revision=0, by=officer)
    assert prove(ProgramVersion.objects.get(program_id="CL03"), clock.today()).tried == ()


def test_an_example_whose_event_fails_was_not_written(officer: Post, monkeypatch: pytest.MonkeyPatch):
    def fail(*args: object, **kwargs: object) -> None:
        raise RuntimeError("no record")

    monkeypatch.setattr(examples, "record", fail)
    with pytest.raises(RuntimeError, match="no record"):
        transitions.write_example(code="CL03", name="x", situation=household(), expected="unknown", why="x", by=officer)
    assert not RuleExample.objects.exists()
