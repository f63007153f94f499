"""The verbs of papers and files."""

from .attachments import open_file, upload, verify, void
from .numbers import next_number
from .upkeep import sweep

__all__ = ["next_number", "open_file", "sweep", "upload", "verify", "void"]
