"""A template with a field of every type, a county of two townships, and ways to a file of it. All people are made up."""

import io
from datetime import date

import openpyxl

from spreadsheets.declaration import Field, Template, Type
from spreadsheets.ground import Ground

FIELDS = (
    Field("name", "姓名", Type.NAME, required=True),
    Field("id_number", "证件号码", Type.ID_NUMBER, required=True, aliases=("身份证号", "公民身份号码")),
    Field("phone", "联系电话", Type.PHONE),
    Field("account", "银行账号", Type.BANK_ACCOUNT),
    Field("township", "乡镇", Type.TOWNSHIP),
    Field("village", "村（社区）", Type.VILLAGE),
    Field("kind", "类别", Type.CODE, codes=(("01", "城市"), ("02", "农村"))),
    Field("amount", "金额（元）", Type.MONEY),
    Field("people", "人数", Type.WHOLE, most=30),
    Field("area", "面积", Type.NUMBER),
    Field("since", "起始日期", Type.DATE),
    Field("month", "月份", Type.MONTH),
    Field("alone", "是否独居", Type.YES_NO),
    Field("note", "备注", longest=20),
)
TEMPLATE = Template(key="tests:every", title="样例名单", fields=FIELDS, key_fields=("id_number",), notes=("每月报送。",))
NAMES = {
    "500233001": "忠州街道",
    "500233100": "新生镇",
    "500233001201": "甲村",
    "500233001202": "乙社区",
    "500233100201": "甲村",
}
GROUND = Ground(
    date(2026, 11, 26),
    True,
    {"忠州街道": "500233001", "忠州": "500233001", "新生镇": "500233100", "500233001": "500233001", "500233100": "500233100"},
    {
        "500233001": {"甲村": "500233001201", "乙社区": "500233001202", "乙": "500233001202"},
        "500233100": {"甲村": "500233100201"},
        "": {"乙社区": "500233001202", **{code: code for code in NAMES if len(code) == 12}},
    },
    NAMES,
)
ZHANG = "999999199001010016"
LI = "999999198505050025"


def saved(*rows, merged=(), title=None):
    """A workbook as people save it. Values as openpyxl writes them."""
    book = openpyxl.Workbook()
    sheet = book.active
    if title:
        sheet.title = title
    for values in rows:
        sheet.append(list(values))
    for each in merged:
        sheet.merge_cells(each)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
