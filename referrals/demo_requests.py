"""The demo's requests: a dozen in every state, registered by village, department, county desk and window, some urgent, one late."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from random import Random
from typing import TYPE_CHECKING, Any

from django.db import transaction

from config import clock
from config.protection.synthetic import synthetic_names
from deadlines.rules import SHANGHAI
from households.models import Membership
from intake import transitions as window
from intake.models import Assessment, Request
from organization.demo import share_of
from organization.models import Post, Unit

if TYPE_CHECKING:
    from .demo import Desk

HOME, NEIGHBOUR, VILLAGE, DEPARTMENT = "500233001", "500233002", "500233001901", "RS"
SEED = 20_261_126
K, D = Unit.Kind, Assessment.Difficulty


@dataclass(frozen=True)
class Plan:
    """Who registered it so many working days ago, where it stands, and why."""

    kind: str
    days_ago: int
    until: str
    cause: str
    matter: str
    is_urgent: bool = False
    on_behalf: bool = False


PLANS = (
    Plan(K.VILLAGE_WINDOW, 0, "registered", D.OLD_AGE, "独居老人摔伤后行动不便，子女在外地，没有人做饭。"),
    Plan(K.VILLAGE_WINDOW, 0, "pushed", D.DISASTER, "昨夜暴雨冲倒灶房，粮食泡水，一家三口暂住村委会。", is_urgent=True),
    Plan(K.VILLAGE_WINDOW, 2, "pushed", D.ILLNESS, "户主住院两次，医保报销后自付较多，停工半年。"),
    Plan(K.VILLAGE_WINDOW, 1, "pushed", D.DISABILITY, "新评上二级残疾，想申请残疾人护理补贴，本人不能到窗口。", on_behalf=True),
    Plan(K.VILLAGE_WINDOW, 6, "returned", D.SCHOOLING, "两个孩子上学，学费凑不齐。"),
    Plan(K.VILLAGE_WINDOW, 8, "answered", D.UNEMPLOYMENT, "工厂停产，想问失业登记怎么办。"),
    Plan(K.VILLAGE_WINDOW, 7, "accepted", D.ILLNESS, "重病放疗，家中积蓄用尽。", on_behalf=True),
    Plan(K.VILLAGE_WINDOW, 5, "withdrawn", D.OTHER, "登记时听错了姓名。"),
    Plan(K.DEPARTMENT, 1, "pushed", D.UNEMPLOYMENT, "日常接访时本人反映失业一年，房租无力支付。"),
    Plan(K.DEPARTMENT, 4, "answered", D.HOUSING, "走访发现房屋漏雨，家庭收入不高。"),
    Plan(K.PLATFORM, 1, "handed_over", D.CARE, "热线来电反映邻居老人无人照料，地址记为忠州街道。"),
    Plan(K.TOWNSHIP_WINDOW, 3, "acknowledged", D.ACCIDENT, "来电说丈夫车祸住院，实际住在白公街道。", is_urgent=True),
)


def load_share(share: int, desk: "Desk") -> None:
    """In the town where the demo's people work. Safe to repeat: what is there stays."""
    if share_of(HOME) != share or Request.objects.exists():
        return
    names = iter(synthetic_names(len(PLANS), Random(SEED)))  # noqa: S311 - chance, not secrecy
    with transaction.atomic():
        for plan in PLANS:
            _walk(plan, next(names), desk)


def _walk(plan: Plan, name: str, desk: "Desk") -> None:
    unit = _unit(plan.kind)
    by, clerk = desk.person(unit, Post.Rank.HANDLER), desk.person(desk.window(HOME), Post.Rank.HANDLER)
    given: dict[str, Any] = {"name": name, "causes": [plan.cause], "matter": plan.matter, "is_urgent": plan.is_urgent}
    if plan.on_behalf:
        given |= {"helper_name": by.staff.name, "helper_relation": "村（社区）协理员", "consent": "spoken"}
    if plan.kind == K.TOWNSHIP_WINDOW:
        given["source"] = Request.Source.PHONE
    moment = datetime.combine(desk.day(plan.days_ago), time(9, 20), SHANGHAI)
    with clock.set_clock(moment):
        keep = plan.until in {"registered", "withdrawn"}
        request = window.register_request(region_code=VILLAGE, push=not keep, by=by, **given)
    with clock.set_clock(moment + timedelta(hours=2)):
        _settle(plan, request, by, clerk, desk)


def _settle(plan: Plan, request: Request, by: Post, clerk: Post, desk: "Desk") -> None:
    pk = request.pk
    match plan.until:
        case "returned":
            window.return_request(request_id=pk, reason="请补充孩子就读学校和年级，以及联系电话。", by=clerk)
        case "answered":
            window.answer_request(request_id=pk, text="已电话告知本人：带身份证到窗口办理，材料能由平台证明的不用带。", by=clerk)
        case "withdrawn":
            window.withdraw_request(request_id=pk, reason="登记有误，已另行登记。", by=by)
        case "accepted":
            if family := desk.family(HOME):
                head = Membership.objects.open().get(household=family, relation=Membership.Relation.HEAD).resident
                helper = {"channel": "village", "helper_name": request.helper_name, "helper_relation": request.helper_relation}
                window.accept_request(request_id=pk, household_id=family.pk, applicant_id=head.pk, by=clerk, **helper)
        case "handed_over" | "acknowledged":
            target = desk.window(NEIGHBOUR)
            window.hand_over_request(request_id=pk, to_unit_id=target.pk, reason="电话核实，实际住在白公街道。", by=clerk)
            if plan.until == "acknowledged":
                window.acknowledge_request(request_id=pk, by=desk.person(target, Post.Rank.HANDLER))


def _unit(kind: str) -> Unit:
    rows = Unit.objects.filter(kind=kind, valid_until=None)
    if kind == K.DEPARTMENT:
        return rows.get(department__code=DEPARTMENT)
    return rows.get(region_id=VILLAGE if kind == K.VILLAGE_WINDOW else HOME) if kind != K.PLATFORM else rows.get()
