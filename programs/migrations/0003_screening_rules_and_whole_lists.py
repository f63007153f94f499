"""Versions carry a rule of screening, and facts say whether a whole list of them exists. Versions of before say that theirs is text alone."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('organization', '0004_absences'),
        ('programs', '0002_published_versions_are_frozen'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='programversion',
            name='every_default_of_a_version_has_its_origin',
        ),
        migrations.AddField(
            model_name='factkind',
            name='is_derived',
            field=models.BooleanField(default=False, verbose_name='由户籍登记推算'),
        ),
        migrations.AddField(
            model_name='factkind',
            name='is_list',
            field=models.BooleanField(default=False, verbose_name='有整份名单'),
        ),
        migrations.AddField(
            model_name='factkind',
            name='listed_on',
            field=models.DateField(blank=True, null=True, verbose_name='整份名单到齐日期'),
        ),
        migrations.AddField(
            model_name='programversion',
            name='screening_rule',
            field=models.JSONField(blank=True, null=True, verbose_name='筛查规则'),
        ),
        migrations.AddConstraint(
            model_name='factkind',
            constraint=models.CheckConstraint(condition=models.Q(('listed_on', None), models.Q(('is_list', True), ('value_type', 'yes_no')), _connector='OR'), name='only_a_list_is_delivered_whole', violation_error_message='只有整份名单才有到齐日期。'),
        ),
        migrations.RunSQL(
            """
            ALTER TABLE programs_programversion DISABLE TRIGGER published_version_is_frozen;
            UPDATE programs_programversion SET origins = origins || jsonb_build_object('screening_rule', origins -> 'screening_text')
              WHERE NOT origins ? 'screening_rule';
            SET CONSTRAINTS ALL IMMEDIATE;
            ALTER TABLE programs_programversion ENABLE TRIGGER published_version_is_frozen;
            """,
            migrations.RunSQL.noop,
        ),
        migrations.AddConstraint(
            model_name='programversion',
            constraint=models.CheckConstraint(condition=models.Q(('origins__has_keys', ['benefit_mode', 'obtained', 'open_months', 'has_quota', 'quota_per_year', 'place', 'summary', 'conditions', 'aid', 'remark', 'publicity_masking', 'decision_word', 'refusal_word', 'remedy', 'remedies', 'legal_basis', 'pay_start', 'pause_causes', 'asks_about_kin', 'result_valid_months', 'screening_text', 'screening_rule', 'materials_text', 'exempt_text'])), name='every_default_of_a_version_has_its_origin', violation_error_message='每一项默认值都必须注明来源。'),
        ),
    ]
