"""A family moves to another township: what may be done only where it lives is owed there, and the former window reads no more of it."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import Http404
from django.test.utils import CaptureQueriesContext

from audit.models import Event
from audit.presenters import phrase
from config.protection.sealing import seal
from deadlines.models import Duty, Notice
from households.models import Household, PaymentLine, Resident
from households.payments.permissions import can_mend
from households.transitions import add_member, end_membership, note_death, revise_resident
from households.transitions.payment_results import mend_payment
from organization.models import Post, Unit
from referrals import transitions
from referrals.models import ChangeReport, Referral
from tests import cast
from tests.households import factories as households
from tests.households.payments.conftest import SEPTEMBER, lines_of, sent, with_account
from tests.households.payments.test_results import entered, line
from tests.referrals.changing import aid, decided, opened, ward_aid
from tests.referrals.registering import confirmed as confirmed_registry
from tests.referrals.registering import neighbour, proposed
from tests.referrals.test_change_report import DIED, confirmed, reported

pytestmark = pytest.mark.django_db
NEW_ACCOUNT = "6217000000000000999"


@pytest.fixture
def system():
    return Post.objects.the_system()


def moved(household):
    return confirmed_registry(proposed(household, "move", region=neighbour()), by=cast.member("neighbour_approver"))


def of(subject):
    return Duty.objects.open().about(subject).get()


def seen(report, post):
    return ChangeReport.objects.visible_to(post).filter(pk=report.pk).exists()


def failed(household, civil_officer):
    """A payment of September that the bank sent back."""
    with_account(household)
    aid(household=household)
    row = lines_of(sent(SEPTEMBER))[household.pk]
    entered(row.list, line(row, "账户已注销"), by=civil_officer)
    row.refresh_from_db()
    return row


def in_lists(payment_line, post):
    return PaymentLine.objects.visible_to(post).filter(pk=payment_line.pk).exists()


def test_what_a_death_left_is_done_where_the_family_lives_by_now(clerk, neighbour_clerk, signed_in):
    record = aid()
    hold = opened("hold", record)
    report = confirmed(reported(record.household))
    decided(hold, outcome="refused")
    before = of(report)
    assert (before.kind, before.unit) == ("death", clerk.unit)
    moved(record.household)
    duty = of(report)
    assert (duty.pk, duty.unit, duty.region_code, duty.due_at) == (before.pk, neighbour_clerk.unit, cast.NEIGHBOUR[:9], before.due_at)
    assert phrase(Event.objects.get(verb="duty.relocated")) == (
        f"所涉家庭或人员已迁居，由{clerk.unit.short_name}转{neighbour_clerk.unit.short_name}承办，期限不变"
    )
    notice = Notice.objects.get(kind="change_report.followed")
    assert (notice.unit, notice.url, report.resident.name in f"{notice.title}{notice.body}") == (neighbour_clerk.unit, duty.url, False)
    assert (seen(report, clerk), seen(report, neighbour_clerk)) == (False, True)

    with pytest.raises(PermissionDenied):
        transitions.stop_after_death(record_id=record.pk, by=clerk)
    client = signed_in(neighbour_clerk)
    assert "因死亡提出调整" in client.get(duty.url).content.decode()
    assert client.post(f"/records/{record.pk}/stop-after-death/").url == duty.url
    change = Referral.objects.get(change__report=report)
    assert (change.change.kind, change.window, change.accepted_by) == ("adjust", neighbour_clerk.unit, neighbour_clerk)


def test_what_follows_of_a_reported_move_is_owed_where_they_moved_to(clerk, neighbour_clerk):
    record = aid()
    report = confirmed(reported(record.household, kind="moved", resident=None, happened_on=DIED))
    before = of(report)
    moved(record.household)
    duty = of(report)
    assert (duty.kind, duty.unit, duty.due_at) == ("report_follow", neighbour_clerk.unit, before.due_at)
    assert (seen(report, clerk), seen(report, neighbour_clerk)) == (False, True)
    report.refresh_from_db()
    assert report.unit == neighbour_clerk.unit
    with pytest.raises(Http404):
        transitions.close_report(report_id=report.pk, note="不用变更。", by=clerk)
    with pytest.raises(Http404):
        opened("stop", record, report=ChangeReport.objects.visible_to(clerk).get_or_404(report.pk), by=clerk)
    change = opened("stop", record, report=report, by=neighbour_clerk)
    assert (change.window, change.change.report) == (neighbour_clerk.unit, report)


def test_a_report_that_waits_is_answered_where_they_live_and_an_answered_one_stays(clerk, neighbour_clerk):
    record = aid()
    done = confirmed(reported(households.HouseholdFactory(), kind="work", resident=None))  # nothing regular to follow
    waiting = reported(record.household)
    moved(record.household)
    moved(done.household)
    assert (of(waiting).kind, of(waiting).unit) == ("change_report", neighbour_clerk.unit)
    assert (seen(done, clerk), seen(done, neighbour_clerk)) == (True, False)
    with pytest.raises(Http404):
        confirmed(waiting)
    confirmed(waiting, "neighbour_clerk")
    change = Referral.objects.get(change__report=waiting)
    assert (change.window, change.accepted_by) == (neighbour_clerk.unit, neighbour_clerk)


def test_within_the_township_nothing_moves(clerk):
    record = aid()
    report = confirmed(reported(record.household, kind="work", resident=None))
    before = of(report)
    confirmed_registry(proposed(record.household, "move"))
    after = of(report)
    assert (after.unit, after.opened_at) == (clerk.unit, before.opened_at)
    assert not Event.objects.filter(verb__in=["duty.relocated", "change_report.followed"]).exists()


def test_the_stop_after_an_unreported_death_moves_along_and_a_departments_stays(system, clerk, neighbour_clerk, civil_officer):
    record, sensitive = aid(), ward_aid("MZ09")
    for person in [*(row.resident for row in record.coverage.select_related("resident")), sensitive.resident]:
        note_death(resident=person, on=DIED, source="名册", by=clerk)
    transitions.watch_deaths(by=system)
    assert (of(record).unit, of(sensitive).unit) == (clerk.unit, civil_officer.unit)
    due = of(record).due_at
    Household.objects.filter(pk=record.household_id).update(region=neighbour())
    Resident.objects.filter(pk=sensitive.resident_id).update(region=neighbour())
    assert transitions.follow_moved(by=system) == 1
    assert transitions.follow_moved(by=system) == 0
    assert (of(record).kind, of(record).unit, of(record).due_at) == ("death_stop", neighbour_clerk.unit, due)
    assert of(sensitive).unit == civil_officer.unit
    assert Notice.objects.get(kind="assistance_record.stop_followed").unit == neighbour_clerk.unit
    transitions.stop_after_death(record_id=record.pk, by=neighbour_clerk)


def test_a_failed_payment_is_put_right_where_the_payee_lives(clerk, neighbour_clerk, civil_officer, signed_in):
    household = households.HouseholdFactory()
    row = failed(household, civil_officer)
    before = of(row)
    assert (before.unit, in_lists(row, clerk), in_lists(row, neighbour_clerk)) == (clerk.unit, True, False)
    moved(household)
    duty = of(row)
    assert (duty.pk, duty.unit, duty.due_at) == (before.pk, neighbour_clerk.unit, before.due_at)
    assert (in_lists(row, clerk), in_lists(row, neighbour_clerk)) == (False, True)
    assert signed_in(clerk).get(row.get_absolute_url()).status_code == 404
    assert signed_in(neighbour_clerk).get(row.get_absolute_url()).status_code == 200
    event = Event.objects.get(verb="payment.followed")
    assert phrase(event) == f"领款人已迁居，发放失败由{clerk.unit.short_name}转{neighbour_clerk.unit.short_name}核对账户"
    head = Resident.objects.get(pk=row.payee_id)
    revise_resident(resident_id=head.pk, fields={}, bank_account=NEW_ACCOUNT, seen_at=head.changed_at, by=neighbour_clerk)
    with pytest.raises(Http404):
        mend_payment(line_id=row.pk, is_new_account=True, by=clerk)
    mend_payment(line_id=row.pk, is_new_account=True, by=neighbour_clerk)
    assert of(row).due_at is None  # stands until it is sent again


def test_what_fails_after_the_move_is_owed_there_at_once_and_an_undo_puts_it_back(clerk, neighbour_clerk, civil_officer, civil_approver):
    from spreadsheets.transitions import ask_undo
    from tests.spreadsheets.factories import run

    household = households.HouseholdFactory()
    with_account(household)
    aid(household=household)
    row = lines_of(sent(SEPTEMBER))[household.pk]
    here = row.region_code
    moved(household)
    batch = entered(row.list, line(row, "账户已注销"), by=civil_officer)
    assert of(row).unit == neighbour_clerk.unit
    assert (in_lists(row, clerk), in_lists(row, neighbour_clerk)) == (False, True)
    ask_undo(batch_id=batch.pk, reason="报错了", by=civil_approver)
    run()
    row.refresh_from_db()
    assert (row.state, row.region_code) == ("due", here)


def test_who_left_alone_is_followed_by_night_and_the_former_window_reads_no_account_meanwhile(
    system, clerk, neighbour_clerk, civil_officer, signed_in
):
    number = households.id_number()
    home = households.HouseholdFactory(members=[households.person(), households.person("20", name="虚嫁女", number=number)])
    wife = home.memberships.get(relation="20")
    seal(wife.resident, bank_account="6217000000000000001")
    wife.resident.save()
    ward_aid("MZ03", resident=wife.resident, amount=100)
    row = lines_of(sent(SEPTEMBER, "MZ03"))[wife.resident_id]
    entered(row.list, line(row, "账户已注销"), by=civil_officer)
    mend_payment(line_id=row.pk, is_new_account=False, by=clerk)
    assert "重发账户" in signed_in(clerk).get(row.get_absolute_url()).content.decode()
    end_membership(membership_id=wife.pk, on=wife.since, reason="出嫁", by=clerk)
    there = households.HouseholdFactory(region=neighbour())
    add_member(household_id=there.pk, member=households.person("10", name="虚嫁女", number=number), by=neighbour_clerk)

    row = PaymentLine.objects.get(pk=row.pk)
    assert not can_mend(clerk, row)
    assert "重发账户" not in signed_in(clerk).get(row.get_absolute_url()).content.decode()
    assert transitions.follow_moved(by=system) == 1
    assert transitions.follow_moved(by=system) == 0
    assert (of(row).unit, of(row).due_at) == (neighbour_clerk.unit, None)  # stands as it stood
    assert (in_lists(row, clerk), in_lists(row, neighbour_clerk)) == (False, True)
    assert can_mend(neighbour_clerk, PaymentLine.objects.get(pk=row.pk))


def test_a_township_without_its_window_holds_up_no_other(system, clerk, neighbour_clerk):
    gone, there = aid(), aid()
    reports = [confirmed(reported(row.household, kind="work", resident=None)) for row in (gone, there)]
    closed = Unit.objects.filter(kind="township_window").exclude(pk__in=[clerk.unit_id, neighbour_clerk.unit_id]).first()
    Unit.objects.filter(kind="township_window", region=closed.region_id).update(valid_until=DIED)
    Household.objects.filter(pk=gone.household_id).update(region=closed.region_id)
    Household.objects.filter(pk=there.household_id).update(region=neighbour())
    assert transitions.follow_moved(by=system) == 1
    assert [of(report).unit for report in reports] == [clerk.unit, neighbour_clerk.unit]


def test_few_statements_find_what_has_strayed(system):
    def asked():
        with CaptureQueriesContext(connection) as queries:
            assert transitions.follow_moved(by=system) == 0
        return len(queries)

    def waiting():
        confirmed(reported(aid().household, kind="work", resident=None))

    waiting()
    one = asked()
    waiting(), waiting()
    assert asked() == one
