"""Sums of several programs leave sensitive ones out, so that what others read as rows is all there is in them.

What stood until now held them: it is counted anew, within minutes, and nobody reads the former.
"""

from django.db import migrations, models
from django.db.models import Q

FORGET = "DELETE FROM monitoring_summarycell; DELETE FROM monitoring_summarymonth; DELETE FROM monitoring_summarymark;"
TRIGGER = """
DROP TRIGGER moved_program_marks_everything ON programs_program;
CREATE TRIGGER moved_program_marks_everything AFTER UPDATE OF {columns} ON programs_program
  FOR EACH STATEMENT EXECUTE FUNCTION monitoring_mark_everything();
"""


class Migration(migrations.Migration):
    dependencies = [("monitoring", "0013_marks_of_sums_alone")]
    operations = [
        migrations.RunSQL(FORGET, FORGET),
        migrations.AddField("summarycell", "with_sensitive", models.BooleanField("含敏感项目", default=False)),
        migrations.RemoveConstraint("summarycell", "one_cell_per_month_place_and_program"),
        migrations.AddConstraint(
            "summarycell",
            models.UniqueConstraint(
                name="one_cell_per_month_place_and_program",
                fields=["month", "township_code", "department", "program", "with_sensitive"],
                nulls_distinct=False,
                violation_error_message="这个月份、地区和项目已有汇总。",
            ),
        ),
        migrations.AddConstraint(
            "summarycell",
            models.CheckConstraint(
                name="sensitive_cell_names_its_department",
                condition=Q(with_sensitive=False) | Q(department__isnull=False),
                violation_error_message="含敏感项目的汇总须写明部门。",
            ),
        ),
        migrations.RunSQL(TRIGGER.format(columns="department_id, is_sensitive"), TRIGGER.format(columns="department_id")),
    ]
