"""Requests behind the addresses of the matrix: of the village, of a department, of the neighbour's window, kept back, handed over."""

from typing import Any

from config.protection.sealing import open_sealed
from intake import transitions
from intake.models import Request
from organization.models import Post
from tests import cast
from tests.intake.factories import RequestFactory, family, people
from tests.matrix.objects import arguments_of, body_of, by_scope

_DESK = ("find", "identify", "take_on", "open_household", "accept", "answer", "return", "hand_over")
_SENDER = ("detail", "push", "withdraw")
_GIVEN = ("acknowledge", "decline", "recall")


def _request(scope: str) -> Request:
    if scope in {"town", "offered"}:
        theirs = RequestFactory(by=cast.member("neighbour_clerk"), region_code=cast.NEIGHBOUR)
        if scope == "town":
            return theirs
        home = cast.unit_of("township_window", cast.HOME)
        by = cast.member("neighbour_clerk")
        return transitions.hand_over_request(request_id=theirs.pk, to_unit_id=home.pk, reason="住在忠州街道。", by=by)
    if scope == "dept":
        return RequestFactory(by=cast.member("officer"))
    return RequestFactory(known=True, **{"kept": {"kept": True}, "given": {"handed_over": True}}.get(scope, {}))


@arguments_of(*(f"intake:request_{page}" for page in (*_SENDER, *_DESK, *_GIVEN)), shared=by_scope)
def a_request(scope: str, post: Post | None) -> dict[str, Any]:
    return {"pk": _request(scope).pk}


@arguments_of("intake:request_number", shared=by_scope)
def a_number_of_a_request(scope: str, post: Post | None) -> dict[str, Any]:
    return {"pk": _request(scope).pk, "field": "id_number"}


@body_of("intake:request_new")
def somebody_in_need() -> dict[str, Any]:
    return {
        "name": "乔虚求", "number": "", "without_papers": "on", "phone": "13800138000", "region": cast.VILLAGE, "address": "虚构组3号",
        "causes": ["illness"], "matter": "住院花费大。", "is_urgent": "on", "source": "phone", "helper_name": "钱虚助",
        "helper_relation": "邻居", "consent": "spoken", "wanted": ["MZ04"], "behalf": "1", "household": "", "then": "push",
    }  # fmt: skip


@body_of("intake:request_push")
def an_addition() -> dict[str, Any]:
    return {"addition": "电话问邻居。"}


@body_of("intake:request_find")
def a_number() -> dict[str, Any]:
    return {"wanted": open_sealed(people(family())[0], "id_number")}


@body_of("intake:request_identify")
def somebody() -> dict[str, Any]:
    return {"resident": people(family())[1].pk}


@body_of("intake:request_accept")
def who_applies() -> dict[str, Any]:
    return {
        "applicant": Request.objects.get().resident_id or "", "channel": "window", "helper_name": "钱虚助", "helper_relation": "邻居",
        "helper_phone": "13800138000", "as_single_person": "on", "single_person_reason": "major_illness",
    }  # fmt: skip


@body_of("intake:request_answer")
def advice() -> dict[str, Any]:
    return {"text": "带身份证和票据来窗口。"}


@body_of("intake:request_return", "intake:request_withdraw", "intake:request_decline")
def a_reason() -> dict[str, Any]:
    return {"reason": "请补充联系电话。"}


@body_of("intake:request_hand_over")
def another_window() -> dict[str, Any]:
    return {"to_unit": cast.unit_of("township_window", cast.NEIGHBOUR).pk, "reason": "住在白公街道。"}
