"""What the addresses of the matrix name: for each, who or what stands behind its pk, by scope; and what a POST to it carries.

A builder is asked with the scope of the row and the post that will knock (None: nobody signed in), and returns the address's arguments.
It reads the cast, or makes rows by the verbs; whatever it makes is rolled back with the cell, or with the scope where callers share it.
"""

import uuid
from collections.abc import Callable, Hashable
from datetime import timedelta
from typing import Any

from django.db import transaction

from audit.models import Event
from audit.transitions import record
from config import clock
from deadlines import transitions as clocks
from deadlines.models import Notice
from organization.models import Department, Post, Staff, Unit
from tests import cast
from tests.deadlines import factories as duties

Builder = Callable[[str, Post | None], dict[str, Any]]
ARGUMENTS: dict[str, Builder] = {}
BODIES: dict[str, Callable[[], dict[str, Any]]] = {}
Shared = Callable[[str, Post | None], Hashable]
SHARED: dict[str, Shared] = {}


def by_scope(scope: str, post: Post | None) -> Hashable:
    """Whoever knocks at this scope is led to the same row."""
    return scope


WORKING = {"T", "TA", "D", "DA", "B", "BA"}


def at_work(post: Post | None) -> bool:
    """Whether the door lets this post in at all: for the others nothing need stand behind it."""
    return post is not None and post.role in WORKING


def nothing() -> dict[str, Any]:
    return {"pk": uuid.uuid4()}


def by_scope_at_work(scope: str, post: Post | None) -> Hashable:
    return scope if at_work(post) else None


def arguments_of(*urls: str, shared: Shared | None = None) -> Callable[[Builder], Builder]:
    """Register a builder for these addresses.

    shared: callers for whom it gives the same are led to one and the same row; each of their cells begins from it as it was made.
    A case walked by the verbs costs more than all its cells together.
    """

    def register(builder: Builder) -> Builder:
        ARGUMENTS.update(dict.fromkeys(urls, builder))
        if shared:
            SHARED.update(dict.fromkeys(urls, shared))
        return builder

    return register


def body_of(*urls: str) -> Callable[[Callable[[], dict[str, Any]]], Callable[[], dict[str, Any]]]:
    """Register what a well-meant POST to these addresses carries, every field of its form; without one it carries nothing."""

    def register(body: Callable[[], dict[str, Any]]) -> Callable[[], dict[str, Any]]:
        BODIES.update(dict.fromkeys(urls, body))
        return body

    return register


# ── organization ────────────────────────────────────────────────────────────────────────────────────────────────────
_STAFF_PAGES = ("detail", "describe", "disable", "issue_password", "lift_lock")


@arguments_of(*(f"organization:staff_{page}" for page in _STAFF_PAGES), "organization:post_propose")
def a_person(scope: str, post: Post | None) -> dict[str, Any]:
    """self: one's own account. other: somebody of another township, without a second post."""
    username = post.staff.username if scope == "self" and post else "neighbour_clerk"
    return {"pk": Staff.objects.get(username=username).pk}


@arguments_of("organization:post_grant", "organization:post_refuse")
def a_proposed_post(scope: str, post: Post | None) -> dict[str, Any]:
    """other: proposed for somebody. self: proposed for the one who knocks."""
    from organization.transitions import posts

    person = post.staff if scope == "self" and post else Staff.objects.get(username="nobody")
    family_unit = post.unit if scope == "self" and post else cast.unit_of("township_office", f"{cast.HOME}:justice")
    after = cast.UNTIL + timedelta(days=366)  # the same post again, long after the present one
    proposed = posts.propose(
        staff_id=person.pk, unit=family_unit, rank="handler", valid_from=after, valid_until=after + timedelta(days=99),
        by=cast.member("system_administrator"),
    )  # fmt: skip
    return {"pk": proposed.pk}


@arguments_of("organization:post_end")
def a_granted_post(scope: str, post: Post | None) -> dict[str, Any]:
    return {"pk": post.pk if scope == "self" and post else cast.member("neighbour_clerk").pk}


@arguments_of("organization:post_switch")
def a_post_of_ones_own(scope: str, post: Post | None) -> dict[str, Any]:
    return {"pk": post.pk if scope == "self" and post else cast.member("neighbour_clerk").pk}


@arguments_of("organization:phrase_reword", "organization:phrase_discard")
def a_phrase(scope: str, post: Post | None) -> dict[str, Any]:
    """own: one's own. other: somebody else's."""
    from organization.transitions import phrases

    owner = post if scope == "own" and post else cast.member("neighbour_clerk" if post != cast.member("neighbour_clerk") else "clerk")
    return {"pk": phrases.keep(text="材料齐全，同意。", by=owner).pk}


@arguments_of("organization:absence_end")
def an_absence(scope: str, post: Post | None) -> dict[str, Any]:
    """own: one's own days away. other: somebody's of another township."""
    from organization.transitions import absences

    home = cast.member("neighbour_clerk")
    owner = post if scope == "own" and post else cast.member("clerk") if post == home else home
    noted = absences.note_absence(staff_id=owner.staff_id, first_on=clock.today(), last_on=clock.today(), by=owner)
    return {"pk": noted.pk}


@arguments_of("organization:unit_detail", "organization:unit_describe")
def a_unit(scope: str, post: Post | None) -> dict[str, Any]:
    return {"pk": post.unit_id if scope == "own" and post else Unit.objects.get(kind="township_window", region_id=cast.NEIGHBOUR).pk}


@arguments_of("organization:parameter_detail")
def a_parameter(scope: str, post: Post | None) -> dict[str, Any]:
    """security: a figure of sign-in. case: any other."""
    return {"key": "session_idle_minutes" if scope == "security" else "data_cycle_due_day"}


@arguments_of("text_size")
def a_size(scope: str, post: Post | None) -> dict[str, Any]:
    return {"size": "large"}


@arguments_of("list_choose")
def a_list(scope: str, post: Post | None) -> dict[str, Any]:
    return {"name": "nowhere:none" if scope == "unknown" else "monitoring:workbench"}


@body_of("organization:absence_list")
def days_away() -> dict[str, Any]:
    return {"first_on": "2026-10-12", "last_on": "2026-10-16"}


@body_of("organization:phrase_list", "organization:phrase_reword")
def words_of_ones_own() -> dict[str, Any]:
    return {"text": "情况属实，建议同意。"}


@body_of("organization:staff_create")
def a_new_account() -> dict[str, Any]:
    return {"username": "newcomer", "name": "新来的", "employment_type": "established", "phone": "", "password": "First-Word-2026!"}


@body_of("organization:staff_describe")
def a_better_description() -> dict[str, Any]:
    return {"name": "改名", "employment_type": "purchased", "phone": "54230000"}


@body_of("organization:staff_issue_password")
def a_first_password() -> dict[str, Any]:
    return {"password": "Second-Word-2026!"}


@body_of("organization:staff_disable", "organization:post_refuse", "organization:post_end")
def a_reason() -> dict[str, Any]:
    return {"reason": "岗位调整"}


@body_of("organization:post_propose")
def a_proposal() -> dict[str, Any]:
    unit = cast.unit_of("township_office", f"{cast.NEIGHBOUR}:justice")
    return {"unit": unit.pk, "rank": "handler", "title": "", "valid_from": "2026-09-24", "valid_until": "2027-09-23"}


@body_of("organization:unit_describe")
def a_telephone() -> dict[str, Any]:
    return {"phone": "54230000", "address": "虚构路一号"}


@body_of("organization:village_add")
def a_village() -> dict[str, Any]:
    return {"township": cast.HOME, "code": f"{cast.HOME}777", "name": "虚构三村", "setting": "rural", "population": 10}


@body_of("organization:review_office_assign")
def an_assignment() -> dict[str, Any]:
    department = Department.objects.get(code="MZ")
    return {"department": department.pk, "township": cast.HOME, "office": "justice", "since": "2026-09-24"}


@body_of("organization:parameter_detail")
def a_new_value() -> dict[str, Any]:
    return {"value": "20", "valid_from": "2026-10-01", "region": "", "origin": "assumed", "source": "会议纪要"}


@body_of("organization:password_change")
def a_password_of_ones_own() -> dict[str, Any]:
    return {"current": cast.PASSWORD, "password": "Third-Word-2026!", "again": "Third-Word-2026!"}


@body_of("organization:sign_in")
def wrong_credentials() -> dict[str, Any]:
    return {"username": "clerk", "password": "not the password"}


# ── config ──────────────────────────────────────────────────────────────────────────────────────────────────────────
@arguments_of("styleguide_answer")
def an_answer(scope: str, post: Post | None) -> dict[str, Any]:
    return {"status": 409}


# ── audit ───────────────────────────────────────────────────────────────────────────────────────────────────────────
@arguments_of("audit:event_detail")
def an_event(scope: str, post: Post | None) -> dict[str, Any]:
    """self: a line of one's own. other: somebody else's."""
    with transaction.atomic():
        line = record(
            "staff.signed_in", Staff.objects.get(username="clerk"), by=post if scope == "self" else cast.member("neighbour_clerk")
        )
    return {"pk": line.pk}


# ── deadlines ───────────────────────────────────────────────────────────────────────────────────────────────────────
_HOLDERS = {"town": "neighbour_clerk", "dept": "neighbour_officer", "village": "other_assistant"}


def _holder(scope: str, post: Post | None) -> Post:
    """own: the unit of the one who knocks. town, dept, village: another township's, another department's, another village's."""
    return post if scope == "own" and post else cast.member(_HOLDERS.get(scope, "clerk"))


@arguments_of("deadlines:duty_explain", "deadlines:duty_take")
def a_duty(scope: str, post: Post | None) -> dict[str, Any]:
    return {"pk": duties.open_duty(_holder(scope, post)).pk}


@arguments_of("deadlines:duty_put_back", "deadlines:duty_take_over")
def a_duty_that_was_taken(scope: str, post: Post | None) -> dict[str, Any]:
    holder = _holder(scope, post)
    return {"pk": clocks.take(duty_id=duties.open_duty(holder).pk, by=holder).pk}


@arguments_of("deadlines:notice_read")
def a_notice(scope: str, post: Post | None) -> dict[str, Any]:
    clocks.announce("referral.dispatched", duties.subject(), to=_holder(scope, post).unit, title="有新的转办单")
    clocks.drain()
    return {"pk": Notice.objects.get(title="有新的转办单").pk}


@arguments_of("jobs:job_detail", "jobs:job_progress", "jobs:job_cancel")
def a_job(scope: str, post: Post | None) -> dict[str, Any]:
    return {"pk": clocks.ask_job("deadlines.drop_jobs", arguments={"before": "2026-01-01"}, by=_holder(scope, post)).pk}


@arguments_of("deadlines:calendar_moves", shared=by_scope)
def a_calendar_change(scope: str, post: Post | None) -> dict[str, Any]:
    day = clock.today() + timedelta(days=5)
    clocks.change_day(day=day, is_workday=False, name="临时放假", source="测试", by=cast.member("system_administrator"))
    return {"pk": Event.objects.filter(verb="calendar.day_changed").latest("pk").pk}


@body_of("deadlines:calendar_change")
def a_day() -> dict[str, Any]:
    return {"day": "2026-11-11", "is_workday": "0", "name": "试设节日", "source": "试验通知", "confirm": "1"}


@body_of("deadlines:calendar_load")
def a_year() -> dict[str, Any]:
    return {"year": "2027", "source": "试验通知", "text": "2027-02-05至2027-02-11 休 春节", "confirm": "1"}


@arguments_of("deadlines:reminder_rule_change")
def a_stage(scope: str, post: Post | None) -> dict[str, Any]:
    return {"stage": "to_head"}


@body_of("deadlines:reminder_rule_change")
def a_rule() -> dict[str, Any]:
    return {
        "working_days": "2", "full_days": "1", "is_urgent": "0", "holds_for_promises": "0", "valid_from": "2027-01-04", "source": "试验",
        "confirm": "1",
    }  # fmt: skip


@arguments_of("deadlines:reminder_rule_withdraw")
def a_rule_to_come(scope: str, post: Post | None) -> dict[str, Any]:
    given = {"stage": "amber", "is_urgent": True, "holds_for_promises": True, "valid_from": clock.today() + timedelta(days=5)}
    return {"pk": clocks.change_reminder_rule(**given, source="试验", by=cast.member("system_administrator")).pk}


@body_of("deadlines:reminder_rule_withdraw")
def a_rule_withdrawn() -> dict[str, Any]:
    return {"reason": "会议改期"}


# ── programs ────────────────────────────────────────────────────────────────────────────────────────────────────────
@arguments_of("programs:program_detail", "programs:program_guide", "api:program-detail")
def a_program(scope: str, post: Post | None) -> dict[str, Any]:
    return {"code": "MZ99" if scope == "absent" else "MZ04"}


@arguments_of("api:department-detail")
def a_department(scope: str, post: Post | None) -> dict[str, Any]:
    return {"code": "XX" if scope == "absent" else "MZ"}


# Each room brings its own builders; they stand in modules of their own and are imported for what they declare.
from tests.matrix import (  # noqa: E402
    objects_api,  # noqa: F401
    objects_changes,  # noqa: F401
    objects_closing,  # noqa: F401
    objects_county_screening,  # noqa: F401
    objects_dashboards,  # noqa: F401
    objects_deadlines,  # noqa: F401
    objects_documents,  # noqa: F401
    objects_doubts,  # noqa: F401
    objects_exports,  # noqa: F401
    objects_funds,  # noqa: F401
    objects_households,  # noqa: F401
    objects_intake,  # noqa: F401
    objects_list_checks,  # noqa: F401
    objects_monitoring,  # noqa: F401
    objects_payments,  # noqa: F401
    objects_programs,  # noqa: F401
    objects_publicity,  # noqa: F401
    objects_referrals,  # noqa: F401
    objects_registry,  # noqa: F401
    objects_requests,  # noqa: F401
    objects_reviews,  # noqa: F401
    objects_rounds,  # noqa: F401
    objects_screening,  # noqa: F401
    objects_spreadsheets,  # noqa: F401
    objects_standards,  # noqa: F401
    objects_supervision,  # noqa: F401
    objects_tracks,  # noqa: F401
    objects_urgent,  # noqa: F401
    objects_verification,  # noqa: F401
)
