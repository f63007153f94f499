"""Every bad input a unit can hand in is answered by row and column with a sentence, and what is good is kept in one way of writing."""

from dataclasses import replace
from datetime import date, datetime, time
from itertools import zip_longest
from types import SimpleNamespace

import pytest

from config.protection.numbers import without_id_numbers
from spreadsheets import declaration, headings, parsing
from spreadsheets.declaration import Field, Template, Type
from spreadsheets.headings import ColumnsRefused
from spreadsheets.reading import FileRefused, Lines, Reading, Unreadable, read
from spreadsheets.values import Wrong, reader

from .sheets import FIELDS, GROUND, LI, TEMPLATE, ZHANG, saved

HEADS = ("姓名", "证件号码", "金额")


def reading_of(*rows, template="", merged=(), sheet="名单", is_1904=False, first=1):
    """What `read` would have found, without a process."""
    numbered = [(number, list(values)) for number, values in enumerate(rows, first)]
    columns = list(zip_longest(*[values for _, values in numbered], fillvalue=""))
    return Reading(sheet, (sheet,), template, is_1904, merged, iter([Lines([number for number, _ in numbered], columns)]))


def parsed(*rows, template=TEMPLATE, mapping=None, **given):
    return parsing.parse(reading_of(*rows, **given), template, mapping, ground=GROUND)


def rows_of(*rows, **given):
    return list(parsed(*rows, **given).rows)


def refusal(*rows, **given):
    with pytest.raises(FileRefused) as refused:
        rows_of(*rows, **given)
    return refused.value


def cell(key, value, *, is_1904=False):
    """The kept value, or the sentence."""
    found = reader(TEMPLATE.field(key), GROUND, is_1904=is_1904)(value)
    return found.sentence if isinstance(found, Wrong) else found


# ── cells ───────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("key", "typed", "kept"),
    [
        ("name", " 张 某 ", "张某"),
        ("name", "买买提•吐尔逊", "买买提·吐尔逊"),
        ("id_number", ZHANG, ZHANG),
        ("id_number", "９９９９９９199001010016 ", ZHANG),
        ("id_number", f"'{ZHANG}", ZHANG),
        ("id_number", "999999 19900101 0016", ZHANG),
        ("phone", "13900001234", "13900001234"),
        ("phone", 13900001234.0, "13900001234"),
        ("phone", "（023）54231234", "023-54231234"),
        ("account", "6222 0000 1111 2222 333", "6222000011112222333"),
        ("account", 62220000111122.0, "62220000111122"),
        ("township", "忠州街道", "500233001"),
        ("township", "忠州", "500233001"),
        ("township", 500233001.0, "500233001"),
        ("township", "500233001000", "500233001"),
        ("kind", "农村 ", "02"),
        ("kind", 2.0, "02"),
        ("kind", "02农村", "02"),
        ("amount", "1,234.5", "1234.50"),
        ("amount", "1,234,567", "1234567.00"),
        ("amount", "￥1，234.50元", "1234.50"),
        ("amount", "￥３５０元", "350.00"),
        ("amount", 350.1, "350.10"),
        ("amount", 0.1 + 0.2, "0.30"),
        ("people", 3.0, "3"),
        ("people", "３", "3"),
        ("area", 7.0, "7"),
        ("area", "88.50", "88.5"),
        ("since", "2026-09-24", "2026-09-24"),
        ("since", "2026/9/4", "2026-09-04"),
        ("since", "2026.9.4", "2026-09-04"),
        ("since", "２０２６年９月４日", "2026-09-04"),
        ("since", "20260904", "2026-09-04"),
        ("since", 20260904.0, "2026-09-04"),
        ("since", "2026-09-04 00:00:00", "2026-09-04"),
        ("since", "2026/9/1 10:30", "2026-09-01"),
        ("since", "2026-9-2  14:05:33", "2026-09-02"),
        ("since", "２０２６.９.１　１２：００", "2026-09-01"),
        ("since", "2026年9月3日 10时30分", "2026-09-03"),
        ("since", "2026年9月3日10:30", "2026-09-03"),
        ("since", "2026-09-04T10:30:05.250", "2026-09-04"),
        ("since", "20260904 10:30:05", "2026-09-04"),
        ("since", 46289.0, "2026-09-24"),
        ("since", "46289", "2026-09-24"),
        ("since", date(2026, 9, 24), "2026-09-24"),
        ("since", datetime(2026, 9, 24, 8, 30), "2026-09-24"),  # noqa: DTZ001 - a cell knows no zone
        ("month", "2026年9月", "2026-09"),
        ("month", 202609.0, "2026-09"),
        ("month", "2026.10", "2026-10"),
        ("month", date(2026, 9, 1), "2026-09"),
        ("alone", "√", True),
        ("alone", True, True),
        ("alone", 0.0, False),
        ("alone", "无", False),
        ("note", "  第一行\n第二行\x00 ", "第一行 第二行"),
        ("note", 7.0, "7"),
        ("note", "　", None),
        ("amount", "  ", None),
        ("since", "", None),
    ],
)
def test_what_is_meant_is_kept_in_one_way(key, typed, kept):
    assert cell(key, typed) == kept


@pytest.mark.parametrize(
    ("key", "typed", "sentence"),
    [
        ("id_number", 9.99999199001e17, "存成了数字"),
        ("id_number", 123.0, "存成了数字"),
        ("id_number", "9.99999E+17", "科学计数"),
        ("id_number", "999999199001010017", "校验码"),
        ("id_number", "99999919900101001", "18位"),
        ("id_number", "999999199013010012", "出生日期"),
        ("account", 6.222e18, "存成了数字"),
        ("account", "6.222E+18", "存成了数字"),
        ("account", "abc", "8至32位"),
        ("phone", "1390000123", "11位"),
        ("name", "张3", "有数字"),
        ("name", ZHANG, "证件号码"),
        ("name", "张" * 81, "不能超过"),
        ("township", "石宝", "没有这个乡镇"),
        ("kind", "城镇", "城市、农村"),
        ("amount", -3.0, "负数"),
        ("amount", "三百", "金额"),
        ("amount", "12,34", "金额"),
        ("amount", "350，00", "金额"),
        ("amount", "1,2345", "金额"),
        ("amount", "1.5,000", "金额"),
        ("people", "1,0", "整数"),
        ("since", "2026/9/110:30", "不是日期"),
        ("since", "2026/9/31 10:30", "没有这一天"),
        ("amount", "1.005", "两位小数"),
        ("amount", float("inf"), "金额"),
        ("amount", float("nan"), "金额"),
        ("amount", 1e18, "大"),
        ("amount", True, "金额"),
        ("area", "1e999999999", "数字"),
        ("people", 2.5, "整数"),
        ("people", 31.0, "不能大于30"),
        ("since", "2026-02-30", "没有这一天"),
        ("since", 20260230.0, "没有这一天"),
        ("since", "9/24/2026", "不是日期"),
        ("since", 3.0, "不是日期"),
        ("since", time(3, 4), "不是日期"),
        ("since", "1026-09-24", "1026年"),
        ("month", 2026.1, "10月和1月"),
        ("month", "2026-13", "不是月份"),
        ("alone", "也许", "是"),
        ("note", "长" * 21, "不能超过20个字，现为21个字"),
        ("note", f"见{ZHANG}", "不能填写证件号码"),
        ("note", float(ZHANG), "不能填写证件号码"),
        ("amount", Unreadable("公式没有结果。"), "公式"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_told(key, typed, sentence):
    found = cell(key, typed)
    assert sentence in found
    assert found.endswith(("。", "？"))


def test_days_since_1904_are_counted_from_there():
    assert cell("since", 44827.0, is_1904=True) == "2026-09-24"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (f"户主{ZHANG}。", "户主999999********0016。"),
        ("９９９９９９ 19900101-001X", "999999********001X"),
        ("512223900101001", "512223*****1001"),
        ("915002337094567890", "915002337094567890"),
        (f"{ZHANG}12", "999999********0016**"),
        ("卡号6222000011112222333", "卡号6222000011112222333"),
        ("第20260924000012号", "第20260924000012号"),
    ],
)
def test_no_number_of_somebody_stays_in_a_text(typed, kept):
    assert without_id_numbers(typed) == kept


# ── rows ────────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_row_says_what_it_holds_and_what_is_wrong_with_it():
    heads = [each.label for each in FIELDS]
    good = ["张某", ZHANG, "13900001234", "", "忠州街道", "甲村", "城市", 350.0, 2.0, "", "2026-09-24", "", "是", "好"]
    bad = ["", "1", "", "", "忠州", "丙村", "", f"{ZHANG}", "", "", "", "", "", f"备注{LI}"]
    first, second = rows_of(heads, good, bad)
    assert (first.number, first.problems) == (2, [])
    assert first.cells == {
        "name": "张某", "township": "500233001", "village": "500233001201", "kind": "01", "amount": "350.00", "people": "2",
        "since": "2026-09-24", "alone": True, "note": "好",
    }  # fmt: skip
    assert first.plain == {"id_number": ZHANG, "phone": "13900001234"}
    assert {key for key, _ in second.problems} == {"name", "id_number", "village", "amount", "note"}
    assert second.plain == {"id_number": "1"}
    assert second.cells == {"township": "500233001", "village": "丙村", "amount": "999999********0016", "note": "备注999999********0025"}
    assert ("name", "请填写姓名。") in second.problems
    assert any("忠州街道没有这个村" in sentence for _, sentence in second.problems)


@pytest.mark.parametrize(
    ("township", "village", "kept", "is_wrong"),
    [
        ("新生镇", "甲村", "500233100201", False),
        ("忠州街道", "忠州街道甲村", "500233001201", False),
        ("忠州街道", "乙", "500233001202", False),
        ("忠州街道", 500233001202.0, "500233001202", False),
        ("忠州街道", "500233100201", "500233100201", True),  # of another township: told, and kept as it stands
        ("", "乙社区", "500233001202", False),
        ("", "甲村", "甲村", True),  # two townships have one
    ],
)
def test_a_village_is_one_of_its_township(township, village, kept, is_wrong):
    [row] = rows_of(["姓名", "证件号码", "乡镇", "村"], ["张某", ZHANG, township, village], mapping={"村": "village"})
    assert row.cells["village"] == kept
    assert bool(row.problems) is is_wrong


def test_titles_above_totals_and_notes_below_and_blank_lines_between_are_no_rows():
    found = parsed(
        ["忠州街道名单", "", ""],
        ["填报单位：", "忠州街道", ""],
        ["序号", "姓名", "证件号码"],
        [1.0, "张某", ZHANG],
        [2.0, "", ""],
        ["", " ", "　"],
        [3.0, "李某", LI],
        ["合计", "2", ""],
        ["注：以上属实", "", ""],
        ["制表人：某", "", ""],
    )
    assert [(row.number, row.problems) for row in found.rows] == [(4, []), (7, [])]
    assert (found.left_out, found.ignored, "amount" in found.absent) == (5, ("序号",), True)
    assert found.columns == {"姓名": "name", "证件号码": "id_number"}


def test_somebody_called_total_is_a_row():
    [row] = rows_of(HEADS, ["合计", ZHANG, 1.0])
    assert row.plain["id_number"] == ZHANG


@pytest.mark.parametrize(("beside", "is_total"), [("2人", True), (2.0, True), ("共2户", True), ("", True), (LI, False), ("二人", False)])
def test_a_total_may_count_its_people_where_each_row_has_its_person(beside, is_total):
    rows = rows_of(HEADS, ["张某", ZHANG, 1.0], ["合计", beside, 1.0])
    assert len(rows) == (1 if is_total else 2)


def test_merged_cells_are_told_by_their_range():
    rows = rows_of(HEADS, ["张某", ZHANG, 1.0], ["", LI, 2.0], merged=((0, 0, 0, 1), (1, 0, 2, 0)))
    assert rows[0].problems == []
    assert rows[1].problems == [("name", "A2:A3是合并单元格，请取消合并，每行分别填写。")]


def test_merged_ranges_without_end_end():
    merged = ((1, 0, 15_000, 2),) * 5_000
    rows = rows_of(HEADS, ["张某", ZHANG, 1.0], merged=merged)
    assert len(rows[0].problems) == 2


def test_heads_of_two_lines_are_read_as_one():
    rows = rows_of(["姓名", "证件号码", "保障情况", ""], ["", "", "人数", "金额"], ["张某", ZHANG, 2.0, 350.0])
    assert rows[0].cells == {"name": "张某", "people": "2", "amount": "350.00"}
    assert rows[0].number == 3


def test_a_row_mended_in_its_form_is_read_as_a_file_would_be():
    row = parsing.reread(TEMPLATE, 7, {"name": "张某", "id_number": ZHANG, "amount": "x", "alone": True}, ground=GROUND)
    assert (row.number, row.problems) == (7, [("amount", "请填写金额，单位元，如 350.00。")])
    assert (row.cells["alone"], row.plain) == (True, {"id_number": ZHANG})
    blank = parsing.reread(TEMPLATE, 7, {}, ground=GROUND)
    assert [key for key, _ in blank.problems] == ["name", "id_number"]


# ── columns ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_headings_are_known_however_they_are_written():
    found = parsed([" 姓　名*", "身份证号（18位）", "金额", "联系\n电话:"], ["张某", ZHANG, 1.0, ""])
    assert set(found.columns.values()) == {"name", "id_number", "amount", "phone"}
    assert next(found.rows).cells["amount"] == "1.00"


def test_a_units_own_headings_are_mapped_and_may_be_ignored():
    found = parsed(["本人", "证件号码", "金额"], ["张某", ZHANG, 1.0], mapping={"本人": "name", "金额": ""})
    assert found.columns == {"本人": "name", "证件号码": "id_number"}
    assert found.ignored == ("金额",)


def test_labels_that_differ_in_their_brackets_alone_are_two_columns():
    fields = (
        FIELDS[1],
        Field("now", "金额（本月）", Type.MONEY),
        Field("before", "金额（上月）", Type.MONEY),
        Field("due", "应发", aliases=("金额",)),
    )
    both = Template(key="tests:two", title="两个金额", fields=fields, key_fields=())
    [row] = rows_of(["证件号码", "金额(上月)", "金额（本月）*"], [ZHANG, 1.0, 2.0], template=both)
    assert row.cells == {"before": "1.00", "now": "2.00"}
    [row] = rows_of(["证件号码", "金额"], [ZHANG, "三"], template=both)
    assert row.cells == {"due": "三"}


def test_missing_columns_are_named_with_what_was_not_known():
    refused = refusal(["户主", "证件号码", "金额"], ["张某", ZHANG, 1.0])
    assert isinstance(refused, ColumnsRefused)
    assert ([each.key for each in refused.missing], refused.unknown) == (["name"], ["户主"])
    assert str(refused) == "缺少必填的列：“姓名”。表中没有认出的列：“户主”。请按模板补齐，或改正表头名称。"


def test_a_doubled_column_is_named_by_its_places():
    assert str(refusal(["姓名", "证件号码", "证件号码"], ["张某", ZHANG, ZHANG])) == "“证件号码”出现了两次（B列和C列）。请只保留一列。"


def test_of_two_columns_that_could_be_one_it_is_asked_by_their_names():
    """Chosen by the unit, or told by what the heading says of whose it is; nothing else picks one."""
    heads, row = ["姓名", "身份证号", "证件号码", "金额"], ["张某", LI, ZHANG, 1.0]
    refused = refusal(heads, row)
    assert isinstance(refused, ColumnsRefused)
    assert str(refused) == "“身份证号”、“证件号码”这几列都可能是“证件号码”。请指定哪一列是，或删去另一列再上传。"
    assert refused.unknown == ["身份证号", "证件号码"]
    [found] = rows_of(heads, row, mapping={"证件号码": "id_number"})
    assert found.plain["id_number"] == ZHANG
    fields = tuple(replace(each, ours=("收款",), others=("付款",)) if each.key == "id_number" else each for each in FIELDS)
    template = replace(TEMPLATE, fields=fields)
    for other, own in (
        ("证件号码", "证件号码（收款人）"),
        ("证件号码（付款人）", "证件号码"),
        ("证件号码（付款人）", "身份证号（收款人）"),
    ):
        made = parsed(["姓名", other, own, "金额"], row, template=template)
        assert next(made.rows).plain["id_number"] == ZHANG
        assert other in made.ignored
    assert isinstance(refusal(["姓名", "证件号码（付款人）", "证件号码（付款方）"], row, template=template), ColumnsRefused)


def test_a_column_that_is_somebody_elses_alone_is_not_taken_for_ours_unless_the_unit_says_so():
    heads, row = ["姓名", "证件号码（付款人）", "金额"], ["张某", ZHANG, 1.0]
    fields = tuple(replace(each, ours=("收款",), others=("付款",)) if each.key == "id_number" else each for each in FIELDS)
    refused = refusal(heads, row, template=replace(TEMPLATE, fields=fields))
    assert (refused.missing[0].key, refused.unknown) == ("id_number", ["证件号码（付款人）"])
    optional = tuple(replace(each, required=False) if each.key == "id_number" else each for each in fields)
    made = parsed(heads, row, template=replace(TEMPLATE, fields=optional))
    assert ("证件号码（付款人）" in made.ignored, next(made.rows).plain.get("id_number")) == (True, None)
    made = parsed(heads, row, template=replace(TEMPLATE, fields=fields), mapping={"证件号码（付款人）": "id_number"})
    assert next(made.rows).plain["id_number"] == ZHANG


def test_a_wrong_sheet_is_refused_without_a_word_of_what_it_holds():
    refused = refusal(["张某", ZHANG], ["李某", LI], sheet=ZHANG)
    assert refused.code == "no_heads"
    assert ZHANG not in str(refused)
    assert "样例名单" in str(refused)
    assert refusal(HEADS).code == "nothing_below"
    assert refusal(*[["x"]] * 21, HEADS, ["张某", ZHANG, 1.0]).code == "no_heads"


def test_another_templates_file_is_refused_by_name(monkeypatch):
    other = replace(TEMPLATE, key="tests:other", title="别的名单")
    monkeypatch.setitem(declaration._owners, "tests", SimpleNamespace(template=lambda name: other if name == "other" else None))
    assert "“别的名单”的模板" in str(_refused_as("tests:other"))
    assert "不是“样例名单”的模板" in str(_refused_as("nobody:knows"))
    assert rows_of(HEADS, ["张某", ZHANG, 1.0])


def _refused_as(key):
    with pytest.raises(FileRefused) as refused:
        parsing.parse(reading_of(HEADS, ["张某", ZHANG, 1.0], template=key), TEMPLATE, ground=GROUND)
    return refused.value


def test_headings_that_hold_a_number_of_somebody_are_masked():
    found = parsed(["姓名", "证件号码", ZHANG], ["李某", LI, 1.0])
    assert found.ignored == ("999999********0016",)


def test_one_column_is_enough_where_the_template_has_one():
    single = Template(key="tests:one", title="号码", fields=(Field("id_number", "证件号码", Type.ID_NUMBER, required=True),), key_fields=())
    assert [row.plain for row in rows_of(["证件号码"], [ZHANG], template=single)] == [{"id_number": ZHANG}]


# ── a file, whole ───────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_file_as_people_save_it():
    octets = saved(
        ["某某县名单"], [], HEADS, ["张某", ZHANG, 350.5], ["李某", int(LI), "=1+1"], ["合计"], merged=["A1:C1"], title="九月"
    )  # fmt: skip
    found = read(octets, looks_for=headings.looks_for(TEMPLATE))
    first, second = parsing.parse(found, TEMPLATE, ground=GROUND).rows
    assert (found.sheet, first.number, first.problems, first.cells["amount"]) == ("九月", 4, [], "350.50")
    assert [key for key, _ in second.problems] == ["id_number", "amount"]
    assert [sentence[:8] for _, sentence in second.problems] == ["证件号码存成了数", "这一格是公式，但"]


def test_many_rows_are_read_column_by_column_without_losing_one():
    people = [["张某", ZHANG, float(at)] for at in range(1_203)]
    found = parsing.parse(read(saved(HEADS, *people)), TEMPLATE, ground=GROUND)
    rows = list(found.rows)
    assert [row.number for row in rows] == list(range(2, 1_205))
    assert [row.cells["amount"] for row in rows] == [f"{at}.00" for at in range(1_203)]
