"""One page of the ledger: some households with their lines, or of a closed month some of its lines (PERFORMANCE 6).

A month that is still open goes by households, since they have an index to go by and its lines have none: first those with aid by their
numbers, then whoever has aid and belongs to no household.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest

from config import keyset
from deadlines.rules import end_of
from households.models import AssistanceRecord, Household, IdentityTag, Membership, Resident
from organization.kinds import LOCAL
from organization.lineage import departments, desks
from organization.models import Post

from ..models import Doubt, LedgerLine
from . import live
from .book import Book
from .forms import ANY_DOUBT, LedgerForm
from .sheets import line_turn

HOMES, LINES = 20, 50
ONCE = frozenset({"totals"})  # added up for the page that is asked for, not for those it leads to


class Listed(NamedTuple):
    """`home` is the household's id where its page may be opened; `cells` those of the file's first sheet."""

    home: Any
    is_first: bool
    cells: Sequence[Any]


def page_of(form: LedgerForm, post: Post, request: HttpRequest) -> tuple[keyset.KeysetPage, list[Listed]]:
    book = form.book()
    if book.closed is not None:
        page = _kept(book, form, post, request)
        return page, _listed(book, [tuple(getattr(row, name) for name in live.COLUMNS) for row in page.rows])
    page = keyset.page(_segments(book, form, post), request, sort="homes", size=HOMES, once=ONCE)
    found = _of_rows(book, page.rows)
    return page, _listed(book, found)


def _of_rows(book: Book, rows: Sequence[Any]) -> list[Any]:
    homes = [row.id for row in rows if hasattr(row, "number")]
    people = [row.id for row in rows if not hasattr(row, "number")]
    if not rows:
        return []
    found = live.read(book.lines(also=live.of_homes(homes, people)))
    place = {pk: number for number, pk in enumerate([*homes, *people])}
    home, person = live.COLUMNS.index("household_id"), live.COLUMNS.index("resident_id")
    return sorted(found, key=lambda row: place[row[home] or row[person]])


def _listed(book: Book, found: Sequence[Any]) -> list[Listed]:
    home = live.COLUMNS.index("household_id")
    listed, before = [], None
    for row, cells in zip(found, zip(*line_turn(book)(found), strict=True) if found else (), strict=True):
        listed.append(Listed(row[home], row[home] is None or row[home] != before, cells))
        before = row[home]
    return listed


def _kept(book: Book, form: LedgerForm, post: Post, request: HttpRequest) -> keyset.KeysetPage:
    of_ledgers = Q(ledger=book.closed)
    if book.once_since:
        of_ledgers |= Q(ledger__in=book.ledgers(), cadence="once")
    rows = LedgerLine.objects.visible_to(post).filter(of_ledgers)
    chosen = form.cleaned_data
    for name, field in (("place", "region_code__startswith"), ("program", "program_code"), ("department", "department_id")):
        if chosen.get(name):
            rows = rows.filter(**{field: chosen[name]})
    if tag := chosen.get("tag"):
        rows = rows.filter(Q(household_tags__contains=[tag]) | Q(tags__contains=[tag]))
    if doubt := chosen.get("doubt"):
        rows = rows.exclude(doubts=[]) if doubt == ANY_DOUBT else rows.filter(doubts__contains=[doubt])
    return keyset.page(keyset.ordered(rows, "place", is_filled=True), request, sort="place", size=LINES, once=ONCE)


# ── households with aid in an open month ────────────────────────────────────────────────────────────────────────────


def _segments(book: Book, form: LedgerForm, post: Post) -> list[keyset.Segment]:
    aid = _aid(book, form, post)
    members = _standing(Membership.objects.order_by(), book.last)
    homes, people = Household.objects.order_by(), Resident.objects.order_by()
    prefix = form.cleaned_data.get("place") or (post.region_code if post.unit.kind in LOCAL else "")
    if prefix:
        homes, people = homes.filter(region__code__startswith=prefix), people.filter(region__code__startswith=prefix)
    chosen = form.cleaned_data
    if post.unit.kind == "department" or any(chosen.get(name) for name in ("program", "department", "tag", "doubt")):
        # Few: found by the aid, then put in order.
        theirs = members.filter(resident_id__in=aid.exclude(resident=None).values("resident_id")).values("household_id")
        homes = homes.filter(pk__in=aid.exclude(household=None).values("household_id").union(theirs, all=True))
    else:
        # Most: found in order, each asked whether it has any.
        theirs = members.filter(household=OuterRef("pk")).filter(Exists(aid.filter(resident=OuterRef("resident_id"))))
        homes = homes.filter(Exists(aid.filter(household=OuterRef("pk"))) | Exists(theirs))
    people = people.filter(pk__in=aid.exclude(resident=None).values("resident_id"))
    people = people.exclude(Exists(Membership.objects.filter(resident=OuterRef("pk")).filter(Q(until=None) | Q(until__gte=book.last))))
    if tag := chosen.get("tag"):
        tags = _standing(IdentityTag.objects.order_by().filter(kind=tag), book.last)
        tagged = members.filter(resident_id__in=tags.exclude(resident=None).values("resident_id")).values("household_id")
        homes = homes.filter(pk__in=tags.exclude(household=None).values("household_id").union(tagged, all=True))
        people = people.filter(pk__in=tags.exclude(resident=None).values("resident_id"))
    if doubt := chosen.get("doubt"):
        ended = end_of(book.last)  # as the lines have it: those that stood at the month's end
        doubts = Doubt.objects.visible_to(post).filter(opened_at__lt=ended).filter(Q(closed_at=None) | Q(closed_at__gte=ended)).order_by()
        doubts = doubts if doubt == ANY_DOUBT else doubts.of_kind(doubt)
        homes = homes.filter(pk__in=doubts.exclude(household=None).values("household_id"))
        people = people.filter(pk__in=doubts.exclude(resident=None).values("resident_id"))
    return [
        keyset.Segment(homes.values_list("id", "number", named=True), "number"),
        keyset.Segment(people.values_list("id", named=True)),
    ]


def _aid(book: Book, form: LedgerForm, post: Post) -> Any:
    """The month's aid behind the gate, as far as it can be told from the record alone."""
    once = Q(cadence="once", since__range=(book.once_since or book.month, book.last))
    regular = ~Q(cadence="once") & Q(since__lte=book.last) & (Q(until=None) | Q(until__gte=book.last))
    rows = AssistanceRecord.objects.order_by().filter(once | regular)
    if post.unit.kind == "department":
        rows = rows.filter(program__department_id__in=departments(post))
    else:
        rows = rows.filter(Q(program__is_sensitive=False) | Q(unit_id__in=desks(post)))
    for name, field in (("program", "program_id"), ("department", "program__department_id")):
        if form.cleaned_data.get(name):
            rows = rows.filter(**{field: form.cleaned_data[name]})
    return rows


def _standing(rows: Any, on: date) -> Any:
    return rows.filter(Q(until=None) | Q(until__gte=on))
