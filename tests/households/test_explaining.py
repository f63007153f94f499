"""Why an answer is another one: what is named is what the rule asks. On values, without the database."""

from types import SimpleNamespace
from typing import Any

import pytest

from households.screening.explaining import explain_change
from households.screening.inputs import Inputs
from households.screening.screening import Row, Screened
from programs.screening.evaluation import answer
from tests.programs.rules import CATALOGUE, person, rule, situation

ILL: dict[str, Any] = {"fact": "major_illness", "op": "is", "value": True}
COUNTED, UNCOUNTED = "Q计入家庭成员", "Q不再计入家庭成员"


def screened(asked: Any, known: Any, whose: str) -> Screened:
    version: Any = SimpleNamespace(pk=1, number=1, program_id="MZ04", screening_rule={})
    return Screened(Inputs(known, {}, CATALOGUE), (Row(version, 1, whose, asked, answer(asked, known, CATALOGUE, person=whose)),))


def causes(asked: Any, before: Any, after: Any, whose: str = "") -> list[str]:
    changes = explain_change(screened(asked, before, whose), screened(asked, after, whose))
    return [cause.text for change in changes for cause in change.causes]


def family(*, is_ill: bool, with_other: bool, other_is_ill: bool = False, is_counted: bool = True) -> Any:
    first = person("p", major_illness=is_ill, is_counted=is_counted)
    return situation(first, person("q", major_illness=other_is_ill, is_counted=with_other))


def test_who_joins_is_no_cause_where_the_rule_asks_of_the_one_person_alone():
    own = rule(ILL, of="resident")
    found = causes(own, family(is_ill=False, with_other=False), family(is_ill=True, with_other=True), "p")
    assert found == ["P重特大疾病：否 → 是"]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [({**ILL, "scope": "any_member"}, COUNTED), ({"fact": "members", "op": "ge", "value": "2"}, None)],
)
def test_who_joins_is_one_where_it_asks_of_the_family(asked, expected):
    before = situation(person("p", major_illness=False), person("q", major_illness=True, is_counted=False), members=1)
    after = situation(person("p", major_illness=False), person("q", major_illness=True), members=2)
    found = causes(rule(asked), before, after)
    assert COUNTED in found
    assert expected or "计入家庭的人口：1人 → 2人" in found
    back = causes(rule(asked), after, before)
    assert UNCOUNTED in back


def test_where_nobody_was_counted_no_rule_answered():
    own = rule(ILL, of="resident")
    found = causes(
        own, family(is_ill=True, with_other=False, is_counted=False), family(is_ill=True, with_other=True, is_counted=False), "p"
    )
    assert found == [COUNTED]
