"""The files on the disk: ciphertext under MEDIA_ROOT, in a folder that no address leads to (SECURITY D10).

A file is SM4-GCM under the provider's current key, bound to its row's id: a file put in another's place does not open. What is written is
on the disk before the row is (fsync), so a row never lacks its file; a file without its row, left by a verb that failed, is swept.
"""

import os
import uuid
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

from django.conf import settings

from config.protection.keys import SealBroken, provider

LABEL = "attachment"
_MAGIC = b"ZXA1:"
_UNFINISHED = ".part"


def folder() -> Path:
    return Path(settings.MEDIA_ROOT) / "attachments"


def write(attachment_id: UUID, octets: bytes) -> tuple[str, str]:
    """Store, and say where and under which key. Every file has a name of its own: nothing is ever written over."""
    keys = provider()
    sealed = _MAGIC + keys.current.encode() + b":" + keys.encrypt(LABEL, octets, _bound_to(attachment_id))
    name = uuid.uuid4().hex
    storage_name = f"{name[:2]}/{name}"
    path = folder() / storage_name
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    unfinished = path.with_suffix(_UNFINISHED)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(sealed)
        file.flush()
        os.fsync(file.fileno())
    unfinished.rename(path)
    _settle(path.parent)
    return storage_name, keys.current


def read(attachment_id: UUID, storage_name: str) -> bytes:
    """The plain octets.

    Raises:
        SealBroken: the file is gone, another's, or altered.
        UnknownKey: its key is not held here.
    """
    try:
        sealed = (folder() / storage_name).read_bytes()
    except FileNotFoundError:
        raise SealBroken("附件文件不在存放位置。") from None
    kid, colon, blob = sealed.removeprefix(_MAGIC).partition(b":")
    if not sealed.startswith(_MAGIC) or not colon or len(kid) > 16 or not kid.isascii():
        raise SealBroken("附件文件的格式无法识别。")
    return provider().decrypt(kid.decode(), LABEL, blob, _bound_to(attachment_id))


def digest(octets: bytes) -> UUID:
    """Keyed, 16 bytes: equal files have equal digests, and nobody without the key can tell which file."""
    return UUID(bytes=provider().digest(LABEL, octets))


def remove(storage_name: str) -> None:
    (folder() / storage_name).unlink(missing_ok=True)


def stored() -> Iterator[tuple[str, float]]:
    """Every file that lies there, unfinished ones too, and when it was written (seconds of the epoch)."""
    root = folder()
    for path in sorted(root.glob("*/*")):
        if path.is_file():
            yield str(path.relative_to(root)), path.stat().st_mtime


def _bound_to(attachment_id: UUID) -> bytes:
    return f"documents_attachment.file.{attachment_id}.v1".encode()


def _settle(directory: Path) -> None:
    """The name too is on the disk."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
