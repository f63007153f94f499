"""What the record says of 名单核身."""

PHRASES = {
    "check_purpose.proposed": "提出核身用途“{note}”，核对{new}",
    "check_purpose.approved": "批准核身用途，有效至{new}：{note}",
    "check_purpose.refused": "不批准核身用途：{note}",
    "check_purpose.ended": "停用核身用途：{note}",
    "list_check.ran": "名单核身，{new}：{note}",
}
SUBJECTS = {"monitoring.checkpurpose": "核身用途", "monitoring.listcheck": "名单核身"}
