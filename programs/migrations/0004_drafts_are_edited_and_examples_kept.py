"""A draft is saved part by part, held and given up; worked examples of rules are kept (issue 5)."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('organization', '0005_a_unit_has_its_successor'),
        ('programs', '0003_screening_rules_and_whole_lists'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='RuleExample',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=60, verbose_name='样例名称')),
                ('situation', models.JSONField(verbose_name='家庭情况')),
                ('expected', models.CharField(choices=[('eligible', '符合'), ('likely', '疑似'), ('ineligible', '不符合'), ('unknown', '数据不足'), ('anyone', '随时可办')], max_length=10, verbose_name='应得结果')),
                ('why', models.CharField(max_length=200, verbose_name='理由')),
                ('written_at', models.DateTimeField(verbose_name='填写时间')),
                ('retired_at', models.DateTimeField(blank=True, null=True, verbose_name='停用时间')),
                ('retire_reason', models.CharField(blank=True, max_length=200, verbose_name='停用原因')),
            ],
            options={
                'verbose_name': '规则样例',
                'verbose_name_plural': '规则样例',
                'ordering': ['program', 'pk'],
            },
        ),
        migrations.AddField(
            model_name='programversion',
            name='discard_reason',
            field=models.CharField(blank=True, max_length=200, verbose_name='作废原因'),
        ),
        migrations.AddField(
            model_name='programversion',
            name='discarded_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='作废时间'),
        ),
        migrations.AddField(
            model_name='programversion',
            name='discarded_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organization.post', verbose_name='作废人'),
        ),
        migrations.AddField(
            model_name='programversion',
            name='held_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='暂缓时间'),
        ),
        migrations.AddField(
            model_name='programversion',
            name='held_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organization.post', verbose_name='暂缓人'),
        ),
        migrations.AddField(
            model_name='programversion',
            name='hold_reason',
            field=models.CharField(blank=True, max_length=200, verbose_name='暂缓原因'),
        ),
        migrations.AddField(
            model_name='programversion',
            name='revised_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='修改时间'),
        ),
        migrations.AddField(
            model_name='programversion',
            name='revised_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organization.post', verbose_name='修改人'),
        ),
        migrations.AddField(
            model_name='programversion',
            name='revision',
            field=models.PositiveIntegerField(default=0, editable=False, verbose_name='修改次数'),
        ),
        migrations.AddField(
            model_name='programversion',
            name='writers',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), blank=True, default=list, editable=False, size=None, verbose_name='改动过的人员'),
        ),
        migrations.AddConstraint(
            model_name='programversion',
            constraint=models.CheckConstraint(condition=models.Q(('published_by_staff', None), models.Q(('writers__contains', [models.F('published_by_staff')]), _negated=True), _connector='OR'), name='publisher_did_not_write_the_draft', violation_error_message='改动过草稿的人不能发布这一版，请由另一人发布。'),
        ),
        migrations.AddConstraint(
            model_name='programversion',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('revised_at', None), ('revised_by', None)), models.Q(('revised_at__isnull', False), ('revised_by__isnull', False)), _connector='OR'), name='revision_of_a_draft_has_its_reviser'),
        ),
        migrations.AddConstraint(
            model_name='programversion',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('held_at', None), ('held_by', None), ('hold_reason', '')), models.Q(('held_at__isnull', False), ('held_by__isnull', False), ('published_at', None), models.Q(('hold_reason', ''), _negated=True)), _connector='OR'), name='held_draft_says_who_and_why', violation_error_message='暂缓发布必须记录时间、人员和原因，已发布的版本不能暂缓。'),
        ),
        migrations.AddConstraint(
            model_name='programversion',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('discard_reason', ''), ('discarded_at', None), ('discarded_by', None)), models.Q(('discarded_at__isnull', False), ('discarded_by__isnull', False), ('published_at', None), models.Q(('discard_reason', ''), _negated=True)), _connector='OR'), name='discarded_draft_says_who_and_why', violation_error_message='作废草稿必须记录时间、人员和原因，已发布的版本不能作废。'),
        ),
        migrations.AddField(
            model_name='ruleexample',
            name='program',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='examples', to='programs.program', verbose_name='救助项目'),
        ),
        migrations.AddField(
            model_name='ruleexample',
            name='retired_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organization.post', verbose_name='停用人'),
        ),
        migrations.AddField(
            model_name='ruleexample',
            name='written_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organization.post', verbose_name='填写人'),
        ),
        migrations.AddConstraint(
            model_name='ruleexample',
            constraint=models.UniqueConstraint(condition=models.Q(('retired_at', None)), fields=('program', 'name'), name='one_example_in_use_per_name_and_program', violation_error_message='这个项目已有同名的样例，请换一个名称。'),
        ),
        migrations.AddConstraint(
            model_name='ruleexample',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('retire_reason', ''), ('retired_at', None), ('retired_by', None)), models.Q(('retired_at__isnull', False), ('retired_by__isnull', False), models.Q(('retire_reason', ''), _negated=True)), _connector='OR'), name='retired_example_says_who_and_why', violation_error_message='停用样例必须记录时间、人员和原因。'),
        ),
    ]
