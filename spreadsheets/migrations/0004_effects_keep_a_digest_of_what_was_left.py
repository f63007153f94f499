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
# Back: rows as they stand now, which is as they were left unless somebody has changed them since.
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
      'UPDATE spreadsheets_effect e SET after = ARRAY(
         SELECT COALESCE((SELECT to_jsonb(t) FROM %1$I t WHERE t.id::text = w.row_id), ''{}'')
         FROM unnest(e.row_ids) WITH ORDINALITY AS w (row_id, place) ORDER BY w.place)
       WHERE e."table" = %1$L', name);
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
