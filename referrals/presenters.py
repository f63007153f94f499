"""This room's verbs and models in Chinese, for the record and the case's story."""

PHRASES = {
    "referral.dispatched": "派单到{new}（{stage}）",
    "referral.received": "签收",
    "referral.taken": "承办",
    "referral.assigned": "交{new}承办",
    "referral.proposed": "拟办（{new}）：{note}",
    "referral.forwarded": "{old}完成，送{new}（{stage}）：{note}",
    "referral.sent_back": "退回{new}（{stage}）：{note}",
    "referral.returned": "{old}退回窗口补正：{note}",
    "referral.resubmitted": "补正后送回{new}：{note}",
    "referral.decided": "作出决定：{new}（{note}）",
    "referral.rerouted": "转{new}审批：{note}",
    "referral.fed_back": "反馈结果（{new}）：{note}",
    "referral.feedback_returned": "反馈退回{new}：{note}",
    "referral.confirmed": "已告知申请人（{new}）：{note}",
    "referral.withdrawn": "撤回：{note}",
    "referral.terminated": "终止：{note}",
    "referral.appraisal_begun": "等待鉴定、评估，暂停计时：{note}",
    "referral.appraisal_ended": "鉴定、评估完成，恢复计时",
    "referral.extension_requested": "申请延期至{new}：{note}",
    "referral.extension_granted": "同意延期至{new}：{note}",
    "referral.extension_refused": "不同意延期：{note}",
    "referral.refused_quickly": "短时间连续不予批准",
}
SUBJECTS = {
    "referrals.referral": "转办单",
    "referrals.referralstage": "办理环节记录",
    "referrals.publicity": "公示",
    "referrals.extensionrequest": "延期申请",
}
