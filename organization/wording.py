"""Parameter values as people read them. A key without its word here shows as it is: a test holds every key of the fixture to one."""

from typing import Any

WORDS = {
    "min": "最少",
    "max": "最多",
    "from_day": "自",
    "to_day": "至",
    "up_to": "上限",
    "staff": "配",
    "limit": "时限",
    "extended": "延长后",
    "township": "乡镇",
    "county": "县级",
    "unit_head": "单位负责人",
    "platform": "县级平台",
    "ordinary": "一般",
    "urgent": "急难",
    "urban": "城镇",
    "rural": "农村",
    "mz01": "最低生活保障",
    "mz02": "困难残疾人生活补贴",
    "mz03": "重度残疾人护理补贴",
    "mz07": "特困供养",
    "mz10": "养老服务补贴",
    "mz01_urban": "城市低保",
    "mz01_rural": "农村低保",
    "next_month": "次月起",
    "this_month": "当月起",
    "stable": "情况稳定",
    "unstable_or_able_to_work": "收入不稳定或有劳动能力",
    "severely_ill_or_disabled": "重病重残",
    "able_to_work_urban": "城镇有劳动能力未就业",
    "able_to_work_rural": "农村有劳动能力未就业",
    "accept": "告知受理",
    "finish": "办结",
    "extend": "可延长",
    "review": "审查",
    "appoint": "指派",
    "reconsideration_days": "复议（日）",
    "lawsuit_months": "诉讼（月）",
    "count": "件数",
    "seconds": "秒数",
    "full": "完全丧失自理",
    "partial": "部分丧失自理",
    "self_caring": "能自理",
    "scattered": "散居",
    "institution": "机构养育",
    "grade_1": "一级",
    "grade_2": "二级",
    "disabled": "失能",
    "advanced": "高龄",
    "elderly": "老年人满",
    "minor_below": "未成年人不满",
    "from": "满",
    "to": "到",
    "male": "男",
    "female": "女",
    "vehicles_max": "车辆最多",
    "houses_max": "住房最多",
    "businesses_max": "经营实体最多",
}
# PostgreSQL keeps the keys of a value in an order of its own; people read the least before the most.
_ORDER = {key: place for place, key in enumerate(WORDS)}


def shown(value: Any) -> str:
    """`{"min": 1, "max": 2}` reads 最少1，最多2; a list reads one entry after the other; nothing reads 不限."""
    if value is None:
        return "不限"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        return "；".join(shown(entry) for entry in value)
    if isinstance(value, dict):
        ordered = sorted(value.items(), key=lambda item: _ORDER.get(item[0], len(_ORDER)))
        return "，".join(f"{WORDS.get(key, key)}{shown(entry)}" for key, entry in ordered)
    return WORDS.get(value, value) if isinstance(value, str) else str(value)
