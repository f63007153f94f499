"""What a rule of doubts is: one statement over the whole county that finds items (ZX-26).

An item is a thing found: `person` (somebody it is about, or NULL) or `home` (a household), a `key` that stays the same while the facts do,
the programs it is about, a `weight` by which doubts are ranked, and what of it stands as evidence: ids, codes and dates. Items of one
household and kind become one doubt; whoever has no household has a doubt of his own. Two items with one key are one item about both people.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection
from psycopg2.sql import SQL, Composable, Literal

from ..models import Doubt

Kind = Doubt.Kind
# Columns of a rule's SELECT, in this order.
COLUMNS = "person, home, key, program, other_program, weight, item"


@dataclass(frozen=True, slots=True)
class Scene:
    """The day that the rules speak of, how far back they look (months), and from how many rolls aid is absent before it is a doubt."""

    on: date
    same_need_months: int
    refused_months: int
    absences: int

    @property
    def day(self) -> Composable:
        return SQL("{}::date").format(Literal(self.on))


Select = Callable[[Scene], Composable | None]


@dataclass(frozen=True, slots=True)
class DoubtRule:
    """`select` gives the columns above, or None where there is nothing to compare with.

    is_capped: a township is given so many new ones a month, the rest waits in the pool. disproved: what is said when it closes itself.
    """

    kind: str
    select: Select
    disproved: str
    is_capped: bool = False


_rules: dict[str, DoubtRule] = {}


def rule(kind: Kind, *, disproved: str, is_capped: bool = False) -> Callable[[Select], Select]:
    """Register the function below as the rule of a kind."""

    def taken(select: Select) -> Select:
        _rules[kind] = DoubtRule(str(kind), select, disproved, is_capped)
        return select

    return taken


def rules() -> list[DoubtRule]:
    """In the order of the kinds."""
    from . import of_aid, of_people, of_sheets, of_the_missed  # noqa: F401 - each registers its own

    return [_rules[kind] for kind in Kind.values if kind in _rules]


def rule_of(kind: str) -> DoubtRule:
    return next(each for each in rules() if each.kind == kind)


def run(statement: Composable | str) -> int:
    """One statement; how many rows it touched. Names and values are quoted by the driver: the connection's wrappers read text."""
    with connection.cursor() as cursor:
        cursor.execute(text_of(statement))
        return int(cursor.rowcount)


def insert(each: DoubtRule, select: Composable) -> int:
    """What a rule selects, into the items of this transaction (`found`)."""
    return run(SQL("INSERT INTO doubt_item SELECT {}, x.* FROM ({}) x({})").format(Literal(each.kind), select, SQL(COLUMNS)))


def asked(statement: Composable | str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(text_of(statement))
        return list(cursor.fetchall())


def text_of(statement: Composable | str) -> str:
    if isinstance(statement, str):
        return statement
    connection.ensure_connection()
    return str(statement.as_string(connection.connection))
