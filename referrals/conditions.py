"""What must be true before a referral may go on or be decided: each answers with the sentence that refuses, and what to do (DESIGN 5).

Verification and publicity are demands of the track, the kin question of the version; four eyes hold everywhere (SECURITY #4, #2).
"""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal

from audit.models import Event
from config import clock
from config.verbs import TransitionError
from config.words import without_numbers
from households.knowledge import kin_is_cleared, kin_matches
from households.models import Resident
from organization.figures import figure
from organization.models import Post, Unit
from programs.models import Stage, Track
from verification.models import Verification
from verification.reading import verified_since

from . import lines, routing, rules
from .models import Publicity, Referral, ReferralStage
from .permissions import is_registering

PROPOSED = "referral.proposed"
REASON_OF_REFUSAL = "请写明不予批准的理由。"


def words(text: str, refusal: str, most: int, *, may_name_mobile: bool = False) -> str:
    """What somebody wrote, which may not be missing.

    Raises:
        TransitionError: it is, is longer than its place, or names an ID or mobile number.
    """
    text = text.strip()
    if not text:
        raise TransitionError(refusal)
    if len(text) > most:
        raise TransitionError(f"最多填写{most}个字，现有{len(text)}个字，请精简。")
    return without_numbers(text, may_name_mobile=may_name_mobile)


def refuse_forward(referral: Referral, row: ReferralStage, by: Post) -> None:
    """Everything that keeps a referral at its stage.

    Raises:
        TransitionError: the first of them.
    """
    if referral.stage.act == Stage.Act.PUBLICISE:
        _refuse(publicity_missing(referral))
    if not is_registering(referral.stage):
        _refuse(proposal_missing(row) or own_hand(referral, row, by))
        _refuse(verification_missing(referral))


def refuse_decision(referral: Referral, row: ReferralStage, by: Post, outcome: str = Referral.Outcome.APPROVED) -> None:
    """Everything that must have happened before somebody decides.

    Raises:
        TransitionError: the first that has not.
    """
    _refuse(proposal_missing(row) or own_hand(referral, row, by))
    publicity = publicity_missing(referral, outcome) if publicises(referral) else ""
    _refuse(verification_missing(referral) or publicity or kin_missing(referral))


def _refuse(sentence: str) -> None:
    if sentence:
        raise TransitionError(sentence)


def proposal_missing(row: ReferralStage) -> str:
    return "" if row.proposed_at else "还没有拟办意见，请先由承办人拟办，再审定。"


def own_hand(referral: Referral, row: ReferralStage, by: Post) -> str:
    """Four eyes: who accepted, who proposed here, and who is kin of the household rules on nothing (SECURITY #4, #2)."""
    if by.staff_id == referral.accepted_by_staff_id:
        return "这件申请由您受理，受理人不能审定，请由另一位审批人员办理。"
    if by.staff_id in proposers(row):
        return "拟办意见是您提出的，拟办人和审定人不能是同一人，请由另一位审批人员审定。"
    return recusal(referral, by.staff_id)


def recusal(referral: Referral, staff_id: int) -> str:
    """Who has declared a close relative in this household, or who is helped or applies from elsewhere, leaves it to a colleague. Urgent aid
    waits for nobody."""
    return "已登记与该家庭成员、申请人或救助对象为近亲属，应当回避，请由其他同事办理。" if staff_id in recused(referral) else ""


def recused(referral: Referral) -> set[int]:
    """By whom the case is about as well as by its household: a ward never belonged to it, and a beneficiary may have left it since."""
    if referral.track.is_urgent:
        return set()
    people = [Resident.objects.filter(pk=referral.resident_id)] if referral.resident_id else []
    if referral.application_id:
        people.append(Resident.objects.filter(applications=referral.application_id))
    return {kin.staff_id for kin in kin_matches(referral.case_household, *people)}


def proposers(row: ReferralStage) -> set[int]:
    """Everybody who has proposed during this stay: a proposal that a colleague rewrote remains one's own as well."""
    if row.proposed_by_staff_id is None:
        return set()
    lines = Event.objects.about(row.referral).filter(verb=PROPOSED, at__gte=row.arrived_at).order_by().values_list("by_id", flat=True)
    return {row.proposed_by_staff_id, *lines}


def verification_missing(referral: Referral) -> str:
    """`before`: the household's means were looked at since acceptance, or a former look was valid on its day (ZX-40 互认)."""
    if referral.track.verification != Track.Verification.BEFORE or walks_a_road_of_grants(referral):
        return ""
    if verified_since(referral.case_household_id, since=referral.accepted_at):
        return ""
    begun = Verification.objects.for_household(referral.case_household_id).unfinished().select_related("unit").first()
    where = f"核查{begun.number}由{begun.unit.short_name}承办，现为“{begun.get_status_display()}”" if begun else "还没有开始"
    return f"该家庭的经济状况核查没有完成（{where}）。请等核查完成后再审核。"


def walks_a_road_of_grants(referral: Referral) -> bool:
    """A change or stop on a track that grants as well: its reason and proof stand in it, and the demands of granting are not made again.
    A stop track of its own makes its own (特困, C-31)."""
    return not referral.is_grant and Track.Purpose.GRANT in referral.track.purposes


def publicises(referral: Referral) -> bool:
    """Whether the track puts up a notice before its present stage."""
    if walks_a_road_of_grants(referral):
        return False
    return Stage.objects.filter(track_id=referral.track_id, act=Stage.Act.PUBLICISE, order__lte=referral.stage.order).exists()


def publicity_missing(referral: Referral, outcome: str = Referral.Outcome.APPROVED) -> str:
    """The last notice has been up for its days and nobody objected with reason (C-05, C-25).

    What was reviewed again is put up again: at the stage itself only a notice counts that was put up `here_since` it came there. Where
    the notice comes first (特困 that is to end, C-31), whoever looks into a founded objection comes behind it: it goes on to them, who find
    that the aid stands, or send it back to be put up again.
    """
    notices = referral.publicities.order_by("posted_at", "pk")
    is_here = referral.stage.act == Stage.Act.PUBLICISE
    last = (notices.filter(posted_at__gte=here_since(referral)) if is_here else notices).last()
    if last is None:
        return "还没有登记公示，请先张贴公示并登记地点和日期。"
    if last.ended_at is None:
        return f"公示到{last.ends_on:%Y-%m-%d} 24时为止，结束后请登记公示结果，再送下一环节。"
    if last.objection_result != Publicity.ObjectionResult.FOUNDED:
        return ""
    if not _is_put_up_first(referral):
        return "公示异议成立，不能送下一环节。请用“退回上一环节”重新审核，审核后再次公示。"
    if is_here or outcome == Referral.Outcome.REFUSED:
        return ""
    return "公示异议成立：维持原救助的，拟办时请建议不作变更；仍要变更的，请用“退回上一环节”退到公示环节，再次公示后送来。"


def here_since(referral: Referral) -> datetime:
    """When it came to its present stage. Who took over a unit that has ended works on where that one stood: what it put up counts."""
    since = referral.arrived_at
    for stay in referral.walked.exclude(left_at=None).order_by("-arrived_at", "-pk"):
        if stay.result != ReferralStage.Result.SUCCEEDED or stay.stage_id != referral.stage_id:
            break
        since = stay.arrived_at
    return since


def _is_put_up_first(referral: Referral) -> bool:
    first = routing.walked(referral.track, referral.purpose).first()
    return first is not None and first.act == Stage.Act.PUBLICISE


def refusal_code_missing(referral: Referral, code: str) -> str:
    if code not in Referral.RefusalCode.values:
        return "请选择不予批准的情形。"
    if referral.is_grant and code == Referral.RefusalCode.UNFOUNDED:
        return "“变更事由不成立”只用于变更和停止，请选择别的情形。"
    return ""


def starts_too_early(referral: Referral, since: date) -> str:
    """No aid before the month in which it was asked for (C-42)."""
    earliest = rules.earliest_start(lines.applied_on(referral))
    return f"起始日期不能早于申请的当月（{earliest:%Y-%m-%d}）。" if since < earliest else ""


def cap_reason_missing(referral: Referral, amount: Decimal | None, reason: str) -> str:
    """As the row itself refuses it."""
    name = "approval_above_the_cap_has_its_reason"
    held = next(each for each in Referral._meta.constraints if each.name == name)
    return "" if reason or not rules.exceeds(amount, lines.cap_of(referral)) else str(held.violation_error_message)


def refuse_running_publicity(referral: Referral) -> None:
    """What is up stays up for its days; only a founded objection ends it before them.

    Raises:
        TransitionError: a notice is up.
    """
    running = referral.publicities.running().first()
    if running is not None:
        raise TransitionError(f"公示正在进行，到{running.ends_on} 24时为止。请先登记公示结果（异议成立的可以提前结束），再办理这一步。")


def kin_missing(referral: Referral) -> str:
    """低保 and the versions that say so wait for the answer to the kin question, and for its filing where it was yes (XX-16)."""
    if not referral.version.asks_about_kin or referral.track.is_urgent or not referral.is_grant:
        return ""
    return kin_is_cleared(referral.case_household)


def refuse_second_return(referral: Referral, unit: Unit) -> None:
    """Units may each return once (TZ-14, correction 14).

    Raises:
        TransitionError: this one has.
    """
    done = referral.walked.filter(unit=unit, result=ReferralStage.Result.RETURNED).count()
    most = int(figure("returns_per_unit_max"))
    if done >= most:
        raise TransitionError(f"本单位已退回补正{done}次，每个单位最多退回{most}次。请依据现有材料办理；确实缺少的，请与窗口联系。")


def refuse_unanswered_notice(referral: Referral) -> None:
    """While a notice to the applicant stands open, what it asks for is not here yet.

    Raises:
        TransitionError: it does.
    """
    notice = referral.application.notices.open().first() if referral.application else None
    if notice is not None:
        raise TransitionError(f"一次性告知书{notice.number}还没有登记补正。请先登记申请人补正的内容，再送回。")


def colleagues(referral: Referral) -> list[Post]:
    """Whoever holds a post of the unit whose turn it is."""
    return list(Post.objects.effective(clock.today()).filter(unit_id=referral.unit_id).select_related("staff"))


def deciders(referral: Referral, row: ReferralStage | None, people: Iterable[Post]) -> list[Post]:
    """The approvers among them whom four eyes and kinship leave (SECURITY #4, #2)."""
    excluded = {referral.accepted_by_staff_id} | (proposers(row) if row else set()) | recused(referral)
    return [post for post in people if post.rank == Post.Rank.APPROVER and post.staff_id not in excluded]


def nobody_can_decide(referral: Referral, row: ReferralStage | None) -> bool:
    """Four eyes leave nobody in the unit that holds it to rule on this stage: said on the page, to the unit and the platform (DESIGN 2).

    `row` is its stay at that unit.
    """
    if referral.status not in Referral.WITH_A_UNIT or is_registering(referral.stage):
        return False
    people = colleagues(referral)
    if not deciders(referral, row, people):
        return True
    is_proposed = row is not None and row.proposed_at is not None
    return not is_proposed and len({post.staff_id for post in people}) < 2  # one has to propose before another decides
