"""RULES C4: GB 11643 and what is kept in its place."""

from datetime import date, timedelta
from random import Random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from config.protection.identity import (
    IdType,
    Sex,
    check_character,
    check_id_number,
    guess_id_type,
    temporary_number,
)
from config.protection.synthetic import synthetic_id_number

TODAY = date(2026, 9, 24)
births = st.dates(date(1896, 10, 1), TODAY)
sexes = st.sampled_from([Sex.MALE, Sex.FEMALE])
seeds = st.integers(0, 2**32).map(Random)


def check(text, id_type=IdType.RESIDENT, *, on=TODAY, allow_synthetic=True):
    return check_id_number(text, id_type, on=on, allow_synthetic=allow_synthetic)


def is_right(number):
    """ISO 7064 MOD 11-2 as the recursion of the international standard: another way than the weights of the national one."""
    rest = 0
    for character in number[:17]:
        rest = (rest + int(character)) * 2 % 11
    return (rest + (10 if number[17] == "X" else int(number[17]))) % 11 == 1


def with_check(first17):
    return first17 + check_character(first17)


def test_the_standards_own_example():
    """C4: 11010519491231002X."""
    result = check("11010519491231002X", allow_synthetic=False)
    assert (result.errors, result.warnings, result.birth_on, result.sex) == ((), (), date(1949, 12, 31), Sex.FEMALE)
    assert not result.is_synthetic


@given(st.integers(0, 10**17 - 1))
def test_check_character_agrees_with_the_international_recursion(number):
    first17 = f"{number:017}"
    assert is_right(with_check(first17))
    assert [c for c in "0123456789X" if is_right(first17 + c)] == [check_character(first17)]


@given(seeds, births, sexes, st.sampled_from(["000000", "999999"]))
def test_synthetic_numbers_tell_what_was_asked(rng, birth_on, sex, area):
    number = synthetic_id_number(rng, birth_on, sex, area)
    result = check(number)
    assert is_right(number)
    assert (result.errors, result.birth_on, result.sex, result.is_synthetic) == ((), birth_on, sex, True)


@given(seeds, births, sexes, st.integers(0, 17), st.sampled_from("0123456789X"))
def test_any_single_wrong_character_is_refused(rng, birth_on, sex, place, character):
    number = synthetic_id_number(rng, birth_on, sex)
    assume(number[place] != character)
    assert check(number[:place] + character + number[place + 1 :]).errors


@given(seeds, births, sexes, st.integers(0, 16))
def test_any_exchange_of_neighbours_is_refused(rng, birth_on, sex, place):
    number = synthetic_id_number(rng, birth_on, sex)
    assume(number[place] != number[place + 1])
    assert check(number[:place] + number[place + 1] + number[place] + number[place + 2 :]).errors


@given(st.text(max_size=30))
def test_any_text_gets_an_answer(text):
    for id_type in IdType:
        result = check(text, id_type)
        assert result.errors or result.is_valid
        check(result.normalised, id_type)


@given(st.text(max_size=30))
def test_normalising_twice_changes_nothing(text):
    assert check(check(text).normalised).normalised == check(text).normalised


@pytest.mark.parametrize(
    "typed",
    [
        "１１０１０５１９４９１２３１００２ｘ",
        " 110105 19491231 002x ",
        "'11010519491231002X",
        "11010519491231002×",
        "110105\u200b19491231002x",
    ],
)
def test_typing_is_forgiven(typed):
    result = check(typed)
    assert result.errors == ()
    assert result.normalised == "11010519491231002X"


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "请填写居民身份证号码"),
        ("1101051949123100", "应为18位，现为16位"),
        ("11010519491231002XX", "应为18位，现为19位"),
        ("1101051949123IO02X", "第14位不是数字，是否把数字1输成了字母I"),
        ("11O10519491231002X", "第3位不是数字，是否把数字0输成了字母O"),
        ("11010519491231中02X", "第15位不是数字，请"),
        ("1101051949123100XX", "第17位不是数字，请"),
        ("110105194912310021", "校验码与前17位不符"),
        ("5.00233E+17", "科学计数"),
        ("5.00233199901011E17", "科学计数"),
        (with_check("00000019900230001"), "不是真实的出生日期"),
        (with_check("00000019990229001"), "不是真实的出生日期"),
        (with_check("00000020260925001"), "晚于今天"),
        (with_check("00000000000000001"), "不是真实的出生日期"),
        ("99999919900101001", "居民身份证号码应为18位，现为17位，少了1位"),
        ("91184019900101002", "证件号码应为18位，现为17位，少了1位。请"),
        ("911840199001010", "证件号码应为18位，现为15位，少了3位。请"),
        (with_check("91184019900101002") + "1", "证件号码应为18位，现为19位，多了1位。请"),
        (with_check("81000019900101001"), "证件类型改为“港澳台居民居住证”"),
        (with_check("91115619900101001"), "证件类型改为“外国人永久居留身份证”"),
    ],
)
def test_refusals_say_what_is_wrong(typed, sentence):
    result = check(typed)
    assert not result.is_valid
    assert sentence in "".join(result.errors)
    assert (result.birth_on, result.sex) == (None, None)


def test_birth_today_is_accepted_and_tomorrow_not():
    rng = Random(1)
    assert check(synthetic_id_number(rng, TODAY, Sex.MALE)).is_valid
    assert not check(synthetic_id_number(rng, TODAY + timedelta(1), Sex.MALE)).is_valid


@pytest.mark.parametrize(("birth_on", "warned"), [(date(1896, 9, 24), False), (date(1895, 9, 24), True), (date(1896, 9, 23), False)])
def test_great_age_warns(birth_on, warned):
    result = check(synthetic_id_number(Random(1), birth_on, Sex.FEMALE))
    assert result.is_valid
    assert bool(result.warnings) is warned


@pytest.mark.parametrize(
    ("area", "warned"),
    [("500233", False), ("512223", False), ("500101", False), ("500299", True), ("990101", True), ("160101", True), ("350212", False)],
)
def test_unknown_area_warns_and_never_refuses(area, warned):
    result = check(with_check(f"{area}19900101001"), IdType.FOREIGN_PERMANENT if area.startswith("9") else IdType.RESIDENT)
    assert result.is_valid
    assert bool(result.warnings) is (warned and not area.startswith("9"))


def test_synthetic_numbers_are_refused_where_real_people_are_registered():
    result = check(synthetic_id_number(Random(1), date(1990, 1, 1), Sex.MALE), allow_synthetic=False)
    assert "虚构号码" in "".join(result.errors)
    assert result.is_synthetic


def test_synthetic_numbers_have_no_real_area():
    with pytest.raises(ValueError, match="unassigned"):
        synthetic_id_number(Random(1), date(1990, 1, 1), Sex.MALE, area="500233")


@pytest.mark.parametrize("area", ["810000", "820000", "830000"])
def test_residence_permit_of_hong_kong_macao_taiwan(area):
    number = with_check(f"{area}19900101001")
    result = check(number, IdType.HMT_PERMIT)
    assert (result.errors, result.warnings, result.birth_on, result.sex) == ((), (), date(1990, 1, 1), Sex.MALE)
    assert guess_id_type(number) is IdType.HMT_PERMIT
    assert "应以810000" in "".join(check("11010519491231002X", IdType.HMT_PERMIT).errors)


def test_foreign_permanent_residence_card_of_2023():
    number = with_check("91184019900101002")
    result = check(number, IdType.FOREIGN_PERMANENT)
    assert (result.errors, result.birth_on, result.sex) == ((), date(1990, 1, 1), Sex.FEMALE)
    assert guess_id_type(number) is IdType.FOREIGN_PERMANENT
    for other in (number[:17], number + "1"):
        assert guess_id_type(other) is IdType.RESIDENT, "of another length the first 9 tells nothing"
    assert guess_id_type("USA110065123112") is IdType.FOREIGN_PERMANENT
    assert "应以9开头" in "".join(check("11010519491231002X", IdType.FOREIGN_PERMANENT).errors)


@pytest.mark.parametrize(
    ("number", "birth_on", "sentence"),
    [
        ("usa110010010112", None, ""),
        ("USA110065123112", date(1965, 12, 31), ""),
        ("USA110080130112", None, "不是真实的出生日期"),
        ("USA11008001011", None, "旧版为3个字母加12位数字"),
    ],
)
def test_foreign_card_of_the_old_form(number, birth_on, sentence):
    """A year that could be of either century tells no birth date."""
    result = check(number, IdType.FOREIGN_PERMANENT)
    assert result.birth_on == birth_on
    assert sentence in "".join(result.errors)
    assert result.is_valid is not bool(sentence)


@pytest.mark.parametrize(
    ("old", "suggestion"),
    [("110105491231002", "11010519491231002X"), ("512223901301001", ""), ("512223010101998", with_check("51222318010101998"))],
)
def test_number_of_fifteen_digits_is_refused_with_its_upgrade(old, suggestion):
    result = check(old)
    assert "15位旧号码" in result.errors[0]
    assert result.suggestion == suggestion


@given(st.integers(2020, 2099), st.integers(0, 99999))
def test_temporary_number_is_no_paper(year, serial):
    number = temporary_number("500233", year, serial)
    assert len(number) == 18
    assert check(number, IdType.NONE).is_valid
    assert guess_id_type(number) is IdType.NONE
    for id_type in (IdType.RESIDENT, IdType.HMT_PERMIT, IdType.FOREIGN_PERMANENT):
        assert not check(number, id_type).is_valid
    wrong = "1" if number[17] != "1" else "2"
    assert "校验码不符" in "".join(check(number[:17] + wrong, IdType.NONE).errors)


def test_people_without_papers_need_no_number():
    assert check("", IdType.NONE).is_valid
    assert "由系统编临时号" in "".join(check("11010519491231002X", IdType.NONE).errors)
    with pytest.raises(ValueError, match="six digits"):
        temporary_number("50023", 2026, 1)


def test_result_shows_no_number():
    for typed in ("11010519491231002X", "110105491231002", "110105194912310021"):
        shown = repr(check(typed)) + str(check(typed))
        assert typed not in shown
        assert "19491231" not in shown
