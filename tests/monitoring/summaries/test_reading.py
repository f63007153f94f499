"""Every role reads its own figures, and each equals a plain count of the rows of its gate; few of a sensitive program stay out."""

from datetime import date
from decimal import Decimal
from itertools import product

import pytest

from config import clock as house_clock
from monitoring.models import SummaryCell
from monitoring.summaries import read
from monitoring.transitions import summaries
from monitoring.transitions.summaries import count_changed
from programs.models import Program
from tests import cast
from tests.households import factories
from tests.households.factories import HouseholdFactory, assistance

from . import oracle

pytestmark = pytest.mark.django_db
SEPTEMBER, AUGUST = date(2026, 9, 1), date(2026, 8, 1)
WAYS = {
    "all": lambda key: key[1] is None,
    "department": lambda key: key[1] is not None and key[2] is None,
    "program": lambda key: key[2] is not None,
}


@pytest.fixture(autouse=True)
def _two_months(monkeypatch):
    monkeypatch.setattr(summaries, "figure", lambda key: {"summary_months": 2}[key])


@pytest.fixture
def county():
    """Aid of two departments in two townships, in a village of the home township and outside it."""
    for home in (HouseholdFactory(), HouseholdFactory(in_neighbour=True), HouseholdFactory(region=factories.place(cast.OTHER_VILLAGE))):
        assistance(home, "MZ01", since=AUGUST)
        assistance(factories.head_of(home), "CL01", since=SEPTEMBER, amount=Decimal("70"))
        assistance(factories.head_of(home), "MZ02", since=date(2026, 8, 9), until=date(2026, 8, 31), amount=Decimal("900"))
    assistance(home, "MZ04", cadence="once", since=date(2026, 9, 3), amount=Decimal("2000"))
    count_changed()


def figures(cells, place=None):
    """As the oracle gives them, without cells of nothing."""
    found = {
        (cell.township_code if place is None else place, cell.department_id, cell.program_id): {
            name: getattr(cell, name) for name in SummaryCell.FIGURES
        }
        for cell in cells
    }
    return oracle.without_nothing(found)


def expected(way, *, place="", own=None, within="", without=frozenset()):
    """`own`: the department to which the reader belongs; its all is its own."""
    rows = oracle.without_nothing(oracle.counted(SEPTEMBER, within=within, without=without))
    wanted = WAYS["department" if way == "all" and own else way]
    return {key: row for key, row in rows.items() if key[0] == place and wanted(key) and own in {None, key[1]}}


def test_the_county_is_read_by_those_who_look_after_it(county):
    for reader, way in product(["platform", "platform_approver", "supervision", "convener"], WAYS):
        found = expected(way)
        assert figures(read.rolls(cast.member(reader), [SEPTEMBER], by=way)) == found != {}, (reader, way)


def test_a_township_reads_its_own(county):
    for (reader, town), way in product([("clerk", cast.HOME), ("approver", cast.HOME), ("neighbour_clerk", cast.NEIGHBOUR)], WAYS):
        found = expected(way, place=town)
        assert figures(read.rolls(cast.member(reader), [SEPTEMBER], by=way)) == found != {}, (reader, way)


def test_a_department_reads_its_own_programs(county):
    for reader, way in product(["officer", "department_approver", "civil_officer"], WAYS):
        post = cast.member(reader)
        found = expected(way, own=post.unit.department_id)
        assert figures(read.rolls(post, [SEPTEMBER], by=way)) == found != {}, (reader, way)


def test_a_village_reads_its_own_place(county, assistant):
    sensitive = set(Program.objects.filter(is_sensitive=True).values_list("pk", flat=True))
    for way in WAYS:
        found = expected(way, place=cast.HOME, within=cast.VILLAGE, without=sensitive)
        assert figures(read.rolls(assistant, [SEPTEMBER], by=way)) == found != {}, way
    assert read.as_of(assistant, [SEPTEMBER]) == house_clock.now()


def test_whoever_does_no_casework_reads_nothing(county):
    for reader in ("system_administrator", "security_administrator", "audit_administrator"):
        post = cast.member(reader)
        assert not read.can_read(post)
        assert read.rolls(post, [SEPTEMBER], by="program") == []


def test_by_township_and_of_several_months(county, platform, officer, clerk):
    towns = [(cell.township_code, cell.households) for cell in read.rolls(platform, [SEPTEMBER], by="township", program="MZ01")]
    assert towns == [(cast.HOME, 2), (cast.NEIGHBOUR, 1)]
    own = read.rolls(officer, [AUGUST, SEPTEMBER], by="township")
    assert [(cell.month, cell.township_code, cell.people) for cell in own] == [(SEPTEMBER, cast.HOME, 2), (SEPTEMBER, cast.NEIGHBOUR, 1)]
    both = read.rolls(clerk, [AUGUST, SEPTEMBER])
    assert [(cell.month, cell.households, cell.new_households) for cell in both] == [(AUGUST, 2, 2), (SEPTEMBER, 2, 0)]
    assert {cell.township_code for cell in read.rolls(platform, [SEPTEMBER], by="township_program")} == {cast.HOME, cast.NEIGHBOUR}


def test_what_is_asked_of_others_gives_nothing(county, clerk, officer):
    assert read.rolls(clerk, [SEPTEMBER], township=cast.NEIGHBOUR) == []
    assert {cell.township_code for cell in read.rolls(clerk, [SEPTEMBER], by="township")} == {cast.HOME}
    assert read.rolls(officer, [SEPTEMBER], program="MZ01") == []
    assert read.rolls(officer, [SEPTEMBER], by="department", department=Program.objects.get(pk="MZ01").department_id) == []


def test_months_and_how_fresh_they_are(county, platform, clock):
    assert read.known_months(platform) == [SEPTEMBER, AUGUST]
    first = read.as_of(platform, [SEPTEMBER])
    clock.forward(minutes=5)
    count_changed()
    assert read.as_of(platform, [SEPTEMBER]) == house_clock.now() > first
    assert read.as_of(platform, [date(2020, 1, 1)]) is None
    assert read.months_until(date(2026, 2, 14), 3) == [date(2025, 12, 1), date(2026, 1, 1), date(2026, 2, 1)]


def test_a_page_of_figures_takes_two_statements(county, platform, assert_queries):
    read.rolls(platform, [SEPTEMBER], by="program")
    with assert_queries(2):
        read.rolls(platform, read.months_until(SEPTEMBER, 2), by="program")


# ── sensitive programs ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def sensitive(county):
    """One child in difficulty (MZ09) beside the programs of its department."""
    assistance(factories.head_of(HouseholdFactory()), "MZ09", since=SEPTEMBER, amount=Decimal("400"))
    count_changed()
    return Program.objects.get(pk="MZ09")


def of(cells, program):
    return next((cell for cell in cells if cell.program_id == program), None)


def test_few_of_a_sensitive_program_stay_out_with_what_would_give_them_away(sensitive, platform):
    cells = read.rolls(platform, [SEPTEMBER], by="program")
    assert (of(cells, "MZ09").people, of(cells, "MZ09").amount, of(cells, "MZ09").new_people) == (None, None, None)
    assert of(cells, "MZ01").people is None, "the department's sum less the others would tell it"
    assert of(cells, "CL01").people == 3
    assert of(cells, "MZ09").once_records == 0
    whole = read.rolls(platform, [SEPTEMBER], by="department", department=sensitive.department_id)
    assert whole[0].people is not None


def test_by_place_a_sensitive_program_has_no_name_for_others(sensitive, platform, clerk, civil_officer):
    for found in (
        read.rolls(platform, [SEPTEMBER], by="township", program="MZ09"),
        read.rolls(platform, [SEPTEMBER], by="program", township=cast.HOME),
        read.rolls(clerk, [SEPTEMBER], by="program"),
    ):
        assert of(found, "MZ09") is None
    assert of(read.rolls(clerk, [SEPTEMBER], by="program"), "MZ01").people is None
    assert of(read.rolls(civil_officer, [SEPTEMBER], by="township", program="MZ09"), "MZ09").people == 1


def test_where_its_department_has_nothing_else_the_department_stays_out_too(county, platform):
    program = Program.objects.get(pk="FL01")
    assistance(factories.head_of(HouseholdFactory()), "FL01", since=SEPTEMBER, amount=Decimal("400"))
    count_changed()
    cells = read.rolls(platform, [SEPTEMBER], by="department")
    assert next(cell for cell in cells if cell.department_id == program.department_id).records is None
    hidden = [cell.program_id for cell in read.rolls(platform, [SEPTEMBER], by="program") if cell.records is None]
    assert len(hidden) == 2
    assert "FL01" in hidden


def test_by_place_a_department_of_nothing_else_is_not_told_however_many(county, platform, clerk, monkeypatch):
    monkeypatch.setattr("monitoring.summaries.keeping_back.least_shown", lambda: 1)
    department = Program.objects.get(pk="FL01").department_id
    assistance(factories.head_of(HouseholdFactory()), "FL01", since=SEPTEMBER, amount=Decimal("400"))
    count_changed()
    for found in (
        read.rolls(platform, [SEPTEMBER], department=department, township=cast.HOME),
        read.rolls(platform, [SEPTEMBER], by="township", department=department),
        read.rolls(clerk, [SEPTEMBER], department=department),
    ):
        assert [(cell.people, cell.amount) for cell in found] == [(None, None)]
    assert read.rolls(platform, [SEPTEMBER], department=department)[0].people == 1


def test_many_of_it_are_told(county, platform, monkeypatch):
    monkeypatch.setattr("monitoring.summaries.keeping_back.least_shown", lambda: 1)
    assistance(factories.head_of(HouseholdFactory()), "MZ09", since=SEPTEMBER, amount=Decimal("400"))
    count_changed()
    assert of(read.rolls(platform, [SEPTEMBER], by="program"), "MZ09").people == 1
