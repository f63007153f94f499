"""The octets of a file between its upload and its reading: sealed, bound to the batch, and known again by a keyed digest alone.

A superior's blank form lies the same way, bound to its own row, for as long as it is filled.
"""

from uuid import UUID

from django.views.decorators.debug import sensitive_variables

from config.protection.keys import SealBroken, provider
from config.verbs import TransitionError

from .models import SuperiorForm

LABEL = "upload"


@sensitive_variables()
def seal(batch_id: UUID, octets: bytes) -> bytes:
    keys = provider()
    return keys.current.encode() + b":" + keys.encrypt(LABEL, octets, _bound_to(batch_id))


@sensitive_variables()
def open_sealed(batch_id: UUID, sealed: bytes | memoryview) -> bytes:
    """Raises SealBroken for what was altered or is another's, UnknownKey where its key is not held here."""
    kid, colon, blob = bytes(sealed).partition(b":")
    if not colon or len(kid) > 16 or not kid.isascii():
        raise SealBroken("待读文件的格式无法识别。")
    return provider().decrypt(kid.decode(), LABEL, blob, _bound_to(batch_id))


@sensitive_variables()
def blank_form(form: SuperiorForm) -> bytes:
    """The octets of a superior's form, as it came in.

    Raises:
        TransitionError: it does not open any more, and what to do.
    """
    try:
        return open_sealed(form.pk, form.file_sealed)
    except SealBroken:
        raise TransitionError(f"套表“{form}”的文件打不开了。请终止用它的上报，停用这张套表，再重新上传空表。") from None


@sensitive_variables()
def digest(octets: bytes) -> UUID:
    """Equal files have equal digests, and nobody without the key can tell which file."""
    return UUID(bytes=provider().digest(LABEL, octets))


def _bound_to(batch_id: UUID) -> bytes:
    return f"spreadsheets_upload.sealed.{batch_id}.v1".encode()
