from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("households", "0027_a_file_that_says_the_same_leaves_its_day")]
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
