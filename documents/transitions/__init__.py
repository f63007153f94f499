"""The verbs of papers and files."""

from .attachments import open_file, upload, verify, void
from .numbers import next_number
from .papers import issue, void_paper
from .upkeep import sweep

__all__ = ["issue", "next_number", "open_file", "sweep", "upload", "verify", "void", "void_paper"]
