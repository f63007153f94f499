"""A figure that the county itself has laid down is neither assumed nor of the source papers."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("organization", "0001_initial")]

    operations = [
        migrations.AlterField(
            model_name="parameter",
            name="origin",
            field=models.CharField(
                choices=[("seed", "来源文件"), ("national", "国家或市级规定"), ("county", "本县规定"), ("assumed", "暂定")],
                max_length=10,
                verbose_name="来源",
            ),
        ),
    ]
