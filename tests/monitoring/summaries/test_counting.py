"""Cells beside a plain count of the rows, whichever door changed them; and what no mark told."""

import random
import uuid
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.db.models import F

from audit.models import Event
from config import clock, heartbeats
from config.protection.sealing import open_sealed
from deadlines.models import Notice
from households.models import AssistanceRecord, Coverage, Household, Membership, RecordChange
from households.sheets.rolls import Rolls
from households.transitions import changing
from households.transitions.carrying import carry_of_household
from monitoring.models import SummaryCell, SummaryMark, SummaryMonth
from monitoring.transitions import summaries
from monitoring.transitions.summaries import check_all, count_changed, counted_months
from spreadsheets.transitions import undoing
from tests import cast
from tests.households import factories, sheets
from tests.households.factories import HouseholdFactory, assistance

from . import oracle

pytestmark = pytest.mark.django_db
SEPTEMBER = date(2026, 9, 1)
FIVE = [date(2026, month, 1) for month in (5, 6, 7, 8, 9)]


@pytest.fixture(autouse=True)
def _five_months(monkeypatch):
    """Of twenty-five: each month is counted by the same statement."""
    monkeypatch.setattr(summaries, "figure", lambda key: {"summary_months": 5}[key])


def hold_against_the_rows() -> None:
    for month in FIVE:
        assert oracle.standing_cells(month) == oracle.without_nothing(oracle.counted(month)), month


class History:
    """Aid of a few families and people of two townships, changed at random by what changes aid."""

    PROGRAMS = ("MZ01", "MZ02", "MZ09", "JW01", "CL01", "SF02")

    def __init__(self, seed: int, by) -> None:
        self.dice, self.by = random.Random(seed), by
        self.homes = [HouseholdFactory(), HouseholdFactory(in_neighbour=True), HouseholdFactory(alone=True)]
        self.people = [row.resident for row in Membership.objects.select_related("resident")]

    def month(self) -> date:
        return self.dice.choice(FIVE)

    def grant(self) -> None:
        whose = self.dice.choice([*self.homes, *self.people])
        cadence = self.dice.choice(["monthly", "monthly", "monthly", "yearly", "once", "standing"])
        since = self.month() + timedelta(days=self.dice.choice([0, 0, 13, -400]))
        until = self.dice.choice([None, None, since + timedelta(days=self.dice.randrange(90))])
        region = whose.region_id if self.dice.random() < 0.8 else cast.OTHER_VILLAGE
        program = self.dice.choice(self.PROGRAMS)
        rows = AssistanceRecord.objects.filter(**{"household" if isinstance(whose, Household) else "resident": whose}, program=program)
        if cadence == "once" or not any(row.cadence != "once" and (row.until is None or row.until >= since) for row in rows):
            amount = Decimal(self.dice.randrange(100, 900))
            if until or not rows:
                assistance(whose, program, cadence=cadence, since=since, until=until, amount=amount, region_code=region)

    def change(self) -> None:
        rows = list(AssistanceRecord.objects.filter(cadence="monthly", until=None))
        if not rows:
            return
        record = self.dice.choice(rows)
        since, kind = self.month(), self.dice.choice(["adjust", "hold", "resume", "stop", "fade"])
        said = {"record": record, "since": since, "reason": "核实", "decision_id": uuid.uuid4(), "by": self.by}
        held = RecordChange.objects.filter(record=record).holding().exists()
        if since <= record.since or (kind == "resume") != held:
            return
        match kind:
            case "adjust":
                changing.adjust_record(amount=Decimal(self.dice.randrange(100, 900)), **said)
            case "fade":
                changing.fade_record(months=1, amount=None, **said)
            case _:
                getattr(changing, f"{kind}_record")(**said)

    def correct(self) -> None:
        """By hand of the machinery: a sum in place, whom it reaches, a row gone."""
        row = Coverage.objects.order_by("?").first() if self.dice.random() < 0.5 else None
        if row is not None:
            Coverage.objects.filter(pk=row.pk).update(until=max(row.since, self.month()))
        record = self.dice.choice(list(AssistanceRecord.objects.order_by("pk")) or [None])
        if record is not None:
            AssistanceRecord.objects.filter(pk=record.pk).update(amount=Decimal(self.dice.randrange(100, 900)))

    def move(self) -> None:
        """Somebody belongs to another family from some day on."""
        row = self.dice.choice(list(Membership.objects.filter(until=None).exclude(relation="0").order_by("pk")) or [None])
        if row is None:
            return
        row.until, row.ended_at, row.ended_by, row.end_reason = max(row.since, clock.today()), clock.now(), self.by, "分户"
        row.save()
        target = self.dice.choice(self.homes)
        Membership.objects.create(
            household=target, resident_id=row.resident_id, relation="9", since=row.until, added_at=clock.now(), added_by=self.by
        )

    def step(self) -> None:
        self.dice.choice([self.grant, self.grant, self.grant, self.change, self.change, self.correct, self.move])()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_cells_equal_the_rows_after_any_history(seed, platform):
    history = History(seed, platform)
    Membership.objects.update(since=FIVE[seed])
    for _ in range(3):
        for _ in range(7):
            history.step()
        count_changed()
        assert not SummaryMark.objects.exists()
        hold_against_the_rows()
    assert len(oracle.standing_cells(SEPTEMBER)) > 5
    assert check_all(by=platform).untold == 0


def test_who_stands_in_two_townships_and_two_programs_is_one_household_of_the_county(platform):
    home = HouseholdFactory()
    assistance(home, "MZ01", since=date(2026, 8, 1))
    assistance(factories.head_of(home), "CL01", since=date(2026, 9, 10), region_code=cast.NEIGHBOUR + "991", amount=70)
    count_changed()
    found = {key: figures["households"] for key, figures in oracle.standing_cells(SEPTEMBER).items() if key[2] is None and key[1] is None}
    assert found == {("", None, None, False): 1, (cast.HOME, None, None, False): 1, (cast.NEIGHBOUR, None, None, False): 1}
    whole = SummaryCell.objects.get(month=SEPTEMBER, township_code="", program=None, department=None)
    assert (whole.records, whole.people, whole.amount, whole.paid, whole.new_people) == (2, 3, 670, 670, 0)


def test_a_roll_applied_marks_its_months_and_undone_marks_them_again(civil_officer):
    home = HouseholdFactory()
    count_changed()
    template = Rolls().template("MZ01")
    batch = sheets.batch_of(template, unit=civil_officer.unit, by=civil_officer, as_of=date(2026, 9, 20))
    head = factories.head_of(home)
    row = {"id_number": open_sealed(head, "id_number"), "name": head.name, "township": cast.HOME, "amount": "900.00", "persons": 3}
    sheets.stage(batch, template, [row])
    Rolls().compare(batch, template)
    Rolls().apply(batch, template, civil_officer)
    count_changed()
    assert oracle.standing_cells(SEPTEMBER)[cast.HOME, None, None, False]["amount"] == 900
    hold_against_the_rows()
    undoing._put_back(batch, civil_officer)
    count_changed()
    assert not oracle.standing_cells(SEPTEMBER)


def test_a_family_carried_to_another_is_counted_anew(platform):
    """By statements that no verb of aid makes."""
    gone, stays = HouseholdFactory(), HouseholdFactory()
    assistance(gone, "MZ01", since=FIVE[1])
    assistance(stays, "MZ02", since=FIVE[2])
    count_changed()
    carry_of_household(gone, stays, platform)
    count_changed()
    hold_against_the_rows()
    assert oracle.standing_cells(SEPTEMBER)["", None, None, False]["households"] == 1


def test_many_rows_at_once_mark_the_county(platform):
    home = HouseholdFactory()
    record = assistance(home, "MZ01", since=FIVE[0])
    SummaryMark.objects.all().delete()
    people = [Coverage(record=record, resident=factories.head_of(home), since=date(2020, 1, 1) + timedelta(days=n)) for n in range(502)]
    for row in people:
        row.until = row.since
    Coverage.objects.bulk_create(people)
    assert list(SummaryMark.objects.values_list("township_code", flat=True)) == [""]


def test_what_says_nothing_new_marks_nothing(platform):
    record = assistance(HouseholdFactory(), "MZ01")
    SummaryMark.objects.all().delete()
    AssistanceRecord.objects.filter(pk=record.pk).update(source="both", unit=record.unit_id)
    Coverage.objects.filter(record=record).update(since=record.since)
    assert not SummaryMark.objects.exists()
    AssistanceRecord.objects.filter(pk=record.pk).update(until=date(2026, 9, 30))
    assert list(SummaryMark.objects.values_list("township_code", "since", "until")) == [(cast.HOME, date(2026, 9, 30), None)]


def test_another_sum_is_added_up_without_counting_whom_it_reaches(platform, monkeypatch):
    """Neither of its township nor of the county; beside a change of another township, whose count tells the county's sums too."""
    home, other = HouseholdFactory(), HouseholdFactory(in_neighbour=True)
    record = assistance(home, "MZ01", since=FIVE[1])
    assistance(home, "MZ02", cadence="once", since=SEPTEMBER, until=SEPTEMBER, amount=30)
    count_changed()
    AssistanceRecord.objects.update(amount=F("amount") + 7)
    assert set(SummaryMark.objects.values_list("township_code", "is_sums")) == {(cast.HOME, True)}
    with monkeypatch.context() as patch:
        patch.setattr(summaries, "_put", lambda *_: pytest.fail("counted"))
        assert count_changed() == 4
    hold_against_the_rows()
    assert check_all(by=platform).untold == 0

    AssistanceRecord.objects.filter(pk=record.pk).update(amount=1)
    assistance(other, "MZ01", since=FIVE[2])
    assert set(SummaryMark.objects.values_list("township_code", "is_sums")) == {(cast.HOME, True), (cast.NEIGHBOUR, False)}
    count_changed()
    hold_against_the_rows()


def test_another_sum_of_what_stands_in_no_month_since(platform):
    """The first help of a county that is just beginning, given once: the months after it hold nothing at all."""
    assistance(HouseholdFactory(), "MZ02", cadence="once", since=FIVE[1], amount=30)
    count_changed()
    AssistanceRecord.objects.update(amount=31)
    assert count_changed() == 4
    hold_against_the_rows()
    assert check_all(by=platform).untold == 0


def test_where_many_townships_changed_everything_is_counted_at_once(platform, monkeypatch):
    monkeypatch.setattr(summaries, "FEW", 1)
    record = assistance(HouseholdFactory(), "MZ01", since=FIVE[1])
    count_changed()
    assistance(HouseholdFactory(), "MZ02", since=FIVE[2])
    assistance(HouseholdFactory(in_neighbour=True), "CL01", since=FIVE[3])
    AssistanceRecord.objects.filter(pk=record.pk).update(amount=1)
    count_changed()
    hold_against_the_rows()


def test_another_sum_with_anything_else_is_counted(platform):
    record = assistance(HouseholdFactory(), "MZ01", since=FIVE[1])
    for also in (
        {"until": date(2026, 9, 3)},
        {"since": FIVE[2]},
        {"program": "MZ02"},
        {"region_code": cast.NEIGHBOUR},
        {"cadence": "yearly"},
    ):
        count_changed()
        AssistanceRecord.objects.filter(pk=record.pk).update(amount=F("amount") + 1, **also)
        assert set(SummaryMark.objects.values_list("is_sums", flat=True)) == {False}, also
        count_changed()
        hold_against_the_rows()


def test_a_sum_that_waits_stays_a_sum(platform, monkeypatch):
    assistance(HouseholdFactory(), "MZ01", since=FIVE[1])
    count_changed()
    AssistanceRecord.objects.update(amount=F("amount") + 7)
    with monkeypatch.context() as patch:
        patch.setattr(summaries, "SECONDS", -1.0)
        assert count_changed() == 0
    assert set(SummaryMark.objects.values_list("is_sums", flat=True)) == {True}
    assert count_changed() == 4
    hold_against_the_rows()


def test_a_changed_department_or_what_becomes_sensitive_marks_everything(platform):
    count_changed()
    for column in ("department_id", "is_sensitive"):
        with connection.cursor() as cursor:
            cursor.execute(f"UPDATE programs_program SET {column} = {column} WHERE code = 'MZ01'")
        assert count_changed() == len(counted_months()), column


def test_what_no_mark_told_is_mended_written_down_and_told(platform):
    assistance(HouseholdFactory(), "MZ01", since=date(2026, 9, 1))
    count_changed()
    SummaryCell.objects.filter(month=SEPTEMBER, township_code=cast.HOME, program="MZ01").update(people=99)
    SummaryCell.objects.create(month=FIVE[0], township_code="500233099", people=3)
    found = check_all(by=platform)
    assert found.untold == 2
    hold_against_the_rows()
    assert dict(SummaryMonth.objects.filter(mended__gt=0).values_list("month", "mended")) == {FIVE[0]: 1, SEPTEMBER: 1}
    assert Event.objects.filter(verb="summary.mended").count() == 2
    told = Notice.objects.filter(kind="summary.mended")
    assert {notice.unit for notice in told} == {platform.unit}
    assert check_all(by=platform).untold == 0
    assert heartbeats.ages().keys() >= heartbeats.NOT_AT_FIRST


def test_what_a_mark_told_since_the_last_count_is_no_fault(platform, monkeypatch):
    assistance(HouseholdFactory(), "MZ01", since=date(2026, 9, 1))
    count_changed()
    monkeypatch.setattr(summaries, "_count_changed", lambda _: 0)
    assistance(HouseholdFactory(in_neighbour=True), "MZ01", since=date(2026, 9, 1))
    found = check_all(by=platform)
    assert found.written > 0 == found.untold


def test_a_new_month_is_counted_when_it_begins(platform, clock):
    assistance(HouseholdFactory(), "MZ01", since=date(2026, 9, 1))
    assert count_changed() == 5
    assert count_changed() == 0
    clock.forward(days=10)
    assert count_changed() == 1
    assert SummaryCell.objects.get(month=date(2026, 10, 1), township_code="", program="MZ01").people == 3


def test_nothing_is_left_when_the_count_fails(platform, monkeypatch):
    assistance(HouseholdFactory(), "MZ01")
    marks = SummaryMark.objects.count()
    monkeypatch.setattr(summaries, "_recount", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        count_changed()
    assert (SummaryMark.objects.count(), SummaryCell.objects.count()) == (marks, 0)


def test_what_does_not_fit_into_the_time_waits_with_its_own_moment(platform, monkeypatch):
    assistance(HouseholdFactory(), "MZ01", since=FIVE[0])
    monkeypatch.setattr(summaries, "SECONDS", -1.0)
    assert count_changed() == 0
    assert not SummaryMonth.objects.exists()
    assert not heartbeats.ages().keys() & heartbeats.NOT_AT_FIRST
    assert SummaryMark.objects.filter(since=SEPTEMBER, until=SEPTEMBER).exists()
    monkeypatch.undo()
    monkeypatch.setattr(summaries, "figure", lambda key: {"summary_months": 5}[key])
    assert count_changed() == 5
    assert heartbeats.ages().keys() & heartbeats.NOT_AT_FIRST == {heartbeats.SUMMARIES}
    hold_against_the_rows()


def test_a_roll_older_than_the_register_counts_the_family_once(platform):
    home = HouseholdFactory()
    assistance(home, "MZ01", since=FIVE[0])
    for person in (factories.head_of(home), *(row.resident for row in home.memberships.exclude(resident=factories.head_of(home)))):
        assistance(person, "MZ02", since=FIVE[0], amount=80)
    count_changed()
    assert oracle.standing_cells(FIVE[0])["", None, None, False]["households"] == 1
    hold_against_the_rows()


def test_a_month_that_is_no_longer_counted_anew_is_kept_true_where_its_aid_changes(monkeypatch):
    count_changed()
    monkeypatch.setattr(summaries, "figure", lambda key: {"summary_months": 2}[key])
    assistance(HouseholdFactory(), "MZ01", since=FIVE[0], until=FIVE[0] + timedelta(days=3), amount=80)
    assert count_changed() == 1
    assert SummaryCell.objects.get(month=FIVE[0], township_code="", department=None).paid == 80
