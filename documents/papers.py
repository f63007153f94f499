"""What each kind of paper says: one dataclass per kind, filled by the rooms that issue it (`intake`, `referrals`).

    transitions.issue(kind="guide_card", subject=visit, by=post, data=GuideCard(addressee="...", items=[GuideItem(...)], ...))

Names stand in full, numbers of persons masked; dates are dates and are written as 2026年9月24日 when the snapshot is taken. An empty text
or list leaves its line out. Elements of a list bear no full stop, texts that stand alone (explanation, notes, remedies) do. The same keys
are the fields of the Word templates and of `templates/documents/<kind>.html`; two more are added there: `number` (文号) and, where there is
a `progress_url`, `qr`. The row types below are the elements of the lists.
"""

from dataclasses import dataclass, field, fields, is_dataclass
from datetime import date
from typing import Any, ClassVar, Self

SAMPLE_DAY = date(2026, 9, 24)


@dataclass(frozen=True, kw_only=True)
class Paper:
    """What every paper says."""

    kind: ClassVar[str]
    title: ClassVar[str]

    addressee: str
    """The applicant's name, in full (明白卡: its holder)."""
    id_masked: str = ""
    """The applicant's ID number, masked; empty when none was given (urgent aid)."""
    application_number: str = ""
    """申请编号; empty before there is an application."""
    issued_on: date
    office: str
    """Who issues it, as it stands under the text: the full name of the unit."""
    office_phone: str = ""
    office_address: str = ""
    first_responder: str = ""
    """首问责任人: the name of the staff member (TZ-14)."""
    complaint_phone: str = ""
    """监督投诉电话 (ZX-55)."""

    @classmethod
    def sample(cls) -> Self:
        """A made-up paper, to try templates on."""
        return cls(**{**_COMMON, **_SAMPLES[cls.kind]})


# ── at the window ───────────────────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, kw_only=True)
class GuideItem:
    """One program on the card: where to go for it, by when, what to bring and what not."""

    program: str
    unit: str
    phone: str = ""
    by_date: str = ""
    """By which date, in words that fit the case: `2026年10月31日前`, `随时`, `接到通知后5个工作日内`."""
    bring: list[str] = field(default_factory=list)
    do_not_bring: list[str] = field(default_factory=list)
    """免提交: what the house knows already (ZX-30)."""


@dataclass(frozen=True, kw_only=True)
class GuideCard(Paper):
    """救助明白卡: the answer of a visit on one sheet of A4 in large type, to be read at home by old people."""

    kind = "guide_card"
    title = "救助明白卡"

    window: str
    """The window's name, in large type; its telephone and address are `office_phone` and `office_address`."""
    items: list[GuideItem]
    query_code: str = ""
    """查询码 for the public progress page."""
    progress_url: str = ""
    """Address of the progress page, for the QR code. Holds no number of a person."""
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class AcceptedItem:
    program: str
    beneficiary: str = ""
    """Whom it is for: the household, or the member's name."""
    unit: str = ""
    """Who decides it."""
    promise: str = ""
    """承诺时限 in words: `30个工作日`."""
    due_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class AcceptanceNotice(Paper):
    """受理通知书（回执）."""

    kind = "acceptance_notice"
    title = "受理通知书（回执）"

    accepted_on: date
    items: list[AcceptedItem]
    received: list[str] = field(default_factory=list)
    """Papers taken in: seen or uploaded."""
    exempt: list[str] = field(default_factory=list)
    """免提交 papers."""
    later: list[str] = field(default_factory=list)
    """后补 papers, with their date in words."""
    query_code: str = ""
    progress_url: str = ""
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class NotAcceptedNotice(Paper):
    """不予受理告知书."""

    kind = "not_accepted_notice"
    title = "不予受理告知书"

    applied_on: date
    programs: list[str]
    reason: str
    """The label of the coded reason."""
    explanation: str = ""
    """The reason in the clerk's words."""
    basis: str = ""
    """政策依据."""
    turn_to: list[str] = field(default_factory=list)
    """Where to turn instead."""
    remedies: str = ""
    """救济途径 of the version."""


@dataclass(frozen=True, kw_only=True)
class MissingPaper:
    material: str
    requirement: str = ""
    """What it must show, copies, who signs."""
    programs: str = ""
    """For which programs, in words."""


@dataclass(frozen=True, kw_only=True)
class SupplementNotice(Paper):
    """一次性告知书: everything that is missing, once (C-59)."""

    kind = "supplement_notice"
    title = "补正材料一次性告知书"

    programs: list[str]
    missing: list[MissingPaper]
    supplement_by: date
    how: str = ""
    """How to hand in: at the window, by the village's assistant."""
    notes: list[str] = field(default_factory=list)


# ── the decision ────────────────────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, kw_only=True)
class DecisionNotice(Paper):
    """批准（确认）通知书."""

    kind = "decision_notice"
    title = "批准（确认）通知书"

    program: str
    decision_word: str
    """审核确认, 认定, 登记, 同意救助: the version's word."""
    decided_on: date
    decider: str
    beneficiary: str
    covered: list[str] = field(default_factory=list)
    """Names of those the assistance covers."""
    amount: str = ""
    """In words: `每月1200元`, `一次性3000元`; empty for an identity or registration."""
    starts: str = ""
    """`自2026年10月起`."""
    ends: str = ""
    payment: str = ""
    """How it reaches them: `按月发放至一卡通（尾号1234）`."""
    obligations: list[str] = field(default_factory=list)
    """What to report, when it is reviewed."""
    basis: str = ""
    remedies: str = ""


@dataclass(frozen=True, kw_only=True)
class RefusalNotice(Paper):
    """不予批准告知书, in writing, with reason and remedies (C-07, C-58)."""

    kind = "refusal_notice"
    title = "不予批准告知书"

    program: str
    refusal_word: str
    """不予确认, 不予认定: the version's word."""
    decided_on: date
    decider: str
    beneficiary: str
    reason: str
    explanation: str = ""
    basis: str = ""
    remedies: str
    """Objection, reconsideration and lawsuit with their terms; charities and mass organisations: whom to ask (K-10)."""
    other_help: list[str] = field(default_factory=list)
    """What else may help this household."""


@dataclass(frozen=True, kw_only=True)
class ChangeNotice(Paper):
    """救助变更（停止）决定书: aid that was granted is changed or stopped, in writing, with reason and remedies (C-07, C-31, C-58)."""

    kind = "change_notice"
    title = "救助变更（停止）决定书"

    program: str
    decided_on: date
    decider: str
    beneficiary: str
    standing: str = ""
    """What was given so far: `每月600元，自2026-05-01起`."""
    decision: str
    """`自2026年10月起停止`; `不作变更，维持原救助`."""
    reason: str
    explanation: str = ""
    basis: str = ""
    remedies: str


@dataclass(frozen=True, kw_only=True)
class RulingPaper(Paper):
    """裁定书: which unit takes a disputed referral, after which assessment (ZX-34). It is addressed to a unit and names no person."""

    kind = "ruling"
    title = "裁定书"

    program: str
    stage: str
    claimant: str
    """Who said that it was not theirs."""
    raised_on: date
    proposed: str
    """Whose it is in the claimant's view."""
    window: str
    named_unit: str
    ruled_on: date
    assessment: str
    basis: str
    former: str = ""
    """The number of the ruling that this one replaces."""
    reason: str = ""
    """Why it was ruled again."""
    countersigned: str = ""
    finality: str = ""


@dataclass(frozen=True, kw_only=True)
class SupervisionOrderPaper(Paper):
    """督办单: what a unit is to see to and by when to answer (ZX-48). It is addressed to a unit and names no person."""

    kind = "supervision_order"
    title = "督办单"

    matter: str
    demand: str
    due_on: date


@dataclass(frozen=True, kw_only=True)
class WrittenReminderPaper(Paper):
    """书面提醒: an open matter, by when to do it, and that it counts where nobody did (QJ-23). It names no person."""

    kind = "written_reminder"
    title = "书面提醒"

    matter: str
    demand: str
    due_on: date


_KINDS = (
    GuideCard, AcceptanceNotice, NotAcceptedNotice, SupplementNotice, DecisionNotice, RefusalNotice, ChangeNotice, RulingPaper,
    SupervisionOrderPaper, WrittenReminderPaper,
)  # fmt: skip
PAPERS: dict[str, type[Paper]] = {kind.kind: kind for kind in _KINDS}


def as_data(paper: Any) -> Any:
    """The snapshot: plain lists, mappings and texts, dates written out as the paper shows them."""
    if is_dataclass(paper):
        return {part.name: as_data(getattr(paper, part.name)) for part in fields(paper)}
    if isinstance(paper, list):
        return [as_data(part) for part in paper]
    if isinstance(paper, date):
        return f"{paper.year}年{paper.month}月{paper.day}日"
    return "" if paper is None else paper


def blank(kind: str) -> dict[str, Any]:
    """Every key of a kind with nothing in it: what a snapshot lacks that was taken before a key was added."""
    return {part.name: [] if str(part.type).startswith("list") else "" for part in fields(PAPERS[kind])}


# ── samples ─────────────────────────────────────────────────────────────────────────────────────────────────────────
_COMMON: dict[str, Any] = {
    "addressee": "张样例", "id_masked": "500233********002X", "application_number": "忠民申〔2026〕500233001-00012号",
    "issued_on": SAMPLE_DAY, "office": "忠县忠州街道综合救助窗口", "office_phone": "023-00000000",
    "office_address": "忠州街道样例路1号便民服务中心1楼", "first_responder": "甘样例", "complaint_phone": "023-00000001",
}  # fmt: skip
_REMEDIES = "如对本决定不服，可自收到之日起60日内向忠县人民政府申请行政复议，或者6个月内向人民法院提起行政诉讼。"
_SAMPLES: dict[str, dict[str, Any]] = {
    "guide_card": {
        "window": "忠州街道综合救助窗口", "query_code": "7K3M9Q", "progress_url": "https://example.invalid/progress/",
        "items": [
            GuideItem(program="最低生活保障", unit="忠州街道综合救助窗口", phone="023-00000000", by_date="2026年10月8日前",
                      bring=["户口簿原件", "近12个月收入证明"], do_not_bring=["残疾人证（平台已查到）", "无房产证明"]),
            GuideItem(program="临时救助", unit="忠州街道社会事务办", phone="023-00000002", by_date="随时",
                      bring=["医院诊断书、费用票据"], do_not_bring=["结婚证"]),
        ],
        "notes": ["本卡不是批准文件，是否给予救助以部门决定为准。"],
    },
    "acceptance_notice": {
        "accepted_on": SAMPLE_DAY, "query_code": "7K3M9Q", "progress_url": "https://example.invalid/progress/",
        "items": [
            AcceptedItem(program="最低生活保障", beneficiary="全家3人", unit="县民政局", promise="30个工作日", due_on=date(2026, 11, 13)),
        ],
        "received": ["户口簿（已看原件）", "收入证明（已上传）"], "exempt": ["残疾人证"], "later": ["诊断书（10月8日前补交）"],
        "notes": ["办理期间家庭情况有变化的，请及时告诉窗口。"],
    },
    "not_accepted_notice": {
        "applied_on": SAMPLE_DAY, "programs": ["公租房租赁补贴"],
        "reason": "不属于本平台救助项目", "explanation": "该事项由县住房城乡建委直接受理。", "basis": "忠府办发〔2021〕53号",
        "turn_to": ["县住房城乡建委住房保障窗口"], "remedies": "如有异议，可向县民政局反映。",
    },
    "supplement_notice": {
        "programs": ["最低生活保障"], "supplement_by": date(2026, 10, 15), "how": "可送到窗口，也可交村（社区）协理员代交。",
        "missing": [
            MissingPaper(material="近12个月收入证明", requirement="务工单位盖章；没有单位的写明务工地点和收入", programs="最低生活保障"),
        ],
        "notes": ["补正期间不计入办理时限。"],
    },
    "decision_notice": {
        "program": "最低生活保障", "decision_word": "审核确认", "decided_on": SAMPLE_DAY, "decider": "县民政局",
        "beneficiary": "张样例家庭", "covered": ["张样例", "李样例"], "amount": "每月1200元",
        "starts": "自2026年10月起", "payment": "按月发放至“一卡通”（尾号0000）",
        "obligations": ["家庭人口、收入、财产发生变化的，及时告诉窗口"], "basis": "最低生活保障审核确认办法", "remedies": _REMEDIES,
    },
    "refusal_notice": {
        "program": "最低生活保障", "refusal_word": "不予确认", "decided_on": SAMPLE_DAY, "decider": "县民政局",
        "beneficiary": "张样例家庭", "reason": "家庭人均收入高于低保标准",
        "explanation": "经核对，家庭月人均收入为900元，高于本县农村低保标准。",
        "basis": "最低生活保障审核确认办法", "remedies": _REMEDIES, "other_help": ["可申请低保边缘家庭认定", "可申请临时救助"],
    },
    "change_notice": {
        "program": "最低生活保障", "decided_on": SAMPLE_DAY, "decider": "县民政局", "beneficiary": "张样例家庭",
        "standing": "每月1200元，自2026-05-01起", "decision": "自2026年10月起停止", "reason": "收入变化",
        "explanation": "经定期核查，家庭月人均收入高于本县农村低保标准。", "basis": "最低生活保障审核确认办法", "remedies": _REMEDIES,
    },
    "ruling": {
        "addressee": "县残联", "id_masked": "", "application_number": "ZB202600100012", "first_responder": "", "program": "残疾人两项补贴",
        "stage": "审核", "claimant": "忠州街道社会事务办", "raised_on": SAMPLE_DAY, "proposed": "县残联", "window": "忠州街道综合救助窗口",
        "named_unit": "县残联", "ruled_on": SAMPLE_DAY, "assessment": "双方意见和事实已核实，残疾等级的认定属于残联职责。",
        "basis": "县编委职责规定", "former": "忠民裁〔2026〕第001号", "reason": "原裁定所依文件已经修改。",
        "countersigned": "联席会议召集人会签", "finality": "承办单位不得再次推辞。",
    },
    "supervision_order": {
        "addressee": "县残联", "id_masked": "", "application_number": "", "first_responder": "",
        "matter": "残疾人两项补贴，ZB202600100012，“审核”，应于2026年9月10日办结", "demand": "查明超期原因，限期办结并回复办理情况。",
        "due_on": date(2026, 10, 8), "office": "忠县人民政府督查室",
    },
    "written_reminder": {
        "addressee": "县残联", "id_masked": "", "application_number": "", "first_responder": "",
        "matter": "残疾人两项补贴，ZB202600100012，“审核”，应于2026年9月10日办结", "demand": "请尽快办结，确有困难的说明理由。",
        "due_on": date(2026, 10, 8), "office": "忠县民政局",
    },
}  # fmt: skip
