"""Checks of other numbers: disability cards, organisations (GB 32100), telephones (RULES C4). Pure functions."""

import re
from dataclasses import dataclass, field
from datetime import date

from django.db.models import IntegerChoices

from .identity import IdCheck, check_id_number, guess_id_type
from .typed import tidy_digits, tidy_identifier, tidy_phone

_CARD_SHAPE = "残疾人证号应为20位（身份证号18位、类别1位、等级1位），补发的后加B1、B2等。请对照证件核对。"


class DisabilityCategory(IntegerChoices):
    """Digit 19 of the card."""

    SIGHT = 1, "视力"
    HEARING = 2, "听力"
    SPEECH = 3, "言语"
    LIMB = 4, "肢体"
    INTELLECT = 5, "智力"
    MENTAL = 6, "精神"
    MULTIPLE = 7, "多重"


@dataclass(frozen=True, slots=True)
class DisabilityCardCheck:
    """`holder` is the check of the ID number inside; `level` 1 is the gravest; `reissue` counts the suffix B1, B2 ... (C-53)."""

    normalised: str = field(repr=False)
    errors: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    holder: IdCheck | None = None
    category: DisabilityCategory | None = None
    level: int | None = None
    reissue: int = 0

    @property
    def is_valid(self) -> bool:
        return not self.errors


def check_disability_card(text: str, *, on: date, holder_number: str = "", allow_synthetic: bool = False) -> DisabilityCardCheck:
    """Check a disability card's number; with `holder_number`, also that it is this person's."""
    number = tidy_digits(text)
    parts = re.fullmatch(r"(\d{17}[\dX])(\d)(\d)(?:B([1-9]\d?))?", number)
    if parts is None:
        return DisabilityCardCheck(number, errors=(_CARD_SHAPE,))
    holder = check_id_number(parts[1], guess_id_type(parts[1]), on=on, allow_synthetic=allow_synthetic)
    errors = [f"前18位身份证号：{sentence}" for sentence in holder.errors]
    if parts[2] not in "1234567":
        errors.append("第19位残疾类别应为1至7（视力、听力、言语、肢体、智力、精神、多重）。")
    if parts[3] not in "1234":
        errors.append("第20位残疾等级应为1至4。")
    if holder_number and tidy_identifier(holder_number) != parts[1]:
        errors.append("残疾人证前18位与本人身份证号不一致，请核对是否拿错证件。")
    if errors:
        return DisabilityCardCheck(number, tuple(errors), holder.warnings, holder)
    category = DisabilityCategory(int(parts[2]))
    return DisabilityCardCheck(number, (), holder.warnings, holder, category, int(parts[3]), int(parts[4] or 0))


# ── organisations ───────────────────────────────────────────────────────────────────────────────────────────────────

_CREDIT = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))
_ORGANISATION = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


@dataclass(frozen=True, slots=True)
class NumberCheck:
    """A number brought to one way of writing, and the sentences against it."""

    normalised: str = field(repr=False)
    errors: tuple[str, ...] = ()

    @property
    def is_valid(self) -> bool:
        return not self.errors


def check_credit_code(text: str) -> NumberCheck:
    """GB 32100-2015: 18 characters without I, O, S, V, Z, MOD 31; characters 9 to 17 are the organisation code of GB 11714, MOD 11."""
    code = tidy_digits(text)
    if len(code) != 18:
        return NumberCheck(code, (f"统一社会信用代码应为18位，现为{len(code)}位。",))
    for place, character in enumerate(code, 1):
        if character not in _CREDIT:
            hint = {"O": "，是否把数字0输成了字母O？", "I": "，是否把数字1输成了字母I？"}.get(character, "。")
            return NumberCheck(code, (f"第{place}位的字符不会出现在统一社会信用代码中{hint}",))
    if credit_check_character(code[:17]) != code[17] or organisation_check_character(code[8:16]) != code[16]:
        return NumberCheck(code, ("统一社会信用代码有误：校验码不符，请对照证照逐位核对。",))
    return NumberCheck(code)


def credit_check_character(first17: str) -> str:
    """The 18th character: (31 - sum) mod 31."""
    return _CREDIT[-sum(_CREDIT.index(c) * weight for c, weight in zip(first17, _CREDIT_WEIGHTS, strict=True)) % 31]


def organisation_check_character(first8: str) -> str:
    """The check character of an organisation code: (11 - sum) mod 11, ten written as X."""
    rest = -sum(_ORGANISATION.index(c) * weight for c, weight in zip(first8, _ORGANISATION_WEIGHTS, strict=True)) % 11
    return "X" if rest == 10 else str(rest)


# ── telephones ──────────────────────────────────────────────────────────────────────────────────────────────────────


def check_phone(text: str) -> NumberCheck:
    """A mobile number, or a landline with its area code."""
    number = tidy_phone(text)
    if re.fullmatch(r"1[3-9]\d{9}", number) or re.fullmatch(r"0\d{2,3}-\d{7,8}", number):
        return NumberCheck(number)
    if re.fullmatch(r"[2-9]\d{6,7}", number):
        return NumberCheck(number, ("座机号码请加区号，如 023-54230000。",))
    if re.fullmatch(r"\d+", number) and number.startswith("1"):
        return NumberCheck(number, (f"手机号码应为11位、以13至19开头，现为{len(number)}位。请与本人核对。",))
    return NumberCheck(number, ("请填写11位手机号码，或带区号的座机号码。",))
