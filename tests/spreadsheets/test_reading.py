"""R10: whatever a file holds, it becomes rows or a sentence, within seconds, and the worker lives on."""

import io
import json
import subprocess
import sys
import time
from datetime import date
from unittest.mock import Mock

import openpyxl
import pytest
from openpyxl.utils.datetime import MAC_EPOCH
from python_calamine import CalamineWorkbook

from spreadsheets import reading
from spreadsheets.reading import FileRefused, Unreadable, gate, read
from spreadsheets.reading.sentences import _SENTENCES

from . import hostile
from .hostile import HEADS, LAUGHS, SINCE_1904, book, plain, row, sheet

SHARED = {"xl/sharedStrings.xml": f"{LAUGHS}<sst {hostile.MAIN}/>"}


def rows_of(octets, **given):
    return list(read(octets, looks_for=HEADS, **given).rows)


def refusal(octets, **given):
    with pytest.raises(FileRefused) as refused:
        rows_of(octets, **given)
    return refused.value


# ── harm ────────────────────────────────────────────────────────────────────────────────────────────────────────────
HARM = {
    "bomb": (hostile.bomb, "bomb"),
    "bomb that lies about its size": (lambda: hostile.lying(hostile.bomb(), "xl/worksheets/sheet1.xml", size=4_096), "broken"),
    "far cell": (lambda: plain('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'), "far_cell"),
    "far cell, spelt otherwise": (lambda: plain("<row r='1048576'><c r='XFD1048576'><v>1</v></c></row>"), "far_cell"),
    "line beyond numbers": (lambda: plain('<row r="99999999999999999999"><c r="A99999999999999999999"><v>1</v></c></row>'), "far_cell"),
    "entities in the sheet": (lambda: plain(before=LAUGHS), "entities"),
    "entities in the book": (lambda: book(sheet(row(1, *HEADS)), book_before=LAUGHS), "entities"),
    "entities in the texts": (lambda: book(sheet(row(1, *HEADS)), extra=SHARED), "entities"),
    "macros": (lambda: book(sheet(row(1, *HEADS)), extra={"xl/vbaProject.bin": b"x"}), "macros"),
    "macros of the old format": (lambda: hostile.compound("Workbook", "_VBA_PROJECT_CUR"), "macros"),
    "links to other books": (lambda: book(sheet(row(1, *HEADS)), extra={"xl/externalLinks/externalLink1.xml": "<a/>"}), "external_links"),
    "a query of a database": (lambda: book(sheet(row(1, *HEADS)), extra={"xl/connections.xml": "<a/>"}), "external_links"),
    "locked": (lambda: hostile.compound("EncryptedPackage"), "encrypted"),
    "sheet in UTF-16": (lambda: book(sheet(row(1, *HEADS)).encode("utf-16")), "broken"),
    "half a file": (lambda: plain(row(2, "张某"))[:-60], "broken"),
    "the same part twice": (lambda: book(sheet(row(1, *HEADS)), extra={"XL/workbook.xml": "<a/>"}), "bomb"),
    "not a sheet at all": (lambda: book("<a>"), "broken"),
    "too many sheets": (lambda: book(*[sheet(row(1, "x"))] * 41, names=[f"表{at}" for at in range(41)]), "too_many_sheets"),
    "columns without end": (lambda: b"," * 300_000, "too_many_columns"),
    "quote without end": (lambda: b'"' + "姓名,证件号码\n".encode() * 20_000, "broken_text"),
}  # fmt: skip


@pytest.mark.parametrize("harm", HARM)
def test_harm_is_answered_in_seconds_with_a_sentence(harm):
    make, code = HARM[harm]
    octets = make()
    begun = time.monotonic()
    refused = refusal(octets)
    assert (refused.code, time.monotonic() - begun < 20) == (code, True)
    assert str(refused).endswith("。")
    assert len(str(refused)) <= 300


def test_a_part_that_goes_on_beyond_its_length_does_not_pass_the_gate():
    """Whoever gives it the check sum of what it says to be hides the rest from a reader that stops there, and not from the parser."""
    with pytest.raises(gate.Refused, match="broken"):
        gate.examined(hostile.longer_than_said(row(3, "李某", "x")), 1_000)
    assert gate.examined(plain(row(2, "张某", "x")), 1_000) == (False, {})


def test_a_parser_that_breaks_costs_one_file_and_not_the_worker():
    """A megabyte of text in thirty thousand cells: small when packed, small when unpacked, thirty gigabytes when read."""
    assert refusal(hostile.amplified()).code == "unsafe"
    assert len(rows_of(plain(row(2, "张某", "x")))) == 2


@pytest.mark.parametrize(
    ("octets", "code"),
    [
        (b"", "empty"),
        (b"<html><table><tr><td>1", "markup"),
        (b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">', "xml_table"),
        (b"%PDF-1.7\n", "not_a_table"),
        (b"\xff\xd8\xff\xe0" + bytes(range(256)) * 9, "not_a_table"),
        (hostile.packed({"word/document.xml": "<a/>"}), "not_a_table"),
        (hostile.packed({"xl/workbook.bin": "x"}), "xlsb"),
        (hostile.packed({"mimetype": "x", "content.xml": "<a/>"}), "ods"),
        (hostile.compound("WordDocument"), "not_a_table"),
        (hostile.xls(*[("甲", 1.0)] * 200)[:2_000], "broken"),
        (book(sheet()), "no_rows"),
    ],
)
def test_what_is_no_table_is_told_what_to_do(octets, code):
    assert refusal(octets).code == code


def test_a_machine_that_stands_still_takes_the_child_no_time():
    """However long one second took, it counts as one: until the sixtieth an answer is waited for."""
    for answered_at, is_killed in ((3, False), (60, False), (61, True)):
        answered, child = Mock(), Mock()
        answered.wait.side_effect = [*[False] * (answered_at - 1), True]
        reading._watch(child, answered)
        assert {each.args for each in answered.wait.call_args_list} == {(1,)}
        assert (answered.wait.call_count, child.kill.called) == (min(answered_at, 60), is_killed)


def test_rows_beyond_the_bound_are_refused_while_they_are_read():
    octets = "姓名,证件号码\n".encode() + b"x,1\n" * 700
    assert len(rows_of(octets, rows_max=1_000)) == 701
    assert refusal(octets, rows_max=600).code == "too_many_rows"
    assert "600行" in str(refusal(octets, rows_max=600))


def test_the_process_knows_nothing_of_the_house_and_its_death_is_an_answer(monkeypatch):
    """It gets no environment; killed from outside, it leaves a refusal."""
    asked = []
    true = reading.subprocess.Popen

    def run(command, **given):
        asked.append((command[1:3], given["env"]))
        child = true(command, **given)
        child.kill()
        return child

    monkeypatch.setattr(reading.subprocess, "Popen", run)
    assert refusal(plain()).code == "unsafe"
    assert asked == [(["-I", "-B"], {})]


def test_a_parser_that_hangs_is_ended(monkeypatch, tmp_path):
    sleeper = tmp_path / "child.py"
    sleeper.write_text("import time\ntime.sleep(60)")
    monkeypatch.setattr(reading, "_CHILD", sleeper)
    monkeypatch.setattr(reading, "_SECONDS", 1)
    assert refusal(b"x").code == "unsafe"


HEAD = '{"sheet": "", "sheets": [], "template": "", "wrong_rows": 0, "is_1904": false, "merged": []}'


@pytest.mark.parametrize(
    "script",
    [
        "import os; os.abort()", "print('no JSON')", "print('[]')", "x = 1 / 0",
        f"""print('{HEAD}\\n{{"n": [1], "c": [["a", "b"]]}}')""", f"""print('{HEAD}\\n{{"n": [1, 2], "c": ["a"]}}')""",
        f"""print('{HEAD}\\n{{"n": 1, "c": 1}}')""",
    ],
)  # fmt: skip
def test_an_answer_that_is_none_is_a_refusal(monkeypatch, tmp_path, script):
    dying = tmp_path / "child.py"
    dying.write_text(script)
    monkeypatch.setattr(reading, "_CHILD", dying)
    assert refusal(b"x").code == "unsafe"


def test_the_process_has_no_files_sockets_or_secrets(tmp_path):
    """Run with the child's own limits: whatever took over the parser finds its hands tied."""
    attempt = f"""
import sys, runpy, json, os, socket
child = runpy.run_path({str(reading._CHILD)!r})
child["shut_the_door"]()
tried = {{}}
def attempt(name, what):
    try: what(); tried[name] = "done"
    except OSError: tried[name] = "refused"
attempt("read", lambda: open("/etc/passwd"))
attempt("write", lambda: open({str(tmp_path / "x")!r}, "w"))
attempt("socket", socket.socket)
tried["environment"] = sorted(os.environ)
tried["django"] = "django" in sys.modules
print(json.dumps(tried))
"""
    done = subprocess.run([sys.executable, "-I", "-B", "-c", attempt], capture_output=True, env={}, check=True)
    tried = json.loads(done.stdout)
    assert (tried.pop("environment") in ([], ["LC_CTYPE"]), tried.pop("django")) == (True, False)
    assert set(tried.values()) == {"refused"}


def test_every_sentence_can_be_said_and_fits_a_batch():
    given = dict.fromkeys(
        ["size", "limit", "cell", "line", "sheets", "found", "wanted", "sheet", "heads", "columns", "unknown", "label", "first", "second"],
        "某",
    )
    assert all(len(str(FileRefused(code, **given))) < 200 for code in _SENTENCES)


# ── formats ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def saved(*rows, epoch=None):
    made = openpyxl.Workbook()
    if epoch:
        made.epoch = epoch
    for values in rows:
        made.active.append(values)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


TEXT = '姓名,证件号码\r\n张某,1\r\n\r\n李某,"2,3"\r\n'
TABLE = [(1, ["姓名", "证件号码"]), (2, ["张某", "1"]), (4, ["李某", "2,3"])]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le"])
def test_csv_in_the_encodings_of_the_office(encoding):
    assert rows_of(TEXT.encode(encoding)) == TABLE


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("姓名（全称，必填，勿缩写）,证件号码\n张某,001\n", [["姓名（全称，必填，勿缩写）", "证件号码"], ["张某", "001"]]),
        ("姓名,住址（镇，村，组）\n张某,某路，1号，2栋，3室\n", [["姓名", "住址（镇，村，组）"], ["张某", "某路，1号，2栋，3室"]]),
        ("姓名，全称，必填\n张某\n", [["姓名", "全称", "必填"], ["张某", "", ""]]),
    ],
)
def test_commas_within_headings_and_cells_do_not_part_the_columns(text, rows):
    assert [values for _, values in rows_of(text.encode())] == rows


@pytest.mark.parametrize("separator", ["\t", ";", "，"])
def test_csv_by_its_own_separator(separator):
    assert rows_of(f'姓名{separator}证件号码\n张某{separator}="001"\n'.encode()) == [(1, ["姓名", "证件号码"]), (2, ["张某", "001"])]


def test_the_old_format_is_read_and_its_first_day_known():
    found = read(hostile.xls(HEADS, ("张某", "x", 3.5, 45_000)), looks_for=HEADS)
    assert (found.sheet, found.is_1904) == ("名单", False)
    assert list(found.rows) == [(1, list(HEADS)), (2, ["张某", "x", 3.5, 45_000.0])]
    assert read(hostile.xls(HEADS, ("张某", "x", 3.5, 45_000), days=SINCE_1904)).is_1904


def test_days_are_days_from_either_first_day():
    for epoch in (None, MAC_EPOCH):
        octets = saved(HEADS, ("张某", "x", 1, date(2026, 9, 24)), epoch=epoch)
        found = read(octets, looks_for=HEADS)
        assert found.is_1904 is bool(epoch)
        assert [values for _, values in found.rows][1][3] == date(2026, 9, 24)


def test_blank_lines_and_columns_keep_the_numbers_that_people_count_by():
    octets = book(sheet('<row r="5"><c r="C5" t="inlineStr"><is><t>姓名</t></is></c></row><row r="9"><c r="C9"><v>3</v></c></row>'))
    calamine = CalamineWorkbook.from_filelike(io.BytesIO(octets)).get_sheet_by_index(0)
    assert calamine.start == (4, 2)
    assert rows_of(octets) == [(5, ["姓名"]), (9, [3.0])]


def test_rows_far_apart_come_in_one_block_and_their_columns_whole():
    """Blank rows between a title and the heads make no block of their own; a row that ends early is filled up."""
    octets = plain(row(1, "一览表"), row(1_400, *HEADS), *[row(1_400 + at, f"甲{at}") for at in range(1, 700)])
    blocks = [list(lines.numbers) for lines in read(octets, looks_for=HEADS).blocks]
    assert [blocks[0][:2], sum(map(len, blocks))] == [[1, 1_400], 701]
    text = "姓名,证件号码\n张某\n\n李某,2,多出\n".encode()
    assert rows_of(text) == [(1, ["姓名", "证件号码", ""]), (2, ["张某", "", ""]), (4, ["李某", "2", "多出"])]


@pytest.mark.parametrize("cell", ["\x7f", "甲\x7f乙", '{"', '{"d":"2026-01-01"}', "\u2028", "null", "x" * 2_001])
def test_a_text_stays_what_it_is_beside_others(cell):
    text = f'姓名,证件号码\n张某,1\n"{cell.replace(chr(34), chr(34) * 2)}",2\n'.encode()
    assert rows_of(text)[1:] == [(2, ["张某", "1"]), (3, [cell, "2"])]


def test_formulas_without_a_value_and_errors_are_no_blank_cells():
    octets = plain(
        '<row r="2"><c r="A2"><f>A1</f></c><c r="B2" t="e"><f>X</f><v>#N/A</v></c><c r="C2"><f>1+1</f><v>2</v></c></row>',
        '<row r="3"><c r="A3" t="str"><f>A1</f><v></v></c><c r="B3"><v>1</v></c></row>',
    )
    (_, second), (_, third) = rows_of(octets)[1:]
    assert [type(value) for value in second] == [Unreadable, Unreadable, float, str]
    assert "公式" in second[0].sentence
    assert "#N/A" in second[1].sentence
    assert third[:2] == ["", 1.0]


def test_a_far_cell_that_is_only_painted_does_no_harm():
    assert len(rows_of(plain(row(2, "张某"), '<row r="1048576"><c r="XFD1048576" s="0"/></row>'))) == 2


def test_the_sheet_that_is_meant():
    listed = sheet(row(1, *HEADS), row(2, "张某"))
    found = read(book(sheet(row(1, "目录")), listed), looks_for=HEADS)
    assert (found.sheet, found.sheets) == ("第二张", ("名单", "第二张"))
    assert len(list(found.rows)) == 2
    refused = refusal(book(listed, listed))
    assert (refused.code, "“名单”、“第二张”" in str(refused)) == ("several_sheets", True)
    assert refusal(book(listed, sheet(row(1, *HEADS[:-1]), row(2, "张某")))).code == "several_sheets", "a column less is a rival still"
    hidden = book(sheet(row(1, *HEADS)), listed, names=("可见", '隐藏" state="hidden'))
    assert read(hidden, looks_for=HEADS).sheet == "可见"


def test_what_the_child_used_is_known_when_all_is_read():
    found = read(plain(row(2, "张某")))
    assert (found.count, found.peak) == (0, 0)
    list(found.rows)
    assert (found.count, found.peak < 120_000) == (2, True)
    assert found.peak > 1_000
