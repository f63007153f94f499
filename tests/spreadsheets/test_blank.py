"""The blank workbook helps and never gets in the way; what is handed out in it and handed in again is the same."""

import io
from dataclasses import replace
from datetime import date, timedelta

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.protection.synthetic import synthetic_id_number
from organization.models import Region
from spreadsheets import headings, parsing
from spreadsheets.blank import FILLED_TO, HEAD_ROWS, REASON, blank
from spreadsheets.ground import ground
from spreadsheets.reading import FileRefused, read

from .sheets import FIELDS, GROUND, NAMES, TEMPLATE, ZHANG


def made(**given):
    return b"".join(blank(TEMPLATE, GROUND, **given))


def again(octets):
    found = read(octets, looks_for=headings.looks_for(TEMPLATE))
    assert found.template == TEMPLATE.key
    return parsing.parse(found, TEMPLATE, ground=GROUND)


def test_numbers_that_are_names_are_text_and_choices_are_lists():
    book = openpyxl.load_workbook(io.BytesIO(made()))
    assert [(sheet.title, sheet.sheet_state) for sheet in book] == [
        ("样例名单", "visible"), ("填表说明", "visible"), ("选项", "hidden"), ("模板标识", "veryHidden"),
    ]  # fmt: skip
    first = book["样例名单"]
    assert [cell.value for cell in first[HEAD_ROWS]] == [f"{each.label}{'*' if each.required else ''}" for each in FIELDS]
    assert {first.column_dimensions[letter].number_format for letter in "BCD"} == {"@"}
    assert not any(first.row_dimensions[number].border.bottom.style for number in (1, 2)), "no borders of the columns beside the note"
    lists = {str(rule.sqref): rule.formula1 for rule in first.data_validations.dataValidation if rule.type == "list"}
    assert set(lists) == {f"{letter}4:{letter}{FILLED_TO}" for letter in "EFGM"}
    assert lists[f"M4:M{FILLED_TO}"] == '"是,否"'
    assert "$E4" in lists[f"F4:F{FILLED_TO}"]  # the villages of the row's own township
    kinds = lists[f"G4:G{FILLED_TO}"].split("!")[1]
    assert [cell.value for (cell,) in book["选项"][kinds.replace("$", "")]] == ["城市", "农村"]
    notes = [[cell.value for cell in row] for row in book["填表说明"].iter_rows(min_row=HEAD_ROWS + 1)]
    assert notes[1][:3] == ["证件号码", "是", "18位证件号码，文本格式"]
    assert notes[-1][3] == "每月报送。"


def test_nothing_filled_in_is_told():
    with pytest.raises(FileRefused) as refused:
        again(made())
    assert refused.value.code == "nothing_below"


def test_what_was_wrong_goes_back_with_its_reason_and_comes_in_again():
    rows = [{"name": "=1+1", "id_number": ZHANG, "amount": "三百", "since": "去年", "kind": "城镇", "alone": "也许"}]
    octets = made(rows=rows, reasons=["金额：请填写金额。"])
    first = openpyxl.load_workbook(io.BytesIO(octets))["样例名单"]
    assert (first.cell(HEAD_ROWS, len(FIELDS) + 1).value, first.cell(HEAD_ROWS + 1, len(FIELDS) + 1).value) == (
        REASON,
        "金额：请填写金额。",
    )
    assert first["A4"].data_type != "f"
    found = again(octets)
    [row] = found.rows
    assert found.ignored == ()
    assert row.plain == {"id_number": ZHANG}
    assert row.cells == {"name": "=1+1", "amount": "三百", "since": "去年", "kind": "城镇", "alone": "也许"}
    assert {key for key, _ in row.problems} == {"name", "amount", "since", "kind", "alone"}


def test_the_wrong_rows_of_a_whole_list_say_that_they_are_not_the_list():
    """Mended and handed in alone, they would take everybody else off it."""
    whole = replace(TEMPLATE, is_whole=True)
    octets = b"".join(blank(whole, GROUND, rows=[{"name": "张某", "id_number": ZHANG}], reasons=["金额：请填写金额。"]))
    first = openpyxl.load_workbook(io.BytesIO(octets))["样例名单"]
    assert any("改好后补回原表，整份上传" in str(value) for row in first.iter_rows(max_row=HEAD_ROWS, values_only=True) for value in row)
    with pytest.raises(FileRefused, match="这是错误行的文件，不是整份名单"):
        parsing.parse(read(octets, looks_for=headings.looks_for(whole)), whole, ground=GROUND)
    assert not read(octets).wrong_rows  # all that the file held: mended, they are the list
    saved = f"姓名,证件号码,月保障金额,错误 原因：\n张某,{ZHANG},300,\n".encode()
    with pytest.raises(FileRefused, match="这是错误行的文件，不是整份名单"):  # however the heading is written: as every other is read
        parsing.parse(read(saved, looks_for=headings.looks_for(whole)), whole, ground=GROUND)


numbers = st.builds(
    lambda random, day: synthetic_id_number(random, date(1930, 1, 1) + timedelta(days=day), "1"), st.randoms(), st.integers(0, 35_000)
)
money = st.decimals(0, 9_999_999, places=2).map(lambda value: f"{value:.2f}")
villages = st.sampled_from([(code[:9], code) for code in NAMES if len(code) == 12])
words = st.text(st.characters(codec="gb18030", exclude_categories=["C", "Z", "Nd", "Nl", "No"]), min_size=1, max_size=20)
optional = {
    "phone": st.integers(13_000_000_000, 19_999_999_999).map(str),
    "account": st.from_regex(r"[0-9]{8,32}", fullmatch=True),
    "kind": st.sampled_from(["01", "02"]),
    "amount": money,
    "people": st.integers(0, 30).map(str),
    "area": st.decimals(-9_999, 9_999, places=3).map(lambda value: f"{value.normalize() + 0:f}"),
    "since": st.dates(date(1900, 3, 1), date(2100, 12, 31)).map(date.isoformat),
    "month": st.dates(date(1900, 1, 1), date(2100, 12, 31)).map(lambda day: f"{day:%Y-%m}"),
    "alone": st.booleans(),
    "note": words | st.sampled_from(["=1+1", "@SUM(A1)", "+1", "'x", "0012"]),
}
people = st.fixed_dictionaries({"name": st.from_regex(r"[一-龥]{2,4}", fullmatch=True), "id_number": numbers}, optional=optional)


@settings(max_examples=6, deadline=None)
@given(st.lists(st.tuples(people, st.none() | villages), min_size=1, max_size=8))
def test_what_is_handed_out_and_handed_in_again_is_the_same(drawn):
    """A property: no value of any type changes on the way through a workbook."""
    rows = [person | ({"township": place[0], "village": place[1]} if place else {}) for person, place in drawn]
    found = list(again(made(rows=rows)).rows)
    assert [row.problems for row in found] == [[] for _ in rows]
    assert [row.cells | row.plain for row in found] == rows


@pytest.mark.django_db
def test_the_county_is_known_by_every_name_people_write():
    known = ground(date(2026, 11, 26))
    townships = Region.objects.townships()
    villages = Region.objects.villages().select_related("parent")
    assert all(known.townships[region.name] == known.townships[region.code] == region.code for region in townships)
    assert all(known.villages[region.code[:9]][region.name] == region.code for region in villages)
    assert all(known.villages[""][region.full_name] == region.code for region in villages)
