"""What an approver is told before and after deciding: in one sentence what follows, and what to look at twice."""

from config import clock
from config.templatetags.frame import money

from .changes import asked_text, corrected_before, decided_text
from .models import Change, Referral, ReferralStage


def sentence(referral: Referral, *, is_done: bool) -> str:
    """For a referral as the verb left it: person, program, amount and start; or where it goes above the ceiling."""
    what = f"{referral.applicant or ''}，{referral.program}"
    if referral.status == Referral.Status.DISPATCHED:
        tail = f"金额超过乡镇（街道）审批限额，{'已转' if is_done else '将转'}{referral.unit.name}审批。"
        return f"{what}：{tail}"
    if not referral.is_grant:
        said = decided_text(referral)
    elif referral.outcome == Referral.Outcome.REFUSED:
        said = f"不予批准（{referral.get_refusal_code_display()}）"
    else:
        given = money(referral.amount) or referral.in_kind
        since = f"自{referral.start_on:%Y-%m-%d}起" if referral.start_on else ""
        said = "，".join(part for part in ("批准", given, since, "超过封顶线，标记个案会商" if referral.is_above_cap else "") if part)
    return f"{what}：已{said}。" if is_done else f"{what}：{said}？"


def _doubts_of_change(referral: Referral, change: Change) -> list[str]:
    if referral.outcome != Referral.Outcome.APPROVED:
        return []
    found = []
    if referral.start_on and referral.start_on != change.from_month:
        found.append(f"提出的是{asked_text(change)}，决定的月份与此不同。")
    if corrected := corrected_before(referral):
        found.append(corrected)
    return found


def doubts(referral: Referral, stay: ReferralStage | None) -> list[str]:
    """What to look at twice before a decision that every rule lets pass: it cannot be taken back."""
    found = []
    proposed = stay if stay and stay.proposed_at else None
    if change := referral.asked_change:
        found += _doubts_of_change(referral, change)
    if proposed and proposed.proposed_outcome and referral.outcome and proposed.proposed_outcome != referral.outcome:
        found.append(f"拟办意见是“建议{Referral.Outcome(proposed.proposed_outcome).label}”，与这个决定不同。")
    if referral.amount is not None and referral.outcome != Referral.Outcome.REFUSED:
        asked = referral.amount_asked if referral.is_grant else None
        if proposed and proposed.proposed_amount is None:
            found.append("拟办意见没有写金额，请核对批准金额。")
        elif proposed and proposed.proposed_amount != referral.amount:
            found.append(f"拟办金额是{money(proposed.proposed_amount)}，与批准金额不同。")
        if asked is not None and referral.amount > asked:
            found.append(f"申请人申请的是{money(asked)}，批准金额比申请的多。")
    if referral.start_on and referral.start_on.year > clock.today().year + 1:
        found.append(f"起始日期在{referral.start_on.year}年，请核对年份。")
    return found
