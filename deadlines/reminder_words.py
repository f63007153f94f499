"""What a reminder rule means, in a sentence: shown before it is changed, and on the page of the rules."""

from typing import Protocol

from .models import Stage


class Figures(Protocol):
    stage: str
    working_days: int | None
    full_days: int | None
    is_urgent: bool
    holds_for_promises: bool


WHEN = {
    Stage.AMBER: "亮黄灯当天提醒（逢休息日提前到前一个工作日；与期限最后一个工作日是同一天的，不另提醒）；按小时计时的，亮黄灯时提醒",
    Stage.DUE_TODAY: "期限最后一天提醒（逢休息日提前到前一个工作日）；按小时计时的不作这项提醒",
    Stage.OVERDUE: "超期后的第1个工作日提醒；按小时计时的，到期未办结即提醒",
}
TO_WHOM = {
    Stage.TO_HEAD: "承办单位的审批岗（窗口没有审批岗的，为所在乡镇社会事务办的审批岗）",
    Stage.TO_PLATFORM: "县级平台，不再上报",
}
TAKER = "领办人，没有人领办的为承办单位全体在岗人员"


def sentence(rule: Figures, digest_hour: str) -> str:
    """When, whom, how, and whether promises too."""
    stage = Stage(rule.stage)
    when = WHEN.get(stage) or f"超期后的第{rule.working_days}个工作日上报；按小时计时的，超期满{(rule.full_days or 0) * 24}小时上报"
    how = (
        "每件立即单独告知，夜间和休息日也发"
        if rule.is_urgent
        else f"并入工作日{digest_hour}的每日汇总，每人一条；按小时计时的总是立即单独告知"
    )
    promises = "承诺时限也这样提醒" if rule.holds_for_promises else "承诺时限不作这项提醒"
    return f"{when}。告知{TO_WHOM.get(stage, TAKER)}。{how}。{promises}。"


def figures_text(rule: Figures) -> str:
    """Short, for the record: 第3个工作日/24小时，汇总，不含承诺."""
    late = f"超期第{rule.working_days}个工作日、{(rule.full_days or 0) * 24}小时，" if rule.working_days else ""
    return f"{late}{'立即单独告知' if rule.is_urgent else '每日汇总'}，{'含' if rule.holds_for_promises else '不含'}承诺时限"
