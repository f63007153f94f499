"""A published version and what hangs on it never change. The one thing it may still receive, once, is the day it ends."""

from django.db import migrations

FREEZE = """
CREATE FUNCTION programs_version_is_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  allowed programs_programversion;
BEGIN
  IF OLD.published_at IS NULL THEN
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
  END IF;
  IF TG_OP = 'UPDATE' THEN
    allowed := OLD;
    IF OLD.valid_until IS NULL THEN allowed.valid_until := NEW.valid_until; END IF;
    IF NEW IS NOT DISTINCT FROM allowed THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION 'a published version never changes: % refused', TG_OP USING ERRCODE = 'check_violation';
END $$;

CREATE FUNCTION programs_part_is_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  version_ids bigint[];
BEGIN
  IF TG_TABLE_NAME = 'programs_stage' THEN
    SELECT array_agg(t.version_id) INTO version_ids FROM programs_track t
      WHERE t.id IN (CASE WHEN TG_OP <> 'INSERT' THEN OLD.track_id END, CASE WHEN TG_OP <> 'DELETE' THEN NEW.track_id END);
  ELSE
    version_ids := ARRAY[CASE WHEN TG_OP <> 'INSERT' THEN OLD.version_id END, CASE WHEN TG_OP <> 'DELETE' THEN NEW.version_id END];
  END IF;
  PERFORM 1 FROM programs_programversion v WHERE v.id = ANY (version_ids) FOR SHARE; -- waits for a publication under way
  IF EXISTS (SELECT 1 FROM programs_programversion v WHERE v.id = ANY (version_ids) AND v.published_at IS NOT NULL) THEN
    RAISE EXCEPTION 'a part of a published version never changes: % on % refused', TG_OP, TG_TABLE_NAME USING ERRCODE = 'check_violation';
  END IF;
  IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER published_version_is_frozen BEFORE UPDATE OR DELETE ON programs_programversion
  FOR EACH ROW EXECUTE FUNCTION programs_version_is_frozen();
CREATE TRIGGER track_of_a_published_version_is_frozen BEFORE INSERT OR UPDATE OR DELETE ON programs_track
  FOR EACH ROW EXECUTE FUNCTION programs_part_is_frozen();
CREATE TRIGGER stage_of_a_published_version_is_frozen BEFORE INSERT OR UPDATE OR DELETE ON programs_stage
  FOR EACH ROW EXECUTE FUNCTION programs_part_is_frozen();
CREATE TRIGGER requirement_of_a_published_version_is_frozen BEFORE INSERT OR UPDATE OR DELETE ON programs_materialrequirement
  FOR EACH ROW EXECUTE FUNCTION programs_part_is_frozen();
"""
THAW = """
DROP TRIGGER requirement_of_a_published_version_is_frozen ON programs_materialrequirement;
DROP TRIGGER stage_of_a_published_version_is_frozen ON programs_stage;
DROP TRIGGER track_of_a_published_version_is_frozen ON programs_track;
DROP TRIGGER published_version_is_frozen ON programs_programversion;
DROP FUNCTION programs_part_is_frozen();
DROP FUNCTION programs_version_is_frozen();
"""


class Migration(migrations.Migration):
    dependencies = [("programs", "0001_catalogue")]
    operations = [migrations.RunSQL(FREEZE, THAW)]
