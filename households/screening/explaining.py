"""Why the answer to a program is another one than last time: which facts, figures, rules, lists or days differ (issue 5)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from programs.screening.language import Each, Group, Rule
from programs.screening.situation import Figure, Known
from programs.screening.wording import plain_text

from .inputs import Inputs
from .screening import WORDS, Key, Row, Screened


@dataclass(frozen=True, slots=True)
class Cause:
    """`facts`: keys of the facts whose values the text tells, for who may not read them. `program`: a code whose name ends the text."""

    text: str
    facts: tuple[str, ...] = ()
    program: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """`old` and `new` are outcomes; "" where the program or the person was not asked."""

    row: Row
    old: str
    new: str
    causes: tuple[Cause, ...]

    @property
    def text(self) -> str:
        return f"{WORDS.get(self.old, '未筛查')} → {WORDS.get(self.new, '不再筛查')}"


def explain_change(old: Screened, new: Screened) -> list[Change]:
    """Each program and person whose outcome differs, with what changed among that which its rule asks."""
    before, after = old.by_key, new.by_key
    found = []
    for key in dict.fromkeys([*after, *before]):
        was, now = before.get(key), after.get(key)
        if _outcome(was) != _outcome(now):
            found.append(Change(now or before[key], _outcome(was), _outcome(now), tuple(_causes(key, was, now, old.inputs, new.inputs))))
    return found


def _outcome(row: Row | None) -> str:
    return row.outcome.value if row else ""


def _causes(key: Key, was: Row | None, now: Row | None, old: Inputs, new: Inputs) -> Iterator[Cause]:
    if was is None or now is None:
        yield _appeared(key, was, now, old, new)
        return
    found = [
        *_of_rule(was, now),
        *_of_people(was, now, old, new),
        *_of_facts(now, was, old, new),
        *_of_receipts(now, old, new),
        *_of_figures(was, now, old, new),
        *_of_lists(was, now, old, new),
    ]
    if not found and old.on != new.on:
        found = [Cause(f"筛查日期由{old.on}改为{new.on}")]
    yield from found


def _appeared(key: Key, was: Row | None, now: Row | None, old: Inputs, new: Inputs) -> Cause:
    """Asked for the first time, or no more: the program's rule, or the person."""
    _, person = key
    if person in old.situation.people and person in new.situation.people:
        if old.situation.people[person].is_dead is not new.situation.people[person].is_dead:
            return Cause("此人已登记死亡" if new.situation.people[person].is_dead else "此人的死亡登记已更正")
    if person and (person in old.situation.people) is not (person in new.situation.people):
        return Cause("此人成为家庭成员" if now else "此人不再是家庭成员")
    return Cause("这个项目新设了筛查规则" if now else "这个项目不再有筛查规则")


def _of_rule(was: Row, now: Row) -> Iterator[Cause]:
    if was.version.pk != now.version.pk:
        changed = "筛查规则有改动" if was.version.screening_rule != now.version.screening_rule else "筛查规则没有改动"
        yield Cause(f"办理规则由第{was.version.number}版改为第{now.version.number}版，{changed}")


def _of_people(was: Row, now: Row, old: Inputs, new: Inputs) -> Iterator[Cause]:
    """Who counts as the household, where a rule asks of others or how many they are; and where nobody did, of whom no rule answers."""
    before, after = set(old.situation.members), set(new.situation.members)
    if before and after and not (_asks_of_others(was.rule) or _asks_of_others(now.rule)):
        return
    names = {key: one.name for inputs in (old, new) for key, one in inputs.situation.people.items()}
    for key in sorted(after - before, key=lambda one: names[one]):
        yield Cause(f"{names[key] or '一名成员'}计入家庭成员")
    for key in sorted(before - after, key=lambda one: names[one]):
        yield Cause(f"{names[key] or '一名成员'}不再计入家庭成员")


def _asks_of_others(rule: Rule) -> bool:
    return bool(rule.facts() & _OF_ALL) or any(isinstance(node, Each) for node in rule.nodes())


_OF_ALL = {"members", "income_12_months_per_head"}


def _of_facts(now: Row, was: Row, old: Inputs, new: Inputs) -> Iterator[Cause]:
    keys = sorted(now.rule.facts() | was.rule.facts())
    for whose in _asked_of(now.rule, now.person, new):
        for key in keys:
            fact = new.catalogue.get(key) or old.catalogue.get(key)
            if fact is None or fact.is_of_household is not (whose == ""):
                continue
            before, after = _known(old, whose, key), _known(new, whose, key)
            if _said(before) == _said(after):
                continue
            name = new.situation.people[whose].name if whose in new.situation.people else ""
            told = [_told(one, fact) for one in (before, after)]
            yield Cause(f"{name}{fact.label}：{told[0]} → {told[1]}{_source(after)}", (key,))


def _asked_of(rule: Rule, person: str, inputs: Inputs) -> list[str]:
    """ "" for the household, the beneficiary, and whoever the rule asks of."""
    groups = [node.group for node in rule.nodes() if isinstance(node, Each)]
    people = list(inputs.situation.members) if Group.MEMBER in groups else []
    own = inputs.situation.people.get(person)
    for group in groups:
        people += [one.key for one in inputs.situation.group(group, own)]
    return list(dict.fromkeys(["", *([person] if person else []), *people]))


def _known(inputs: Inputs, whose: str, key: str) -> Known | None:
    if not whose:
        return inputs.situation.household.get(key)
    person = inputs.situation.people.get(whose)
    return person.facts.get(key) if person else None


def _said(known: Known | None) -> object:
    return None if known is None else (known.value, known.is_declared, known.expired_on is not None)


def _told(known: Known | None, fact: object) -> str:
    if known is None:
        return "尚无数据"
    value = plain_text(fact, known.value)  # type: ignore[arg-type]
    return f"{value}（已过有效期）" if known.expired_on else f"{value}（申报待核实）" if known.is_declared else value


def _source(known: Known | None) -> str:
    if known is None or not known.source:
        return ""
    return f"（{known.source}{f'，{known.found_on}' if known.found_on else ''}）"


def _of_receipts(now: Row, old: Inputs, new: Inputs) -> Iterator[Cause]:
    """Programs that this one requires or excludes, begun or ended (C-42, C-43)."""
    asked = {*now.rule.requires, *now.rule.excludes}

    def received(inputs: Inputs) -> set[str]:
        person = inputs.situation.people.get(now.person)
        return asked & set(person.receives if person else inputs.situation.receives)

    yield from (Cause("开始享受", program=code) for code in sorted(received(new) - received(old)))
    yield from (Cause("不再享受", program=code) for code in sorted(received(old) - received(new)))


def _of_figures(was: Row, now: Row, old: Inputs, new: Inputs) -> Iterator[Cause]:
    before, after = old.for_department(was.department_id).figures, new.for_department(now.department_id).figures
    for key in sorted(now.rule.parameters() | was.rule.parameters()):
        first, second = before.get(key), after.get(key)
        if _value(first) != _value(second):
            name = (second or first or Figure(None)).name or key
            yield Cause(f"{name}：{_figure_text(first)} → {_figure_text(second)}")


def _value(figure: Figure | None) -> object:
    return figure.value if figure else None


def _figure_text(figure: Figure | None) -> str:
    if figure is None:
        return "没有设定"
    if isinstance(figure.value, Mapping):
        return "、".join(f"{_PARTS.get(key, key)}{value}{figure.measure}" for key, value in sorted(figure.value.items()))
    return f"{figure.value}{figure.measure}"


_PARTS = {"urban": "城镇", "rural": "农村", "from": "起", "to": "止"}


def _of_lists(was: Row, now: Row, old: Inputs, new: Inputs) -> Iterator[Cause]:
    """A list delivered whole, grown stale or withdrawn: while it counts absence means no. And who can be found on one now."""
    keys = [key for key in sorted(now.rule.facts() & was.rule.facts()) if key in old.catalogue and key in new.catalogue]
    for key in keys:
        first, second = old.catalogue[key], new.catalogue[key]
        if first.is_list is not second.is_list:
            yield Cause(
                f"{second.holder or '平台'}的“{second.label}”名单{'已到齐，名单中没有的即为否' if second.is_list else '没有到齐或已过期'}"
            )
        elif first.listed_on != second.listed_on:
            yield Cause(f"{second.holder or '平台'}的“{second.label}”名单到齐日期：{first.listed_on} → {second.listed_on}")
    if any(new.catalogue[key].is_list for key in keys):
        for whose in _asked_of(now.rule, now.person, new):
            before, after = old.situation.people.get(whose), new.situation.people.get(whose)
            if before and after and before.listed_since != after.listed_since:
                yield Cause(f"{after.name or '一名成员'}能否与名单比对有变化（证件号码、户籍地或登记日期）")
