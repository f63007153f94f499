"""The verbs of papers and files."""

from .attachments import open_file, upload, verify, void
from .numbers import next_number, next_serial
from .papers import issue, void_paper
from .upkeep import sweep

__all__ = ["issue", "next_number", "next_serial", "open_file", "sweep", "upload", "verify", "void", "void_paper"]
