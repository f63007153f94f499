"""Verbs as Chinese sentences. Each room registers its own; the record keeps only stable names.

A phrase may use `{old}`, `{new}`, `{note}` and keys of `data`; what is missing reads as nothing.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from django.db.models import Q, QuerySet

from .models import Event

Events = TypeVar("Events", bound=QuerySet[Event])

_PHRASES: dict[str, str] = {
    "reference.loaded": "装入参考数据：{note}",
    "personal_data.revealed": "查看完整{what}：{note}",
}
_SUBJECTS: dict[str, str] = {}
_CLERICAL: set[str] = set()
_READINGS: list["Reading"] = []


class Reading(Protocol):
    """What a room keeps back, as the record is read, of lines that were written when more was said."""

    def as_read(self, events: Sequence[Event], post: Any) -> None:
        """Put today's words in place of those that the post may not read."""

    def unfound(self, post: Any) -> Q:
        """The lines whose subject holds such words: none of them is found by a word."""


def register(phrases: Mapping[str, str], subjects: Mapping[str, str] | None = None, clerical: Iterable[str] = ()) -> None:
    """Called once by each room's AppConfig.ready: its verbs' phrases, its models' names, and which verbs are taps of filling in a form."""
    _PHRASES.update(phrases)
    _SUBJECTS.update(subjects or {})
    _CLERICAL.update(clerical)


def register_reading(reading: Reading) -> None:
    _READINGS.append(reading)


def as_read(events: Sequence[Event], post: Any) -> Sequence[Event]:
    """The same lines, of which every room has put its own right."""
    for reading in _READINGS:
        reading.as_read(events, post)
    return events


def unfound(post: Any) -> Q:
    found = Q(pk__in=[])
    for reading in _READINGS:
        found |= reading.unfound(post)
    return found


def told(events: Events) -> Events:
    """The lines of a case's or a household's story: without what a clerk does tap by tap, which the record keeps all the same."""
    return events.exclude(verb__in=_CLERICAL)


def phrase(event: Event, *, in_full: bool = False) -> str:
    """What happened, in one sentence without the actor. Of a confidential line the act alone, unless the caller knows who reads it."""
    if event.is_confidential and not in_full:
        return _shorn(_PHRASES.get(event.verb, event.verb))
    values = defaultdict(str, {**event.data, "old": event.old, "new": event.new, "note": event.note})
    text = _PHRASES.get(event.verb, event.verb)
    return re.sub("（(?:[^（）]*：)?）", "", text.format_map(values)).rstrip("：，（ ")


def subject_word(label: str) -> str:
    return _SUBJECTS.get(label, label)


def subject_line(event: Event) -> str:
    """What it is about: the kind of thing and its own words, which often begin with the kind (转办单 ZB2026…): then once."""
    word = subject_word(event.subject_label)
    first, _, rest = event.subject_text.partition(" ")
    return f"{word} {rest if rest and word.endswith(first) else event.subject_text}".rstrip()


def known_verbs() -> list[tuple[str, str]]:
    """Choices of the auditor's filter: every registered verb, with its phrase shorn of placeholders."""
    return sorted((verb, _shorn(words)) for verb, words in _PHRASES.items())


def _shorn(words: str) -> str:
    """A phrase up to its first placeholder and the clause that leads to it: “开始计时，到期日{new}” is 开始计时."""
    fixed, placeholder, _ = words.partition("{")
    return re.split("[：，（]", fixed)[0] if placeholder else fixed
