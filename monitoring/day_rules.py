"""Why something is still open at a day's end, told from its state; and of what a person must be asked (XX-20). Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

# Steps whose clock waits for the applicant: nobody of the unit can do anything meanwhile.
FOR_THE_APPLICANT = frozenset({"supplement", "resubmit"})
VERIFICATION_WORDS = {
    "pending": "等待核对，尚未启动", "checking": "等待核对，信息核对中", "field": "入户调查中", "review_meeting": "待评议",
    "recheck": "再核查中",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ReferralState:
    """Where a referral stands, `since` its arrival there; `publicity_until`: while a notice hangs."""

    status: str
    unit: str
    stage: str
    since: date
    publicity_until: date | None = None
    is_proposed: bool = False


def of_referral(state: ReferralState) -> str:
    """待补正自何时, 待某单位签收, 公示中至何时, 在某单位自何时: what the window answers when it is asked how far it is."""
    since = f"{state.since:%m月%d日}起"
    match state.status:
        case "dispatched":
            return f"待{state.unit}签收，{since}"
        case "returned":
            return f"退回补正，等申请人补齐，{since}"
        case "disputed":
            return f"{state.unit}提出非本单位职责，等窗口处理，{since}"
        case "ruling":
            return f"县级平台裁定中，{since}"
        case "decided":
            return f"{state.unit}已决定，待反馈结果"
        case "fed_back":
            return "已反馈，待窗口告知申请人"
    if state.publicity_until:
        return f"公示中，至{state.publicity_until:%m月%d日}"
    if state.is_proposed:
        return f"在{state.unit}（{state.stage}），已拟办待审定，{since}"
    return f"在{state.unit}（{state.stage}），{since}"


def of_application(status: str, *, since: date, due: date | None = None) -> str:
    """Before it is sent out."""
    match status:
        case "draft":
            return f"草稿，{since:%m月%d日}起，申请人尚未提交"
        case "submitted":
            return f"已提交，待核对受理，{since:%m月%d日}起"
        case "supplement":
            return f"待补正，{since:%m月%d日}起{f'，限{due:%m月%d日}前' if due else ''}"
        case "accepted":
            return f"已受理，等待核对或派单，{since:%m月%d日}起"
    return f"办理中，{since:%m月%d日}起"


def of_request(status: str, *, since: date, holder: str) -> str:
    match status:
        case "registered":
            return f"已登记，尚未推送，{since:%m月%d日}起"
        case "handed_over":
            return f"已移交，待{holder}签收，{since:%m月%d日}起"
        case "returned":
            return f"窗口退回，等登记单位补充，{since:%m月%d日}起"
    return f"待{holder}处理，{since:%m月%d日}起"


def of_verification(status: str, *, since: date) -> str:
    return f"{VERIFICATION_WORDS.get(status, '核查中')}，{since:%m月%d日}起"


def of_duty(kind_name: str, *, since: date, stands_for: str = "") -> str:
    """Of whatever has no state of its own that is known here."""
    return f"暂停计时（{stands_for}）" if stands_for else f"待{kind_name}，{since:%m月%d日}起"


def asks_for_words(kind: str, *, is_watched: bool, is_touched: bool, waits_outside: bool) -> bool:
    """Only of the unit's own work that nobody has touched today, although it was due or new; never of what waits for somebody else."""
    return not (is_watched or is_touched or waits_outside or kind in FOR_THE_APPLICANT)


def unsaid(asked: Iterable[str], said: Mapping[str, str]) -> list[str]:
    """The keys of things that somebody must still say why of."""
    return [key for key in asked if not said.get(key, "").strip()]
