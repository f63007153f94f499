"""What holds for disputes besides the edges: who may still answer so, whom a ruling concerns, and what was ruled before (ZX-34)."""

from django.db.models import Prefetch, prefetch_related_objects

from config import clock
from config.verbs import TransitionError
from deadlines.models import Duty
from deadlines.rules import due_on
from organization.desks import still
from organization.figures import figure
from organization.kinds import COUNTY_WIDE
from organization.lineage import desks
from organization.models import Post, Unit

from .models import Dispute, Referral, ReferralStage, Ruling
from .transitions import clocks

BUREAU = "MZ"  # 县民政局, to which the platform belongs: it does not rule alone in its own matter


def refuse_dispute(referral: Referral, row: ReferralStage) -> None:
    """Raise for every reason why this unit may not answer 非本单位职责 (any more).

    Raises:
        TransitionError: the first of them.
    """
    if sentence := why_not(referral, row):
        raise TransitionError(sentence)


def why_not(referral: Referral, row: ReferralStage) -> str:
    """Why this unit may not answer 非本单位职责; "" when it may."""
    if row.unit_id == referral.window_id:
        return "本环节就在受理窗口，不能提出“非本单位职责”。"
    own = [claim for claim in claims(referral) if claim.unit_id == row.unit_id]
    ruling = next((claim.ruled for claim in reversed(claims(referral)) if claim.ruled and claim.ruled.in_force_at), None)
    if ruling is not None and still(ruling.named_unit, clock.today()).pk == row.unit_id and figure("ruling_is_final"):
        return f"裁定{ruling.number}已确定由本单位承办，不能再次推辞，请按时限办理。"
    most = int(figure("dispute_answers_max"))
    if len(own) >= most:
        return f"本单位已对这个转办单提出过“非本单位职责”（最多{most}次），请按职责办理，有意见的与受理窗口联系。"
    return _too_late(referral, row)


def _too_late(referral: Referral, row: ReferralStage) -> str:
    """Within its limit for signing for, counted from arrival (SECURITY, Dispute)."""
    arrivals = Duty.objects.about(referral, clocks.RECEIVE).filter(unit=row.unit_id, opened_at__gte=row.arrived_at)
    duty = arrivals.order_by("opened_at").first()
    if duty is None or duty.due_at is None or clock.now() <= duty.due_at:
        return ""
    return f"“非本单位职责”须在签收时限内提出，时限已于{due_on(duty.due_at):%Y-%m-%d}届满，请按职责办理，有意见的与受理窗口联系。"


def needs_countersign(dispute: Dispute, *named: Unit) -> bool:
    """县民政局 is a party: it said so, was proposed, or is named, now or by the ruling that is replaced (SECURITY, Dispute)."""
    parties = (dispute.unit, dispute.proposed_unit, *named)
    return any(unit.kind == Unit.Kind.DEPARTMENT and unit.department and unit.department.code == BUREAU for unit in parties)


def precedents(referral: Referral, most: int = 5) -> list[Ruling]:
    """What was ruled upon the same program before, the newest first: units, words and basis, no person."""
    rows = Ruling.objects.in_force().filter(dispute__referral__program=referral.program_id).exclude(dispute__referral=referral)
    return list(rows.select_related("named_unit", "dispute__unit", "dispute__proposed_unit").order_by("-in_force_at")[:most])


def claims(referral: Referral) -> list[Dispute]:
    """Everything that units have said about whose it is, with what became of it, the first one first. Read once for a page."""
    parties = ("unit", "proposed_unit", "sent_to", "stage")
    people = ("raised_by__staff", "pushed_by__staff", "answered_by__staff")
    rulings = Prefetch("rulings", queryset=Ruling.objects.select_related("named_unit"))
    rows = Dispute.objects.select_related(*parties, *people).prefetch_related(rulings)
    prefetch_related_objects([referral], Prefetch("disputes", queryset=rows))
    return list(referral.disputes.all())


def is_told(ruling: Ruling, post: Post) -> bool:
    """Of a sensitive program, which it is, and whose it may be, the parties, the window, the platform and the convener alone (DESIGN 2)."""
    claim, program = ruling.dispute, ruling.dispute.referral.program
    on_its_way = {claim.unit_id, claim.proposed_unit_id, ruling.named_unit_id, claim.referral.window_id}
    is_near = not on_its_way.isdisjoint(desks(post)) or post.unit.kind in COUNTY_WIDE | {Unit.Kind.CONVENER}
    return is_near or not program.is_sensitive


def program_named(ruling: Ruling, post: Post) -> str:
    return str(ruling.dispute.referral.program) if is_told(ruling, post) else "敏感项目"
