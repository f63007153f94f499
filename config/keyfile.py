"""The key file: what the house signs and encrypts with, in one JSON file that only its owner may read.

`{"secret_key": "...", "field_keys": {"k1": "<base64 of 32 bytes>"}, "current_field_key": "k1", "index_key": "<base64 of 32 bytes>"}`.
A new one: `python -m config.keyfile PATH`. Whoever loses it loses the protected fields; whoever copies it can read them (docs/operations.md
says how to keep and rotate it).
"""

import base64
import binascii
import json
import os
import secrets
import stat
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

KEY_BYTES = 32


class KeyFileError(Exception):
    """A sentence naming the file and what is wrong with it; never a key."""


@dataclass(frozen=True)
class Keys:
    secret_key: str
    field_keys: dict[str, str]
    current_field_key: str
    index_key: str


def read(path: Path) -> Keys:
    """The keys in `path`.

    Raises:
        KeyFileError: the file is missing, may be read by others, or does not hold what it should.
    """
    try:
        found = path.stat()
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise KeyFileError(f"密钥文件 {path} 读不到（{error.strerror}）") from None
    if found.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise KeyFileError(f"密钥文件 {path} 可以被他人读取，权限应为 0600")
    try:
        held = json.loads(text)
        keys = Keys(held["secret_key"], held["field_keys"], held["current_field_key"], held["index_key"])
    except (ValueError, KeyError, TypeError):
        raise KeyFileError(f"密钥文件 {path} 应为 JSON，含 secret_key、field_keys、current_field_key、index_key") from None
    _check(keys, path)
    return keys


def _check(keys: Keys, path: Path) -> None:
    if not isinstance(keys.secret_key, str) or len(keys.secret_key) < 50 or len(set(keys.secret_key)) < 5:
        raise KeyFileError(f"密钥文件 {path} 中的 secret_key 太弱：至少50个字符，不少于5种")
    if not isinstance(keys.field_keys, dict) or not keys.field_keys:
        raise KeyFileError(f"密钥文件 {path} 中的 field_keys 应为“密钥编号: 密钥”，至少一把")
    if keys.current_field_key not in keys.field_keys:
        raise KeyFileError(f"密钥文件 {path} 中的 current_field_key 不在 field_keys 之中")
    for name, text in [*keys.field_keys.items(), ("index_key", keys.index_key)]:
        try:
            is_whole = len(base64.b64decode(text, validate=True)) == KEY_BYTES
        except (binascii.Error, TypeError, ValueError):
            is_whole = False
        if not is_whole:
            raise KeyFileError(f"密钥文件 {path} 中的 {name} 应为32字节密钥的 base64")
    if len({*keys.field_keys.values(), keys.index_key}) != len(keys.field_keys) + 1:
        raise KeyFileError(f"密钥文件 {path} 中的每把密钥应各不相同")


def create(path: Path) -> None:
    """Write a new key file, 0600, whole or not at all. One that is there stays, also when two start at the same moment."""
    held = {
        "secret_key": secrets.token_urlsafe(64),
        "field_keys": {"k1": _new_key()},
        "current_field_key": "k1",
        "index_key": _new_key(),
    }
    descriptor, aside = tempfile.mkstemp(dir=path.parent, prefix=f"{path.name}.")
    try:
        with open(descriptor, "w", encoding="utf-8") as file:
            json.dump(held, file, indent=2)
            file.flush()
            os.fsync(file.fileno())
        os.link(aside, path)
    except FileExistsError:
        return
    finally:
        os.unlink(aside)


def _new_key() -> str:
    return base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()


if __name__ == "__main__":
    create(Path(sys.argv[1]))
