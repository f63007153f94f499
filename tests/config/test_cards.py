"""RULES C4: disability cards, organisations, telephones."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.protection.cards import (
    DisabilityCategory,
    check_credit_code,
    check_disability_card,
    check_phone,
    credit_check_character,
    organisation_check_character,
)

TODAY = date(2026, 9, 24)
HOLDER = "11010519491231002X"
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
eights = st.text(ALPHABET, min_size=8, max_size=8)


def card(text, **options):
    return check_disability_card(text, on=TODAY, **options)


@pytest.mark.parametrize(("suffix", "reissue"), [("", 0), ("B1", 1), ("b2", 2), ("B12", 12)])
def test_disability_card(suffix, reissue):
    """C-53."""
    result = card(f"{HOLDER} 41{suffix}", holder_number=HOLDER.lower())
    assert result.errors == ()
    assert (result.category, result.level, result.reissue) == (DisabilityCategory.LIMB, 1, reissue)
    assert result.holder.birth_on == date(1949, 12, 31)
    assert HOLDER not in repr(result)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (HOLDER, "应为20位"),
        (f"{HOLDER}41B0", "应为20位"),
        (f"{HOLDER}41C1", "应为20位"),
        (f"{HOLDER}81", "第19位残疾类别"),
        (f"{HOLDER}01", "第19位残疾类别"),
        (f"{HOLDER}45", "第20位残疾等级"),
        (f"{HOLDER}40", "第20位残疾等级"),
        ("11010519491231002141", "前18位身份证号：号码有误"),
    ],
)
def test_wrong_disability_card(text, sentence):
    result = card(text)
    assert sentence in "".join(result.errors)
    assert not result.is_valid


def test_card_of_somebody_else():
    assert "与本人身份证号不一致" in card(f"{HOLDER}41", holder_number="110105194912310039").errors[0]


@pytest.mark.parametrize("code", ["91350100M000100Y43", "9135 0100 m000 100y43"])
def test_credit_code(code):
    """The example of GB 32100-2015."""
    assert check_credit_code(code).errors == ()


@given(eights, eights)
def test_credit_code_detects_any_wrong_character(head, organisation):
    first17 = head + organisation + organisation_check_character(organisation)
    code = first17 + credit_check_character(first17)
    assert check_credit_code(code).is_valid
    total = sum(ALPHABET.index(c) * 3**place for place, c in enumerate(code[:17]))
    assert (total + ALPHABET.index(code[17])) % 31 == 0
    for place in (0, 9, 16, 17):
        other = "1" if code[place] != "1" else "2"
        assert not check_credit_code(code[:place] + other + code[place + 1 :]).is_valid


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("91350100M000100Y4", "应为18位，现为17位"),
        ("9135O100M000100Y43", "字母O"),
        ("91350100M000100Z43", "不会出现"),
        ("91350100M000100Y44", "校验码不符"),
    ],
)
def test_wrong_credit_code(code, sentence):
    assert sentence in "".join(check_credit_code(code).errors)


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("138 0013 8123", "13800138123"),
        ("+86-13800138123", "13800138123"),
        ("008613800138123", "13800138123"),
        ("１３８００１３８１２３", "13800138123"),
        ("023-54231234", "023-54231234"),
        ("(023)54231234", "023-54231234"),
        ("02354231234", "023-54231234"),
        ("0816—2345678", "0816-2345678"),
    ],
)
def test_phone(typed, number):
    result = check_phone(typed)
    assert result.errors == ()
    assert result.normalised == number


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [("54231234", "请加区号"), ("1380013812", "应为11位"), ("12800138123", "13至19开头"), ("张三", "请填写11位手机号码"), ("", "请填写")],
)
def test_wrong_phone(typed, sentence):
    assert sentence in "".join(check_phone(typed).errors)
