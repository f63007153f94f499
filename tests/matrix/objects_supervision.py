"""What the addresses of supervision name: orders, written reminders, bulletins."""

from typing import Any

from config import clock
from monitoring import transitions
from organization.models import Post
from tests import cast
from tests.matrix.objects import arguments_of, body_of, by_scope
from tests.monitoring.factories import DEMAND, REPLY, late_duty, order_in, reminder_of

# scope -> the state of the order; sup: of the supervision office, else of the platform. All to the officer's unit.
STATES = {"own": "issued", "sup": "issued", "draft": "draft", "replied": "replied"}


@arguments_of(*(f"monitoring:order_{page}" for page in ("detail", "issue", "reply", "accept", "send_back", "withdraw")), shared=by_scope)
def an_order(scope: str, post: Post | None) -> dict[str, Any]:
    return {"pk": order_in(STATES[scope], issuer="supervision" if scope == "sup" else "platform_approver").pk}


@arguments_of(*(f"monitoring:reminder_{page}" for page in ("detail", "reason", "answer")), shared=by_scope)
def a_reminder(scope: str, post: Post | None) -> dict[str, Any]:
    return {"pk": reminder_of(reason="given" if scope == "given" else "").pk}


@arguments_of("monitoring:reminder_year")
def this_year(scope: str, post: Post | None) -> dict[str, Any]:
    return {"year": clock.today().year}


@arguments_of("monitoring:bulletin_detail", "monitoring:bulletin_print", shared=by_scope)
def a_bulletin(scope: str, post: Post | None) -> dict[str, Any]:
    late_duty()
    return {"pk": transitions.make_bulletin(every="week", by=Post.objects.the_system()).pk}


@body_of("monitoring:order_new")
def in_words() -> dict[str, Any]:
    unit = cast.member("officer").unit_id
    return {"duty": [], "units": [unit], "matter": "惠民政策未张贴公示。", "demand": DEMAND, "days": 5, "act": "issue"}


@body_of("monitoring:order_issue")
def signed() -> dict[str, Any]:
    return {"demand": DEMAND, "days": 5}


@body_of("monitoring:order_reply")
def drafted() -> dict[str, Any]:
    return {"text": REPLY, "act": "draft"}


@body_of("monitoring:order_send_back")
def unclear() -> dict[str, Any]:
    return {"reason": "没有说明责任人。", "days": 3}


@body_of("monitoring:order_withdraw")
def not_needed() -> dict[str, Any]:
    return {"reason": "重复发出。"}


@body_of("monitoring:reminder_new")
def a_late_one() -> dict[str, Any]:
    return {"duty": [str(late_duty().pk)], "demand": DEMAND, "days": 5}


@body_of("monitoring:reminder_reason")
def why() -> dict[str, Any]:
    return {"text": "等待市级鉴定结论。"}


@body_of("monitoring:reminder_answer")
def it_holds() -> dict[str, Any]:
    return {"note": "", "answer": "accepted"}
