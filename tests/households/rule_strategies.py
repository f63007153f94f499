"""Random rules and a random register, of few values so that what is compared is often equal."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from random import Random
from typing import Any

from hypothesis import strategies as st

from config import clock
from households.models import Fact, Household, IdentityTag, Resident
from households.models.household import Relation
from households.rules import fact_value
from organization.models import Department, Parameter
from programs.screening.language import Catalogue, FactType
from programs.screening.schema import OPERATORS, Op

from .registers import Register

NUMBERS = ("0", "1", "2", "3", "16", "18", "60", "2.5", "200", "300.01", "600")
PROGRAMS = ("MZ01", "MZ02", "MZ06", "MZ07", "MZ09", "XC01", "YB01")
PLACES = ("500233001991", "500233001992", "500233001", "500233002")
DAYS = (-4000, -400, -31, -2, -1, 0, 1, 30)  # from the day of the screening
# Figures by key: value, and where and for whom it holds; of one place, one department and one of a place's department.
FIGURES: dict[str, list[tuple[Any, str | None, str | None]]] = {
    "try_plain": [("2", None, None), ("3", "500233001", None), ("2", "500233001991", None), (60, "500233", None)],
    "try_parts": [({"urban": 300.01, "rural": "200", "1": 1, "able": 60}, None, None), ({"rural": 600}, "500233002", "MZ")],
    "try_own": [("18", None, None), ("16", "500233001991", None), ("60", None, "MZ")],
    "try_word": [("大约", None, None)],
}
_SCOPES = ("any_member", "all_member", "any_parent", "all_parent", "any_child", "all_child", "any_spouse", "all_spouse")


def parameters(on: date, by: Any) -> Iterator[Parameter]:
    for key, rows in FIGURES.items():
        for value, region, department in rows:
            department_id = Department.objects.get(code=department).pk if department else None
            yield parameter(key, value, on, by, region_id=region, department_id=department_id)


def parameter(key: str, value: Any, on: date, by: Any, **whose: Any) -> Parameter:
    return Parameter(key=key, name=key, value=value, valid_from=on, origin="assumed", set_at=clock.now(), set_by=by, **whose)


# ── rules ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@st.composite
def stored_rules(draw: Any, catalogue: Catalogue, on: date, *, of_people: bool) -> dict[str, Any]:
    """JSON as a department's page would store it."""
    nodes = _nodes(catalogue, on, has_person=of_people, of_people=of_people)
    rule: dict[str, Any] = {"language": 1, "eligible": draw(nodes)}
    if draw(st.booleans()):
        rule["likely"] = draw(nodes)
    codes = draw(st.lists(st.sampled_from(PROGRAMS), unique=True, max_size=2)) if draw(st.booleans()) else []
    rule |= {"requires": codes[:1], "excludes": codes[1:]} if draw(st.booleans()) else {"excludes": codes}
    if of_people and draw(st.integers(0, 9)) == 7:
        rule["for_the_dead"] = True
    return {"language": 1, "anyone": "谁都可以"} if draw(st.integers(0, 30)) == 17 else rule


def _nodes(catalogue: Catalogue, on: date, *, has_person: bool, of_people: bool) -> Any:
    """Trees within a scope are of conditions without scopes; `of_people`: the beneficiary is a person, who may have kin."""
    inner = st.recursive(_conditions(catalogue, on, has_person=True), _groups, max_leaves=3)
    scopes = _SCOPES if of_people else _SCOPES[:2]
    scoped = st.tuples(inner, st.sampled_from(scopes)).map(lambda pair: {**pair[0], "scope": pair[1]})
    return st.recursive(_conditions(catalogue, on, has_person=has_person) | scoped, _groups, max_leaves=5)


def _groups(nodes: Any) -> Any:
    lists = st.lists(nodes, min_size=1, max_size=3)
    return lists.map(lambda held: {"all": held}) | lists.map(lambda held: {"any": held}) | nodes.map(lambda node: {"not": node})


def _conditions(catalogue: Catalogue, on: date, *, has_person: bool) -> Any:
    facts = [fact for fact in catalogue.values() if has_person or fact.is_of_household]
    numbers = [fact.key for fact in facts if fact.value_type in {"number", "money"}]
    codes = [fact for fact in facts if fact.value_type == "code"]
    return st.sampled_from(facts).flatmap(lambda fact: _condition(fact, numbers, codes, on))


def _condition(fact: FactType, numbers: list[str], codes: list[FactType], on: date) -> Any:
    return st.sampled_from(OPERATORS[fact.value_type]).flatmap(
        lambda op: (
            st.just({"fact": fact.key, "op": op.value})
            if op is Op.KNOWN
            else _values(fact, numbers, codes, on).map(lambda value: {"fact": fact.key, "op": op.value, "value": value})
        )
    )


def _values(fact: FactType, numbers: list[str], codes: list[FactType], on: date) -> Any:
    if fact.value_type == "yes_no":
        return st.booleans()
    if fact.value_type == "code":
        known = [code for code, _ in fact.codes]
        return st.lists(st.sampled_from(known), unique=True, min_size=1, max_size=len(known) - 1)
    if fact.value_type == "date":
        return st.sampled_from(DAYS).map(lambda days: (on + timedelta(days=days)).isoformat())
    plain, figures = st.sampled_from(NUMBERS), _parameters(codes)
    factors = st.sampled_from(("0", "0.5", "-1", "1.5", "2")) | figures
    return plain | _with_factor(figures, factors) | _with_factor(st.sampled_from(numbers).map(lambda key: {"fact": key}), factors)


def _with_factor(values: Any, factors: Any) -> Any:
    return st.tuples(values, st.none() | factors).map(lambda pair: {**pair[0], "factor": pair[1]} if pair[1] else pair[0])


def _parameters(codes: list[FactType]) -> Any:
    keys = st.sampled_from([*FIGURES, "try_absent"])
    plain = keys.map(lambda key: {"parameter": key})
    part = st.tuples(keys, st.sampled_from(("rural", "urban"))).map(lambda pair: {"parameter": pair[0], "part": pair[1]})
    by = st.tuples(keys, st.sampled_from(codes), st.booleans()).map(_by)
    return plain | part | by


def _by(drawn: tuple[str, FactType, bool]) -> dict[str, Any]:
    key, fact, is_translated = drawn
    row: dict[str, Any] = {"parameter": key, "by": fact.key}
    return {**row, "keys": {code: "rural" for code, _ in fact.codes[:1]}} if is_translated else row


# ── people ──────────────────────────────────────────────────────────────────────────────────────────────────────────


class RandomRegister(Register):
    """Households of every composition, with facts, identities and aid of every kind and date around the day of the screening."""

    def __init__(self, by: Any, catalogue: Catalogue, derived: frozenset[str], on: date, rng: Random) -> None:
        super().__init__(by)
        self.on, self.rng = on, rng
        self.kinds = [fact for fact in catalogue.values() if fact.key not in derived]

    def fill(self, households: int) -> None:
        for _ in range(households):
            self._home()
        self._aid_from_elsewhere()

    def day(self) -> date:
        return self.on + timedelta(days=self.rng.choice(DAYS))

    def span(self) -> tuple[date, date | None]:
        since = self.day()
        return since, max(since, self.day()) if self.rng.random() < 0.5 else None

    def _home(self) -> None:
        rng = self.rng
        home = self.household(rng.choice(PLACES), rng.choice(("urban", "rural")))
        relations = [Relation.HEAD, Relation.SPOUSE, *rng.choices(Relation.values, k=3)]
        people = []
        for number, relation in enumerate(rng.sample(relations, rng.randrange(len(relations) + 1))):
            if relation == Relation.HEAD and any(m.household is home and m.relation == Relation.HEAD for m in self.members):
                relation = Relation.SIBLING if number % 2 else Relation.PARENT
            people.append(self._person(home, relation))
        self._known(home, people)
        self._identities([home, *people])
        self._aid(home, people)

    def _person(self, home: Household, relation: str) -> Resident:
        rng = self.rng
        born = rng.choice((None, date(2008, 2, 29), date(1966, 9, 24), date(1966, 9, 25), date(2010, 9, 23), date(2026, 9, 24), self.day()))
        died = max(filter(None, (self.day(), born))) if rng.random() < 0.15 else None
        return self.person(
            home, relation, born=born, died_on=died, sex=rng.choice("0129"), is_counted=rng.random() < 0.85, has_number=rng.random() < 0.85,
            registered_place=rng.choice(("", "", "忠县白公街道", "白公街道", "虚构县外", "虚构县白公街道")),
            entered_at=self.now + timedelta(days=rng.choice((-40, 0, 0, 1))),
        )  # fmt: skip

    def _known(self, home: Household, people: list[Resident]) -> None:
        rng = self.rng
        for fact in self.kinds:
            for holder in [home] if fact.is_of_household else people:
                if rng.random() < 0.3:
                    continue
                ways = rng.sample(Fact.How.values, rng.choice((1, 1, 1, 2, 3)))
                for how in ways:
                    found = min(self.day(), self.on + timedelta(days=1))
                    until = max(found, self.day()) if rng.random() < 0.3 else None
                    self.fact(holder, fact.key, self._value(fact), how=how, found_on=found, valid_until=until)
                if rng.random() < 0.1:
                    self.fact(holder, fact.key, self._value(fact), how=ways[0], is_superseded=True)

    def _value(self, fact: FactType) -> Any:
        rng = self.rng
        drawn: Any = {
            "yes_no": lambda: rng.random() < 0.5,
            "number": lambda: rng.choice(NUMBERS),
            "money": lambda: rng.choice([*NUMBERS, "7200.05", "1000"]),
            "date": lambda: self.day(),
            "code": lambda: rng.choice(fact.codes)[0],
            "text": lambda: "有",
        }[fact.value_type]()
        return fact_value(fact.value_type, drawn, [{"code": code, "label": label} for code, label in fact.codes])

    def _identities(self, holders: list[Household | Resident]) -> None:
        for holder in holders:
            for kind in self.rng.sample(IdentityTag.Kind.values, self.rng.choice((0, 0, 1, 3))):
                self.tag(holder, kind, *self.span())

    def _aid(self, home: Household, people: list[Resident]) -> None:
        rng = self.rng
        for holder in [home, *people]:
            for program in rng.sample(PROGRAMS, rng.choice((0, 1, 2))):
                reached = rng.sample(people, rng.randrange(len(people) + 1)) if rng.random() < 0.6 else []
                reaches = [(someone, *self.span()) for someone in reached]
                self.record(holder, program, *self.span(), cadence=rng.choice(("monthly", "once", "standing")), reaches=reaches)

    def _aid_from_elsewhere(self) -> None:
        """Somebody whom the aid of the household he came from still reaches."""
        for someone in self.rng.sample(self.residents, min(5, len(self.residents))):
            home = self.rng.choice(self.households)
            granted = {record.program_id for record in self.records if record.household is home}
            program = self.rng.choice([code for code in PROGRAMS if code not in granted] or ["MZ12"])
            self.record(home, program, *self.span(), cadence="once" if program == "MZ12" else "standing", reaches=[(someone, *self.span())])


def chosen(catalogue: Catalogue, always: frozenset[str], rng: Random, count: int) -> Mapping[str, FactType]:
    """Some of the catalogue: of all its facts a random rule would hardly meet two that anybody has."""
    others = [key for key in catalogue if key not in always]
    return {key: catalogue[key] for key in sorted({*always, *rng.sample(others, count)})}
