"""Dated rows that may not overlap, asked once for a statement: an exclusion constraint kept without its index.

The tree of an exclusion constraint is entered row by row, 15 microseconds each and more as the table grows, which was half of what it cost
to write whom ten thousand grants reach (docs/benchmarks.md, ADR 0040). Where dated rows belong to a parent and differ within it alone, as
the people whom a record of aid reaches, a trigger after each statement keeps the same for whoever writes:

- it locks the parents of what was written, in the order of their keys, so that of two transactions that write to one parent the second
  waits for the end of the first (FOR NO KEY UPDATE, which no key's own check minds); what is named and not there, it refuses;
- then, in a statement that sees what the first has left, it refuses what overlaps, by the constraint's own code and name.

An update is asked where it moves a row or lengthens it. Where a transaction reads as of its beginning, it would not see what it waited for:
there the trigger refuses to write at all. A row that another transaction is just deleting or shortening still counts: who writes into its
place at that moment is refused at once, not made to wait.
"""

from typing import Any

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models.constraints import BaseConstraint

LAID = """
CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  named {table}.{parent}%TYPE[];
  there integer;
BEGIN
  IF TG_OP = 'INSERT' THEN
    SELECT array_agg(DISTINCT {parent}) INTO named FROM written;
  ELSE
    SELECT array_agg(DISTINCT w.{parent}) INTO named FROM written w FULL JOIN gone g ON g.{key} = w.{key}
    WHERE w.{parent} IS NOT NULL AND (
      (w.{parent}, w.{whose}) IS DISTINCT FROM (g.{parent}, g.{whose}) OR w.since < g.since
      OR COALESCE(w.until, 'infinity') > COALESCE(g.until, 'infinity')
    );
  END IF;
  IF named IS NULL THEN
    RETURN NULL;
  END IF;
  IF current_setting('transaction_isolation') NOT IN ('read committed', 'read uncommitted') THEN
    RAISE EXCEPTION 'rows of {table} are written by transactions that read what is committed' USING ERRCODE = 'feature_not_supported';
  END IF;
  PERFORM FROM {of} WHERE {of_key} = ANY (named) ORDER BY {of_key} FOR NO KEY UPDATE;
  GET DIAGNOSTICS there = ROW_COUNT;
  IF there < cardinality(named) THEN
    RAISE EXCEPTION 'rows of {table} name no row of {of}'
      USING ERRCODE = 'foreign_key_violation', TABLE = '{table}', COLUMN = '{parent}';
  END IF;
  -- Most have one row of each: only where there are more are their days looked at.
  IF EXISTS (
    SELECT FROM (
      SELECT t.since, max(COALESCE(t.until, 'infinity')) OVER (PARTITION BY t.{parent}, t.{whose} ORDER BY t.since, t.{key}
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS taken_until
      FROM {table} t JOIN (
        SELECT {parent}, {whose} FROM {table} WHERE {parent} = ANY (named) GROUP BY {parent}, {whose} HAVING count(*) > 1
      ) often USING ({parent}, {whose})
    ) one WHERE one.since <= one.taken_until
  ) THEN
    RAISE EXCEPTION 'conflicting key value violates exclusion constraint "{name}"'
      USING ERRCODE = 'exclusion_violation', CONSTRAINT = '{name}', TABLE = '{table}', SCHEMA = TG_TABLE_SCHEMA;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER {name}_insert AFTER INSERT ON {table}
  REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION {name}();
CREATE TRIGGER {name}_update AFTER UPDATE ON {table}
  REFERENCING OLD TABLE AS gone NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION {name}();
"""
TAKEN_AWAY = """
DROP TRIGGER {name}_insert ON {table};
DROP TRIGGER {name}_update ON {table};
DROP FUNCTION {name}();
"""


class OnceAtATime(ExclusionConstraint):
    """Of one `parent` the rows of one `whose`, from `since` to `until`, never overlap.

    Both keys need an index. That `until` does not come before `since` is for a check of the table: no range is made that would refuse it.
    """

    def __init__(self, *, name: str, parent: str, whose: str, **said: Any) -> None:
        self.parent, self.whose = parent, whose
        days = models.Func(
            "since", "until", RangeBoundary(inclusive_lower=True, inclusive_upper=True),
            function="daterange", output_field=DateRangeField(),
        )  # fmt: skip
        equal = [(parent, RangeOperators.EQUAL), (whose, RangeOperators.EQUAL)]
        super().__init__(name=name, expressions=[*equal, (days, RangeOperators.OVERLAPS)], **said)

    def deconstruct(self) -> tuple[str, tuple[Any, ...], dict[str, Any]]:
        path, args, kwargs = BaseConstraint.deconstruct(self)
        return path, tuple(args), kwargs | {"parent": self.parent, "whose": self.whose}

    def constraint_sql(self, model: type[models.Model], schema_editor: BaseDatabaseSchemaEditor) -> None:  # type: ignore[override]
        """Of a table that is being made: once it is."""
        schema_editor.deferred_sql.append(self.create_sql(model, schema_editor))

    def create_sql(self, model: type[models.Model], schema_editor: BaseDatabaseSchemaEditor) -> str:  # type: ignore[override] # noqa: ARG002
        return self._filled(LAID, model)

    def remove_sql(self, model: type[models.Model], schema_editor: BaseDatabaseSchemaEditor) -> str:  # type: ignore[override] # noqa: ARG002
        return self._filled(TAKEN_AWAY, model)

    def _filled(self, sql: str, model: type[models.Model]) -> str:
        parent: Any = model._meta.get_field(self.parent)
        whose: Any = model._meta.get_field(self.whose)
        key: Any = model._meta.pk
        return sql.format(
            name=self.name, table=model._meta.db_table, key=key.column, parent=parent.column, whose=whose.column,
            of=parent.related_model._meta.db_table, of_key=parent.target_field.column,
        )  # fmt: skip
