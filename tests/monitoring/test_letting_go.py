"""An entry is taken back although the night found doubts about whom it made; not, once somebody has worked on one."""

import psycopg2
import pytest
from django.db import connection

from audit.models import Event
from config.verbs import TransitionError
from deadlines.models import Duty
from deadlines.transitions import take
from households.models import AssistanceRecord, Resident
from households.transitions.payments import drop_list, make_list
from monitoring.models import Doubt
from monitoring.transitions import find_doubts, pull_doubt
from monitoring.transitions.doubts import LOCK
from monitoring.transitions.letting_go import RUNNING, UNDONE, DoubtsOfEntries
from organization.models import Post
from spreadsheets import transitions
from spreadsheets.preview import BatchPage
from tests.households import factories
from tests.households.test_roll_road import dumped, handed_in, taken_back

pytestmark = pytest.mark.django_db


@pytest.fixture
def night():
    return lambda: find_doubts(by=Post.objects.the_system(), only=["loose"])


@pytest.fixture
def roll(civil_officer, civil_approver):
    new = {"id_number": factories.id_number(), "name": "虚新来", "township": "忠州街道", "amount": "650"}
    return lambda: handed_in("MZ01", new, by=civil_officer, second=civil_approver)


def test_what_the_night_alone_found_goes_with_the_people(roll, night, civil_approver):
    standing = dumped()
    batch = roll()
    night()
    doubt = Doubt.objects.get()
    assert doubt.status == "open"
    assert BatchPage(batch, civil_approver).may_undo
    taken_back(batch, civil_approver)
    assert dumped() == standing
    assert not Doubt.objects.exists()
    duty = Duty.objects.about(doubt).get()
    assert (duty.outcome, duty.closed_by) == ("cancelled", civil_approver)
    assert Event.objects.get(verb="doubt.disproved", subject_id=str(doubt.pk)).note == UNDONE
    night()
    assert not Doubt.objects.exists()


def test_what_nobody_was_given_yet_goes_too(roll, night, civil_approver, monkeypatch):
    monkeypatch.setattr("monitoring.transitions.doubts.figure", lambda key: 0 if key == "doubts_omitted_per_township_month" else 3)
    batch = roll()
    night()
    assert Doubt.objects.get().status == "pool"
    taken_back(batch, civil_approver)
    assert not Doubt.objects.exists()


@pytest.mark.parametrize("work", ["pulled", "taken"])
def test_work_that_somebody_began_keeps_the_entry_and_says_so(roll, night, clerk, civil_approver, work, monkeypatch):
    if work == "pulled":
        monkeypatch.setattr("monitoring.transitions.doubts.figure", lambda key: 0 if key == "doubts_omitted_per_township_month" else 3)
    batch = roll()
    night()
    doubt = Doubt.objects.get()
    if work == "pulled":
        pull_doubt(doubt_id=doubt.pk, by=clerk)
    else:
        take(duty_id=Duty.objects.about(doubt).get().pk, by=clerk)
    page = BatchPage(batch, civil_approver)
    assert (page.may_undo, page.held) == (
        False,
        "入库的人员（家庭）有1条疑点已由乡镇（街道）领取或办理，不能整批撤销。请按业务流程逐条更正。",
    )
    assert ("不能撤销", page.held) in page.facts
    with pytest.raises(TransitionError, match="已由乡镇（街道）领取或办理"):
        transitions.ask_undo(batch_id=batch.pk, reason="报错了", by=civil_approver)
    assert Resident.objects.filter(name="虚新来").exists()


def test_while_doubts_are_found_an_undo_waits_and_beside_another_undo_it_does_not(roll, civil_approver):
    batch = roll()
    params = connection.get_connection_params()
    beside = psycopg2.connect(**{key: params[key] for key in ("dbname", "host", "port", "user", "password") if key in params})
    try:
        with beside.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
            with pytest.raises(TransitionError, match=RUNNING):
                DoubtsOfEntries().let_go(batch, civil_approver)
            cursor.execute("ROLLBACK; SELECT pg_advisory_xact_lock_shared(%s)", [LOCK])
            DoubtsOfEntries().let_go(batch, civil_approver)
    finally:
        beside.close()


def test_a_roll_whose_aid_stands_in_a_payment_list_waits_until_the_draft_is_dropped(roll, civil_officer, civil_approver):
    batch = roll()
    listed = make_list(program_code="MZ01", month=AssistanceRecord.objects.get().since.replace(day=1), by=civil_officer)
    assert listed.lines.exists()
    assert BatchPage(batch, civil_approver).held.startswith("入库的救助有1项已编入待月结的发放名册")
    with pytest.raises(TransitionError, match="请先在“待遇发放”删除该名册"):
        transitions.ask_undo(batch_id=batch.pk, reason="报错了", by=civil_approver)
    drop_list(list_id=listed.pk, by=civil_officer)
    taken_back(batch, civil_approver)
