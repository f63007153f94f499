"""A day or month that was confirmed was read as it stood: it never changes (STYLE, mistake 8). An open month is filled in once."""

from django.db import migrations

FREEZE = """
CREATE FUNCTION monitoring_closing_is_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a closed day or month never changes: % refused', TG_OP USING ERRCODE = 'check_violation';
END $$;

CREATE TRIGGER closed_day_is_frozen BEFORE UPDATE OR DELETE ON monitoring_dayclose
  FOR EACH ROW EXECUTE FUNCTION monitoring_closing_is_frozen();
CREATE TRIGGER supplement_of_a_day_is_frozen BEFORE UPDATE OR DELETE ON monitoring_daysupplement
  FOR EACH ROW EXECUTE FUNCTION monitoring_closing_is_frozen();
CREATE TRIGGER closed_month_is_frozen BEFORE UPDATE OR DELETE ON monitoring_monthclose
  FOR EACH ROW WHEN (OLD.closed_at IS NOT NULL) EXECUTE FUNCTION monitoring_closing_is_frozen();
"""
THAW = """
DROP TRIGGER closed_month_is_frozen ON monitoring_monthclose; DROP TRIGGER supplement_of_a_day_is_frozen ON monitoring_daysupplement;
DROP TRIGGER closed_day_is_frozen ON monitoring_dayclose;
DROP FUNCTION monitoring_closing_is_frozen();
"""


class Migration(migrations.Migration):
    dependencies = [("monitoring", "0002_days_and_months_closed")]
    operations = [migrations.RunSQL(FREEZE, THAW)]
