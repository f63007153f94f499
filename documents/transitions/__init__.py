"""The verbs of papers and files."""

from .attachments import open_file, upload, verify, void
from .forms import draft_form, publish_form
from .numbers import next_number, next_serial
from .papers import issue, void_own_paper, void_paper
from .templates import confirm_template, deliver_template, restore_default_template, turn_down_template, upload_template
from .upkeep import sweep

__all__ = [
    "confirm_template", "deliver_template", "draft_form", "issue", "next_number", "next_serial", "open_file", "publish_form",
    "restore_default_template", "sweep", "turn_down_template", "upload", "upload_template", "verify", "void",
    "void_own_paper", "void_paper",
]  # fmt: skip
