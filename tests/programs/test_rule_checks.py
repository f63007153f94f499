"""A rule that can never hold, always holds, or has a branch that nobody reaches is found before anybody relies on it."""

from dataclasses import replace

import pytest

from programs.screening.checking import Setting, check, check_programs
from programs.screening.situation import Figure

from .rules import CATALOGUE, FIGURES, rule

OLD = {"fact": "age", "op": "ge", "value": "60"}
YOUNG = {"fact": "age", "op": "lt", "value": "60"}
DIBAO = {"fact": "dibao", "op": "is", "value": True}


def trained(op, day):
    return {"fact": "training_end", "op": op, "value": day}


def below(**more):
    """Below a figure of two values, chosen by where the household lives."""
    return {"fact": "income", "op": "lt", "value": {"parameter": "standard", "by": "setting", **more}}


SETTING = Setting(FIGURES, proven={"MZ01": "dibao"}, programs={"MZ01": "低保"})


def findings(stored, setting=SETTING, **more):
    of = "resident" if setting.has_person else "household"
    return [(found.path, found.text, found.is_error) for found in check(rule(stored, of=of, **more), CATALOGUE, setting)]


@pytest.mark.parametrize(
    "stored",
    [
        {"all": [OLD, YOUNG]},
        {"all": [DIBAO, {"not": DIBAO}]},
        {"all": [DIBAO, {"fact": "dibao", "op": "is", "value": False}]},
        {"all": [OLD, {"fact": "age", "op": "lt", "value": {"parameter": "age_line"}}]},
        {"all": [{"fact": "disability_level", "op": "in", "value": ["1"]}, {"fact": "disability_level", "op": "in", "value": ["2", "3"]}]},
        {"all": [trained("after", "2026-09-01"), trained("before", "2026-08-01")]},
        {"all": [{"fact": "age", "op": "eq", "value": "5"}, {"fact": "age", "op": "gt", "value": "5"}]},
        {"scope": "any_child", "all": [OLD, YOUNG]},
        {"all": [below(), {**below(), "op": "ge"}]},
        {"all": [below(), {**below(factor="1.5"), "op": "gt"}]},
        {"all": [below(), {**below(factor={"parameter": "factor"}), "op": "ge"}]},
        {"all": [{**DIBAO, "scope": "any_member"}, {"not": DIBAO, "scope": "all_member"}]},
        {"all": [{**OLD, "scope": "any_child"}, {**YOUNG, "scope": "all_child"}]},
        {"all": [{**OLD, "scope": "any_parent"}, {"not": {**OLD, "scope": "any_member"}}]},
        {"all": [{**OLD, "scope": "all_child"}, {**YOUNG, "scope": "all_member"}]},
        {"all": [below(), {"scope": "any_child", "all": [DIBAO, {**below(), "op": "ge"}]}]},
    ],
)  # fmt: skip
def test_what_can_never_hold_is_an_error(stored):
    found = findings(stored)
    assert found
    assert found[0][2]
    assert "互相矛盾" in found[0][1]


def test_nothing_on_record_is_no_condition():
    """Of whom nothing is on record nothing is known."""
    known = {"fact": "training_end", "op": "known"}
    assert findings({"all": [DIBAO, known]}) == []
    [(path, text, is_error)] = findings({"all": [DIBAO, {"not": {"any": [OLD, known]}}]})
    assert (path, is_error) == ("eligible.all[1].not.any[1]", True)
    assert "谁也不会满足" in text


def test_touching_bounds_can_hold():
    assert findings({"all": [OLD, {"fact": "age", "op": "le", "value": "60"}]}) == []
    assert findings({"all": [{**below(), "op": "ge"}, below(factor={"parameter": "factor"})]}) == []
    assert findings({"all": [below(), {"fact": "income", "op": "gt", "value": "600"}]}) == []  # in town
    assert (
        findings(
            {
                "all": [
                    {"fact": "disability_level", "op": "not_in", "value": ["1"]},
                    {"fact": "disability_level", "op": "in", "value": ["1", "2"]},
                ]
            }
        )
        == []
    )


def test_members_may_differ():
    assert findings({"all": [{**OLD, "scope": "any_child"}, {**YOUNG, "scope": "any_child"}, {**YOUNG, "scope": "all_parent"}]}) == []
    assert findings({"all": [{**OLD, "scope": "any_member"}, {**YOUNG, "scope": "all_child"}]}) == []
    assert findings({"all": [{**OLD, "scope": "any_member"}, {**YOUNG, "scope": "any_member"}]}) == []


def test_what_always_holds_is_an_error():
    [(path, text, is_error)] = findings({"any": [OLD, YOUNG]})
    assert (path, is_error) == ("eligible", True)
    assert "恒成立" in text


def test_a_branch_that_nobody_reaches_is_an_error():
    found = findings({"all": [YOUNG, {"any": [DIBAO, {"all": [OLD, DIBAO]}]}]})
    assert [(path, is_error) for path, _, is_error in found] == [("eligible.all[1].any[1]", True)]


def test_what_another_branch_covers_is_advice():
    old = {"fact": "age", "op": "ge", "value": "70"}
    [(path, text, is_error)] = findings({"any": [OLD, {"all": [DIBAO, old]}]})
    assert (path, is_error) == ("eligible.any[1]", False)
    assert "已被“年龄达到60周岁”包括" in text
    assert [path for path, _, _ in findings({"any": [old, {"not": DIBAO}, OLD]})] == ["eligible.any[0]"]
    assert findings({"any": [OLD, {"all": [DIBAO, YOUNG]}]}) == []


def test_what_a_prerequisite_proves_cannot_be_forbidden():
    [(path, text, is_error)] = findings({"not": DIBAO}, requires=["MZ01"])
    assert (path, is_error) == ("requires", True)
    assert "以“低保”为前置，正在享受的都是“低保对象”" in text
    assert findings({"not": DIBAO}, requires=["MZ02"]) == []
    home = replace(SETTING, has_person=False)
    assert len(findings({"not": {**DIBAO, "scope": "any_member"}}, home, requires=["MZ01"])) == 1
    assert findings({"not": {**DIBAO, "scope": "all_member"}}, home, requires=["MZ01"]) == []


def test_figures_of_a_township_are_checked_too():
    """In 白石镇 the standard is so high that a rule which holds in the county can hold for nobody there."""
    stored = {"all": [{"fact": "income", "op": "gt", "value": {"parameter": "standard", "part": "rural"}}, below(part="urban", by="")]}
    stored["all"][1]["value"].pop("by")
    town = {**FIGURES, "standard": Figure({"urban": 500, "rural": 700}, "低保标准", "元")}
    assert findings(stored) == []
    [(path, text, is_error)] = findings(stored, replace(SETTING, places={"白石镇": town, "拔山镇": FIGURES}))
    assert (path, is_error) == ("eligible", True)
    assert text.startswith("按白石镇自己的标准：条件互相矛盾")
    half = {**FIGURES, "standard": Figure({"urban": 500}, "低保标准", "元")}
    assert ["不是一个数" in text for _, text, _ in findings(stored, replace(SETTING, places={"白石镇": half}))] == [True]
    only = findings({"fact": "age", "op": "ge", "value": {"parameter": "local"}}, replace(SETTING, places={"白石镇": {"local": Figure(5)}}))
    assert "只有白石镇有，全县没有值" in only[0][1]


def test_nobody_is_divided_by():
    """Without members nothing is per head: a rule that asks for nobody holds for nobody, and times nothing compares nothing."""
    members = {"fact": "members", "op": "lt", "value": "1"}
    for stored in ({"all": [below(), members]}, {"not": {**members, "op": "ge"}}):
        [(_, text, is_error)] = findings(stored, replace(SETTING, has_person=False))
        assert is_error
        assert "至少是1" in text
    assert findings({**members, "op": "le", "value": "2"}) == []
    [(path, text, is_error)] = findings(below(factor="0"))
    assert (path, is_error) == ("eligible", True)
    assert "乘以0" in text


def test_years_are_not_compared_with_yuan():
    [(_, text, is_error)] = findings({"fact": "age", "op": "ge", "value": {"fact": "income"}})
    assert is_error
    assert text == "“年龄”以周岁计，“家庭人均月收入”以元计，不是同一种数，不能相比。"
    assert "不能相比" in findings({"fact": "income", "op": "ge", "value": {"parameter": "age_line"}})[0][1]
    assert findings({"fact": "spending", "op": "ge", "value": {"fact": "income", "factor": {"parameter": "factor"}}}) == []


def test_the_same_condition_twice_is_advice():
    [(path, text, is_error)] = findings({"all": [DIBAO, DIBAO]})
    assert (path, is_error) == ("eligible.all[1]", False)
    assert "两次" in text


def test_too_many_ways_are_said_and_not_tried():
    wide = [{"any": [{"fact": "age", "op": "eq", "value": f"{n}{m}"} for m in range(1, 9)]} for n in range(1, 5)]
    assert any("没有逐一检查" in text for _, text, _ in findings({"all": wide}))


@pytest.mark.parametrize(
    ("value", "sentence", "is_error"),
    [
        ({"parameter": "nowhere"}, "没有值", True),
        ({"parameter": "standard"}, "取哪一项", True),
        ({"parameter": "standard", "part": "mountain"}, "取哪一项", True),
        ({"parameter": "standard", "by": "disability_level"}, "分列的值", True),
        ({"parameter": "standard", "by": "setting", "keys": {"rural": "island"}}, "缺少农村", False),
    ],
)
def test_a_figure_without_its_value_is_found(value, sentence, is_error):
    found = findings({"fact": "income", "op": "ge", "value": value})
    assert [(sentence in text, error) for _, text, error in found] == [(True, is_error)]


def test_programs_in_a_circle_are_found():
    def of(**more):
        return rule(DIBAO, of="resident", **more)

    circle = check_programs({"MZ01": of(requires=["MZ02"]), "MZ02": of(requires=["MZ03"]), "MZ03": of(requires=["MZ01"])})
    assert [found.programs for found in circle] == [("MZ01", "MZ01"), ("MZ02", "MZ02"), ("MZ03", "MZ03")]
    through = check_programs({"MZ01": of(), "MZ02": of(requires=["MZ01"]), "MZ03": of(requires=["MZ02"], excludes=["MZ01"])})
    assert [(found.programs, found.is_error) for found in through] == [(("MZ03", "MZ01"), True)]
    around = {"MZ01": of(excludes=["MZ03"]), "MZ02": of(requires=["MZ01"]), "MZ03": of(requires=["MZ02"])}
    [loop] = check_programs(around, {"MZ01": "低保", "MZ03": "护理补贴"})
    assert loop.is_error
    assert loop.text == "“护理补贴”以“低保”为前置，而“低保”排除正在享受“护理补贴”的人，两个项目互相绕圈。请去掉前置或互斥。"
    assert check_programs({"MZ02": of(excludes=["MZ03"]), "MZ03": of(excludes=["MZ02"])}) == []
    assert check_programs({"MZ02": of(excludes=["MZ02"])})[0].is_error
    assert any("既要求" in text for _, text, _ in findings(DIBAO, requires=["MZ01"], excludes=["MZ01"]))
