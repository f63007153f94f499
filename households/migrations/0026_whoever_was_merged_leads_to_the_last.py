"""Whoever was merged into a person who was merged later leads to the one who stayed: every reader goes one step."""

from django.db import migrations

# `UNION`: a circle, which the verb refuses, would end all the same, and is left.
FOLLOWED = """
    WITH RECURSIVE steps AS (
        SELECT id, survivor_id AS leads_to FROM households_resident WHERE survivor_id IS NOT NULL
        UNION
        SELECT s.id, r.survivor_id FROM steps s JOIN households_resident r ON r.id = s.leads_to WHERE r.survivor_id IS NOT NULL
    )
    UPDATE households_resident g SET survivor_id = s.leads_to
    FROM steps s JOIN households_resident v ON v.id = s.leads_to AND v.survivor_id IS NULL
    WHERE s.id = g.id AND g.survivor_id <> s.leads_to
"""


class Migration(migrations.Migration):
    dependencies = [("households", "0025_headings_of_banks_are_remembered_once")]
    operations = [migrations.RunSQL(FOLLOWED, migrations.RunSQL.noop)]
