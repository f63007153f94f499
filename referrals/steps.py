"""What can be done with a referral now, as a page offers it: a step is offered when the edge and the permission hold (STYLE).

What keeps a step from being taken all the same (no proposal yet, one's own hand, the notice still up) is told in words instead of a button.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.core.exceptions import PermissionDenied

from config import clock
from config.navigation import address
from config.verbs import TransitionError
from organization.models import Absence, Post
from programs.models import ProgramVersion, Stage

from . import conditions, disputes, permissions, routing
from .models import Referral, ReferralStage, Ruling
from .transitions.edges import VERBS, refuse_gone
from .transitions.gathering import awaits_notice

Can = Callable[[Any, Any], bool]


@dataclass(frozen=True, slots=True)
class Step:
    """A verb as a button. `question`: asked before a direct one; without a form it is done at once."""

    verb: str
    label: str
    can: Can
    done: str
    tone: str = "outline-primary"
    is_direct: bool = False
    question: str = ""
    page: str = ""

    @property
    def url_name(self) -> str:
        return f"referrals:{self.page or f'referral_{self.verb}'}"


STEPS = {
    step.verb: step
    for step in (
        Step("take", "签收并承办", permissions.can_take, "已由您承办。", tone="primary", is_direct=True),
        Step("receive", "签收", permissions.can_receive, "已签收。", is_direct=True),
        Step("propose", "拟办", permissions.can_propose, "拟办意见已保存。"),
        Step("decide", "作出决定", permissions.can_decide, "决定已作出。", tone="primary"),
        Step("forward", "送下一环节", permissions.can_forward, "已送下一环节。", tone="primary"),
        Step("post_publicity", "登记公示", permissions.can_publicise, "公示已登记。", tone="primary", page="publicity_post"),
        Step("assign", "分派", permissions.can_assign, "已分派。"),
        Step("take_over", "接办（承办人外出）", permissions.can_take_over, "已由您接办。", is_direct=True),
        Step("send_back", "退回上一环节", permissions.can_send_back, "已退回上一环节。", tone="outline-secondary"),
        Step("return_for_supplement", "退回补正", permissions.can_return_for_supplement, "已退回窗口补正。", tone="outline-secondary"),
        Step("resubmit", "补正后送回", permissions.can_resubmit, "已送回原单位。", tone="primary"),
        Step("dispute", "非本单位职责", permissions.can_dispute, "争议已送受理窗口。", tone="outline-secondary"),
        Step("resend", "改送承办单位", permissions.can_resend, "已改送。", tone="primary"),
        Step("push_for_ruling", "推送县级平台裁定", permissions.can_push_for_ruling, "已推送县级平台裁定。"),
        Step("rule", "裁定", permissions.can_rule, "裁定已作出。", tone="primary"),
        Step("feed_back", "反馈结果", permissions.can_feed_back, "结果已反馈受理窗口。", tone="primary"),
        Step("confirm", "确认已告知申请人", permissions.can_confirm, "已登记告知申请人。", tone="primary"),
        Step("return_feedback", "退回反馈", permissions.can_return_feedback, "反馈已退回。", tone="outline-secondary"),
        Step("request_extension", "申请延期", permissions.can_request_extension, "延期申请已送县级平台。", tone="outline-secondary"),
        Step("begin_appraisal", "等待鉴定评估", permissions.can_wait_for_appraisal, "已暂停计时。", tone="outline-secondary"),
        Step(
            "end_appraisal", "恢复计时", permissions.can_wait_for_appraisal, "已恢复计时。", is_direct=True,
            question="鉴定、评估已经完成，恢复计时？",
        ),
        Step("withdraw", "撤回", permissions.can_withdraw, "已撤回。", tone="outline-danger"),
        Step("terminate", "终止", permissions.can_terminate, "已终止。", tone="outline-danger"),
    )
}  # fmt: skip


# Done from the list alone, for several at once.
BESIDE = {"remind": Step("remind", "催办", permissions.can_remind, "已催办。")}
NOBODY = "受理人、拟办人和应当回避的人不能审定，本单位现在没有可以审定的人员，请报县级平台协调，增设审批岗位后再办。"


@dataclass(frozen=True, slots=True)
class Offer:
    step: Step
    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Offers:
    """The buttons, and why the next one is missing."""

    now: list[Offer]
    obstacles: list[str]
    whose_turn: str
    what_next: str


def offers(referral: Referral, stay: ReferralStage | None, posts: Sequence[Post]) -> Offers:
    """For all posts of a person together: opening an item takes the right one."""
    able = [(step, post) for step in STEPS.values() if begins(referral, step.verb) and (post := acting(posts, referral, step.can))]
    fitting = [(step, post) for step, post in able if _fits(step.verb, referral, stay)]
    now: list[Offer] = []
    obstacles = [NOBODY] if conditions.nobody_can_decide(referral, stay) else []
    for step, post in fitting:
        hindrances = _hindrances(step.verb, referral, stay, post)
        url = address(step.url_name, referral.pk)
        if hindrances:
            obstacles += [sentence for sentence in hindrances if sentence not in obstacles]
        elif url:
            is_next = step.verb == "propose" and stay is not None and stay.proposed_at is None
            now.append(Offer(replace(step, tone="primary") if is_next else step, label_of(step, referral), url))
    before = [*_publicity_offers(referral, posts), *_notice_offers(referral, posts)]
    return Offers([*before, *now], obstacles, whose_turn(referral), what_next(referral, stay))


def _publicity_offers(referral: Referral, posts: Sequence[Post]) -> list[Offer]:
    """The notice that is up: what the unit does with it stands on its own page."""
    if referral.stage.act != Stage.Act.PUBLICISE or not begins(referral, "end_publicity"):
        return []
    running = referral.publicities.running().first() if acting(posts, referral, permissions.can_publicise) else None
    if running is None:
        return []
    is_over = clock.today() > running.ends_on
    label = "登记公示结果" if is_over else "查看公示、登记异议"
    step = Step("end_publicity", label, permissions.can_publicise, "", tone="primary" if is_over else "outline-primary")
    return [Offer(step, label, address("referrals:publicity_end" if is_over else "referrals:publicity_detail", running.pk))]


def _notice_offers(referral: Referral, posts: Sequence[Post]) -> list[Offer]:
    """Back at the window: the applicant is told in writing, with what other units sent back for, before anything is sent on."""
    application = referral.application
    if referral.status != Referral.Status.RETURNED or application is None or not acting(posts, application, permissions.can_hand_out):
        return []
    if not awaits_notice(application):
        return []
    step = Step("gather_supplement", "出具一次性告知书", permissions.can_hand_out, "", tone="primary")
    return [Offer(step, step.label, address("referrals:supplement_gather", application.pk))]


def begins(referral: Referral, verb: str) -> bool:
    return referral.status in VERBS[verb].begins


def acting(posts: Sequence[Post], row: Any, can: Can) -> Post | None:
    """The first of a person's posts that may."""
    return next((post for post in posts if can(post, row)), None)


def post_for(posts: Sequence[Post], referral: Referral, step: Step) -> Post:
    """The one of a person's posts that does a step.

    Raises:
        AlreadyHandled: it stood at one of their units, and has gone on.
        PermissionDenied: none of them may.
    """
    post = acting(posts, referral, step.can)
    if post is None:
        for one in posts:
            refuse_gone(referral, step.verb, step.can, one)
        raise PermissionDenied("您的岗位不能做这一步。")
    return post


def whose_turn(referral: Referral) -> str:
    """The unit, and by name who works on it there and who answers for that (XX-10)."""
    if not referral.is_open:
        return "已经结束"
    # Back at the window, it is no longer the department's colleagues who are waited for.
    here = [post if post and post.unit_id == referral.unit_id else None for post in (referral.handler, referral.responsible)]
    handler, responsible = (post.staff.name if post else "" for post in here)
    if handler and handler == responsible:
        return f"{referral.unit.name}，负责人{responsible}承办"
    named = (f"，承办人{handler}" if handler else "") + (f"，负责人{responsible}" if responsible else "")
    return f"{referral.unit.name}{named}"


_NEXT = {
    Referral.Status.DISPATCHED: "等签收",
    Referral.Status.RETURNED: "等申请人补正后送回",
    Referral.Status.DISPUTED: "等受理窗口处理争议",
    Referral.Status.RULING: "等裁定生效",
    Referral.Status.DECIDED: "等反馈结果",
    Referral.Status.FED_BACK: "等告知申请人",
}


def what_next(referral: Referral, stay: ReferralStage | None = None) -> str:
    """What whoever has it is waited for; nothing once it has ended."""
    if not referral.is_open:
        return ""
    status = Referral.Status(referral.status)
    if status == Referral.Status.HANDLING and stay is not None and stay.proposed_at:
        return f"{referral.stage.name}，已拟办，等审批人员审定"
    if status in {Referral.Status.DECIDED, Referral.Status.FED_BACK}:
        return _NEXT[status]
    waits = _NEXT.get(status)
    return f"{referral.stage.name}，{waits}" if waits else str(referral.stage.name)


def stale_advice(referral: Referral, verb: str) -> str:
    """What to do with a form that was filled in on a page no longer true."""
    if begins(referral, verb):
        return "您填写的内容都已保留，请核对后再提交。"
    return "这一步已经不能再办，您填写的内容没有提交。请返回转办单，按最新情况办理。"


def label_of(step: Step, referral: Referral) -> str:
    if step.verb == "take" and referral.status == Referral.Status.RECEIVED:
        return "承办"
    return "改派" if step.verb == "assign" and referral.handler_id else step.label


def _fits(verb: str, referral: Referral, stay: ReferralStage | None) -> bool:
    """Steps that this stage, track or version knows at all."""
    stage, track = referral.stage, referral.track
    match verb:
        case "decide":
            return stage.act == Stage.Act.DECIDE
        case "forward":
            return stage.act != Stage.Act.DECIDE
        case "post_publicity":
            return stage.act == Stage.Act.PUBLICISE and not referral.publicities.running().exists()
        case "propose":
            return not permissions.is_registering(stage)
        case "send_back":
            return routing.stage_before(stage, referral.purpose) is not None
        case "return_for_supplement":
            return stay is not None and stay.unit_id != referral.window_id
        case "dispute":
            return stay is not None and not disputes.why_not(referral, stay)
        case "rule":
            return not Ruling.objects.filter(dispute__referral=referral, supersedes=None, in_force_at=None).exists()
        case "request_extension":
            return track.extended_limit > track.whole_limit and not referral.extensions.open().exists()
        case "take_over":
            return referral.handler is not None and referral.handler.staff_id in Absence.objects.away(clock.today())
        case "begin_appraisal" | "end_appraisal":
            return ProgramVersion.PauseCause.APPRAISAL in referral.version.pause_causes and _waits(referral) == (verb == "end_appraisal")
    return True


def _waits(referral: Referral) -> bool:
    from .transitions.clocks import Cause, stands_for

    return stands_for(referral, Cause.APPRAISAL)


def refuse_hindered(verb: str, referral: Referral, stay: ReferralStage | None, post: Post) -> None:
    """No page asks for what its verb would refuse in any case: who comes by an old address is told before he has filled anything in.

    Raises:
        TransitionError: every reason at once.
    """
    if found := _hindrances(verb, referral, stay, post):
        raise TransitionError("".join(found))


def _hindrances(verb: str, referral: Referral, stay: ReferralStage | None, post: Post) -> list[str]:
    """Why a step that is this person's to take cannot be taken yet, every reason at once."""
    if stay is None or verb not in {"decide", "forward", "take", "propose"}:
        return []
    if verb in {"take", "propose"}:
        recusal = conditions.recusal(referral, post.staff_id)
        return [f"您{recusal}"] if recusal else []
    return [sentence for sentence in _missing(verb, referral, stay, post) if sentence]


def _missing(verb: str, referral: Referral, stay: ReferralStage, post: Post) -> list[str]:
    is_ruling = not permissions.is_registering(referral.stage)
    found = []
    if is_ruling:
        found += [conditions.proposal_missing(stay), _own_hand(referral, stay, post), conditions.verification_missing(referral)]
    if referral.stage.act == Stage.Act.PUBLICISE or (verb == "decide" and conditions.publicises(referral)):
        found.append(conditions.publicity_missing(referral, stay.proposed_outcome))
    if verb == "decide":
        found.append(conditions.kin_missing(referral))
    return found


def _own_hand(referral: Referral, stay: ReferralStage, post: Post) -> str:
    """Four eyes in words, with the names of those who may."""
    sentence = conditions.own_hand(referral, stay, post)
    if not sentence:
        return ""
    names = [approver.staff.name for approver in conditions.deciders(referral, stay, conditions.colleagues(referral))]
    return f"{sentence}可以审定的：{'、'.join(names)}。" if names else sentence


def right_post(posts: Sequence[Post], referral: Referral) -> Post:
    """The one of a person's posts that this referral is for: of the unit that holds it, of its window, of its township."""
    tests: list[Callable[[Post], bool]] = [
        lambda post: post.unit_id == referral.unit_id,
        lambda post: post.unit_id == referral.window_id,
        lambda post: post.region_code == referral.township_code,
    ]
    return next((post for test in tests for post in posts if test(post)), posts[0])
