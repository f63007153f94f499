"""What the window's events read as."""

# The tables of papers and of the assessment say what came of these.
CLERICAL = ("paper.settled", "application.papers_listed", "application.assessment_kept", "application.revised")

PHRASES = {
    "visit.arrived": "登记来访（{new}）",
    "visit.identified": "登记求助人：{new}（原：{old}）",
    "visit.answered": "答复求助人，用时{new}",
    "application.drafted": "起草申请（{new}）",
    "application.revised": "修改申请：{new}（原：{old}）",
    "application.assessed": "评估困难情况，{new}（意见：{note}）",
    "application.assessment_kept": "暂存评估和初审",
    "application.card_handed_out": "出明白卡：{new}",
    "visit.card_handed_out": "出明白卡：{new}",
    "application.promised": "登记诚信承诺书，签署日期{new}（原：{old}）",
    "application.papers_listed": "材料清单更新：{new}",
    "application.submitted": "提交申请",
    "application.accepted": "受理申请（{new}）",
    "application.not_accepted": "不予受理：{note}",
    "application.started": "转办，申请进入办理",
    "application.closed": "全部事项已有结果，申请办结",
    "application.withdrawn": "撤回申请：{note}",
    "application.terminated": "终止办理：{note}",
    "item.added": "添加救助项目（{new}）",
    "item.removed": "删除救助项目（{new}）",
    "paper.settled": "登记材料（{paper}）：{new}（原：{old}）",
    "paper.demanded": "平台能证明（{old}），仍要求提交（{paper}）：{note}",
    "supplement.asked": "出具一次性告知书{new}（再次告知的理由：{note}）",
    "supplement.answered": "补正完成（{new}）",
}
SUBJECTS = {
    "intake.visit": "求助登记",
    "intake.application": "救助申请",
    "intake.applicationitem": "申请事项",
    "intake.paper": "申请材料",
    "intake.supplementnotice": "一次性告知书",
}
