"""The fields of a kind of paper as somebody who edits its template reads them."""

from dataclasses import fields, is_dataclass
from typing import Any

from .papers import PAPERS, as_data
from .word import SAMPLE_NUMBER

_ADDED = {"number": ("文号", SAMPLE_NUMBER), "qr": ("查询二维码（图片）", "")}


def field_list(kind: str) -> list[tuple[str, str, str]]:
    """(how it is written, what it is, an example) for each field; the parts of a list under the list."""
    sample = PAPERS[kind].sample()
    rows = [
        (f"{{{{ {name} }}}}", label, example)
        for name, (label, example) in _ADDED.items()
        if name != "qr" or hasattr(sample, "progress_url")
    ]
    for part in fields(sample):
        value = getattr(sample, part.name)
        label = LABELS[part.name]
        if isinstance(value, list) and value and is_dataclass(value[0]):
            loop = f"{{%p for 行 in {part.name} %}} … {{%p endfor %}}"
            rows.append((loop, f"{label}（逐项）", ""))
            rows += [(f"{{{{ 行.{sub.name} }}}}", LABELS[sub.name], _example(getattr(value[0], sub.name))) for sub in fields(value[0])]
        elif isinstance(value, list):
            rows.append((f"{{{{ {part.name}|join('；') }}}}", f"{label}（列表）", _example(value)))
        else:
            rows.append((f"{{{{ {part.name} }}}}", label, _example(value)))
    return rows


def _example(value: Any) -> str:
    said = as_data(value)
    return "；".join(said) if isinstance(said, list) else str(said)


LABELS = {
    "addressee": "抬头（申请人或单位）", "id_masked": "证件号码（脱敏）", "application_number": "申请编号", "issued_on": "出具日期",
    "office": "落款单位",
    "office_phone": "落款单位电话", "office_address": "落款单位地址", "first_responder": "首问责任人", "complaint_phone": "监督投诉电话",
    "window": "窗口名称", "items": "事项", "program": "救助项目", "unit": "办理或决定单位", "phone": "电话", "by_date": "什么时候办",
    "bring": "请带材料", "do_not_bring": "不用带的材料", "query_code": "查询码", "progress_url": "进度查询网址", "notes": "说明",
    "beneficiary": "受益对象", "promise": "承诺时限", "due_on": "最迟办结日期", "accepted_on": "受理日期", "received": "已收材料",
    "exempt": "免提交材料", "later": "后补材料", "applied_on": "申请日期", "programs": "申请的救助项目", "reason": "理由",
    "explanation": "具体情况", "basis": "政策依据", "turn_to": "可以向谁申请或求助", "remedies": "救济途径", "material": "材料名称",
    "requirement": "要求", "missing": "需要补正的材料", "supplement_by": "补正期限", "how": "怎样补正", "decision_word": "决定用语",
    "decided_on": "决定日期", "decider": "决定单位", "covered": "救助人员", "amount": "救助内容（金额）", "starts": "起始",
    "ends": "截止",
    "payment": "发放方式",
    "standing": "原来给予的救助", "decision": "变更或停止的内容", "stage": "环节", "claimant": "提出争议的单位", "raised_on": "提出日期",
    "proposed": "建议承办的单位", "named_unit": "裁定承办单位", "ruled_on": "裁定日期", "assessment": "综合评估", "former": "被替代的裁定",
    "countersigned": "会签", "finality": "不得再推辞",
    "matter": "督办或提醒的事项", "demand": "要求",
    "obligations": "应当履行的义务", "refusal_word": "不予批准用语", "other_help": "还可以考虑的救助",
}  # fmt: skip
