"""办理结果反馈表 (ZX-36): the unit's open referrals as a sheet, and one upload that decides and feeds back by the verbs."""

import io
import uuid
from decimal import Decimal

import openpyxl
import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from config import clock
from config.verbs import TransitionError
from organization.figures import forget
from organization.models import Department, Parameter
from programs.models import Program
from referrals import conditions, transitions
from referrals.models import Referral
from referrals.sheets import feedback
from referrals.sheets.feedback import TEMPLATE, Feedback
from referrals.sheets.feedback_lines import WAY
from spreadsheets import declaration
from spreadsheets import transitions as sheets
from spreadsheets.models import Batch, StagedRow
from spreadsheets.preview import BatchPage
from tests import cast
from tests.referrals.factories import ReferralFactory, desk_of
from tests.spreadsheets.factories import run

pytestmark = pytest.mark.django_db
OWNER = Feedback()


def batch_of(by, *rows, confirmed_by=None):
    """A file as the pipeline has read it: a row of cells each."""
    now = clock.now()
    batch = Batch.objects.create(
        template=TEMPLATE.key, title=TEMPLATE.title, unit=by.unit, as_of=clock.today(), file_name="反馈表.xlsx", file_digest=uuid.uuid4(),
        size=1, handed_in_at=now, handed_in_by=by, handed_in_by_staff=by.staff, status="ready",
    )  # fmt: skip
    if confirmed_by:
        batch.confirmed_at, batch.confirmed_by, batch.confirmed_by_staff = now, confirmed_by, confirmed_by.staff
        batch.save()
    StagedRow.objects.bulk_create(
        StagedRow(batch=batch, number=place, cells=cells, new_id=uuid.uuid4()) for place, cells in enumerate(rows, 4)
    )
    return batch


def said(referral, decision="approved", **more):
    return (
        {"referral_number": referral.number, "decision": decision, "decided_on": "2026-09-20", "document_number": "忠残〔2026〕3号"}
        | ({"in_kind": "轮椅一辆"} if decision == "approved" else {})
        | more
    )


def outcome_of(batch):
    return [(row.outcome, "".join(sentence for _, sentence in row.problems)) for row in batch.staged.order_by("number")]


def compared(batch):
    found = OWNER.compare(batch, TEMPLATE)
    return found, outcome_of(batch)


@pytest.fixture
def referral(officer):
    return ReferralFactory(program="CL03", received=True)


def test_the_sheet_is_filled_with_what_the_unit_can_decide(officer, neighbour_officer, referral):
    [row] = OWNER.rows_for(officer, TEMPLATE)
    assert row["referral_number"] == referral.number
    assert "*" in row["subject"]
    assert row["due_on"] is not None
    assert not row["decision"]
    assert OWNER.rows_for(neighbour_officer, TEMPLATE) == []
    assert {field.key for field in TEMPLATE.fields} >= row.keys()


def test_who_may_hand_it_in(officer, clerk, platform):
    assert declaration.template_of(TEMPLATE.key) is TEMPLATE
    assert OWNER.may_hand_in(officer, TEMPLATE)
    assert not OWNER.may_hand_in(clerk, TEMPLATE)
    assert OWNER.listed_for(platform) == []


def test_the_county_may_keep_it_for_departments_with_their_own_system(officer):
    Parameter.objects.filter(key="feedback_sheet_for_all").update(value=False)
    forget()
    assert not OWNER.may_hand_in(officer, TEMPLATE)
    Department.objects.filter(pk=officer.unit.department_id).update(has_own_system=True)
    officer.unit.department.refresh_from_db()
    assert OWNER.may_hand_in(officer, TEMPLATE)


def test_one_upload_decides_and_feeds_back(officer, department_approver, referral):
    batch = batch_of(officer, said(referral))
    found, rows = compared(batch)
    assert rows == [("changed", "")]
    assert found.remarks == (("拟批准", 1),)
    referral.refresh_from_db()
    assert referral.status == "dispatched"  # the rehearsal left nothing
    batch.confirmed_by = department_approver
    OWNER.apply(batch, TEMPLATE, department_approver)
    referral.refresh_from_db()
    assert referral.status == "fed_back"
    assert referral.outcome == "approved"
    assert referral.decided_by == department_approver
    assert "忠残〔2026〕3号" in referral.feedback
    stay = referral.walked.get(result="decided")
    assert stay.proposed_by == officer
    assert stay.decided_by == department_approver
    assert compared(batch_of(officer, said(referral)))[1][0][0] == "error"  # the same file again decides nothing


def test_a_refusal_says_why(officer, department_approver, referral):
    without = batch_of(officer, said(referral, "refused"))
    [(outcome, sentence)] = compared(without)[1]
    assert outcome == "error"
    assert "不予批准的情形" in sentence
    batch = batch_of(officer, said(referral, "refused", refusal_code="condition", reason="评定未达到等级。"))
    assert compared(batch)[1] == [("changed", "")]
    batch.confirmed_by = department_approver
    OWNER.apply(batch, TEMPLATE, department_approver)
    referral.refresh_from_db()
    assert (referral.outcome, referral.refusal_code) == ("refused", "condition")


def test_a_sensitive_program_is_not_named_where_the_platform_reads(officer, referral):
    Program.objects.filter(pk=referral.program_id).update(is_sensitive=True)
    [line] = OWNER.rows_for(officer, TEMPLATE)
    assert line["program_name"] == str(referral.program), "the unit itself fills it in by its name"
    batch = batch_of(officer, said(referral, subject=line["subject"], program_name=line["program_name"]))
    compared(batch)
    cells = batch.staged.get().cells
    assert (cells["referral_number"], cells["program_name"], cells["subject"]) == (referral.number, "敏感项目", "")


def test_what_is_not_the_units_or_not_filled_in_is_told(officer, neighbour_officer, referral):
    [unknown, empty] = compared(
        batch_of(officer, {"referral_number": "ZB1", "decision": "approved"}, {"referral_number": referral.number})
    )[1]
    assert unknown[0] == "error"
    assert "没有这个转办单号" in unknown[1]
    assert empty == ("skipped", "")
    [(outcome, sentence)] = compared(batch_of(neighbour_officer, said(referral)))[1]
    assert outcome == "error"
    assert "没有这个转办单号" in sentence


def test_nobody_left_to_confirm_is_told_before(department_approver, referral):
    [(outcome, sentence)] = compared(batch_of(department_approver, said(referral)))[1]
    assert outcome == "error"
    assert "没有另一位" in sentence


def test_who_handed_it_in_does_not_decide(officer, referral):
    batch = batch_of(officer, said(referral))
    compared(batch)
    batch.confirmed_by = officer
    with pytest.raises(TransitionError, match="第4行"):
        OWNER.apply(batch, TEMPLATE, officer)


REFUSES = {"refusal_code": "condition", "reason": "评定未达到等级。"}


def rewritten(batch, referral, by):
    """From a refusal to an approval."""
    typed = {"referral_number": referral.number, "decision": "批准", "in_kind": "轮椅一辆"}
    return sheets.mend_row(batch_id=batch.pk, row_id=batch.staged.get().pk, values=typed, by=by)


def test_who_rewrote_a_line_does_not_decide_it_and_who_asks_for_it_proposes_it(
    officer, department_approver, referral, system_administrator, security_administrator
):
    staff = cast.hire("third", "残第三", by=system_administrator)
    third = cast.appoint(staff, officer.unit, "approver", by=system_administrator, granter=security_administrator)
    batch = batch_of(officer, said(referral, "refused", **REFUSES))
    sheets.compare(batch, OWNER, TEMPLATE)
    assert rewritten(batch, referral, department_approver).counts["changed"] == 1
    sheets.propose(batch_id=batch.pk, by=officer)
    with pytest.raises(PermissionDenied, match="须由另一人确认入库"):
        sheets.confirm(batch_id=batch.pk, by=department_approver)
    sheets.send_back(batch_id=batch.pk, reason="由更正的人提交。", by=officer)
    sheets.propose(batch_id=batch.pk, by=department_approver)
    sheets.confirm(batch_id=batch.pk, by=third)
    run()
    referral.refresh_from_db()
    stay = referral.walked.get(result="decided")
    assert (referral.outcome, stay.proposed_by, stay.decided_by) == ("approved", department_approver, third)


def test_nobody_left_but_who_rewrote_it_is_told_at_once(officer, department_approver, referral):
    batch = batch_of(officer, said(referral, "refused", **REFUSES))
    sheets.compare(batch, OWNER, TEMPLATE)
    rewritten(batch, referral, department_approver)
    [(outcome, sentence)] = outcome_of(batch)
    assert (outcome, "更正过这个文件的人" in sentence) == ("error", True)


def test_what_moved_meanwhile_refuses_the_file_and_decides_nothing(officer, department_approver, referral):
    other = ReferralFactory(program="CL04", received=True)
    batch = batch_of(officer, said(other, in_kind="康复训练三个月"), said(referral))
    assert [outcome for outcome, _ in compared(batch)[1]] == ["changed", "changed"], outcome_of(batch)
    transitions.receive(referral_id=referral.pk, by=officer)
    transitions.dispute(referral_id=referral.pk, reason="属于县教委职责。", proposed_unit=desk_of("JW"), by=officer)
    batch.confirmed_by = department_approver
    with pytest.raises(TransitionError, match="第5行.*一件也没有决定|一件也没有决定.*第5行"):
        OWNER.apply(batch, TEMPLATE, department_approver)
    [(_, first), (second, sentence)] = compared(batch)[1]
    assert (first, second) == ("", "error")
    assert "不能用反馈表决定" in sentence


def test_what_to_do_about_a_refused_file_is_said_however_many_lines_are_refused(officer, department_approver):
    rows = [ReferralFactory(program="CL03", received=True) for _ in range(4)]
    batch = batch_of(officer, *map(said, rows))
    sheets.compare(batch, OWNER, TEMPLATE)
    sheets.propose(batch_id=batch.pk, by=officer)
    sheets.confirm(batch_id=batch.pk, by=department_approver)
    for row in rows:
        transitions.receive(referral_id=row.pk, by=officer)
        transitions.dispute(referral_id=row.pk, reason="属于县教委职责。", proposed_unit=desk_of("JW"), by=officer)
    run()
    batch.refresh_from_db()
    held = BatchPage(batch, officer).held_up
    assert held.startswith("没有入库：有4行不能办理，一件也没有决定。请先处理这几行，或上传新的反馈表。第4行：")
    assert held.endswith("等。已重新比对，请核对后再提交第二人确认。")
    assert ("第6行" in held, "第7行" in held) == (True, False)


def test_what_the_platform_decided_already_is_only_fed_back(officer, department_approver):
    referral = ReferralFactory(program="CL03", approved=True)
    alike = said(referral, in_kind=referral.in_kind)
    batch = batch_of(officer, alike, said(referral, "refused", refusal_code="other", reason="不符。"))
    found, [right, wrong] = compared(batch)
    assert right == ("changed", "")
    assert wrong[0] == "error"
    assert "已作出决定" in wrong[1]
    assert found.remarks == (("已决定、只反馈", 1),)
    batch.confirmed_by = department_approver
    OWNER.apply(batch, TEMPLATE, department_approver)
    assert Referral.objects.get(pk=referral.pk).status == "fed_back"


def test_a_cell_that_says_otherwise_than_the_decision_is_told(officer, department_approver):
    """The window hears what was decided: another sum in the file would be dropped and nobody would know."""
    given = ReferralFactory(program="CL03", approved=True)
    Referral.objects.filter(pk=given.pk).update(amount="300.00", in_kind="轮椅一辆", start_on="2026-09-01")
    [other, alike] = problems_of(
        batch_of(
            officer,
            said(given, amount="500.00", in_kind="拐杖一副", start_on="2026-10-01", refusal_code="other"),
            said(given, amount="300", in_kind="轮椅一辆", start_on="2026-09-01"),
        )
    )
    assert other == [
        ("amount", "平台上已作出的决定是300元，与表中不同，不能更改。请改成一致或留空。"),
        ("in_kind", "平台上已作出的决定是“轮椅一辆”，与表中不同，不能更改。请改成一致或留空。"),
        ("start_on", "平台上已作出的决定是自2026-09-01起，与表中不同，不能更改。请改成一致或留空。"),
        ("refusal_code", "平台上已作出的决定没有不予批准情形，与表中不同，不能更改。请把这一格留空。"),
    ]
    assert alike == []
    assert problems_of(batch_of(officer, said(given, in_kind="")))[0] == []  # left blank, it says nothing otherwise


def test_a_refusal_already_decided_keeps_its_grounds(officer):
    refused = ReferralFactory(program="CL03", refused=True)
    [row] = problems_of(batch_of(officer, said(refused, "refused", refusal_code="other", amount="500")))
    assert [key for key, _ in row] == ["amount", "refusal_code"]
    assert f"“{refused.get_refusal_code_display()}”" in row[1][1]


def test_money_is_told_to_the_window(officer, department_approver):
    referral = ReferralFactory(program="CL03", received=True)
    batch = batch_of(officer, said(referral, amount="1200.00"))
    assert compared(batch)[1] == [("changed", "")]
    batch.confirmed_by = department_approver
    OWNER.apply(batch, TEMPLATE, department_approver)
    referral.refresh_from_db()
    assert referral.amount == Decimal(1200)
    assert "1200元" in referral.feedback


def problems_of(batch):
    compared(batch)
    return [[tuple(problem) for problem in row.problems] for row in batch.staged.order_by("number")]


def test_all_that_is_wrong_with_a_line_is_told_at_once(officer, referral):
    """By the column in which it is mended: nobody uploads a file as often as it has errors."""
    [refused] = problems_of(batch_of(officer, said(referral, "refused", decided_on="2027-01-01")))
    assert refused == [
        ("decided_on", "决定日期不能晚于今天。"), ("refusal_code", "请选择不予批准的情形。"), ("reason", "请写明不予批准的理由。"),
    ]  # fmt: skip
    [approved] = problems_of(
        batch_of(officer, said(referral, in_kind="", start_on="2020-01-01", amount="-1", document_number="13800138000"))
    )
    assert [key for key, _ in approved] == ["document_number", "in_kind", "amount", "start_on"]
    assert approved[1:3] == [("in_kind", "批准须写明实物、服务或减免的内容。"), ("amount", "金额必须大于0。")]
    assert "起始日期不能早于申请的当月" in approved[3][1]


def test_what_the_sheet_cannot_decide_says_where_it_is_done(officer, civil_officer, monkeypatch):
    """The verb's own words, the errors of the line beside them, and the way on."""
    waits = ReferralFactory(program="CL03", received=True)
    monkeypatch.setattr(conditions, "verification_missing", lambda _: "核查没有完成。")
    monkeypatch.setattr(conditions, "kin_missing", lambda _: "近亲属备案没有完成。")
    [found] = problems_of(batch_of(officer, said(waits, "refused")))
    assert [key for key, _ in found] == ["refusal_code", "reason", "decision", "decision"]
    assert [sentence for key, sentence in found if key == "decision"] == [f"核查没有完成。{WAY}", f"近亲属备案没有完成。{WAY}"]
    transitions.take(referral_id=waits.pk, by=officer)
    monkeypatch.undo()
    transitions.dispute(referral_id=waits.pk, reason="属于县教委职责。", proposed_unit=desk_of("JW"), by=officer)
    [[(_, sentence)]] = problems_of(batch_of(officer, said(waits)))
    assert sentence.endswith(f"不能用反馈表决定。{WAY}")
    assert "“转办事项”" in WAY


def test_a_sheet_without_lines_says_why_on_the_pages_and_in_itself(officer, signed_in, monkeypatch):
    client, address = signed_in(officer), reverse("spreadsheets:template_blank", args=[TEMPLATE.key])
    none = "本单位现在没有可以用反馈表作出决定的转办单，表中没有可填的行，不用上传。以后有了再下载。"

    def heads():
        book = openpyxl.load_workbook(io.BytesIO(b"".join(client.post(address).streaming_content)))
        return [str(cell.value) for row in book.worksheets[0].iter_rows(max_row=3) for cell in row if cell.value]

    pages = [reverse("spreadsheets:template_list"), reverse("spreadsheets:batch_new", args=[TEMPLATE.key])]
    assert all(none in client.get(page).content.decode() for page in pages)
    assert none in heads()
    ReferralFactory(program="CL03", received=True)
    assert not any("没有可以用反馈表" in text for text in heads())
    assert not any("没有可以用反馈表" in client.get(page).content.decode() for page in pages)
    monkeypatch.setattr(feedback, "_open", lambda _: Referral.objects.none())  # as if it stood where nothing is decided
    assert OWNER.empty_because(officer, TEMPLATE).endswith("在办的1件请在“转办事项”里办理。")
