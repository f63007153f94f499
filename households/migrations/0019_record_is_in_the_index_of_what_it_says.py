"""A record is of a household or of a resident, and few come from a decision: of three indexes each row stood in all, two for nothing."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('households', '0018_units_and_posts_named_once_a_statement'),
        ('organization', '0006_texts_to_ones_mobile'),
        ('programs', '0006_lists_are_confirmed_by_two'),
    ]

    operations = [
        migrations.AlterField(
            model_name='assistancerecord',
            name='decision_id',
            field=models.UUIDField(blank=True, editable=False, null=True, verbose_name='作出决定的转办单'),
        ),
        migrations.AlterField(
            model_name='assistancerecord',
            name='household',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='records', to='households.household', verbose_name='家庭'),
        ),
        migrations.AlterField(
            model_name='assistancerecord',
            name='resident',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='records', to='households.resident', verbose_name='人员'),
        ),
        migrations.AddIndex(
            model_name='assistancerecord',
            index=models.Index(condition=models.Q(('household__isnull', False)), fields=['household'], name='record_of_household'),
        ),
        migrations.AddIndex(
            model_name='assistancerecord',
            index=models.Index(condition=models.Q(('resident__isnull', False)), fields=['resident'], name='record_of_resident'),
        ),
        migrations.AddConstraint(
            model_name='assistancerecord',
            constraint=models.UniqueConstraint(condition=models.Q(('decision_id__isnull', False)), fields=('decision_id',), name='a_decision_makes_one_record', violation_error_message='这项决定已登记过救助记录。'),
        ),
    ]
