import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("referrals", "0012_newest_referrals_first")]

    operations = [
        migrations.AddField(
            model_name="extensionrequest",
            name="stay",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="referrals.referralstage",
                verbose_name="延长的环节",
            ),
        ),
        migrations.AddConstraint(
            model_name="extensionrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(("stay", None), models.Q(("is_granted", True), ("is_granted__isnull", False)), _connector="OR"),
                name="only_a_granted_extension_lengthens_a_stage",
                violation_error_message="没有同意的延期不能延长环节时限。",
            ),
        ),
    ]
