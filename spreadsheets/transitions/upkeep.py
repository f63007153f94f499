"""What files leave behind goes in its time: nothing of anybody lies about longer than it serves."""

from datetime import timedelta

from django.db import transaction

from config import clock
from organization.figures import figure
from organization.models import Post

from ..models import Batch, Effect, StagedRow, Upload
from .edges import S
from .handing_in import drop_taken

WAITING = (S.READING, S.REFUSED, S.READY, S.PROPOSED)  # one that is being read is locked and passed by


@transaction.atomic
def tidy() -> tuple[int, int]:
    """Drop files that nobody has confirmed for so many days; forget the rows of old ones and the traces that undoing no longer needs.

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
    settled = Batch.objects.filter(applied_at__lt=now - timedelta(hours=int(figure("import_undo_within")) + 24))
    Effect.objects.filter(batch__in=settled.values("pk")).delete()
    Upload.objects.exclude(batch__status__in=(S.READING, S.REFUSED)).delete()
    return dropped, forgotten
