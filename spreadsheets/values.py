"""How the cell of each type of field is read: from what a spreadsheet holds or somebody typed to the one way of writing that is kept.

Pure functions. A reader gives the value (None for a blank cell) or a `Wrong`: a sentence, and what stood there, in which nothing that looks
like somebody's ID number is left. Dates are ISO texts, numbers and money decimal texts, 是/否 true or false, codes the code.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from math import isfinite
from typing import Any

from config.protection.cards import check_phone
from config.protection.identity import check_id_number, guess_id_type
from config.protection.identity_parts import looked_up
from config.protection.names import tidy_name
from config.protection.numbers import SHORTEST, without_id_numbers
from config.protection.typed import tidy, tidy_digits, tidy_identifier

from . import days
from .declaration import Field, Type
from .ground import Ground
from .reading import Unreadable

TYPED_MAX = 200
EXACT = 10**15  # from here on a spreadsheet's number has lost digits
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028\u2029\u2060\ufeff\ufffe\uffff\ud800-\udfff]+")
_HAN_LENGTHS = frozenset(range(2, 6))
_HAN_NAMES = re.compile(r"[一-鿿]+")
_MONTH = re.compile(r"(\d{4})(?:[-/.年](\d{1,2})月?|(\d{2}))")
_THOUSANDS = re.compile(r"[^\d,]*\d{1,3}(?:,\d{3})+(?:\.\d*)?[^\d,]*")
_DECIMAL = re.compile(r"[+-]?(?:[0-9]{1,18}(?:\.[0-9]{0,8})?|\.[0-9]{1,8})")
_YES = dict.fromkeys(["是", "有", "√", "✓", "✔", "对", "y", "yes", "true", "1", "t"], True)
_NO = dict.fromkeys(["否", "无", "×", "✗", "✘", "x", "n", "no", "false", "0", "f", "没有", "不是"], False)

Reader = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Wrong:
    """`typed` holds no number of somebody, unless the field is a sealed one: there it is as it stood, to be sealed."""

    sentence: str
    typed: str = ""


def reader(field: Field, ground: Ground, *, is_1904: bool = False) -> Reader:
    """The reader of one field's cells. A village given by its name alone is read as if it lay anywhere: see `village_in`."""
    read = _bare(field, ground, is_1904)

    def reads(value: Any) -> Any:
        if value == "" or value is None:
            return None
        if type(value) is Unreadable:
            return Wrong(value.sentence)
        found = read(value)
        if type(found) is Wrong:
            return Wrong(found.sentence, (found.typed or text_of(value))[:TYPED_MAX] if field.is_sealed else typed(value))
        return found

    return reads


def column_reader(field: Field, ground: Ground, *, is_1904: bool = False) -> Callable[[Sequence[Any]], list[Any]]:
    """The reader of some hundred cells of a field at once, for columns in which each is another."""
    read, bare = reader(field, ground, is_1904=is_1904), _bare(field, ground, is_1904)

    def reads(values: Sequence[Any]) -> list[Any]:
        if set(map(type, values)) != {str} or not all(values):
            return list(map(read, values))
        if field.type == Type.NAME and _are_plain_names(values):
            return list(values)
        found = list(map(bare, values))
        if Wrong in set(map(type, found)):
            found = [read(value) if type(each) is Wrong else each for value, each in zip(values, found, strict=True)]
        return found

    return reads


def _bare(field: Field, ground: Ground, is_1904: bool) -> Reader:
    """Of cells that hold something; what is wrong is not yet kept as it was typed."""
    read: Reader = _READERS[field.type](field, ground, is_1904)
    return read


def text_of(value: Any) -> str:
    """A cell as people see it: 7 and not 7.0; invisible characters left out, ends of lines as spaces."""
    if type(value) is str:
        return value.strip() if value.isprintable() else _CONTROL.sub(" ", value).strip()
    if type(value) is float:
        if abs(value) >= EXACT and isfinite(value):
            return f"{Decimal(repr(value)):f}"[:40]  # the digits the file holds, and not their binary neighbour's
        return f"{value:.0f}" if value.is_integer() else repr(value)
    if type(value) is bool:
        return "是" if value else "否"
    if isinstance(value, datetime):
        return value.isoformat(" ")
    return value.isoformat() if isinstance(value, date) else str(value)


def typed(value: Any) -> str:
    """What stood in a cell, to be kept as it was; without ID numbers."""
    return without_id_numbers(text_of(value))[:TYPED_MAX]


# ── words ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def _text(field: Field, *_: Any) -> Reader:
    longest = field.longest

    def read(value: Any) -> Any:
        text = text_of(value)
        if len(text) >= SHORTEST and without_id_numbers(text) is not text:
            return Wrong("此列不能填写证件号码。")
        return (text or None) if len(text) <= longest else Wrong(f"不能超过{longest}个字，现为{len(text)}个字。")

    return read


def _are_plain_names(values: Sequence[str]) -> bool:
    return set(map(len, values)) <= _HAN_LENGTHS and _HAN_NAMES.fullmatch("".join(values)) is not None


def _name(field: Field, *_: Any) -> Reader:
    longest = field.longest

    def read(value: Any) -> Any:
        if type(value) is str and _are_plain_names([value]):
            return value
        name = tidy_name(text_of(value))
        if without_id_numbers(name) != name:
            return Wrong("姓名一列填成了证件号码，请核对列的顺序。")
        if any(character.isdigit() for character in name):
            return Wrong("姓名里有数字，请核对。")
        return (name or None) if len(name) <= longest else Wrong(f"姓名不能超过{longest}个字。")

    return read


def _code(field: Field, *_: Any) -> Reader:
    known = {tidy(word).casefold(): code for code, label in field.codes for word in (label, f"{code}{label}", f"{code}-{label}")}
    known |= {tidy(code).casefold(): code for code, _ in field.codes} | {tidy(word).casefold(): code for code, word in field.words}
    widths = sorted({len(code) for code, _ in field.codes})
    labels = "、".join(label for _, label in field.codes[:6]) + ("等" if len(field.codes) > 6 else "")

    def read(value: Any) -> Any:
        word = tidy(text_of(value)).casefold()
        if not word:
            return None
        found = known.get(word)
        if found is None and word.isdigit():  # 1 for 01: the spreadsheet took the zero
            found = next((known[padded] for width in widths if (padded := word.zfill(width)) in known), None)
        return found if found is not None else Wrong(f"不是可选的内容，请填：{labels}。")

    return read


def _yes_no(*_: Any) -> Reader:
    def read(value: Any) -> Any:
        word = tidy(text_of(value)).casefold()
        found = _YES.get(word, _NO.get(word))
        return found if found is not None or not word else Wrong("请填“是”或“否”。")

    return read


def _township(_: Field, ground: Ground, *__: Any) -> Reader:
    known = ground.townships

    def read(value: Any) -> Any:
        word = tidy(text_of(value))
        found = known.get(word) or (known.get(word[:9]) if word.isdigit() else None)
        return found if found or not word else Wrong("没有这个乡镇（街道），请填全称或9位区划代码。")

    return read


def _village(_: Field, ground: Ground, *__: Any) -> Reader:
    """A code is a village's wherever it lies; a name is read by `village_in` once the row's township is known."""
    codes = ground.villages.get("", {})

    def read(value: Any) -> Any:
        word = tidy(text_of(value))
        return codes.get(word, word) if word.isdigit() else word or None

    return read


def village_in(word: str, township: str | None, ground: Ground) -> str | Wrong:
    """The village of that name within the township; without a township the only one of that name in the county."""
    if word.isdigit() and len(word) == 12 and word in ground.names:
        is_there = not township or word.startswith(township)
        return word if is_there else Wrong("这个村（社区）不在本行的乡镇（街道）内，请核对。", word)
    if township:
        name = word.removeprefix(tidy(ground.names.get(township, "")))
        known = ground.villages.get(township, {})
        found = known.get(word) or known.get(name)
        return found or Wrong(
            f"{ground.names.get(township, '本乡镇')}没有这个村（社区），请填全称或12位区划代码。", without_id_numbers(word)[:TYPED_MAX]
        )
    found = ground.villages.get("", {}).get(word)
    return found or Wrong("没有这个村（社区），或有几个同名的，请填12位区划代码。", without_id_numbers(word)[:TYPED_MAX])


# ── numbers that are names ──────────────────────────────────────────────────────────────────────────────────────────
_LOST = "存成了数字，末尾几位已经丢失。请把这一列设为文本格式，重新填写完整号码。"
_MASKED = re.compile(r"\*|X{2}|尾号|\d\.\d+E\+?\d")  # 5002**********1234; and 5.00233E+17
_TAIL = re.compile(r"(?:\*|X{2}|尾号)\D{0,3}\d*(\d{4})\)?$")  # ****1234, 尾号1234, 尾号:1234


def _id_number(field: Field, ground: Ground, *_: Any) -> Reader:
    may_be_masked = field.may_be_masked
    allow_synthetic, is_plain = ground.allow_synthetic, looked_up(on=ground.on, allow_synthetic=ground.allow_synthetic)

    def read(value: Any) -> Any:
        if type(value) is not str:
            return None if may_be_masked else Wrong(f"证件号码{_LOST}")
        if is_plain(value):
            return value
        number = tidy_identifier(value)
        if not number or (may_be_masked and _MASKED.search(number)):
            return None
        check = check_id_number(number, guess_id_type(number), on=ground.on, allow_synthetic=allow_synthetic)
        return check.normalised if check.is_valid else Wrong("".join(check.errors))

    return read


def _phone(*_: Any) -> Reader:
    def read(value: Any) -> Any:
        text = value if type(value) is str else text_of(value)
        if len(text) == 11 and text[0] == "1" and text[1] in "3456789" and text.isascii() and text.isdigit():
            return text
        if not tidy_identifier(text):
            return None
        check = check_phone(text)
        return check.normalised if check.is_valid else Wrong("".join(check.errors))

    return read


def _bank_account(field: Field, *_: Any) -> Reader:
    may_be_masked = field.may_be_masked

    def read(value: Any) -> Any:
        if type(value) is str and value.isascii() and value.isdigit() and 8 <= len(value) <= 32:
            return value
        if type(value) is float and abs(value) >= EXACT:
            return None if may_be_masked else Wrong(f"银行账号{_LOST}")
        number = tidy_digits(text_of(value))
        if may_be_masked and _MASKED.search(number):
            return f"尾号{tail[1]}" if (tail := _TAIL.search(number)) else None
        if re.fullmatch(r"\d(\.\d+)?E\+?\d+", number):
            return Wrong(f"银行账号{_LOST}")
        if not number:
            return None
        is_account = number.isascii() and number.isdigit() and 8 <= len(number) <= 32
        return number if is_account else Wrong("银行账号应为8至32位数字，请核对。")

    return read


# ── numbers ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def _decimal(value: Any) -> Decimal | None:
    """None where it is no number. A float as its shortest text: 350.1 and not its binary neighbour."""
    if type(value) is float:
        return round(Decimal(repr(value)), 6) if isfinite(value) and abs(value) < 1e20 else None
    if type(value) is bool or isinstance(value, date):
        return None
    word = tidy(text_of(value)).removeprefix("￥").removeprefix("¥").removesuffix("元")
    if "," in word:  # between thousands alone: 12,34 is nobody's 1234
        word = word.replace(",", "") if _THOUSANDS.fullmatch(word) else word
    return Decimal(word) if _DECIMAL.fullmatch(word) else None


def _bounded(field: Field, number: Decimal, least: int | None) -> str:
    if least is not None and number < least:
        return "不能是负数。" if least == 0 else f"不能小于{least}。"
    most = field.most if field.most is not None else 10**10 - 1
    return f"不能大于{most}。" if number > most else "数字过大，请核对。" if abs(number) >= 10**10 else ""


def _is_blank(value: Any) -> bool:
    return type(value) is str and not tidy(text_of(value))


def _money(field: Field, *_: Any) -> Reader:
    least = 0 if field.least is None else field.least

    def read(value: Any) -> Any:
        number = _decimal(value)
        if number is None:
            return None if _is_blank(value) else Wrong("请填写金额，单位元，如 350.00。")
        if problem := _bounded(field, number, least):
            return Wrong(f"金额{problem}")
        cents = round(number, 2)
        slack = Decimal("0.0001") if type(value) is float else 0
        return f"{cents:.2f}" if abs(cents - number) <= slack else Wrong("金额最多两位小数。")

    return read


def _number(field: Field, *_: Any) -> Reader:
    def read(value: Any) -> Any:
        number = _decimal(value)
        if number is None:
            return None if _is_blank(value) else Wrong("请填写数字。")
        problem = _bounded(field, number, field.least)
        return Wrong(problem) if problem else f"{number.normalize() + 0:f}"

    return read


def _whole(field: Field, *_: Any) -> Reader:
    least = 0 if field.least is None else field.least

    def read(value: Any) -> Any:
        number = _decimal(value)
        if number is None:
            return None if _is_blank(value) else Wrong("请填写整数。")
        problem = _bounded(field, number, least) or ("请填写整数。" if number % 1 else "")
        return Wrong(problem) if problem else str(int(number))

    return read


# ── days ────────────────────────────────────────────────────────────────────────────────────────────────────────────
def _date(_: Field, __: Ground, is_1904: bool) -> Reader:
    def read(value: Any) -> Any:
        found = _day(value, is_1904)
        if found is None and _is_blank(value):
            return None
        if found is None:
            return Wrong("没有这一天，请核对。" if days.is_written(text_of(value)) else "不是日期，请按“2026-09-24”的样子填写。")
        return found.isoformat() if 1880 <= found.year <= 2100 else Wrong(f"日期是{found.year}年，请核对。")

    return read


def _day(value: Any, is_1904: bool) -> date | None:
    if isinstance(value, date):
        return value.date() if isinstance(value, datetime) else value
    return None if type(value) is bool else days.day_of(text_of(value), is_1904=is_1904)


def _month(_: Field, __: Ground, is_1904: bool) -> Reader:
    def read(value: Any) -> Any:
        if type(value) is float and not value.is_integer():
            return Wrong("月份存成了小数，10月和1月分不清。请把这一列设为文本，按“2026-09”的样子填写。")
        day = _day(value, is_1904)
        if day is None and (found := _MONTH.fullmatch(tidy(text_of(value)))) and 1 <= int(found[2] or found[3]) <= 12:
            day = date(int(found[1]), int(found[2] or found[3]), 1)
        if day is None:
            return None if _is_blank(value) else Wrong("不是月份，请按“2026-09”的样子填写。")
        return f"{day:%Y-%m}" if 1880 <= day.year <= 2100 else Wrong(f"月份是{day.year}年，请核对。")

    return read


_READERS: dict[Type, Callable[[Field, Ground, bool], Reader]] = {
    Type.TEXT: _text,
    Type.NAME: _name,
    Type.ID_NUMBER: _id_number,
    Type.PHONE: _phone,
    Type.BANK_ACCOUNT: _bank_account,
    Type.NUMBER: _number,
    Type.MONEY: _money,
    Type.WHOLE: _whole,
    Type.DATE: _date,
    Type.MONTH: _month,
    Type.CODE: _code,
    Type.YES_NO: _yes_no,
    Type.TOWNSHIP: _township,
    Type.VILLAGE: _village,
}
