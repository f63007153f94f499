"""What the events of this room read as."""

PHRASES = {
    "verification.opened": "建立核查 {new}",
    "verification.recognised": "沿用核查 {new}，不再重复核查",
    "verification.started": "启动核查：{new}",
    "verification.noted": "保存核查情况：{new}",
    "verification.finished": "完成核查：{new}，有效期至{until}",
}
SUBJECTS = {"verification.verification": "核查", "verification.investigator": "调查人员"}
