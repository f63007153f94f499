"""A roll with another sum ends a record and puts another in its place: which one, so that what hangs on aid finds what goes on.

What is named is asked for all rows of a statement together (`config.references`).
"""

import django.db.models.deletion
from django.db import migrations, models

from config.references import asked_together

LAID, BACK = asked_together("households_assistancerecord", "record_former", {"former_id": ("households_assistancerecord", "id")})


class Migration(migrations.Migration):

    dependencies = [
        ('households', '0027_a_file_that_says_the_same_leaves_its_day'),
    ]

    operations = [
        migrations.AddField(
            model_name='assistancerecord',
            name='former',
            field=models.ForeignKey(blank=True, db_constraint=False, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='followed_by', to='households.assistancerecord', verbose_name='原救助记录'),
        ),
        migrations.AddConstraint(
            model_name='assistancerecord',
            constraint=models.UniqueConstraint(condition=models.Q(('former__isnull', False)), fields=('former',), name='one_record_goes_on_as_one', violation_error_message='这项救助已有接续的记录。'),
        ),
        migrations.AddConstraint(
            model_name='assistancerecord',
            constraint=models.CheckConstraint(condition=models.Q(('former', None), models.Q(('former', models.F('id')), _negated=True), _connector='OR'), name='a_record_does_not_follow_itself', violation_error_message='救助记录不能接续自己。'),
        ),
        migrations.RunSQL(LAID, BACK),
    ]
