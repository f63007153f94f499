"""Of an access and of aid: unit, program, version and posts are asked once a statement (`config.references`)."""

import django.db.models.deletion
from django.db import migrations, models

from config.references import asked_once

POST, UNIT, PROGRAM, VERSION = (
    ("organization_post", "id"), ("organization_unit", "id"), ("programs_program", "code"), ("programs_programversion", "id"),
)
OF_ACCESS, NOT_OF_ACCESS = asked_once(
    "households_access", "access", {"unit_id": UNIT, "program_id": PROGRAM, "opened_by_id": POST, "closed_by_id": POST}
)
OF_RECORDS, NOT_OF_RECORDS = asked_once(
    "households_assistancerecord", "record", {"program_id": PROGRAM, "version_id": VERSION, "unit_id": UNIT, "granted_by_id": POST}
)


class Migration(migrations.Migration):

    dependencies = [
        ('audit', '0006_staff_named_once_a_statement'),
        ('households', '0017_number_before_a_correction'),
        ('organization', '0006_texts_to_ones_mobile'),
        ('programs', '0006_lists_are_confirmed_by_two'),
    ]

    operations = [
        migrations.AlterField(
            model_name='access',
            name='closed_by',
            field=models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organization.post', verbose_name='关闭人'),
        ),
        migrations.AlterField(
            model_name='access',
            name='opened_by',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organization.post', verbose_name='开放人'),
        ),
        migrations.AlterField(
            model_name='access',
            name='program',
            field=models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs.program', verbose_name='救助项目'),
        ),
        migrations.AlterField(
            model_name='access',
            name='unit',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organization.unit', verbose_name='单位'),
        ),
        migrations.AlterField(
            model_name='assistancerecord',
            name='granted_by',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organization.post', verbose_name='登记人'),
        ),
        migrations.AlterField(
            model_name='assistancerecord',
            name='program',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs.program', verbose_name='救助项目'),
        ),
        migrations.AlterField(
            model_name='assistancerecord',
            name='unit',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organization.unit', verbose_name='救助单位'),
        ),
        migrations.AlterField(
            model_name='assistancerecord',
            name='version',
            field=models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs.programversion', verbose_name='项目版本'),
        ),
        migrations.RunSQL(OF_ACCESS + OF_RECORDS, NOT_OF_ACCESS + NOT_OF_RECORDS),
    ]
