"""Examples for the schema: nobody real."""

from drf_spectacular.utils import OpenApiExample

_ID = "0b6f2a6e-3c1d-4a58-9d0e-5d1f7c2b8a40"
_DATES = [{"label": "承诺办结", "due": "2026-10-28", "lamp": "green", "word": "剩18个工作日"}]
_APPLICATION = {
    "id": _ID, "number": "SQ202609240001", "status": "in_progress", "status_label": "办理中", "applicant": "张某某", "channel": "window",
    "channel_label": "窗口", "unit": "忠州街道窗口", "first_responder": "王经办", "turn": "各承办单位，见转办事项",
    "drafted_at": "2026-09-24T10:00:00+08:00", "submitted_at": "2026-09-24T10:20:00+08:00", "accepted_at": "2026-09-24T10:30:00+08:00",
    "ended_at": None, "page": f"/cases/{_ID}/",
}  # fmt: skip
_REFERRAL = {
    "id": _ID, "number": "ZB202609240001", "purpose": "grant", "purpose_label": "给予", "status": "received", "status_label": "已签收",
    "program": "MZ04", "program_name": "临时救助", "applicant": "张某某", "township": "500233001", "township_name": "忠州街道",
    "unit": "忠州街道社会事务办", "window": "忠州街道窗口", "stage": "审核", "handler": "", "accepted_at": "2026-09-24T10:30:00+08:00",
    "dispatched_at": "2026-09-24T10:40:00+08:00", "arrived_at": "2026-09-24T10:40:00+08:00", "dates": _DATES, "page": f"/referrals/{_ID}/",
}  # fmt: skip

APPLICATIONS = OpenApiExample("申请列表", value=_APPLICATION | {"programs": ["临时救助"]}, response_only=True, status_codes=["200"])
APPLICATION = OpenApiExample(
    "一件申请",
    value=_APPLICATION
    | {
        "items": [
            {
                "program": "临时救助", "beneficiary": "全家", "asked": "1,500元，突发疾病", "status": "已签收",
                "where": "忠州街道社会事务办，审核", "dates": _DATES, "decision": [], "page": f"/referrals/{_ID}/",
            }
        ]
    },
    response_only=True,
    status_codes=["200"],
)  # fmt: skip
REFERRALS = OpenApiExample("转办单列表", value=_REFERRAL, response_only=True, status_codes=["200"])
REFERRAL = OpenApiExample(
    "一件转办单",
    value=_REFERRAL
    | {
        "track": "一般程序", "asked": [{"label": "拟救助金额", "text": "1,500元"}],
        "members": [{"name": "张某某", "relation": "户主", "id_number": "500233********0017", "tags": [], "is_applicant": True}],
        "papers": [{"name": "户口簿", "state": "免交"}],
        "walked": [{"stage": "审核", "unit": "忠州街道社会事务办", "result": "在此办理"}],
        "outcome": None, "decision": [], "decided_at": None, "fed_back_at": None, "confirmed_at": None, "verbs": [],
    },
    response_only=True,
    status_codes=["200"],
)  # fmt: skip
DECISION = OpenApiExample("批准", value={"outcome": "approved", "amount": "1500.00", "opinion": "情况属实，同意。"}, request_only=True)
FEEDBACK = OpenApiExample("反馈", value={"text": "批准临时救助1500元，本月内打入社会保障卡。"}, request_only=True)
