from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("households", "0028_a_record_that_a_roll_put_in_anothers_place")]
    operations = [
        migrations.AddIndex(
            model_name="factrequest",
            index=models.Index(fields=["-asked_at", "-id"], name="fact_request_newest"),
        ),
        migrations.AddIndex(
            model_name="factrequest",
            index=models.Index(
                condition=models.Q(("status", "open"), _negated=True), fields=["-answered_at", "-id"], name="fact_request_answered_newest"
            ),
        ),
    ]
