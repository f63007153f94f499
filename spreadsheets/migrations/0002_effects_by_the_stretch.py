"""What an entry wrote is kept by the stretch: one row of effects holds up to 500 rows of a table, each whole, before and after.

They stand for some days: not compressed, which would cost more than all else of it.
"""

import django.contrib.postgres.fields
from django.db import migrations, models

GATHER = """
ALTER TABLE spreadsheets_effect RENAME COLUMN row_id TO row_ids;
ALTER TABLE spreadsheets_effect
    ALTER COLUMN row_ids TYPE text[] USING ARRAY[row_ids],
    ALTER COLUMN before TYPE jsonb[] USING CASE WHEN before IS NULL THEN '{}' ELSE ARRAY[before] END,
    ALTER COLUMN after TYPE jsonb[] USING ARRAY[after];
ALTER TABLE spreadsheets_effect
    ALTER COLUMN row_ids SET STORAGE EXTERNAL, ALTER COLUMN before SET STORAGE EXTERNAL, ALTER COLUMN after SET STORAGE EXTERNAL;
ALTER TABLE spreadsheets_effect ALTER COLUMN before SET NOT NULL;
"""
SPREAD = """
CREATE TEMPORARY TABLE spread ON COMMIT DROP AS
    SELECT e.batch_id, e."table", w.row_id, w.before, w.after, row_number() OVER (ORDER BY e.id, w.place) AS place
    FROM spreadsheets_effect e
    CROSS JOIN LATERAL unnest(e.row_ids, e.before, e.after) WITH ORDINALITY AS w (row_id, before, after, place);
DELETE FROM spreadsheets_effect;
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE spreadsheets_effect ALTER COLUMN before DROP NOT NULL;
ALTER TABLE spreadsheets_effect RENAME COLUMN row_ids TO row_id;
ALTER TABLE spreadsheets_effect
    ALTER COLUMN row_id TYPE varchar(40) USING row_id[1],
    ALTER COLUMN before TYPE jsonb USING before[1],
    ALTER COLUMN after TYPE jsonb USING after[1];
INSERT INTO spreadsheets_effect (batch_id, "table", row_id, before, after)
    SELECT batch_id, "table", row_id, before, after FROM spread ORDER BY place;
SET CONSTRAINTS ALL DEFERRED;
"""
OF_JSON = {"base_field": models.JSONField(), "size": None}


class Migration(migrations.Migration):
    dependencies = [("spreadsheets", "0001_batches_and_staged_rows")]

    operations = [
        migrations.RunSQL(
            GATHER,
            SPREAD,
            state_operations=[
                migrations.RenameField("effect", "row_id", "row_ids"),
                migrations.AlterField(
                    "effect",
                    "row_ids",
                    django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), size=None, verbose_name="记录编号"),
                ),
                migrations.AlterField(
                    "effect",
                    "before",
                    django.contrib.postgres.fields.ArrayField(**OF_JSON, blank=True, default=list, verbose_name="原记录"),
                ),
                migrations.AlterField(
                    "effect", "after", django.contrib.postgres.fields.ArrayField(**OF_JSON, verbose_name="新记录")
                ),
            ],
        ),
    ]
