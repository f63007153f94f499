"""A line of the 办理结果反馈表: what it says, and everything that is wrong with it at once, with what to do about it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from config import clock
from config.verbs import TransitionError
from config.words import without_numbers

from .. import conditions, rules
from ..models import Referral

APPROVED, REFUSED = Referral.Outcome.APPROVED.value, Referral.Outcome.REFUSED.value
# What the sheet cannot decide now: nobody mends it in a cell.
WAY = "请在“转办事项”打开这件转办单办理；反馈表中删除这一行，或把决定留空。"
Problem = tuple[str, str]  # the column, and the sentence


@dataclass(frozen=True, slots=True)
class Said:
    """What a line says, typed."""

    number: str
    decision: str
    amount: Decimal | None
    in_kind: str
    start_on: date | None
    refusal_code: str
    reason: str
    decided_on: date | None
    document_number: str

    @classmethod
    def of(cls, cells: dict[str, Any]) -> "Said":
        amount = cells.get("amount")
        return cls(
            _text(cells, "referral_number"), _text(cells, "decision"), Decimal(str(amount)) if amount not in (None, "") else None,
            _text(cells, "in_kind"), _day(cells, "start_on"), _text(cells, "refusal_code"), _text(cells, "reason"),
            _day(cells, "decided_on"), _text(cells, "document_number"),
        )  # fmt: skip

    @property
    def origin(self) -> str:
        """Where it was decided, for the opinion and the window: 本单位2026年9月20日决定，文号忠残〔2026〕3号."""
        parts = [f"本单位{self.decided_on.year}年{self.decided_on.month}月{self.decided_on.day}日决定" if self.decided_on else ""]
        parts.append(f"文号{self.document_number}" if self.document_number else "")
        return "，".join(part for part in parts if part)


def _text(cells: dict[str, Any], key: str) -> str:
    return str(cells.get(key) or "").strip()


def _day(cells: dict[str, Any], key: str) -> date | None:
    value = cells.get(key)
    return date.fromisoformat(str(value)) if value else None


def wrong_cells(referral: Referral, said: Said) -> list[Problem]:
    """What can be mended in the line itself, as the verbs would say it one after another. Decided already, it may say nothing else."""
    found: list[Problem] = []
    if said.decided_on and said.decided_on > clock.today():
        found.append(("decided_on", "决定日期不能晚于今天。"))
    if referral.status == Referral.Status.DECIDED:
        return [*found, *(_beside_the_decision(referral, said) if said.decision == referral.outcome else ())]
    for key in ("in_kind", "reason", "document_number"):
        try:
            without_numbers(getattr(said, key))
        except TransitionError as refused:
            found.append((key, str(refused)))
    if referral.is_grant:
        found += _of_approval(referral, said) if said.decision == APPROVED else _of_refusal(referral, said)
    return found


def _beside_the_decision(referral: Referral, said: Said) -> Iterator[Problem]:
    """The window is told what was decided: a cell that says otherwise would be dropped, and nobody would hear of it."""
    amount, code = referral.amount, referral.refusal_code
    stands = {
        "amount": (amount, "金额", f"{amount.normalize():f}元" if amount is not None else ""),
        "in_kind": (referral.in_kind.strip(), "实物或服务内容", f"“{referral.in_kind.strip()}”"),
        "start_on": (referral.start_on, "起始日期", f"自{referral.start_on}起"),
        "refusal_code": (code, "不予批准情形", f"“{referral.get_refusal_code_display()}”"),
    }
    for key, (decided, label, words) in stands.items():
        written = getattr(said, key)
        if written in (None, "", decided):
            continue
        if decided in (None, ""):
            yield key, f"平台上已作出的决定没有{label}，与表中不同，不能更改。请把这一格留空。"
        else:
            yield key, f"平台上已作出的决定是{words}，与表中不同，不能更改。请改成一致或留空。"


def _of_approval(referral: Referral, said: Said) -> Iterator[Problem]:
    program = referral.program
    lacking = rules.lacking(kind=program.kind, form_of_aid=program.form_of_aid, amount=said.amount, in_kind=said.in_kind)
    if lacking:
        yield "amount" if program.kind == rules.CASH else "in_kind", lacking
    if said.amount is not None and said.amount <= 0 and not (lacking and program.kind == rules.CASH):
        yield "amount", "金额必须大于0。"
    if said.start_on and (early := conditions.starts_too_early(referral, said.start_on)):
        yield "start_on", early
    if above := conditions.cap_reason_missing(referral, said.amount, said.reason):
        yield "reason", above


def _of_refusal(referral: Referral, said: Said) -> Iterator[Problem]:
    if missing := conditions.refusal_code_missing(referral, said.refusal_code):
        yield "refusal_code", missing
    if not said.reason:
        yield "reason", conditions.REASON_OF_REFUSAL


def demands(referral: Referral) -> list[str]:
    """What has to happen before anybody decides it: not in the sheet."""
    publicity = conditions.publicity_missing(referral) if conditions.publicises(referral) else ""
    found = (conditions.verification_missing(referral), publicity, conditions.kin_missing(referral))
    return [sentence for sentence in found if sentence]


def put_right(said: Said, cells: list[Problem]) -> Said:
    """The line as if its wrong cells had been mended, so that what else the verbs refuse is told with them."""
    mended: dict[str, Any] = {
        "decided_on": None, "in_kind": "—", "document_number": "", "reason": "—", "amount": Decimal(1), "start_on": None,
        "refusal_code": Referral.RefusalCode.CONDITION.value,
    }  # fmt: skip
    return replace(said, **{key: mended[key] for key, _ in cells})
