"""What is written for a whole column at once is what would be written cell by cell."""

import json
import random
import uuid
from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from config import clock
from config.protection.identity import check_character, check_id_number, guess_id_type
from config.protection.sealing import as_uuids
from config.protection.typed import tidy_identifier
from spreadsheets import staging
from spreadsheets.parsing import Block
from spreadsheets.reading import Unreadable
from spreadsheets.values import Wrong, column_reader, reader

from .sheets import GROUND, LI, TEMPLATE, ZHANG

CELLS = st.text(st.characters(exclude_categories=()), max_size=8) | st.booleans()


@settings(max_examples=60, deadline=None)
@given(st.lists(CELLS, max_size=6))
@example(['"', "\\", '","name":"', "\0", "a\0b", "\\u0000", "\x1f\x7f\t\n", "\ud800", "😀", "\u2028", True, False])
def test_a_column_is_written_as_its_cells_are(values):
    alone = [json.dumps(value.replace("\0", "") if isinstance(value, str) else value, ensure_ascii=False) for value in values]
    assert staging._members("name", values) == [f'"name":{text}' for text in alone]


def test_keys_are_written_as_uuids_are():
    octets = random.Random(7).randbytes(16 * 50)
    assert as_uuids(octets) == [str(uuid.UUID(bytes=octets[at : at + 16])) for at in range(0, len(octets), 16)]
    assert as_uuids(b"") == []
    fresh = [uuid.UUID(key) for key in staging._fresh(200)]
    assert {(key.version, key.variant) for key in fresh} == {(7, uuid.RFC_4122)}
    assert len({key.int & (1 << 62) - 1 for key in fresh}) == 200  # what cannot be guessed is another of each
    assert fresh == sorted(fresh), "a file's keys rise with its rows"
    [later] = staging._fresh(1)
    assert abs((uuid.UUID(later).int >> 80) / 1_000 - clock.now().timestamp()) < 60


def test_a_number_looked_up_part_by_part_is_as_good_as_one_that_is_checked():
    """Each character of a good number, put otherwise: read as the check of one number reads it."""
    read = reader(TEMPLATE.field("id_number"), GROUND)
    tried = [ZHANG[:at] + other + ZHANG[at + 1 :] for at in range(18) for other in "0123456789X²x٣ ０"]
    born = [
        "20000229",
        "19000229",
        "19990229",
        "19990431",
        "18951231",
        "18960101",
        *(f"{GROUND.on.year}{day}" for day in ("0101", "1126", "1127")),
    ]
    tried += [f"{number}{check_character(number)}" for number in (f"{ZHANG[:6]}{day}001" for day in born)]
    for number in [*tried, *reversed(tried), "", ZHANG[:17], f"{ZHANG}0"]:
        check = check_id_number(number, guess_id_type(number), on=GROUND.on, allow_synthetic=GROUND.allow_synthetic)
        found = read(number)
        if not tidy_identifier(number):
            assert found is None
        elif check.is_valid:
            assert found == check.normalised
        else:
            assert isinstance(found, Wrong)
            assert found.sentence == "".join(check.errors)


CELLS_OF = {
    "name": [
        "张三",
        "李某某",
        "阿卜杜拉·某",
        "欧 阳 某",
        "张3",
        "甲",
        "甲" * 90,
        "甲乙丙丁戊己",
        "",
        " ",
        7.0,
        None,
        ZHANG,
        Unreadable("坏的"),
    ],
    "id_number": [ZHANG, LI, f" {LI}", LI[:-1], "ABC", "", 1.0, None, ZHANG[:17] + "9", Unreadable("坏的")],
    "note": ["甲", "甲" * 30, "", 3.0, ZHANG, f"见{LI}"],
    "phone": ["13800138000", "138-0013-8000", "１３８００１３８０００", "12", "", 13800138000.0, None],
    "account": ["6217000000000000001", "6217 0000 0000 0000 001", "12", "", 6.217e18, "****1234", None, True],
}


@pytest.mark.parametrize("may_be_masked", [False, True])
@pytest.mark.parametrize("key", CELLS_OF)
def test_a_column_is_read_as_its_cells_are(key, may_be_masked):
    """All alike, all texts, and one of another kind among them: each as it is read alone."""
    field, cells = replace(TEMPLATE.field(key), may_be_masked=may_be_masked), CELLS_OF[key]
    read, whole = reader(field, GROUND), column_reader(field, GROUND)
    texts = [cell for cell in cells if type(cell) is str and cell]
    for column in (cells, texts, texts[:2], *([cell] for cell in cells)):
        assert whole(column) == [read(cell) for cell in column]


def test_what_stands_in_a_covered_cell_is_kept_beside_what_is_wrong_with_it():
    """A no is something, though it is false: it stands in the row's form again."""
    block = Block([2, 3], {"name": ["张某", "李某"], "alone": [True, False]}, {}, {1: [("alone", "是合并单元格")]})
    assert [json.loads(cells) for cells in staging.staged(TEMPLATE, block).cells] == [
        {"name": "张某", "alone": True}, {"name": "李某", "?alone": False},
    ]  # fmt: skip
