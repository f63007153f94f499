"""The demo's colleagues: one is away, some keep phrases of their own, and somebody has asked for more time."""

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction

from config import clock
from organization.demo import share_of
from organization.models import Absence, Phrase, Post, Unit
from organization.transitions import absences, phrases

from . import transitions
from .models import ExtensionRequest, Referral

if TYPE_CHECKING:
    from .demo import Desk

HOME = "500233001"
OWN_WORDS: dict[str, tuple[str, str]] = {
    Post.Rank.HANDLER: ("材料齐全，核查情况属实，拟同意。", "请补充近6个月银行流水。"),
    Post.Rank.APPROVER: ("同意。", "情况属实，同意拟办意见，按程序公示。"),
}
WHY = "人户分离，户主长期在外务工，家庭经济状况调查难度较大，需要向外地核实。"


def load_share(share: int, desk: "Desk") -> None:
    """In the town where the demo's people work. Safe to repeat: what is there stays."""
    if share_of(HOME) != share:
        return
    office = Unit.objects.reviewing(None, HOME, clock.today())
    units = (office, desk.window(HOME), Unit.objects.get(kind=Unit.Kind.DEPARTMENT, department__code="CL", valid_until=None))
    with transaction.atomic():
        if not Phrase.objects.exists():
            for post in {desk.by_unit[unit.pk][0] for unit in units} | {desk.person(office, Post.Rank.APPROVER)}:
                for text in OWN_WORDS[post.rank]:
                    phrases.keep(text=text, by=post)
        if not Absence.objects.exists():
            _away(desk, office)
        if not ExtensionRequest.objects.exists():
            _more_time(desk, office)


def _away(desk: "Desk", office: Unit) -> None:
    """The colleague of the cast's handler, this week and the next; what he has in hand may be taken over."""
    handlers = [post for post in desk.by_unit[office.pk] if post.rank == Post.Rank.HANDLER]
    today = clock.today()
    absences.note_absence(staff_id=handlers[-1].staff_id, first_on=today, last_on=today + timedelta(days=5), by=handlers[-1])


def _more_time(desk: "Desk", office: Unit) -> None:
    """低保 whose circumstances are hard to find out, asked for by who has it: the platform has to answer."""
    row = Referral.objects.filter(unit=office, program="MZ01", status=Referral.Status.HANDLING).order_by("pk").last()
    if row is not None:
        transitions.request_extension(referral_id=row.pk, reason=WHY, by=desk.person(office, Post.Rank.HANDLER))
