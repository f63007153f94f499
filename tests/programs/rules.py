"""A small catalogue of facts and a household for tests of the rule language."""

from datetime import date
from decimal import Decimal
from typing import Any

from programs.screening.language import FactType, Group, Rule, read
from programs.screening.situation import Figure, Known, Person, Situation

ON = date(2026, 9, 24)
_FACTS = (
    FactType("age", "年龄", "number", "resident", measure="周岁"),
    FactType("dibao", "低保对象", "yes_no", "resident", is_list=True, holder="县民政局"),
    FactType("disability_level", "残疾等级", "code", "resident", (("1", "一级"), ("2", "二级"), ("3", "三级")), holder="县残联"),
    FactType("major_illness", "重特大疾病", "yes_no", "resident", holder="县医保局"),
    FactType("training_end", "培训结束日期", "date", "resident", holder="县人力社保局"),
    FactType("death_date", "死亡", "date", "resident", holder="县公安局"),
    FactType("diagnosis", "诊断", "text", "resident", holder="县卫生健康委", is_sensitive=True),
    FactType("income", "家庭人均月收入", "money", "household", holder="县民政局"),
    FactType("spending", "近12个月刚性支出", "money", "household", holder="县民政局"),
    FactType("members", "计入家庭的人口", "number", "household", measure="人"),
    FactType("setting", "城乡属性", "code", "household", (("urban", "城镇"), ("rural", "农村"))),
)
CATALOGUE = {fact.key: fact for fact in _FACTS}
FIGURES = {
    "standard": Figure({"urban": 636, "rural": 515}, "低保标准", "元"),
    "factor": Figure("1.5", "倍数"),
    "age_line": Figure(60, "年龄线", "周岁"),
}


def rule(eligible: Any, *, of: str = "household", **more: Any) -> Rule:
    return read({"language": 1, "eligible": eligible, **more}, CATALOGUE, beneficiary=of)


def known(value: Any, **more: Any) -> Known:
    return Known(
        Decimal(value) if isinstance(value, str | int) and not isinstance(value, bool) and str(value)[0].isdigit() else value, **more
    )


def person(key: str, *, kin: dict[Group, tuple[str, ...]] | None = None, **facts: Any) -> Person:
    state = {name: facts.pop(name) for name in ("is_dead", "is_counted") if name in facts}
    receives = frozenset(facts.pop("receives", ()))
    taken = {name: fact if isinstance(fact, Known) else known(fact) for name, fact in facts.items()}
    return Person(key, key.upper(), taken, receives, kin or {}, **state)


def situation(*people: Person, receives: tuple[str, ...] = (), **facts: Any) -> Situation:
    taken = {name: fact if isinstance(fact, Known) else known(fact) for name, fact in facts.items()}
    return Situation(ON, taken, {one.key: one for one in people}, frozenset(receives), FIGURES)
