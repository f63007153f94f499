"""Keeping rows and files together: files without a row go, rows without their file are quarantined, and files move to the current key."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from uuid import UUID

from django.db import transaction

from audit.transitions import record
from config import clock
from config.protection.keys import SealBroken, provider
from config.verbs import lock
from organization.models import Post

from .. import storage
from ..models import Attachment
from .attachments import verify

# A verb that is still at work has written its file and not yet its row; none lives as long as this.
GRACE_SECONDS = 24 * 3600
_FOLDERS = tuple(f"{n:02x}" for n in range(256))


@dataclass
class Swept:
    """What a sweep found. `removed` files belonged to no row; `quarantined` and `restored` name attachments."""

    looked_at: int = 0
    removed: list[str] = field(default_factory=list)
    quarantined: list[UUID] = field(default_factory=list)
    restored: list[UUID] = field(default_factory=list)


def sweep(*, by: Post, read_all: bool = False, change: bool = True) -> Swept:
    """Compare the disk with the rows, folder by folder; with `read_all` every file is opened and compared with its digest (R13).

    Any number may run at once, beside uploads; stopped halfway, the next goes on. Without `change` it only tells.
    """
    swept = Swept()
    oldest_kept = clock.now().timestamp() - GRACE_SECONDS
    lying = {folder: dict(files) for folder, files in groupby(storage.stored(), key=lambda found: found[0][:2])}
    for folder in _FOLDERS:
        files = lying.get(folder, {})
        rows = dict(Attachment.objects.visible_to(by).filter(storage_name__startswith=f"{folder}/").values_list("storage_name", "pk"))
        swept.looked_at += len(rows)
        for name, written_at in files.items():
            if name not in rows and written_at < oldest_kept and _is_nobodys(name):
                swept.removed.append(name)
        for name, pk in rows.items():
            if read_all or name not in files:
                _look_into(pk, swept, by=by, change=change)
    if change and swept.removed:
        _remove(swept.removed, by)
    return swept


def _is_nobodys(name: str) -> bool:
    """Asked again: between listing the disk and asking the rows a row may have come."""
    return not Attachment.objects.filter(storage_name=name).exists()


def _remove(names: list[str], by: Post) -> None:
    with transaction.atomic():
        record("attachments.swept", by.unit, by=by, data={"count": len(names)})
    for name in names:
        storage.remove(name)


def _look_into(pk: UUID, swept: Swept, *, by: Post, change: bool) -> None:
    with transaction.atomic():
        before = Attachment.objects.visible_to(by).get(pk=pk).status
        after = verify(attachment_id=pk, by=by).status
        transaction.set_rollback(not change)
    if before != after:
        (swept.restored if after == Attachment.Status.CLEAN else swept.quarantined).append(pk)


# ── keys ────────────────────────────────────────────────────────────────────────────────────────────────────────────
def on_other_keys() -> int:
    """Files not under the current key: while there are any, the old key stays."""
    return Attachment.objects.exclude(key_name=provider().current).count()


def move_to_current_key() -> Iterator[str]:
    """Seal every file anew that lies under another key; yields the ids of those that do not open, which stay as they are.

    Beside other work: each file gets a new place, the row points to it, then the old one goes.
    """
    for pk in list(Attachment.objects.exclude(key_name=provider().current).order_by("pk").values_list("pk", flat=True)):
        try:
            _move(pk)
        except SealBroken:
            yield str(pk)


@transaction.atomic
def _move(pk: UUID) -> None:
    attachment = lock(Attachment.objects.get(pk=pk))
    old = attachment.storage_name
    octets = storage.read(attachment.pk, old)
    attachment.storage_name, attachment.key_name = storage.write(attachment.pk, octets)
    attachment.save(update_fields=["storage_name", "key_name"])
    transaction.on_commit(lambda: storage.remove(old))
