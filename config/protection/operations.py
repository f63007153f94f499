"""The database's part of name search: an immutable function, indexed by GIN (PERFORMANCE 6)."""

from django.db.migrations import RunSQL

from .names import SKIPPED

# PL/pgSQL splits once and is nine times as fast as set-returning SQL (a million names in 0.9 s). COST 1 lets the planner read the
# table from its beginning for the commonest characters, where a page is full after a few hundred rows. Nothing but pg_catalog
# inside: index builds run with no search path.
_SKIPPED = SKIPPED.replace("'", "''")
NAME_GRAMS = f"""
CREATE FUNCTION name_key(name text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$ SELECT translate(lower(name), '{_SKIPPED}', '') $$;

CREATE FUNCTION name_grams(name text) RETURNS text[] LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 1 AS $$
DECLARE
  characters text[] := string_to_array(translate(lower(name), '{_SKIPPED}', ''), NULL);
  grams text[] := characters;
BEGIN
  FOR i IN 2 .. coalesce(cardinality(characters), 0) LOOP
    grams := grams || (characters[i - 1] || characters[i]);
  END LOOP;
  RETURN grams;
END $$;
"""
DROP_NAME_GRAMS = "DROP FUNCTION name_grams(text); DROP FUNCTION name_key(text);"


class CreateNameSearch(RunSQL):
    """Creates the functions. Done once, in `config`'s migration; an app with searchable names depends on it."""

    def __init__(self) -> None:
        super().__init__(NAME_GRAMS, DROP_NAME_GRAMS)

    def deconstruct(self) -> tuple[str, list[object], dict[str, object]]:
        return (self.__class__.__name__, [], {})
