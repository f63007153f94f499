"""Of aid, of whom it reaches and of an access: whose it is, is asked for all rows of a statement together (`config.references`)."""

import django.db.models.deletion
from django.db import migrations, models

from config.references import asked_together

HOUSEHOLD, RESIDENT, RECORD = ("households_household", "id"), ("households_resident", "id"), ("households_assistancerecord", "id")
LAID = [
    asked_together("households_access", "access_home", {"household_id": HOUSEHOLD}),
    asked_together("households_assistancerecord", "record_holder", {"household_id": HOUSEHOLD, "resident_id": RESIDENT}),
    asked_together("households_coverage", "coverage", {"record_id": RECORD, "resident_id": RESIDENT}),
]


class Migration(migrations.Migration):

    dependencies = [
        ('households', '0019_record_is_in_the_index_of_what_it_says'),
    ]

    operations = [
        migrations.AlterField(
            model_name='access',
            name='household',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='accesses', to='households.household', verbose_name='家庭'),
        ),
        migrations.AlterField(
            model_name='assistancerecord',
            name='household',
            field=models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='records', to='households.household', verbose_name='家庭'),
        ),
        migrations.AlterField(
            model_name='assistancerecord',
            name='resident',
            field=models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='records', to='households.resident', verbose_name='人员'),
        ),
        migrations.AlterField(
            model_name='coverage',
            name='record',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='coverage', to='households.assistancerecord', verbose_name='救助记录'),
        ),
        migrations.AlterField(
            model_name='coverage',
            name='resident',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='coverage', to='households.resident', verbose_name='人员'),
        ),
        migrations.RunSQL("".join(laid for laid, _ in LAID), "".join(back for _, back in LAID)),
    ]
