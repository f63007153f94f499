"""Rows of what leaves the house, laid down for constraints and addresses."""

import io
import uuid
from datetime import date
from typing import Any

import openpyxl
from openpyxl.styles import Font

from config import clock
from organization.models import Post
from spreadsheets import asking, uploads
from spreadsheets.models import Export, ReportApproval, SuperiorForm
from tests.spreadsheets import ledgers


def export_of(by: Post, **more: Any) -> Export:
    pk = uuid.uuid4()
    given = {"ledger": ledgers.TEST.key, "title": "测试台账", "filters": "未筛选", "unit": by.unit, "eyes": by, "asked_by": by}
    return Export.objects.create(pk=pk, **{"given_sealed": asking.seal(pk, {}), "asked_at": clock.now(), **given, **more})


def approval_of(by: Post, **more: Any) -> ReportApproval:
    given = {
        "ledger": ledgers.TEST.key, "title": "测试台账", "unit": by.unit, "recipient": "市民政局", "address": "政务邮箱", "purpose": "月报",
        "filters": "未筛选", "day": 5, "until": date(2027, 8, 31), "proposed_at": clock.now(), "proposed_by": by,
        "proposed_by_staff": by.staff,
    }  # fmt: skip
    return ReportApproval.objects.create(**{**given, **more})


def form_of(by: Post, **more: Any) -> SuperiorForm:
    pk = uuid.uuid4()
    columns = {
        "1": {"label": "#serial"},
        "2": {"label": "单位"},
        "3": {"label": "证件号码"},
        "4": {"label": "人数"},
        "5": {"label": "备注"},
    }
    given = {
        "title": "市局月报", "unit": by.unit, "ledger": ledgers.TEST.key, "file_name": "月报.xlsx", "sheet": "月报", "first_row": 6,
        "columns": columns, "uploaded_at": clock.now(), "uploaded_by": by, "mapped_at": clock.now(), "mapped_by": by,
    }  # fmt: skip
    return SuperiorForm.objects.create(pk=pk, file_sealed=uploads.seal(pk, blank()), **{**given, **more})


def blank(*, rows: int = 3) -> bytes:
    """A superior's form: a merged title, two rows of merged headings, a hidden row of codes, blank rows with a formula beside them, and
    below a total, a formula of another sheet and a merged line to sign."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "月报"
    sheet["A1"] = "城乡社会救助情况月报表"
    sheet["A1"].font = Font(size=18, bold=True)
    sheet.merge_cells("A1:F1")
    sheet["A2"], sheet["E2"] = "填报单位：", "单位：人"
    for name, merged in {"序号": "A3:A4", "单位": "B3:B4", "证件号码": "C3:C4", "备注": "E3:E4", "折算": "F3:F4"}.items():
        sheet[merged.partition(":")[0]] = name
        sheet.merge_cells(merged)
    sheet["D3"], sheet["D4"] = "救助情况", "人数"
    sheet.append(["x1", "x2", "x3", "x4", "x5", "x6"])
    sheet.row_dimensions[5].hidden = True
    for row in range(6, 6 + rows):
        sheet.cell(row, 6).value = f"=D{row}*12"
        sheet.cell(row, 2).font = Font(name="仿宋")
    total, last = 6 + rows, 5 + rows
    sheet.cell(total, 1).value, sheet.cell(total, 4).value = "合计", f"=SUM(D6:D{last})"
    sheet.cell(total + 1, 1).value = "负责人：　　　　填表人："
    sheet.merge_cells(start_row=total + 1, start_column=1, end_row=total + 1, end_column=6)
    sheet.row_dimensions[total + 1].height = 33
    sheet.column_dimensions["B"].width = 31
    sheet.print_area = f"A1:F{total + 1}"
    other = book.create_sheet("汇总")
    other["A1"] = f"=SUM(月报!D6:D{last})+月报!D{total}"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
