"""The facts of each holder in one row: of each kind the valid record of the most trustworthy way, as `gathering` chooses it.

Of one kind, holder and way one record stands (`one_standing_fact_per_kind_and_way`): the way alone decides. Facts of yes and no are bits:
one number for each way says what is known (its low half) and what of it is yes (its high half), whatever the number of kinds. A sum of its
own for each kind took several times as long: sixty filters a record, two kilobytes a person.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from psycopg2.sql import SQL, Composable, Identifier, Literal

from deadlines.rules import start_of
from programs.screening.language import FactType

from ..models import Fact
from .gathering import TRUST

# What was only declared counts as not known.
WAYS = tuple(how for how in TRUST if how != Fact.How.DECLARATION)
CASTS = {"number": "numeric", "money": "numeric", "date": "date", "code": "text", "text": "text"}
HALF = 31  # bits of half a number


@dataclass(frozen=True)
class Pivot:
    """Stored facts of persons or of households. `holder` is the column of a record that names them, `table` the name of the pivot."""

    holder: str
    table: str
    facts: Sequence[FactType]

    @property
    def flags(self) -> list[FactType]:
        return [fact for fact in self.facts if fact.value_type == "yes_no"]

    @property
    def others(self) -> list[FactType]:
        return [fact for fact in self.facts if fact.value_type != "yes_no"]

    @property
    def words(self) -> range:
        """Numbers that the flags fill, `HALF` of them each."""
        return range(-(-len(self.flags) // HALF))

    def select(self, on: date) -> Composable:
        """A row for each holder of whom anything was said: `known_`, `yes_`, `said_` of each word of flags; a column for each other.

        One pass over the records. `k.slot` is the sum that a record goes into, by its kind and, for flags, its way.
        """
        valid = SQL("(f.valid_until IS NULL OR f.valid_until >= {})").format(Literal(on))
        columns: list[Composable] = [
            SQL(", {known} AS {0}, {yes} AS {1}, COALESCE(bit_or(k.bit) FILTER (WHERE k.word = {word}), 0) AS {2}").format(
                *(Identifier(f"{what}_{word}") for what in ("known", "yes", "said")),
                known=_known(word, valid), yes=_yes(word, valid), word=Literal(word),
            )
            for word in self.words
        ]  # fmt: skip
        columns += [
            SQL(", substr(min((k.rank || (f.value #>> '{{}}')) COLLATE \"C\") FILTER (WHERE k.slot = {} AND {}), 2)::{} AS {}").format(
                Literal(_other_slot(place)), valid, SQL(CASTS[fact.value_type]), Identifier(fact.key)
            )
            for place, fact in enumerate(self.others)
        ]
        return SQL(
            "SELECT f.{holder} AS holder{columns} FROM households_fact f "
            "JOIN (VALUES {slots}) k(kind, how, rank, slot, word, bit) ON k.kind = f.kind_id AND k.how = f.how "
            "WHERE f.{holder} IS NOT NULL AND f.superseded_at IS NULL AND f.found_on <= {on} GROUP BY f.{holder}"
        ).format(holder=Identifier(self.holder), columns=SQL("").join(columns), slots=self._slots(), on=Literal(on))

    def column(self, fact: FactType) -> Composable:
        """The fact as the snapshot has it; of whom a whole list tells, who is not on it and of whom nothing was ever said of it, no."""
        if fact.value_type != "yes_no":
            return SQL("{}.{}").format(Identifier(self.table), Identifier(fact.key))
        word, bit = divmod(self.flags.index(fact), HALF)
        known, yes, said = (
            SQL("{}.{} & {} <> 0").format(Identifier(self.table), Identifier(f"{what}_{word}"), Literal(1 << bit))
            for what in ("known", "yes", "said")
        )
        if not fact.is_list:
            return SQL("(CASE WHEN {} THEN {} END)").format(known, yes)
        return SQL("(CASE WHEN {} THEN {} WHEN {} THEN NULL WHEN {} THEN false END)").format(known, yes, said, _told_by_list(fact))

    def _slots(self) -> Composable:
        """By kind and way: the rank of the way, the sum, the word and the bit. Nothing goes into the sum -1: it was declared."""
        rows: list[Composable] = [SQL("(''::text, ''::text, ''::text, -1, -1, 0::bigint)")]
        for place, fact in enumerate(self.flags):
            word, bit = divmod(place, HALF)
            rows += [_row(fact, how, _slot(word, WAYS.index(how)) if how in WAYS else -1, word, 1 << bit) for how in TRUST]
        for place, fact in enumerate(self.others):
            rows += [_row(fact, how, _other_slot(place), -1, 0) for how in WAYS]
        return SQL(", ").join(rows)


def _told_by_list(fact: FactType) -> Composable:
    """As `gathering._listed_since`, of the resident `r` of the snapshot's row, whom `far` names if he is at home elsewhere."""
    if fact.is_of_household:
        return SQL("true")
    told = SQL("r.id_number_digest IS NOT NULL AND far.holder IS NULL")
    if fact.listed_on is None:
        return told
    return SQL("{} AND r.entered_at < {}").format(told, Literal(start_of(fact.listed_on + timedelta(days=1))))


def _row(fact: FactType, how: str, slot: int, word: int, bit: int) -> Composable:
    return SQL("({}, {}, {}, {}, {}, {})").format(*map(Literal, (fact.key, how, str(TRUST.index(how)), slot, word, bit)))


def _slot(word: int, way: int) -> int:
    return word * len(WAYS) + way


def _other_slot(place: int) -> int:
    return 1000 + place


def _sums(word: int, valid: Composable) -> list[Composable]:
    """Of each way, the best first. The server sums a number once, however often it is written."""
    return [
        SQL(
            "COALESCE(bit_or(CASE WHEN f.value = 'true' THEN k.bit | (k.bit << {half}) ELSE k.bit END) "
            "FILTER (WHERE k.slot = {slot} AND {valid}), 0)"
        ).format(half=Literal(HALF), slot=Literal(_slot(word, way)), valid=valid)
        for way in range(len(WAYS))
    ]


def _known(word: int, valid: Composable) -> Composable:
    return SQL("({})").format(SQL(" | ").join(_sums(word, valid)))


def _yes(word: int, valid: Composable) -> Composable:
    """Of each way what no better one knows."""
    sums = _sums(word, valid)
    parts = [
        SQL("(({} >> {}){})").format(this, Literal(HALF), SQL("").join(SQL(" & ~{}").format(better) for better in sums[:way]))
        for way, this in enumerate(sums)
    ]
    return SQL("({})").format(SQL(" | ").join(parts))
