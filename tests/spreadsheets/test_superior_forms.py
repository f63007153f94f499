"""套表: hostile files, headings found and mapped, filled with the layout kept and no formula out of data."""

import io
import zipfile
from unittest.mock import Mock, patch

import openpyxl
import pytest
import python_calamine
from django.http import Http404
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.worksheet.datavalidation import DataValidation

from config.verbs import AlreadyHandled, TransitionError
from spreadsheets import asking, filling, layout, storage, transitions
from spreadsheets.filling import Shift, shifted
from spreadsheets.ledgers import Asked
from spreadsheets.models import Export, SuperiorForm
from tests.spreadsheets import ledgers
from tests.spreadsheets.factories import run
from tests.spreadsheets.handing_in import approval_of, blank, form_of

pytestmark = pytest.mark.django_db
KEY = ledgers.TEST.key
LABELS = [column.label for column in ledgers.COLUMNS]


@pytest.fixture(autouse=True)
def ledger(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return ledgers.declare()


def kept(by, octets=None, **more):
    given = {"ledger": KEY, "part": 0, "title": "市局月报", "file_name": "月报.xlsx", "octets": blank() if octets is None else octets}
    return transitions.keep_form(**{**given, **more}, by=by)


def packed(book):
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_headings_of_merged_cells_are_found_and_hidden_rows_are_not():
    sheet = layout.opened(blank())["月报"]
    first = layout.begin_of(sheet, LABELS)
    assert first == 6
    found = {heading.letter: heading.label for heading in layout.headings(sheet, first)}
    assert found == {"A": "序号", "B": "单位", "C": "证件号码", "D": "救助情况／人数", "E": "备注", "F": "折算"}
    assert [layout.guessed(label, LABELS) for label in found.values()] == ["", "单位", "证件号码", "人数", "备注", ""]


def test_a_superiors_words_for_a_person_mean_the_members_columns():
    labels = ["户主", "户主证件号码", "乡镇（街道）", "成员姓名", "成员证件号码", "标准/金额（元）", "按月合计（元）", "按年合计（元）"]
    asked = ["基本情况／姓名", "身份证号码", "身份证号", "公民身份号码", "救助／金额（元）", "合计（元）", "元"]
    assert [layout.guessed(heading, labels) for heading in asked] == ["成员姓名", *["成员证件号码"] * 3, "标准/金额（元）", "", ""]


def test_a_name_means_whom_the_ledger_is_of():
    """领款人 of a payment list, 户主 of a list of households; where a ledger knows two kinds of people, nobody is guessed."""
    paid, homes = ["行号", "领款人", "证件号码"], ["户编号", "户主", "户主证件号码"]
    asked = ["姓名", "领款人姓名", "收款人", "户名", "户主姓名", "姓名（领款人）", "序号", "（元）"]
    assert [layout.guessed(heading, paid) for heading in asked] == [*["领款人"] * 4, "", "领款人", "", ""]
    assert [layout.guessed(heading, homes) for heading in ("姓名", "户主姓名", "领款人")] == ["户主", "户主", ""]
    assert [layout.guessed(heading, ["户主", "申请人"]) for heading in ("姓名", "户主姓名", "申请人姓名")] == ["", "户主", "申请人"]


@pytest.mark.parametrize(
    ("heading", "is_summed", "meant"),
    [
        ("救助／金额（元）", False, "标准/金额（元）"),
        ("救助／金额（元）", True, "计入合计（元）"),
        ("月救助金额", True, "计入合计（元）"),
        ("补助标准（元/月）", True, "标准/金额（元）"),
        ("补助资金总金额", False, "计入合计（元）"),
        ("合计（元）", False, "计入合计（元）"),
        ("医疗费用金额", True, ""),
    ],
)
def test_an_amount_that_the_form_adds_up_is_a_households_once(heading, is_summed, meant):
    labels = ["户主", "成员姓名", "标准/金额（元）", "计入合计（元）", "实物或服务"]
    assert layout.guessed(heading, labels, is_summed=is_summed) == meant


def summing(*, formula="", total=""):
    """姓名, 金额 and 备注, three blank rows, and below them or on another sheet what adds up."""
    book = openpyxl.Workbook()
    book.active.append(["姓名", "金额", "备注"])
    book.active["A5"] = total
    book.create_sheet("汇总")["C3"] = formula
    return layout.summed(book, "Sheet", 2)


def test_what_a_form_adds_up_is_known_by_its_formulas_and_its_row_of_totals():
    assert summing() == set()
    assert summing(formula="=SUM(Sheet!B2:B4)/2") == {2}
    assert summing(formula="=SUM('Sheet'!B:C)") == {2, 3}
    assert summing(formula="=SUM(B2:B4)+COUNTA(Sheet!A2)+SUM(Sheet!B3:C3)+SUM(Sheet!A1:A1)") == set()
    assert summing(formula="=COUNTA(Sheet!A2:A4)") == set()
    assert summing(total="合 计：") == {2, 3}
    assert summing(total="合计后报送") == set()


def test_the_page_guesses_what_is_added_up_and_says_the_difference(signed_in, platform):
    book = openpyxl.Workbook()
    book.active.append(["姓名", "救助金额（元）"])
    book.active["A4"], book.active["B4"] = "合计", "=SUM(B2:B3)"
    form = kept(platform, packed(book), ledger="households")
    page = signed_in(platform).get(reverse("exports:form_map", args=[form.pk]))
    assert [field.initial for name, field in page.context["form"].fields.items() if "column" in name] == ["成员姓名", "计入合计（元）"]
    assert "要求和的列选“计入合计”" in page.content.decode()
    assert "计入合计" not in signed_in(platform).get(reverse("exports:form_map", args=[form_of(platform).pk])).content.decode()


def test_a_formula_is_no_heading_and_a_row_of_totals_none_of_headings():
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["单位", "人数", "=SUM(B3:B9)", None])
    sheet.append(["合计", "=SUM(B3:B9)"])
    sheet["D1"] = "=TODAY()"
    sheet.merge_cells("D1:E1")
    assert [heading.label for heading in layout.headings(sheet, 2)] == ["单位", "人数"]
    assert [heading.label for heading in layout.headings(sheet, 3)] == ["单位", "人数"]


@pytest.mark.parametrize("count", [2, 6])
def test_a_total_above_its_rows_adds_up_what_is_filled_in_below_it(clerk, count):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "月报"
    sheet.append(["单位", "人数"])
    sheet.append(["合  计", "=SUM(B3:B5)", "——"])
    sheet.cell(5, 2).number_format = "0"
    assert layout.begin_of(sheet, LABELS) == 3
    assert [heading.label for heading in layout.headings(sheet, 3)] == ["单位", "人数"]
    form = SuperiorForm(title="表", ledger=KEY, sheet="月报", first_row=3, columns={"1": {"label": "单位"}, "2": {"label": "人数"}})
    _, octets = filled_with(form, count, packed(book))
    total = openpyxl.load_workbook(io.BytesIO(octets))["月报"]["B2"].value
    assert total == f"=SUM(B3:B{max(5, 2 + count)})"


def test_a_row_that_numbers_the_columns_is_no_data():
    book = openpyxl.Workbook()
    book.active.append(["单位", "人数"])
    book.active.append([1, 2])
    assert layout.begin_of(book.active, LABELS) == 3
    assert [heading.label for heading in layout.headings(book.active, 3)] == ["单位", "人数"]


def macros():
    out = io.BytesIO(blank())
    with zipfile.ZipFile(out, "a") as package:
        package.writestr("xl/vbaProject.bin", b"x")
    return out.getvalue()


@pytest.mark.parametrize(
    ("octets", "words"),
    [
        (b"", "是空的"),
        (b"a,b\n1,2\n", "xlsx格式"),
        (b"PK\x03\x04broken", "不完整"),
        (b"PK\x03\x04" + b"0" * (3 << 20), "超过2兆"),
        (macros(), "宏"),
    ],
)
def test_what_is_no_blank_form_is_refused_with_what_to_do(clerk, octets, words):
    with pytest.raises(TransitionError, match=words):
        kept(clerk, octets)


def test_from_the_upload_to_the_filled_form_by_the_pages(signed_in, clerk, neighbour_clerk):
    client = signed_in(clerk)
    file = io.BytesIO(blank())
    file.name = "月报.xlsx"
    answer = client.post(reverse("exports:form_keep", args=[KEY]), {"file": file, "title": "市局月报", "part": "0"})
    page = client.get(answer.url)
    words = page.content.decode()
    assert "从第6行起" in words
    body = {name: field.initial or "" for name, field in page.context["form"].fields.items()}
    assert body["column_1"] == "#serial"
    assert body["column_4"] == "人数"
    assert client.post(answer.url, {**body, "column_5": "#constant"}).status_code == 422
    assert client.post(answer.url, {**body, "column_5": "#constant", "constant_5": "=忠县"}).status_code == 302
    form = SuperiorForm.objects.get()
    fill = reverse("exports:form_fill", args=[form.pk])
    assert signed_in(neighbour_clerk).post(fill, {"kind": "platform"}).status_code == 404
    assert client.post(fill, {"kind": "platform"}).status_code == 302
    run()
    export = Export.objects.get(form=form)
    book = openpyxl.load_workbook(io.BytesIO(b"".join(storage.read(export.pk, export.storage_name))))
    assert [cell.value for cell in book["月报"][6]] == [1, "县级平台", "500233********000X", book["月报"]["D6"].value, "=忠县", "=D6*12"]
    assert book["月报"]["E6"].data_type == "s"
    assert clerk.label in book.properties.description
    assert "类别：平台" in book.properties.description


def filled_with(form, count, octets=None, columns=ledgers.COLUMNS):
    hostile = ledgers.HOSTILE
    rows = [(f"单位{n}", ledgers.NUMBER, n, None, hostile[n % len(hostile)]) for n in range(count)]
    return rows, filling.fill(octets or blank(), form, columns, iter(rows), count, "由平台生成")


@pytest.mark.parametrize("count", [0, 3, 25])
def test_the_layout_stays_and_what_stands_below_moves_down(clerk, count):
    form = form_of(clerk)
    rows, octets = filled_with(form, count)
    book = openpyxl.load_workbook(io.BytesIO(octets))
    sheet = book["月报"]
    moved = max(count - 3, 0)
    total = 9 + moved
    assert sheet["A1"].value == "城乡社会救助情况月报表"
    assert sheet["A1"].font.size == 18
    assert {str(one) for one in sheet.merged_cells.ranges} == {
        "A1:F1", "A3:A4", "B3:B4", "C3:C4", "E3:E4", "F3:F4", f"A{total + 1}:F{total + 1}",
    }  # fmt: skip
    assert (sheet.row_dimensions[total + 1].height, sheet.column_dimensions["B"].width) == (33, 31)
    assert sheet.row_dimensions[5].hidden
    assert (sheet.cell(total, 1).value, sheet.cell(total, 4).value) == ("合计", f"=SUM(D6:D{total - 1})")
    assert book["汇总"]["A1"].value == f"=SUM(月报!D6:D{total - 1})+月报!D{total}"
    assert sheet.print_area == f"'月报'!$A$1:$F${total + 1}"
    for number, row in enumerate(rows):
        line = sheet[6 + number]
        assert (line[0].value, line[1].value, line[2].value, line[3].value) == (number + 1, row[0], row[1], row[2])
        assert line[4].value == row[4]
        assert {line[place].data_type for place in (1, 2, 4)} == {"s"}
        assert line[1].font.name == "仿宋"
        assert line[5].value == f"=D{6 + number}*12"
    assert sheet.oddFooter.left.text == "由平台生成"


def rewritten(part, old, new):
    """The blank form with its octets changed by hand, as no program of an office would write them."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(blank())) as package, zipfile.ZipFile(out, "w") as other:
        for name in package.namelist():
            octets = package.read(name)
            assert name != part or old in octets
            other.writestr(name, octets.replace(old, new) if name == part else octets)
    return out.getvalue()


SHEET, END = "xl/worksheets/sheet2.xml", b"</sheetData>"


@pytest.mark.parametrize(
    ("octets", "words"),
    [
        (rewritten(SHEET, END, END + b'<mergeCells count="1"><mergeCell ref="A1:XFD1048576"/></mergeCells>'), "合并单元格"),
        (rewritten(SHEET, END, END + b'<hyperlinks><hyperlink ref="B1:B1048576" location="A1"/></hyperlinks>'), "合并单元格"),
        (rewritten(SHEET, END, b'<row r="1048576"><c r="XFD1048576" s="1"/></row>' + END), "很远的行"),
        (rewritten(SHEET, b"<sheetView ", b'<sheetView view="mine" '), "版式无法识别"),
        (rewritten(SHEET, b'r="A1"', b'r="A1" s="999"'), "版式无法识别"),
        (rewritten("xl/workbook.xml", "汇总".encode(), "汇".encode() * 32), "31个字"),
    ],
    ids=["merged", "linked", "far", "unknown value", "no such style", "long name"],
)
def test_a_form_that_would_never_end_or_break_the_reader_is_refused(octets, words):
    with pytest.raises(TransitionError, match=words):
        layout.opened(octets)


def test_cells_merged_over_blank_rows_swallow_nothing(clerk):
    book = openpyxl.load_workbook(io.BytesIO(blank()))
    book["月报"].merge_cells("B6:B8")
    rows, octets = filled_with(form_of(clerk), 3, packed(book))
    sheet = openpyxl.load_workbook(io.BytesIO(octets))["月报"]
    assert [sheet.cell(6 + n, 2).value for n in range(3)] == [row[0] for row in rows]


def test_a_form_is_filled_with_all_rows_or_not_at_all(clerk, monkeypatch):
    monkeypatch.setattr("spreadsheets.making.most_rows", lambda post: 1)
    export = transitions.ask_export(ledger=KEY, given={}, form=form_of(clerk), by=clerk)
    run()
    export.refresh_from_db()
    assert "不能只填一部分" in export.job.error


def test_what_was_approved_is_not_mapped_anew(platform):
    form = form_of(platform)
    approval_of(platform, form=form)
    with pytest.raises(TransitionError, match="先终止"):
        transitions.map_form(form_id=form.pk, columns={3: {"label": "证件号码"}}, by=platform)
    with pytest.raises(TransitionError, match="先终止"):
        transitions.place_form(form_id=form.pk, sheet="月报", first_row=7, by=platform)


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(max_size=12) | st.sampled_from(ledgers.HOSTILE), min_size=1, max_size=6))
def test_no_text_becomes_a_formula(clerk, words):
    form = SuperiorForm(title="表", ledger=KEY, sheet="月报", first_row=6, columns={"2": {"label": "单位"}})
    with patch.object(layout, "read", return_value=Mock(sheets=())):  # our own blank form needs no process to look at it
        octets = filling.fill(blank(rows=1), form, ledgers.COLUMNS[:1], iter([(word,) for word in words]), len(words), "由平台生成")
    sheet = openpyxl.load_workbook(io.BytesIO(octets))["月报"]
    found = [sheet.cell(6 + number, 2) for number in range(len(words))]
    assert {cell.data_type for cell in found} <= {"s", "n"}
    assert {cell.data_type for cell, word in zip(found, words, strict=True) if word} <= {"s"}
    plain = [word for word in words if word.isprintable()]
    assert [cell.value or "" for cell, word in zip(found, words, strict=True) if word.isprintable()] == plain


def test_other_programs_read_the_same(clerk):
    rows, octets = filled_with(form_of(clerk), 12)
    read = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(octets)).get_sheet_by_name("月报").to_python()
    assert [line[1:4] for line in read[5:17]] == [[row[0], row[1], float(row[2])] for row in rows]


def test_rules_and_formats_of_the_blank_rows_reach_the_new_ones(clerk):
    book = layout.opened(blank())
    rule = DataValidation(type="whole", operator="greaterThan", formula1="0")
    rule.add("D6:D8")
    book["月报"].add_data_validation(rule)
    _, octets = filled_with(form_of(clerk), 10, packed(book))
    found = openpyxl.load_workbook(io.BytesIO(octets))["月报"].data_validations.dataValidation[0]
    assert str(found.sqref) == "D6:D15"


@pytest.mark.parametrize(
    ("formula", "grows", "expected"),
    [
        ("=SUM(D6:D8)", True, "=SUM(D6:D18)"),
        ("=SUM(D$6:D$8)/2", True, "=SUM(D$6:D$18)/2"),
        ("=SUM(D6:F6)", False, "=SUM(D6:F6)"),
        ("=SUM(D8:F8)", False, "=SUM(D8:F8)"),
        ("=D9+A1", True, "=D19+A1"),
        ('=IF(D9>0,"D9:D10",汇总!D9)', True, '=IF(D19>0,"D9:D10",汇总!D9)'),
        ("=SUM(D:D)", True, "=SUM(D:D)"),
    ],
)
def test_a_formula_follows_the_rows_that_came_in(formula, grows, expected):
    assert shifted(formula, Shift("月报", 6, 9, 10), of="月报", grows=grows) == expected


def test_more_rows_than_a_form_takes_are_said(clerk, monkeypatch):
    monkeypatch.setattr("spreadsheets.filling.figure", lambda key: 1)
    form = form_of(clerk)
    export = transitions.ask_export(ledger=KEY, given={}, form=form, by=clerk)
    run()
    export.refresh_from_db()
    assert "超过套表一次1行的上限" in export.job.error


def test_its_verbs(clerk, neighbour_clerk):
    form = kept(clerk)
    with pytest.raises(Http404):
        transitions.map_form(form_id=form.pk, columns={2: {"label": "单位"}}, by=neighbour_clerk)
    with pytest.raises(TransitionError, match="至少要有一列"):
        transitions.map_form(form_id=form.pk, columns={1: {"label": "#serial"}}, by=clerk)
    with pytest.raises(TransitionError, match="不在台账里"):
        transitions.map_form(form_id=form.pk, columns={1: {"label": "没有"}}, by=clerk)
    transitions.map_form(form_id=form.pk, columns={2: {"label": "单位"}}, by=clerk)
    with pytest.raises(TransitionError, match="没有表头"):
        transitions.place_form(form_id=form.pk, sheet="汇总", first_row=1, by=clerk)
    placed = transitions.place_form(form_id=form.pk, sheet="月报", first_row=7, by=clerk)
    assert (placed.columns, placed.mapped_at) == ({}, None)
    transitions.withdraw_form(form_id=form.pk, by=clerk)
    with pytest.raises(AlreadyHandled, match="停用"):
        transitions.map_form(form_id=form.pk, columns={2: {"label": "单位"}}, by=clerk)


def test_the_ledger_lost_a_column(clerk):
    form = form_of(clerk, columns={"2": {"label": "旧栏目"}})
    with pytest.raises(TransitionError, match="旧栏目"):
        filling.part_of(form, ledgers.parts(Asked(clerk)))
    assert asking.count(ledgers.parts(Asked(clerk))[1]) == 3


def computing(*, total="=SUM(C2:C4)"):
    """单位, 人数 and 备注 with formulas in the blank rows of 人数, and of 折算 beside them; a total below."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "月报"
    sheet.append(["单位", "人数", "备注"])
    for row in range(2, 5):
        sheet.cell(row, 2).value = f"=LEN(C{row})"
    sheet["A5"], sheet["B5"] = "合计", "=SUM(B2:B4)"
    return book


def test_a_column_that_the_form_computes_is_not_guessed(signed_in, clerk):
    form = kept(clerk, packed(computing()))
    assert form.first_row == 2
    page = signed_in(clerk).get(reverse("exports:form_map", args=[form.pk]))
    assert [field.initial for name, field in page.context["form"].fields.items() if "column" in name] == ["单位", "", "备注"]
    assert "B列的空行里有公式" in page.content.decode()
    given = {"column_1": "单位", "column_2": "人数"}
    assert "B列原有公式" in signed_in(clerk).post(page.request["PATH_INFO"], given, follow=True).content.decode()


def test_a_column_that_the_form_computes_is_overwritten_only_where_somebody_says_so(clerk):
    form = SuperiorForm(title="表", ledger=KEY, sheet="月报", first_row=2, columns={"1": {"label": "单位"}, "2": {"label": "人数"}})
    _, octets = filled_with(form, 5, packed(computing()))
    sheet = openpyxl.load_workbook(io.BytesIO(octets))["月报"]
    assert [[cell.value for cell in row[:2]] for row in sheet.iter_rows()] == [
        ["单位", "人数"], *([f"单位{n}", n] for n in range(5)), ["合计", "=SUM(B2:B6)"],
    ]  # fmt: skip


@pytest.mark.parametrize("formula", ["=SUM(B3:B100)", "=SUM(B3:B3)", "=COUNTA(B3:B50)"])
@pytest.mark.parametrize("count", [1, 4])
def test_a_total_above_rows_that_the_form_does_not_draw_adds_them_up(clerk, count, formula):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "月报"
    sheet.append(["单位", "人数"])
    sheet.append(["全县合计", formula])
    assert layout.begin_of(sheet, LABELS) == 3
    form = SuperiorForm(title="表", ledger=KEY, sheet="月报", first_row=3, columns={"1": {"label": "单位"}, "2": {"label": "人数"}})
    _, octets = filled_with(form, count, packed(book))
    found = openpyxl.load_workbook(io.BytesIO(octets))["月报"]
    assert [found.cell(3 + n, 2).value for n in range(count)] == list(range(count))
    top, bottom = found["B2"].value.partition("(B")[2].removesuffix(")").split(":B")
    assert (int(top), int(bottom) >= 2 + count) == (3, True)


@pytest.mark.parametrize("count", [3, 5])
def test_a_formula_merged_over_the_blank_rows_stands_once_and_adds_up_all_of_them(clerk, count):
    book = computing()
    sheet = book["月报"]
    sheet["D1"], sheet["D2"] = "小计", "=SUM(B2:B4)"
    sheet.merge_cells("D2:D4")
    form = SuperiorForm(title="表", ledger=KEY, sheet="月报", first_row=2, columns={"1": {"label": "单位"}})
    _, octets = filled_with(form, count, packed(book))
    filled = openpyxl.load_workbook(io.BytesIO(octets))["月报"]
    assert filled["D2"].value == f"=SUM(B2:B{1 + count})"
    assert filled["B2"].value == "=LEN(C2)"
    assert filled.cell(1 + count, 2).value == f"=LEN(C{1 + count})"
    assert "D2:D4" in {str(one) for one in filled.merged_cells.ranges}
