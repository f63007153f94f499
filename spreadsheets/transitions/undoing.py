"""An entry taken back: every row it wrote is put back as it was, exactly, or none (SECURITY D9, docs/adr/0029)."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import IntegrityError, connection, models, transaction
from psycopg2.sql import SQL, Composable, Identifier, Literal

from audit.transitions import record, record_from
from config import clock
from config.verbs import TransitionError, lock, save
from config.words import without_numbers
from deadlines.models import Job
from deadlines.transitions import ask_job
from organization.figures import figure
from organization.models import Post

from .. import holders, permissions
from ..declaration import door_of
from ..effects import DIGEST, EACH
from ..models import Batch
from .edges import EDGES, UNDO, S, known, standing, taken_up

ROOM = "SET LOCAL work_mem = '64MB'; SET LOCAL jit = off"  # as an entry has it: what it wrote is sorted and hashed in memory
# Of a row that was written more than once: as it was before the first time, as it was left by the last. Each may have kept other columns.
NET = f"""
    CREATE TEMPORARY TABLE undone ON COMMIT DROP AS
    SELECT "table", row_id, was, left_as, since, CASE WHEN times = 1 OR befores[1] IS NULL THEN befores[1] ELSE (
        SELECT jsonb_object_agg(kept.key, kept.value ORDER BY each.turn DESC)
        FROM unnest(befores) WITH ORDINALITY AS each (before, turn), jsonb_each(each.before) AS kept
    ) END AS before
    FROM (
        SELECT "table", row_id, count(*) AS times, array_agg(before ORDER BY id, place) AS befores,
            (array_agg(was ORDER BY id, place))[1] AS was, (array_agg(left_as ORDER BY id DESC, place DESC))[1] AS left_as,
            min(id) AS since
        FROM {EACH} AS w WHERE batch_id = %s GROUP BY "table", row_id
    ) AS written
"""  # noqa: S608 - of the declaration of effects
TABLES = 'SELECT "table", count(*) FROM undone GROUP BY "table" ORDER BY min(since) DESC'
MOVED = f"""
    SELECT count(*) FROM undone AS u LEFT JOIN {{table}} AS t ON t.{{key}} = u.row_id::{{type}}
    WHERE u."table" = {{name}} AND (t.{{key}} IS NULL OR {DIGEST.format(row="t")} <> u.left_as)
"""  # noqa: S608 - of the declaration of effects
LOCKED = """
    SELECT count(*) FROM (
        SELECT FROM {table} AS t JOIN undone AS u ON t.{key} = u.row_id::{type} AND u."table" = {name} ORDER BY t.{key} FOR UPDATE OF t
    ) AS held
"""
DELETED = 'DELETE FROM {table} AS t USING undone AS u WHERE t.{key} = u.row_id::{type} AND u."table" = {name} AND u.before IS NULL'
RESTORED = """
    UPDATE {table} AS t SET ({columns}) = (SELECT {columns} FROM jsonb_populate_record(t, u.before))
    FROM undone AS u WHERE t.{key} = u.row_id::{type} AND u."table" = {name} AND u.before IS NOT NULL
"""
OTHERWISE = f"""
    SELECT count(*) FROM undone AS u LEFT JOIN {{table}} AS t ON t.{{key}} = u.row_id::{{type}}
    WHERE u."table" = {{name}} AND u.before IS NOT NULL AND {DIGEST.format(row="t")} IS DISTINCT FROM u.was
"""  # noqa: S608 - of the declaration of effects
# What names a row that the entry made by label and id alone, where no foreign key would refuse: a file that was attached, a duty, a use.
NAMING = """
    SELECT count(*) FROM {table} AS o JOIN undone AS u ON u.row_id = o.subject_id AND u."table" = {made} AND u.before IS NULL
    WHERE o.subject_label = {label} AND NOT EXISTS (SELECT FROM undone AS w WHERE w."table" = {name} AND w.row_id = o.{key}::text)
"""
TOLD = frozenset({"audit.event", "deadlines.notice", "spreadsheets.batch"})  # say what was, and are nothing built on it
COLUMNS = """
    SELECT attname FROM pg_attribute
    WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '' AND attname <> %s ORDER BY attnum
"""
BUILT_ON = "入库的记录已被后来的{}引用，不能整批撤销。请按业务流程逐条更正。"


@dataclass(frozen=True, slots=True)
class Table:
    """A table that an entry wrote, by its model."""

    model: type[models.Model]

    @property
    def name(self) -> str:
        return self.model._meta.db_table

    @property
    def rows(self) -> str:
        """Behind FROM: what is put back, beside the rows as they stand."""
        key: Any = self.model._meta.pk
        return f"undone AS u JOIN {self.name} AS t ON t.{key.column} = u.row_id::{key.db_type(connection)}"

    def sql(self, statement: str, **more: Composable) -> Composable:
        key: Any = self.model._meta.pk
        kept = {"table": Identifier(self.name), "key": Identifier(key.column), "type": SQL(key.db_type(connection))}
        return SQL(statement).format(name=Literal(self.name), **kept, **more)


@transaction.atomic
def ask_undo(*, batch_id: UUID | str, reason: str, by: Post) -> Job:
    """Ask for an entry to be taken back.

    Raises:
        TransitionError: no reason; too late; what the owner says cannot be taken back.
    """
    batch = taken_up(batch_id, S.UNDONE, permissions.can_undo, by)
    _refuse(batch)
    batch.reason = without_numbers(reason)[:200]
    if not batch.reason:
        raise TransitionError("请写明撤销的原因。")
    save(batch, "reason")
    record("batch.undo_asked", batch, by=by, note=batch.reason)
    return ask_job(UNDO, arguments={"batch": str(batch.pk)}, by=by, title=f"撤销入库：{batch.title}")


@transaction.atomic
def undo(*, batch_id: UUID | str, by: Post) -> Batch:
    """Put back every row that the entry wrote, where none of them has changed since and nothing refers to what it made.

    Inner, of the job; the reason stands at the batch. Called again it finds the batch undone and leaves it alone.

    Raises:
        TransitionError: how many rows of what have changed; that something refers to them; too late.
    """
    batch: Batch = lock(Batch.objects.get(pk=batch_id))
    if batch.status == S.UNDONE:
        return batch
    if S.UNDONE not in EDGES.get(batch.status, frozenset()):
        raise TransitionError(standing(batch))
    owner, template = known(batch)
    if (hold := getattr(owner, "hold", None)) is not None:
        hold(template)
    _refuse(batch)
    _put_back(batch, by)
    batch.status, batch.undone_at, batch.undone_by = S.UNDONE, clock.now(), by
    save(batch, "status", "undone_at", "undone_by")
    if (follows := getattr(owner, "undone", None)) is not None:
        follows(batch, template, by)
    door = door_of(batch.door)
    if door is not None:
        door.undone(batch, by)
    record("batch.undone", batch, by=by, note=batch.reason)
    return batch


def _refuse(batch: Batch) -> None:
    hours = int(figure("import_undo_within"))
    if batch.applied_at is not None and clock.now() > batch.applied_at + timedelta(hours=hours):
        raise TransitionError(f"入库已超过{hours}小时，不能整批撤销。请按业务流程逐条更正。")
    if sentence := holders.holds(batch):
        raise TransitionError(sentence)


def _put_back(batch: Batch, by: Post) -> None:
    holders.let_go(batch, by)
    with connection.cursor() as cursor:
        cursor.execute(ROOM)
        cursor.execute("DROP TABLE IF EXISTS undone")
        cursor.execute(NET, [batch.pk])
        cursor.execute("ANALYZE undone")
        cursor.execute(TABLES)
        tables = [Table(_model_of(name)) for name, _ in cursor.fetchall()]
        _refuse_moved(cursor, tables)
        _refuse_named(cursor, tables)
        for table in tables:
            record_from(
                "row.put_back", table.model, f'{table.rows} WHERE u."table" = %s ORDER BY u.since DESC', [table.name], by=by,
                subject_id="u.row_id", data=f"jsonb_build_object('batch', '{batch.pk}')",
                household_id=_household_of(table.model), is_confidential="true" if batch.is_confidential else "false",
            )  # fmt: skip
        try:
            with transaction.atomic():
                _write_back(cursor, tables)
        except IntegrityError as refused:
            raise TransitionError(BUILT_ON.format(_what(refused))) from refused
        cursor.execute("DROP TABLE undone")


def _refuse_moved(cursor: Any, tables: Sequence[Table]) -> None:
    """Locked first, then compared: what somebody changes at this moment is waited for. As everywhere parents first, which an entry writes
    first, and by their keys: a record before whom it covers."""
    moved = []
    for table in reversed(tables):
        cursor.execute(table.sql(LOCKED))
        cursor.execute(table.sql(MOVED))
        [count] = cursor.fetchone()
        if count:
            moved.append(f"{table.model._meta.verbose_name}{count}条")
    if moved:
        raise TransitionError(f"入库之后已有变动，不能整批撤销：{'、'.join(moved)}。请按业务流程逐条更正。")


def _refuse_named(cursor: Any, tables: Iterable[Table]) -> None:
    named: Counter[str] = Counter()
    others = [Table(model) for model in apps.get_models() if _names_a_subject(model)]
    for made in tables:
        for other in others:
            label = Literal(made.model._meta.label_lower)
            cursor.execute(other.sql(NAMING, made=Literal(made.name), label=label))
            [count] = cursor.fetchone()
            named[str(other.model._meta.verbose_name)] += count
    if words := "、".join(f"{name}{count}条" for name, count in named.items() if count):
        raise TransitionError(f"入库的记录后来又有{words}，不能整批撤销。请按业务流程逐条更正。")


def _names_a_subject(model: type[models.Model]) -> bool:
    columns = {field.column for field in model._meta.concrete_fields}
    return {"subject_label", "subject_id"} <= columns and model._meta.label_lower not in TOLD and not model._meta.proxy


def _write_back(cursor: Any, tables: Iterable[Table]) -> None:
    """What the entry made goes first, so that what it ended can stand again in its place."""
    tables = list(tables)
    for table in tables:
        cursor.execute(table.sql(DELETED))
    for table in tables:
        cursor.execute(COLUMNS, [table.name, table.model._meta.pk.column])
        columns = SQL(", ").join(Identifier(name) for (name,) in cursor.fetchall())
        cursor.execute(table.sql(RESTORED, columns=columns))
        cursor.execute(table.sql(OTHERWISE))
        if (count := cursor.fetchone()[0]) > 0:
            raise RuntimeError(f"{table.name}: {count} rows are not what they were; a statement has set a column that it does not name")
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def _what(refused: IntegrityError) -> str:
    """The noun of the row that refers to what the entry made, as the database names its table."""
    table = getattr(getattr(refused.__cause__, "diag", None), "table_name", None)
    found = (model._meta.verbose_name for model in apps.get_models(include_auto_created=True) if model._meta.db_table == table)
    return f"“{next(found, '业务')}”"


def _model_of(table: str) -> type[models.Model]:
    return next(model for model in apps.get_models(include_auto_created=True) if model._meta.db_table == table)


def _household_of(model: type[models.Model]) -> str:
    """Whose story the line belongs to, where the rows name a household."""
    if model._meta.label_lower == "households.household":
        return "u.row_id"
    has = any(field.column == "household_id" for field in model._meta.concrete_fields)
    return "coalesce(u.before ->> 'household_id', t.household_id::text)" if has else "NULL"
