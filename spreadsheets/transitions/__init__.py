from .applying import apply, next_step
from .comparing import compare
from .confirming import confirm, propose, send_back
from .exporting import ask_export, hand_out_export, make_export, remove_expired
from .handing_in import drop, forget_heading, hand_in, resume, set_mapping
from .handing_out import export, hand_out_blank, hand_out_errors
from .mending import mend_row, take_out_row
from .reading import read
from .reporting import approve_report, end_report, make_report_again, propose_report, refuse_report, run_reports
from .superior_forms import keep_form, labels_of, map_form, place_form, withdraw_form
from .undoing import ask_undo, undo
from .upkeep import tidy

__all__ = [
    "apply",
    "approve_report",
    "ask_export",
    "ask_undo",
    "compare",
    "confirm",
    "drop",
    "end_report",
    "export",
    "forget_heading",
    "hand_in",
    "hand_out_blank",
    "hand_out_errors",
    "hand_out_export",
    "keep_form",
    "labels_of",
    "make_export",
    "make_report_again",
    "map_form",
    "mend_row",
    "next_step",
    "place_form",
    "propose",
    "propose_report",
    "read",
    "refuse_report",
    "remove_expired",
    "resume",
    "run_reports",
    "send_back",
    "set_mapping",
    "take_out_row",
    "tidy",
    "undo",
    "withdraw_form",
]
