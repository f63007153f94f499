"""What the clients were told: one line for each effect that was acknowledged, on the disk before the client goes on.

`t` is the machine's monotonic clock, which all processes share: by it the drill knows what was acknowledged while a part was down.
"""

import json
import os
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

Line = dict[str, Any]
# Noted, and nobody's promise: a call made again, a form sent twice on purpose, an approver who was told that another was first.
ASIDE = frozenset({"doubt", "form.repeated", "referral.told"})


class Ledger:
    """One client's file. Several clients, several files: nobody's line is torn by another's."""

    def __init__(self, path: Path, *, is_durable: bool = True) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._is_durable = is_durable

    def write(self, what: str, **facts: Any) -> None:
        os.write(self._file, json.dumps({"t": time.monotonic(), "what": what, **facts}, ensure_ascii=False).encode() + b"\n")
        if self._is_durable:
            os.fsync(self._file)


def read(folder: Path, pattern: str = "*.ledger") -> list[Line]:
    return sorted((line for path in sorted(folder.glob(pattern)) for line in _lines(path)), key=lambda line: line["t"])


def _lines(path: Path) -> Iterable[Line]:
    return (json.loads(text) for text in path.read_text(encoding="utf-8").split("\n")[:-1])  # a last line without its end was never written


def of(lines: Iterable[Line], what: str) -> list[Line]:
    return [line for line in lines if line["what"] == what]


def effects(lines: Iterable[Line]) -> list[Line]:
    return [line for line in lines if line["what"] not in ASIDE]


def counts(lines: Iterable[Line]) -> dict[str, int]:
    return dict(sorted(Counter(line["what"] for line in lines).items()))


def between(lines: Iterable[Line], start: float, end: float) -> list[Line]:
    return [line for line in lines if start <= line["t"] <= end]
