"""What was published to be signed never changes; what was handed out says for ever what it said. A paper may be voided, once."""

from django.db import migrations

FREEZE = """
CREATE FUNCTION documents_form_is_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.published_at IS NOT NULL THEN
    RAISE EXCEPTION 'a published form never changes: % refused', TG_OP USING ERRCODE = 'check_violation';
  END IF;
  IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
  RETURN NEW;
END $$;

CREATE FUNCTION documents_paper_is_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  allowed documents_issueddocument;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    allowed := OLD;
    IF OLD.voided_at IS NULL THEN
      allowed.voided_at := NEW.voided_at;
      allowed.voided_by_id := NEW.voided_by_id;
      allowed.void_reason := NEW.void_reason;
    END IF;
    IF NEW IS NOT DISTINCT FROM allowed THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION 'an issued paper never changes: % refused', TG_OP USING ERRCODE = 'check_violation';
END $$;

CREATE FUNCTION documents_template_is_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND NEW.content = OLD.content AND (NEW.kind, NEW.number) = (OLD.kind, OLD.number) THEN RETURN NEW; END IF;
  RAISE EXCEPTION 'the file of a template never changes: % refused', TG_OP USING ERRCODE = 'check_violation';
END $$;

CREATE TRIGGER published_form_is_frozen BEFORE UPDATE OR DELETE ON documents_formversion
  FOR EACH ROW EXECUTE FUNCTION documents_form_is_frozen();
CREATE TRIGGER issued_paper_is_frozen BEFORE UPDATE OR DELETE ON documents_issueddocument
  FOR EACH ROW EXECUTE FUNCTION documents_paper_is_frozen();
CREATE TRIGGER file_of_a_template_is_frozen BEFORE UPDATE OR DELETE ON documents_documenttemplate
  FOR EACH ROW EXECUTE FUNCTION documents_template_is_frozen();
"""
THAW = """
DROP TRIGGER file_of_a_template_is_frozen ON documents_documenttemplate;
DROP TRIGGER issued_paper_is_frozen ON documents_issueddocument;
DROP TRIGGER published_form_is_frozen ON documents_formversion;
DROP FUNCTION documents_template_is_frozen();
DROP FUNCTION documents_paper_is_frozen();
DROP FUNCTION documents_form_is_frozen();
"""


class Migration(migrations.Migration):
    dependencies = [("documents", "0001_papers_and_files")]
    operations = [migrations.RunSQL(FREEZE, THAW)]
