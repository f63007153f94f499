"""What people write in their own words holds nobody's number."""

import pytest

from config.verbs import TransitionError
from config.words import without_numbers
from tests.households.factories import id_number


def test_words_pass_as_they_are_without_the_blanks_around_them():
    assert without_numbers("  收入证明 2026 年 9 月，电话 023-54231234  ") == "收入证明 2026 年 9 月，电话 023-54231234"


@pytest.mark.parametrize("text", ["{}", "本人证件号{}，请核对。", "{}\n第二行"])
def test_a_number_is_refused_with_what_to_do(text):
    for number in (id_number(), "".join(chr(ord(each) + 0xFEE0) for each in id_number())):  # in full width too
        with pytest.raises(TransitionError, match="请删去后再提交"):
            without_numbers(text.format(number))


@pytest.mark.parametrize("text", ["打13800000001找他", "电话 138 0000 0001", "+86-138-0000-0001", "手机１３８０００００００１"])
def test_somebodys_mobile_number_is_refused_with_the_place_for_it(text):
    with pytest.raises(TransitionError, match="联系电话”栏"):
        without_numbers(text)
    assert without_numbers(text, may_name_mobile=True) == text  # what the office tells the resident


def test_other_numbers_are_no_mobile():
    for text in ("窗口电话023-54231234", "转办单ZB20260924001", "户号13800000001234", "每月1380元"):
        assert without_numbers(text) == text
