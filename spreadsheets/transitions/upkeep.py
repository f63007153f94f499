"""What files leave behind goes in its time: nothing of anybody lies about longer than it serves."""

from datetime import timedelta

from django.db import connection, transaction

from config import clock
from organization.figures import figure
from organization.models import Post

from ..models import Batch, Effect, StagedRow, Upload
from .edges import S
from .handing_in import drop_taken

WAITING = (S.READING, S.REFUSED, S.READY, S.PROPOSED)  # one that is being read is locked and passed by
# Rows that were entered keep no ciphertext: what they brought stands where it belongs, and undoing looks at the effects alone. By the
# night, and not at the entry, which would write each of its rows once more while people wait for it.
EMPTIED = """
    UPDATE spreadsheets_stagedrow s SET sealed = '{}' FROM spreadsheets_batch b
    WHERE b.id = s.batch_id AND b.applied_at IS NOT NULL AND s.outcome <> 'error' AND s.sealed <> '{}'
"""


@transaction.atomic
def tidy() -> tuple[int, int]:
    """Drop files that nobody has confirmed for so many days; empty the sealed cells of those that were entered; forget the rows of old ones
    and the traces that undoing no longer needs.

    How many files were dropped, and rows forgotten. By the system, each night.
    """
    now, system = clock.now(), Post.objects.the_system()
    waiting = Batch.objects.filter(status__in=WAITING, handed_in_at__lt=now - timedelta(days=int(figure("import_unconfirmed_days"))))
    dropped = 0
    for batch in waiting.select_for_update(of=("self",), no_key=True, skip_locked=True):
        batch.reason = "长期没有确认，系统作废"
        drop_taken(batch, system)
        dropped += 1
    old = Batch.objects.filter(handed_in_at__lt=now - timedelta(days=int(figure("import_kept_days"))))
    forgotten = StagedRow.objects.filter(batch__in=old.values("pk")).delete()[0]
    with connection.cursor() as cursor:
        cursor.execute(EMPTIED)
    settled = Batch.objects.filter(applied_at__lt=now - timedelta(hours=int(figure("import_undo_within")) + 24))
    Effect.objects.filter(batch__in=settled.values("pk")).delete()
    Upload.objects.exclude(batch__status__in=WAITING).delete()
    return dropped, forgotten
