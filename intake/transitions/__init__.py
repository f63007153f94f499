"""The verbs of the window."""

from .acceptance import accept, refuse_acceptance
from .applications import close, draft, promise, revise, start_progress, stop, submit, withdraw
from .assessment import assess, keep_assessment
from .cards import hand_out_application_card, hand_out_card
from .handovers import acknowledge_request, decline_request, hand_over_request, recall_request
from .items import add_item, remove_item
from .notices import Lack, answer_supplement, ask_supplement
from .papers import demand_paper, list_papers, relist_papers, settle_paper, upload_paper, void_file
from .request_numbers import reveal_number_of_request
from .requests import (
    accept_request,
    answer_request,
    identify_request,
    push_request,
    register_request,
    return_request,
    withdraw_request,
)
from .visits import answer, arrive, identify
from .voiding import void_issued

__all__ = [
    "Lack",
    "accept",
    "accept_request",
    "acknowledge_request",
    "add_item",
    "answer",
    "answer_request",
    "answer_supplement",
    "arrive",
    "ask_supplement",
    "assess",
    "close",
    "decline_request",
    "demand_paper",
    "draft",
    "hand_out_application_card",
    "hand_out_card",
    "hand_over_request",
    "identify",
    "identify_request",
    "keep_assessment",
    "list_papers",
    "promise",
    "push_request",
    "recall_request",
    "refuse_acceptance",
    "register_request",
    "relist_papers",
    "remove_item",
    "return_request",
    "reveal_number_of_request",
    "revise",
    "settle_paper",
    "start_progress",
    "stop",
    "submit",
    "upload_paper",
    "void_file",
    "void_issued",
    "withdraw",
    "withdraw_request",
]
