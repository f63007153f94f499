"""Keys that are asked once for a statement, and keep what a foreign key keeps.

A foreign key asks row by row. Of an entry of 20,000 rows it asks 80,000 times for the same dozen units, posts and programs, which was a
fifth of the entry's time (docs/benchmarks.md). Where a column says the same over all rows that are written at once, its field has
`db_constraint=False`, and a migration of its room lays down

- of the rows: a trigger once a statement, which locks what they name against deletion (FOR KEY SHARE) and refuses what is not there;
- of what is named: a trigger at the end of a transaction that deleted it or changed its key, which refuses where somebody names it still.

What differs from row to row may be asked so too (`asked_together`): ten thousand different keys are looked up and locked by one statement
in a third of the time that ten thousand statements take, one for each.

Other than a foreign key it wants what is named to be there before the statement that names it, not before the transaction ends.
"""

from collections.abc import Mapping

# A column, and the table and key that it names.
Names = Mapping[str, tuple[str, str]]

STILL_NAMED = """
CREATE FUNCTION refuse_to_be_missed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  is_so boolean;
BEGIN
  EXECUTE format('SELECT EXISTS (SELECT FROM %I t WHERE t.%I = ($1).%I)', TG_TABLE_NAME, TG_ARGV[0], TG_ARGV[0]) INTO is_so USING OLD;
  IF NOT is_so THEN
    FOR n IN 1 .. TG_NARGS - 2 BY 2 LOOP
      EXECUTE format('SELECT EXISTS (SELECT FROM %I t WHERE t.%I = ($1).%I)', TG_ARGV[n], TG_ARGV[n + 1], TG_ARGV[0]) INTO is_so USING OLD;
      IF is_so THEN
        RAISE EXCEPTION 'rows of % name a row of %', TG_ARGV[n], TG_TABLE_NAME
          USING ERRCODE = 'foreign_key_violation', TABLE = TG_ARGV[n], COLUMN = TG_ARGV[n + 1];
      END IF;
    END LOOP;
  END IF;
  RETURN NULL;
END $$;
"""
ASKED = """
  PERFORM FROM {parent} WHERE {key} = ANY (of_{column}) FOR KEY SHARE;
  GET DIAGNOSTICS there = ROW_COUNT;
  IF there < cardinality(of_{column}) THEN
    RAISE EXCEPTION 'rows of {table} name no row of {parent}'
      USING ERRCODE = 'foreign_key_violation', TABLE = '{table}', COLUMN = '{column}';
  END IF;"""


WRITTEN = """
CREATE FUNCTION {word}_names_what_is_there() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  there integer;
  {declared}
BEGIN
  SELECT {distinct} INTO {into} FROM (SELECT {columns} FROM written GROUP BY {columns}) told;
  {asked}
  RETURN NULL;
END $$;
"""
ACT = """
CREATE TRIGGER {act}_of_{word}_names_what_is_there AFTER {act} ON {table}
  REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION {word}_names_what_is_there();
"""
MISSED = """
CREATE CONSTRAINT TRIGGER {word}_keeps_its_{column} AFTER DELETE OR UPDATE OF {key} ON {parent} DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION refuse_to_be_missed('{key}', '{table}', '{column}');
"""


def asked_once(table: str, word: str, names: Names, *, acts: tuple[str, ...] = ("insert", "update")) -> tuple[str, str]:
    """SQL for a migration and its way back. `word` begins the names of what is made, as `access_names_what_is_there`."""
    asked = WRITTEN.format(
        word=word, columns=", ".join(names), into=", ".join(f"of_{column}" for column in names),
        declared="\n  ".join(f"of_{column} {table}.{column}%TYPE[];" for column in names),
        distinct=", ".join(f"array_remove(array_agg(DISTINCT {column}), NULL)" for column in names),
        asked="".join(ASKED.format(table=table, parent=parent, key=key, column=column) for column, (parent, key) in names.items()),
    )  # fmt: skip
    laid = [
        asked,
        *(ACT.format(act=act, word=word, table=table) for act in acts),
        *(MISSED.format(word=word, table=table, column=column, parent=parent, key=key) for column, (parent, key) in names.items()),
    ]
    back = [
        *(f"DROP TRIGGER {word}_keeps_its_{column} ON {parent};" for column, (parent, _) in names.items()),
        *(f"DROP TRIGGER {act}_of_{word}_names_what_is_there ON {table};" for act in acts),
        f"DROP FUNCTION {word}_names_what_is_there();",
    ]
    return "\n".join(laid), "\n".join(back)


TOGETHER = """
CREATE OR REPLACE FUNCTION {word}_is_of_what_is_there() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  there integer;
  {declared}
BEGIN{asked}
  RETURN NULL;
END $$;
"""
INSERTED = """
CREATE TRIGGER insert_of_{word}_is_of_what_is_there AFTER INSERT ON {table}
  REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION {word}_is_of_what_is_there();
"""
ALL_OF_IT = """
  SELECT array_agg(DISTINCT {column}) INTO of_{column} FROM written WHERE {column} IS NOT NULL;"""
# An update that leaves the key alone, as nearly all do, costs no more than the condition.
MOVED = """
CREATE FUNCTION {word}_moves_to_what_is_there() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN{asked}
  RETURN NULL;
END $$;
CREATE TRIGGER update_of_{word}_moves_to_what_is_there AFTER UPDATE ON {table} FOR EACH ROW
  WHEN (({old}) IS DISTINCT FROM ({new})) EXECUTE FUNCTION {word}_moves_to_what_is_there();
"""
MOVED_TO = """
  IF NEW.{column} IS DISTINCT FROM OLD.{column} AND NEW.{column} IS NOT NULL THEN
    PERFORM FROM {parent} WHERE {key} = NEW.{column} FOR KEY SHARE;
    IF NOT FOUND THEN
      RAISE EXCEPTION 'rows of {table} name no row of {parent}'
        USING ERRCODE = 'foreign_key_violation', TABLE = '{table}', COLUMN = '{column}';
    END IF;
  END IF;"""
# As `refuse_to_be_missed`, planned once: an undo deletes some ten thousand.
STILL_ITS = """
CREATE FUNCTION {word}_keeps_its_{column}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM {table} WHERE {column} = OLD.{key}) AND NOT EXISTS (SELECT FROM {parent} WHERE {key} = OLD.{key}) THEN
    RAISE EXCEPTION 'rows of {table} name a row of {parent}'
      USING ERRCODE = 'foreign_key_violation', TABLE = '{table}', COLUMN = '{column}';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER {word}_keeps_its_{column} AFTER DELETE OR UPDATE OF {key} ON {parent} DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION {word}_keeps_its_{column}();
"""


def _each(table: str, word: str, names: Names) -> list[dict[str, str]]:
    return [{"table": table, "word": word, "column": column, "parent": parent, "key": key} for column, (parent, key) in names.items()]


def of_what_is_there(table: str, word: str, names: Names) -> str:
    """What an insert asks, laid down or laid down anew: fewer columns, where another trigger of the table asks the rest."""
    return TOGETHER.format(
        word=word, table=table, declared="\n  ".join(f"of_{column} {table}.{column}%TYPE[];" for column in names),
        asked="".join((ALL_OF_IT + ASKED).format(**one) for one in _each(table, word, names)),
    )  # fmt: skip


def asked_together(table: str, word: str, names: Names) -> tuple[str, str]:
    """The same of columns that differ from row to row. Each needs an index, by which is found who still names what is deleted."""
    each = _each(table, word, names)
    laid = [
        of_what_is_there(table, word, names),
        INSERTED.format(word=word, table=table),
        MOVED.format(
            word=word, table=table, asked="".join(MOVED_TO.format(**one) for one in each),
            old=", ".join(f"OLD.{column}" for column in names), new=", ".join(f"NEW.{column}" for column in names),
        ),
        *(STILL_ITS.format(**one) for one in each),
    ]  # fmt: skip
    back = [
        *(f"DROP TRIGGER {word}_keeps_its_{column} ON {parent};" for column, (parent, _) in names.items()),
        *(f"DROP FUNCTION {word}_keeps_its_{column}();" for column in names),
        f"DROP TRIGGER update_of_{word}_moves_to_what_is_there ON {table};",
        f"DROP TRIGGER insert_of_{word}_is_of_what_is_there ON {table};",
        f"DROP FUNCTION {word}_moves_to_what_is_there();",
        f"DROP FUNCTION {word}_is_of_what_is_there();",
    ]
    return "\n".join(laid), "\n".join(back)
