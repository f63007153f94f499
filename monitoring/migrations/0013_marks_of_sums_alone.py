"""A statement that wrote other sums and nothing else says so: whom aid reaches did not change, and need not be counted again."""

from django.db import migrations, models

RECORDS = """
CREATE OR REPLACE FUNCTION monitoring_mark_records() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO monitoring_summarymark (township_code, since, until)
    SELECT left(region_code, 9), min(since), CASE WHEN bool_and(until IS NOT NULL) THEN max(until) END FROM written GROUP BY 1;
  ELSIF TG_OP = 'DELETE' THEN
    INSERT INTO monitoring_summarymark (township_code, since, until)
    SELECT left(region_code, 9), min(since), CASE WHEN bool_and(until IS NOT NULL) THEN max(until) END FROM gone GROUP BY 1;
  ELSE
    INSERT INTO monitoring_summarymark (township_code, since, until{column})
    SELECT left(place, 9), min(since), CASE WHEN bool_and(until IS NOT NULL) THEN max(until) END{column} FROM (
      SELECT place.region_code AS place,
        CASE WHEN (w.region_code, w.program_id, w.household_id, w.resident_id, w.amount, w.cadence, w.since)
            IS DISTINCT FROM (g.region_code, g.program_id, g.household_id, g.resident_id, g.amount, g.cadence, g.since)
          THEN least(w.since, g.since) ELSE least(w.until, g.until) END AS since,
        CASE WHEN w.until IS NOT NULL AND g.until IS NOT NULL THEN greatest(w.until, g.until) END AS until{value}
      FROM written w FULL JOIN gone g ON g.id = w.id CROSS JOIN LATERAL (VALUES (w.region_code), (g.region_code)) place (region_code)
      WHERE (w.region_code, w.program_id, w.household_id, w.resident_id, w.amount, w.cadence, w.since, w.until)
        IS DISTINCT FROM (g.region_code, g.program_id, g.household_id, g.resident_id, g.amount, g.cadence, g.since, g.until)
    ) changed GROUP BY 1{column};
  END IF;
  RETURN NULL;
END $$;
"""
SUMS_ALONE = """,
        (w.region_code, w.program_id, w.household_id, w.resident_id, w.cadence, w.since, w.until)
          IS NOT DISTINCT FROM (g.region_code, g.program_id, g.household_id, g.resident_id, g.cadence, g.since, g.until) AS is_sums"""


class Migration(migrations.Migration):
    dependencies = [("monitoring", "0012_work_summaries")]
    operations = [
        migrations.AddField(
            "summarymark", "is_sums", models.BooleanField("只有金额变动", default=False, db_default=False)
        ),
        migrations.RunSQL(
            RECORDS.replace("{column}", ", is_sums").replace("{value}", SUMS_ALONE),
            RECORDS.replace("{column}", "").replace("{value}", ""),
        ),
    ]
