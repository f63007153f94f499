"""The verbs of verification."""

from .opening import open_for
from .work import finish, note, start

__all__ = ["finish", "note", "open_for", "start"]
