"""The shape of a log line: one JSON object, with the request's id, and nothing about a person (S9).

Request bodies and query strings are never logged. What slips in through the text of an exception is cut out: the values PostgreSQL quotes
in its DETAIL lines, query strings, and whatever looks like an ID number or a mobile phone number.
"""

import json
import logging
import re
from datetime import UTC, datetime

from .request_id import current

_QUOTED_VALUES = re.compile(r"^(DETAIL|CONTEXT|Detail|详细信息)[:：].*$\n?", re.MULTILINE)
_QUERY_STRING = re.compile(r"\?[^\s\"']*=[^\s\"']*")
_ID_NUMBER = re.compile(r"(?<![0-9A-Za-z])\d{17}[\dXx](?![0-9A-Za-z])")
_MOBILE = re.compile(r"(?<![0-9A-Za-z.])1[3-9]\d{9}(?![0-9A-Za-z.])")


def cleaned(text: str) -> str:
    """`text` without what may be somebody's data."""
    text = _QUOTED_VALUES.sub("", text)
    text = _QUERY_STRING.sub("?…", text)
    return _MOBILE.sub("[手机号]", _ID_NUMBER.sub("[证件号]", text))


def _request_id(record: logging.LogRecord) -> str:
    """Django logs an answer of 404 or 500 after the middleware has let go of the request, but names it in the record."""
    return getattr(getattr(record, "request", None), "request_id", None) or current()


class JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "request": _request_id(record),
            "text": cleaned(record.getMessage()),
        }
        if record.exc_info:
            line["trace"] = cleaned(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)
