"""What the events of papers and files read as in the record."""

PHRASES = {
    "attachment.uploaded": "上传附件（{what}）",
    "attachment.opened": "打开附件查看",
    "attachment.voided": "作废附件：{note}",
    "attachment.quarantined": "隔离附件：{note}",
    "attachments.swept": "清除没有登记的附件文件{count}个",
    "attachment.restored": "附件核对无误，恢复查看",
    "paper.issued": "出具{kind}：{new}",
    "paper.voided": "作废{kind}：{note}",
    "form.drafted": "起草文本：{note}",
    "form.published": "发布文本，自 {new} 起启用",
    "template.uploaded": "上传文书模板：{note}",
    "template.confirmed": "确认使用文书模板：{note}",
    "template.turned_down": "不予采用文书模板：{note}",
    "template.restored": "恢复平台自带文书模板：{note}",
    "template.delivered": "装入平台自带文书模板",
}
SUBJECTS = {
    "documents.attachment": "附件",
    "documents.issueddocument": "文书",
    "documents.formversion": "告知承诺文本",
    "documents.documenttemplate": "文书模板",
}
