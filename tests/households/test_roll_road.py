"""A department's roll by the whole road, from file to entry: once more it changes nothing, and undone every table is as it was."""

from datetime import date, timedelta
from threading import Event

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from config import clock
from config.protection.sealing import seal
from config.verbs import TransitionError
from deadlines.models import Duty
from deadlines.transitions import take
from households.models import Access, AssistanceRecord, Coverage, Fact, IdentityTag, Resident, RollAbsence
from households.sheets import rolls
from households.sheets.rolls import Rolls
from households.transitions import ask_for_fact
from referrals.tasks import open_due_reviews
from referrals.transitions import review
from spreadsheets import staging, transitions
from spreadsheets.models import Batch
from tests.racing import PATIENCE, race
from tests.spreadsheets.factories import read, run

from . import factories
from .factories import HouseholdFactory, ResidentFactory
from .test_rolls import number_of

pytestmark = pytest.mark.django_db
TABLES = (AssistanceRecord, Coverage, Access, IdentityTag, RollAbsence, Resident, Fact)


def dumped():
    found = {}
    for model in TABLES:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT t::text FROM {model._meta.db_table} t ORDER BY id")
            found[model.__name__] = cursor.fetchall()
    return found


def compared(code, *rows, by, as_of=date(2026, 9, 20)):
    template = Rolls().template(code)
    lines = [[row.get(field.key, "") for field in template.fields] for row in rows]
    batch = read(lines, by=by, template=template.key, heads=[field.label for field in template.fields], as_of=as_of)
    assert batch.status == Batch.Status.READY, batch.refusal
    return batch


def handed_in(code, *rows, by, second, as_of=date(2026, 9, 20)):
    batch = compared(code, *rows, by=by, as_of=as_of)
    transitions.propose(batch_id=batch.pk, jump_reason="已与科室核对", by=by)
    batch.refresh_from_db()
    if batch.status == Batch.Status.PROPOSED:
        transitions.confirm(batch_id=batch.pk, by=second)
    run()
    batch.refresh_from_db()
    assert batch.status == Batch.Status.APPLIED, batch.remarks
    return batch


def line(resident, **cells):
    return {"id_number": number_of(resident), "name": resident.name, "township": "忠州街道", **cells}


def taken_back(batch, by):
    transitions.ask_undo(batch_id=batch.pk, reason="报错了", by=by)
    run()
    batch.refresh_from_db()
    assert batch.status == Batch.Status.UNDONE


def test_a_roll_there_and_back(civil_officer, civil_approver):
    homes = [HouseholdFactory(alone=True) for _ in range(4)]
    one, two, three, four = (factories.head_of(home) for home in homes)
    new = {"id_number": factories.id_number(), "name": "虚新来", "township": "忠州街道", "amount": "650"}
    who = {"by": civil_officer, "second": civil_approver}
    first = [line(one, amount="600"), line(two, amount="500", persons="1", since="2026-05-01"), line(three, amount="400")]
    handed_in("MZ01", *first, as_of=date(2026, 8, 20), **who)
    factories.assistance(homes[3], "MZ01", since=date(2026, 1, 1))
    absent = factories.assistance(HouseholdFactory(alone=True), "MZ01", since=date(2026, 1, 1))
    factories.tag(homes[2], "subsistence", since=date(2026, 1, 1))
    before = dumped()
    rows = [line(one, amount="600"), line(two, amount="５５０.５０"), line(four, amount="1,000.00"), new]
    batch = handed_in("MZ01", *rows, **who)
    assert {key: batch.counts.get(key) for key in ("new", "changed", "same", "gone")} == {"new": 1, "changed": 1, "same": 2, "gone": 2}
    assert ["有审批决定、名册中没有（不终止）", 1] in [list(remark) for remark in batch.remarks]
    assert RollAbsence.objects.get().record == absent
    after = dumped()
    assert all(before[name] != after[name] for name in after if name != "Fact")
    again = handed_in("MZ01", *[{**row, "since": ""} for row in rows], as_of=date(2026, 9, 21), **who)
    assert {key: again.counts.get(key, 0) for key in ("new", "changed", "same")} == {"new": 0, "changed": 0, "same": 4}
    taken_back(again, civil_approver)
    assert dumped() == after
    taken_back(batch, civil_approver)
    assert dumped() == before


def test_the_clocks_of_aid_with_another_sum_go_along_and_come_back(civil_officer, civil_approver, reviewer, clerk):
    """Also one that somebody took in hand meanwhile; by what was done since the entry stays."""
    homes = [HouseholdFactory(alone=True) for _ in range(2)]
    heads = [factories.head_of(home) for home in homes]
    who = {"by": civil_officer, "second": civil_approver}
    handed_in("MZ01", *[line(head, amount="500", since="2026-05-01") for head in heads], as_of=date(2026, 8, 20), **who)
    open_due_reviews()
    standing, clocks = dumped(), list(Duty.objects.filter(kind="review").order_by("pk").values())
    batch = handed_in("MZ01", *[line(head, amount="550") for head in heads], **who)
    new = AssistanceRecord.objects.exclude(former=None)
    assert {row.former.household for row in new} == set(homes)
    assert set(Duty.objects.open().filter(kind="review").values_list("subject_id", flat=True)) == {str(row.pk) for row in new}
    assert open_due_reviews() == 0
    taken = take(duty_id=Duty.objects.open().filter(kind="review").first().pk, by=reviewer)
    taken_back(batch, civil_approver)
    assert dumped() == standing
    held = [{**each, "taken_at": taken.taken_at, "taken_by_id": reviewer.pk} if each["id"] == taken.pk else each for each in clocks]
    assert list(Duty.objects.filter(kind="review").order_by("pk").values()) == held
    again = handed_in("MZ01", *[line(head, amount="550") for head in heads], **who)
    review(record_id=AssistanceRecord.objects.exclude(former=None).first().pk, note="入户核实，没有变化。", by=clerk)
    transitions.ask_undo(batch_id=again.pk, reason="报错了", by=civil_approver)
    run()
    again.refresh_from_db()
    assert again.status == Batch.Status.APPLIED
    assert AssistanceRecord.objects.exclude(former=None).count() == 2


def test_a_list_of_the_unemployed_there_and_back(platform, platform_approver, clerk, approver):
    head = factories.head_of(HouseholdFactory(alone=True))
    before = dumped()
    batch = handed_in("RS06", line(head, since="2026年9月3日"), by=clerk, second=approver)
    assert Fact.objects.standing().get().resident == head
    taken_back(batch, approver)
    assert dumped() == before


def test_a_request_that_a_list_answered_waits_again(platform, clerk, approver):
    home = HouseholdFactory(alone=True)
    head = factories.head_of(home)
    request = ask_for_fact(household_id=home.pk, kind_key="employment_state", resident_id=head.pk, by=clerk)
    batch = handed_in("RS06", line(head, since="2026年9月3日"), by=clerk, second=approver)
    request.refresh_from_db()
    assert request.status == "answered"
    taken_back(batch, approver)
    request.refresh_from_db()
    assert (request.status, request.fact, request.answered_by) == ("open", None, None)
    assert not Fact.objects.exists()


def test_whose_number_was_corrected_since_the_comparison_gets_nothing_by_the_former_one(civil_officer, civil_approver):
    head = factories.head_of(HouseholdFactory(alone=True))
    batch = compared("MZ01", line(head, amount="600"), by=civil_officer)
    seal(head, id_number=factories.id_number())
    head.save()
    transitions.propose(batch_id=batch.pk, jump_reason="已与科室核对", by=civil_officer)
    batch.refresh_from_db()
    if batch.status == Batch.Status.PROPOSED:
        transitions.confirm(batch_id=batch.pk, by=civil_approver)
    run()
    batch.refresh_from_db()
    assert batch.status == Batch.Status.READY
    assert any("比对之后有1行" in label for label, _ in batch.remarks)
    assert batch.staged.get().problems[0][0] == "id_number", "compared again, it asks for the number anew"
    assert (Resident.objects.count(), AssistanceRecord.objects.count()) == (1, 0)


def test_nobody_is_gone_from_a_whole_list_by_a_number_that_was_corrected_since(civil_officer, civil_approver):
    one, two = (factories.head_of(HouseholdFactory(alone=True)) for _ in range(2))
    rows = [line(one, amount="600"), line(two, amount="500")]
    handed_in("MZ01", *rows, by=civil_officer, second=civil_approver, as_of=date(2026, 8, 20))
    batch = compared("MZ01", *rows, by=civil_officer)
    seal(one, id_number=factories.id_number())
    one.save()
    first, second = batch.staged.order_by("number")
    typed = {"name": two.name, "township": "忠州街道", "amount": "500"}
    batch = transitions.mend_row(batch_id=batch.pk, row_id=second.pk, values=typed, by=civil_officer)
    assert {key: batch.counts[key] for key in ("error", "gone", "unknown")} == {"error": 1, "gone": 1, "unknown": 1}
    assert batch.remarks == [], "nobody is new by the former number"
    with pytest.raises(TransitionError, match="有1行看不出是谁"):
        transitions.propose(batch_id=batch.pk, jump_reason="已与科室核对", by=civil_officer)
    typed = {"id_number": number_of(one), "name": one.name, "township": "忠州街道", "amount": "600"}
    batch = transitions.mend_row(batch_id=batch.pk, row_id=first.pk, values=typed, by=civil_officer)
    assert (batch.counts["same"], batch.counts.get("gone"), batch.counts["unknown"]) == (2, None, 0)


def test_the_number_of_somebody_merged_opens_for_the_file_of_wrong_rows(civil_officer, civil_approver):
    head, number = factories.head_of(HouseholdFactory(alone=True)), factories.id_number()
    double = ResidentFactory(number=number, name=head.name)
    double.survivor, double.merged_at, double.merged_by = head, clock.now(), civil_approver
    double.save()
    row = compared("MZ01", {**line(head, amount="600"), "id_number": number}, by=civil_officer).staged.get()
    assert (row.person_id, "s" in row.sealed["id_number"]) == (head.pk, False)
    assert staging.opened(row, Rolls().template("MZ01").field("id_number")) == number


def test_not_taken_back_where_somebody_has_been_covered_again_since(civil_officer, civil_approver):
    """What the roll has ended cannot stand again in a place that is taken: all stays as it is, and the refusal names what stands there."""
    one, two = (factories.head_of(HouseholdFactory(alone=True)) for _ in range(2))
    who = {"by": civil_officer, "second": civil_approver}
    handed_in("MZ01", line(one, amount="600"), line(two, amount="500"), as_of=date(2026, 8, 20), **who)
    batch = handed_in("MZ01", line(one, amount="600"), **who)
    ended = Coverage.objects.get(resident=two)
    Coverage.objects.create(record=ended.record, resident=two, since=ended.until + timedelta(days=1))
    before = dumped()
    with pytest.raises(TransitionError, match="救助覆盖人员"):
        transitions.undo(batch_id=batch.pk, by=civil_approver)
    assert dumped() == before


def test_what_is_taken_back_is_locked_as_a_roll_and_a_merge_lock_it(civil_officer, civil_approver):
    """A record before whom it covers, and each by its key: else an undo and one of them would wait for each other."""
    who = {"by": civil_officer, "second": civil_approver}
    people = [factories.head_of(HouseholdFactory(alone=True)) for _ in range(2)]
    batch = handed_in("MZ01", *[line(one, amount="600") for one in people], **who)
    with CaptureQueriesContext(connection) as asked:
        taken_back(batch, civil_approver)
    locked = [each["sql"] for each in asked if "FOR UPDATE OF t" in each["sql"]]
    places = [next(at for at, sql in enumerate(locked) if model._meta.db_table in sql) for model in (AssistanceRecord, Coverage, Access)]
    assert places == sorted(places)
    assert all('ORDER BY t."id" FOR UPDATE' in sql for sql in locked)


@pytest.mark.django_db(transaction=True)
def test_a_roll_is_not_taken_back_while_another_of_its_program_is_entered(civil_officer, civil_approver, monkeypatch):
    """Nor are the two rolls about the same people: each locks what it writes, in an order of its own."""
    earlier, later = (line(factories.head_of(HouseholdFactory(alone=True)), amount="500", granted_on="2026-08-20") for _ in range(2))
    batch = handed_in("MZ04", earlier, by=civil_officer, second=civil_approver)
    other = compared("MZ04", later, by=civil_officer)
    monkeypatch.setattr("spreadsheets.transitions.confirming.ask_job", lambda *_, **__: None)
    transitions.propose(batch_id=other.pk, by=civil_officer)
    if Batch.objects.get(pk=other.pk).status == Batch.Status.PROPOSED:
        transitions.confirm(batch_id=other.pk, by=civil_approver)
    Batch.objects.filter(pk=batch.pk).update(reason="报错了")
    begun, over, ended, once = Event(), Event(), [], rolls.enter_records

    def slowly(**given):
        begun.set()
        over.wait(0.3)
        once(**given)

    def undone():
        begun.wait(PATIENCE)
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '100ms'")  # as the house's own five seconds, which are fewer than an entry may take
        transitions.undo(batch_id=batch.pk, by=civil_approver)
        ended.append("undone")
        over.set()

    monkeypatch.setattr(rolls, "enter_records", slowly)
    answers = race(lambda: (transitions.apply(batch_id=other.pk), ended.append("entered")), undone)
    assert (ended, answers[1]) == (["entered", "undone"], None)
    assert AssistanceRecord.objects.count() == 1
