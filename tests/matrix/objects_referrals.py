"""What the addresses of `referrals` name: a referral where its verb begins, held by the unit of the one who knocks."""

from typing import Any

from config import clock
from organization.models import Post
from referrals import transitions
from tests import cast
from tests.matrix.objects import WORKING, arguments_of, at_work, body_of, by_scope_at_work, nothing
from tests.referrals.factories import ReferralFactory, accepted, approver_of, desk_of, handler_of

# Verb -> the trait it begins from; what the window does stands apart, since its referral is held elsewhere.
BEGINS = {
    "receive": "dispatched", "take": "dispatched", "assign": "dispatched", "propose": "in_hand", "forward": "proposed",
    "send_back": "deciding", "return_for_supplement": "in_hand", "decide": "deciding", "feed_back": "approved", "terminate": "in_hand",
    "request_extension": "in_hand", "begin_appraisal": "in_hand", "end_appraisal": "in_hand", "resubmit": "returned",
    "return_feedback": "fed_back", "confirm": "fed_back", "withdraw": "in_hand", "dispute": "received", "resend": "disputed",
    "push_for_ruling": "disputed", "rule": "ruling", "take_over": "in_hand",
}  # fmt: skip
DEPARTMENTAL = "CL03"  # a department decides it in one stage
SENSITIVE = "MZ09"
REVIEWED = "CL01"  # the department reviews it before it decides


def _program(scope: str, post: Post, verb: str) -> str:
    """Whoever knocks, an appraisal is waited for by a department; a trait before the decision needs a stage of review."""
    if verb in {"begin_appraisal", "end_appraisal"}:
        return REVIEWED
    if post.role not in {"D", "DA"}:
        return "MZ04"
    needs_review = {"received", "in_hand", "proposed", "returned", "disputed", "ruling"}
    return REVIEWED if BEGINS[verb] in needs_review else DEPARTMENTAL


def _referral(verb: str) -> Any:
    def build(scope: str, post: Post | None) -> dict[str, Any]:
        """own: of the home township, held by the department of the one who knocks, else by the office; town: of another township."""
        if post is None or not at_work(post):
            return nothing()
        if scope == "town":
            return {"pk": ReferralFactory(by=cast.member("neighbour_clerk")).pk}
        referral = ReferralFactory(program=_program(scope, post, verb), **{BEGINS[verb]: True})
        if verb == "end_appraisal":
            transitions.begin_appraisal(referral_id=referral.pk, reason="送适配评估", by=handler_of(referral.unit))
        return {"pk": referral.pk}

    return build


@arguments_of("referrals:post_hand_over")
def a_post_to_hand_over(scope: str, post: Post | None) -> dict[str, Any]:
    """own: of the unit of the one who knocks. other: of another township."""
    return {"pk": post.pk if scope == "own" and post else cast.member("neighbour_clerk").pk}


@body_of("referrals:post_hand_over")
def to_somebody_of_another_unit() -> dict[str, Any]:
    """Whoever knocks has nobody of that kind in his unit: the form comes back."""
    return {"to": cast.member("neighbour_approver").pk}


@arguments_of("referrals:unit_end")
def a_unit_to_end(scope: str, post: Post | None) -> dict[str, Any]:
    """desk: a department's. stays: the window of a township, which no verb ends."""
    kind, where = ("department", "CL") if scope == "desk" else ("township_window", cast.HOME)
    return {"pk": cast.unit_of(kind, where).pk}


@body_of("referrals:unit_end")
def who_takes_over() -> dict[str, Any]:
    """The first step: what will happen is shown, and nothing has."""
    return {"successor": cast.unit_of("department", "JW").pk, "last_day": clock.today().isoformat()}


def _shared(verb: str) -> Any:
    """Those whose case is of one program share it; those who are refused at the door have none."""

    def key(scope: str, post: Post | None) -> Any:
        if not at_work(post):
            return None
        return scope if post is None or scope == "town" else (scope, _program(scope, post, verb))

    return key


def _by_scope_of(*roles: str) -> Any:
    """These roles alone have a row built, one for all of them."""

    def key(scope: str, post: Post | None) -> Any:
        return scope if post is not None and post.role in roles else None

    return key


for _verb in BEGINS:
    arguments_of(f"referrals:referral_{_verb}", shared=_shared(_verb))(_referral(_verb))


@arguments_of("referrals:referral_detail", shared=_shared("receive"))
def a_referral(scope: str, post: Post | None) -> dict[str, Any]:
    return _referral("receive")(scope, post)


@arguments_of("referrals:referral_look_into", shared=by_scope_at_work)
def a_sensitive_referral(scope: str, post: Post | None) -> dict[str, Any]:
    return {"pk": ReferralFactory(program=SENSITIVE).pk} if at_work(post) else nothing()


@arguments_of("referrals:referral_why", shared=_shared("receive"))
def a_date(scope: str, post: Post | None) -> dict[str, Any]:
    return {**_referral("receive")(scope, post), "kind": "promise"}


@arguments_of("referrals:extension_answer", shared=_by_scope_of("BA"))
def a_request(scope: str, post: Post | None) -> dict[str, Any]:
    if post is None or post.role != "BA":
        return {"pk": 1}
    referral = ReferralFactory(in_hand=True)
    request = transitions.request_extension(referral_id=referral.pk, reason="需要重新核实。", by=approver_of(referral.unit))
    return {"pk": request.pk}


@arguments_of("referrals:case_detail", "referrals:application_withdraw", "referrals:application_terminate", shared=by_scope_at_work)
def a_case(scope: str, post: Post | None) -> dict[str, Any]:
    if not at_work(post):
        return nothing()
    by = {"by": cast.member("neighbour_clerk")} if scope == "town" else {}
    return {"pk": ReferralFactory(**by).application_id}


@arguments_of("referrals:supplement_gather", shared=by_scope_at_work)
def a_returned_case(scope: str, post: Post | None) -> dict[str, Any]:
    if not at_work(post):
        return nothing()
    there = ReferralFactory(by=cast.member("neighbour_clerk")) if scope == "town" else ReferralFactory(returned=True)
    return {"pk": there.application_id}


@body_of("referrals:supplement_gather")
def nothing_but_yes() -> dict[str, Any]:
    return {"repeat_reason": "", "approver": ""}


@arguments_of("referrals:application_dispatch", shared=by_scope_at_work)
def an_accepted_application(scope: str, post: Post | None) -> dict[str, Any]:
    if not at_work(post):
        return nothing()
    return {"pk": accepted(by=cast.member("neighbour_clerk") if scope == "town" else None).pk}


@body_of("referrals:progress")
def a_wrong_code() -> dict[str, Any]:
    return {"number": "", "tail": "", "code": "NOSUCHCODE"}


@body_of("referrals:referral_assign")
def a_handler() -> dict[str, Any]:
    return {"seen": "", "handler": cast.member("reviewer").pk}


@body_of("referrals:referral_propose")
def a_proposal() -> dict[str, Any]:
    return {"seen": "", "proposal": "情况属实，建议同意。", "outcome": "approved", "amount": "900"}


@body_of("referrals:referral_forward")
def an_opinion() -> dict[str, Any]:
    return {"seen": "", "opinion": "同意。"}


@body_of("referrals:referral_return_for_supplement")
def what_is_missing() -> dict[str, Any]:
    return {"seen": "", "papers": [], "others": "诊断证明"}


@body_of("referrals:referral_resubmit")
def what_was_brought() -> dict[str, Any]:
    return {"seen": "", "note_text": "已补交诊断证明。"}


@body_of("referrals:referral_decide")
def a_decision() -> dict[str, Any]:
    return {
        "seen": "", "outcome": "approved", "amount": "1500", "in_kind": "轮椅一辆", "start_on": "2026-09-24", "cap_reason": "",
        "refusal_code": "", "refusal_reason": "", "opinion": "同意。", "confirm": "1",
    }  # fmt: skip


@body_of("referrals:referral_feed_back")
def a_feedback() -> dict[str, Any]:
    return {"seen": "", "text": "已批准，十月起发放。"}


@body_of("referrals:referral_confirm")
def how_told() -> dict[str, Any]:
    return {"seen": "", "told_how": "phone", "told_note": "本人接听"}


@body_of(
    "referrals:referral_send_back",
    "referrals:referral_look_into",
    "referrals:referral_return_feedback",
    "referrals:referral_withdraw",
    "referrals:referral_terminate",
    "referrals:referral_request_extension",
    "referrals:referral_begin_appraisal",
    "referrals:application_withdraw",
    "referrals:application_terminate",
)
def a_reason() -> dict[str, Any]:
    return {"seen": "", "reason": "公示有异议，需要重新核实。"}


@body_of("referrals:referral_dispute")
def a_claim() -> dict[str, Any]:
    return {"seen": "", "proposed_unit": desk_of("JW").pk, "reason": "属于教育救助，由教委承办。"}


@body_of("referrals:referral_resend")
def where_to() -> dict[str, Any]:
    return {"seen": "", "unit": desk_of("JW").pk, "note_text": "按职责改送。"}


@body_of("referrals:referral_push_for_ruling")
def what_the_window_says() -> dict[str, Any]:
    return {"seen": "", "note_text": "双方意见不一，请裁定。"}


@body_of("referrals:referral_rule")
def what_is_ruled() -> dict[str, Any]:
    return {"seen": "", "named_unit": desk_of("JW").pk, "assessment": "双方意见和事实已核实。", "basis": "县编委职责规定"}


@arguments_of("referrals:ruling_detail", "referrals:ruling_countersign", shared=_by_scope_of(*WORKING, "C"))
def a_ruling(scope: str, post: Post | None) -> dict[str, Any]:
    """Of the home township, 县民政局 named: it waits for the convener; town: of another township."""
    if post is None or post.role not in {*WORKING, "C"}:
        return nothing()
    where = {"by": cast.member("neighbour_clerk")} if scope == "town" else {}
    referral = ReferralFactory(program=REVIEWED, ruling=True, **where)
    given = {"named_unit": desk_of("MZ"), "assessment": "双方意见和事实已核实。", "basis": "县编委职责规定"}
    return {"pk": transitions.rule(referral_id=referral.pk, by=cast.member("platform_approver"), **given).pk}


@arguments_of("referrals:ruling_supersede", shared=_by_scope_of("B", "BA"))
def a_ruling_in_force(scope: str, post: Post | None) -> dict[str, Any]:
    """For 残联, of the home township; town: of another one. The platform's alone: nobody else needs one built."""
    if post is None or post.role not in {"B", "BA"}:
        return nothing()
    where = {"by": cast.member("neighbour_clerk")} if scope == "town" else {}
    referral = ReferralFactory(program=REVIEWED, ruling=True, **where)
    given = {"named_unit": desk_of("CL"), "assessment": "双方意见和事实已核实。", "basis": "县编委职责规定"}
    return {"pk": transitions.rule(referral_id=referral.pk, by=cast.member("platform_approver"), **given).pk}


@body_of("referrals:ruling_supersede")
def what_is_ruled_again() -> dict[str, Any]:
    return {**what_is_ruled(), "reason": "原裁定所依文件已经修改。"}


@body_of("referrals:extension_answer")
def an_answer() -> dict[str, Any]:
    return {"seen": "", "granted": "1", "note": "同意。"}
