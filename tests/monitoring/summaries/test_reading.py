"""Every role reads its own figures, and each equals a plain count of the rows of its gate; few of a sensitive program stay out."""

from datetime import date
from decimal import Decimal
from itertools import product

import pytest
from django.db.models import Q, Sum

from config import clock as house_clock
from households.models import AssistanceRecord
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
    """Aid of three departments in two townships, in a village of the home township and outside it; some of it sensitive."""
    for home in (HouseholdFactory(), HouseholdFactory(in_neighbour=True), HouseholdFactory(region=factories.place(cast.OTHER_VILLAGE))):
        assistance(home, "MZ01", since=AUGUST)
        assistance(factories.head_of(home), "CL01", since=SEPTEMBER, amount=Decimal("70"))
        assistance(factories.head_of(home), "MZ02", since=date(2026, 8, 9), until=date(2026, 8, 31), amount=Decimal("900"))
    assistance(home, "MZ04", cadence="once", since=date(2026, 9, 3), amount=Decimal("2000"))
    child = HouseholdFactory()
    assistance(factories.head_of(child), "MZ09", since=SEPTEMBER, amount=Decimal("400"))
    assistance(factories.head_of(child), "FL01", cadence="once", since=SEPTEMBER, amount=Decimal("3000"))
    count_changed()


def figures(cells, place=None):
    """As the oracle gives them, without cells of nothing."""
    found = {
        (cell.township_code if place is None else place, cell.department_id, cell.program_id, cell.with_sensitive): {
            name: getattr(cell, name) for name in SummaryCell.FIGURES
        }
        for cell in cells
    }
    return oracle.without_nothing(found)


def expected(way, *, place="", own=None, within=""):
    """`own`: the department to which the reader belongs; its all is its own, with its sensitive programs."""
    rows = oracle.without_nothing(oracle.counted(SEPTEMBER, within=within))
    wanted = WAYS["department" if way == "all" and own else way]
    found = {key: row for key, row in rows.items() if key[0] == place and wanted(key) and own in {None, key[1]}}
    if own:
        return {key: row for key, row in found.items() if key[2] or key[3] or (*key[:3], True) not in found}
    return {key: row for key, row in found.items() if not key[3]}


def told(cells):
    """Without the sensitive programs that are named over the county."""
    return [cell for cell in cells if not cell.with_sensitive]


def test_the_county_is_read_by_those_who_look_after_it(county):
    for reader, way in product(["platform", "platform_approver", "supervision", "convener"], WAYS):
        found, cells = expected(way), read.rolls(cast.member(reader), [SEPTEMBER], by=way)
        assert figures(told(cells)) == found != {}, (reader, way)
        assert {cell.program_id for cell in cells if cell.with_sensitive} == ({"MZ09", "FL01"} if way == "program" else set())


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
    for way in WAYS:
        found = expected(way, place=cast.HOME, within=cast.VILLAGE)
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


def test_a_page_of_figures_takes_one_statement(county, platform, assert_queries):
    read.rolls(platform, [SEPTEMBER], by="program")
    with assert_queries(1):
        read.rolls(platform, read.months_until(SEPTEMBER, 2), by="program")


# ── sensitive programs ──────────────────────────────────────────────────────────────────────────────────────────────────


def of(cells, program):
    return next((cell for cell in cells if cell.program_id == program), None)


def test_few_of_a_sensitive_program_stay_out_of_the_county_and_nothing_else_does(county, platform, monkeypatch):
    cells = read.rolls(platform, [SEPTEMBER], by="program")
    assert (of(cells, "MZ09").people, of(cells, "MZ09").amount, of(cells, "MZ09").new_people) == (None, None, None)
    assert of(cells, "MZ09").once_records == 0
    assert (of(cells, "FL01").once_people, of(cells, "FL01").once_amount, of(cells, "FL01").paid) == (None, None, None)
    assert (of(cells, "MZ01").people, of(cells, "CL01").people) == (9, 3)
    # Many of it are told
    monkeypatch.setattr("monitoring.summaries.keeping_back.least_shown", lambda: 1)
    assert of(read.rolls(platform, [SEPTEMBER], by="program"), "MZ09").people == 1


def test_by_place_a_sensitive_program_has_no_name_for_others(county, platform, clerk, civil_officer, monkeypatch):
    monkeypatch.setattr("monitoring.summaries.keeping_back.least_shown", lambda: 1)
    for found in (
        read.rolls(platform, [SEPTEMBER], by="township", program="MZ09"),
        read.rolls(platform, [SEPTEMBER], by="township_program"),
        read.rolls(platform, [SEPTEMBER], by="program", township=cast.HOME),
        read.rolls(clerk, [SEPTEMBER], by="program"),
    ):
        assert of(found, "MZ09") is None
    assert of(read.rolls(civil_officer, [SEPTEMBER], by="township", program="MZ09"), "MZ09").people == 1


def test_no_sum_of_several_programs_holds_what_is_sensitive(county):
    """Beside a list of rows without it, it would be the rest: who reads both would know a township's one child, and its sum."""
    records = AssistanceRecord.objects.filter(program__is_sensitive=False)
    ways = [{"by": "all"}, {"by": "department"}, {"by": "township"}, {"by": "all", "township": cast.HOME}]
    ways += [{"by": "township", "department": Program.objects.get(pk=code).department_id} for code in ("MZ01", "CL01")]
    for reader, way in product(["platform", "supervision", "convener", "clerk", "assistant"], ways):
        post = cast.member(reader)
        for cell in read.rolls(post, [SEPTEMBER], **way):
            rows = records.filter(region_code__startswith=max(post.region_code, cell.township_code, key=len))
            rows = rows.filter(program__department=cell.department_id) if cell.department_id else rows
            paid = rows.filter(Q(until=None) | Q(until__gte=SEPTEMBER)).aggregate(paid=Sum("amount"))["paid"]
            assert cell.paid == paid, (reader, way)
            assert cell.once_amount == (rows.filter(cadence="once").aggregate(paid=Sum("amount"))["paid"] or 0), (reader, way)
    alone = {"by": "department", "department": Program.objects.get(pk="FL01").department_id}
    assert read.rolls(cast.member("platform"), [SEPTEMBER], **alone) == [], "where a department has nothing else, it is not told"


def test_a_department_reads_its_sums_with_its_sensitive_programs(county, civil_officer):
    [whole] = read.rolls(civil_officer, [SEPTEMBER])
    towns = read.rolls(civil_officer, [SEPTEMBER], by="township")
    assert whole.amount == sum(cell.amount for cell in towns)
    assert of(read.rolls(civil_officer, [SEPTEMBER], by="program"), "MZ09").amount == 400
    open_sums = read.rolls(cast.member("platform"), [SEPTEMBER], by="department", department=civil_officer.unit.department_id)
    assert whole.amount - open_sums[0].amount == 400


def test_a_program_that_becomes_sensitive_leaves_the_sums(county, platform):
    Program.objects.filter(pk="CL01").update(is_sensitive=True)
    count_changed()
    assert read.rolls(platform, [SEPTEMBER], by="department", department=Program.objects.get(pk="CL01").department_id) == []
    for month in (AUGUST, SEPTEMBER):
        assert oracle.standing_cells(month) == oracle.without_nothing(oracle.counted(month))


def test_what_was_paid_of_a_sensitive_program_tells_nothing_of_the_one_who_stopped(platform, monkeypatch):
    """Its last month is due too, and beside what stands it would be the rest."""
    monkeypatch.setattr("monitoring.summaries.keeping_back.least_shown", lambda: 2)
    for amount, until in ((400, None), (500, None), (700, date(2026, 9, 10))):
        assistance(factories.head_of(HouseholdFactory()), "MZ09", since=AUGUST, until=until, amount=Decimal(amount))
    assistance(factories.head_of(HouseholdFactory()), "FL01", since=date(2026, 9, 3), until=date(2026, 9, 20), amount=Decimal("300"))
    count_changed()
    cells = read.rolls(platform, [SEPTEMBER], by="program")
    assert (of(cells, "MZ09").amount, of(cells, "MZ09").paid) == (900, None)
    assert (of(cells, "FL01").records, of(cells, "FL01").paid) == (0, None), "begun and ended in the month"
    assert of(read.rolls(platform, [AUGUST], by="program"), "MZ09").paid == 1600
