"""What the page offers: the list with what can be asked for here today, how the rest is obtained, and what the household has already.

Screening advises: what the last one of the household said stands beside each program and orders them; the clerk decides. What may be asked
is `choice`'s to say.
"""

from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby

from households.models import AssistanceRecord, Household, Screening
from households.permissions import can_see_program
from households.screening.screening import WORDS, outcomes
from organization.models import Post
from programs.models import Program, ProgramVersion, Track

from . import choice
from .models import Application, ApplicationItem
from .rules import waits

# The best of a program's outcomes counts, and they stand in this order.
TONES = {"eligible": "green", "likely": "blue", "anyone": "blue", "unknown": "amber", "ineligible": "grey"}


@dataclass(frozen=True, slots=True)
class Offer:
    """One program: its version in force, the ways of it that people choose, why not if not, and what the household has of it."""

    program: Program
    version: ProgramVersion
    tracks: list[Track]
    why_not: str
    standing: str = ""
    waits: str = ""
    outcome: str = ""

    @property
    def outcome_word(self) -> str:
        return WORDS.get(self.outcome, "")

    @property
    def outcome_tone(self) -> str:
        return TONES.get(self.outcome, "grey")

    @property
    def name(self) -> str:
        return self.program.seed_name


@dataclass(frozen=True, slots=True)
class Group:
    department: str
    phone: str
    offers: list[Offer]


def chosen_by_people(version: ProgramVersion) -> list[Track]:
    """The ways a clerk chooses between. The one above the township's ceiling is not among them: the amount leads there."""
    tracks = list(version.tracks.all())
    above = {track.above_ceiling_id for track in tracks}
    return [track for track in tracks if track.pk not in above and not choice.why_not_by(track)]


def not_chosen(version: ProgramVersion) -> list[str]:
    """Why other ways of an offered program cannot be chosen, urgent aid above all: the clerk shall not look for them in vain."""
    return [choice.why_not_by(track) for track in version.tracks.all() if track.is_urgent and track.is_active]


def offers(post: Post, on: date, *, words: str = "") -> list[Offer]:
    """The named programs in the order of the county's list; with `words`, those found by name, alias, department, code or initials."""
    rows = Program.objects.visible_to(post).named().matching(words).with_list_data(on)
    return [_offer(program, version, on) for program in rows for version in program.current]


def _offer(program: Program, version: ProgramVersion, on: date) -> Offer:
    tracks = chosen_by_people(version)
    why = choice.why_not(program, version)
    if not tracks and not why:
        why = next(iter(not_chosen(version)), "") or f"“{program}”现在没有可以申请的办理情形。"
    return Offer(program, version, tracks, why, waits=waits(choice.opens_on(version, on)))


def for_application(post: Post, application: Application, on: date, *, words: str = "") -> list[Offer]:
    """The same, saying beside each what the household already gets or has asked for."""
    standing = _given(post, application.household, on) | _asked(post, application)
    said = _screened(post, application)
    return [
        replace(
            offer, standing=standing.get(offer.program.code, ""), outcome=said.get(offer.program.code, "") if _sees(post, offer) else ""
        )
        for offer in offers(post, on, words=words)
    ]


def _sees(post: Post, offer: Offer) -> bool:
    return can_see_program(post, offer.program.department_id, is_sensitive=offer.program.is_sensitive)


def _screened(post: Post, application: Application) -> dict[str, str]:
    """Of each program the best that the household's last screening said of any of its people."""
    rows = Screening.objects.visible_to(post).for_household(application.household_id)
    last = rows.only("answers").newest().first()
    found: dict[str, str] = {}
    order = list(TONES)
    for (code, _), outcome in outcomes(last).items() if last else ():
        if code not in found or order.index(outcome) < order.index(found[code]):
            found[code] = outcome
    return found


def _asked(post: Post, application: Application) -> dict[str, str]:
    items = ApplicationItem.objects.visible_to(post).filter(application__household=application.household_id)
    open_ones = items.filter(application__status__in=Application.OPEN).select_related("application")
    return {
        item.program_id: "已在本申请中"
        if item.application_id == application.pk
        else f"{item.application.get_status_display()}：{item.application.number}"
        for item in open_ones
    }


def _given(post: Post, household: Household, on: date) -> dict[str, str]:
    records = AssistanceRecord.objects.visible_to(post).about_household(household.pk).in_force(on).regular()
    return {record.program_id: f"正在享受，{record.since}起" for record in records}


def grouped(found: list[Offer]) -> list[Group]:
    """By department, in the order of the county's list; where the household was screened, by what that said."""
    if any(offer.outcome for offer in found):
        order = [*TONES, ""]
        ranked = groupby(sorted(found, key=lambda offer: order.index(offer.outcome)), key=lambda offer: offer.outcome)
        return [Group(f"筛查：{WORDS.get(outcome, '没有筛查规则')}", "", list(group)) for outcome, group in ranked]
    rows = groupby(found, key=lambda offer: offer.program.department)
    return [Group(department.name, department.phone, list(group)) for department, group in rows]


def choices(found: list[Offer]) -> list[tuple[str, list[tuple[str, str]]]]:
    """For a select: programs under their departments."""
    return [(group.department, [(offer.program.code, offer.name) for offer in group.offers]) for group in grouped(found)]
