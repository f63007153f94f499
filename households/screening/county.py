"""The county asked at once: a dated snapshot, one statement over it, and counts by township (DESIGN 4, PERFORMANCE 6).

The statement stays one, whatever the number of rules and townships: in slices the snapshot would be read once a township. Between the steps
the caller is told how far it is and may end the work by raising; within a step the job's canceller breaks off the statement (`deadlines`).
Everything happens in the caller's transaction, so that work that was ended leaves nothing.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from django.db import connection
from psycopg2.sql import SQL, Composable, Identifier, Literal

from config.verbs import TransitionError
from programs.facts import catalogue_of_facts
from programs.figures import CountyFigures, figures_on
from programs.models import ProgramVersion
from programs.screening.language import Catalogue, read

from .snapshot import Need, snapshot
from .sql import ANYONE, ELIGIBLE, INELIGIBLE, LIKELY, OUTCOMES, UNKNOWN, Asked, Statement

TABLE, OUTCOME = "screening_snapshot", "screening_outcome"
TOWNSHIP_DIGITS = 9
# One wide pass instead of many narrow ones wants memory for its sums, and no time spent on compiling what runs once.
# One process: of nearly as many holders as records each process would sum its own, and all of it again.
SETTINGS = "SET LOCAL work_mem = '256MB'; SET LOCAL jit = off; SET LOCAL max_parallel_workers_per_gather = 0"
# More people than a township has; three counts of so many fit into one number.
MOST_OF_A_TOWNSHIP = 1 << 21
WEIGHTS = {outcome: MOST_OF_A_TOWNSHIP**place for place, outcome in enumerate((ELIGIBLE, LIKELY, UNKNOWN))}
Counts = dict[str, dict[str, dict[str, int]]]
Progress = Callable[[int, int, str], None]


class Cancelled(TransitionError):
    """Somebody asked to end the work."""

    def __init__(self) -> None:
        super().__init__("全县筛查已取消，没有留下结果。需要时请重新发起。")


def quiet(done: int, total: int, step: str) -> None:
    """Tell nobody."""


def never() -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Steps:
    """What the work says between its steps, and where it may be ended."""

    total: int
    progress: Progress = quiet
    is_cancelled: Callable[[], bool] = never

    def say(self, done: int, step: str) -> None:
        """Raises Cancelled when asked to end; what `progress` raises goes through."""
        if self.is_cancelled():
            raise Cancelled
        self.progress(done, self.total, step)


@dataclass(frozen=True, slots=True)
class Counted:
    """`counts` by township, program and outcome; how many households and residents the register had."""

    households: int = 0
    residents: int = 0
    counts: Counts = field(default_factory=dict)


def rules_in_force(on: date, catalogue: Catalogue, figures: CountyFigures) -> list[Asked]:
    """Of every program with a rule, the version in force that day."""
    versions = ProgramVersion.objects.in_force(on).exclude(screening_rule=None).select_related("program").order_by("program_id")
    return [asked_of(version, catalogue, figures) for version in versions]


def asked_of(version: ProgramVersion, catalogue: Catalogue, figures: CountyFigures) -> Asked:
    """A version's rule with the figures its department goes by. Of a draft the rule is kept with the run: the draft may change.

    Raises:
        RuleError: a draft whose rule cannot be read, or that has none.
    """
    stored, program = version.screening_rule, version.program
    rule = read(stored, catalogue, beneficiary=program.beneficiary)
    local = figures.of_department(program.department_id)
    is_published = version.published_at is not None
    return Asked(program.code, program.beneficiary, rule, local, version.pk, None if is_published else stored)


def asked_on(version: ProgramVersion, on: date) -> Asked:
    """One rule by itself, with the catalogue and figures of that day."""
    return asked_of(version, catalogue_of_facts(on), figures_on(on))


def described(asked: Asked) -> dict[str, Any]:
    """What of a rule stays with the run, so that it can be told later by what it went."""
    figures: dict[str, Any] = {
        code: {key: held[key].value for key in sorted(asked.rule.parameters()) if key in held} for code, held in asked.figures.items()
    }
    county = figures.get("", {})
    kept = {code: held for code, held in figures.items() if not code or held != county}
    row = {"program": asked.code, "version": asked.version_id, "figures": kept}
    if asked.day is not None:
        row["day"] = asked.day.isoformat()
    return row if asked.stored is None else {**row, "rule": dict(asked.stored)}


def take_snapshot(rules: Sequence[Asked], on: date, catalogue: Catalogue) -> None:
    """The register of that day as a temporary table of this transaction."""
    need = Need.of([asked.rule for asked in rules], catalogue)
    _run(SQL(SETTINGS))
    _run(SQL("DROP TABLE IF EXISTS {}").format(Identifier("pg_temp", TABLE)))
    _run(SQL("CREATE TEMPORARY TABLE {} ON COMMIT DROP AS {}").format(Identifier(TABLE), snapshot(need, on)))
    _run(SQL("ANALYZE {}").format(Identifier(TABLE)))


def count(rules: Sequence[Asked], catalogue: Catalogue) -> Counted:
    """All rules over the snapshot in one statement. Of each rule one sum holds three counts, told apart by their places in the number."""
    weights = SQL("ARRAY[{}]::bigint[]").format(SQL(", ").join(Literal(WEIGHTS.get(outcome, 0)) for outcome in sorted(OUTCOMES)))
    columns = SQL("").join(SQL(", sum(({})[{}])").format(weights, Identifier(asked.column)) for asked in rules)
    rows = _run(
        SQL("SELECT left(region_id, {}), count(*), count(resident_id){} FROM ({}) o GROUP BY 1 ORDER BY 1").format(
            Literal(TOWNSHIP_DIGITS), columns, Statement(catalogue).select(rules, TABLE)
        )
    )
    counts: Counts = {}
    households = residents = 0
    for township, number, people, *found in rows:
        households, residents = households + number - people, residents + people
        counts[township] = {
            asked.code: _of_program(asked, people if asked.is_of_people else number - people, int(summed or 0))
            for asked, summed in zip(rules, found, strict=True)
        }
    return Counted(households, residents, counts)


def _of_program(asked: Asked, asked_in_all: int, summed: int) -> dict[str, int]:
    """Nobody, nothing: outcomes without anybody are left out."""
    if asked.rule.eligible is None:
        found = {ANYONE: asked_in_all}
    else:
        found = {outcome: summed // weight % MOST_OF_A_TOWNSHIP for outcome, weight in WEIGHTS.items()}
        found[INELIGIBLE] = asked_in_all - sum(found.values())
    return {OUTCOMES[outcome].value: found[outcome] for outcome in sorted(found) if found[outcome]}


def count_both(before: Asked, after: Asked, catalogue: Catalogue) -> tuple[Counted, Counted]:
    """One program's rule twice, in one statement; who comes out how stays in a temporary table for `differences`."""
    both = (replace(before, code="before"), replace(after, code="after"))
    _run(SQL("DROP TABLE IF EXISTS {}").format(Identifier("pg_temp", OUTCOME)))
    _run(
        SQL(
            "CREATE TEMPORARY TABLE {} ON COMMIT DROP AS SELECT household_id, resident_id, left(region_id, {}) AS township, "
            "o_before AS before, o_after AS after FROM ({}) o WHERE o_before IS NOT NULL"
        ).format(Identifier(OUTCOME), Literal(TOWNSHIP_DIGITS), Statement(catalogue).select(both, TABLE))
    )
    [(households, residents)] = _run(SQL("SELECT count(*) FILTER (WHERE is_first), count(resident_id) FROM {}").format(Identifier(TABLE)))
    rows = list(_run(SQL("SELECT township, before, after, count(*) FROM {} GROUP BY 1, 2, 3").format(Identifier(OUTCOME))))
    sides = ([(t, b, n) for t, b, _, n in rows], [(t, a, n) for t, _, a, n in rows])
    first, second = (Counted(households, residents, _summed(after.code, side)) for side in sides)
    return first, second


def _summed(code: str, rows: Iterable[tuple[str, int, int]]) -> Counts:
    found: defaultdict[str, defaultdict[str, int]] = defaultdict(lambda: defaultdict(int))
    for township, outcome, number in rows:
        found[township][OUTCOMES[outcome].value] += number
    return {township: {code: dict(sorted(numbers.items()))} for township, numbers in sorted(found.items())}


def differences() -> str:
    """For whom 符合 or 疑似 begins, ends or changes: household, resident, before, after. 随时可办 on a side says nothing of anybody and is
    counted only."""
    words = SQL("(ARRAY[{}])").format(SQL(", ").join(Literal(OUTCOMES[number].value) for number in sorted(OUTCOMES)))
    return _text(
        SQL(
            "SELECT household_id, resident_id, {words}[before], {words}[after] FROM {table} "
            "WHERE before <> after AND {anyone} NOT IN (before, after) AND (before IN ({yes}) OR after IN ({yes})) "
            "ORDER BY township, household_id, resident_id"
        ).format(
            words=words, table=Identifier(OUTCOME), anyone=Literal(ANYONE), yes=SQL(", ").join(map(Literal, (ELIGIBLE, LIKELY)))
        )
    )  # fmt: skip


def _run(statement: Composable) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(_text(statement))
        return list(cursor.fetchall()) if cursor.description else []


def _text(statement: Composable) -> str:
    """Written out, names and values quoted by the driver: the connection's wrappers read text."""
    connection.ensure_connection()
    return str(statement.as_string(connection.connection))
