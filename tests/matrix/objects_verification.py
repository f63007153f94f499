"""Verifications behind the addresses of the matrix."""

from typing import Any

from households.models import Access
from organization.models import Post
from tests import cast
from tests.matrix.objects import arguments_of, body_of, by_scope
from tests.verification import factories


@arguments_of("verification:verification_detail", "verification:verification_edit", shared=by_scope)
def a_verification(scope: str, post: Post | None) -> dict[str, Any]:
    """own: the home township's, under way. town: the neighbour's. granted: finished, of a household that was sent to a department."""
    if scope == "granted":
        row, unit, by = factories.finished(), cast.member("officer").unit, cast.member("clerk")
        Access.objects.create(
            household=row.household, unit=unit, reason="referral", subject_label="x", subject_id="1", opened_at=row.opened_at, opened_by=by
        )
        return {"pk": row.pk}
    by = cast.member("neighbour_clerk" if scope == "town" else "clerk")
    return {"pk": factories.started(of=factories.household(code=by.unit.region_id), by=by).pk}


@body_of("verification:verification_edit")
def what_was_found() -> dict[str, Any]:
    """暂存, every field of the form filled in but who was met."""
    clerk, assistant = factories.team()
    return {
        "step": "save", "seen_at": "",
        "methods": ["home_visit"], "investigator_1": clerk, "investigator_2": assistant, "investigator_3": "",
        "visited_on": "2026-09-24", "person_met": "", "met_note": "外出", "family_situation": "三口人", "economic_situation": "务农",
        "income_per_head": "400", "income_12_months": "14400", "rigid_spending_12_months": "0", "assets_within_limits": "yes",
        "household_hardship": "no", "finding": "consistent", "conclusion": "符合", "advice": "纳入",
    }  # fmt: skip


@arguments_of("verification:visit_ask", shared=by_scope)
def a_verification_to_ask_for(scope: str, post: Post | None) -> dict[str, Any]:
    return a_verification(scope, post)


@body_of("verification:visit_ask")
def which_township() -> dict[str, Any]:
    return {"unit": str(cast.member("neighbour_clerk").unit_id), "matter": "看住房和收入"}


@arguments_of("verification:visit_detail", "verification:visit_answer", shared=by_scope)
def a_visit(scope: str, post: Post | None) -> dict[str, Any]:
    """own: the home township is asked. town: it asks the neighbouring one. other: between two others."""
    by = cast.member("neighbour_clerk")
    if scope == "town":
        return {"pk": factories.asked().pk}
    row = factories.started(of=factories.household(code=by.unit.region_id), by=by)
    unit = cast.member("clerk").unit if scope == "own" else cast.unit_of("township_window", "500233003")
    return {"pk": factories.asked(row, unit=unit, by=by).pk}


@body_of("verification:visit_answer")
def cannot() -> dict[str, Any]:
    return {"step": "decline", "reason": "该户已不在本地居住。"}
