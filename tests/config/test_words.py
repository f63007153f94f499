"""What people write in their own words holds nobody's number."""

import pytest

from config.verbs import TransitionError
from config.words import names_a_number, without_numbers
from tests.households.factories import id_number


def test_words_pass_as_they_are_without_the_blanks_around_them():
    assert without_numbers("  收入证明 2026 年 9 月，电话 023-54231234  ") == "收入证明 2026 年 9 月，电话 023-54231234"


@pytest.mark.parametrize("text", ["{}", "本人证件号{}，请核对。", "{}\n第二行"])
def test_a_number_is_refused_with_what_to_do(text):
    for number in (id_number(), "".join(chr(ord(each) + 0xFEE0) for each in id_number())):  # in full width too
        with pytest.raises(TransitionError, match="请删去后再提交"):
            without_numbers(text.format(number))


def test_a_number_is_found_however_it_was_typed():
    number, old = id_number(), "510222800101123"
    for typed in (
        f"{number[:6]} {number[6:14]} {number[14:]}", f"{number[:6]}.{number[6:10]}.{number[10:12]}.{number[12:14]}.{number[14:]}",
        f"{number[:3]}　{number[3:10]}-{number[10:]}", "·".join(number[at : at + 4] for at in range(0, 18, 4)), old,
        f"证号ZH{number}", f"hc{number}", f"{old[:6]} {old[6:12]} {old[12:]}", f"13800000001 {old[:6]}-{old[6:]}", f"3000.00 {number}",
    ):  # fmt: skip
        assert names_a_number(f"本人{typed}，请核对"), typed


@pytest.mark.parametrize(
    "text",
    [
        "7月3000.00 8月2500.00 9月1800.50", "3000.00 2500.00 1800.50 2026-10-01", "1235.00 2026-10-01 1000", "2026-10-1 - 2026-10-15",
        "2026.10.01-2026.12.31", "20261001 20261231", "核查单HC202650023300100001", "HC 202650023300100001", "户号zh500233101001234",
        "转办单ZB202600100054 2026-09-01", "忠民补〔2026〕500233001-00012号",
        "忠府发〔2026〕12号 2026-09-01", "023-54231234 13800000001", "13912011234 5678",
        "统一社会信用代码915002337659135542", "账号6217000000000000003", "行政村500233101201 500233101202",
    ],
)  # fmt: skip
def test_amounts_dates_telephones_and_papers_are_nobodys_number(text):
    assert not names_a_number(text)


@pytest.mark.parametrize("text", ["打13800000001找他", "电话 138 0000 0001", "+86-138-0000-0001", "手机１３８０００００００１"])
def test_somebodys_mobile_number_is_refused_with_the_place_for_it(text):
    with pytest.raises(TransitionError, match="联系电话”栏"):
        without_numbers(text)
    assert without_numbers(text, may_name_mobile=True) == text  # what the office tells the resident


def test_other_numbers_are_no_mobile():
    for text in ("窗口电话023-54231234", "转办单ZB20260924001", "户号13800000001234", "每月1380元"):
        assert without_numbers(text) == text
