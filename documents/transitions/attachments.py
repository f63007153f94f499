"""Files: taken in, opened, voided, quarantined and restored. Upper rooms call `upload` and `void` after their own gates."""

from typing import Protocol
from uuid import UUID, uuid4

from django.db import models, transaction

from audit.transitions import record
from config import clock
from config.protection.keys import SealBroken
from config.verbs import AlreadyHandled, TransitionError, edge, lock, save
from organization.figures import figure
from organization.models import Post

from .. import storage
from ..gates import fetch
from ..inspection import FileRefused, inspect
from ..models import Attachment
from ..rules import tidy_name

CLEAN, QUARANTINED = Attachment.Status.CLEAN, Attachment.Status.QUARANTINED
EDGES: dict[str, frozenset[str]] = {CLEAN: frozenset({QUARANTINED}), QUARANTINED: frozenset({CLEAN})}
_MB = 1024 * 1024


class IncomingFile(Protocol):
    """What a form's file field gives: a name that proves nothing, and octets."""

    name: str | None

    def read(self, size: int, /) -> bytes: ...


@transaction.atomic
def upload(
    *, subject: models.Model, kind: str, file: IncomingFile, by: Post, household_id: UUID | None = None, application_id: UUID | None = None
) -> Attachment:
    """Take a file in for a subject that the caller has fetched through its gate and allowed `by` to add to.

    The file is known by its content, checked in a process of its own and stored encrypted. Sent again (a double click, a retry), the same
    file of the same kind for the same subject is the one that is there already, and leaves no second line.

    Raises:
        FileRefused: what is wrong with it and what to do instead; beside the field by `config.submit`.
    """
    limit = figure("upload_size_max")
    octets = file.read(limit * _MB + 1)
    if len(octets) > limit * _MB:
        size = getattr(file, "size", None) or len(octets)
        raise FileRefused("too_large", size=f"{size / _MB:.1f}", limit=limit)
    found = inspect(octets, pixels_max=figure("upload_pixels_max"), pages_max=figure("upload_pages_max"))
    digest = storage.digest(found.octets)
    if same := Attachment.objects.about(subject).standing().filter(kind=kind, digest=digest, status=CLEAN).first():
        return same
    attachment = Attachment(
        pk=uuid4(), subject_label=subject._meta.label_lower, subject_id=str(subject.pk), household_id=household_id,
        application_id=application_id, kind=kind, name=tidy_name(file.name or "", found.content_type), content_type=found.content_type,
        size=len(found.octets), width=found.width, height=found.height, pages=found.pages, digest=digest, unit=by.unit,
        uploaded_at=clock.now(), uploaded_by=by,
    )  # fmt: skip
    attachment.storage_name, attachment.key_name = storage.write(attachment.pk, found.octets)
    save(attachment)
    _record("attachment.uploaded", attachment, by=by, data={"kind": kind, "what": attachment.get_content_type_display()})
    return attachment


@transaction.atomic
def open_file(*, attachment_id: UUID, by: Post) -> Attachment:
    """Let somebody look into a file, with the event `attachment.opened`. The view hands the octets out afterwards.

    The file is read here: when it does not open it is quarantined, nothing is handed out, and the caller tells so by `is_readable`.

    Raises:
        Http404: its subject's papers do not exist for `by`.
    """
    attachment = fetch(Attachment, attachment_id, by)
    if attachment.is_readable and _fault(attachment):
        attachment = lock(attachment)  # it may have moved under the current key since: it counts where it lies now
        if attachment.is_readable and (reason := _fault(attachment)):
            attachment = _quarantine(attachment, reason, by)
    if attachment.is_readable:
        _record("attachment.opened", attachment, by=by, data={"kind": attachment.kind})
    return attachment


@transaction.atomic
def void(*, attachment_id: UUID, reason: str, by: Post, is_confidential: bool = False) -> Attachment:
    """Declare a file wrong. It stays, struck through and with the reason; nothing is erased (D11).

    `is_confidential`: the subject is a sensitive program's, so the line with the reason is not for everybody.

    Raises:
        AlreadyHandled: somebody was first.
        TransitionError: without a reason.
    """
    attachment = lock(fetch(Attachment, attachment_id, by))
    if attachment.voided_at:
        raise AlreadyHandled(f"这个附件已由{attachment.voided_by}于{clock.local(attachment.voided_at):%Y-%m-%d %H:%M}作废。")
    if not reason.strip():
        raise TransitionError("请填写作废原因。")
    attachment.voided_at, attachment.voided_by, attachment.void_reason = clock.now(), by, reason.strip()
    save(attachment, "voided_at", "voided_by", "void_reason")
    attachment.is_confidential = is_confidential  # type: ignore[attr-defined]  # what the record asks of its subject
    _record("attachment.voided", attachment, by=by, note=attachment.void_reason)
    return attachment


@transaction.atomic
def verify(*, attachment_id: UUID, by: Post) -> Attachment:
    """Read a stored file and compare it with its digest: quarantined when it is not what was stored, handed out again when it is.

    For `manage.py sweep_attachments --verify`, after a restore or on suspicion (R13).
    """
    attachment = lock(fetch(Attachment, attachment_id, by))
    reason = _fault(attachment)
    if reason and attachment.is_readable:
        return _quarantine(attachment, reason, by)
    if not reason and not attachment.is_readable:
        return _restore(attachment, by)
    return attachment


def _fault(attachment: Attachment) -> str:
    """Why a file may not be handed out; empty when it is what was stored."""
    try:
        octets = storage.read(attachment.pk, attachment.storage_name)
    except SealBroken as broken:
        return str(broken)
    return "" if storage.digest(octets) == attachment.digest else "附件内容与入库时的摘要不符。"


def _quarantine(attachment: Attachment, reason: str, by: Post) -> Attachment:
    edge(attachment.status, QUARANTINED, EDGES, refusal="这个附件已经隔离。")
    attachment.status, attachment.quarantined_at, attachment.quarantined_by = QUARANTINED, clock.now(), by
    attachment.quarantine_reason = reason
    _save_quarantine(attachment)
    _record("attachment.quarantined", attachment, by=by, note=reason)
    return attachment


def _restore(attachment: Attachment, by: Post) -> Attachment:
    edge(attachment.status, CLEAN, EDGES, refusal="这个附件没有被隔离。")
    attachment.status, attachment.quarantined_at, attachment.quarantined_by, attachment.quarantine_reason = CLEAN, None, None, ""
    _save_quarantine(attachment)
    _record("attachment.restored", attachment, by=by)
    return attachment


def _save_quarantine(attachment: Attachment) -> None:
    save(attachment, "status", "quarantined_at", "quarantined_by", "quarantine_reason")


def _record(verb: str, attachment: Attachment, **about: object) -> None:
    record(verb, attachment, household_id=attachment.household_id, application_id=attachment.application_id, **about)  # type: ignore[arg-type]
