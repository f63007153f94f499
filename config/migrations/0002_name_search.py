from django.db import migrations

from config.protection.operations import CreateNameSearch


class Migration(migrations.Migration):
    dependencies = [("config", "0001_heartbeat")]
    operations = [CreateNameSearch()]
