"""Pages and sheets of payment lists: what a post meets, masked to all but the department, and the roll in clear as an act."""

import io
from threading import Event, Thread

import openpyxl
import pytest
from django.db import connections, transaction

from config import keyset
from config.protection.sealing import open_sealed
from config.verbs import TransitionError
from households.models import PaymentLine, PaymentList
from households.month_lock import lock_alone, lock_shared
from households.sheets.rolls import Rolls
from households.transitions.payments import close_list, drop_list
from spreadsheets.ledgers import Asked, ledger_of
from tests.cast import PASSWORD
from tests.fragments import next_of
from tests.households import factories, sheets

from .conftest import AUGUST, SEPTEMBER, aid, closed, made, sent, with_account

pytestmark = pytest.mark.django_db


def sheets_of(response):
    book = openpyxl.load_workbook(io.BytesIO(b"".join(response.streaming_content)))
    return {sheet.title: [[cell.value for cell in row] for row in sheet.iter_rows(min_row=4)] for sheet in book}


def test_list_page_counts_what_the_post_sees(signed_in, home, civil_officer, clerk, neighbour_clerk, assert_queries):
    far = factories.HouseholdFactory(alone=True, in_neighbour=True)
    for household in (home, far):
        with_account(household)
        aid(household)
    sent(AUGUST), closed(SEPTEMBER)
    client = signed_in(civil_officer)
    client.get("/payments/")
    with assert_queries(8):
        page = client.get("/payments/")
    assert page.content.decode().count("1,200.00") == 2
    for program in ("\0", "没有"):
        assert client.get("/payments/", {"program": program}).content.decode().count("1,200.00") == 2
    for post in (clerk, neighbour_clerk):
        page = signed_in(post).get("/payments/").content.decode()
        assert page.count("600.00") == 2
        assert "1,200.00" not in page


def test_a_list_without_a_line_of_ones_own_is_not_a_townships(signed_in, home, clerk, neighbour_clerk):
    aid(home)
    row = closed(SEPTEMBER)
    for post, count, status in ((clerk, 1, 200), (neighbour_clerk, 0, 404)):
        client = signed_in(post)
        assert PaymentList.objects.visible_to(post).count() == PaymentLine.objects.visible_to(post).count() == count
        assert client.get("/payments/").content.decode().count(row.get_absolute_url()) == count
        assert {client.get(f"{row.get_absolute_url()}{page}").status_code for page in ("", "print/")} == {status}


def test_detail_is_pinned_and_masked_to_others(signed_in, home, civil_officer, platform, assert_queries):
    head = with_account(home)
    aid(home)
    row = closed(SEPTEMBER)
    client = signed_in(civil_officer)
    client.get(row.get_absolute_url())
    with assert_queries(10):
        own = client.get(row.get_absolute_url()).content.decode()
    assert head.name in own
    assert "6217000000000000001" not in own
    assert head.name not in signed_in(platform).get(row.get_absolute_url()).content.decode()
    assert client.post(f"{row.get_absolute_url()}roll/", {"step_up_reason": ""}).status_code == 422


def test_a_refused_reason_leads_on_in_the_list(signed_in, home, civil_officer, monkeypatch):
    """The address of the roll gives a file for a reason, and shows nothing."""
    monkeypatch.setattr(keyset, "SIZES", (1,))
    for household in (home, factories.HouseholdFactory(alone=True, setting="urban")):
        aid(household)
    row, client = closed(SEPTEMBER), signed_in(civil_officer)
    refused = client.post(f"{row.get_absolute_url()}roll/", {"step_up_reason": ""})
    assert refused.status_code == 422
    assert client.get(next_of(refused)).context["listed"].rows != refused.context["listed"].rows


def test_roll_in_clear_for_the_bank(signed_in, home, civil_officer, lines):
    head = with_account(home)
    aid(home)
    row = closed(SEPTEMBER)
    client, url = signed_in(civil_officer), f"{row.get_absolute_url()}roll/"
    said = {"step_up_reason": "送农商行代发", "step_up_password": "not the password"}
    refused = client.post(url, said)
    assert refused.status_code == 422
    assert "密码不对" in refused.content.decode()
    assert "送农商行代发" in refused.content.decode()
    row.refresh_from_db()
    assert (row.status, lines("payment_list.sent", "spreadsheet.exported")) == ("closed", [])
    assert client.post(url, {"step_up_reason": "", "step_up_password": PASSWORD}).status_code == 422
    assert [event.subject_id for event in lines("staff.sign_in_failed")] == [str(civil_officer.staff_id)]
    answer = client.post(url, {**said, "step_up_password": PASSWORD})
    assert answer["Cache-Control"] == "private, no-store"
    [rows] = sheets_of(answer).values()
    number = open_sealed(head, "id_number")
    assert rows[0][:3] == [1, "最低生活保障", "2026-09"]
    assert (rows[0][5], rows[0][6], rows[0][7], rows[0][8], rows[0][15]) == (head.name, number, "虚构农商行", "6217000000000000001", 600)
    row.refresh_from_db()
    assert row.status == "sent"
    sent, exported = lines("payment_list.sent", "spreadsheet.exported")
    assert (sent.note, exported.note) == ("送农商行代发", f"{row.program}；{row}；用途：送农商行代发")


def test_five_wrong_passwords_lock_the_roll_for_the_right_one_too(signed_in, home, civil_officer, lines):
    with_account(home)
    aid(home)
    row = closed(SEPTEMBER)
    client, url = signed_in(civil_officer), f"{row.get_absolute_url()}roll/"
    said = {"step_up_reason": "送农商行代发", "step_up_password": "not the password"}
    answers = [client.post(url, said) for _ in range(5)]
    assert ["密码不对" in answer.content.decode() for answer in answers] == [True] * 4 + [False]
    for locked in (answers[-1], client.post(url, {**said, "step_up_password": PASSWORD})):
        assert locked.status_code == 422
        assert "连续输错次数过多，已锁定" in locked.content.decode()
        assert "送农商行代发" in locked.content.decode()
    row.refresh_from_db()
    assert (row.status, lines("payment_list.sent", "spreadsheet.exported")) == ("closed", [])
    assert [event.verb for event in lines("staff.sign_in_failed", "staff.locked_out")] == ["staff.sign_in_failed"] * 4 + [
        "staff.locked_out"
    ]


def test_ledgers_equal_the_lists_for_each_gate(home, other, civil_officer, clerk, neighbour_clerk, officer, platform):
    with_account(home)
    aid(home), aid(other, 450)
    closed(AUGUST)
    aid(factories.HouseholdFactory(alone=True, in_neighbour=True), 300, SEPTEMBER)
    closed(SEPTEMBER)
    given = {"month": "2026-09", "program": ""}
    totals = {}
    for post in (civil_officer, platform, clerk, neighbour_clerk, officer):
        ledger = ledger_of("payments.roll")
        assert ledger.form(given, post).is_valid()
        [part] = ledger.parts(Asked(post, given))
        totals[post] = [part.shape(each) for each in part.asked]
    assert [sum(row[15] for row in totals[post]) for post in totals] == [1350, 1350, 1050, 300, 0]
    assert totals[platform][0][5][1] == "*"
    assert "6217000000000000001" not in str(totals)
    new = next(part for part in ledger_of("payments.changes").parts(Asked(platform, given)) if part.title == "新增")
    assert [new.shape(each)[8:11] for each in new.asked] == [(0, 300, 300)]


def test_print_and_failures_open(signed_in, home, civil_officer, clerk):
    with_account(home)
    aid(home)
    row = made(SEPTEMBER)
    assert "发放花名册" in signed_in(civil_officer).get(f"{row.get_absolute_url()}print/").content.decode()
    assert "没有发放失败的款项" in signed_in(clerk).get("/payments/failures/").content.decode()


def _elsewhere(held, over):
    """Another connection applies a roll of 低保 until it is told that it is over."""
    try:
        with transaction.atomic():
            lock_shared("MZ01")
            held.set()
            over.wait(20)
    finally:
        connections.close_all()


def test_a_month_is_not_closed_while_its_roll_is_applied(home, civil_approver):
    """Another program's file is no reason; the county's ledger waits for all."""
    aid(home)
    row, held, over = made(SEPTEMBER), Event(), Event()
    applying = Thread(target=_elsewhere, args=(held, over), daemon=True)
    applying.start()
    assert held.wait(20)
    try:
        for closing in (lambda: close_list(list_id=row.pk, by=civil_approver), lock_alone):
            with pytest.raises(TransitionError, match="正在入库"):
                closing()
        lock_alone("MZ02")
    finally:
        over.set()
        applying.join(20)
    assert close_list(list_id=row.pk, by=civil_approver).status == "closed"


def test_a_file_that_was_confirmed_goes_first(home, civil_officer, civil_approver):
    aid(home)
    row = made(SEPTEMBER)
    batch = sheets.batch_of(Rolls().template("MZ01"), unit=civil_officer.unit, by=civil_officer)
    type(batch).objects.filter(pk=batch.pk).update(status="applying")
    with pytest.raises(TransitionError, match="已经确认、正在入库"):
        close_list(list_id=row.pk, by=civil_approver)


def test_a_draft_dropped_meanwhile_is_told_by_whom(signed_in, home, civil_officer, civil_approver, platform, clerk, officer):
    """Its page, and each step that somebody was about to take: not "not found", save for whom it never was there for."""
    with_account(home)
    aid(home)
    row = made(SEPTEMBER)
    drop_list(list_id=row.pk, by=civil_officer)
    address, client = row.get_absolute_url(), signed_in(civil_approver)
    for answer in (client.get(address), client.post(f"{address}close/"), client.post(f"{address}drop/"), client.get(f"{address}print/")):
        assert (answer.status_code, answer["Location"]) == (302, "/payments/")
    page = client.get("/payments/").content.decode()
    assert f"已由{civil_officer.label}于2026-09-24" in page
    assert "请重新编制" in page
    assert signed_in(platform).get(address).status_code == 302
    for stranger in (clerk, officer):
        assert signed_in(stranger).get(address).status_code == 404
