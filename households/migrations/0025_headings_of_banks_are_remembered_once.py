"""What a unit said of its bank's headings, list by list, is remembered for all of them: the newest word stands."""

from django.db import migrations

ANY = "households.payments:"


def fold(apps, schema_editor):
    mappings = apps.get_model("spreadsheets", "Mapping").objects
    of_units = {}
    for row in mappings.filter(template__startswith=ANY).order_by("set_at", "pk"):
        of_units.setdefault(row.unit_id, []).append(row)
    for rows in of_units.values():
        headings = {}
        for row in rows:
            said = row.headings
            headings = {heading: key for heading, key in headings.items() if heading not in said and key not in said.values()} | said
        newest = rows[-1]
        mappings.filter(pk__in=[row.pk for row in rows[:-1]]).delete()
        newest.template, newest.headings = ANY, headings
        newest.save(update_fields=["template", "headings"])


class Migration(migrations.Migration):
    dependencies = [
        ("households", "0024_people_asked_once_a_statement"),
        ("spreadsheets", "0006_who_comes_second_is_told_where_it_stands"),
    ]
    operations = [migrations.RunPython(fold, migrations.RunPython.noop)]
