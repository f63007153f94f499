"""Which papers only sensitive programs ask for: so far told by nothing, set for what stands."""

from django.db import migrations, models

MARK = """
UPDATE intake_paper SET is_confidential = true WHERE id IN (
    SELECT paper.id
      FROM intake_paper paper
      JOIN intake_applicationitem item ON item.application_id = paper.application_id
      JOIN programs_materialrequirement requirement
        ON requirement.version_id = item.version_id AND requirement.material_id = paper.material_id
       AND (requirement.track_id IS NULL OR requirement.track_id = item.track_id)
      JOIN programs_program program ON program.code = item.program_id
     GROUP BY paper.id
    HAVING bool_and(program.is_sensitive))
"""


class Migration(migrations.Migration):
    dependencies = [("intake", "0004_requests_pushed_to_the_window")]

    operations = [
        migrations.AddField(
            model_name="paper",
            name="is_confidential",
            field=models.BooleanField(default=False, verbose_name="敏感项目的材料"),
        ),
        migrations.RunSQL(MARK, migrations.RunSQL.noop),
    ]
