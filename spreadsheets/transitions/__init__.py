from .applying import apply
from .comparing import compare
from .confirming import confirm, propose, send_back
from .handing_in import drop, hand_in, resume, set_mapping
from .handing_out import export, hand_out_blank, hand_out_errors
from .mending import mend_row, take_out_row
from .reading import read
from .undoing import ask_undo, undo
from .upkeep import tidy

__all__ = [
    "apply",
    "ask_undo",
    "compare",
    "confirm",
    "drop",
    "export",
    "hand_in",
    "hand_out_blank",
    "hand_out_errors",
    "mend_row",
    "propose",
    "read",
    "resume",
    "send_back",
    "set_mapping",
    "take_out_row",
    "tidy",
    "undo",
]
