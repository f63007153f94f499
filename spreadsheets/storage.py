"""Files that wait to be fetched: ciphertext under MEDIA_ROOT, in a folder that no address leads to (SECURITY D10).

A file is written and read in frames of a megabyte, each SM4-GCM under the provider's current key and bound to its export, its place and
whether it is the last: a workbook of the county never stands in memory whole, and a file that was cut or put together anew does not open.
What is written is on the disk before the row is (fsync); what breaks off, or finds no room, leaves nothing.
"""

import hashlib
import os
import uuid
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple
from uuid import UUID

from django.conf import settings

from config.problems import FULL
from config.protection.keys import SealBroken, provider
from config.verbs import TransitionError

LABEL = "export"
FRAME = 1 << 20
_MAGIC = b"ZXE1:"
_UNFINISHED = ".part"


class NoRoom(TransitionError):
    """The disk is full. The sentence says whom to tell."""


class Stored(NamedTuple):
    name: str
    size: int
    sha256: str


def folder() -> Path:
    return Path(settings.MEDIA_ROOT) / "exports"


def write(export_id: UUID, octets: Iterable[bytes]) -> Stored:
    """Store what comes, piece by piece. Whatever is raised while it comes leaves no file behind.

    Raises:
        NoRoom: the disk is full.
    """
    name = uuid.uuid4().hex
    storage_name = f"{name[:2]}/{name}"
    path = folder() / storage_name
    unfinished = path.with_suffix(_UNFINISHED)
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with open(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            size, digest = _written(file, export_id, octets)
            file.flush()
            os.fsync(file.fileno())
        unfinished.rename(path)
        _settle(path.parent)
    except OSError as refused:
        if refused.errno in FULL:
            raise NoRoom("存放导出文件的磁盘空间不足，文件没有生成。请联系系统管理员清理空间后重新导出。") from refused
        raise
    finally:
        unfinished.unlink(missing_ok=True)
    return Stored(storage_name, size, digest)


def _written(file: BinaryIO, export_id: UUID, octets: Iterable[bytes]) -> tuple[int, str]:
    keys, plain, size = provider(), hashlib.sha256(), 0
    file.write(_MAGIC + keys.current.encode() + b":")
    held, place = bytearray(), 0
    for piece in octets:
        plain.update(piece)
        size += len(piece)
        held += piece
        while len(held) > FRAME:
            _frame(file, bytes(held[:FRAME]), _bound_to(export_id, place, is_last=False))
            del held[:FRAME]
            place += 1
    _frame(file, bytes(held), _bound_to(export_id, place, is_last=True))
    return size, plain.hexdigest()


def _frame(file: BinaryIO, plain: bytes, bound_to: bytes) -> None:
    blob = provider().encrypt(LABEL, plain, bound_to)
    file.write(len(blob).to_bytes(4, "big") + blob)


def read(export_id: UUID, storage_name: str) -> Iterator[bytes]:
    """The plain octets, a frame at a time; the first is opened before anything is answered.

    Raises:
        SealBroken: the file is gone, another's, cut or altered. Of a later frame: while it is read.
        UnknownKey: its key is not held here.
    """
    frames = _frames(export_id, folder() / storage_name)
    first = next(frames)

    def all_of_it() -> Iterator[bytes]:
        yield first
        yield from frames

    return all_of_it()


def key_of(storage_name: str) -> str:
    """The id of the key that the file lies under; "" where no key would open it: it is gone, or no file of ours."""
    try:
        with (folder() / storage_name).open("rb") as file:
            return _kid(file)
    except (FileNotFoundError, SealBroken):
        return ""


def _frames(export_id: UUID, path: Path) -> Iterator[bytes]:
    try:
        file = path.open("rb")
    except FileNotFoundError:
        raise SealBroken("导出文件不在存放位置。") from None
    with file:
        kid = _kid(file)
        blob, place = _blob(file), 0
        while blob:
            following = _blob(file)
            yield provider().decrypt(kid, LABEL, blob, _bound_to(export_id, place, is_last=not following))
            blob, place = following, place + 1


def _kid(file: BinaryIO) -> str:
    head = file.read(len(_MAGIC))
    kid = bytearray()
    while len(kid) <= 16 and (octet := file.read(1)) not in {b":", b""}:
        kid += octet
    if head != _MAGIC or not 0 < len(kid) <= 16 or not kid.isascii():
        raise SealBroken("导出文件的格式无法识别。")
    return kid.decode()


def _blob(file: BinaryIO) -> bytes:
    length = file.read(4)
    if not length:
        return b""
    blob = file.read(int.from_bytes(length, "big")) if len(length) == 4 else b""
    if len(length) != 4 or len(blob) != int.from_bytes(length, "big") or len(blob) > FRAME + 64:
        raise SealBroken("导出文件不完整。")
    return blob


def remove(storage_name: str) -> None:
    (folder() / storage_name).unlink(missing_ok=True)


def stored() -> Iterator[tuple[str, float]]:
    """Every file that lies there, unfinished ones too, and when it was written (seconds of the epoch)."""
    root = folder()
    for path in sorted(root.glob("*/*")):
        if path.is_file():
            yield str(path.relative_to(root)), path.stat().st_mtime


def _bound_to(export_id: UUID, place: int, *, is_last: bool) -> bytes:
    return f"spreadsheets_export.file.{export_id}.{place}.{'last' if is_last else 'more'}.v1".encode()


def _settle(directory: Path) -> None:
    """The name too is on the disk."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
