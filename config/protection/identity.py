"""Checks of personal papers' numbers: GB 11643-1999 and what is kept in its place (RULES C4). Pure functions: the date comes in.

A wrong number is refused with a sentence; what is merely unusual warns. Results never show their number in `repr`.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from operator import mul

from django.db.models import TextChoices

from .areas import is_known_area
from .typed import tidy_identifier

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_CHARACTERS = "10X98765432"
SYNTHETIC_AREAS = ("000000", "999999")
PERMIT_AREAS = ("810000", "820000", "830000")
TEMPORARY_PREFIX = "WZ"
OLDEST = 130


class IdType(TextChoices):
    """Papers a person is registered by. Stored; never rename."""

    RESIDENT = "resident", "居民身份证"
    HMT_PERMIT = "hmt_permit", "港澳台居民居住证"
    FOREIGN_PERMANENT = "foreign_permanent", "外国人永久居留身份证"
    NONE = "none", "无证"


class Sex(TextChoices):
    """GB/T 2261.1."""

    UNKNOWN = "0", "未知"
    MALE = "1", "男"
    FEMALE = "2", "女"
    UNSTATED = "9", "未说明"


@dataclass(frozen=True, slots=True)
class IdCheck:
    """What the check found. `birth_on` and `sex` are None where the number does not tell, or is wrong."""

    id_type: IdType
    normalised: str = field(repr=False)
    errors: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    birth_on: date | None = field(default=None, repr=False)
    sex: Sex | None = None
    is_synthetic: bool = False
    # The 18 digits an old 15-digit number became, for the clerk to compare with the paper.
    suggestion: str = field(default="", repr=False)

    @property
    def is_valid(self) -> bool:
        return not self.errors


def check_character(first17: str) -> str:
    """The 18th character: ISO 7064 MOD 11-2 over the first seventeen digits."""
    if len(first17) != len(WEIGHTS):
        raise ValueError("a check character is of seventeen digits")
    return CHECK_CHARACTERS[sum(map(mul, map(int, first17), WEIGHTS)) % 11]


def guess_id_type(text: str) -> IdType:
    """The kind of paper a number looks like. A first 9 tells it of a whole number alone: of another length it may be a slip."""
    number = tidy_identifier(text)
    if number.startswith(TEMPORARY_PREFIX):
        return IdType.NONE
    if number.startswith(PERMIT_AREAS):
        return IdType.HMT_PERMIT
    if (len(number) == 18 and _begins_as_foreign(number)) or re.match(r"[A-Z]{3}", number):
        return IdType.FOREIGN_PERMANENT
    return IdType.RESIDENT


def check_id_number(text: str, id_type: IdType | str = IdType.RESIDENT, *, on: date, allow_synthetic: bool = False) -> IdCheck:
    """Check a typed or imported number as a paper of `id_type`, on the date `on`.

    `allow_synthetic` admits the made-up areas 000000 and 999999 of demo and tests, flagged; otherwise they are refused.
    """
    kind, number = IdType(id_type), tidy_identifier(text)
    if kind is IdType.NONE:
        return _check_temporary(number)
    if not number:
        return IdCheck(kind, "", errors=(f"请填写{kind.label}号码；确实没有证件的，证件类型选“无证”。",))
    if reason := _wrong_shape(number, kind):
        suggestion = _upgraded(number) if kind is IdType.RESIDENT else ""
        return IdCheck(kind, number, errors=(reason,), suggestion=suggestion)
    if len(number) == 15:
        return _check_old_foreign(number, on)
    return _check_18(number, kind, on, allow_synthetic)


def _check_18(number: str, kind: IdType, on: date, allow_synthetic: bool) -> IdCheck:
    errors, warnings = [], []
    is_synthetic = number.startswith(SYNTHETIC_AREAS)
    if check_character(number[:17]) != number[17]:
        errors.append("号码有误：末位校验码与前17位不符。请对照证件逐位核对，常见的是抄错或颠倒了数字。")
    birth_on = _date(number[6:14])
    if birth_on is None:
        errors.append("第7至14位不是真实的出生日期，请对照证件核对。")
    elif birth_on > on:
        errors.append("出生日期晚于今天，请对照证件核对。")
    elif _years(birth_on, on) > OLDEST:
        warnings.append(f"按号码计算年龄超过{OLDEST}岁，请核对证件。")
    if is_synthetic and not allow_synthetic:
        errors.append("这是演示用的虚构号码，正式系统不予登记。请填写证件上的号码。")
    elif kind is IdType.RESIDENT and not is_synthetic and not is_known_area(number[:6]):
        warnings.append("前6位不是已知的行政区划代码。旧代码终身有效，请核对证件，无误可以继续。")
    if errors:
        return IdCheck(kind, number, tuple(errors), tuple(warnings), is_synthetic=is_synthetic)
    sex = Sex.MALE if int(number[16]) % 2 else Sex.FEMALE
    return IdCheck(kind, number, (), tuple(warnings), birth_on, sex, is_synthetic)


def _wrong_shape(number: str, kind: IdType) -> str:
    """The sentence for a number of the wrong length, with wrong characters, or of another paper; "" when its shape is right."""
    if len(number) == 18 and number.isascii() and number[:17].isdigit() and (number[17] == "X" or number[17].isdigit()):
        return _OTHER_PAPER[kind](number)
    if re.fullmatch(r"\d(\.\d+)?E\+?\d+", number):
        return "号码被表格软件改成了科学计数，尾数已经丢失。请把单元格设为文本格式，重新填写完整号码。"
    if kind is IdType.FOREIGN_PERMANENT and re.fullmatch(r"[A-Z]{3}\d{12}", number):
        return ""
    if kind is IdType.RESIDENT and re.fullmatch(r"\d{15}", number) and not _begins_as_foreign(number):
        return "这是15位旧号码，已停止使用。请按现在的身份证或户口簿填写18位号码。"
    if len(number) != 18:
        also = "（旧版为3个字母加12位数字）" if kind is IdType.FOREIGN_PERMANENT else ""
        is_either = kind is IdType.RESIDENT and _begins_as_foreign(number)  # no resident's begins so
        named = "证件" if is_either else kind.label
        return f"{named}号码应为18位{also}，现为{len(number)}位，{_difference(18 - len(number))}。请对照证件核对。"
    for place, character in enumerate(number, 1):
        if not (character.isascii() and character.isdigit()) and not (place == 18 and character == "X"):
            hint = {"O": "，是否把数字0输成了字母O", "I": "，是否把数字1输成了字母I", "L": "，是否把数字1输成了字母L"}.get(character, "")
            return f"第{place}位不是数字{hint}？请对照证件核对。" if hint else f"第{place}位不是数字，请对照证件核对。"
    raise AssertionError("of eighteen characters one is wrong")


def _difference(wanting: int) -> str:
    return f"少了{wanting}位" if wanting > 0 else f"多了{-wanting}位"


def _begins_as_foreign(number: str) -> bool:
    return number.startswith("9") and not number.startswith(SYNTHETIC_AREAS)


def _not_resident(number: str) -> str:
    if number.startswith(PERMIT_AREAS):
        return "这是港澳台居民居住证的号码，请把证件类型改为“港澳台居民居住证”。"
    if _begins_as_foreign(number):
        return "这是外国人永久居留身份证的号码，请把证件类型改为“外国人永久居留身份证”。"
    return ""


def _not_permit(number: str) -> str:
    is_right = number.startswith(PERMIT_AREAS)
    return "" if is_right else "港澳台居民居住证号码应以810000、820000或830000开头，请核对证件类型和号码。"


def _not_foreign(number: str) -> str:
    return "" if number.startswith("9") else "外国人永久居留身份证号码应以9开头，请核对证件类型和号码。"


_OTHER_PAPER: dict[IdType, Callable[[str], str]] = {
    IdType.RESIDENT: _not_resident,
    IdType.HMT_PERMIT: _not_permit,
    IdType.FOREIGN_PERMANENT: _not_foreign,
}


def _check_old_foreign(number: str, on: date) -> IdCheck:
    """Three letters of the country, four digits of the place, YYMMDD, two more: the card valid until the new one of 2023."""
    centuries = [born for century in ("19", "20") if (born := _date(century + number[7:13])) and born <= on]
    if not centuries:
        return IdCheck(IdType.FOREIGN_PERMANENT, number, errors=("第8至13位不是真实的出生日期，请对照证件核对。",))
    certain = centuries[0] if len(centuries) == 1 else None
    return IdCheck(IdType.FOREIGN_PERMANENT, number, birth_on=certain)


def _upgraded(number: str) -> str:
    """The 18 characters of a 15-digit number, "" when its date is not real; 996 to 999 were given to people born in the 1800s."""
    if not re.fullmatch(r"\d{15}", number):
        return ""
    first17 = f"{number[:6]}{'18' if number[12:] >= '996' else '19'}{number[6:]}"
    return first17 + check_character(first17) if _date(first17[6:14]) else ""


def _date(digits: str) -> date | None:
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None


def _years(born: date, on: date) -> int:
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


# ── people without papers ───────────────────────────────────────────────────────────────────────────────────────────


def temporary_number(county: str, year: int, serial: int) -> str:
    """The number of a person without papers: `WZ`, county, year, five digits of a series, check character. No paper begins so."""
    body = f"{county}{year:04}{serial:05}"
    if not re.fullmatch(r"\d{15}", body):
        raise ValueError("county has six digits, year four, serial at most five")
    return f"{TEMPORARY_PREFIX}{body}{check_character('00' + body)}"


def _check_temporary(number: str) -> IdCheck:
    if not number:
        return IdCheck(IdType.NONE, "")
    if not re.fullmatch(TEMPORARY_PREFIX + r"\d{15}[\dX]", number):
        return IdCheck(IdType.NONE, number, errors=("无证人员不填证件号码，由系统编临时号；已有证件的请改选证件类型。",))
    if check_character("00" + number[2:17]) != number[17]:
        return IdCheck(IdType.NONE, number, errors=("临时号有误：末位校验码不符，请核对。",))
    return IdCheck(IdType.NONE, number)
