"""Behind the addresses of data rounds: the officer's delivery and the civil department's, of a round of three lists."""

from datetime import date
from typing import Any
from unittest.mock import patch

from config import clock
from monitoring.models import Delivery, Round
from monitoring.transitions import rounds
from organization.models import Post
from spreadsheets import declaration
from tests import cast
from tests.matrix.objects import arguments_of, body_of, by_scope
from tests.monitoring import round_factories as rounds_of
from tests.replay import remembered


@remembered
def _round() -> Round:
    """Only the departments of the two officers owe something in it."""
    owners = {family: rounds_of.Lists(family) for family in ("households.roll", "households.facts")}
    month = clock.today().replace(day=1)
    with patch.object(declaration, "_owners", owners), clock.set_clock(rounds_of.at(month.year, month.month, 1, 1)):
        rounds.open_rounds(by=Post.objects.the_system())
    return Round.objects.get(kind="monthly", month=month)


def _delivery(scope: str) -> Delivery:
    """`own`: the officer's, `dept`: the neighbour department's; `sent`: the officer's, handed in; `town`: a township's."""
    row = _round()
    if scope == "town":
        township = Round.objects.create(
            kind="township", month=row.month, opens_on=row.month, due_on=date(2026, 9, 20), cut_off_on=row.month,
            paper_due_on=date(2026, 9, 25), opened_at=row.opened_at, opened_by=row.opened_by,
        )  # fmt: skip
        unit = cast.member("clerk").unit
        return Delivery.objects.create(round=township, unit=unit, opened_at=row.opened_at, opened_by=row.opened_by)
    by = cast.member("neighbour_officer" if scope == "dept" else "officer")
    delivery = rounds_of.delivery_of(row, by)
    if scope == "full":
        return rounds_of.filled(delivery, by)
    return rounds_of.submitted(delivery, by) if scope == "sent" else delivery


@arguments_of(
    "monitoring:delivery_detail", "monitoring:delivery_policy", "monitoring:delivery_no_change", "monitoring:delivery_submit",
    "monitoring:delivery_return", "monitoring:delivery_accept", "monitoring:delivery_paper", "monitoring:delivery_receipt",
    shared=by_scope,
)  # fmt: skip
def a_delivery(scope: str, post: Post | None) -> dict[str, Any]:
    return {"pk": _delivery(scope).pk}


@arguments_of("monitoring:item_hand_in", "monitoring:item_use_file", shared=by_scope)
def an_item(scope: str, post: Post | None) -> dict[str, Any]:
    return {"pk": _delivery(scope).items.exclude(key="").first().pk}


@body_of("monitoring:delivery_submit")
def a_remark() -> dict[str, Any]:
    return {"remark": "本月无增减。"}


@body_of("monitoring:delivery_return")
def a_reason() -> dict[str, Any]:
    return {"reason": "名册缺少两个乡镇，请补报。"}


@body_of("monitoring:delivery_paper")
def a_day() -> dict[str, Any]:
    return {"received_on": clock.today().isoformat()}


@body_of("monitoring:delivery_no_change")
def the_rest() -> dict[str, Any]:
    return {"item": ""}
