"""What a statement changed is set beside what stood by hash, however the statement before it was planned.

A trigger's plan is made once a session, by whatever came first: where that was a statement of no row, the next one of ten thousand was
compared row with row, ten seconds instead of a twentieth. A full join is never done so; of rows whose keys stand still it finds the same.
"""

from django.db import migrations

PLAIN, FULL = "written w JOIN gone g", "written w FULL JOIN gone g"
REPLACE = """
DO $$
DECLARE
  each text;
BEGIN
  FOREACH each IN ARRAY ARRAY['monitoring_mark_records()', 'monitoring_mark_coverage()', 'monitoring_mark_members()'] LOOP
    EXECUTE replace(pg_get_functiondef(each::regprocedure), '{old}', '{new}');
  END LOOP;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("monitoring", "0010_changed_aid_marks_its_months")]
    operations = [migrations.RunSQL(REPLACE.format(old=PLAIN, new=FULL), REPLACE.format(old=FULL, new=PLAIN))]
