"""The verbs of the window."""

from .acceptance import accept, refuse_acceptance
from .applications import close, draft, promise, revise, start_progress, stop, submit, withdraw
from .assessment import assess, keep_assessment
from .cards import hand_out_application_card, hand_out_card
from .items import add_item, remove_item
from .notices import Lack, answer_supplement, ask_supplement
from .papers import demand_paper, list_papers, relist_papers, settle_paper, upload_paper
from .visits import answer, arrive, identify

__all__ = [
    "Lack",
    "accept",
    "add_item",
    "answer",
    "answer_supplement",
    "arrive",
    "ask_supplement",
    "assess",
    "close",
    "demand_paper",
    "draft",
    "hand_out_application_card",
    "hand_out_card",
    "identify",
    "keep_assessment",
    "list_papers",
    "promise",
    "refuse_acceptance",
    "relist_papers",
    "remove_item",
    "revise",
    "settle_paper",
    "start_progress",
    "stop",
    "submit",
    "upload_paper",
    "withdraw",
]
