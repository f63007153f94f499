"""What the pages of a notice show: the row with its dates, and the sheet that hangs in the village."""

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from config import clock
from deadlines.lamps import Lamp, lamp
from documents.models import Attachment
from organization.figures import figure_or
from organization.models import Post, Unit

from .models import Publicity, Referral
from .notice import Notice, limit_of
from .permissions import can_publicise

if TYPE_CHECKING:
    from django.db.models import QuerySet

Term = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Page:
    publicity: Publicity
    lamp: Lamp
    facts: list[Term]
    lines: list[str]
    photos: "QuerySet[Attachment]"
    can_object: bool
    can_end: bool
    can_print: bool
    is_over: bool


def page_of(publicity: Publicity, posts: list[Post]) -> Page:
    """Buttons stand where the referral is in hand at its publicise stage and the notice is up."""
    referral, is_over = publicity.referral, clock.today() > publicity.ends_on
    is_up = publicity.ended_at is None and referral.status == Referral.Status.HANDLING
    works = is_up and any(can_publicise(post, referral) for post in posts)
    return Page(
        publicity,
        _lamp(publicity, is_over=is_over),
        _facts(publicity),
        publicity.text.splitlines(),
        Attachment.objects.about(publicity).standing(),
        can_object=works,
        can_end=works and (is_over or bool(publicity.objection)),
        can_print=publicity.ended_at is None,
        is_over=is_over,
    )


def _lamp(publicity: Publicity, *, is_over: bool) -> Lamp:
    if publicity.ended_at:
        return lamp("blue", "已登记结果")
    if is_over:
        return lamp("amber", "公示期满，请登记结果")
    return lamp(
        "green", f"公示中，还有{(publicity.ends_on - clock.today()).days}日" if clock.today() < publicity.ends_on else "公示最后一日"
    )


def _facts(publicity: Publicity) -> list[Term]:
    facts = [
        ("公示地点", publicity.place),
        ("张贴日期", publicity.starts_on.isoformat()),
        ("截止", f"{publicity.ends_on} 24时"),
        ("登记", _who(publicity.posted_by, publicity.posted_at)),
    ]
    if publicity.ended_by:
        facts.append(("登记结果", _who(publicity.ended_by, publicity.ended_at)))
    if publicity.objected_by:
        facts.append(("登记异议", _who(publicity.objected_by, publicity.objected_at)))
    return facts


def _who(post: Post, moment: Any) -> str:
    return f"{post.label} {clock.local(moment):%Y-%m-%d %H:%M}"


@dataclass(frozen=True, slots=True)
class Paper:
    """The sheet on A4. Nothing but what was masked, and whom to tell."""

    rows: list[Term]
    starts_on: date
    ends_on: date
    span: str
    unit: Unit
    complaint_phone: str
    hotline: str
    back: str


def paper_of(referral: Referral, said: Notice | Publicity, back: str) -> Paper:
    """Of a notice that was registered, or of one that would be put up today; objections go to the unit that puts it up."""
    unit = said.unit if isinstance(said, Publicity) else referral.unit
    return Paper(
        [_term(line) for line in said.text.splitlines()], said.starts_on, said.ends_on, _span(referral, said), unit,
        complaint_phone=str(figure_or("complaint_phone", "")), hotline=str(figure_or("government_hotline", "")), back=back,
    )  # fmt: skip


def _span(referral: Referral, said: Notice | Publicity) -> str:
    """5个工作日 where the rule counts so, else so many days."""
    return str(limit_of(referral)) if referral.track.publicity_unit == "working_days" else f"{said.days}日"


def _term(line: str) -> Term:
    term, _, text = line.partition("：")
    return term, text
