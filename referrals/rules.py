"""Arithmetic and choices of a referral on plain values: no database, no clock; dates come in."""

from datetime import date, timedelta
from decimal import Decimal

from config.dates import add_months
from programs.rules import cadence as cadence  # a roll of the department's says it too

ONE_DAY = timedelta(days=1)
CASH = "cash"
WITHOUT_BENEFIT = frozenset({"identity", "registration"})


def starts_on(pay_start: str, *, decided_on: date, applied_on: date) -> date:
    """The day from which aid counts: the next month, the month of approval, the month of application, or the day itself (C-08, C-42)."""
    match pay_start:
        case "next_month":
            return add_months(decided_on.replace(day=1), 1)
        case "month_of_approval":
            return decided_on.replace(day=1)
        case "month_of_application":
            return applied_on.replace(day=1)
    return decided_on


def earliest_start(applied_on: date) -> date:
    """No rule lets aid begin before the month in which it was asked for (C-42)."""
    return applied_on.replace(day=1)


def exceeds(amount: Decimal | None, line: Decimal | None) -> bool:
    """Above a ceiling or cap; “以内” includes the figure itself (民法典 1259)."""
    return amount is not None and line is not None and amount > line


def lacking(*, kind: str, form_of_aid: str, amount: Decimal | None, in_kind: str) -> str:
    """What an approval still has to say: cash its amount, everything else its words, identities and registrations neither.

    Where the form of aid is cash or goods (现金/实物), either will do.
    """
    if kind in WITHOUT_BENEFIT:
        return ""
    if kind != CASH:
        return "" if in_kind else "批准须写明实物、服务或减免的内容。"
    if amount is not None and amount > 0:
        return ""
    if "/" in form_of_aid:
        return "" if in_kind else "批准须填写大于0的金额；给予实物或服务的，写明内容。"
    return "批准须填写大于0的金额。"


def ends_on(*, since: date, cadence: str, valid_months: int | None) -> date | None:
    """The last day of a record: a single grant is over on its day; a result with a term ends on the eve of the same day months later."""
    if cadence == "once":
        return since
    return add_months(since, valid_months) - ONE_DAY if valid_months else None


def causes(text: str) -> list[str]:
    """The causes a version names for a longer limit, one by one: “公示有异议、人户分离” (C-01). Several: the request names one of them."""
    return [cause for cause in text.split("、") if cause]


def stage_limit(limit: int, *, of: str, more: int, whole: str) -> int | None:
    """A stage's limit with the days by which the whole grew; None where the stage counts otherwise (a publicity's calendar days)."""
    return limit + more if of == whole else None


_HOW_OFTEN = {"monthly": "每月", "yearly": "每年", "once": "一次性", "standing": ""}


def amount_in_words(amount: Decimal | None, in_kind: str, cadence: str) -> str:
    """每月1200元；一次性3000元、棉被两床: as the notice says it. Empty for an identity or registration."""
    money = f"{_HOW_OFTEN[cadence]}{amount.normalize():f}元" if amount is not None else ""
    return "、".join(part for part in (money, in_kind) if part)
