from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    """Apart from the rows that 0008 writes: an index is not built in a transaction that has changed its table."""

    dependencies = [("deadlines", "0008_workbench")]

    operations = [
        migrations.RemoveIndex("duty", "duty_to_do_of_unit"),
        migrations.AddIndex(
            "duty",
            models.Index(
                name="duty_to_do_of_unit", fields=["unit", "due_at", "id"], include=["taken_at", "amber_at"],
                condition=Q(closed_at=None, is_promise=False),
            ),
        ),
        migrations.AddIndex(
            "duty",
            models.Index(
                name="duty_promised_of_unit", fields=["unit", "due_at", "id"], condition=Q(closed_at=None, is_promise=True)
            ),
        ),
        migrations.AddIndex(
            "duty",
            models.Index(name="duty_returned_of_unit", fields=["unit", "due_at", "id"], condition=Q(closed_at=None, is_return=True)),
        ),
        migrations.AddIndex(
            "duty",
            models.Index(name="duty_new_of_unit", fields=["unit", "opened_at", "id"], condition=Q(closed_at=None, is_promise=False)),
        ),
    ]
