"""A year of rounds lived through day by day: three departments, each with its own habits; board, reminders, L12 and bulletins agree with an
independent count from the plan of the year alone (ZX-28, L12)."""

import functools
import io
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import openpyxl
import pytest
from django.urls import reverse

from config import clock as house_clock
from config.verbs import TransitionError
from deadlines.models import Duty, Reminder
from deadlines.reference import official_calendar
from deadlines.transitions import sweep
from monitoring import round_board, round_parts
from monitoring.models import Delivery, Round
from monitoring.round_door import KEY, RoundDoor
from monitoring.transitions import deliveries, rounds
from organization.models import Post
from spreadsheets import declaration, transitions
from tests import cast
from tests.households.factories import id_number
from tests.monitoring import round_factories as rounds_of
from tests.monitoring.round_factories import SHANGHAI
from tests.spreadsheets import factories, people

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
CALENDAR = official_calendar()
MONTHS = [date(2026 + (8 + n) // 12, (8 + n) % 12 + 1, 1) for n in range(12)]  # September 2026 to August 2027
# Days after the 5th on which a unit hands in (before it: negative); None: never. By number of the month.
HABITS: dict[str, dict[int, int | None]] = {"CL": {2: None, 5: 3}, "JW": {1: 3, 7: 1, 8: None}, "MZ": {3: 2, 6: 1}}
USUAL = {"CL": -2, "JW": 0, "MZ": -1}
BEHALF = {(3, "MZ")}
BACK = {(4, "CL"): 2, (6, "MZ"): 5, (9, "JW"): None}  # sent back the day after; handed in again so many days later, or never
BACK_WITHIN = 3  # working days after the day of the sending back
PEOPLE = {"CL": "officer", "JW": "neighbour_officer", "MZ": "civil_officer"}


# ── the independent count: dates and the plan, nothing of the house ──────────────────────────────────────────────────
def is_workday(day: date) -> bool:
    entry = CALENDAR.named.get(day)
    return entry.is_workday if entry else day.weekday() < 5


def due(n: int) -> date:
    return MONTHS[n].replace(day=5)


def sent_on(n: int, code: str) -> date | None:
    offset = HABITS[code].get(n, USUAL[code])
    return None if offset is None else due(n) + DAY * offset


def expected(n: int, code: str, on: date) -> tuple[str, int]:
    """Word and days late, at the end of a day."""
    sent = sent_on(n, code)
    if sent is None or sent > on:
        return ("缺报", (on - due(n)).days) if on > due(n) else ("未开始", 0)
    late = max((sent - due(n)).days, 0)
    if (n, code) in BACK and BACK[n, code] is None:
        return "已退回", late
    return ("已确认（超期报送）" if late else "已确认"), late


def expected_again(n: int, code: str, on: date) -> int | None:
    """Days that what was sent back came late again, or is late at the end of a day; None where nothing was."""
    sent = sent_on(n, code)
    if (n, code) not in BACK or sent is None or on <= sent:
        return None
    last, left, days = sent + DAY, BACK_WITHIN, BACK[n, code]
    while left:
        last += DAY
        left -= is_workday(last)
    came = min(on, sent + DAY * (1 + days)) if days else on
    return max((came - last).days, 0)


def reminded(n: int, code: str) -> set[str]:
    """Of the due day and of lateness, each told at nine on a working day while nothing was handed in (that is done at ten)."""
    sent = sent_on(n, code) or date.max
    last = due(n)
    while not is_workday(last):
        last -= DAY
    after = due(n) + DAY
    while not is_workday(after):
        after += DAY
    return {stage for stage, day in (("due_today", last), ("overdue", after)) if sent >= day}


# ── the year ─────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def county(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Three departments owe something; one of them a whole list that goes the whole road of a file."""
    kept = rounds.units_of
    monkeypatch.setattr(rounds, "units_of", lambda kind, units: kept(kind, [u for u in units if u.department.code in PEOPLE]))
    monkeypatch.setitem(round_parts.PARTS, "test", "aid")
    monkeypatch.setattr(declaration, "_doors", {KEY: RoundDoor()})
    with rounds_of.declared(monkeypatch):
        people.register()
        yield


def at(day: date, hour: int) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=SHANGHAI)


def hand_in(row: Round, n: int, code: str) -> None:
    by = cast.member("platform" if (n, code) in BEHALF else PEOPLE[code])
    delivery = Delivery.objects.get(round=row, unit__department__code=code)
    if code == "CL" and n in FILES:
        a_file(delivery, n, by)
    deliveries.confirm_policy(delivery_id=delivery.pk, by=by)
    if delivery.items.filter(state="empty").exists():
        deliveries.mark_unchanged(delivery_id=delivery.pk, by=by)
    deliveries.submit(delivery_id=delivery.pk, by=by)


NAMES = ("虚构乙", "虚构丙", "虚构丁")
number_of = functools.cache(lambda name: id_number())  # noqa: ARG005
FILES = {0: 3, 1: 2}  # rows of the whole list: a third fewer in October
JUMP = "一人死亡，已核实。"


def a_file(delivery: Delivery, n: int, by: Post) -> None:
    item = delivery.items.get(key="test:whole")
    octets = factories.octets([factories.line(name, number_of(name)) for name in NAMES[: FILES[n]]])
    batch = deliveries.hand_in(item_id=item.pk, file_name="名单.csv", octets=octets, as_of=delivery.round.cut_off_on, by=by)
    factories.run()
    if FILES[n] < 3:
        with pytest.raises(TransitionError, match="名单比上期减少33%（上期3条，新增0条，消失1条），达到30%的核对线"):
            transitions.propose(batch_id=batch.pk, by=by)
        with pytest.raises(TransitionError, match="的文件还没有入库"):
            deliveries.mark_unchanged(delivery_id=delivery.pk, items=[item.pk], by=by)
        transitions.propose(batch_id=batch.pk, jump_reason=JUMP, by=by)
        transitions.confirm(batch_id=batch.pk, by=cast.member("department_approver"))
    else:
        transitions.propose(batch_id=batch.pk, by=by)
    factories.run()
    item.refresh_from_db()
    assert (item.state, item.batch_id) == ("updated", batch.pk)


def live(clock: Any, day: date) -> None:
    """One day of the county: what opens, what is pointed out, what is handed in, what the platform answers."""
    clock.set(at(day, 0))
    rounds.open_rounds(by=Post.objects.the_system())
    n = next((n for n in range(12) if MONTHS[n].replace(day=1) - DAY * 9 <= day <= MONTHS[n].replace(day=12)), None)
    if n is None or (row := Round.objects.filter(month=MONTHS[n]).first()) is None:
        return
    clock.set(at(day, 9))
    if is_workday(day) and abs((day - due(n)).days) <= 5:
        sweep()
    clock.set(at(day, 10))
    for code in PEOPLE:
        sent = sent_on(n, code)
        if sent is None:
            continue
        if day == sent:
            hand_in(row, n, code)
        elif day == sent + DAY:
            answer(row, n, code)
        elif (again := BACK.get((n, code))) and day == sent + DAY * (1 + again):
            delivery = Delivery.objects.get(round=row, unit__department__code=code)
            deliveries.submit(delivery_id=delivery.pk, remark="已核对，名册齐全。", as_returned=True, by=cast.member(PEOPLE[code]))
            deliveries.accept(delivery_id=delivery.pk, by=cast.member("platform_approver"))


def answer(row: Round, n: int, code: str) -> None:
    delivery, by = Delivery.objects.get(round=row, unit__department__code=code), cast.member("platform_approver")
    if (n, code) in BACK:
        deliveries.send_back(delivery_id=delivery.pk, reason="名册不全，请补报。", by=by)
    else:
        deliveries.accept(delivery_id=delivery.pk, by=by)


def compare(n: int, on: date) -> None:
    """The board at that moment, and the reminders of the month."""
    row = Round.objects.get(month=MONTHS[n])
    lines = round_board.board(row, house_clock.now())
    found = {line.delivery.unit.department.code: (line.standing.word, line.standing.late_days) for line in lines}
    assert found == {code: expected(n, code, on) for code in PEOPLE}, MONTHS[n]
    sent = {code: sent_on(n, code) for code in PEOPLE}
    names = {code: cast.member(who).unit.short_name for code, who in PEOPLE.items()}
    sheet = {row[0]: (row[2], row[4]) for row in map(round_board.sheet_row, lines)}
    assert sheet == {name: expected(n, code, on) for code, name in names.items()}, "L12"
    again = {line.delivery.unit.department.code: line.again and line.again.late_days for line in lines}
    assert again == {code: expected_again(n, code, on) for code in PEOPLE}, MONTHS[n]
    place = [column.label for column in round_board.SHEET].index("重报超期天数")
    told = {row[0]: row[place] for row in map(round_board.sheet_row, lines)}
    assert told == {name: expected_again(n, code, on) for code, name in names.items()}, "L12"
    counts = round_board.counts(lines)
    assert counts["missing"] == sum(day is None for day in sent.values())
    assert counts["late"] == sum(day is not None and day > due(n) for day in sent.values())
    assert counts["sent"] == counts["in_time"] + counts["late"] == 3 - counts["missing"]
    for line in lines:
        code = line.delivery.unit.department.code
        duty = Duty.objects.about(line.delivery).get(is_return=False)
        told = set(
            Reminder.objects.filter(duty=duty, stage__in=["due_today", "overdue"], told_at__isnull=False).values_list("stage", flat=True)
        )
        assert told == reminded(n, code), (MONTHS[n], code)
        assert line.delivery.is_on_behalf == ((n, code) in BEHALF)


def test_a_year_of_rounds(clock, client, county, platform):
    day = date(2026, 8, 31)
    while day <= date(2027, 8, 12):
        if day.day <= 12 or day.day >= 23:  # between them nothing opens and nobody hands in
            live(clock, day)
        if day.day == 12:
            compare(MONTHS.index(day.replace(day=1)), day)
        if day == date(2026, 10, 12):
            _l12(client, platform, day)
        day += DAY
    opened = {row.month: row.opens_on for row in Round.objects.filter(month__in=MONTHS)}
    assert opened == {month: date(2026, 9, 23) if month.month == 10 else month for month in MONTHS}


def _l12(client: Any, platform: Post, on: date) -> None:
    """October: one whole list a third shorter, with its reason; one unit late."""
    cast.sign_in(client, platform.staff, platform)
    answer = client.post(reverse("monitoring:round_export") + "?kind=monthly&month=2026-10")
    book = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content)), read_only=True)
    units, items = ([[cell.value for cell in row] for row in sheet.iter_rows()] for sheet in book.worksheets)
    names = {code: cast.member(who).unit.short_name for code, who in PEOPLE.items()}
    listed = {row[0]: row for row in units if row[0] in names.values()}
    for code, name in names.items():
        word, late = expected(1, code, on)
        assert (listed[name][2], listed[name][4]) == (word, late)
    assert listed[names["CL"]][9:17] == [0, 0, 1, 2, 0, 3, 2, "-33.3%"]
    whole = next(row for row in items if len(row) > 2 and row[2] == people.WHOLE.title and row[0] == names["CL"])
    assert (whole[4], whole[-1]) == ("已更新", JUMP)
