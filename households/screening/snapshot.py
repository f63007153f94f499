"""One dated wide row for each member of each household: all that the rules ask, in one pass over each table.

`f_` are facts of the person, `h_` of the household, `r_` programs in force that reach the person, `rh_` those of the household. Which of
several records counts, and what absence means, is as in `gathering`; what was only declared counts as not known.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from psycopg2.sql import SQL, Composable, Identifier, Literal

from programs.screening.language import Catalogue, FactType, Rule

from ..rules import NOT_PROVEN_BESIDE, PROVEN_BY_RECORD, PROVEN_BY_TAG
from .home import county_names, place_pattern
from .pivot import Pivot
from .sql import column_of

DERIVED = frozenset({"birth_date", "age", "sex", "death_date", "urban_rural", "members", "income_12_months_per_head"})
PROVEN = frozenset({*PROVEN_BY_TAG.values(), *PROVEN_BY_RECORD.values()})


@dataclass(frozen=True, slots=True)
class Need:
    """What rules ask of the register: facts, and programs that one of them requires or excludes."""

    facts: tuple[FactType, ...]
    programs: tuple[str, ...]

    @classmethod
    def of(cls, rules: Iterable[Rule], catalogue: Catalogue) -> "Need":
        rules = list(rules)
        keys = {key for rule in rules for key in rule.facts()}
        if "income_12_months_per_head" in keys:
            keys.add("income_12_months")
        keys |= {other for code, other in NOT_PROVEN_BESIDE.items() if PROVEN_BY_RECORD[code] in keys and other in catalogue}
        programs = {code for rule in rules for code in (*rule.requires, *rule.excludes)}
        return cls(tuple(catalogue[key] for key in sorted(keys)), tuple(sorted(programs)))


def snapshot(need: Need, on: date, *, region_code: str = "") -> Composable:
    """The SELECT of the snapshot, for the whole county or for the place of that code."""
    person = [fact for fact in need.facts if not fact.is_of_household]
    home = [fact for fact in need.facts if fact.is_of_household]
    of_person = Pivot("resident_id", "pf", [fact for fact in person if fact.key not in DERIVED])
    of_home = Pivot("household_id", "hf", [fact for fact in home if fact.key not in DERIVED])
    return SQL(
        "WITH pf AS ({person_facts}), hf AS ({home_facts}), pi AS ({identities}), pr AS ({received}), hr AS ({home_received}), "
        "hm AS ({members}), far AS ({far}) "
        "SELECT h.id AS household_id, m.resident_id, m.relation, h.region_id, COALESCE(m.is_counted, false) AS is_counted, r.died_on, "
        "(m.id IS NULL OR m.id = hm.first_id) AS is_first"
        "{person_columns}{home_columns}{received_columns} "
        "FROM households_household h "
        "LEFT JOIN households_membership m ON m.household_id = h.id AND m.until IS NULL "
        "LEFT JOIN households_resident r ON r.id = m.resident_id "
        "LEFT JOIN pf ON pf.holder = m.resident_id LEFT JOIN hf ON hf.holder = h.id "
        "LEFT JOIN pi ON pi.holder = m.resident_id LEFT JOIN pr ON pr.holder = m.resident_id "
        "LEFT JOIN hr ON hr.holder = h.id LEFT JOIN hm ON hm.holder = h.id LEFT JOIN far ON far.holder = m.resident_id "
        "WHERE h.closed_at IS NULL{place}"
    ).format(
        person_facts=of_person.select(on), home_facts=of_home.select(on), identities=_identities(person, on),
        received=_received(need.programs, on), home_received=_home_received(need.programs, on), members=_MEMBERS,
        far=_at_home_elsewhere(on),
        person_columns=_listed([(column_of(fact), _person_column(fact, of_person, on)) for fact in person]),
        home_columns=_listed([(column_of(fact), _home_column(fact, of_home)) for fact in home]),
        received_columns=_listed([
            (Identifier(f"{letter}_{code.lower()}"), SQL("COALESCE({}.{}, false)").format(Identifier(table), Identifier(code.lower())))
            for code in need.programs for letter, table in (("r", "pr"), ("rh", "hr"))
        ]),
        place=SQL(" AND h.region_id LIKE {}").format(Literal(f"{region_code}%")) if region_code else SQL(""),
    )  # fmt: skip


_MEMBERS = SQL(
    "SELECT m.household_id AS holder, min(m.id) AS first_id, count(*) FILTER (WHERE m.is_counted AND r.died_on IS NULL) AS n "
    "FROM households_membership m JOIN households_resident r ON r.id = m.resident_id WHERE m.until IS NULL GROUP BY m.household_id"
)


def _at_home_elsewhere(on: date) -> Composable:
    """Asked once of each, not once for each list."""
    return SQL("SELECT r.id AS holder FROM households_resident r WHERE r.registered_place <> '' AND r.registered_place !~ {}").format(
        Literal(place_pattern(list(county_names(on))))
    )


def _identities(facts: list[FactType], on: date) -> Composable:
    """What identities and aid in force prove of each person; of the dead, as it stood on the day of death."""
    proven = [fact for fact in facts if fact.key in PROVEN]
    columns: list[tuple[Composable, Composable]] = []
    for fact in proven:
        tags = [tag for tag, key in PROVEN_BY_TAG.items() if key == fact.key]
        aid = [code for code, key in PROVEN_BY_RECORD.items() if key == fact.key]
        proofs = [_held(what) for what in [*tags, *(code for code in aid if code not in NOT_PROVEN_BESIDE)]]
        columns.append((Identifier(fact.key), SQL(" OR ").join(proofs)))
        columns.extend((Identifier(code.lower()), _held_beside_none(code)) for code in aid if code in NOT_PROVEN_BESIDE)
    return SQL(
        "SELECT x.holder{columns} FROM ("
        "SELECT t.resident_id AS holder, t.kind AS what, t.since, t.until FROM households_identitytag t WHERE t.resident_id IS NOT NULL "
        "UNION ALL SELECT m.resident_id, t.kind, t.since, t.until FROM households_identitytag t "
        "JOIN households_membership m ON m.household_id = t.household_id AND m.until IS NULL "
        "UNION ALL SELECT a.resident_id, a.program_id, a.since, a.until FROM households_assistancerecord a WHERE a.resident_id IS NOT NULL "
        "UNION ALL SELECT c.resident_id, a.program_id, GREATEST(a.since, c.since), LEAST(a.until, c.until) "
        "FROM households_coverage c JOIN households_assistancerecord a ON a.id = c.record_id "
        "UNION ALL SELECT m.resident_id, a.program_id, a.since, a.until FROM households_assistancerecord a "
        "JOIN households_membership m ON m.household_id = a.household_id AND m.until IS NULL "
        "WHERE NOT EXISTS (SELECT 1 FROM households_coverage c WHERE c.record_id = a.id)"
        ") x JOIN households_resident r ON r.id = x.holder "
        "WHERE x.since <= COALESCE(r.died_on, {on}) AND (x.until IS NULL OR x.until >= COALESCE(r.died_on, {on})) GROUP BY x.holder"
    ).format(columns=_listed(columns), on=Literal(on))


def _held(what: str) -> Composable:
    return SQL("bool_or(what = {})").format(Literal(what))


def _held_beside_none(program: str) -> Composable:
    """The aid without an identity that says the other; whether a record says it, the person's own column asks (`_proof`)."""
    others = [tag for tag, key in PROVEN_BY_TAG.items() if key == NOT_PROVEN_BESIDE[program]]
    return SQL("({} AND NOT ({}))").format(_held(program), SQL(" OR ").join([_held(tag) for tag in others]))


def _in_force(on: date) -> Composable:
    return SQL("a.since <= {on} AND (a.until IS NULL OR a.until >= {on}) AND a.cadence <> 'once'").format(on=Literal(on))


def _received(programs: Iterable[str], on: date) -> Composable:
    """Programs that reach a person: his own, those whose list names him, and a household's without any list."""
    columns = [(Identifier(code.lower()), SQL("bool_or(x.program_id = {})").format(Literal(code))) for code in programs]
    return SQL(
        "SELECT x.holder{columns} FROM ("
        "SELECT a.resident_id AS holder, a.program_id FROM households_assistancerecord a WHERE a.resident_id IS NOT NULL AND {in_force} "
        "UNION ALL SELECT c.resident_id, a.program_id FROM households_coverage c JOIN households_assistancerecord a ON a.id = c.record_id "
        "WHERE {in_force} AND c.since <= {on} AND (c.until IS NULL OR c.until >= {on}) "
        "UNION ALL SELECT m.resident_id, a.program_id FROM households_assistancerecord a "
        "JOIN households_membership m ON m.household_id = a.household_id AND m.until IS NULL "
        "WHERE {in_force} AND NOT EXISTS (SELECT 1 FROM households_coverage c WHERE c.record_id = a.id)"
        ") x GROUP BY x.holder"
    ).format(columns=_listed(columns), in_force=_in_force(on), on=Literal(on))


def _home_received(programs: Iterable[str], on: date) -> Composable:
    columns = [(Identifier(code.lower()), SQL("bool_or(a.program_id = {})").format(Literal(code))) for code in programs]
    return SQL(
        "SELECT a.household_id AS holder{columns} FROM households_assistancerecord a "
        "WHERE a.household_id IS NOT NULL AND {in_force} GROUP BY a.household_id"
    ).format(columns=_listed(columns), in_force=_in_force(on))


def _person_column(fact: FactType, stored: Pivot, on: date) -> Composable:
    if fact.key in DERIVED:
        return SQL(_OF_REGISTER[fact.key]).format(on=Literal(on))
    if fact.key in PROVEN:
        return SQL("(CASE WHEN {} THEN true ELSE {} END)").format(_proof(fact, stored), stored.column(fact))
    return stored.column(fact)


def _proof(fact: FactType, stored: Pivot) -> Composable:
    proofs: list[Composable] = [SQL("pi.{}").format(Identifier(fact.key))]
    for code, other in NOT_PROVEN_BESIDE.items():
        if PROVEN_BY_RECORD[code] == fact.key:
            said = [SQL(" AND {} IS NOT TRUE").format(stored.column(kind)) for kind in stored.facts if kind.key == other]
            proofs.append(SQL("pi.{}{}").format(Identifier(code.lower()), SQL("").join(said)))
    return SQL(" OR ").join(proofs)


_OF_REGISTER = {
    "birth_date": "r.birth_on",
    "age": "(date_part('year', COALESCE(r.died_on, {on})) - date_part('year', r.birth_on) - ("
    "(date_part('month', COALESCE(r.died_on, {on})), date_part('day', COALESCE(r.died_on, {on}))) "
    "< (date_part('month', r.birth_on), date_part('day', r.birth_on)))::int)::int",
    "sex": "(CASE WHEN r.sex IN ('1', '2') THEN r.sex END)",
    "death_date": "r.died_on",
}
_OF_HOME = {
    "urban_rural": "h.setting",
    "members": "COALESCE(hm.n, 0)",
    "income_12_months_per_head": "round(hf.income_12_months / NULLIF(hm.n, 0), 2)",
}


def _home_column(fact: FactType, stored: Pivot) -> Composable:
    return SQL(_OF_HOME[fact.key]) if fact.key in DERIVED else stored.column(fact)


def _listed(columns: Sequence[tuple[Composable, Composable]]) -> Composable:
    return SQL("").join(SQL(", {} AS {}").format(text, name) for name, text in columns)
