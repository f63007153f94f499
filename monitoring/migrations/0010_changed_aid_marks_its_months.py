"""Whatever changes aid says so itself, once for a statement, in its own transaction: no door can forget it, and none is slowed by the row.

A statement that reaches many people is not asked where each of them lives: it marks the county.
"""

from django.db import migrations

# What each statement wrote: the place, and from when to when the aid stands or stood otherwise.
MARK = """
CREATE FUNCTION monitoring_mark_records() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO monitoring_summarymark (township_code, since, until)
    SELECT left(region_code, 9), min(since), CASE WHEN bool_and(until IS NOT NULL) THEN max(until) END FROM written GROUP BY 1;
  ELSIF TG_OP = 'DELETE' THEN
    INSERT INTO monitoring_summarymark (township_code, since, until)
    SELECT left(region_code, 9), min(since), CASE WHEN bool_and(until IS NOT NULL) THEN max(until) END FROM gone GROUP BY 1;
  ELSE
    INSERT INTO monitoring_summarymark (township_code, since, until)
    SELECT left(place, 9), min(since), CASE WHEN bool_and(until IS NOT NULL) THEN max(until) END FROM (
      SELECT place.region_code AS place,
        CASE WHEN (w.region_code, w.program_id, w.household_id, w.resident_id, w.amount, w.cadence, w.since)
            IS DISTINCT FROM (g.region_code, g.program_id, g.household_id, g.resident_id, g.amount, g.cadence, g.since)
          THEN least(w.since, g.since) ELSE least(w.until, g.until) END AS since,
        CASE WHEN w.until IS NOT NULL AND g.until IS NOT NULL THEN greatest(w.until, g.until) END AS until
      FROM written w JOIN gone g ON g.id = w.id CROSS JOIN LATERAL (VALUES (w.region_code), (g.region_code)) place (region_code)
      WHERE (w.region_code, w.program_id, w.household_id, w.resident_id, w.amount, w.cadence, w.since, w.until)
        IS DISTINCT FROM (g.region_code, g.program_id, g.household_id, g.resident_id, g.amount, g.cadence, g.since, g.until)
    ) changed GROUP BY 1;
  END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION monitoring_mark_coverage() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  many CONSTANT integer := 500;
  rows integer;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    INSERT INTO monitoring_summarymark (township_code, since, until)
    SELECT CASE WHEN number > many THEN '' ELSE left(a.region_code, 9) END, min(changed.since),
      CASE WHEN bool_and(changed.until IS NOT NULL) THEN max(changed.until) END
    FROM (
      SELECT w.record_id, count(*) OVER () AS number,
        CASE WHEN (w.record_id, w.resident_id, w.since) IS DISTINCT FROM (g.record_id, g.resident_id, g.since)
          THEN least(w.since, g.since) ELSE least(w.until, g.until) END AS since,
        CASE WHEN w.until IS NOT NULL AND g.until IS NOT NULL THEN greatest(w.until, g.until) END AS until
      FROM written w JOIN gone g ON g.id = w.id
      WHERE (w.record_id, w.resident_id, w.since, w.until) IS DISTINCT FROM (g.record_id, g.resident_id, g.since, g.until)
    ) changed LEFT JOIN households_assistancerecord a ON number <= many AND a.id = changed.record_id
    GROUP BY 1;
  ELSIF TG_OP = 'INSERT' THEN
    SELECT count(*) INTO rows FROM written;
    IF rows > many THEN
      INSERT INTO monitoring_summarymark (township_code, since, until)
      SELECT '', min(since), CASE WHEN bool_and(until IS NOT NULL) THEN max(until) END FROM written;
    ELSE
      INSERT INTO monitoring_summarymark (township_code, since, until)
      SELECT left(a.region_code, 9), min(w.since), CASE WHEN bool_and(w.until IS NOT NULL) THEN max(w.until) END
      FROM written w JOIN households_assistancerecord a ON a.id = w.record_id GROUP BY 1;
    END IF;
  ELSE
    INSERT INTO monitoring_summarymark (township_code, since, until)
    SELECT '', min(since), CASE WHEN bool_and(until IS NOT NULL) THEN max(until) END FROM gone HAVING count(*) > 0;
  END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION monitoring_mark_members() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO monitoring_summarymark (township_code, since, until)
    SELECT left(a.region_code, 9), min(least(w.since, a.since)), CASE WHEN bool_and(w.until IS NOT NULL) THEN max(w.until) END
    FROM written w JOIN households_assistancerecord a ON a.resident_id = w.resident_id GROUP BY 1;
  ELSIF TG_OP = 'DELETE' THEN
    INSERT INTO monitoring_summarymark (township_code, since, until)
    SELECT left(a.region_code, 9), min(least(g.since, a.since)), CASE WHEN bool_and(g.until IS NOT NULL) THEN max(g.until) END
    FROM gone g JOIN households_assistancerecord a ON a.resident_id = g.resident_id GROUP BY 1;
  ELSE
    INSERT INTO monitoring_summarymark (township_code, since, until)
    SELECT left(a.region_code, 9), min(CASE WHEN changed.moved THEN least(changed.since, a.since) ELSE changed.since END),
      CASE WHEN bool_and(changed.until IS NOT NULL) THEN max(changed.until) END
    FROM (
      SELECT person.resident_id, (w.household_id, w.resident_id, w.since) IS DISTINCT FROM (g.household_id, g.resident_id, g.since) AS moved,
        CASE WHEN (w.household_id, w.resident_id, w.since) IS DISTINCT FROM (g.household_id, g.resident_id, g.since)
          THEN least(w.since, g.since) ELSE least(w.until, g.until) END AS since,
        CASE WHEN w.until IS NOT NULL AND g.until IS NOT NULL THEN greatest(w.until, g.until) END AS until
      FROM written w JOIN gone g ON g.id = w.id CROSS JOIN LATERAL (VALUES (w.resident_id), (g.resident_id)) person (resident_id)
      WHERE (w.household_id, w.resident_id, w.since, w.until) IS DISTINCT FROM (g.household_id, g.resident_id, g.since, g.until)
    ) changed JOIN households_assistancerecord a ON a.resident_id = changed.resident_id GROUP BY 1;
  END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION monitoring_mark_holds() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    INSERT INTO monitoring_summarymark (township_code, since, until)
    SELECT left(a.region_code, 9), min(g.since), NULL
    FROM gone g JOIN households_assistancerecord a ON a.id = g.record_id WHERE g.kind = 'hold' GROUP BY 1;
  ELSE
    INSERT INTO monitoring_summarymark (township_code, since, until)
    SELECT left(a.region_code, 9), min(w.since), NULL
    FROM written w JOIN households_assistancerecord a ON a.id = w.record_id WHERE w.kind = 'hold' GROUP BY 1;
  END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION monitoring_mark_everything() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO monitoring_summarymark (township_code, since) VALUES ('', '1949-10-01');
  RETURN NULL;
END $$;
CREATE TRIGGER moved_program_marks_everything AFTER UPDATE OF department_id ON programs_program
  FOR EACH STATEMENT EXECUTE FUNCTION monitoring_mark_everything();
"""
TABLES = {
    "households_assistancerecord": "records",
    "households_coverage": "coverage",
    "households_membership": "members",
    "households_recordchange": "holds",
}
SEEN = {
    "insert": "NEW TABLE AS written",
    "update": "OLD TABLE AS gone NEW TABLE AS written",
    "delete": "OLD TABLE AS gone",
}
TRIGGERS = "\n".join(
    f"CREATE TRIGGER {act}_of_{what}_marks_months AFTER {act.upper()} ON {table} "
    f"REFERENCING {seen} FOR EACH STATEMENT EXECUTE FUNCTION monitoring_mark_{what}();"
    for table, what in TABLES.items()
    for act, seen in SEEN.items()
)
FORGET = "\n".join(
    [
        *(f"DROP TRIGGER {act}_of_{what}_marks_months ON {table};" for table, what in TABLES.items() for act in SEEN),
        "DROP TRIGGER moved_program_marks_everything ON programs_program;",
        *(f"DROP FUNCTION monitoring_mark_{what}();" for what in (*TABLES.values(), "everything")),
    ]
)


class Migration(migrations.Migration):
    dependencies = [
        ("monitoring", "0009_summaries"),
        ("households", "0012_records_are_told_apart_by_their_holder_first"),
    ]
    operations = [migrations.RunSQL(MARK + TRIGGERS, FORGET)]
