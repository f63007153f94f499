"""Who did it is asked once a statement, and whoever stands in the record is never deleted (`config.references`)."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from config.references import STILL_NAMED, asked_once

ASKED, BACK = asked_once("audit_event", "event", {"by_id": ("organization_staff", "id")}, acts=("insert",))


class Migration(migrations.Migration):

    dependencies = [
        ('audit', '0005_found_by_person_once'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name='event',
            name='by',
            field=models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='人员'),
        ),
        migrations.RunSQL(STILL_NAMED + ASKED, BACK + "DROP FUNCTION refuse_to_be_missed();"),
    ]
