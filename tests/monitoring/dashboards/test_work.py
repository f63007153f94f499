"""Figures of work and of data: each equals what a reader of the tables counts by hand, for each role's gate."""

import re
from collections import Counter
from datetime import date, timedelta
from itertools import product
from statistics import median

import pytest
from django.db.models import Sum

from config import clock as house_clock
from deadlines import lamps
from deadlines.models import CalendarDay, Duty
from deadlines.rules import date_of, end_of, start_of
from intake.models import Application
from monitoring import on_time
from monitoring.dashboards import of_data, of_work
from monitoring.dashboards.questions import Question
from monitoring.models import Delivery, Doubt, WorkCell, WorkMonth
from monitoring.transitions import summaries
from monitoring.transitions.work_summaries import count_work
from organization.models import Post
from programs.models import Program
from referrals.models import Referral, ReferralStage
from referrals.names import forget, names
from tests import cast
from tests.monitoring import round_factories as rounds_of
from tests.monitoring.doubting import doubt_of
from tests.referrals.factories import ReferralFactory
from tests.referrals.piles import copy_referral

pytestmark = pytest.mark.django_db
MONTH = date(2026, 9, 1)
EVERYBODY = ["clerk", "neighbour_clerk", "officer", "civil_officer", "platform", "supervision", "convener"]


def asked(who, **given):
    return Question(cast.member(who) if isinstance(who, str) else who, MONTH, **{"months": 3, **given})


def shown(table):
    return {row.key: row.values for row in table.rows}


@pytest.fixture
def world():
    """Told, refused and still under way, of one township; copies of the first some days older, and one of another township."""
    told = ReferralFactory(confirmed=True)
    ReferralFactory(program="MZ04", dispatched=True)
    copy_referral(told, 4)
    copies = Referral.objects.filter(number__startswith=f"{told.number}-").order_by("number")
    for place, pk in enumerate(copies.values_list("pk", flat=True)):
        moved = {"decided_at": told.decided_at + timedelta(days=place), "confirmed_at": told.confirmed_at + timedelta(days=2 * place)}
        moved["accepted_at"] = told.accepted_at - timedelta(days=40 * place)
        Referral.objects.filter(pk=pk).update(township_code=cast.NEIGHBOUR if place == 3 else told.township_code, **moved)  # type: ignore[misc]
    refusal = {"outcome": "refused", "refusal_code": "income", "refusal_reason": "收入高于标准", "remedies": "可以复议"}
    Referral.objects.filter(pk=copies[1].pk).update(**refusal)
    first = Application._base_manager.order_by("pk")[0]
    Application._base_manager.filter(pk=first.pk).update(channel="discovered")
    Duty.objects.filter(is_promise=False, closed_at=None).update(region_code=cast.HOME)


def seen_by(post: Post):
    """Referrals by role, counted without any gate of the house."""
    rows = list(Referral._base_manager.all())
    if post.unit.kind in {"platform", "supervision", "convener"}:
        return rows
    if post.unit.kind == "department":
        held = set(ReferralStage._base_manager.filter(unit_id=post.unit_id).values_list("referral_id", flat=True))
        return [row for row in rows if row.pk in held]
    return [row for row in rows if row.township_code == post.unit.region_id]


def workdays(since, until, days):
    return sum(date_of(since) < day <= date_of(until) for day in days)


def test_the_figures_of_work_are_those_counted_by_hand_for_each_gate(world):
    """One world for all: it is walked by the verbs."""
    days = set(CalendarDay.objects.filter(is_workday=True).values_list("date", flat=True))
    for who in EVERYBODY:
        post = cast.member(who)
        hold_flow(post, days)
        hold_kept(post)
        hold_lamps(post)
        hold_decisions(post)
        if post.unit.kind != "department":
            hold_channels(post)


@pytest.fixture
def _few_months(monkeypatch):
    monkeypatch.setattr(summaries, "figure", lambda key: {"summary_months": 4}[key])


@pytest.mark.usefixtures("_few_months")
def test_what_the_night_counted_and_what_came_since_are_one_figure(world, clock):
    """Up to a midnight from cells, which keep what they hold until the next night, then from the rows."""
    days = set(CalendarDay.objects.filter(is_workday=True).values_list("date", flat=True))
    ends = sorted(Referral._base_manager.filter(confirmed_at__isnull=False).values_list("confirmed_at", flat=True))
    clock.set(ends[-2] + timedelta(hours=1))
    count_work()
    assert 0 < WorkCell.objects.filter(measure="5", township_code="", program_code="").aggregate(Sum("times"))["times__sum"] < len(ends)
    clock.set(ends[-1] + timedelta(days=1))
    for who in EVERYBODY:
        hold_flow(cast.member(who), days)
        hold_kept(cast.member(who))
    program, narrowed = Referral._base_manager.first().program_id, {}
    for given in ({"township": cast.NEIGHBOUR}, {"program": program}, {"township": cast.NEIGHBOUR, "program": program}):
        narrowed[tuple(given)] = of_work.flow(asked("platform", **given)), of_work.kept(asked("platform", **given))
    # Then all of it anew, and again from no cell
    count_work()
    WorkMonth.objects.all().delete()
    for given, (flow, kept) in narrowed.items():
        again = asked("platform", **{name: cast.NEIGHBOUR if name == "township" else program for name in given})
        assert (shown(of_work.flow(again)), shown(of_work.kept(again))) == (shown(flow), shown(kept))


@pytest.mark.usefixtures("_few_months")
def test_a_night_takes_back_what_no_longer_ended_in_its_month(world, clock):
    clock.set(house_clock.now() + timedelta(days=1))
    count_work()
    before = list(WorkCell.objects.values_list("measure", "township_code", "program_code", "days", "times", "late"))
    Referral._base_manager.filter(confirmed_at__isnull=False).update(confirmed_at=house_clock.now())
    count_work()
    after = list(WorkCell.objects.values_list("measure", "township_code", "program_code", "days", "times", "late"))
    assert after == [cell for cell in before if cell[0] not in {"4", "5"}]


def hold_kept(post):
    """As the page of its own, which tests/monitoring/test_on_time.py holds against a count by hand."""
    by = "program" if post.unit.kind == "department" else "unit" if post.unit.kind == "township_window" else "township"
    *groups, total = on_time.groups(on_time.Question(post, date(2026, 7, 1), date(2026, 9, 30)), by, house_clock.now()) or [None]
    table = of_work.kept(asked(post))
    every = {group.key: group.stage for group in groups if by != "township" or group.key in names().townships}
    assert shown(table) == {key: of_work._timely(stage) for key, stage in every.items() if stage.counted or stage.open_late}
    assert table.total == of_work._timely(total.stage if total else on_time.Figures())


def hold_flow(post, workdays_):
    first, end = start_of(date(2026, 7, 1)), end_of(date(2026, 9, 30))
    signed = {
        row.pk: min((stay.received_at for stay in ReferralStage._base_manager.filter(referral=row) if stay.received_at), default=None)
        for row in Referral._base_manager.all()
    }
    roads = [
        (row.accepted_at, row.dispatched_at, signed[row.pk], row.decided_at, row.fed_back_at, row.confirmed_at) for row in seen_by(post)
    ]
    found = shown(of_work.flow(asked(post)))
    assert sum(values[1] for values in found.values()) > 0 or post.staff.username not in {"clerk", "platform"}
    for place in range(6):
        pairs = [(road[0], road[5]) if place == 5 else road[place : place + 2] for road in roads]
        days = [workdays(*pair, workdays_) for pair in pairs if all(pair) and first <= pair[1] < end]
        assert found[str(place)] == ((median(days), len(days), max(days)) if days else (None, 0, None))


def hold_lamps(post):
    now = house_clock.now()
    counted: dict[str, Counter[str]] = {}
    for duty in Duty._base_manager.filter(closed_at=None, is_promise=False, subject_label="referrals.referral").select_related("unit"):
        kind, unit = post.unit.kind, duty.unit
        is_seen = kind in {"platform", "supervision", "convener"} or (
            unit.region_id == post.unit.region_id if kind.startswith("township") else unit.pk == post.unit_id
        )
        if is_seen:
            colour = lamps.colour(now=now, due_at=duty.due_at, amber_at=duty.amber_at, is_closed=False)
            counted.setdefault(str(unit.pk), Counter())[colour] += 1
    table = of_work.lamps(asked(post))
    assert shown(table) == {unit: tuple(of[colour] for colour in of_work.LAMPS) for unit, of in counted.items()}
    assert table.total == tuple(sum(of[colour] for of in counted.values()) for colour in of_work.LAMPS)


def hold_decisions(post):
    first, end = start_of(date(2026, 7, 1)), end_of(date(2026, 9, 30))
    counted: dict[str, Counter[str]] = {}
    for row in seen_by(post):
        if row.decided_at and first <= row.decided_at < end:
            counted.setdefault(row.program_id, Counter())[row.outcome] += 1
    table = of_work.decisions(asked(post))
    assert {key: values[:2] for key, values in shown(table).items()} == {
        code: (of["approved"], of["refused"]) for code, of in counted.items()
    }
    assert all(values[2] == values[1] * 1000 // sum(values[:2]) / 10 for values in shown(table).values())


def hold_channels(post):
    counted: Counter[tuple[str, bool]] = Counter()
    for row in Application._base_manager.filter(accepted_at__isnull=False):
        if post.unit.kind != "township_window" or row.township_code == post.unit.region_id:
            counted[f"{date_of(row.accepted_at):%Y-%m}", row.channel == "discovered"] += 1
    months = ("2026-07", "2026-08", "2026-09")
    found = shown(of_work.channels(asked(post)))
    assert {month: values[:2] for month, values in found.items()} == {
        month: (counted[month, False], counted[month, True]) for month in months
    }


def test_a_figure_is_narrowed_to_a_place_a_department_and_a_program(world, signed_in):
    whole, home = asked("platform"), asked("platform", township=cast.HOME)
    there = asked("platform", township=cast.NEIGHBOUR)
    whole_table = of_work.decisions(whole)
    counts = [sum(sum(values[:2]) for values in shown(of_work.decisions(one)).values()) for one in (whole, home, there)]
    assert counts == [5, 4, 1]
    # And the row leads to just these
    listed = signed_in(whole.post).get(whole_table.rows[0].url, headers={"HX-Request": "true"}).content.decode()
    assert len(set(re.findall(r"ZB\d{12}(?:-\d+)?", listed))) == 5
    assert shown(of_work.decisions(asked("platform", department="MZ"))) == shown(of_work.decisions(whole))
    assert shown(of_work.decisions(asked("platform", department="JW"))) == {}
    assert shown(of_work.decisions(asked("platform", program="MZ01"))) == {}


def test_a_sensitive_program_is_not_named(world):
    Program.objects.filter(pk="MZ04").update(is_sensitive=True)
    forget()
    [row] = of_work.decisions(asked("platform")).rows
    assert (row.key, row.label, row.url) == ("~", "敏感项目", "")
    # And asking for it, or for its department, shows nothing
    assert of_work.decisions(asked("platform", program="MZ04")).rows == ()
    assert of_work.decisions(asked("platform", department="MZ")).rows == ()
    forget()


def test_rounds_tell_how_each_delivery_came_for_each_gate(monkeypatch, clock):
    with rounds_of.declared(monkeypatch):
        row = rounds_of.opened()
    deliveries = list(Delivery._base_manager.order_by("pk"))
    for delivery, moment in zip(deliveries, (rounds_of.at(2026, 9, 3, 9), rounds_of.at(2026, 9, 6)), strict=False):
        handed = {"handed_in_at": moment, "submitted_at": moment, "status": "submitted", "submitted_by_staff_id": row.opened_by.staff_id}
        Delivery._base_manager.filter(pk=delivery.pk).update(handed_in_by=row.opened_by, submitted_by=row.opened_by, **handed)
    due = end_of(row.due_on)
    watchers = ["platform", "supervision", "convener", "officer", "neighbour_officer", "civil_officer"]
    for who, now in product(watchers, (rounds_of.at(2026, 9, 5, 23, 59), rounds_of.at(2026, 9, 24, 10))):
        clock.set(now)
        post = cast.member(who)
        states: Counter[str] = Counter()
        for delivery in Delivery._base_manager.all():
            if post.unit.kind == "department" and delivery.unit_id != post.unit_id:
                continue
            states["late" if (delivery.handed_in_at or now) >= due else "in_time" if delivery.handed_in_at else "awaited"] += (
                1 if delivery.handed_in_at or now < due else 0
            )
            states["missing"] += not delivery.handed_in_at and now >= due
        found = shown(of_data.rounds(asked(post)))
        assert found["2026-09"] == tuple(states[state] for state in ("in_time", "late", "missing", "awaited"))
        assert found["2026-08"] == (0, 0, 0, 0)


def test_doubts_by_kind_are_those_of_the_place_for_each_gate(clerk):
    doubt_of("omitted")
    doubt_of("kin", in_pool=True)
    doubt_of("kin", in_pool=True, status="closed", closed_at=house_clock.now(), closed_by=clerk, outcome="kept", reason="已核实")
    gone = doubt_of("twice", in_pool=True)
    Doubt._base_manager.filter(pk=gone.pk).update(
        status="closed", closed_at=house_clock.now(), closed_by=Post.objects.the_system(), outcome="disproved", reason="新数据表明已不存在"
    )
    for who in ("clerk", "neighbour_clerk", "platform", "supervision", "convener"):
        post = cast.member(who)
        counted: dict[str, list[int]] = {}
        for doubt in Doubt._base_manager.all():
            if post.unit.kind == "township_window" and doubt.township_code != post.unit.region_id:
                continue
            place = {"open": 0, "pool": 1}.get(doubt.status, 3 if doubt.outcome == "disproved" else 2)
            counted.setdefault(doubt.kind, [0, 0, 0, 0])[place] += 1
        assert shown(of_data.doubts(asked(post))) == {kind: tuple(counts) for kind, counts in counted.items()}
        assert of_data.doubts(asked(post, months=1)).total == tuple(map(sum, zip(*counted.values(), strict=True))) or not counted
