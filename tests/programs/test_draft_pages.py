"""The pages of a draft: parts as forms, two people at one, the rule builder without scripts, publishing with the difference in words."""

from typing import Any

import pytest
from django.urls import reverse

from organization.models import Post
from programs import transitions
from programs.models import ProgramVersion
from tests.matrix import objects_programs as bodies

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(officer: Post) -> ProgramVersion:
    return transitions.begin(code="CL02", note="放宽年级", by=officer)


def url(page: str, draft: ProgramVersion) -> str:
    return reverse(f"programs:{page}", args=[draft.pk])


def condition(place: str, **fields: str) -> dict[str, str]:
    return {f"{place}-{name}": value for name, value in {"kind": "fact", "scope": "beneficiary", **fields}.items()}


BASE: dict[str, Any] = {
    "mode": "conditions",
    "anyone": "",
    "source": "忠残联发〔2026〕9号",
    "seen_revision": "0",
    "e-kind": "all",
    "e-count": "2",
}
CARD = condition("e.0", fact="disability_card", op="is", value="yes")


def test_the_later_save_keeps_what_was_typed_and_shows_what_was_saved(
    signed_in, officer: Post, department_approver: Post, draft: ProgramVersion
):
    transitions.revise_draft_words(
        version_id=draft.pk, fields={"summary": "先保存的"}, source="先", seen_revision=0, by=department_approver
    )
    answer = signed_in(officer).post(url("draft_words", draft), bodies.words())
    page = answer.content.decode()
    assert answer.status_code == 422
    for words in ("残定之", "改过的简介", "先保存的", "再次保存以您填的为准", 'name="seen_revision" value="1"'):
        assert words in page
    draft.refresh_from_db()
    assert draft.summary == "先保存的"
    again = signed_in(officer).post(url("draft_words", draft), {**bodies.words(), "seen_revision": "1"})
    assert again.status_code == 302
    draft.refresh_from_db()
    assert (draft.summary, draft.revision) == ("改过的简介", 2)


def test_a_save_after_publishing_is_told_and_keeps_what_was_typed(
    signed_in, officer: Post, department_approver: Post, draft: ProgramVersion
):
    client = signed_in(department_approver)
    asked = client.get(url("draft_publish", draft))
    page = asked.content.decode()
    for words in ("没有不同", "还没有样例，", "检查通过", "看试运行", "data-confirm="):
        assert words in page
    assert client.post(url("draft_publish", draft), bodies.publication()).status_code == 302
    late = signed_in(officer).post(url("draft_words", draft), bodies.words())
    assert late.status_code == 422
    assert "已由县残联 残定之" in late.content.decode()
    assert "改过的简介" in late.content.decode()
    assert signed_in(officer).get(url("draft_words", draft)).status_code == 409


def test_stages_that_do_not_add_up_come_back(signed_in, officer: Post, draft: ProgramVersion):
    address = reverse("programs:draft_track", args=[draft.pk, draft.main_track.key])
    answer = signed_in(officer).post(address, {**bodies.track(), "whole_limit": "99", "extended_limit": "99"})
    assert answer.status_code == 422
    assert "不符，请调整" in answer.content.decode()
    nothing = signed_in(officer).post(address, {"source": "x"})
    assert nothing.status_code == 422


def test_the_builder_adds_and_takes_away_rows_without_saving(signed_in, officer: Post, draft: ProgramVersion):
    client, before = signed_in(officer), draft.screening_rule
    page = client.get(url("draft_rule", draft)).content.decode()
    assert 'name="e.1-fact"' in page
    more = client.post(url("draft_rule", draft), {**BASE, **CARD, **condition("e.1"), "do": "condition e"})
    assert more.status_code == 200
    assert 'name="e.2-fact"' in more.content.decode()
    chosen = client.post(url("draft_rule", draft), {**BASE, **CARD, **condition("e.1", fact="school_kind"), "do": "refresh"})
    assert 'value="university"' in chosen.content.decode()
    fewer = client.post(url("draft_rule", draft), {**BASE, **CARD, **condition("e.1"), "do": "remove e.1"})
    assert 'name="e.1-fact"' not in fewer.content.decode()
    draft.refresh_from_db()
    assert draft.screening_rule == before


def test_the_builder_saves_a_rule_and_says_it_in_words(signed_in, officer: Post, draft: ProgramVersion):
    client = signed_in(officer)
    age = condition("e.1", fact="age", op="ge", how="parameter", parameter="elderly_service_age_mz10", part="disabled", times="1.5")
    wrong = client.post(url("draft_rule", draft), {**BASE, **CARD, **{**age, "e.1-times": "一倍半"}})
    assert wrong.status_code == 422
    typed = condition("e.1", fact="age", op="ge", value="abc")
    told = client.post(url("draft_rule", draft), {**BASE, **CARD, **typed})
    assert (told.status_code, 'value="abc"' in told.content.decode()) == (422, True)
    assert "“年龄”请填写数，例如 60。" in told.content.decode()
    assert "内容的写法不对" in wrong.content.decode()
    assert 'value="一倍半"' in wrong.content.decode()
    saved = client.post(url("draft_rule", draft), {**BASE, **CARD, **age, "requires": ["CL01"]}, follow=True)
    page = saved.content.decode()
    assert "年龄达到养老服务补贴年龄线的1.5倍" in page
    assert "正在享受残疾人办理残疾人证" in page
    draft.refresh_from_db()
    value = {"parameter": "elderly_service_age_mz10", "part": "disabled", "factor": "1.5"}
    assert draft.screening_rule == {
        "language": 1, "requires": ["CL01"],
        "eligible": {"all": [{"fact": "disability_card", "op": "is", "value": True}, {"fact": "age", "op": "ge", "value": value}]},
    }  # fmt: skip


@pytest.mark.parametrize(
    "hostile",
    [
        {"e-count": "30", **{f"e.{n}-kind": "all" for n in range(30)}, **{f"e.{n}-count": "30" for n in range(30)}},
        {".".join(["e", *["0"] * n]) + end: "all" if end == "-kind" else "1" for n in range(50) for end in ("-kind", "-count")},
        {"e-kind": "<script>", "e-fact": "'; DROP TABLE", "e-op": "\x01"}, {"e-count": "-5"}, {"seen_revision": "x"}, {"mode": "evil"},
        {"requires": "ZZ99"}, {"e.0-fact": "nothing", "do": ""},
    ],
)  # fmt: skip
def test_a_hostile_post_comes_back(signed_in, officer: Post, draft: ProgramVersion, hostile: dict[str, str]):
    answer = signed_in(officer).post(url("draft_rule", draft), {**BASE, **CARD, **hostile})
    assert answer.status_code == 422
    assert "<script>" not in answer.content.decode().replace("<script src", "")


def test_thousands_of_fields_are_refused_at_the_door(signed_in, officer: Post, draft: ProgramVersion):
    assert signed_in(officer).post(url("draft_rule", draft), {f"e.{n}-fact": "age" for n in range(3000)}).status_code == 400


def test_publishing_shows_the_difference_and_refuses_a_failing_example(
    signed_in, officer: Post, department_approver: Post, draft: ProgramVersion
):
    rule = {"language": 1, "eligible": {"fact": "disability_card", "op": "is", "value": True}}
    transitions.revise_draft_rule(version_id=draft.pk, rule=rule, source="会议纪要", seen_revision=0, by=officer)
    client = signed_in(officer)
    written = client.post(
        reverse("programs:example_write", args=["CL02"]),
        {
            **bodies.example(),
            "name": "持证不在校",
            "expected": "ineligible",
            "why": "要在校",
            "fact_disability_card": "yes",
            "fact_enrolled": "no",
        },
    )
    assert written.status_code == 302
    assert "残疾人证有效 是" in client.get(written["Location"]).content.decode()
    publisher = signed_in(department_approver)
    page = publisher.get(url("draft_publish", draft)).content.decode()
    for words in ("在校就读", "不再有", "会议纪要", "持证不在校", "不能发布"):
        assert words in page
    refused = publisher.post(url("draft_publish", draft), {"valid_from": "2026-10-01", "seen_revision": "1"})
    assert refused.status_code == 422
    assert "持证不在校" in refused.content.decode()


def test_a_parameter_without_a_value_is_named_with_a_way_to_it(signed_in, officer: Post, draft: ProgramVersion):
    rule = {"language": 1, "eligible": {"fact": "age", "op": "ge", "value": {"parameter": "age_not_set"}}}
    transitions.revise_draft_rule(version_id=draft.pk, rule=rule, source="会议纪要", seen_revision=0, by=officer)
    page = signed_in(officer).get(url("version_detail", draft)).content.decode()
    assert reverse("organization:parameter_detail", args=["age_not_set"]) in page
    assert "须改正" in page


def test_all_rules_in_one_page(signed_in, clerk: Post):
    page = signed_in(clerk).get(reverse("programs:rule_list")).content.decode()
    assert "家庭人均月收入低于最低生活保障标准（按城乡属性）" in page
    assert page.count("第1版") == 53
    printed = signed_in(clerk).get(reverse("programs:rule_list_print")).content.decode()
    assert printed.count("第1版") == 53
