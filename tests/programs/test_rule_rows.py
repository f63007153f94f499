"""The rule builder's fields: every rule of the county goes into rows and comes back the same, and hostile posts are refused."""

import json
from typing import Any

import pytest
from django.utils.datastructures import MultiValueDict

from programs.catalogue import FIXTURES
from programs.forms.rule_rows import CHILDREN_MAX, Row, TooMuch, Written, change, group, rows_from, rows_of
from programs.rule_page import Choices, RowView
from programs.screening.language import RuleError, read
from programs.screening.situation import Figure

from .rules import CATALOGUE
from .test_worked_households import catalogue

STORED: dict[str, Any] = json.loads((FIXTURES / "screening_rules.json").read_text(encoding="utf-8"))


def posted(row: Row) -> dict[str, list[str]]:
    """The fields that a row's controls send."""
    own = {"kind": row.kind, "scope": row.scope, "how": row.how, **row.texts}
    fields = {f"{row.place}-{name}": [value] for name, value in own.items() if value}
    fields[f"{row.place}-codes"] = row.codes
    if row.is_group:
        fields[f"{row.place}-count"] = [str(len(row.children))]
    for child in row.children:
        fields |= posted(child)
    return fields


def post(**fields: str) -> "MultiValueDict[str, str]":
    return MultiValueDict({name.replace("__", "-").replace("_at_", "."): [value] for name, value in fields.items()})


@pytest.mark.parametrize("code", STORED)
def test_every_rule_goes_through_the_form_and_back_unchanged(code: str):
    rule = STORED[code]["rule"]
    rows = rows_of(rule)
    fields: dict[str, list[str]] = {}
    for row in rows.values():
        fields |= posted(row)
    again = rows_from(MultiValueDict(fields))
    written = Written(catalogue())
    for root, key in (("e", "eligible"), ("l", "likely")):
        assert (written.node(again[root], key) if root in again else None) == rule.get(key)


def test_rows_are_added_and_taken_away():
    rows = {"e": group("e")}
    rows = change(rows, "condition e")
    rows = change(rows, "group e")
    assert [row.place for row in rows["e"].walk()] == ["e", "e.0", "e.1", "e.2", "e.2.0"]
    rows = change(rows, "remove e.0")
    assert [row.place for row in rows["e"].walk()] == ["e", "e.0", "e.1", "e.1.0"]
    rows = change(rows, "root l")
    assert set(rows) == {"e", "l"}
    assert set(change(rows, "remove l")) == {"e"}
    for nonsense in ("", "refresh", "condition e.9.9", "drop table", "root x", "condition e.0", "remove"):
        assert [row.place for row in change(rows, nonsense)["e"].walk()] == ["e", "e.0", "e.1", "e.1.0"]


def test_more_levels_or_rows_than_a_rule_may_have_are_refused():
    deep: dict[str, list[str]] = {}
    for level in range(60):
        place = ".".join(["e", *["0"] * level])
        deep |= {f"{place}-kind": ["all"], f"{place}-count": ["1"]}
    with pytest.raises(TooMuch, match="嵌套"):
        rows_from(MultiValueDict(deep))
    wide = {
        "e-kind": ["all"],
        "e-count": ["30"],
        **{f"e.{n}-kind": ["any"] for n in range(30)},
        **{f"e.{n}-count": ["30"] for n in range(30)},
    }
    with pytest.raises(TooMuch, match="最多120"):
        rows_from(MultiValueDict(wide))
    with pytest.raises(TooMuch, match=str(CHILDREN_MAX)):
        rows_from(post(e__kind="all", e__count="999"))


def test_nothing_is_added_that_would_be_refused_with_all_that_was_typed():
    rows = {"e": group("e")}
    place = "e"
    for _ in range(4):
        rows = change(rows, f"group {place}")
        place = f"{place}.1"
    with pytest.raises(TooMuch, match="嵌套"):
        change(rows, f"group {place}")
    assert len(change(rows, f"condition {place}")["e"].children) == 2
    full = {"e": Row("e", "all", children=[Row(f"e.{n}") for n in range(CHILDREN_MAX)])}
    with pytest.raises(TooMuch, match="一组最多"):
        change(full, "condition e")


@pytest.mark.parametrize("count", ["-1", "1e9", "９", "²", "", "99999999999999999999", "x"])
def test_a_count_that_is_none_makes_no_rows(count: str):
    assert rows_from(post(e__kind="all", e__count=count))["e"].children == []


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({}, "请选择事项"), ({"fact": "nothing"}, "请选择事项"), ({"fact": "age"}, "怎样比较"), ({"fact": "age", "op": "ge"}, "没有填写"),
        ({"fact": "age", "op": "ge", "value": "old"}, "请填写数"), ({"fact": "age", "op": "is", "value": "1"}, "不能这样比较"),
        ({"fact": "age", "op": "ge", "value": "NaN"}, "请填写数"), ({"fact": "age", "op": "ge", "how": "parameter"}, "请选择参数"),
        ({"fact": "income", "op": "lt", "how": "parameter", "parameter": "standard", "by": "setting", "keys": "urban"}, "每个选项"),
        ({"fact": "income", "op": "lt", "how": "parameter", "parameter": "standard", "times": "1/2"}, "写法不对"),
        ({"fact": "age", "op": "ge", "how": "fact"}, "与哪个事项"), ({"fact": "dibao", "op": "is", "value": "maybe"}, "没有填写"),
        ({"fact": "setting", "op": "in"}, "没有填写"), ({"fact": "training_end", "op": "before", "value": "2026-13-40"}, "要填日期"),
        ({"fact": "age", "op": "__class__", "value": "1"}, "写法不对"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_at_its_row(fields: dict[str, str], sentence: str):
    rows = rows_from(post(**{"e__kind": "all", "e__count": "1", **{f"e_at_0__{name}": value for name, value in fields.items()}}))
    written = Written(CATALOGUE)
    with pytest.raises(RuleError, match=sentence) as wrong:
        read({"language": 1, "eligible": written.node(rows["e"], "eligible")}, CATALOGUE, beneficiary="resident")
    assert written.place_of(wrong.value.path) == "e.0"


def test_nothing_but_known_words_is_taken_from_a_post():
    row = rows_from(post(e__kind="lambda", e__scope="any_stranger", e__how="magic", e__fact="x" * 500))["e"]
    assert (row.kind, row.scope, row.how, len(row.fact)) == ("fact", "beneficiary", "literal", 60)


def test_not_of_several_is_not_any_of_them():
    rows = {"e": Row("e", "not", children=[Row("e.0", texts={"fact": "dibao", "op": "is", "value": "yes"}) for _ in range(2)])}
    dibao = {"fact": "dibao", "op": "is", "value": True}
    assert Written(CATALOGUE).node(rows["e"], "eligible") == {"not": {"any": [dibao, dibao]}}


def test_an_empty_group_is_said_at_its_place():
    with pytest.raises(RuleError, match="不能是空的"):
        Written(CATALOGUE).node(Row("e", "all"), "eligible")


def test_codes_are_given_values_by_name_and_only_where_the_names_differ():
    choices = Choices(catalogue(), {"pair": Figure({"urban": 1, "rural": 2}), "ages": Figure({"male": 63, "female": 55})}, has_person=True)

    def page(parameter: str, by: str, keys: str = "") -> str:
        texts = {"fact": "age", "op": "lt", "parameter": parameter, "by": by, "keys": keys}
        return RowView(Row("e.0", how="parameter", texts=texts), choices, {}).part

    assert "e.0-keys" not in page("pair", "urban_rural")
    asked = page("ages", "sex", "1=male;urban=rural")
    assert asked.count('name="e.0-keys"') == 2
    assert '<option value="1=male" selected>男</option>' in asked
    assert "女：取哪一项" in asked
    fields = {"kind": ["fact"], "how": ["parameter"], "fact": ["age"], "op": ["lt"], "parameter": ["ages"], "by": ["sex"]}
    for chosen, stored in (["", "2=female"], {"2": "female"}), (["urban=rural"], {}), (["1=1", "2=2"], {}):
        row = rows_from(MultiValueDict({f"e-{name}": value for name, value in {**fields, "keys": chosen}.items()}))["e"]
        assert Written(catalogue()).node(row, "eligible")["value"].get("keys", {}) == stored
