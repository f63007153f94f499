"""The rules as SQL: one wide snapshot of a day, then all rules in one statement; NULL is 数据不足 (DESIGN 4, PERFORMANCE).

Means the same as `programs.screening.evaluation` without declared facts; `tests/households/test_both_evaluators.py` holds them equal.
The snapshot (`snapshot.py`) has a row for each member, the columns of the household repeated. A condition over a group of people becomes a
column of its own (`e_`), summed up by household and relation. The statement reads the snapshot three times: for these sums, for the
people, and for one row of each household.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from psycopg2.sql import SQL, Composable, Identifier, Literal

from programs.screening.evaluation import Outcome
from programs.screening.language import (
    All,
    Any_,
    Catalogue,
    Condition,
    Each,
    Factor,
    FactType,
    FactValue,
    Group,
    Node,
    Not,
    Op,
    ParameterValue,
    Rule,
)
from programs.screening.situation import Figure, number_of

from .kin import KIN

# Outcomes as the statement writes them.
ELIGIBLE, LIKELY, INELIGIBLE, UNKNOWN, ANYONE = 1, 2, 3, 4, 5
OUTCOMES = {
    ELIGIBLE: Outcome.ELIGIBLE, LIKELY: Outcome.LIKELY, INELIGIBLE: Outcome.INELIGIBLE, UNKNOWN: Outcome.UNKNOWN, ANYONE: Outcome.ANYONE,
}  # fmt: skip
_OPERATORS = {Op.LT: "<", Op.BEFORE: "<", Op.LE: "<=", Op.GT: ">", Op.AFTER: ">", Op.GE: ">=", Op.EQ: "="}
_COUNTED = SQL("is_counted AND died_on IS NULL")


@dataclass(frozen=True, slots=True)
class Asked:
    """A rule to be asked of the county. `figures`: by region code ("" is the county) all that hold there (`figures.CountyFigures`).

    `code` names the column of its outcomes. `version_id` is the published version's; a rule that is none yet is kept as it is `stored`.
    `day`: from when a draft is meant to hold, whose figures these are.
    """

    code: str
    beneficiary: str
    rule: Rule
    figures: Mapping[str, Mapping[str, Figure]]
    version_id: int | None = None
    stored: Mapping[str, Any] | None = None
    day: date | None = None

    @property
    def column(self) -> str:
        return f"o_{self.code.lower()}"

    @property
    def is_of_people(self) -> bool:
        return self.beneficiary != "household"


@dataclass
class Statement:
    """All rules over the snapshot: `select` gives household, resident (NULL for the household's programs) and one outcome per rule."""

    catalogue: Catalogue
    each: dict[str, str] = field(default_factory=dict)
    inner: list[Composable] = field(default_factory=list)
    sums: dict[str, Composable] = field(default_factory=dict)

    def select(self, rules: Sequence[Asked], snapshot: str = "screening_snapshot") -> Composable:
        """One row per member with the outcomes of the programs for residents, and one per household with those for households."""
        outcomes = {asked.column: (asked.is_of_people, self._outcome(asked)) for asked in rules}
        inner = SQL("").join(SQL(", ") + text for text in self.inner)
        sums = SQL("").join(SQL(", {} AS {}").format(text, Identifier(name)) for name, text in self.sums.items())
        # OFFSET 0 keeps a condition within a group computed once a person, whatever the number of sums that use it.
        return SQL(
            "WITH a AS MATERIALIZED (SELECT household_id AS home_id, count(*) FILTER (WHERE {counted}) AS n_counted{sums} FROM "
            "(SELECT household_id, relation, is_counted, died_on{inner} FROM {snapshot} OFFSET 0) p GROUP BY household_id) "
            "SELECT household_id, resident_id, region_id{people} FROM {snapshot} p JOIN a ON home_id = household_id "
            "WHERE resident_id IS NOT NULL "
            "UNION ALL "
            "SELECT household_id, NULL::uuid, region_id{homes} FROM {snapshot} p JOIN a ON home_id = household_id WHERE is_first"
        ).format(
            inner=inner, snapshot=Identifier(snapshot), counted=_COUNTED, sums=sums,
            people=_columns(outcomes, of_people=True), homes=_columns(outcomes, of_people=False),
        )  # fmt: skip

    def _outcome(self, asked: Asked) -> Composable:
        rule = asked.rule
        if rule.eligible is None:
            return SQL("{}::smallint").format(Literal(ANYONE))
        gates = [self._gate(code, wanted=True, is_person=asked.is_of_people) for code in rule.requires]
        gates += [self._gate(code, wanted=False, is_person=asked.is_of_people) for code in rule.excludes]
        no, unknown = Literal(INELIGIBLE), Literal(UNKNOWN)
        main = _and([self.node(rule.eligible, asked), *gates])
        text = SQL("CASE {} WHEN true THEN {} WHEN false THEN {} ELSE {} END").format(main, Literal(ELIGIBLE), no, unknown)
        if rule.likely is not None:
            hint = _and([self.node(rule.likely, asked), *gates])
            hinted = SQL(
                "CASE {} WHEN true THEN {} WHEN false THEN CASE WHEN {} THEN {} ELSE {} END ELSE CASE WHEN {} THEN {} ELSE {} END END"
            )
            text = hinted.format(main, Literal(ELIGIBLE), hint, Literal(LIKELY), no, hint, Literal(LIKELY), unknown)
        if not rule.for_the_dead:
            text = SQL("CASE WHEN n_counted = 0 THEN {} ELSE {} END").format(unknown, text)
        if asked.is_of_people:
            barred = SQL("died_on IS NULL") if rule.for_the_dead else SQL("died_on IS NOT NULL")
            text = SQL("CASE WHEN {} THEN {} ELSE {} END").format(barred, no, text)
        return SQL("({})::smallint").format(text)

    def _gate(self, code: str, *, wanted: bool, is_person: bool) -> Composable:
        column = Identifier(f"{'r' if is_person else 'rh'}_{code.lower()}")
        return column if wanted else SQL("NOT {}").format(column)

    def node(self, node: Node, asked: Asked) -> Composable:
        match node:
            case Condition():
                return self._condition(node, asked)
            case All():
                return _and([self.node(child, asked) for child in node.nodes])
            case Any_():
                return SQL("({})").format(SQL(" OR ").join(self.node(child, asked) for child in node.nodes))
            case Not():
                return SQL("(NOT {})").format(self.node(node.node, asked))
            case Each():
                return self._each(node, asked)

    def _each(self, node: Each, asked: Asked) -> Composable:
        """The sum of the inner condition over those whom the group means for this member."""
        column = self._inner_column(node, asked)
        if node.group is Group.MEMBER:
            return self._summed(column, None, every=node.every)
        cases = [
            SQL("WHEN {} THEN {}").format(Literal(str(own)), self._summed(column, tuple(sorted(map(str, wanted))), every=node.every))
            for own, wanted in KIN[node.group].items()
        ]
        return SQL("(CASE relation {} ELSE NULL END)").format(SQL(" ").join(cases))

    def _inner_column(self, node: Each, asked: Asked) -> str:
        text = self.node(node.node, asked)
        key = repr(text)
        if key not in self.each:
            self.each[key] = f"e_{len(self.each)}"
            self.inner.append(SQL("({}) AS {}").format(text, Identifier(self.each[key])))
        return self.each[key]

    def _summed(self, column: str, relations: tuple[str, ...] | None, *, every: bool) -> Composable:
        """Of nobody NULL; any: true once, all: false once, and NULL while one is not known."""
        name = f"{column}_{'all' if every else 'any'}_{'_'.join(relations) if relations else 'm'}"
        if name not in self.sums:
            who = _COUNTED if relations is None else SQL("{} AND relation IN ({})").format(_COUNTED, _literals(relations))
            e = Identifier(column)
            hit, answer = (SQL("NOT {}").format(e), SQL("false")) if every else (e, SQL("true"))
            rest = SQL("true") if every else SQL("false")
            self.sums[name] = SQL(
                "(CASE WHEN bool_or({hit}) FILTER (WHERE {who}) THEN {answer} "
                "WHEN count(*) FILTER (WHERE {who}) = 0 OR bool_or({e} IS NULL) FILTER (WHERE {who}) THEN NULL ELSE {rest} END)"
            ).format(hit=hit, who=who, answer=answer, e=e, rest=rest)
        return Identifier(name)

    def _condition(self, node: Condition, asked: Asked) -> Composable:
        column = column_of(node.fact)
        match node.op:
            case Op.KNOWN:
                return SQL("(CASE WHEN {} IS NOT NULL THEN true END)").format(column)
            case Op.IS:
                return SQL("({} = {})").format(column, Literal(bool(node.value)))
            case Op.IN | Op.NOT_IN:
                return SQL("({} {} ({}))").format(
                    column, SQL("IN" if node.op is Op.IN else "NOT IN"), _literals(sorted(_codes(node.value)))
                )
        return SQL("({} {} {})").format(column, SQL(_OPERATORS[node.op]), self._target(node.value, asked))

    def _target(self, value: Any, asked: Asked) -> Composable:
        match value:
            case ParameterValue():
                return self._figure(value, asked)
            case FactValue():
                return self._times(column_of(self.catalogue[value.fact]), value.factor, asked)
        return Literal(value)

    def _figure(self, value: ParameterValue, asked: Asked) -> Composable:
        """The number in force where the household lives: the village's before the township's before the county's."""
        county = self._number(value, asked.figures.get("", {}))
        local = {code: figures for code, figures in asked.figures.items() if code}
        is_local = any(_value_of(figures, value.key) != _value_of(asked.figures.get("", {}), value.key) for figures in local.values())
        if not is_local:
            return self._times(county, value.factor, asked)
        cases = [
            SQL("WHEN region_id LIKE {} THEN {}").format(Literal(f"{code}%"), self._number(value, local[code]))
            for code in sorted(local, key=len, reverse=True)
        ]
        return self._times(SQL("(CASE {} ELSE {} END)").format(SQL(" ").join(cases), county), value.factor, asked)

    def _number(self, value: ParameterValue, figures: Mapping[str, Figure]) -> Composable:
        stored = figures[value.key].value if value.key in figures else None
        if value.by:
            if not isinstance(stored, dict):
                return SQL("NULL::numeric")
            fact, keys = self.catalogue[value.by], dict(value.keys)
            found = [(code, number_of(stored.get(keys.get(code, code)))) for code, _ in fact.codes]
            cases = [SQL("WHEN {} THEN {}").format(Literal(code), Literal(number)) for code, number in found if number is not None]
            return SQL("(CASE {} {} END)").format(column_of(fact), SQL(" ").join(cases)) if cases else SQL("NULL::numeric")
        number = number_of(stored.get(value.part) if value.part and isinstance(stored, dict) else stored if not value.part else None)
        return SQL("NULL::numeric") if number is None else Literal(number)

    def _times(self, number: Composable, factor: Factor, asked: Asked) -> Composable:
        if factor is None:
            return number
        times = Literal(factor) if isinstance(factor, Decimal) else self._figure(factor, asked)
        return SQL("({} * {})").format(number, times)


def _columns(outcomes: Mapping[str, tuple[bool, Composable]], *, of_people: bool) -> Composable:
    """An outcome per rule, empty where the program is not for such a row."""
    rows = [(text if theirs is of_people else SQL("NULL::smallint"), name) for name, (theirs, text) in outcomes.items()]
    return SQL("").join(SQL(", {} AS {}").format(text, Identifier(name)) for text, name in rows)


def _value_of(figures: Mapping[str, Figure], key: str) -> Any:
    return figures[key].value if key in figures else None


def column_of(fact: FactType) -> Identifier:
    return Identifier(f"{'h' if fact.is_of_household else 'f'}_{fact.key}")


def _and(parts: Sequence[Composable]) -> Composable:
    return SQL("({})").format(SQL(" AND ").join(parts))


def _literals(values: Iterable[str]) -> Composable:
    return SQL(", ").join(Literal(value) for value in values)


def _codes(value: Any) -> frozenset[str]:
    return value if isinstance(value, frozenset) else frozenset()
