"""The county's rules of screening: every one can be read, none contradicts itself, each says where it comes from (RULES D2)."""

import csv
import json

import pytest

from programs.catalogue import FIXTURES
from programs.facts import catalogue_of_facts
from programs.models import Program, ProgramVersion
from programs.rules import PROVEN_BY_RECORD
from programs.screening.checking import Setting, check, check_programs
from programs.screening.language import read
from programs.screening.situation import Figure
from programs.screening.wording import rule_lines
from tests.conftest import NOW

CODES = sorted(json.loads((FIXTURES / "screening_rules.json").read_text(encoding="utf-8")))
pytestmark = pytest.mark.django_db
TODAY = NOW.date()


@pytest.fixture
def versions():
    return {v.program_id: v for v in ProgramVersion.objects.published().in_force(TODAY).select_related("program")}


@pytest.fixture
def figures():
    """As the county's file has them, those for demonstration too: no department has set its own yet."""
    with (FIXTURES / "parameters.csv").open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if not row["region_code"] and not row["department_code"]]
    return {row["key"]: Figure(json.loads(row["value"]), row["name"], row["unit"]) for row in rows}


def test_every_program_of_the_list_but_the_unnamed_one_has_a_rule_with_its_origin(versions):
    without = {code for code, version in versions.items() if version.screening_rule is None}
    assert without == set(Program.objects.filter(is_placeholder=True).values_list("code", flat=True)) == {"WJ03"}
    assert len(CODES) == len(versions) - 1 == 53
    for version in versions.values():
        assert version.origins["screening_rule"]["origin"] in {"seed", "national", "assumed"}


def test_every_rule_reads_and_nothing_is_wrong_with_it(versions, figures):
    catalogue = catalogue_of_facts(TODAY)
    rules = {code: read(versions[code].screening_rule, catalogue, beneficiary=versions[code].program.beneficiary) for code in CODES}
    setting = Setting(figures, proven=PROVEN_BY_RECORD)
    wrong = {code: found for code, rule in rules.items() if (found := check(rule, catalogue, setting))}
    assert wrong == {}
    assert check_programs(rules) == []
    names = {key: figure.name for key, figure in figures.items()}
    assert all(rule_lines(rule, catalogue, names, {}) for rule in rules.values())
    assert not any("_" in line for rule in rules.values() for line in rule_lines(rule, catalogue, names, {}))
