from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("households", "0026_whoever_was_merged_leads_to_the_last")]
    operations = [
        migrations.AddField(
            model_name="fact",
            name="confirmed_on",
            field=models.DateField(blank=True, null=True, verbose_name="最近核对日期"),
        ),
    ]
