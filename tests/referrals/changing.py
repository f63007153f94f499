"""Changes and stops for tests: aid in force of a family of the home township, opened by its window, walked to a place by the verbs."""

from datetime import date
from decimal import Decimal
from typing import Any

from config import clock
from households.models import AssistanceRecord, Resident
from programs.models import Stage
from referrals import transitions
from referrals.models import Referral
from tests import cast
from tests.households import factories as households
from tests.referrals.acting import fresh
from tests.referrals.factories import approver_of, handler_of

SINCE, NEXT = date(2026, 5, 1), date(2026, 10, 1)
SAID: dict[str, dict[str, Any]] = {
    "stop": {"reason_code": "income", "reason": "定期核查后人均收入高于低保标准。"},
    "adjust": {"reason_code": "members", "reason": "家庭少一人。", "amount": Decimal(400)},
    "hold": {"reason_code": "uncooperative", "reason": "联系不上，无法核查。"},
    "resume": {"reason_code": "regained", "reason": "已配合核查。"},
    "fade": {"reason_code": "work", "reason": "儿子到县城务工，收入高于标准。", "months": 3},
    "recover": {"reason_code": "untrue", "reason": "隐瞒务工收入。", "amount": Decimal(1200)},
}


def aid(program: str = "MZ01", **changed: Any) -> AssistanceRecord:
    """In force since May."""
    household = changed.pop("household", None) or households.HouseholdFactory()
    return households.assistance(household, program, **{"since": SINCE, **changed})


def ward_aid(program: str = "MZ07", **changed: Any) -> AssistanceRecord:
    """Of one person."""
    person: Resident = changed.pop("resident", None) or households.head_of(households.HouseholdFactory())
    return households.assistance(person, program, **{"since": SINCE, **changed})


def opened(kind: str = "stop", record: AssistanceRecord | None = None, **changed: Any) -> Referral:
    record = record or aid()
    given = {"from_month": NEXT, "by": cast.member("clerk"), **SAID.get(kind, {}), **changed}
    return fresh(transitions.open_change(record_id=record.pk, kind=kind, **given))


def decided(referral: Referral, *, until: str = "confirmed", outcome: str = "approved", **said: Any) -> Referral:
    """Walk it, stage by stage, to `proposed` (at the deciding stage), `decided`, `fed_back` or `confirmed`. No publicity on the way."""
    while (row := fresh(referral)).status == "dispatched":
        handler, approver = handler_of(row.unit), approver_of(row.unit)
        transitions.take(referral_id=row.pk, by=handler)
        transitions.propose(referral_id=row.pk, proposal="情况属实，建议办理。", outcome=outcome, by=handler)
        if row.stage.act != Stage.Act.DECIDE:
            transitions.forward(referral_id=row.pk, by=approver)
            continue
        if until == "proposed":
            return fresh(row)
        if outcome == "refused":
            said = {"refusal_code": "unfounded", "refusal_reason": "复核后收入没有超过标准。", **said}
        transitions.decide(referral_id=row.pk, outcome=outcome, by=approver, **said)
    if until in {"fed_back", "confirmed"}:
        transitions.feed_back(referral_id=row.pk, text="决定已作出，请告知本人。", by=handler_of(row.unit))
    if until == "confirmed":
        transitions.confirm(referral_id=row.pk, told_how="delivered", by=handler_of(row.window))
    return fresh(row)


def today() -> date:
    return clock.today()
