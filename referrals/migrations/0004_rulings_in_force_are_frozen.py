"""A ruling in force never changes and never goes (SECURITY #13): what is ruled otherwise later is another ruling, beside it."""

from django.db import migrations

FREEZE = """
CREATE FUNCTION referrals_ruling_is_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.in_force_at IS NULL THEN
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'a ruling in force never changes: % refused', TG_OP USING ERRCODE = 'check_violation';
END $$;

CREATE TRIGGER ruling_is_frozen BEFORE UPDATE OR DELETE ON referrals_ruling
  FOR EACH ROW EXECUTE FUNCTION referrals_ruling_is_frozen();
"""
THAW = "DROP TRIGGER ruling_is_frozen ON referrals_ruling; DROP FUNCTION referrals_ruling_is_frozen();"


class Migration(migrations.Migration):
    dependencies = [("referrals", "0003_disputes_and_rulings")]
    operations = [migrations.RunSQL(FREEZE, THAW)]
