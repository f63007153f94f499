"""That a record covers somebody once at a time is kept by a trigger of the statement, which locks the record and so asks of it what a key would."""

from django.db import migrations, models
from django.db.models import F, Q

import config.overlaps
from config.references import of_what_is_there

RESIDENT = {"resident_id": ("households_resident", "id")}
BOTH = {"record_id": ("households_assistancerecord", "id")} | RESIDENT


class Migration(migrations.Migration):

    dependencies = [
        ('households', '0020_whose_it_is_asked_together'),
    ]

    operations = [
        migrations.RemoveConstraint(model_name='coverage', name='a_record_covers_somebody_once_at_a_time'),
        migrations.AddConstraint(
            model_name='coverage',
            constraint=config.overlaps.OnceAtATime(name='a_record_covers_somebody_once_at_a_time', parent='record', violation_error_message='此人在这段时间已被这项救助覆盖。', whose='resident'),
        ),
        # Until now the range refused them, which cannot be made of such days.
        migrations.AddConstraint(
            model_name='coverage',
            constraint=models.CheckConstraint(condition=Q(('until', None), ('until__gte', F('since')), _connector='OR'), name='coverage_ends_after_it_begins', violation_error_message='终止日期不能早于起始日期。'),
        ),
        migrations.RunSQL(
            of_what_is_there("households_coverage", "coverage", RESIDENT), of_what_is_there("households_coverage", "coverage", BOTH)
        ),
    ]
