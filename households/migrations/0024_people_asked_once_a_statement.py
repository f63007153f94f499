"""Of residents, households and members: division and posts are asked once a statement, to whom and where a member belongs for all rows together
(`config.references`); whoever was not merged stands in no index of the merged."""

import django.db.models.deletion
from django.db import migrations, models

from config.references import asked_once, asked_together

POST, REGION = ("organization_post", "id"), ("organization_region", "code")
LAID = [
    asked_once(
        "households_resident", "resident",
        {"region_id": REGION, "entered_by_id": POST, "revised_by_id": POST, "merged_by_id": POST},
    ),
    asked_once(
        "households_household", "household",
        {"region_id": REGION, "opened_by_id": POST, "revised_by_id": POST, "closed_by_id": POST},
    ),
    asked_once("households_membership", "member", {"added_by_id": POST, "ended_by_id": POST}),
    asked_together(
        "households_membership", "membership", {"household_id": ("households_household", "id"), "resident_id": ("households_resident", "id")}
    ),
]


class Migration(migrations.Migration):

    dependencies = [
        ('households', '0023_who_comes_second_is_told_where_it_stands'),
        ('organization', '0006_texts_to_ones_mobile'),
    ]

    operations = [
        migrations.AlterField(
            model_name='household',
            name='closed_by',
            field=models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organization.post', verbose_name='注销人'),
        ),
        migrations.AlterField(
            model_name='household',
            name='opened_by',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organization.post', verbose_name='建档人'),
        ),
        migrations.AlterField(
            model_name='household',
            name='region',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organization.region', verbose_name='居住地'),
        ),
        migrations.AlterField(
            model_name='household',
            name='revised_by',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organization.post', verbose_name='更正人'),
        ),
        migrations.AlterField(
            model_name='household',
            name='successor',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='predecessors', to='households.household', verbose_name='并入的家庭'),
        ),
        migrations.AlterField(
            model_name='membership',
            name='added_by',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organization.post', verbose_name='登记人'),
        ),
        migrations.AlterField(
            model_name='membership',
            name='ended_by',
            field=models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organization.post', verbose_name='离开登记人'),
        ),
        migrations.AlterField(
            model_name='membership',
            name='household',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to='households.household', verbose_name='家庭'),
        ),
        migrations.AlterField(
            model_name='membership',
            name='resident',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to='households.resident', verbose_name='人员'),
        ),
        migrations.AlterField(
            model_name='resident',
            name='entered_by',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organization.post', verbose_name='登记人'),
        ),
        migrations.AlterField(
            model_name='resident',
            name='merged_by',
            field=models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organization.post', verbose_name='合并人'),
        ),
        migrations.AlterField(
            model_name='resident',
            name='region',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organization.region', verbose_name='居住地'),
        ),
        migrations.AlterField(
            model_name='resident',
            name='revised_by',
            field=models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organization.post', verbose_name='更正人'),
        ),
        migrations.AlterField(
            model_name='resident',
            name='survivor',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='doubles', to='households.resident', verbose_name='保留的人员档案'),
        ),
        migrations.AddIndex(
            model_name='household',
            index=models.Index(condition=models.Q(('successor__isnull', False)), fields=['successor'], name='household_merged_into'),
        ),
        migrations.AddIndex(
            model_name='resident',
            index=models.Index(condition=models.Q(('survivor__isnull', False)), fields=['survivor'], name='resident_merged_into'),
        ),
        migrations.RunSQL("".join(laid for laid, _ in LAID), "".join(back for _, back in LAID)),
    ]
