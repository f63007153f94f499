"""Of a fact: kind and posts are asked once a statement, whose it is for all rows together (`config.references`); no line of nothing indexed."""

import django.db.models.deletion
from django.db import migrations, models

from config.references import asked_once, asked_together

POST, KIND = ("organization_post", "id"), ("programs_factkind", "key")
LAID = [
    asked_once("households_fact", "fact", {"kind_id": KIND, "found_by_id": POST, "superseded_by_id": POST}),
    asked_together(
        "households_fact", "fact_holder", {"household_id": ("households_household", "id"), "resident_id": ("households_resident", "id")}
    ),
]


class Migration(migrations.Migration):

    dependencies = [
        ('documents', '0003_forms_of_the_county_s_own'),
        ('households', '0021_coverage_asked_once_a_statement'),
        ('organization', '0006_texts_to_ones_mobile'),
        ('programs', '0006_lists_are_confirmed_by_two'),
    ]

    operations = [
        migrations.AlterField(
            model_name='fact',
            name='document',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='documents.attachment', verbose_name='依据材料'),
        ),
        migrations.AlterField(
            model_name='fact',
            name='found_by',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organization.post', verbose_name='登记人'),
        ),
        migrations.AlterField(
            model_name='fact',
            name='household',
            field=models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='facts', to='households.household', verbose_name='家庭'),
        ),
        migrations.AlterField(
            model_name='fact',
            name='kind',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs.factkind', verbose_name='事项'),
        ),
        migrations.AlterField(
            model_name='fact',
            name='resident',
            field=models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='facts', to='households.resident', verbose_name='人员'),
        ),
        migrations.AlterField(
            model_name='fact',
            name='successor',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='households.fact', verbose_name='新的记录'),
        ),
        migrations.AlterField(
            model_name='fact',
            name='superseded_by',
            field=models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organization.post', verbose_name='替代登记人'),
        ),
        migrations.AddIndex(
            model_name='fact',
            index=models.Index(condition=models.Q(('household__isnull', False)), fields=['household'], name='fact_of_household'),
        ),
        migrations.AddIndex(
            model_name='fact',
            index=models.Index(condition=models.Q(('resident__isnull', False)), fields=['resident'], name='fact_of_resident'),
        ),
        migrations.AddIndex(
            model_name='fact',
            index=models.Index(condition=models.Q(('document__isnull', False)), fields=['document'], name='fact_of_document'),
        ),
        migrations.AddIndex(
            model_name='fact',
            index=models.Index(condition=models.Q(('successor__isnull', False)), fields=['successor'], name='fact_of_successor'),
        ),
        migrations.RunSQL("".join(laid for laid, _ in LAID), "".join(back for _, back in LAID)),
    ]
