"""超期 everywhere and its days as 日: columns that a report or a superior's form names by their old headings follow."""

from django.db import migrations, models

# Headings of this floor's ledgers, as they were and as they are.
HEADINGS = {"逾期天数": "超期天数", "逾期报送": "超期报送"}


def follow(apps, schema_editor):
    """The columns of a report are "sheet:heading"; a form says of each of its columns {"label": heading} or a constant, which stays."""
    for report in apps.get_model("spreadsheets", "ReportApproval").objects.filter(ledger__startswith="monitoring.").exclude(columns=[]):
        parts = [name.partition(":") for name in report.columns]
        columns = [f"{place}:{HEADINGS.get(heading, heading)}" for place, _, heading in parts]
        if columns != report.columns:
            report.columns = columns
            report.save(update_fields=["columns"])
    for form in apps.get_model("spreadsheets", "SuperiorForm").objects.filter(ledger__startswith="monitoring.").exclude(columns={}):
        columns = {
            at: {**said, "label": HEADINGS.get(said["label"], said["label"])} if "label" in said else said
            for at, said in form.columns.items()
        }
        if columns != form.columns:
            form.columns = columns
            form.save(update_fields=["columns"])


class Migration(migrations.Migration):
    dependencies = [
        ("monitoring", "0015_what_was_said_of_sensitive_matters"),
        ("spreadsheets", "0006_who_comes_second_is_told_where_it_stands"),
    ]
    operations = [
        migrations.AlterField("bulletinline", "longest_days", models.PositiveIntegerField("最长超期（日）", default=0)),
        migrations.RunPython(follow, migrations.RunPython.noop),
    ]
