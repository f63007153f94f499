"""A figure may be set for one township or department exactly where it is read for one: the marks against the readers in the source."""

import ast
import csv
import re
from collections.abc import Iterator

from organization.scopes import is_by_department, is_by_place
from referrals.transitions import clocks
from tests.guards.tree import ROOT, Module, module, product

# Readers that are told the key: where, and what it can be. A new one is listed here, and its keys are marked in `organization/scopes.py`.
OF_TRACKS = set(
    re.findall(r"(?:cap|ceiling)_parameter,(\w+)", (ROOT / "fixtures/program_details.csv").read_text(encoding="utf-8")),
)
SAME_CAUSE = "same_cause_repeat_mz04"
TOLD = {
    ("referrals/lines.py", "key"): OF_TRACKS,
    ("intake/duplicates.py", "key"): OF_TRACKS | {SAME_CAUSE},
    ("referrals/transitions/clocks.py", "key"): {key for _, key in clocks.FIGURES.values()},
    ("referrals/transitions/superseding.py", "key"): {clocks.FIGURES[clocks.COUNTERSIGN][1]},
    ("organization/figures.py", "key"): set(),  # `figure_at` itself
}
# Reads the county's value of a figure that is by place: it makes up a county for trials, where nobody waits for a limit.
MADE_UP = {"referrals/county.py"}


def read_for_a_place(mod: Module) -> Iterator[tuple[str, bool]]:
    """(key or the expression that is told it, whether also for a department)."""
    texts = {
        node.targets[0].id: node.value.value
        for node in mod.tree.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and isinstance(node.value, ast.Constant)
    }
    for call in mod.walk(ast.Call):
        assert isinstance(call, ast.Call)
        given = {keyword.arg for keyword in call.keywords}
        name = getattr(call.func, "id", getattr(call.func, "attr", ""))
        if name == "figure_at" or (name == "in_force" and "region_code" in given):
            first = call.args[0]
            said = first.value if isinstance(first, ast.Constant) else texts.get(ast.unparse(first), ast.unparse(first))
            yield str(said), "department_id" in given


def found_in(mods: tuple[Module, ...]) -> tuple[set[str], set[str]]:
    """Keys read for a place, and those of them that every reader reads for a department too."""
    places, not_for_departments = set(), set()
    for mod in mods:
        for said, has_department in read_for_a_place(mod):
            keys = {said} if re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+)+", said) else TOLD[mod.name, said]
            places |= keys
            not_for_departments |= set() if has_department else keys
    return places, places - not_for_departments


def read_for_the_county(mods: tuple[Module, ...]) -> set[str]:
    return {
        str(call.args[0].value)
        for mod in mods
        if mod.name not in MADE_UP
        for call in mod.walk(ast.Call)
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") in {"figure", "figure_or"} and isinstance(call.args[0], ast.Constant)
    }


def of_the_rules() -> set[str]:
    return set(re.findall(r'"parameter": *"(\w+)"', (ROOT / "fixtures/screening_rules.json").read_text(encoding="utf-8")))


def test_marks_are_the_figures_read_for_a_place_and_by_nobody_for_the_county():
    with (ROOT / "fixtures/parameters.csv").open(encoding="utf-8", newline="") as file:
        every = {row["key"] for row in csv.DictReader(file)}
    places, departments = found_in(product())
    county = read_for_the_county(product())
    assert {key for key in every if is_by_place(key)} == (places | of_the_rules()) - county
    assert {key for key in every if is_by_department(key)} == (departments | of_the_rules()) - county


def test_the_readers_are_found():
    mod = module('A = "a_limit"\nfigure_at(A, region_code=x)\nfigure_at("b_cap", region_code=x, department_id=y)\nfigure("c_days")\n')
    assert list(read_for_a_place(mod)) == [("a_limit", False), ("b_cap", True)]
    assert read_for_the_county((mod,)) == {"c_days"}
