"""The verbs of referrals."""

from .appraising import begin_appraisal, end_appraisal
from .changing import open_change
from .clocks import pause_promise, resume_promise
from .deaths import stop_after_death, watch_deaths
from .deciding import decide
from .dispatching import dispatch, forward, resubmit, return_for_supplement, send_back
from .disputing import dispute, push_for_ruling, resend, rule
from .ending import terminate, terminate_application, withdraw, withdraw_application, withdraw_item
from .extending import answer_extension, request_extension
from .feedback import confirm, feed_back, return_feedback
from .gathering import awaits_notice, gather_supplement, lacks_of
from .handling import assign, propose, receive, take
from .listing import confirm_entry, prepare, prepare_all, set_entry_aside, take_entry_back
from .looking import look_into
from .publicity import end_publicity, object, post_publicity
from .registry import confirm_registry, propose_registry
from .relocating import follow_moved
from .reminding import print_notice, print_slip, remind
from .reporting import close_report, confirm_report, decline_report, report_change
from .reviewing import end_reviews, open_reviews, review
from .standing_in import HandedOver, hand_over, take_over
from .superseding import countersign, supersede
from .urgent import (
    add_papers,
    agree_urgent,
    confirm_consent,
    decline_urgent,
    link_application,
    note_telephone_consent,
    propose_urgent,
)

__all__ = [
    "HandedOver",
    "hand_over",
    "take_over",
    "add_papers",
    "agree_urgent",
    "confirm_consent",
    "decline_urgent",
    "link_application",
    "note_telephone_consent",
    "propose_urgent",
    "answer_extension",
    "assign",
    "awaits_notice",
    "begin_appraisal",
    "confirm_entry",
    "confirm",
    "confirm_registry",
    "close_report",
    "confirm_report",
    "countersign",
    "decide",
    "decline_report",
    "dispatch",
    "dispute",
    "end_appraisal",
    "end_publicity",
    "feed_back",
    "end_reviews",
    "follow_moved",
    "forward",
    "gather_supplement",
    "lacks_of",
    "look_into",
    "object",
    "open_change",
    "open_reviews",
    "pause_promise",
    "post_publicity",
    "prepare",
    "prepare_all",
    "print_notice",
    "print_slip",
    "propose",
    "propose_registry",
    "push_for_ruling",
    "receive",
    "report_change",
    "request_extension",
    "remind",
    "resend",
    "resubmit",
    "resume_promise",
    "return_feedback",
    "return_for_supplement",
    "review",
    "rule",
    "send_back",
    "set_entry_aside",
    "supersede",
    "take",
    "stop_after_death",
    "watch_deaths",
    "take_entry_back",
    "terminate",
    "terminate_application",
    "withdraw",
    "withdraw_application",
    "withdraw_item",
]
