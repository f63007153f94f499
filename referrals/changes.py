"""What a change or stop of aid asks for and came to, in the office's words: for pages, notices and papers (DESIGN 5)."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from config.dates import add_months
from config.templatetags.frame import money
from households.models import AssistanceRecord
from households.payments.corrected import told_before_recovery

from .models import Change, Referral
from .rules import ONE_DAY, amount_in_words

Kind = Change.Kind
Term = tuple[str, Any]
# An amount is decided with these; what a stop, a hold or a resumption pays follows from the record.
WITH_AMOUNT = frozenset({Kind.ADJUST.value, Kind.RECOVER.value, Kind.FADE.value})
# Aid of which a change is asked for and not decided, for the rooms below (`households.open_cases`).
UNDER_WAY = "SELECT record_id FROM {} WHERE status IN ({})".format(  # noqa: S608 - names of ours
    Referral._meta.db_table, ", ".join(f"'{status.value}'" for status in sorted(Referral.UNDECIDED))
)


def change_terms(referral: Referral, *, shown: Callable[[str], str]) -> list[Term]:
    """What the unit reads of it. `shown`: a name as this post may see it."""
    change = referral.change
    leaver = shown(str(change.leaver.name)) if change.leaver else ""
    terms: list[Term] = [
        ("现在享受", standing_text(referral.record)),
        ("拟作变更", asked_text(change)),
        ("不再享受的人", leaver),
        ("以前的更正", corrected_before(referral) if referral.status in Referral.UNDECIDED else ""),
        ("事由", change.get_reason_code_display()),
        ("具体情况", change.reason),
        ("来由", change.get_origin_display()),
    ]
    return [(term, text) for term, text in terms if text]


def corrected_before(referral: Referral) -> str:
    """Of a recovery, what lists have corrected by themselves: the same money would be claimed twice."""
    record = referral.record if referral.change.kind == Kind.RECOVER else None
    return told_before_recovery(record) if record else ""


def standing_text(record: AssistanceRecord | None) -> str:
    """每月600元，自2026-05-01起; what is given once has one day: 一次性500元，2026-11-13给予."""
    if record is None:
        return ""
    if record.cadence == AssistanceRecord.Cadence.ONCE:
        return f"{amount_in_words(record.amount, record.in_kind, record.cadence)}，{record.since:%Y-%m-%d}给予"
    until = f"，到{record.until:%Y-%m-%d}止" if record.until else ""
    return f"{amount_in_words(record.amount, record.in_kind, record.cadence)}，自{record.since:%Y-%m-%d}起{until}"


def asked_text(change: Change) -> str:
    return effect_text(change.kind, since=change.from_month, amount=change.amount, months=change.months)


def decided_text(referral: Referral) -> str:
    """What the decision came to: 自2026年10月起停止."""
    change = referral.change
    if referral.outcome == Referral.Outcome.REFUSED:
        return "不作变更，维持原救助"
    return effect_text(change.kind, since=referral.start_on or change.from_month, amount=referral.amount, months=change.months)


def effect_text(kind: str, *, since: date, amount: Decimal | None, months: int | None) -> str:
    """One sentence for each kind, whole months."""
    begin, much = f"自{since.year}年{since.month}月起", money(amount)
    match kind:
        case Kind.ADJUST:
            return f"{begin}调整为{much}" if much else f"{begin}调整"
        case Kind.FADE:
            last = add_months(since, months or 0) - ONE_DAY
            return f"{begin}渐退{months}个月{f'，每月{much}' if much else ''}，{last.year}年{last.month}月后停止"
        case Kind.RECOVER:
            return f"追回多发的救助{much}"
        case Kind.HOLD:
            return f"{begin}暂缓发放"
        case Kind.RESUME:
            return f"{begin}恢复发放"
    return f"{begin}停止"
