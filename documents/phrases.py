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
}
SUBJECTS = {"documents.attachment": "附件", "documents.issueddocument": "文书"}
