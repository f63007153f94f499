"""How a text leaves the house: the interface that a county's gateway implements, and an adapter that writes files.

A county puts a class of its own behind `SMS_GATEWAY` (a dotted path; docs/operations.md):

    class CountyGateway:
        def send(self, key: str, phone: str, text: str) -> None: ...

It must honour the key: the same key again, also days later, sends nothing more and returns as the first time did, since a drain may die
between sending and marking, and the next one sends again. It raises `Refused` for what will never go (a number that does not exist, words
that are forbidden) and `Failed` for what may go later; anything else that it raises counts as `Failed`. It gives up by itself within
`SMS_TIMEOUT` seconds; one that does not is left behind then.
"""

import json
import os
import re
import tempfile
import threading
from pathlib import Path
from typing import Protocol

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string
from django.views.decorators.debug import sensitive_variables

KEY = re.compile(r"[\w:.-]{1,100}")


class Refused(Exception):
    """This text will never go: it is parked at once."""


class Failed(Exception):
    """It did not go this time: it is tried again."""


class Gateway(Protocol):
    def send(self, key: str, phone: str, text: str) -> None:
        """Send `text` to `phone`, once for each `key`, however often it is asked.

        Raises:
            Refused: never again.
            Failed: try again later.
        """


def is_configured() -> bool:
    """Without a gateway no text is written, so that nothing waits for one that never comes."""
    return bool(settings.SMS_GATEWAY)


def gateway() -> Gateway:
    """The county's, made anew: one for a round of the drain.

    Raises:
        ImproperlyConfigured: no such class.
    """
    try:
        found: Gateway = import_string(settings.SMS_GATEWAY)()
    except (ImportError, TypeError) as wrong:
        raise ImproperlyConfigured(f"SMS_GATEWAY：找不到短信网关 {settings.SMS_GATEWAY}，或它不能创建。") from wrong
    return found


@sensitive_variables()
def send_within(seconds: float, through: Gateway, key: str, phone: str, text: str) -> None:
    """Send, and come back in time whatever the gateway does: one that hangs is left behind in its thread, which dies with the process.

    Raises:
        Refused, Failed: as the gateway does; Failed too for one that hangs, and for whatever else it raises.
    """
    raised: list[Exception] = []

    def attempt() -> None:
        try:
            through.send(key, phone, text)
        except Exception as error:  # a county's code: whatever it is, the text waits for another try
            raised.append(error)

    thread = threading.Thread(target=attempt, daemon=True, name=f"sms {key}")
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        raise Failed(f"短信网关{seconds:g}秒内没有答复")
    if raised:
        error = raised[0]
        raise error if isinstance(error, Refused | Failed) else Failed(f"短信网关出错（{type(error).__name__}）") from error


class FileGateway:
    """Writes each text as a file named by its key into `SMS_FOLDER`: for the demo, for tests, and for a gateway that collects files.

    The file appears whole or not at all, and the first one under a key stays. Folder 0700, files 0600: they hold numbers in full.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = Path(folder or settings.SMS_FOLDER)

    @sensitive_variables()
    def send(self, key: str, phone: str, text: str) -> None:
        if not KEY.fullmatch(key):
            raise Refused("短信编号不能用作文件名")
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._put(self.folder / f"{key}.json", json.dumps({"key": key, "phone": phone, "text": text}, ensure_ascii=False))
        except OSError as error:
            raise Failed(f"短信文件写不进去（{error.strerror}）") from error

    def _put(self, path: Path, content: str) -> None:
        """Under another name first, then linked to its own, which fails where there is one already: no half file, no second one."""
        handle, draft = tempfile.mkstemp(dir=self.folder, prefix=".draft-")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.link(draft, path)
        except FileExistsError:
            pass  # sent before
        finally:
            os.unlink(draft)
