"""Three values and why: each operator at its boundary, groups of people, what is missing, what stands alone in the way."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from programs.screening.evaluation import Outcome, answer
from programs.screening.language import Group
from programs.screening.situation import Known, Situation

from .rules import CATALOGUE, FIGURES, ON, known, person, rule, situation

YES, NO, UNKNOWN = Outcome.ELIGIBLE, Outcome.INELIGIBLE, Outcome.UNKNOWN
DIBAO = {"fact": "dibao", "op": "is", "value": True}
ILL = {"fact": "major_illness", "op": "is", "value": True}
POOR = {"fact": "income", "op": "lt", "value": {"parameter": "standard", "by": "setting"}}


def of_person(condition, **facts):
    return answer(rule(condition, of="resident"), situation(person("a", **facts)), CATALOGUE, person="a")


@pytest.mark.parametrize(
    ("op", "value", "found", "outcome"),
    [
        ("ge", "60", "60", YES), ("ge", "60", "59", NO), ("gt", "60", "60", NO), ("gt", "60", "60.01", YES),
        ("le", "60", "60", YES), ("le", "60", "61", NO), ("lt", "60", "60", NO), ("lt", "60", "59.99", YES),
        ("eq", "60", "60.00", YES), ("eq", "60", "61", NO),
    ],
)  # fmt: skip
def test_numbers_at_their_boundary(op, value, found, outcome):
    assert of_person({"fact": "age", "op": op, "value": value}, age=found).outcome is outcome


@pytest.mark.parametrize(
    ("condition", "facts", "outcome"),
    [
        ({"fact": "training_end", "op": "before", "value": "2026-09-01"}, {"training_end": date(2026, 8, 31)}, YES),
        ({"fact": "training_end", "op": "before", "value": "2026-09-01"}, {"training_end": date(2026, 9, 1)}, NO),
        ({"fact": "training_end", "op": "after", "value": "2026-09-01"}, {"training_end": date(2026, 9, 1)}, NO),
        ({"fact": "disability_level", "op": "in", "value": ["1", "2"]}, {"disability_level": Known("2")}, YES),
        ({"fact": "disability_level", "op": "not_in", "value": ["1", "2"]}, {"disability_level": Known("2")}, NO),
        ({"fact": "diagnosis", "op": "known"}, {"diagnosis": Known("某病")}, YES),
        ({"fact": "diagnosis", "op": "known"}, {}, UNKNOWN),
        (DIBAO, {}, NO), ({"not": DIBAO}, {}, YES), ({"fact": "dibao", "op": "is", "value": False}, {}, YES),
        (ILL, {}, UNKNOWN), ({"not": ILL}, {}, UNKNOWN),
        ({"all": [ILL, DIBAO]}, {}, NO), ({"any": [ILL, DIBAO]}, {}, UNKNOWN), ({"any": [ILL, DIBAO]}, {"dibao": True}, YES),
    ],
)  # fmt: skip
def test_every_kind_of_fact(condition, facts, outcome):
    assert of_person(condition, **facts).outcome is outcome


@pytest.mark.parametrize(("income", "outcome"), [("635.99", YES), ("636", NO), ("636.01", NO)])
def test_income_equal_to_the_line_is_not_below_it(income, outcome):
    found = answer(rule(POOR), situation(person("a"), income=income, setting=Known("urban")), CATALOGUE)
    assert found.outcome is outcome
    assert found.lines[0].text == "家庭人均月收入低于低保标准（按城乡属性），即636元"


def test_a_factor_may_be_a_parameter_and_a_value_another_fact():
    line = {"fact": "income", "op": "lt", "value": {"parameter": "standard", "by": "setting", "factor": {"parameter": "factor"}}}
    assert answer(rule(line), situation(person("a"), income="953.99", setting=Known("urban")), CATALOGUE).outcome is YES
    assert answer(rule(line), situation(person("a"), income="954", setting=Known("urban")), CATALOGUE).outcome is NO
    spends = {"fact": "spending", "op": "gt", "value": {"fact": "income", "factor": "12"}}
    assert answer(rule(spends), situation(person("a"), income="100", spending="1200.01"), CATALOGUE).outcome is YES
    lost = answer(rule(spends), situation(person("a"), spending="1200.01"), CATALOGUE)
    assert (lost.outcome, [m.fact for m in lost.missing]) == (UNKNOWN, ["income"])


def test_a_parameter_without_a_value_is_said_and_not_guessed():
    bare = replace(situation(person("a"), income="1", setting=Known("urban")), figures={})
    found = answer(rule(POOR), bare, CATALOGUE)
    assert found.outcome is UNKNOWN
    assert "没有可用的值" in found.lines[0].found[1]
    two = replace(bare, figures={"standard": replace(FIGURES["standard"], value={"rural": 1})})
    assert answer(rule(POOR), two, CATALOGUE).outcome is UNKNOWN


@pytest.mark.parametrize(
    ("scope", "ill", "outcome"),
    [
        ("any_member", (True, None), YES), ("any_member", (False, None), UNKNOWN), ("any_member", (False, False), NO),
        ("all_member", (True, True), YES), ("all_member", (True, None), UNKNOWN), ("all_member", (None, False), NO),
    ],
)  # fmt: skip
def test_any_and_all_of_the_members(scope, ill, outcome):
    people = [person(key, **({} if state is None else {"major_illness": state})) for key, state in zip("ab", ill, strict=True)]
    assert answer(rule({**ILL, "scope": scope}), situation(*people), CATALOGUE).outcome is outcome


def test_only_living_counted_members_speak_for_the_household():
    absent = person("c", major_illness=True, is_counted=False)
    dead = person("d", major_illness=True, is_dead=True)
    people = situation(person("a", major_illness=False), absent, dead)
    assert answer(rule({**ILL, "scope": "any_member"}), people, CATALOGUE).outcome is NO


def test_two_conditions_on_one_member_are_not_met_by_two_members():
    both = {"scope": "any_member", "all": [ILL, {"fact": "age", "op": "lt", "value": "18"}]}
    people = situation(person("a", major_illness=True, age="50"), person("b", major_illness=False, age="8"))
    assert answer(rule(both), people, CATALOGUE).outcome is NO


def test_a_household_without_members_is_not_known():
    assert answer(rule({**DIBAO, "scope": "any_member"}), situation(), CATALOGUE).outcome is UNKNOWN
    assert answer(rule(POOR), situation(income="1", setting=Known("urban")), CATALOGUE).outcome is UNKNOWN


def test_of_nobody_a_condition_is_not_known():
    child = person("b", kin={Group.PARENT: ("a",)})
    of_parents = rule({**ILL, "scope": "any_parent"}, of="resident")
    assert answer(of_parents, situation(person("a", major_illness=True), child), CATALOGUE, person="b").outcome is YES
    assert answer(of_parents, situation(person("a", major_illness=True), child), CATALOGUE, person="a").outcome is UNKNOWN


def test_the_dead_ask_for_nothing_but_what_is_for_the_dead():
    dead = situation(person("a", is_dead=True, dibao=True))
    assert answer(rule(DIBAO, of="resident"), dead, CATALOGUE, person="a").outcome is NO
    funeral = rule(DIBAO, of="resident", for_the_dead=True)
    assert answer(funeral, dead, CATALOGUE, person="a").outcome is YES
    assert answer(funeral, situation(person("a", dibao=True)), CATALOGUE, person="a").outcome is NO


def test_a_fact_that_expired_yesterday_is_missing_and_says_so():
    old = known("100", found_on=date(2026, 3, 1), expired_on=date(2026, 9, 23))
    found = answer(rule(POOR), situation(person("a"), income=old, setting=Known("urban")), CATALOGUE)
    assert found.outcome is UNKNOWN
    assert found.lines[0].found == ("2026-09-23已过有效期",)
    assert [(m.fact, m.expired_on) for m in found.missing] == [("income", "2026-09-23")]


def test_a_list_entry_that_expired_is_not_taken_for_a_no():
    old = known(True, expired_on=date(2026, 9, 23))
    assert of_person(DIBAO, dibao=old).outcome is UNKNOWN


def test_what_was_only_declared_makes_it_likely():
    declared = known("100", is_declared=True)
    found = answer(rule(POOR), situation(person("a"), income=declared, setting=Known("urban")), CATALOGUE)
    assert found.outcome is Outcome.LIKELY
    assert "待核实" in found.lines[0].found[0]


def test_a_hint_makes_it_likely_but_not_against_an_exclusion():
    hint = {"likely": {**ILL, "scope": "any_member"}}
    ill = person("a", major_illness=True)
    rich = {"income": "5000", "setting": Known("urban")}
    assert answer(rule(POOR, **hint), situation(ill, **rich), CATALOGUE).outcome is Outcome.LIKELY
    barred = answer(rule(POOR, excludes=["MZ07"], **hint), situation(ill, receives=("MZ07",), **rich), CATALOGUE)
    assert barred.outcome is NO


def test_prerequisites_and_exclusions_go_by_what_is_in_force():
    asked = rule(DIBAO, of="resident", requires=["MZ01"], excludes=["MZ08"])
    covered, base = person("a", dibao=True, receives=("MZ01",)), person("a", dibao=True)
    assert answer(asked, situation(covered), CATALOGUE, person="a").outcome is YES
    lacking = answer(asked, situation(base, receives=("MZ01",)), CATALOGUE, person="a", programs={"MZ01": "最低生活保障"})
    assert (lacking.outcome, [near.text for near in lacking.near]) == (NO, ["正在享受最低生活保障"])
    both = person("a", dibao=True, receives=("MZ01", "MZ08"))
    assert answer(asked, situation(both), CATALOGUE, person="a").outcome is NO


def test_what_stands_alone_in_the_way_is_named():
    both = rule({"all": [{"fact": "age", "op": "ge", "value": "60"}, DIBAO, {"not": ILL}]}, of="resident")
    near = answer(both, situation(person("a", age="59", dibao=True, major_illness=False)), CATALOGUE, person="a")
    assert [(n.text, n.found) for n in near.near] == [("年龄达到60周岁", ("59周岁",))]
    far = answer(both, situation(person("a", age="59", major_illness=False)), CATALOGUE, person="a")
    assert (far.outcome, far.near) == (NO, ())


def test_a_condition_on_others_stands_in_the_way_as_a_whole():
    """Named are those who decided it; the same condition on the beneficiary himself is one of its own."""
    none = rule({"all": [{"fact": "age", "op": "ge", "value": "60"}, {"not": {**DIBAO, "scope": "any_member"}}]}, of="resident")
    home = situation(person("a", age="70"), person("b", dibao=True), person("c", dibao=False))
    [near] = answer(none, home, CATALOGUE, person="a").near
    assert (near.text, near.state, near.found) == ("任一家庭成员：低保对象", True, ("B：是",))
    either = rule({"any": [DIBAO, {**DIBAO, "scope": "any_parent"}]}, of="resident")
    child = person("a", dibao=False, kin={Group.PARENT: ("b",)})
    found = answer(either, situation(child, person("b", dibao=False)), CATALOGUE, person="a")
    assert [near.text for near in found.near] == ["低保对象", "任一父母：低保对象"]


def test_only_what_would_matter_is_missing():
    either = rule({"any": [{"all": [DIBAO, ILL]}, {"fact": "age", "op": "ge", "value": "60"}]}, of="resident")
    found = answer(either, situation(person("a")), CATALOGUE, person="a")
    assert [m.fact for m in found.missing] == ["age"]


def test_an_answer_says_where_each_value_comes_from_and_what_it_rests_on():
    level = known("2", source="县残联", found_on=date(2026, 9, 1), fact_id="f1")
    found = of_person({"fact": "disability_level", "op": "in", "value": ["1", "2"]}, disability_level=replace(level, value="2"))
    assert found.lines[0].found == ("二级（县残联，2026-09-01）",)
    assert found.uses == {"f1"}


def test_nothing_secret_is_repeated():
    found = of_person({"fact": "diagnosis", "op": "known"}, diagnosis=Known("某种诊断"))
    assert "某种诊断" not in str(found)


def test_a_stored_situation_gives_the_same_answer_again():
    first = situation(
        person("a", age="60", dibao=True, training_end=date(2026, 1, 2), kin={Group.CHILD: ("b",)}),
        person("b", is_counted=False, receives=("CL02",)),
        income=known("100.50", source="县民政局", found_on=ON, is_declared=True), receives=("MZ01",),
    )  # fmt: skip
    again = Situation.read(first.stored(), CATALOGUE, {"a": "A", "b": "B"})
    assert again == first
    assert Decimal("100.5") == again.household["income"].value
