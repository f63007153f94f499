from django.db import migrations, models


def mark_returns(apps, schema_editor):
    """What stands open in these kinds came back to its unit; of a stage that was sent back the duty did not say so until now."""
    duties = apps.get_model("deadlines", "Duty").objects.filter(closed_at=None)
    duties.filter(kind__in=["resubmit", "settle", "supplement"]).update(is_return=True)


class Migration(migrations.Migration):
    dependencies = [("deadlines", "0007_periodic_work_by_row")]

    operations = [
        migrations.AddField("duty", "is_return", models.BooleanField("退回事项", default=False)),
        migrations.RunPython(mark_returns, migrations.RunPython.noop),
    ]
