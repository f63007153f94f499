"""Of a row as an entry left it a digest is kept instead of its JSON, and one of what it was: an undo asks no more than whether it is so."""

import django.contrib.postgres.fields
from django.db import migrations, models

# Entries of the last days can be taken back still: each row of them by the table that it is of.
DIGESTED = """
ALTER TABLE spreadsheets_effect ADD was bigint[] NOT NULL DEFAULT '{}', ADD left_as bigint[] NOT NULL DEFAULT '{}';
ALTER TABLE spreadsheets_effect ALTER was DROP DEFAULT, ALTER left_as DROP DEFAULT;
ALTER TABLE spreadsheets_effect ALTER was SET STORAGE EXTERNAL, ALTER left_as SET STORAGE EXTERNAL;
DO $$
DECLARE
  name text;
BEGIN
  FOR name IN SELECT DISTINCT "table" FROM spreadsheets_effect LOOP
    EXECUTE format(
      'UPDATE spreadsheets_effect e SET
         was = ARRAY(SELECT hash_record_extended(jsonb_populate_record(NULL::%1$I, w.row), 0)
           FROM unnest(e.before) WITH ORDINALITY AS w (row, place) ORDER BY w.place),
         left_as = ARRAY(SELECT hash_record_extended(jsonb_populate_record(NULL::%1$I, w.row), 0)
           FROM unnest(e.after) WITH ORDINALITY AS w (row, place) ORDER BY w.place)
       WHERE e."table" = %1$L', name);
  END LOOP;
END $$;
SET CONSTRAINTS ALL IMMEDIATE;
SET CONSTRAINTS ALL DEFERRED;
ALTER TABLE spreadsheets_effect DROP COLUMN after;
"""
# Back: rows as they stand now, which is as they were left unless somebody has changed them since. Of what a statement said that it sets, and
# those that wrote the row after it, the old values are laid over them: the undo of then puts whole rows back.
SPELT = """
ALTER TABLE spreadsheets_effect ADD after jsonb[] NOT NULL DEFAULT '{}';
ALTER TABLE spreadsheets_effect ALTER after DROP DEFAULT;
ALTER TABLE spreadsheets_effect ALTER after SET STORAGE EXTERNAL;
DO $$
DECLARE
  name text;
BEGIN
  FOR name IN SELECT DISTINCT "table" FROM spreadsheets_effect LOOP
    EXECUTE format(
      'CREATE TEMP TABLE spelt AS
         SELECT e.id, e.batch_id, w.place, w.row_id, w.before, COALESCE(to_jsonb(t), ''{}'') AS after
         FROM spreadsheets_effect e CROSS JOIN LATERAL unnest(e.row_ids, e.before) WITH ORDINALITY AS w (row_id, before, place)
         LEFT JOIN %1$I t ON t.id::text = w.row_id WHERE e."table" = %1$L', name);
    CREATE INDEX ON spelt (row_id);
    UPDATE spreadsheets_effect e SET after = s.afters, before = CASE WHEN e.before = '{}' THEN e.before ELSE s.befores END
    FROM (
      SELECT s.id, array_agg(s.after ORDER BY s.place) AS afters, array_agg(s.after || COALESCE(o.kept, '{}') ORDER BY s.place) AS befores
      FROM spelt s CROSS JOIN LATERAL (
        SELECT jsonb_object_agg(k.key, k.value ORDER BY o.id DESC) AS kept FROM spelt o CROSS JOIN LATERAL jsonb_each(o.before) k
        WHERE o.row_id = s.row_id AND o.batch_id = s.batch_id AND o.id >= s.id
      ) o GROUP BY s.id
    ) s WHERE s.id = e.id;
    DROP TABLE spelt;
  END LOOP;
END $$;
SET CONSTRAINTS ALL IMMEDIATE;
SET CONSTRAINTS ALL DEFERRED;
ALTER TABLE spreadsheets_effect DROP COLUMN was, DROP COLUMN left_as;
"""


class Migration(migrations.Migration):
    dependencies = [("spreadsheets", "0003_exports_and_reports")]

    operations = [
        migrations.RunSQL(
            DIGESTED,
            SPELT,
            state_operations=[
                migrations.RemoveField("effect", "after"),
                migrations.AddField(
                    "effect",
                    "was",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), blank=True, default=list, size=None, verbose_name="原记录（摘要）"
                    ),
                ),
                migrations.AddField(
                    "effect",
                    "left_as",
                    django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None, verbose_name="新记录（摘要）"),
                    preserve_default=False,
                ),
            ],
        ),
    ]
