"""What the delivered Word templates say: (how the paragraph stands, its words), or a table of rows. Fields are those of `papers`."""

from typing import Any

Lines = list[tuple[str, Any]]
_SIGNATURE: Lines = [("sign", "{{ office }}"), ("sign", "{{ issued_on }}")]
_WINDOW: Lines = [
    ("small", "窗口电话：{{ office_phone }}　地址：{{ office_address }}"),
    ("small", "{% if first_responder %}首问责任人：{{ first_responder }}　{% endif %}监督投诉电话：{{ complaint_phone }}"),
]
_RECEIPT: Lines = [("small", "签收人：＿＿＿＿＿＿＿＿　　签收日期：＿＿＿＿年＿＿月＿＿日")]
_APPLICANT = "{% if id_masked %}（证件号码{{ id_masked }}）{% endif %}"


def _listed(name: str, lead: str) -> Lines:
    """A line with a list in it, left out when the list is empty."""
    return [("control", f"{{%p if {name} %}}"), ("text", f"{lead}{{{{ {name}|join('；') }}}}。"), ("control", "{%p endif %}")]


def _said(name: str, lead: str, end: str = "") -> Lines:
    return [("control", f"{{%p if {name} %}}"), ("text", f"{lead}{{{{ {name} }}}}{end}"), ("control", "{%p endif %}")]


def _notes(how: str = "text") -> Lines:
    return [("control", "{%p for note in notes %}"), (how, "{{ note }}"), ("control", "{%p endfor %}")]


_QR: Lines = [
    ("control", "{%p if qr %}"),
    ("to", "{{ qr }}"),
    ("small", "扫码或在平台公开页面输入申请编号和查询码{{ query_code }}，可查办理进度。"),
    ("control", "{%p endif %}"),
]

TEXTS: dict[str, Lines] = {
    "guide_card": [
        ("card-title", "救助明白卡"),
        ("card-head", "{{ addressee }}"),
        ("card", "{{ window }}　{{ issued_on }}"),
        ("control", "{%p for item in items %}"),
        ("card-head", "{{ loop.index }}. {{ item.program }}"),
        ("card", "到哪里办：{{ item.unit }}{% if item.phone %}，电话{{ item.phone }}{% endif %}"),
        ("control", "{%p if item.by_date %}"),
        ("card", "什么时候办：{{ item.by_date }}"),
        ("control", "{%p endif %}"),
        ("control", "{%p if item.bring %}"),
        ("card", "请带：{{ item.bring|join('；') }}"),
        ("control", "{%p endif %}"),
        ("control", "{%p if item.do_not_bring %}"),
        ("card", "不用带：{{ item.do_not_bring|join('；') }}"),
        ("control", "{%p endif %}"),
        ("control", "{%p endfor %}"),
        (
            "table16",
            [
                ["有事找：{{ first_responder }}　电话{{ office_phone }}\n地址：{{ office_address }}\n监督投诉电话：{{ complaint_phone }}"
                 "{% if application_number %}\n申请编号：{{ application_number }}{% endif %}"
                 "{% if query_code %}\n查询码：{{ query_code }}{% endif %}", "{{ qr }}"],
            ],
        ),
        *_notes("small"),
        ("small", "{{ number }}"),
    ],
    "acceptance_notice": [
        ("number", "{{ number }}"),
        ("title", "受理通知书（回执）"),
        ("to", "{{ addressee }}" + _APPLICANT + "："),
        ("text", "您提出的社会救助申请（申请编号{{ application_number }}），我们已于{{ accepted_on }}受理。受理事项如下："),
        (
            "table12",
            [
                ["救助项目", "受益对象", "决定单位", "承诺时限", "最迟办结日期"],
                ["{%tr for item in items %}", "", "", "", ""],
                ["{{ item.program }}", "{{ item.beneficiary }}", "{{ item.unit }}", "{{ item.promise }}", "{{ item.due_on }}"],
                ["{%tr endfor %}", "", "", "", ""],
            ],
        ),
        *_listed("received", "已收材料："),
        *_listed("exempt", "免提交材料："),
        *_listed("later", "后补材料："),
        *_notes(),
        *_QR,
        *_SIGNATURE,
        *_WINDOW,
        *_RECEIPT,
    ],
    "not_accepted_notice": [
        ("number", "{{ number }}"),
        ("title", "不予受理告知书"),
        ("to", "{{ addressee }}" + _APPLICANT + "："),
        (
            "text",
            "您于{{ applied_on }}提出的{{ programs|join('、') }}申请（申请编号{{ application_number }}），经审查，不予受理。"
            "理由是：{{ reason }}。",
        ),
        *_said("explanation", "具体情况："),
        *_said("basis", "依据：", "。"),
        *_listed("turn_to", "您可以向下列单位申请或者求助："),
        *_said("remedies", ""),
        *_SIGNATURE,
        *_WINDOW,
        *_RECEIPT,
    ],
    "supplement_notice": [
        ("number", "{{ number }}"),
        ("title", "补正材料一次性告知书"),
        ("to", "{{ addressee }}" + _APPLICANT + "："),
        ("text", "您申请{{ programs|join('、') }}（申请编号{{ application_number }}），还需要补正下列材料。现一次告知："),
        (
            "table12",
            [
                ["需要补正的材料", "要求", "用于哪些项目"],
                ["{%tr for paper in missing %}", "", ""],
                ["{{ paper.material }}", "{{ paper.requirement }}", "{{ paper.programs }}"],
                ["{%tr endfor %}", "", ""],
            ],
        ),
        ("text", "请于{{ supplement_by }}前补正。{{ how }}除上述材料外，不再要求您提交其他材料。"),
        *_notes(),
        *_SIGNATURE,
        *_WINDOW,
        *_RECEIPT,
    ],
    "decision_notice": [
        ("number", "{{ number }}"),
        ("title", "批准（确认）通知书"),
        ("to", "{{ addressee }}" + _APPLICANT + "："),
        (
            "text",
            "您申请的{{ program }}（申请编号{{ application_number }}），经审查，"
            "{{ decider }}于{{ decided_on }}决定予以{{ decision_word }}。",
        ),
        ("text", "救助对象：{{ beneficiary }}{% if covered %}（{{ covered|join('、') }}）{% endif %}。"),
        *_said("amount", "救助内容：", "{% if starts %}，{{ starts }}{% endif %}{% if ends %}，{{ ends }}{% endif %}。"),
        ("control", "{%p if not amount and (starts or ends) %}"),
        ("text", "有效期：{{ starts }}{% if starts and ends %}，{% endif %}{{ ends }}。"),
        ("control", "{%p endif %}"),
        *_said("payment", "发放方式：", "。"),
        *_listed("obligations", "请您注意："),
        *_said("basis", "依据：", "。"),
        *_said("remedies", ""),
        *_SIGNATURE,
        *_WINDOW,
        *_RECEIPT,
    ],
    "refusal_notice": [
        ("number", "{{ number }}"),
        ("title", "不予批准告知书"),
        ("to", "{{ addressee }}" + _APPLICANT + "："),
        (
            "text",
            "您申请的{{ program }}（{{ beneficiary }}，申请编号{{ application_number }}），经审查，{{ decider }}于{{ decided_on }}"
            "决定{{ refusal_word }}。理由是：{{ reason }}。",
        ),
        *_said("explanation", "具体情况："),
        *_said("basis", "依据：", "。"),
        ("text", "{{ remedies }}"),
        *_listed("other_help", "您的家庭还可以考虑："),
        *_SIGNATURE,
        *_WINDOW,
        *_RECEIPT,
    ],
    "change_notice": [
        ("number", "{{ number }}"),
        ("title", "救助变更（停止）决定书"),
        ("to", "{{ addressee }}" + _APPLICANT + "："),
        (
            "text",
            "{{ beneficiary }}享受的{{ program }}{% if standing %}（{{ standing }}）{% endif %}，"
            "经审查（办理编号{{ application_number }}），{{ decider }}于{{ decided_on }}决定：{{ decision }}。理由是：{{ reason }}。",
        ),
        *_said("explanation", "具体情况："),
        *_said("basis", "依据：", "。"),
        ("text", "{{ remedies }}"),
        *_SIGNATURE,
        *_WINDOW,
        *_RECEIPT,
    ],
    "ruling": [
        ("number", "{{ number }}"),
        ("title", "裁定书"),
        ("to", "{{ addressee }}："),
        (
            "text",
            "{{ window }}转出的{{ program }}（转办单{{ application_number }}，{{ stage }}环节），"
            "{{ claimant }}于{{ raised_on }}提出不属于本单位职责，建议由{{ proposed }}承办，由{{ window }}推送裁定。",
        ),
        ("text", "综合评估：{{ assessment }}"),
        ("text", "依据：{{ basis }}"),
        *_said("former", "本裁定替代", "，原裁定自本裁定生效之日起不再执行。"),
        *_said("reason", "重新裁定的理由："),
        ("text", "经综合评估，于{{ ruled_on }}裁定：由{{ named_unit }}承办，按项目的办理时限办理并反馈结果。{{ finality }}"),
        *_said("countersigned", "", "。"),
        *_SIGNATURE,
        ("small", "平台电话：{{ office_phone }}　地址：{{ office_address }}"),
        *_RECEIPT,
    ],
    "supervision_order": [
        ("number", "{{ number }}"),
        ("title", "督办单"),
        ("to", "{{ addressee }}："),
        ("text", "督办事项：{{ matter }}。"),
        ("text", "督办要求：{{ demand }}"),
        ("text", "请于{{ due_on }}前办理，并通过平台书面回复办理情况。"),
        *_SIGNATURE,
        ("small", "联系电话：{{ office_phone }}　地址：{{ office_address }}"),
        ("small", "监督投诉电话：{{ complaint_phone }}"),
        *_RECEIPT,
    ],
    "written_reminder": [
        ("number", "{{ number }}"),
        ("title", "书面提醒"),
        ("to", "{{ addressee }}："),
        ("text", "下列事项超过时限仍未办结：{{ matter }}。"),
        ("text", "{{ demand }}"),
        (
            "text",
            "请于{{ due_on }}前办结。办结后本提醒自行销号，不必回复；"
            "到期仍未办理又无正当理由的，计入未做到“应保尽保、应救尽救”，列入年度目标考核。",
        ),
        ("text", "确有正当理由不能按期办理的，请在平台上说明。"),
        *_SIGNATURE,
        ("small", "联系电话：{{ office_phone }}　地址：{{ office_address }}"),
        ("small", "监督投诉电话：{{ complaint_phone }}"),
        *_RECEIPT,
    ],
}  # fmt: skip
