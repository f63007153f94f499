"""The verbs of verification."""

from .opening import open_for
from .work import start

__all__ = ["open_for", "start"]
