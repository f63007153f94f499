"""Figures of aid equal what a reader of records, coverage and memberships counts by hand, for each role's gate."""

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from urllib.parse import parse_qsl, urlsplit

import pytest

from config.dates import add_months
from households.models import AssistanceRecord, Coverage, Membership
from monitoring.dashboards import of_aid
from monitoring.dashboards.questions import OVERSEEING, Question
from monitoring.dashboards.tables import text_of
from monitoring.household_ledger.forms import LedgerForm
from monitoring.models import SummaryMonth
from monitoring.transitions.summaries import count_changed
from organization.models import Post
from programs.models import Program
from referrals.names import forget
from tests import cast
from tests.households.factories import HouseholdFactory, assistance, head_of, place

pytestmark = pytest.mark.django_db
MONTH = date(2026, 9, 1)
FIRSTS = [date(2026, 7, 1), date(2026, 8, 1), MONTH]
EVERYBODY = ["assistant", "clerk", "neighbour_clerk", "officer", "civil_officer", "platform", "supervision", "convener"]


def asked(who, **given):
    return Question(cast.member(who), MONTH, **{"months": 3, **given})


def shown(table):
    return {row.key: row.values for row in table.rows}


@pytest.fixture
def county():
    """Two villages and another township: aid of households and of people, regular and once, begun, ended and adjusted, one of it held."""
    homes = [HouseholdFactory(), HouseholdFactory(), HouseholdFactory(region=place(cast.OTHER_VILLAGE))]
    homes.append(HouseholdFactory(region=place(cast.NEIGHBOUR)))
    for number, home in enumerate(homes):
        assistance(home, "MZ01", since=date(2026, 6, 1), amount=Decimal(500 + number), until=date(2026, 8, 31) if number == 1 else None)
    assistance(homes[1], "MZ01", since=date(2026, 9, 1), amount=Decimal(700))  # adjusted: neither new nor stopped
    assistance(head_of(homes[0]), "CL01", since=date(2026, 8, 10), amount=Decimal(80))
    assistance(head_of(homes[2]), "CL01", since=date(2026, 7, 1), until=date(2026, 8, 31), amount=Decimal(90))
    assistance(homes[3], "MZ04", since=date(2026, 8, 3), until=date(2026, 8, 3), cadence="once", amount=Decimal(1200))
    assistance(homes[0], "MZ04", since=date(2026, 9, 5), until=date(2026, 9, 5), cadence="once", amount=Decimal(900))
    count_changed()


def last_of(first):
    return add_months(first, 1) - timedelta(days=1)


def in_force(row, day):
    return row.since <= day and (row.until is None or row.until >= day)


def rows_of(post: Post, **narrowed):
    """Records by the words of each gate, without the house's."""
    rows = list(AssistanceRecord._base_manager.select_related("program__department"))
    kind = post.unit.kind
    if kind in {"township_window", "village_window"}:
        rows = [row for row in rows if row.region_code.startswith(post.unit.region_id)]
    if kind == "department":
        rows = [row for row in rows if row.program.department_id == post.unit.department_id]
    if narrowed.get("township"):
        rows = [row for row in rows if row.region_code.startswith(narrowed["township"])]
    if narrowed.get("program"):
        rows = [row for row in rows if row.program_id == narrowed["program"]]
    if narrowed.get("department"):
        rows = [row for row in rows if row.program.department.code == narrowed["department"]]
    return rows


def home_of(row, day):
    if row.household_id:
        return row.household_id
    belongs = [one for one in Membership._base_manager.filter(resident_id=row.resident_id) if one.until is None or one.until > day]
    return min(belongs, key=lambda one: (one.since, one.pk)).household_id if belongs else row.resident_id


def standing(rows, day):
    """(households, people, money a month) on a day."""
    held = [row for row in rows if row.cadence != "once" and in_force(row, day)]
    people = {one.resident_id for one in Coverage._base_manager.filter(record__in=held) if in_force(one, day)}
    money = sum((row.amount for row in held if row.cadence == "monthly" and row.amount), Decimal(0))
    return {home_of(row, day) for row in held}, people, money


def counted(rows, day):
    households, people, money = standing(rows, day)
    return len(households), len(people), money


def by(rows, key, day):
    groups = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return {name: found for name, group in groups.items() if (found := counted(group, day))[0]}


def test_rolls_equal_a_count_by_hand_for_each_gate(county):
    day = last_of(MONTH)
    for who in EVERYBODY:
        post, question = cast.member(who), asked(who)
        rows = rows_of(post)
        table = of_aid.by_program(question)
        assert shown(table) == by(rows, lambda row: row.program_id, day), who
        assert table.total in {None, counted(rows, day)}
        assert shown(of_aid.by_month(question)) == {f"{first:%Y-%m}": counted(rows, last_of(first)) for first in FIRSTS}, who
        if of_aid._names_townships(post):
            assert shown(of_aid.by_township(question)) == by(rows, lambda row: row.region_code[:9], day), who
    assert shown(of_aid.by_village(asked("clerk"))) == by(rows_of(cast.member("clerk")), lambda row: row.region_code, day)
    whole = of_aid.by_program(asked("platform"))
    assert (len(whole.rows), whole.total) == (2, counted(rows_of(cast.member("platform")), day))


def paid_in(rows, first):
    """(regular, once): each month begun, held in full or ended in it is due; once on its day."""
    last = last_of(first)
    regular = [row for row in rows if row.cadence == "monthly" and row.since <= last and (row.until is None or row.until >= first)]
    once = [row for row in rows if row.cadence == "once" and first <= row.since <= last]
    return tuple(sum((row.amount for row in part), Decimal(0)) for part in (regular, once))


def test_money_comings_and_single_aid_equal_a_count_by_hand_for_each_gate(county):
    for who in EVERYBODY:
        rows, question = rows_of(cast.member(who)), asked(who)
        spent = {f"{first:%Y-%m}": paid_in(rows, first) for first in FIRSTS}
        found = shown(of_aid.spending(question))
        assert {month: values[:3] for month, values in found.items()} == {month: (*pair, sum(pair)) for month, pair in spent.items()}, who
        months, programs = shown(of_aid.comings(question)), {row.program_id for row in rows}
        for first in FIRSTS:
            now, past = standing(rows, last_of(first)), standing(rows, first - timedelta(days=1))
            moved = [len(one - other) for place_ in (0, 1) for one, other in ((now[place_], past[place_]), (past[place_], now[place_]))]
            assert months[f"{first:%Y-%m}"] == tuple(moved), (who, first)
        given = {code: sum(sum(paid_in([row for row in rows if row.program_id == code], first)) for first in FIRSTS) for code in programs}
        assert shown(of_aid.spending_by_program(question)) == {code: (paid,) for code, paid in given.items() if paid}, who
        for first in FIRSTS:
            once = [row for row in rows if row.cadence == "once" and first <= row.since <= last_of(first)]
            people = {one.resident_id for one in Coverage._base_manager.filter(record__in=once)}
            homes = {home_of(row, row.since) for row in once}
            money = sum((row.amount for row in once), Decimal(0))
            stand = [row for row in rows if row.cadence != "once" and in_force(row, last_of(first))]
            assert found[f"{first:%Y-%m}"][3] == len(stand) + len(once)
            assert shown(of_aid.once(question))[f"{first:%Y-%m}"] == (len(homes), len(people), len(once), money), who


@pytest.mark.parametrize(
    ("who", "narrowed"),
    [
        ("platform", {"township": cast.HOME}),
        ("supervision", {"department": "CL"}),
        ("platform", {"township": cast.HOME, "program": "MZ01"}),
        ("civil_officer", {"township": cast.NEIGHBOUR}),
        ("clerk", {"program": "CL01"}),
        ("assistant", {"department": "MZ"}),
        ("officer", {"program": "MZ01"}),
    ],
)
def test_a_figure_is_narrowed_as_the_rows_are(county, who, narrowed):
    question, rows = asked(who, **narrowed), rows_of(cast.member(who), **narrowed)
    assert shown(of_aid.by_month(question)) == {f"{first:%Y-%m}": counted(rows, last_of(first)) for first in FIRSTS}
    assert shown(of_aid.by_program(question)) == by(rows, lambda row: row.program_id, last_of(MONTH))


@pytest.fixture
def secret(county):
    """Once CL01 is sensitive: one person of the county has it on the last day, another had it."""
    Program.objects.filter(pk="CL01").update(is_sensitive=True)
    forget()
    count_changed()
    yield
    forget()


def test_a_sensitive_program_is_told_where_it_names_nobody(secret):
    # Its own department knows it; a township and a village are not told, and few stay out over the county
    assert "CL01" in shown(of_aid.by_program(asked("officer")))
    assert "CL01" not in shown(of_aid.by_program(asked("clerk"))) | shown(of_aid.by_program(asked("assistant")))
    assert shown(of_aid.by_program(asked("platform")))["CL01"] == ("不显示",) * 3
    assert of_aid.spending_by_program(asked("platform")).rows[-1].values == ("不显示",)


def test_sums_leave_out_what_is_sensitive_and_say_so(secret):
    day = last_of(MONTH)
    for who in ("platform", "supervision", "convener", "clerk", "assistant"):
        post, question = cast.member(who), asked(who)
        rows = [row for row in rows_of(post) if row.program_id != "CL01"]
        assert shown(of_aid.by_month(question)) == {f"{first:%Y-%m}": counted(rows, last_of(first)) for first in FIRSTS}, who
        assert shown(of_aid.spending(question))["2026-09"][:2] == paid_in(rows, MONTH), who
        assert of_aid.by_program(question).total in {None, counted(rows, day)}, who
        if of_aid._names_townships(post):
            assert shown(of_aid.by_township(question)) == by(rows, lambda row: row.region_code[:9], day), who
        told = {figure.key: figure.read(question).leaves_out for figure in of_aid.FIGURES if figure.key != "rolls_by_village"}
        listed = {"rolls_by_program": "合计不含敏感项目", "spending_by_program": ""} if post.unit.kind in OVERSEEING else {}
        assert told == dict.fromkeys(told, "不含敏感项目") | listed, who
    assert of_aid.by_village(asked("clerk")).leaves_out == "不含敏感项目"
    assert shown(of_aid.by_village(asked("clerk"))) == by(
        [row for row in rows_of(cast.member("clerk")) if row.program_id != "CL01"], lambda row: row.region_code, day
    )
    # A department's own sums hold its own
    table = of_aid.by_township(asked("officer"))
    assert shown(table) == by(rows_of(cast.member("officer")), lambda row: row.region_code[:9], day)
    assert table.leaves_out == ""


@pytest.mark.parametrize("is_sensitive", [False, True])
def test_a_number_leads_to_just_its_rows(county, is_sensitive):
    """What was given once stands in the ledger of its month beside what goes on: each figure asks for its own. Nothing leads to what the
    asker has no list of."""
    Program.objects.filter(pk="CL01").update(is_sensitive=is_sensitive)
    forget()
    count_changed()
    platform = cast.member("platform")
    asked_of = [of_aid.by_program(asked("platform")), of_aid.by_township(asked("platform")), of_aid.by_month(asked("platform"))]
    for table in [*asked_of, of_aid.once(asked("platform"))]:
        for row in table.rows:
            if row.key == "CL01" and is_sensitive:
                assert (row.url, row.values) == ("", ("不显示",) * 3)
                continue
            form = LedgerForm(dict(parse_qsl(urlsplit(row.url).query)), platform)
            assert form.is_valid(), form.errors
            assert form.book().totals().households == row.values[0], (table.head, row)
    # And where no list holds just them, nothing leads there
    for figure in (of_aid.comings, of_aid.spending, of_aid.spending_by_program):
        assert {row.url for row in figure(asked("platform")).rows} == {""}


def test_a_month_before_the_first_count_is_not_known_and_not_nought(county):
    table = of_aid.by_month(Question(cast.member("platform"), date(2024, 10, 1), 3))
    assert shown(table) == {"2024-08": (None, None, None), "2024-09": (0, 0, 0), "2024-10": (0, 0, 0)}
    assert [text_of(value) for value in table.rows[-1].values] == ["0", "0", "0.00"]
    assert "更早的月份没有数" in table.note
    # An upgrade counts all of them anew, within minutes and the newest first
    SummaryMonth.objects.exclude(month=MONTH).delete()
    assert of_aid.by_month(asked("platform")).note.startswith("有的月份正在汇总，几分钟后可看")
    assert of_aid.by_month(Question(cast.member("platform"), FIRSTS[1], 2)).note == "正在汇总，几分钟后可看。"
    # Nor is anything said before there was a count at all
    SummaryMonth.objects.all().delete()
    table = of_aid.comings(asked("platform"))
    assert table.is_empty
    assert table.note == "正在汇总，几分钟后可看。"
