"""A file's rows in the order in which they come, the outcome behind: a file fills the index at its end, where it had opened pages throughout."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('spreadsheets', '0006_who_comes_second_is_told_where_it_stands'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='stagedrow',
            name='staged_row_of_batch',
        ),
        migrations.AddIndex(
            model_name='stagedrow',
            index=models.Index(fields=['batch', 'number', 'id', 'outcome'], name='staged_row_of_batch'),
        ),
    ]
