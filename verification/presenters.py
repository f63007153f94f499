"""What the events of this room read as."""

PHRASES = {
    "verification.opened": "建立核查 {new}",
    "verification.recognised": "沿用核查 {new}，不再重复核查",
    "verification.started": "启动核查：{new}",
    "verification.family_changed": "核查期间家庭分户、转户或并户，收入、支出等数据须按现在的成员填写，已填的作废",
    "verification.noted": "保存核查情况：{new}",
    "home_visit.asked": "请{new}协助入户：{note}",
    "home_visit.answered": "协查入户并答复：{new}",
    "home_visit.declined": "答复不能协助入户：{new}（{note}）",
    "home_visit.withdrawn": "撤回请{new}协助入户",
    "verification.cancelled": "撤销核查：{note}",
    "verification.finished": "完成核查：{new}，有效期至{until}",
}
SUBJECTS = {"verification.verification": "核查", "verification.investigator": "调查人员", "verification.visitrequest": "协助入户"}
