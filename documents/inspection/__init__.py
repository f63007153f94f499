"""What a file is, found by its content, and made harmless (SECURITY R12): `inspect` asks a process of its own, see `child`.

The child is without Django, keys, files and network, with limits on memory and processor time; whatever a hostile file does to the
parser, the worker gets an answer within seconds and lives on. Only an image that was drawn anew or a PDF without active parts comes back.
"""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from config.verbs import TransitionError

from .sentences import sentence

_CHILD = Path(__file__).with_name("child.py")
_SECONDS = 30  # as the worker counts them: a machine under load gives the child less processor time than that
_DIED = "unsafe"


@dataclass(frozen=True, slots=True)
class Found:
    """A harmless file and what it is."""

    octets: bytes
    content_type: str
    width: int | None = None
    height: int | None = None
    pages: int | None = None


class FileRefused(TransitionError):
    """A file that is not taken. The sentence says what to do instead; `code` names the reason for tests and counts."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(sentence(code, **values))
        self.code = code


def inspect(octets: bytes, *, pixels_max: int, pages_max: int) -> Found:
    """The harmless file.

    Raises:
        FileRefused: it is empty, no picture or PDF, broken, too large to draw, encrypted, active, or it broke the parser.
    """
    if not octets:
        raise FileRefused("empty")
    command = [sys.executable, "-I", "-B", str(_CHILD), str(pixels_max), str(pages_max)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, env={}) as child:
        try:
            said = _answer(child, octets)
        finally:
            child.kill()
    head, newline, body = said.partition(b"\n")
    if child.returncode or not newline:
        raise FileRefused(_DIED)
    answer = json.loads(head)
    if code := answer.pop("refused", ""):
        raise FileRefused(code, **answer)
    return Found(body or octets, **answer)


def _answer(child: "subprocess.Popen[bytes]", octets: bytes) -> bytes:
    """Second by second: while the machine stands still (suspended, stopped) one of them takes as long as it may, and the child cannot work
    either. By one deadline it would be given up as soon as both go on, and a sound file refused for an unsafe one."""
    given: bytes | None = octets
    for _ in range(_SECONDS):
        try:
            return child.communicate(given, timeout=1)[0]
        except subprocess.TimeoutExpired:
            given = None  # it was handed over; what is still to be written, and what was read, is kept
    raise FileRefused(_DIED)
