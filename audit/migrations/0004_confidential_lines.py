from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("audit", "0003_request_id_as_long_as_the_logs")]

    operations = [
        migrations.AddField(
            model_name="event",
            name="is_confidential",
            field=models.BooleanField(default=False, verbose_name="涉及敏感项目"),
        ),
    ]
