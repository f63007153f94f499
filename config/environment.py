"""Reading the environment. A wrong or missing value stops the start with one sentence that names the variable.

Values are read while the settings load; what is wrong is collected, so that one start tells everything; the last line of each settings
module, `env.finish()`, refuses. A value is never repeated in the sentence when it may hold a secret.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import urlsplit

from environ import Env

from config.keyfile import KeyFileError, Keys, read

YES, NO = frozenset({"1", "true", "yes", "on"}), frozenset({"0", "false", "no", "off"})
POSTGRESQL = frozenset({"postgres", "postgresql"})
BROKERS = frozenset({"redis", "rediss", "redis+socket", "memory"})
NO_KEYS = Keys(secret_key="", field_keys={}, current_field_key="", index_key="")  # noqa: S106


class EnvironmentRefused(SystemExit):
    """The sentence, on stderr; ends the command with exit code 1."""


# The methods below are named after what they read and hide the types' own names inside the class.
Text: TypeAlias = str
Number: TypeAlias = int
Truth: TypeAlias = bool
Texts: TypeAlias = list[str]


class Environment:
    """Typed reading of a mapping of names and texts. An empty text counts as not set."""

    def __init__(self, values: Mapping[str, Text]) -> None:
        self._values = values
        self._wrong: Texts = []

    def refuse(self, name: Text, why: Text) -> None:
        """Stop the start at `finish`, saying `why` about `name`."""
        self._wrong.append(f"{name} {why}")

    def finish(self) -> None:
        """Raises EnvironmentRefused when anything read since the last call was wrong."""
        wrong, self._wrong = self._wrong, []
        if wrong:
            raise EnvironmentRefused(f"没有启动，环境变量有误：{'；'.join(wrong)}。")

    def _text(self, name: Text, default: Text | None) -> Text | None:
        text = self._values.get(name, "").strip() or self._text_of_file(f"{name}_FILE") or default
        if text is None:
            self.refuse(name, "没有设置")
        return text

    def _text_of_file(self, name: Text) -> Text:
        """A secret may come as a file: NAME_FILE says where."""
        path = self._values.get(name, "").strip()
        try:
            return Path(path).read_text(encoding="utf-8").strip() if path else ""
        except (OSError, ValueError) as error:
            self.refuse(name, f"指向的文件读不到：{path}（{getattr(error, 'strerror', None) or '不是文本'}）")
            return ""

    def str(self, name: Text, *, default: Text | None = None, choices: tuple[Text, ...] = ()) -> Text:
        text = self._text(name, default)
        if text is not None and choices and text not in choices:
            self.refuse(name, f"应为 {'、'.join(choices)} 之一，现在是“{text}”")
        return text or ""

    def bool(self, name: Text, *, default: Truth | None = None) -> Truth:
        text = self._text(name, None if default is None else ("1" if default else "0"))
        if text is not None and text.lower() not in YES | NO:
            self.refuse(name, f"应为 1 或 0，现在是“{text}”")
        return text is not None and text.lower() in YES

    def int(self, name: Text, *, default: Number | None = None, minimum: Number = 0, maximum: Number = 2**31 - 1) -> Number:
        text = self._text(name, None if default is None else Text(default))
        if text is None:
            return minimum
        if not (text.isascii() and text.isdigit() and minimum <= Number(text) <= maximum):
            self.refuse(name, f"应为 {minimum} 到 {maximum} 之间的整数，现在是“{text}”")
            return minimum
        return Number(text)

    def list(self, name: Text, *, default: tuple[Text, ...] | None = None) -> Texts:
        text = self._text(name, None if default is None else ",".join(default))
        return [part.strip() for part in (text or "").split(",") if part.strip()]

    def folder(self, name: Text, *, default: Path | None = None) -> Path:
        """An absolute path; the folder itself may come later."""
        path = Path(self._text(name, None if default is None else Text(default)) or "/")
        if not path.is_absolute():
            self.refuse(name, f"应为以 / 开头的完整路径，现在是“{path}”")
        return path

    def database(self, name: Text, *, default: Text | None = None) -> dict[Text, Any]:
        """A PostgreSQL database as Django wants it (one dialect everywhere), with time limits of its own.

        DB_STATEMENT_TIMEOUT in seconds: 0 (none) for commands such as migrate; gunicorn's configuration says 30, a worker's start 840, so
        that a page or job gone astray lets go of the database. DB_LOCK_TIMEOUT: whoever waits longer for a row is told so.

        A file's rows lie in tables of its transaction while they are compared: a session that makes such tables has room for them, where
        the server's 8 MB would be written to disk and read again. It must be said before a session's first table, and is taken as needed.
        """
        statement = self.int("DB_STATEMENT_TIMEOUT", default=0, maximum=86_400)
        lock = self.int("DB_LOCK_TIMEOUT", default=5, minimum=1, maximum=3_600)
        url = self._text(name, default)
        if url is None:
            return {}
        try:
            parts = urlsplit(url)
            found = Env.db_url_config(url) if parts.scheme in POSTGRESQL else {}
            port = parts.port
        except ValueError:
            found, port = {}, None
        if not found.get("NAME") or port == 0:
            self.refuse(name, "应为 postgres://用户:口令@主机:端口/库名（只用 PostgreSQL）")
            return {}
        options = f"-c statement_timeout={statement * 1000} -c lock_timeout={lock * 1000} -c idle_in_transaction_session_timeout=900000"
        options += " -c temp_buffers=64MB"
        return {
            **found,
            "ENGINE": "django.db.backends.postgresql",
            "CONN_MAX_AGE": 600,
            "CONN_HEALTH_CHECKS": True,
            "OPTIONS": {"connect_timeout": 3, "application_name": "assistance", "options": options, **found.get("OPTIONS", {})},
        }

    def broker(self, name: Text, *, default: Text | None = None) -> Text:
        url = self._text(name, default)
        if url is not None and url.partition("://")[0] not in BROKERS:
            self.refuse(name, "应为 redis://主机:端口/库号、rediss:// 或 redis+socket://")
        return url or ""

    def keys(self, name: Text) -> Keys:
        """The key file that `name` points to (`config.keyfile`)."""
        path = self._text(name, None)
        if path is None:
            return NO_KEYS
        try:
            return read(Path(path))
        except KeyFileError as error:
            self.refuse(name, f"有误：{error}")
            return NO_KEYS


env = Environment(os.environ)
