"""What is no rule is refused with the place and a sentence; what is one reads as office words (DESIGN 4)."""

import pytest

from programs.screening.language import DEPTH_MAX, RuleError, read
from programs.screening.wording import rule_lines

from .rules import CATALOGUE, rule

AGE = {"fact": "age", "op": "ge", "value": "60"}
BY_AGE = {"parameter": "standard", "by": "age"}
KEYS_OF_NOTHING = {"parameter": "standard", "keys": {"a": "b"}}


@pytest.mark.parametrize(
    ("stored", "place", "sentence"),
    [
        ({}, "", "缺少必填"),
        ({"language": 2, "eligible": AGE}, "language", "版本"),
        ({"language": 1}, "", "只能写一种"),
        ({"language": 1, "eligible": AGE, "anyone": "求助即办"}, "", "只能写一种"),
        ({"language": 1, "eligible": AGE, "sql": "1=1"}, "", "不认识"),
        ({"language": 1, "eligible": {**AGE, "colour": "red"}}, "eligible", "不认识"),
        ({"language": 1, "eligible": {"all": [AGE], "any": [AGE]}}, "eligible", "只能写一种"),
        ({"language": 1, "eligible": {"all": []}}, "eligible.all", "不能是空的"),
        ({"language": 1, "eligible": {"fact": "shoe_size", "op": "ge", "value": "60"}}, "eligible", "没有“shoe_size”"),
        ({"language": 1, "eligible": {"fact": "age", "op": "is", "value": True}}, "eligible", "不能这样比较"),
        ({"language": 1, "eligible": {"fact": "age", "op": "ge", "value": True}}, "eligible", "类型不对"),
        ({"language": 1, "eligible": {"fact": "age", "op": "ge", "value": "六十"}}, "eligible", "请填写数"),
        ({"language": 1, "eligible": {"fact": "age", "op": "ge"}}, "eligible", "没有填写"),
        ({"language": 1, "eligible": {"fact": "dibao", "op": "is", "value": "是"}}, "eligible", "是或否"),
        ({"language": 1, "eligible": {"fact": "training_end", "op": "after", "value": "2026-02-30"}}, "eligible", "要填日期"),
        ({"language": 1, "eligible": {"fact": "disability_level", "op": "in", "value": ["9"]}}, "eligible", "从它的选项"),
        ({"language": 1, "eligible": {"fact": "disability_level", "op": "in", "value": ["1", "2", "3"]}}, "eligible", "没有意义"),
        ({"language": 1, "eligible": {"fact": "diagnosis", "op": "known", "value": "x"}}, "eligible", "不填比较的值"),
        ({"language": 1, "eligible": {"fact": "dibao", "op": "is", "value": {"parameter": "standard"}}}, "eligible", "不是数"),
        ({"language": 1, "eligible": {"fact": "age", "op": "ge", "value": {"fact": "dibao"}}}, "eligible", "不是数"),
        ({"language": 1, "eligible": {"fact": "age", "op": "ge", "value": BY_AGE}}, "eligible", "代码类"),
        ({"language": 1, "eligible": {"fact": "age", "op": "ge", "value": KEYS_OF_NOTHING}}, "eligible", "不填对照"),
        ({"language": 1, "eligible": {"scope": "any_member", "all": [{**AGE, "scope": "any_child"}]}}, "eligible.all[0]", "另选人"),
        ({"language": 1, "eligible": {"scope": "any_cousin", **AGE}}, "eligible.scope", "写法不对"),
        ({"language": 1, "eligible": AGE, "requires": ["低保"]}, "requires[0]", "写法不对"),
        ({"language": 1, "anyone": "求助即办", "requires": ["MZ01"]}, "requires", "不起作用"),
        ({"language": 1, "anyone": "求助即办", "for_the_dead": True}, "for_the_dead", "不起作用"),
    ],
)  # fmt: skip
def test_what_is_no_rule_is_refused_with_its_place(stored, place, sentence):
    with pytest.raises(RuleError) as refused:
        read(stored, CATALOGUE, beneficiary="resident")
    assert refused.value.path == place
    assert sentence in refused.value.message


def test_a_household_has_no_person_to_speak_of():
    with pytest.raises(RuleError, match="任一成员还是全部成员"):
        rule(AGE)
    with pytest.raises(RuleError, match="没有“本人”"):
        rule({**AGE, "scope": "any_child"})
    with pytest.raises(RuleError, match="没有“本人”，不能选“为已去世的人办理”"):
        rule({**AGE, "scope": "any_member"}, for_the_dead=True)
    assert rule({**AGE, "scope": "any_member"}).facts() == {"age"}


def test_a_rule_nests_only_so_deep():
    node = AGE
    for _ in range(DEPTH_MAX):
        node = {"not": node}
    with pytest.raises(RuleError, match="最多嵌套"):
        rule(node, of="resident")


def test_a_rule_knows_its_facts_and_parameters():
    income = {"fact": "income", "op": "lt", "value": {"parameter": "standard", "by": "setting", "factor": {"parameter": "factor"}}}
    spending = {"fact": "spending", "op": "gt", "value": {"fact": "income", "factor": "12"}}
    read_rule = rule({"all": [income, spending]})
    assert read_rule.facts() == {"income", "setting", "spending"}
    assert read_rule.parameters() == {"standard", "factor"}


def test_a_factor_may_be_a_percentage():
    spends = {"fact": "spending", "op": "gt", "value": {"fact": "income", "factor": {"parameter": "factor", "factor": "0.01"}}}
    assert rule_lines(rule(spends), CATALOGUE, {"factor": "比例线"}, {}) == ["近12个月刚性支出超过家庭人均月收入乘以比例线（%）"]
    twice = {"fact": "income", "factor": {"parameter": "factor", "factor": {"parameter": "factor"}}}
    with pytest.raises(RuleError, match="倍数只能是"):
        rule({**spends, "value": twice})


def test_a_rule_reads_as_office_words():
    conditions = {
        "all": [
            {"fact": "income", "op": "lt", "value": {"parameter": "standard", "by": "setting", "factor": "1.5"}},
            {"label": "重病或重残", "scope": "any_member", "any": [
                {"fact": "major_illness", "op": "is", "value": True},
                {"fact": "disability_level", "op": "in", "value": ["1", "2"]},
            ]},
            {"not": {"fact": "dibao", "op": "is", "value": True, "scope": "all_member"}},
        ]
    }  # fmt: skip
    lines = rule_lines(rule(conditions, excludes=["MZ07"]), CATALOGUE, {"standard": "低保标准"}, {"MZ07": "特困供养"})
    assert lines == [
        "家庭人均月收入低于低保标准（按城乡属性）的1.5倍",
        "任一家庭成员：重病或重残（重特大疾病，或者残疾等级为一级、二级）",
        "不是（全部家庭成员：低保对象）",
        "没有享受特困供养",
    ]
