"""What the bank did with a list: its file by the whole road of the import, the failed line's duty, the money sent again (XX-13)."""

from datetime import date, timedelta
from decimal import Decimal
from importlib import import_module
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from config import clock as house_clock
from config.protection.sealing import open_sealed, seal
from config.verbs import AlreadyHandled, TransitionError
from deadlines.models import Duty
from households.models import AssistanceRecord, PaymentLine, Resident
from households.sheets.payments import FIELDS, PaymentResults, template_of
from households.transitions import changing, payments
from households.transitions.payment_results import hand_in_results, mend_payment
from households.transitions.payments import close_list, make_list
from spreadsheets import transitions
from spreadsheets.blank import blank
from spreadsheets.ground import ground
from spreadsheets.models import Batch, Mapping
from spreadsheets.preview import MARKS
from tests.households import factories
from tests.spreadsheets.factories import octets, read, run

from .conftest import AUGUST, SEPTEMBER, aid, closed, lines_of, sent, with_account

pytestmark = pytest.mark.django_db
HEADS = [field.label for field in FIELDS]
DAY = date(2026, 9, 24)


def line(row, failure="", **more):
    """A row of the bank's file about a line."""
    given = {
        "line": str(row.number), "month": f"{row.list.month:%Y-%m}", "name": row.payee.name, "amount": str(row.payable),
        "result": "失败" if failure else "成功", "paid_on": "" if failure else "2026-09-20", "failure": failure,
        "id_number": "", "account": "", "code": "", **more,
    }  # fmt: skip
    return [given[field.key] for field in FIELDS]


def entered(payment_list, *rows, by, proposed=True):
    batch = read(rows, by=by, template=template_of(payment_list).key, heads=HEADS, as_of=DAY)
    assert batch.status == Batch.Status.READY, batch.refusal
    if proposed:
        transitions.propose(batch_id=batch.pk, by=by)
        run()
        batch.refresh_from_db()
    return batch


def problems(batch):
    return [sentence for row in batch.staged.filter(outcome="error").order_by("number") for _, sentence in row.problems]


@pytest.fixture
def both(home, other):
    """September's list of the two families, sent to the bank."""
    for household in (home, other):
        with_account(household)
        aid(household)
    return sent(SEPTEMBER)


def test_paid_and_failed_in_pieces_and_what_follows(both, home, other, civil_officer, civil_approver, clerk, lines):
    one, two = lines_of(both)[home.pk], lines_of(both)[other.pk]
    batch = entered(both, line(one), by=civil_officer)
    assert (batch.status, batch.remarks) == ("applied", [["发放成功", 1]])
    one.refresh_from_db(), both.refresh_from_db()
    assert (one.state, one.paid_on, one.reported_by, both.status) == ("paid", date(2026, 9, 20), civil_officer, "sent")
    failed = entered(both, line(two, "账户已注销"), by=civil_officer)
    assert {MARKS[mark] for row in failed.staged.all() for mark in row.marks} == {"发放失败"}  # as the preview says it
    two.refresh_from_db(), both.refresh_from_db()
    assert (two.state, two.failure, both.status) == ("failed", "账户已注销", "sent")
    duty = Duty.objects.open().get(kind="payment_failed")
    assert (duty.unit, duty.subject_id, duty.url) == (clerk.unit, str(two.pk), two.get_absolute_url())
    assert two.payee.name not in duty.title
    assert [event.note for event in lines("payment.failed")] == ["账户已注销"]
    # The same piece once more changes nothing, and an undo takes the clock away
    assert entered(both, line(one), by=civil_officer, proposed=False).counts["same"] == 1
    transitions.ask_undo(batch_id=failed.pk, reason="报错了", by=civil_approver)
    run()
    two.refresh_from_db()
    assert (two.state, two.failure, Duty.objects.open().filter(kind="payment_failed").exists()) == ("due", "", False)


def test_what_is_taken_back_locks_the_list_before_its_lines_as_what_is_entered(both, home, civil_officer, civil_approver):
    """Two files of one list, one entered while the other is taken back, would each hold what the other waits for."""
    with CaptureQueriesContext(connection) as entering:
        batch = entered(both, line(lines_of(both)[home.pk]), by=civil_officer)
    with CaptureQueriesContext(connection) as undoing:
        transitions.ask_undo(batch_id=batch.pk, reason="报错了", by=civil_approver)
        run()
    for asked in (entering, undoing):
        locked = [sql for each in asked if " FOR " in (sql := each["sql"]) and "UPDATE" in sql and "households_payment" in sql]
        assert ("households_paymentlist" in locked[0], any("households_paymentline" in sql for sql in locked[1:])) == (True, True)


def test_files_of_another_list_are_told_by_a_sentence(both, home, other, civil_officer):
    one, two = lines_of(both)[home.pk], lines_of(both)[other.pk]
    number = two.number
    files = [line(one, month="2026-08"), line(two, amount="1.00"), line(two, line="99")], [line(one, line=str(number), name="虚无此名")]
    said = [words for rows in files for words in problems(entered(both, *rows, by=civil_officer, proposed=False))]
    assert [words.split("，")[0][:11] for words in said] == [
        "这一行是2026年8月", f"第{number}行应发600.00", "名册中没有第99行。请", f"第{number}行的领款人登记为{two.payee.name[0]}",
    ]  # fmt: skip
    said = problems(entered(both, line(one, code="mz01-202609-1"), line(two, code="MZ02-202609-1"), by=civil_officer, proposed=False))
    assert said == ["这一行的名册编号是MZ02-202609-1，这份名册是MZ01-202609-1。请到那份名册上传。"]
    files = [line(one, paid_on=""), line(two, result="失败")], [line(one, paid_on="2026-08-30")]
    said = [words for rows in files for words in problems(entered(both, *rows, by=civil_officer, proposed=False))]
    assert [words[:8] for words in said] == ["发放成功的须填写", "发放失败的须写明", "发放日期2026"]
    template = template_of(both)
    foreign = read([["x"]], by=civil_officer, template=template.key, heads=["别的表头"], as_of=DAY)
    assert foreign.status == Batch.Status.REFUSED


def test_a_line_with_the_number_of_somebody_else_is_wrong(both, home, other, civil_officer):
    """The bank's file brings back the numbers of the roll: another one beside the line says that the money went to somebody else."""
    one, two = lines_of(both)[home.pk], lines_of(both)[other.pk]
    own, foreign = (open_sealed(row.payee, "id_number") for row in (one, two))
    [said] = problems(entered(both, line(one, id_number=foreign), by=civil_officer, proposed=False))
    assert said.startswith(f"第{one.number}行领款人登记的证件号码是{one.payee.id_number_masked}，表中为{two.payee.id_number_masked}。")
    assert (own in said, foreign in said) == (False, False)
    batch = entered(both, line(one, id_number=own), by=civil_officer)
    assert (batch.status, batch.remarks) == ("applied", [["发放成功", 1]])


def test_a_line_paid_to_another_account_is_wrong(both, home, civil_officer):
    """The roll goes to the bank with each account: another one in its answer says that the money went elsewhere. With its end masked, or
    with digits that a spreadsheet took, there is none to compare."""
    one = lines_of(both)[home.pk]
    own = open_sealed(one, "account")
    [said] = problems(entered(both, line(one, account="6217000000000000099"), by=civil_officer, proposed=False))
    assert said.startswith(f"第{one.number}行的账户在名册上是尾号{own[-4:]}，表中为尾号0099。请与银行核对这笔款发到了哪个账户")
    assert own not in said
    for shown in ("6217 0000 ****", "6217****99", "6.217E+18", ""):
        assert problems(entered(both, line(one, account=shown), by=civil_officer, proposed=False)) == []
    batch = entered(both, line(one, account=f"{own[:4]} {own[4:]}"), by=civil_officer)
    assert (batch.status, batch.remarks) == ("applied", [["发放成功", 1]])


@pytest.mark.parametrize("shown", ["尾号{}", "（尾号：{}）", "****{}", "6217 **** **** {}", "6217＊＊＊＊00{}", "xxxx{}"])
def test_of_an_account_that_shows_its_last_four_they_are_compared(both, home, civil_officer, shown):
    one = lines_of(both)[home.pk]
    own = open_sealed(one, "account")
    other = f"{(int(own[-4:]) + 1) % 10_000:04}"
    [said] = problems(entered(both, line(one, account=shown.format(other)), by=civil_officer, proposed=False))
    assert said.startswith(f"第{one.number}行的账户在名册上是尾号{own[-4:]}，表中只有末四位，为尾号{other}。请与银行核对")
    batch = entered(both, line(one, account=shown.format(own[-4:])), by=civil_officer)
    assert (batch.status, batch.remarks) == ("applied", [["发放成功", 1], ["只有账号尾号，仅核对了末四位", 1]])


@pytest.mark.parametrize(
    "shown", ["", " ", "{0:.4}**********{0:.4}", "{0:.6}＊＊＊＊＊＊＊＊1234", "*************1234", "5.00233E+17", "wide"]
)
def test_a_number_that_the_bank_masked_is_not_compared(both, home, civil_officer, shown):
    """Banks send their files with the middle left out, and a spreadsheet takes the last digits; the whole one counts in any width."""
    [one] = [row for pk, row in lines_of(both).items() if pk == home.pk]
    own = open_sealed(one.payee, "id_number")
    wide = " " + "".join(chr(ord(each) + 0xFEE0) for each in own)
    batch = entered(both, line(one, id_number=wide if shown == "wide" else shown.format(own)), by=civil_officer)
    assert (problems(batch), batch.status, batch.remarks) == ([], "applied", [["发放成功", 1]])


def test_of_payer_and_payee_the_payee_is_compared(both, home, other, civil_officer):
    """A bank's file has both sides; which of two columns is meant, where no heading says so, is asked by their names and remembered."""
    one, two = lines_of(both)[home.pk], lines_of(both)[other.pk]
    own, foreign = (open_sealed(row.payee, "id_number") for row in (one, two))
    row, template = line(one, id_number=own), template_of(both).key
    both_sides = ["付款人户名" if head == "名册编号" else "收款人证件号码" if head == "证件号码" else head for head in HEADS]
    batch = read(
        [[*row[:-1], "虚构财政所", foreign]], by=civil_officer, template=template, heads=[*both_sides, "证件号码（付款人）"], as_of=DAY
    )
    assert (batch.status, problems(batch), batch.counts["new"]) == (Batch.Status.READY, [], 1)
    transitions.drop(batch_id=batch.pk, reason="试传", by=civil_officer)
    batch = read([[*row, foreign]], by=civil_officer, template=template, heads=[*HEADS, "身份证号"], as_of=DAY)
    assert (batch.status, batch.refusal[:26]) == (Batch.Status.REFUSED, "“证件号码”、“身份证号”这几列都可能是“证件号码”")
    transitions.set_mapping(batch_id=batch.pk, headings={"证件号码": "", "身份证号": "id_number"}, by=civil_officer)
    run()
    batch.refresh_from_db()
    assert (batch.status, len(problems(batch))) == (Batch.Status.READY, 1), "the payer's: said wrongly, and said again"
    transitions.set_mapping(batch_id=batch.pk, headings={"证件号码": "id_number", "身份证号": ""}, by=civil_officer)
    run()
    batch.refresh_from_db()
    assert (batch.status, problems(batch), batch.counts["new"]) == (Batch.Status.READY, [], 1)
    mapping = Mapping.objects.get()
    assert (str(mapping), mapping.said) == ("待遇发放结果", [("证件号码", "证件号码")]), "remembered for the files of every list"
    assert not PaymentResults().may_hand_in(civil_officer, mapping.declared)


def test_what_was_remembered_list_by_list_is_remembered_once(civil_officer, officer):
    def said(post, key, day, **headings):
        given = {"unit": post.unit, "template": key, "headings": headings, "set_by": post}
        return Mapping.objects.create(set_at=house_clock.now() + timedelta(days=day), **given)

    said(civil_officer, f"households.payments:{uuid4()}", 1, 卡="account", 户="name")
    said(civil_officer, f"households.payments:{uuid4()}", 2, 卡号="account", 号="id_number")
    other, roll = said(officer, f"households.payments:{uuid4()}", 1, 卡="account"), said(officer, "households.roll:CL01", 1, 名="name")
    for _ in range(2):
        import_module("households.migrations.0025_headings_of_banks_are_remembered_once").fold(apps, None)
        mine = Mapping.objects.get(unit=civil_officer.unit)
        assert (mine.template, mine.headings) == ("households.payments:", {"户": "name", "卡号": "account", "号": "id_number"})
        assert {row.template: row.headings for row in Mapping.objects.filter(pk__in=[other.pk, roll.pk])} == {
            "households.payments:": {"卡": "account"}, "households.roll:CL01": {"名": "name"},
        }  # fmt: skip


def test_the_words_of_the_bank_and_a_line_without_any(both, home, other, civil_officer):
    one, two = lines_of(both)[home.pk], lines_of(both)[other.pk]
    for words, more in (("发放成功", {}), ("已发放", {}), ("发放失败", {"failure": "户名不符", "paid_on": ""})):
        batch = entered(both, line(one, result=words, **more), by=civil_officer, proposed=False)
        assert (problems(batch), batch.remarks[0][1]) == ([], 1)
    [said] = problems(entered(both, line(two, result=""), by=civil_officer, proposed=False))
    assert said == "没有填发放结果。银行已有结果的填“成功”或“失败”；还没有结果的，把这一行删去，有了结果再报。"


def test_list_that_was_not_sent_has_no_results(home, civil_officer):
    aid(home)
    row = closed(SEPTEMBER)
    assert PaymentResults().listed_for(civil_officer) == []
    with pytest.raises(TransitionError, match="还没有送发放"):
        hand_in_results(list_id=row.pk, file_name="结果.csv", octets=octets([["1"]], HEADS), as_of=DAY, by=civil_officer)


def test_failed_money_is_sent_again_and_its_duty_closed_when_paid(
    both, home, other, civil_officer, civil_approver, clerk, signed_in, lines
):
    one, two = lines_of(both)[home.pk], lines_of(both)[other.pk]
    entered(both, line(one), line(two, "户名不符"), by=civil_officer)
    with pytest.raises(TransitionError, match="仍是发放失败的那一个"):
        mend_payment(line_id=two.pk, is_new_account=True, by=clerk)
    with pytest.raises(TransitionError, match="没有账户已更正"):
        make_list(program_code="MZ01", month=SEPTEMBER, kind="extra", by=civil_officer)
    head = factories.head_of(other)
    seal(head, bank_account="6217000000000000999")
    head.save()
    mend_payment(line_id=two.pk, is_new_account=True, by=clerk)
    duty = Duty.objects.open().get(kind="payment_failed")
    assert duty.due_at is None  # it stands: the township has done its part
    with pytest.raises(AlreadyHandled, match="等待重发"):
        mend_payment(line_id=two.pk, is_new_account=True, by=clerk)
    late = signed_in(clerk).post(reverse("payments:payment_line_mend", args=[two.pk]), {"how": "new"}, follow=True)
    assert [str(told) for told in late.context["messages"]] == [f"{clerk.label}已于2026-09-24 10:00更正，等待重发。"]
    extra = sent(SEPTEMBER, kind="extra")
    with pytest.raises(AlreadyHandled, match=f"已送发放.*{extra.sent_by.staff.name}"):
        close_list(list_id=extra.pk, by=civil_approver)
    [again] = extra.lines.all()
    assert (extra.serial, again.change, again.resent, again.payable, again.reason) == (2, "same", 600, 600, "重发")
    assert open_sealed(again, "account") == "6217000000000000999"
    two.refresh_from_db(), both.refresh_from_db()
    assert (two.resent_in, both.status) == (again, "settled")
    entered(extra, line(again), by=civil_officer)
    extra.refresh_from_db(), duty.refresh_from_db()
    assert (extra.status, duty.outcome, duty.closed_by) == ("settled", "done", civil_officer)
    assert [event.new for event in lines("payment.mended")] == ["已换账户"]


def test_failure_goes_into_the_next_month_beside_its_own_sum(home, civil_officer, clerk):
    with_account(home)
    aid(home)
    august = sent(AUGUST)
    [first] = august.lines.all()
    entered(august, line(first, "账户冻结", paid_on=""), by=civil_officer)
    mend_payment(line_id=first.pk, is_new_account=False, by=clerk)
    [row] = closed(SEPTEMBER).lines.all()
    assert (row.change, row.amount, row.resent, row.payable) == ("same", 600, 600, 1200)
    assert PaymentLine.objects.open_failures().count() == 0


def test_answer_that_comes_while_a_list_is_closed_is_told(home, civil_officer, civil_approver, clerk, monkeypatch):
    """Between the reading of what failed and the writing of where it is sent again."""
    with_account(home)
    aid(home)
    august = sent(AUGUST)
    [first] = august.lines.all()
    entered(august, line(first, "账户冻结", paid_on=""), by=civil_officer)
    mend_payment(line_id=first.pk, is_new_account=False, by=clerk)
    row = make_list(program_code="MZ01", month=SEPTEMBER, by=civil_officer)
    answered = {"state": "paid", "paid_on": date(2026, 9, 20), "failure": "", "mended_at": None, "mended_by": None}
    monkeypatch.setattr(payments, "copy_accounts", lambda row: PaymentLine.objects.filter(state="failed").update(**answered))
    with pytest.raises(TransitionError, match="请重新编制"):
        payments.close_list(list_id=row.pk, by=civil_approver)


def test_blank_answer_names_every_line_that_waits(both, civil_officer):
    """Filled in by its heads alone, it is read as the bank's answer."""
    template = template_of(both)
    rows = [{**row, "result": "paid", "paid_on": "2026-09-20"} for row in PaymentResults().rows_for(civil_officer, template)]
    file = b"".join(blank(template, ground(DAY), rows=rows))
    batch = hand_in_results(list_id=both.pk, file_name="回盘.xlsx", octets=file, as_of=DAY, by=civil_officer)
    run()
    batch.refresh_from_db()
    assert {key: batch.counts.get(key) for key in ("new", "error")} == {"new": 2, "error": None}


def failed_in_august(home, by):
    """August's 600 did not come; the aid is found to have ended with July."""
    with_account(home)
    record = aid(home)
    august = sent(AUGUST)
    [first] = august.lines.all()
    entered(august, line(first, "账户已注销", paid_on=""), by=by)
    AssistanceRecord.objects.filter(pk=record.pk).update(until=date(2026, 7, 31))
    return record, first


def test_money_that_never_came_is_not_kept_back(home, civil_officer):
    record, _ = failed_in_august(home, civil_officer)
    aid(home, 500, SEPTEMBER)
    [row] = closed(SEPTEMBER).lines.all()
    assert (row.amount, row.deduction, row.payable, row.owed) == (500, 0, 500, 0)


def test_a_debt_behind_money_that_never_came_is_not_paid_off(home, civil_officer, civil_approver, clerk, clock):
    """September keeps nothing back, for August's money failed: what is claimed then is the debt that still stands."""
    with_account(home)
    record = aid(home)
    august = sent(AUGUST)
    entered(august, line(august.lines.get(), "账户不存在"), by=civil_officer)
    said = {"reason": "收入变化", "decision_id": uuid4(), "by": civil_approver}
    changing.adjust_record(record=record, since=AUGUST, amount=Decimal(500), **said)
    row = closed(SEPTEMBER).lines.get()
    assert (row.deduction, row.owed, row.corrections.get().rightful) == (0, 0, 500)
    clock.forward(days=15)
    later = AssistanceRecord.objects.get(until=None)
    changing.recover_record(record=later, since=date(2026, 10, 1), amount=Decimal(100), **{**said, "decision_id": uuid4()})
    mend_payment(line_id=august.lines.get().pk, is_new_account=False, by=clerk)
    row = closed(date(2026, 10, 1)).lines.get()
    assert (row.amount, row.resent, row.deduction, row.payable, row.owed) == (500, 600, 100, 1000, 0)


def test_money_that_is_not_due_any_more_is_not_sent_again(home, civil_officer, clerk):
    """Neither by a list that only sends again; the township's clock ends, since no bank will answer."""
    _, first = failed_in_august(home, civil_officer)
    mend_payment(line_id=first.pk, is_new_account=False, by=clerk)
    extra = closed(AUGUST, kind="extra")
    [again] = extra.lines.all()
    assert (again.resent, again.deduction, again.payable, again.state) == (600, 600, 0, "none")
    duty = Duty.objects.get(kind="payment_failed")
    assert (duty.closed_at is not None, duty.outcome) == (True, "done")
    first.list.refresh_from_db()
    assert first.list.status == "settled"
    [row] = closed(SEPTEMBER).lines.all()
    assert (row.change, row.deduction, row.payable, row.owed) == ("stopped", 0, 0, 0)


def test_payee_who_has_died_needs_no_account(both, other, civil_officer, clerk):
    """The next list finds another payee, or says that there is none."""
    [two] = [row for row in both.lines.all() if row.record.household_id == other.pk]
    entered(both, line(two, "账户已注销"), by=civil_officer)
    Resident.objects.filter(pk=two.payee_id).update(died_on=date(2026, 9, 10))
    assert mend_payment(line_id=two.pk, is_new_account=True, by=clerk).mended_by == clerk
