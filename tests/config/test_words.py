"""What people write in their own words holds nobody's number."""

import pytest

from config.verbs import TransitionError
from config.words import without_numbers
from tests.households.factories import id_number


def test_words_pass_as_they_are_without_the_blanks_around_them():
    assert without_numbers("  收入证明 2026 年 9 月，电话 023-54231234  ") == "收入证明 2026 年 9 月，电话 023-54231234"


@pytest.mark.parametrize("text", ["{}", "本人证件号{}，请核对。", "{}\n第二行"])
def test_a_number_is_refused_with_what_to_do(text):
    with pytest.raises(TransitionError, match="请删去后再提交"):
        without_numbers(text.format(id_number()))
