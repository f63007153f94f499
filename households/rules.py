"""What a tag, a record or an approval proves, and how a fact's value is written: pure functions on values (ZX-30, TZ-20, DESIGN 3)."""

import re
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from config.dates import age_on
from programs.rules import PROVEN_BY_RECORD as PROVEN_BY_RECORD  # the check of a rule knows it too

# Identity in force -> key of the fact that it proves (fixtures/facts.csv).
PROVEN_BY_TAG = {
    "subsistence": "dibao",
    "extreme_poverty": "tekun",
    "border": "dibao_margin",
    "rigid_expenditure": "rigid_expenditure",
    "low_income": "low_income",
    "civil_affairs_file": "civil_affairs_file",
    "orphan": "orphan",
    "unattended_child": "unsupported_child",
    "child_in_difficulty": "child_in_difficulty",
    "poverty_exited": "poverty_exited",
    "unstable_exit": "watch_household",
    "edge_of_poverty": "watch_household",
    "sudden_hardship": "watch_household",
    "severe_disability": "disability_card",  # held by whoever has a card of the first or second grade; of which, it does not say
    "nobody_employed": "nobody_employed",
    "hardship_worker": "hardship_worker",
}
# Aid that proves nothing of whom this other fact is known: of MZ09 live orphans, and children in fact without care (C-40, C-41). Known by
# an identity in force, or by a valid record that was more than declared: a roll of the aid does not say for which of the two it is paid.
NOT_PROVEN_BESIDE = {"MZ09": "unsupported_child"}
# Identities that are held because the aid is, and end with it (低保证 with 低保).
TAGS_OF_RECORD = {
    "MZ01": ("subsistence",),
    "MZ07": ("extreme_poverty",),
    "MZ09": ("orphan", "unattended_child"),
}
# Of those, what an approval of that track vouches for beside the aid: the aid alone would prove the other (NOT_PROVEN_BESIDE).
TAG_OF_TRACK = {("MZ09", "unsupported_child"): "unattended_child"}
# What an approval writes that is no benefit (RULES F8): an identity, or a fact with its value.
TAG_OF_PROGRAM = {
    "MZ05": "civil_affairs_file",
    "XC02": "unstable_exit",
    "XC03": "edge_of_poverty",
    "XC04": "sudden_hardship",
    "SF02": "released_adrift",
    "SF03": "correction_adrift",
}
# Of programs that give an identity, the fact that this identity alone proves: who has one has the other.
OWN_FACT = {
    code: PROVEN_BY_TAG[tag] for code, tag in TAG_OF_PROGRAM.items() if list(PROVEN_BY_TAG.values()).count(PROVEN_BY_TAG.get(tag, "")) == 1
}
FACT_OF_PROGRAM: dict[str, tuple[str, Any]] = {
    "CL01": ("disability_card", True),
    "RS06": ("employment_state", "unemployed"),
    "RS07": ("employment_state", "employed"),
}
# What was found of all members of a family together: sums over them, sums by head, and what was concluded from these. Of whoever is to
# be looked at anew when some of them leave for another family (`family`); what is of the dwelling, or befell the family, stays.
FAMILY_MEANS = frozenset({
    "income_per_head", "income_12_months", "net_income_per_head", "rigid_spending_12_months", "assets_within_limits",
    "household_hardship", "fall_back_risk",
})  # fmt: skip
TEXT_LENGTH = 80
_MONEY = re.compile(r"\d{1,10}(\.\d{1,2})?")


class WrongValue(ValueError):
    """`str(error)` says in Chinese what the value should be."""


def fact_value(value_type: str, value: Any, codes: list[dict[str, str]]) -> Any:
    """The value as `Fact.value` keeps it: true or false, a number or money as text, a date as ISO text, a code, a short text.

    Raises:
        WrongValue: it is of another type.
    """
    if value_type == "yes_no":
        if not isinstance(value, bool):
            raise WrongValue("请选择“是”或“否”。")
        return value
    text = value.isoformat() if isinstance(value, date) else str(value).strip() if value is not None else ""
    if not text:
        raise WrongValue("请填写内容。")
    return _OF_TEXT[value_type](text, codes)


def _number(text: str, _: list[dict[str, str]]) -> str:
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or abs(number) >= Decimal(10) ** 10:
        raise WrongValue("请填写数字。")
    return f"{number.normalize():f}"


def _money(text: str, _: list[dict[str, str]]) -> str:
    if not _MONEY.fullmatch(text):
        raise WrongValue("请填写金额，单位元，最多两位小数。")
    return f"{Decimal(text):.2f}"


def _date(text: str, _: list[dict[str, str]]) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise WrongValue("请填写日期，如 2026-09-24。") from None


def _code(text: str, codes: list[dict[str, str]]) -> str:
    if text not in {row["code"] for row in codes}:
        raise WrongValue("请从列出的选项中选择。")
    return text


def _text(text: str, _: list[dict[str, str]]) -> str:
    if len(text) > TEXT_LENGTH:
        raise WrongValue(f"最多{TEXT_LENGTH}个字，其余写在详细说明里。")
    return text


_OF_TEXT = {"number": _number, "money": _money, "date": _date, "code": _code, "text": _text}


def value_text(value_type: str, value: Any, codes: list[dict[str, str]], measure: str = "") -> str:
    """A fact's value as people read it."""
    if value_type == "yes_no":
        return "是" if value else "否"
    if value_type == "code":
        return next((row["label"] for row in codes if row["code"] == value), str(value))
    return f"{value}元" if value_type == "money" else f"{value}{measure}"


def affirms(value: Any) -> bool:
    """Whether a fact speaks for what it is about: all but a plain no."""
    return value is not False


def is_of_age(birth_on: date | None, on: date, full_age: int) -> bool:
    """Of full age (民法典17). Without a birth date nobody is taken for a child."""
    return birth_on is None or age_on(birth_on, on) >= full_age
