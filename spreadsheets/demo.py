"""What is handed in, in the demo: a 上报 that runs, one that waits for its approval, a superior's form, and a file to fetch."""

import io
from datetime import timedelta
from typing import Any

import openpyxl
from openpyxl.styles import Alignment, Font

from config import clock
from organization.models import Post

from . import asking, transitions
from .ledgers import Ledger, ledger_of
from .models import ReportApproval

HOUSEHOLDS, REFERRALS = "households", "monitoring.referrals"
RECIPIENT, ADDRESS = "市民政局社会救助处（演示）", "政务邮箱"


def load(*, by: Post) -> None:  # noqa: ARG001 - every room is asked alike
    """By the verbs; safe to repeat. A demo without these people or ledgers has none of it."""
    manager = _post(unit__kind="platform", is_data_manager=True)
    approver = _post(unit__kind="platform", rank=Post.Rank.APPROVER)
    if ReportApproval.objects.exists() or manager is None or approver is None or manager.staff_id == approver.staff_id:
        return
    households, referrals = ledger_of(HOUSEHOLDS), ledger_of(REFERRALS)
    if households is not None:
        report = _proposed(households, manager, "按月报送城乡社会救助情况", in_clear=households.may_in_clear)
        transitions.approve_report(approval_id=report.pk, by=approver)
    if referrals is not None:
        _proposed(referrals, manager, "按月通报转办情况", in_clear=False)
        form = transitions.keep_form(
            ledger=REFERRALS, part=0, title="转办情况月报表（市局，演示）", file_name="转办情况月报表.xlsx", octets=_blank(), by=manager
        )
        transitions.map_form(
            form_id=form.pk,
            columns={1: {"label": "#serial"}, **{at + 2: {"label": label} for at, label in enumerate(_labels())}},
            by=manager,
        )
        transitions.ask_export(ledger=REFERRALS, given=asking.defaults(referrals, manager), reason="演示导出", by=manager)


def _post(**narrowed: object) -> Post | None:
    posts = Post.objects.effective(clock.today()).filter(**narrowed).select_related("unit", "staff").order_by("pk")
    found: Post | None = posts.first()
    return found


def _proposed(ledger: Ledger, by: Post, purpose: str, *, in_clear: bool) -> ReportApproval:
    return transitions.propose_report(
        ledger=ledger.key, given=asking.defaults(ledger, by), recipient=RECIPIENT, address=ADDRESS, purpose=purpose, in_clear=in_clear,
        day=5, of_month="last", until=clock.today() + timedelta(days=300), by=by,
    )  # fmt: skip


def _labels() -> list[str]:
    known = ledger_of(REFERRALS)
    post = _post(unit__kind="platform", is_data_manager=True)
    if known is None or post is None:
        return []
    return transitions.labels_of(REFERRALS, 0, post)[:6]


def _blank() -> bytes:
    """A superior's blank workbook: a title over all columns, heads, three blank rows and a line to sign."""
    book = openpyxl.Workbook()
    sheet: Any = book.active
    labels = ["序号", *_labels()]
    sheet["A1"] = "转办情况月报表"
    sheet["A1"].font, sheet["A1"].alignment = Font(size=16, bold=True), Alignment(horizontal="center")
    sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=len(labels))
    for column, label in enumerate(labels, 1):
        sheet.cell(3, column).value = label
    sheet.cell(7, 1).value = "负责人：　　　　填表人："
    sheet.merge_cells(start_row=7, start_column=1, end_row=7, end_column=len(labels))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
