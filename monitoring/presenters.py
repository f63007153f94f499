"""This room's verbs and models in Chinese, for the record."""

PHRASES = {
    "supervision.drafted": "起草督办单，承办单位{new}：{note}",
    "supervision.issued": "签发督办单，承办单位{new}：{note}",
    "supervision.reply_drafted": "起草督办回复",
    "supervision.replied": "报送督办回复：{note}",
    "supervision.accepted": "督办回复审核通过，督办单办结",
    "supervision.reply_sent_back": "退回督办回复：{note}",
    "supervision.withdrawn": "撤销督办单：{note}",
    "written_reminder.issued": "发出书面提醒到{new}：{note}",
    "written_reminder.reason_given": "说明未能办理的理由：{note}",
    "written_reminder.reason_accepted": "认定为正当理由，不计入考核：{note}",
    "written_reminder.reason_refused": "不予认定正当理由：{note}",
    "bulletin.made": "生成督查通报（{new}）",
    "doubt.opened": "疑点交办核查：{new}",
    "doubt.pulled": "领取疑点：{new}",
    "doubt.changed": "疑点依据有变化：{new}",
    "doubt.disproved": "疑点自动消除：{note}",
    "doubt_run.finished": "疑点比对完成（{new}）：{note}",
}
SUBJECTS = {
    "monitoring.supervisionorder": "督办单",
    "monitoring.writtenreminder": "书面提醒",
    "monitoring.bulletin": "督查通报",
    "monitoring.doubt": "疑点",
    "monitoring.doubtrun": "疑点比对",
}
