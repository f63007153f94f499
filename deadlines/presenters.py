"""This room's verbs and models in Chinese, for the record."""

PHRASES = {
    "duty.opened": "开始计时，到期日{new}",
    "duty.taken": "领办",
    "duty.put_back": "放回待办（原领办：{old}）",
    "duty.taken_over": "接办（原领办：{old}外出）",
    "duty.passed_on": "随岗位交接由{old}转交{new}",
    "duty.succeeded": "单位撤并，由{old}转{new}承办",
    "duty.paused": "暂停计时：{note}",
    "duty.resumed": "恢复计时，到期日{new}",
    "duty.extended": "延期，到期日{old}改为{new}：{note}",
    "duty.moved": "因工作日历调整，到期日{old}改为{new}",
    "duty.closed": "办结：{new}（到期日{old}）",
    "calendar.day_changed": "修改工作日历：{old}改为{new}，依据{note}，影响{moved}件",
    "calendar.year_loaded": "导入全年工作日历：{note}",
    "notice.read": "阅读消息",
    "notice.all_read": "全部消息标为已读：{new}",
    "reminder_rule.changed": "调整提醒规则：{old}改为{new}，依据{note}",
    "job.asked": "发起后台任务",
    "job.finished": "后台任务完成：{new}",
    "job.failed": "后台任务未完成：{note}",
    "job.cancel_asked": "请求取消后台任务",
    "job.cancelled": "后台任务已取消",
}
SUBJECTS = {
    "deadlines.duty": "事项期限",
    "deadlines.calendarday": "工作日历",
    "deadlines.calendaryear": "工作日历",
    "deadlines.notice": "消息",
    "deadlines.reminderrule": "提醒规则",
    "deadlines.job": "后台任务",
}
