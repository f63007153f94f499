"""A month is closed once, in order, over tables that nobody is writing; and what it said it says for ever (ZX-25)."""

from contextlib import contextmanager
from datetime import date
from decimal import Decimal

import psycopg2
import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection

from audit.models import Event
from config import clock as house_clock
from config.protection.masks import mask_id_number
from config.protection.sealing import open_sealed
from config.verbs import AlreadyHandled, TransitionError
from deadlines.transitions import ask_for_run
from households import month_lock
from households.models import AssistanceRecord, Coverage, Household
from households.transitions import revise_resident
from households.transitions.changing import adjust_record
from households.transitions.standards import confirm_standard, propose_standard
from monitoring.household_ledger import sheets
from monitoring.household_ledger.forms import LedgerForm
from monitoring.household_ledger.working import after_the_round, close_last_month
from monitoring.models import LedgerCorrection, LedgerLine, LedgerMonth
from monitoring.transitions.ledger_months import close_ledger_month
from organization.models import Post
from organization.reference import load_parameters
from spreadsheets.declaration import template_of
from spreadsheets.models import Batch
from spreadsheets.workbook import Sheet, workbook
from tests.households.factories import HouseholdFactory, assistance, head_of, id_number, place
from tests.households.sheets import batch_of
from tests.households.test_rolls import Roll, row
from tests.monitoring.household_ledger.county import AUGUST, SEPTEMBER, aided_county, expected, readers
from tests.spreadsheets.factories import run

pytestmark = pytest.mark.django_db
LAST = date(2026, 8, 31)


def book(post, month=AUGUST, **given):
    form = LedgerForm({"month": f"{month:%Y-%m}", **given}, post)
    assert form.is_valid(), form.errors
    return form.book()


def rows_of(part):
    held = part.held(100_000)
    return [tuple(row) for row in held]


def sheets_of(post, month=AUGUST, **given):
    return [rows_of(part) for part in sheets.parts(book(post, month, **given))]


def octets(post, month=AUGUST):
    """The rows of the file as its octets."""
    parts = sheets.parts(book(post, month))
    return b"".join(workbook([Sheet(part.title, part.title, part.columns, rows_of(part)) for part in parts], watermark="同一天同一人"))


def closed(month=AUGUST, by=None):
    return close_ledger_month(month=month, by=by or Post.objects.the_system())


def test_who_keeps_the_house_running_does_not_freeze_a_month_before_its_round_is_in(system_administrator, clock):
    clock.set(house_clock.now().replace(month=10, day=1, hour=9))
    with pytest.raises(TransitionError, match="按户统计台账月结”本期（2026-10）到2026-10-06 02:00自动办理，不能提前"):
        ask_for_run(key="monitoring.close_ledger", by=system_administrator)
    assert not LedgerMonth.objects.exists()


def test_totals_equal_an_independent_count_for_each_gate_open_and_closed():
    aided_county()
    wanted = {post.label: expected(post, AUGUST, LAST) for post in readers()}
    assert len(set(wanted.values())) >= 5, "gates that differ"
    live = {post.label: book(post).totals() for post in readers()}
    assert {who: (t.lines, t.people, t.monthly, t.once) for who, t in live.items()} == wanted
    open_sheets = {post.label: sheets_of(post) for post in readers()}
    closed()
    kept = {post.label: book(post).totals() for post in readers()}
    assert kept == live
    assert {post.label: sheets_of(post) for post in readers()} == open_sheets, "closing changes no cell"
    for post in readers():
        lines, homes, _ = open_sheets[post.label]
        assert len(lines) == wanted[post.label][0]
        assert LedgerLine.objects.visible_to(post).count() == len(lines)
        assert sum(row[19] for row in lines) == sum(
            sum(row[-4:-1] if len(row) > 20 and post.role in "T TA B" else row[-3:]) for row in homes
        )


def test_who_belongs_to_no_household_is_none(platform):
    """Beside the two households with aid stands one person without: marked, without a size, in no count of households, open and closed."""
    aided_county()
    for is_closed in (False, True):
        row = closed() if is_closed else None
        found = book(platform).totals()
        lines, homes, _ = sheets_of(platform)
        named = {line[1] for line in lines} - {"未归户"}
        assert (found.households, found.loose) == (len(named), 1)
        assert row is None or row.households == len(named)
        assert [line[7] for line in lines if line[1] == "未归户"] == [None]
        assert all(line[7] for line in lines if line[1] != "未归户")
        assert [home[0] for home in homes] == [*range(1, len(named) + 1), None]
        assert (homes[-1][1], homes[-1][7], homes[-1][9]) == ("未归户", None, 1)


def test_a_closed_month_is_the_same_tomorrow(clock, platform, civil_officer, clerk):
    county = aided_county()
    closed()
    posts = (platform, civil_officer, clerk)
    before = [octets(post) for post in posts]
    clock.forward(days=9)
    adjust_record(
        record=county["low"], since=date(2026, 9, 1), amount=Decimal(900), reason="收入变化", decision_id=county["home"].pk, by=platform
    )
    AssistanceRecord.objects.filter(pk=county["disabled"].pk).update(amount=70, until=date(2026, 8, 15))
    Coverage.objects.filter(record=county["once"]).delete()
    AssistanceRecord.objects.filter(pk=county["once"].pk).delete()
    assistance(county["alone"], "CL02", amount=90, since=date(2026, 8, 1))
    county["home"].memberships.filter(relation="30").update(is_counted=False)
    Household.objects.filter(pk=county["home"].pk).update(region=place("500233002"), number="另一个户编号")
    assert [octets(post) for post in posts] == before


def test_the_next_month_tells_what_the_closed_one_would_say_otherwise(platform, clerk, neighbour_clerk, officer):
    county = aided_county()
    closed()
    assert rows_of(sheets.parts(book(platform, SEPTEMBER))[2]) == []
    AssistanceRecord.objects.filter(pk=county["disabled"].pk).update(amount=70)
    Coverage.objects.filter(record=county["once"]).delete()
    AssistanceRecord.objects.filter(pk=county["once"].pk).delete()
    late = assistance(county["alone"], "CL02", amount=90, since=date(2026, 8, 5))
    assistance(county["alone"], "CL03", amount=33, since=date(2026, 9, 2))  # of September alone
    Household.objects.filter(pk=county["neighbour"].pk).update(region=place())  # moved: no correction of anybody's aid

    def told(post):
        return sorted((row[1], row[8], row[11], row[12], row[18]) for row in rows_of(sheets.parts(book(post, SEPTEMBER))[2]))

    names = {code: str(AssistanceRecord.objects.filter(program=code).first().program.seed_name) for code in ("CL01", "CL02")}
    changed, added = ("变更", names["CL01"], 80, 70, -10), ("补记", names["CL02"], None, 90, 90)
    removed = ("减除", "临时救助", 2000, None, -2000)
    wanted = sorted([changed, added, removed], key=lambda row: row[:2])
    assert [row[0::4] for row in told(platform)] == [row[0::4] for row in wanted]
    assert told(clerk) == told(platform)
    assert told(neighbour_clerk) == []
    assert sorted(row[0] for row in told(officer)) == ["变更", "补记"]
    assert late.since == date(2026, 8, 5)


def test_late_standards_are_one_correction_with_both_sums(platform, clerk, civil_officer, platform_approver):
    """Of one standard and of two, one after the other; also for the township that the family has left."""
    aided_county()
    load_parameters(by=Post.objects.the_system(), demo=True)
    family = HouseholdFactory()
    record = assistance(family, "MZ01", amount=600, since=date(2026, 5, 1))
    closed()
    people = record.coverage.count()
    for month, urban in ((date(2026, 7, 1), 700), (AUGUST, 800)):
        change = propose_standard(
            key="subsistence_standard", value={"urban": urban, "rural": urban - 100}, month=month, document="忠民发〔2026〕9号",
            by=civil_officer,
        )  # fmt: skip
        confirm_standard(change_id=change.pk, by=platform_approver)
        run()
    assert AssistanceRecord.objects.filter(household=family).count() == 3
    Household.objects.filter(pk=family.pk).update(region=place("500233002"))
    for post in (platform, civil_officer, clerk):
        rows = [row for row in rows_of(sheets.parts(book(post, SEPTEMBER))[2]) if row[2] == family.number]
        wanted = ("变更", 600, 600 + people * 185, record.since, AUGUST)
        assert {(row[1], row[11], row[12], row[15], row[16]) for row in rows} == {wanted}
        assert (len(rows), sum(row[18] for row in rows)) == (people, people * 185)


def test_a_sum_that_a_late_roll_gave_is_one_correction_with_both_sums(platform):
    aided_county()
    family = HouseholdFactory()
    aid = {"amount": "600.00", "since": "2026-05-01"}
    Roll("MZ01", row(head_of(family), **aid), as_of=date(2026, 8, 20)).apply()
    closed()
    Roll("MZ01", row(head_of(family), amount="650.00"), as_of=date(2026, 8, 31)).apply()
    former, new = AssistanceRecord.objects.filter(household=family).order_by("since")
    assert (new.former, new.since) == (former, AUGUST)
    rows = [each for each in rows_of(sheets.parts(book(platform, SEPTEMBER))[2]) if each[2] == family.number]
    assert {(each[1], each[11], each[12], each[15], each[16]) for each in rows} == {("变更", 600, 650, former.since, AUGUST)}
    assert (len(rows), sum(each[18] for each in rows)) == (former.coverage.count(), 50)


def test_corrections_are_frozen_with_the_month_that_tells_them(clock, platform):
    county = aided_county()
    closed()
    AssistanceRecord.objects.filter(pk=county["disabled"].pk).update(amount=70)
    clock.forward(days=10)
    live = rows_of(sheets.parts(book(platform, SEPTEMBER))[2])
    row = closed(SEPTEMBER)
    assert row.corrections == LedgerCorrection.objects.count() == len(live) == 1
    AssistanceRecord.objects.filter(pk=county["disabled"].pk).update(amount=60)
    assert rows_of(sheets.parts(book(platform, SEPTEMBER))[2]) == live


def test_what_was_given_once_is_told_however_late_it_is_entered(clock, platform):
    """Money of a month that was closed two months ago stands in the next ledger as a correction, and in no ledger twice."""
    county = aided_county()
    # Before the first closed month: in no ledger, and told by none
    assistance(county["alone"], "CL02", amount=40, cadence="once", since=date(2026, 7, 5), until=date(2026, 7, 5))
    closed()
    clock.forward(days=10)
    closed(SEPTEMBER)
    assistance(county["alone"], "CL02", amount=90, cadence="once", since=date(2026, 8, 5), until=date(2026, 8, 5))
    AssistanceRecord.objects.filter(pk=county["once"].pk).update(amount=1500)

    def told(month):
        return sorted((row[1], row[11], row[12], row[18]) for row in rows_of(sheets.parts(book(platform, month))[2]))

    october, november = date(2026, 10, 1), date(2026, 11, 1)
    assert [row for row in told(october) if row[3]] == [("变更", 2000, 1500, -500), ("补记", None, 90, 90)]
    clock.forward(days=32)
    live = told(october)
    closed(october)
    assert told(october) == live
    assert told(november) == []
    AssistanceRecord.objects.filter(pk=county["once"].pk).update(amount=1700)
    assert [row[3] for row in told(november) if row[3]] == [200]


def test_what_was_given_once_before_stands_beside_the_month(clock, platform):
    aided_county()
    clock.forward(days=10)
    assert book(platform, SEPTEMBER).totals().once == 0
    assert book(platform, SEPTEMBER, once_since="2026-08").totals().once == 2000
    closed()
    closed(SEPTEMBER)
    assert book(platform, SEPTEMBER, once_since="2026-08").totals().once == 2000
    assert not LedgerForm({"month": "2026-08", "once_since": "2026-09"}, platform).is_valid()


def test_a_month_is_closed_once_in_order_when_it_is_over(clock, platform, clerk):
    with pytest.raises(TransitionError, match="还没有结束"):
        closed(SEPTEMBER)
    with pytest.raises(PermissionDenied):
        closed(by=clerk)
    row = closed(by=platform)
    assert row.lines == 0
    event = Event.objects.get(verb="ledger_month.closed")
    assert event.data == {"lines": 0, "households": 0, "people": 0, "corrections": 0}
    with pytest.raises(AlreadyHandled, match="已经月结"):
        closed()
    clock.forward(days=45)
    with pytest.raises(TransitionError, match="下一个是2026年9月"):
        closed(date(2026, 10, 1))


@contextmanager
def elsewhere():
    """A second session of the same database."""
    params = connection.get_connection_params()
    session = psycopg2.connect(**{key: params[key] for key in ("dbname", "host", "port", "user", "password") if key in params})
    try:
        with session, session.cursor() as cursor:
            yield cursor
    finally:
        session.close()


def test_a_month_is_not_closed_while_a_file_is_entered():
    lock = f"SELECT pg_advisory_xact_lock_shared({month_lock._CLASS}, hashtext(''))"
    with elsewhere() as entering:
        entering.execute(lock)
        with pytest.raises(TransitionError, match="数据正在入库"):
            closed()
    assert not LedgerMonth.objects.exists()
    closed()


def test_a_file_is_not_entered_while_a_month_is_closed():
    """Until the close has ended, not only while its lines are written."""
    closed()
    with elsewhere() as entering:
        entering.execute(f"SELECT pg_try_advisory_xact_lock_shared({month_lock._CLASS}, hashtext(''))")
        assert entering.fetchone() == (False,)


def test_a_file_that_was_confirmed_comes_before_the_close(civil_officer):
    template = template_of("households.roll:MZ01")
    assert template is not None
    batch = batch_of(template, unit=civil_officer.unit, by=civil_officer)
    Batch._base_manager.filter(pk=batch.pk).update(
        status="applying", confirmed_at=house_clock.now(), confirmed_by=civil_officer, confirmed_by_staff=civil_officer.staff
    )
    with pytest.raises(TransitionError, match="已经确认、正在入库"):
        closed()


def test_a_failed_event_leaves_nothing(monkeypatch):
    aided_county()

    def broken(*_args, **_more):
        raise RuntimeError

    monkeypatch.setattr("monitoring.transitions.ledger_months.record", broken)
    with pytest.raises(RuntimeError):
        closed()
    assert not LedgerLine.objects.exists()
    assert not LedgerMonth.objects.exists()


def test_the_night_after_the_round_closes_the_month_before():
    aided_county()
    due = after_the_round(date(2026, 9, 1))
    assert f"{house_clock.local(due):%Y-%m-%d %H:%M}" == "2026-09-06 02:00"
    from deadlines.periods import Every, period_of

    told = close_last_month(period_of(Every.MONTH, due))
    assert told.startswith("2026年8月按户统计台账月结，")
    assert close_last_month(period_of(Every.MONTH, due)) == "2026-08台账已由人员月结"


def test_numbers_in_clear_are_asked_for_alone(platform):
    county = aided_county()
    head = head_of(county["home"])
    masked = rows_of(sheets.parts(book(platform))[0])
    clear = rows_of(sheets.parts(book(platform), in_clear=True)[0])
    number = open_sealed(head, "id_number")
    assert all(number not in row for row in masked)
    assert all(head.name not in row for row in masked)
    assert any(row[2] == head.name and row[3] == row[10] == number for row in clear)
    assert any(row[3] == number for row in rows_of(sheets.parts(book(platform), in_clear=True)[1]))
    closed()
    assert rows_of(sheets.parts(book(platform), in_clear=True)[0]) == clear


def test_filters_narrow_the_lines_and_never_meet_what_is_hidden(platform, civil_officer, neighbour_clerk):
    county = aided_county()
    found = {
        name: book(platform, **{name: value}).totals().lines
        for name, value in {"place": "500233001", "program": "CL01", "tag": "subsistence", "doubt": "any"}.items()
    }
    assert found == {"place": 6, "program": 3, "tag": 4, "doubt": 0}
    assert not LedgerForm({"program": "MZ09"}, platform).is_valid(), "a sensitive program cannot be asked for"
    assert LedgerForm({"program": "MZ09"}, civil_officer).is_valid()
    assert "doubt" not in LedgerForm({}, civil_officer).fields
    assert not LedgerForm({"place": "500233001991"}, neighbour_clerk).is_valid()
    assert county["orphan"].program_id == "MZ09"


def test_a_corrected_number_changes_no_file_of_a_closed_month(clock, platform, clerk):
    """In clear too: the number is the one that the file held when the month was closed, twice corrected or not."""
    county = aided_county()
    head = head_of(county["home"])
    closed()
    before = [rows_of(part) for part in sheets.parts(book(platform), in_clear=True)]
    numbers = [open_sealed(head, "id_number")]
    for days in (9, 31):
        clock.forward(days=days)
        head.refresh_from_db()
        numbers.append(id_number(birth_on=head.birth_on, sex=head.sex))
        revise_resident(resident_id=head.pk, fields={}, number=numbers[-1], seen_at=head.changed_at, by=clerk)
        if days == 9:
            closed(SEPTEMBER)
    assert [rows_of(part) for part in sheets.parts(book(platform), in_clear=True)] == before
    october = date(2026, 10, 1)
    wanted = dict(zip((AUGUST, SEPTEMBER, october), numbers, strict=True))
    for month, number in wanted.items():
        clear = [rows_of(part) for part in sheets.parts(book(platform, month), in_clear=True)]
        assert {row[3] for sheet in clear[:2] for row in sheet if row[2] == head.name} == {number}
        assert {row[10] for row in clear[0] if row[9] == head.name} == {number}
        assert all(mask_id_number(number) == row[3] for row in sheets_of(platform, month)[0] if row[1] == county["home"].number)
    since = [rows_of(part) for part in sheets.parts(book(platform, SEPTEMBER, once_since="2026-08"), in_clear=True)]
    assert {row[3] for row in since[1] if row[2] == head.name} == {numbers[1]}
