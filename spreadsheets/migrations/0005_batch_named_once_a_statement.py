"""Of the rows of a file: their batch is asked once for all of them (`config.references`)."""

import django.db.models.deletion
from django.db import migrations, models

from config.references import asked_once

OF_ROWS, NOT_OF_ROWS = asked_once("spreadsheets_stagedrow", "staged_row", {"batch_id": ("spreadsheets_batch", "id")})


class Migration(migrations.Migration):

    dependencies = [
        ('audit', '0006_staff_named_once_a_statement'),
        ('spreadsheets', '0004_effects_keep_a_digest_of_what_was_left'),
    ]

    operations = [
        migrations.AlterField(
            model_name='stagedrow',
            name='batch',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='staged', to='spreadsheets.batch', verbose_name='导入批次'),
        ),
        migrations.RunSQL(OF_ROWS, NOT_OF_ROWS),
    ]
