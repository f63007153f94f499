"""What the catalogue's events read as in the record."""

PHRASES = {
    "program.entered": "登记救助项目：{new}",
    "program.revised": "修改项目资料",
    "program.paused": "暂停受理：{note}",
    "program.resumed": "恢复受理",
    "program_version.drafted": "起草项目规则：{note}",
    "program_version.published": "发布项目规则，自 {new} 起：{note}",
    "fact_kind.succeeded": "部门撤并，掌握部门由{old}改为{new}",
    "fact_list.confirmed": "确认整份名单于{new}到齐",
    "fact_kinds.loaded": "装入{note}",
    "materials.loaded": "装入{note}",
}
SUBJECTS = {"programs.program": "救助项目", "programs.programversion": "项目规则", "programs.factkind": "事实目录"}
