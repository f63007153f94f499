from django.db import migrations

from config.protection.operations import CreateNameSearch


class Migration(migrations.Migration):
    initial = True
    dependencies: list[tuple[str, str]] = []
    operations = [CreateNameSearch()]
