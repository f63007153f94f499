"""What the catalogue's events read as in the record."""

PHRASES = {
    "program.entered": "登记救助项目：{new}",
    "program.revised": "修改项目资料",
    "program.paused": "暂停受理：{note}",
    "program.resumed": "恢复受理",
    "program_version.drafted": "起草项目规则：{note}",
    "program_version.published": "发布项目规则，自 {new} 起：{note}",
    "program_version.revised": "修改规则草稿（{new}），依据：{note}",
    "program_version.discarded": "作废规则草稿：{note}",
    "program_version.held": "暂缓发布规则：{note}",
    "program_version.released": "恢复发布规则",
    "rule_example.written": "新增规则样例，应得“{new}”：{note}",
    "rule_example.rewritten": "修改规则样例，应得由“{old}”改为“{new}”：{note}",
    "rule_example.retired": "停用规则样例：{note}",
    "fact_kind.succeeded": "部门撤并，掌握部门由{old}改为{new}",
    "fact_list.proposed": "提出整份名单于{new}到齐",
    "fact_list.confirmed": "确认整份名单于{new}到齐",
    "fact_list.withdrawn": "撤回整份名单（{old}到齐）：{note}",
    "fact_kinds.loaded": "装入{note}",
    "materials.loaded": "装入{note}",
}
SUBJECTS = {
    "programs.program": "救助项目",
    "programs.programversion": "项目规则",
    "programs.factkind": "事实目录",
    "programs.ruleexample": "规则样例",
    "programs.wholelist": "整份名单",
}
