"""Which file counted when a delivery was sent back is kept with it: until now it was guessed by when a file was entered."""

import django.db.models.deletion
from django.db import migrations, models

# Of what waits to come again: the file last entered for the item by then, and not taken back before.
KNOWN = """
    UPDATE monitoring_deliveryitem i SET returned_batch_id = (
        SELECT b.id FROM spreadsheets_batch b
        WHERE b.subject_label = 'monitoring.deliveryitem' AND b.subject_id = i.id::text AND b.applied_at < d.returned_at
            AND (b.undone_at IS NULL OR b.undone_at >= d.returned_at)
        ORDER BY b.applied_at DESC LIMIT 1
    )
    FROM monitoring_delivery d WHERE d.id = i.delivery_id AND d.status = 'returned'
"""


class Migration(migrations.Migration):
    dependencies = [
        ("monitoring", "0016_late_has_one_word"),
        ("spreadsheets", "0006_who_comes_second_is_told_where_it_stands"),
    ]
    operations = [
        migrations.AddField(
            "deliveryitem",
            "returned_batch",
            models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="spreadsheets.batch",
                verbose_name="退回时的批次",
            ),
        ),
        migrations.RunSQL(KNOWN, migrations.RunSQL.noop),
    ]
