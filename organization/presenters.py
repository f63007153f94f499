"""What the organization's events read as."""

PHRASES = {
    "staff.created": "建立账号：{new}",
    "staff.described": "修改人员资料：{old} 改为 {new}",
    "staff.disabled": "停用账号：{note}",
    "staff.enabled": "启用账号：{note}",
    "staff.password_issued": "设置初始密码",
    "staff.password_changed": "修改本人密码",
    "staff.lock_lifted": "解除登录锁定",
    "staff.signed_in": "登录",
    "staff.signed_out": "退出登录：{note}",
    "staff.sign_in_failed": "登录失败",
    "staff.locked_out": "登录失败，账号在该地址被锁定",
    "post.founded": "设立首任管理员：{new}",
    "post.proposed": "提出岗位授权：{new}",
    "post.granted": "授予岗位：{new}",
    "post.refused": "不予授权：{note}",
    "post.ended": "终止岗位：{note}",
    "post.switched": "切换岗位：{old} 改为 {new}",
    "unit.described": "修改单位电话地址：{old} 改为 {new}",
    "region.added": "添加村（社区）：{new}",
    "department.dissolved": "{old}停用，由{new}承接",
    "review_office.assigned": "指定审核机构：{old} 改为 {new}",
    "parameter.set": "设定参数：{old} 改为 {new}，依据：{note}",
}
SUBJECTS = {
    "organization.staff": "人员",
    "organization.post": "岗位",
    "organization.unit": "单位",
    "organization.region": "区划",
    "organization.reviewoffice": "审核机构",
    "organization.parameter": "参数",
}
