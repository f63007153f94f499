"""The workbench: what the units of all of a person's posts have to do, counted and listed from their duties (UI, PERFORMANCE 6).

A page is one statement for every count, one or two for its rows, whatever its depth. Rows are tuples of ready text: the template's loop
neither reverses an address nor formats a date. What is not one's own unit's never comes near the page.
"""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import QuerySet

from config import keyset
from deadlines.context_processors import CAP as BELL_CAP
from deadlines.models import Duty, Job, Notice
from organization.models import Post
from organization.permissions import stands_in
from referrals.inbox import ICONS, LABEL, due, lamp, minute, pattern
from referrals.names import UNNAMED, names
from referrals.transitions.clocks import FEEDBACK, PROMISE, RECEIVE, STAGE

from . import supervised

WORKERS = frozenset({"T", "TA", "D", "DA"})
APPROVERS = frozenset({"TA", "DA"})


@dataclass(frozen=True, slots=True)
class Tab:
    """`is_figure`: a number on top of the page, over 待办 and 在办 together; `tone` its colour."""

    name: str
    label: str
    empty: str
    advice: str
    is_figure: bool = False
    tone: str = ""


TABS = (
    Tab("waiting", "待办", "没有符合条件的待办事项。", "有新的事项会出现在这里，并在右上角消息中提醒。"),
    Tab("taken", "在办", "没有符合条件的在办事项。", "在“待办”中点“领办”，同事就知道这件事由您办理。"),
    Tab("closed", "已办", "没有符合条件的已办事项。", "办结的事项会留在这里，可供查阅。"),
    Tab("supervised", "督办", "没有被督办的事项。", "督办单、书面提醒涉及的事项，和超期后报单位负责人、县级平台的事项，会出现在这里。"),
    Tab("returned", "退回", "没有退回的事项。", "退回补正、退回上一环节、提出争议和退回反馈的事项会出现在这里。"),
    Tab("promised", "承诺", "没有等待办结的承诺。", "转给其他单位办理、对申请人承诺了办结日的，在这里跟踪，也可以催办。"),
    Tab("late", "超期", "没有超期事项。", "请继续留意临期（黄灯）事项。", is_figure=True, tone="red"),
    Tab("today", "今日到期", "今天没有到期事项。", "请继续留意临期（黄灯）事项。", is_figure=True, tone="amber"),
    Tab("near", "临期", "没有临期事项。", "快到期的事项亮黄灯，会出现在这里。", is_figure=True, tone="amber"),
)


def tabs_of(posts: Sequence[Post]) -> list[Tab]:
    """Promises are watched by windows, who made them."""
    is_window = any(post.unit.kind == "township_window" for post in posts)
    return [tab for tab in TABS if tab.name != "promised" or is_window]


def of_tab(posts: Sequence[Post], tab: str, now: datetime) -> "QuerySet[Duty]":
    rows = Duty.objects.inbox(posts)
    return supervised.among(rows, now) if tab == "supervised" else rows.of_tab(tab, now)


def tallies(posts: Sequence[Post], now: datetime, since: datetime | None = None) -> dict[str, str]:
    """Every number of the page, those of the header too, each counted no further than one beyond its cap: one statement.

    `fresh`: what came since that moment.
    """
    parts: dict[str, Any] = {tab.name: of_tab(posts, tab.name, now) for tab in tabs_of(posts) if tab.name != "closed"}
    parts |= {**Notice.objects.waiting_for({post.unit_id for post in posts}, posts[0].staff_id), "jobs": Job.objects.of_posts(posts).open()}
    if since is not None:
        parts["fresh"] = Duty.objects.inbox(posts).opened_since(since)
    found = keyset.counts(parts)
    bell = found.pop("units") + found.pop("person")
    told = {name: f"{keyset.CAP}+" if count > keyset.CAP else str(count) for name, count in found.items()}
    return told | {"unread_notices": _badge(bell), "open_jobs": _badge(int(found["jobs"]))}


def _badge(count: int) -> str:
    """What the header says of them (`deadlines.context_processors`): nothing instead of 0."""
    return f"{BELL_CAP}+" if count > BELL_CAP else str(count or "")


POSITION = (
    "id", "unit_id", "kind", "kind_name", "subject_label", "subject_id", "title", "url", "topic_code", "rule", "opened_at", "due_at",
    "amber_at", "falls_back", "is_promise", "taken_by_id", "taken_by__staff_id", "taken_by__staff__name", "closed_at", "outcome",
)  # fmt: skip


class Row(NamedTuple):
    """One line of the list, every text made ready; `verbs` may be done for several rows at once, `act_url` for this one."""

    key: str
    colour: str
    icon: str
    word: str
    why: str
    url: str
    title: str
    kind: str
    unit: str
    program: str
    opened: str
    due: str
    is_guessed: bool
    closed: str
    taker: str
    verbs: str
    act: str
    act_url: str
    question: str


def listed(positions: Sequence[Any], posts: Sequence[Post], now: datetime, away: Set[int] = frozenset()) -> list[Row]:
    """The rows of a page in its order. `away`: who is absent, whose work a deputy of the unit may take over."""
    own, words, rows = {post.unit_id: post for post in posts}, names(), []
    addresses = {name: pattern(url) for name, url in _ADDRESSES.items()}
    named = words.programs if any(post.role != "L" for post in posts) else {}
    for position in positions:
        colour, word = lamp(position, now, words.calendar)
        post, why = own.get(position.unit_id), addresses["why"] % position.id
        act, question = _act(position, post, away)
        subject = position.subject_id if act in _OF_REFERRAL else position.id
        rows.append(
            Row(
                str(position.id), colour, ICONS[colour], word, why, position.url or why, position.title, position.kind_name,
                words.units.get(position.unit_id, ""), named.get(position.topic_code, UNNAMED if position.topic_code else ""),
                minute(position.opened_at), due(position), position.falls_back, minute(position.closed_at),
                position.taken_by__staff__name or "", " ".join(verbs_of(position, posts)), _ACTS.get(act, ""),
                addresses[act] % subject if act else "", question,
            )
        )  # fmt: skip
    return rows


_ADDRESSES = {
    "why": "deadlines:duty_explain", "take": "deadlines:duty_take", "put_back": "deadlines:duty_put_back",
    "take_over": "deadlines:duty_take_over", "take_referral": "referrals:referral_take",
    "take_referral_over": "referrals:referral_take_over",
}  # fmt: skip
_ACTS = {"take": "领办", "put_back": "放回", "take_over": "接办", "take_referral": "领办", "take_referral_over": "接办"}
_OF_REFERRAL = frozenset({"take_referral", "take_referral_over"})


def is_in_its_unit(duty: Any) -> bool:
    """A referral that stands at the unit to be signed for or worked on: who takes it becomes its 承办人."""
    return duty.subject_label == LABEL and duty.kind in {RECEIVE, STAGE}


def fits(duty: Any, verb: str) -> bool:
    """Whether it is the referral's own verb that does it."""
    if verb == "remind":
        return bool(duty.subject_label == LABEL and duty.kind == PROMISE)
    if verb == "receive":
        return is_in_its_unit(duty) and duty.kind == RECEIVE
    return is_in_its_unit(duty)


def verbs_of(duty: Any, posts: Sequence[Post]) -> list[str]:
    """What may be done with it together with others: 签收, 领办, 指派, 催办."""
    mine = [post for post in posts if post.unit_id == duty.unit_id]
    if duty.closed_at is not None or not mine:
        return []
    if duty.is_promise:
        return ["remind"] if duty.subject_label == LABEL and duty.kind == PROMISE and any(post.role in WORKERS for post in mine) else []
    found = []
    if is_in_its_unit(duty):
        if duty.kind == RECEIVE and any(post.role in WORKERS for post in mine):
            found.append("receive")
        if any(post.role in APPROVERS for post in mine):
            found.append("assign")
    if duty.taken_by_id is None:
        found.append("take")
    return found


def _act(duty: Any, post: Post | None, away: Set[int]) -> tuple[str, str]:
    """What can be done with this one in the list, and the question before it. Referrals are given to others on their own page."""
    if duty.closed_at is not None or post is None or duty.is_promise:
        return "", ""
    is_handled = is_in_its_unit(duty)
    if duty.taken_by_id is None:
        return ("take_referral" if is_handled else "take"), ""
    if duty.taken_by__staff_id in away and stands_in(post):
        is_referral = is_handled or (duty.subject_label == LABEL and duty.kind == FEEDBACK)
        return ("take_referral_over" if is_referral else "take_over"), "领办人外出，由您接办？"
    return ("", "") if is_handled else ("put_back", "放回待办，由单位其他人领办？")
