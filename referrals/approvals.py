"""批量批准: what may be approved together with others, and each of them approved as proposed, by the verb of the single decision.

Only programs that are not verified at all (`Track.verification` none): there the proposal rests on papers, and the approver's second look
is the list itself. Only approvals: nobody is refused in bulk (SECURITY #12). Four eyes and every demand of the version hold for each.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from config.protection.masks import mask_name
from config.verbs import TransitionError, lock
from organization.models import Post
from programs.models import Stage, Track

from . import bulk, conditions, lines, rules, transitions
from .models import Referral, ReferralStage
from .permissions import can_decide
from .steps import acting, begins
from .transitions.edges import standing

OPINION = "同意（批量批准）。"
_JOINED = ("stage", "version", "window", "application__applicant", "resident", "case_household", "handler__staff")


@dataclass(frozen=True, slots=True)
class Line:
    """One ticked referral: what would be given, or why it is left for a page of its own."""

    referral: Referral
    stay: ReferralStage | None
    name: str
    needs_words: bool
    why_not: str

    @property
    def amount(self) -> Decimal | None:
        return self.stay.proposed_amount if self.stay else None

    @property
    def state(self) -> str:
        return state(self.stay)


def listed(ids: Sequence[UUID], posts: Sequence[Post]) -> list[Line]:
    """The ticked ones that exist for these posts, in their order.

    Raises:
        TransitionError: more than are done at once.
    """
    bulk.refuse_too_many(ids)
    units = {post.unit_id for post in posts}
    found = []
    for pk in dict.fromkeys(ids):
        referral = bulk.seen(pk, posts, *_JOINED)
        if referral is None:
            continue
        stay, person = _stay(referral), referral.applicant
        name = person.name if person else ""
        shown = name if referral.unit_id in units else mask_name(name)
        found.append(Line(referral, stay, shown, needs_words(referral), why_not(referral, stay, acting(posts, referral, can_decide))))
    return found


def needs_words(referral: Referral) -> bool:
    """Goods, services and reductions are approved in words; a proposal has none."""
    program = referral.program
    return program.kind not in rules.WITHOUT_BENEFIT and program.kind != rules.CASH


def why_not(referral: Referral, stay: ReferralStage | None, by: Post | None) -> str:
    """Why it cannot be approved together with others; empty where it can."""
    if by is None:
        return "您的岗位不能审定这一件。"
    if not begins(referral, "decide"):
        return f"{standing(referral)}，不在审定环节。"
    if not referral.is_grant:
        return "变更和停止请逐件审定。"
    if referral.track.verification != Track.Verification.NONE:
        return "这个项目须核查家庭情况，请逐件审定。"
    if stay is None or referral.stage.act != Stage.Act.DECIDE:
        return f"“{referral.stage.name}”环节不作决定，请逐件办理。"
    try:
        conditions.refuse_decision(referral, stay, by)
    except TransitionError as refusal:
        return str(refusal)
    if stay.proposed_outcome != Referral.Outcome.APPROVED:
        return "拟办意见不是“建议批准”，请逐件审定；不予批准须逐件写明理由。"
    return _amount_refused(referral, stay)


def _amount_refused(referral: Referral, stay: ReferralStage) -> str:
    program, amount = referral.program, stay.proposed_amount
    words = "-" if needs_words(referral) else ""
    if rules.lacking(kind=program.kind, form_of_aid=program.form_of_aid, amount=amount, in_kind=words):
        return "拟办意见没有写金额，请逐件审定。"
    if rules.exceeds(amount, lines.ceiling_of(referral)) or rules.exceeds(amount, lines.cap_of(referral)):
        return "拟办金额超过审批限额或封顶线，请逐件审定并写明理由。"
    return ""


def state(stay: ReferralStage | None) -> str:
    """What the list showed of a proposal; it travels with the form."""
    return f"{stay.pk}~{stay.proposed_at.timestamp():.6f}" if stay and stay.proposed_at else ""


def approve(referral: Referral, *, shown: str, in_kind: str, by: Post) -> Referral:
    """Approve one of them as proposed, and as the list showed it. Asked under its lock: nobody proposes otherwise in between.

    Raises:
        TransitionError: it has changed since, or what `why_not` says.
    """
    lock(referral)
    referral = Referral.objects.select_related(*_JOINED, "unit", "track", "program").get(pk=referral.pk)
    stay = _stay(referral)
    if refusal := why_not(referral, stay, by):
        raise TransitionError(refusal)
    if stay is None or shown != state(stay):
        raise TransitionError("核对以后拟办意见又有改动，请重新核对后再批准。")
    words = in_kind if needs_words(referral) else ""
    return transitions.decide(
        referral_id=referral.pk, outcome=Referral.Outcome.APPROVED, amount=stay.proposed_amount, in_kind=words, opinion=OPINION, by=by
    )


def _stay(referral: Referral) -> ReferralStage | None:
    row: ReferralStage | None = ReferralStage.objects.current().select_related("unit", "stage").filter(referral=referral).first()
    return row
