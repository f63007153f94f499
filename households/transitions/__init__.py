"""The verbs of people and what is known of them. Inner ones are called by the rooms above inside their own transactions and gates."""

from .access import close_access, let_in, let_in_many
from .assistance import grant_record
from .changing import (
    adjust_record,
    fade_record,
    hold_record,
    recover_record,
    refuse_change,
    resume_record,
    standing_record,
    stop_record,
)
from .consent import authorise, declare_kin, declare_own_kin, file_kin, revoke_authorisation, withdraw_own_kin
from .county_screening import compare, screen_county
from .drafts import drop, put_aside
from .households import open_household, revise_household
from .knowledge import end_tag, grant_tag, lean_on, note_fact
from .looking import look_into_screening, look_into_trial
from .lookup import Found, find_by_number, known_elsewhere, take_on
from .members import MemberInput, MemberRefused, add_member, end_membership, revise_member
from .registry import Wish, begin_confirm, propose_change, reject_change, withdraw_change
from .relatives import end_relative, note_relative
from .requesting import answer_fact, ask_for_fact, decline_fact, withdraw_request
from .residents import Person, enter_resident, note_death, revise_resident
from .reveals import open_fact, reveal_number
from .screening import screen_again, screen_household
from .unidentified import Signs, register_unidentified

__all__ = [
    "Found",
    "MemberInput",
    "MemberRefused",
    "Person",
    "Signs",
    "Wish",
    "add_member",
    "adjust_record",
    "answer_fact",
    "ask_for_fact",
    "authorise",
    "begin_confirm",
    "close_access",
    "compare",
    "declare_kin",
    "declare_own_kin",
    "decline_fact",
    "drop",
    "end_membership",
    "end_relative",
    "end_tag",
    "enter_resident",
    "fade_record",
    "file_kin",
    "find_by_number",
    "grant_record",
    "grant_tag",
    "hold_record",
    "known_elsewhere",
    "look_into_screening",
    "look_into_trial",
    "lean_on",
    "let_in",
    "let_in_many",
    "note_death",
    "note_fact",
    "note_relative",
    "open_fact",
    "open_household",
    "propose_change",
    "put_aside",
    "recover_record",
    "refuse_change",
    "register_unidentified",
    "reject_change",
    "resume_record",
    "reveal_number",
    "revise_household",
    "revise_member",
    "revise_resident",
    "revoke_authorisation",
    "screen_again",
    "screen_household",
    "screen_county",
    "standing_record",
    "stop_record",
    "take_on",
    "withdraw_change",
    "withdraw_own_kin",
    "withdraw_request",
]
