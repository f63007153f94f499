"""The papers of a decision: 批准（确认）通知书 and 不予批准告知书, handed out with the decision (C-07, C-58)."""

from typing import Any

from config import clock
from documents import papers
from documents.models import IssuedDocument
from documents.transitions import issue as issue_paper
from organization.figures import figure_or
from organization.models import Post

from . import rules
from .changes import decided_text, standing_text
from .models import Referral

BASIS = 3  # lines of the version's legal basis that fit on the paper


def issue(referral: Referral, by: Post) -> IssuedDocument:
    """In the transaction of the decision: what the paper says is what was decided."""
    if not referral.is_grant:
        said: papers.Paper = _change(referral)
    else:
        said = _approval(referral) if referral.outcome == Referral.Outcome.APPROVED else _refusal(referral)
    return issue_paper(
        kind=said.kind, subject=referral, data=said, household_id=referral.case_household_id, application_id=referral.application_id, by=by
    )


def _common(referral: Referral) -> dict[str, Any]:
    application, unit = referral.application, referral.unit
    person = referral.applicant
    return {
        "addressee": person.name if person else "",
        "id_masked": str(person.id_number) if person else "",
        "application_number": application.number if application else referral.number,
        "issued_on": clock.today(),
        "office": unit.name,
        "office_phone": unit.phone,
        "office_address": unit.address,
        "first_responder": application.first_responder.staff.name if application else "",
        "complaint_phone": figure_or("complaint_phone", ""),
        "program": str(referral.program),
        "decided_on": clock.local(referral.decided_at).date() if referral.decided_at else clock.today(),
        "decider": unit.name,
        "beneficiary": _beneficiary(referral),
        "basis": "；".join(line.strip("。； ") for line in referral.version.legal_basis.splitlines()[:BASIS]),
        "remedies": referral.remedies or referral.version.remedies,
    }


def _beneficiary(referral: Referral) -> str:
    if referral.resident:
        return f"{referral.resident.name}{'（单人户）' if referral.is_for_one_alone else ''}"
    return f"{referral.applicant.name if referral.applicant else ''}家庭"


def _approval(referral: Referral) -> papers.DecisionNotice:
    from .transitions.effects import covered

    version, since = referral.version, referral.start_on
    cadence = rules.cadence(mode=version.benefit_mode, kind=referral.program.kind)
    has_benefit = referral.program.kind not in rules.WITHOUT_BENEFIT
    until = rules.ends_on(since=since, cadence=cadence, valid_months=version.result_valid_months) if since else None
    return papers.DecisionNotice(
        decision_word=version.get_decision_word_display(),
        covered=[person.name for person in covered(referral)] if has_benefit else [],
        amount=rules.amount_in_words(referral.amount, referral.in_kind, cadence),
        starts=f"自{since.year}年{since.month}月{since.day}日起" if since and cadence != "once" else "",
        ends=f"至{until.year}年{until.month}月{until.day}日" if until and cadence != "once" else "",
        obligations=["家庭人口、收入、财产发生变化的，请及时告诉窗口。"] if cadence in {"monthly", "yearly"} else [],
        **_common(referral),
    )


def _change(referral: Referral) -> papers.ChangeNotice:
    """变更、停止决定书: what changes from which month, why, by what rule, and what can be done against it."""
    change = referral.change
    is_made = referral.outcome == Referral.Outcome.APPROVED
    common = _common(referral) | {"remedies": referral.version.remedies}
    return papers.ChangeNotice(
        standing=standing_text(referral.record),
        decision=decided_text(referral),
        reason=change.get_reason_code_display() if is_made else referral.get_refusal_code_display(),
        explanation=change.reason if is_made else referral.refusal_reason,
        **common,
    )


def _refusal(referral: Referral) -> papers.RefusalNotice:
    return papers.RefusalNotice(
        refusal_word=referral.version.refusal_word,
        reason=referral.get_refusal_code_display(),
        explanation=referral.refusal_reason,
        **_common(referral),
    )
