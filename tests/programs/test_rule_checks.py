"""A rule that can never hold, always holds, or has a branch that nobody reaches is found before anybody relies on it."""

import pytest

from programs.screening.checking import check, check_programs

from .rules import CATALOGUE, FIGURES, rule

OLD = {"fact": "age", "op": "ge", "value": "60"}
YOUNG = {"fact": "age", "op": "lt", "value": "60"}
DIBAO = {"fact": "dibao", "op": "is", "value": True}


def trained(op, day):
    return {"fact": "training_end", "op": op, "value": day}


def below(**more):
    """Below a figure of two values, chosen by where the household lives."""
    return {"fact": "income", "op": "lt", "value": {"parameter": "standard", "by": "setting", **more}}


def findings(stored, **more):
    return [(found.path, found.text, found.is_error) for found in check(rule(stored, of="resident", **more), CATALOGUE, FIGURES)]


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
    ],
)  # fmt: skip
def test_what_can_never_hold_is_an_error(stored):
    found = findings(stored)
    assert found
    assert found[0][2]
    assert "互相矛盾" in found[0][1]


def test_nothing_on_record_is_no_condition():
    """Of whom nothing is on record nothing is known; a whole list knows who is not on it."""
    known = {"fact": "training_end", "op": "known"}
    assert findings({"all": [DIBAO, known]}) == []
    [(path, text, is_error)] = findings({"all": [DIBAO, {"not": {"any": [OLD, known]}}]})
    assert (path, is_error) == ("eligible.all[1].not.any[1]", True)
    assert "谁也不会满足" in text
    assert findings({"not": {"fact": "death_date", "op": "known"}}) == []


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
    assert findings({"all": [{**OLD, "scope": "any_member"}, {**YOUNG, "scope": "any_member"}]}) == []


def test_what_always_holds_is_an_error():
    [(path, text, is_error)] = findings({"any": [OLD, YOUNG]})
    assert (path, is_error) == ("eligible", True)
    assert "恒成立" in text


def test_a_branch_that_nobody_reaches_is_an_error():
    found = findings({"all": [YOUNG, {"any": [DIBAO, {"all": [OLD, DIBAO]}]}]})
    assert [(path, is_error) for path, _, is_error in found] == [("eligible.all[1].any[1]", True)]


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
    found = findings({"fact": "age", "op": "ge", "value": value})
    assert [(sentence in text, error) for _, text, error in found] == [(True, is_error)]


def test_programs_in_a_circle_are_found():
    def of(**more):
        return rule(DIBAO, of="resident", **more)

    circle = check_programs({"MZ01": of(requires=["MZ02"]), "MZ02": of(requires=["MZ03"]), "MZ03": of(requires=["MZ01"])})
    assert [found.path for found in circle] == ["MZ01", "MZ02", "MZ03"]
    through = check_programs({"MZ01": of(), "MZ02": of(requires=["MZ01"]), "MZ03": of(requires=["MZ02"], excludes=["MZ01"])})
    assert [(found.path, found.is_error) for found in through] == [("MZ03", True)]
    assert [f.is_error for f in check_programs({"MZ01": of(excludes=["MZ02"]), "MZ02": of(requires=["MZ01"])})] == [False]
    assert check_programs({"MZ02": of(excludes=["MZ03"]), "MZ03": of(excludes=["MZ02"])}) == []
    assert check_programs({"MZ02": of(excludes=["MZ02"])})[0].is_error
    assert any("既要求" in text for _, text, _ in findings(DIBAO, requires=["MZ01"], excludes=["MZ01"]))
