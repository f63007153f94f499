"""What the API says of a referral and of an application to a post, by the rules of the pages (SECURITY D12, DESIGN 2)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from config import clock
from config.protection.masks import mask_name
from households.showing import shown_name
from intake.models import Application
from intake.showing import programs_shown
from intake.turns import turn_of
from organization.figures import figure
from organization.lineage import desks
from organization.models import Post

from ..dossier import DATES, DateLine, Dossier, date_lines, stays_of
from ..models import Referral, ReferralStage
from ..names import UNNAMED, names
from ..permissions import can_read_item
from ..steps import offers
from ..story import Story

VERBS = ("receive", "decide", "feed_back")  # what the API can do; the other steps are the pages'


def referral_rows(referrals: Sequence[Referral], post: Post) -> list[dict[str, Any]]:
    """Rows of the list, each with `applicant_name` and `has_been` of its queryset. Two more queries and a calendar for the dates."""
    dates, since = date_lines(referrals), clock.now() - timedelta(days=int(figure("access_after_close")))
    return [_row(referral, post, dates.get(str(referral.pk), []), since) for referral in referrals]


def _row(referral: Any, post: Post, dates: list[DateLine], since: datetime) -> dict[str, Any]:
    is_own = not {referral.unit_id, referral.window_id}.isdisjoint(desks(post))
    is_shown = is_own and (referral.is_open or (referral.confirmed_at or referral.ended_at or since) > since)
    is_named = can_read_item(post, referral.program, referral.window_id, {post.unit_id} if referral.has_been else set())
    if not is_named:  # the days of its step stand beside the unit in the list of late matters
        dates = [line for line in dates if line.label == DATES["promise"]]
    return _common(referral, dates) | {
        "arrived_at": referral.arrived_at if is_named else None,
        "program": referral.program_id if is_named else None,
        "program_name": str(referral.program.seed_name) if is_named else UNNAMED,
        "applicant": shown_name(referral.applicant_name, post) if is_shown else mask_name(referral.applicant_name),
        "stage": referral.stage.name if is_named else "",
        "unit": referral.unit.short_name if is_named else "",  # which unit has it would tell the program
        "handler": referral.handler.staff.name if is_named and referral.handler else "",
    }


def _common(referral: Referral, dates: list[DateLine]) -> dict[str, Any]:
    handler = referral.handler
    return {
        "id": referral.pk, "number": referral.number, "purpose": referral.purpose, "purpose_label": referral.get_purpose_display(),
        "status": referral.status, "status_label": referral.get_status_display(), "township": referral.township_code,
        "township_name": names().townships.get(referral.township_code, ""), "unit": referral.unit.short_name,
        "window": referral.window.short_name, "handler": handler.staff.name if handler else "", "accepted_at": referral.accepted_at,
        "dispatched_at": referral.dispatched_at, "arrived_at": referral.arrived_at, "dates": [_date(line) for line in dates],
        "page": referral.get_absolute_url(),
    }  # fmt: skip


def _date(line: DateLine) -> dict[str, Any]:
    lamp: Any = line.lamp
    return {"label": line.label, "due": line.due, "lamp": lamp["colour"], "word": lamp["word"]}


def referral_detail(referral: Referral, post: Post, posts: Sequence[Post]) -> dict[str, Any]:
    """One referral as its page tells it to the post that works on it. What is asked for here came through `readable_by`."""
    stays = stays_of(referral)
    stay: ReferralStage | None = stays[-1] if stays else None
    dossier = Dossier(referral, post, stays)
    able = {offer.step.verb for offer in offers(referral, stay, posts).now}
    return _common(referral, dossier.dates) | {
        "program": referral.program_id,
        "program_name": str(referral.program.seed_name),
        "stage": referral.stage.name,
        "track": referral.track.name,
        "applicant": dossier.applicant_name,
        "asked": _terms(dossier.asked),
        "members": [
            {
                "name": member.name, "relation": member.relation, "tags": member.tags,
                "id_number": member.resident.id_number_masked or "", "is_applicant": member.is_applicant,
            }
            for member in dossier.members
        ],
        "papers": [{"name": paper.name, "state": paper.state} for paper in dossier.papers],
        "walked": [{"stage": line.stage, "unit": line.unit, "result": line.result} for line in dossier.walked],
        "outcome": referral.outcome or None,
        "decision": _terms(dossier.decision),
        "decided_at": referral.decided_at,
        "fed_back_at": referral.fed_back_at,
        "confirmed_at": referral.confirmed_at,
        "verbs": [verb for verb in VERBS if verb in able],
    }  # fmt: skip


def _terms(terms: Sequence[tuple[str, Any]]) -> list[dict[str, str]]:
    return [{"label": label, "text": str(text)} for label, text in terms if text]


def application_row(application: Application, post: Post) -> dict[str, Any]:
    """Of a row that came with its list data."""
    return _application(application, post) | {"programs": [name for name in programs_shown(application, post).split("、") if name]}


def _application(application: Application, post: Post) -> dict[str, Any]:
    turn = turn_of(application)
    return {
        "id": application.pk, "number": application.number, "status": application.status, "status_label": application.get_status_display(),
        "applicant": shown_name(application.applicant.name, post), "channel": application.channel,
        "channel_label": application.get_channel_display(), "unit": application.unit.short_name,
        "first_responder": application.first_responder.staff.name, "turn": turn.who if turn else "",
        "drafted_at": application.drafted_at, "submitted_at": application.submitted_at, "accepted_at": application.accepted_at,
        "ended_at": application.ended_at, "page": application.get_absolute_url(),
    }  # fmt: skip


def application_detail(application: Application, post: Post) -> dict[str, Any]:
    """With its items, as the case page tells them: a sensitive program is named where its referral may be read."""
    story = Story(application, post)
    items = [
        {
            "program": line.program, "beneficiary": line.beneficiary, "asked": line.asked, "status": line.status, "where": line.where,
            "dates": [_date(date) for date in line.dates], "decision": _terms(line.decision), "page": line.url or None,
        }
        for line in story.items
    ]  # fmt: skip
    return _application(application, post) | {"items": items}
