"""Lists of work: what a person chose for a list stays chosen (UI: filters, sort, page size, columns).

A room declares its list once; its view asks what was chosen and gets rows, heads and links. Choices live in the session, by list: sort
and size come with a link, filters and columns with a form that is posted to `list_choose`. So no name and no number that somebody filters
by ever stands in an address; in the session's row they stand sealed (SECURITY S9). A link may name filters that are not personal
(`?lamp=red`): they hold for that page alone.
"""

import base64
import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, TypeVar
from urllib.parse import urlsplit

from django.db import models
from django.db.models import F, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_POST

from config import keyset
from config.navigation import address
from config.protection.keys import SealBroken, provider
from config.protection.sealing import split

SESSION = "lists"
SEAL_LABEL = "list-filters"
LONGEST, MOST = 100, 20  # characters of a value, values of a field: what a form can hold

M = TypeVar("M", bound=models.Model)
_known: dict[str, "List"] = {}


class Filters(Protocol):
    """What we ask of a FilterSet class."""

    base_filters: dict[str, Any]


@dataclass(frozen=True)
class Column:
    """`sort` is the field it is ordered by; `-field` begins with the largest. Offer one where an index or the gate keeps it quick.

    `is_fixed`: always shown. `is_extra`: shown only once somebody asks for it. `is_filled`: no row lacks the field.
    """

    name: str
    label: str
    sort: str = ""
    is_fixed: bool = False
    is_extra: bool = False
    is_filled: bool = False


@dataclass(frozen=True)
class Head:
    """A column's head: `url` sorts by it, `direction` is that of aria-sort, empty when the list goes by something else."""

    name: str
    label: str
    url: str = ""
    direction: str = ""


@dataclass(frozen=True)
class Option:
    name: str
    label: str
    is_chosen: bool


@dataclass(frozen=True)
class Table:
    """One page of a list, as the components of the frame show it (`_components/list_*.html`)."""

    page: keyset.KeysetPage
    heads: list[Head]
    shows: dict[str, bool]
    options: list[Option]
    sorts: list[Option]
    sizes: list[Option]
    choose_url: str
    back: str
    total: str = ""
    order: str = ""
    filtered_by: list[str] = field(default_factory=list)

    @property
    def rows(self) -> Sequence[Any]:
        return self.page.rows

    def ordered(self, rows: "QuerySet[M]") -> "QuerySet[M]":
        """All rows in the order of the page, for a file of what is shown."""
        field = F(self.order.removeprefix("-"))
        return rows.order_by(*((field.desc(nulls_last=True), "-id") if self.order.startswith("-") else (field.asc(nulls_last=True), "id")))


@dataclass(frozen=True)
class List:
    """A list under the name of its address. `sort` holds until somebody sorts; `personal` filters are never read from an address."""

    url_name: str
    columns: tuple[Column, ...]
    sort: str
    filters: type[Filters] | None = None
    personal: frozenset[str] = frozenset()

    def chosen(self, request: HttpRequest) -> "Chosen":
        """What the person chose, this request's link included; a sort or a size that a link brings is remembered."""
        kept = dict(request.session.get(SESSION, {}).get(self.url_name, {}))
        brought = self.order_in(request.GET)
        if any(kept.get(name) != value for name, value in brought.items()):
            kept |= brought
            _keep(request, self, kept)
        return Chosen(self, request, kept)

    def column(self, name: str) -> Column | None:
        return next((column for column in self.columns if column.name == name), None)

    def order_in(self, query: QueryDict) -> dict[str, Any]:
        """The sort and the size that a query string or a form asks for, as far as there are such."""
        asked = query.get("sort", "")
        column = self.column(asked.removeprefix("-"))
        found = {"sort": asked if column and column.sort else "", "size": keyset.size_in(query)}
        return {name: value for name, value in found.items() if value}


def declare(known: List) -> List:
    """Make a list known to `list_choose`."""
    if not all(known.column(sort) for sort in {known.sort.removeprefix("-")}):
        raise ValueError(f"{known.url_name} is sorted by {known.sort}, which is none of its columns")
    return _known.setdefault(known.url_name, known)


class Chosen:
    """What a person chose for a list."""

    def __init__(self, known: List, request: HttpRequest, kept: dict[str, Any]) -> None:
        self._list, self._request, self._kept = known, request, kept
        self.filters = self._filters()

    def _filters(self) -> QueryDict:
        """The data of the filter form: those of the link, else the remembered ones."""
        names = set(self._list.filters.base_filters) if self._list.filters else set()
        query, by_link = self._request.GET, QueryDict(mutable=True)
        for name in sorted(names - self._list.personal):
            if name in query:
                by_link.setlist(name, query.getlist(name))
        return by_link or _open(self._request, self._list, self._kept.get("filters", ""))

    def table(
        self,
        rows: "QuerySet[M]",
        *,
        sort: str = "",
        without: Collection[str] = (),
        sorts: Collection[str] | None = None,
        form: Any = None,
        total: str = "",
        apart: keyset.Apart | None = None,
    ) -> Table:
        """The page asked for. `sort` in place of the list's own, `without` columns that this view of the list lacks.

        `sorts`: the columns by which alone this view may be sorted, where it is much longer than the others. `apart`: rows of which the
        view withholds what it is sorted by (`keyset.ordered`).
        """
        columns = [column for column in self._list.columns if column.name not in without]
        if sorts is not None:
            columns = [column if column.name in sorts else replace(column, sort="") for column in columns]
        sortable = {column.name: column for column in columns if column.sort}
        by = next((s for s in (self._kept.get("sort", ""), sort, self._list.sort) if s.removeprefix("-") in sortable), "")
        column = sortable[by.removeprefix("-")]
        order = ("-" if by.startswith("-") else "") + column.sort.removeprefix("-")
        size = self._kept.get("size") or keyset.SIZES[0]
        segments = keyset.ordered(rows, order, is_filled=column.is_filled, apart=apart)
        shown, path = self._shown(columns), address(self._list.url_name)
        return Table(
            page=keyset.page(segments, self._request, sort=order, size=size, path=path),
            heads=[_head(c, by, path, self._request.GET) for c in columns if c.name in shown],
            shows={c.name: c.name in shown for c in self._list.columns},  # a name that is missing costs a template an exception in each row
            options=[Option(c.name, c.label, c.name in shown) for c in columns if not c.is_fixed],
            sorts=_sorts(sortable.values(), by),
            sizes=[Option(str(s), f"每页{s}条", s == size) for s in keyset.SIZES],
            choose_url=reverse("list_choose", args=[self._list.url_name]),
            back=_back_to(path, self._request.GET),
            order=order,
            total=total,
            filtered_by=self._filtered_by(form),
        )

    def _shown(self, columns: Sequence[Column]) -> list[str]:
        wanted, refused = set(self._kept.get("shown", ())), set(self._kept.get("hidden", ()))
        return [c.name for c in columns if c.is_fixed or c.name in wanted or not (c.is_extra or c.name in refused)]

    def _filtered_by(self, form: Any) -> list[str]:
        """The labels of the fields that narrow the list, never what was typed."""
        filled = [name for name, values in self.filters.lists() if any(values)]
        return [str(form.fields[name].label) for name in filled if name in form.fields] if form else []


def _head(column: Column, by: str, path: str, query: QueryDict) -> Head:
    if not column.sort:
        return Head(column.name, column.label)
    is_current = by.removeprefix("-") == column.name
    is_down = by.startswith("-")
    begins_down = column.sort.startswith("-")
    asked = keyset.without_position(query)
    asked["sort"] = ("" if is_down else "-") + column.name if is_current else ("-" if begins_down else "") + column.name
    return Head(column.name, column.label, f"{path}?{asked.urlencode()}", ("descending" if is_down else "ascending") if is_current else "")


def _sorts(columns: Iterable[Column], by: str) -> list[Option]:
    """Every order there is, for the form: a phone shows no heads."""
    pairs = [(sign, column) for column in columns for sign in ("", "-")]
    return [Option(sign + c.name, f"按{c.label}{'降序' if sign else '升序'}", sign + c.name == by) for sign, c in pairs]


def _back_to(path: str, asked: QueryDict) -> str:
    """This page of this list from its top, where a choice leads back to; what was chosen is remembered and leaves the address."""
    query = keyset.without_position(asked)
    for name in ("sort", "size"):
        query.pop(name, None)
    return f"{path}?{query.urlencode()}" if query else path


# ── remembering ─────────────────────────────────────────────────────────────────────────────────────────────────────
@require_POST
@sensitive_post_parameters()
@sensitive_variables()
def list_choose(request: HttpRequest, name: str) -> HttpResponse:
    """Remember filters (`part=filters`), or page size and columns (`part=display`), and go back to the list. `clear` forgets them."""
    known = _known.get(name)
    if known is None:
        raise Http404("没有这个列表。")
    kept = dict(request.session.get(SESSION, {}).get(name, {}))
    part = request.POST.get("part", "")
    if part == "filters":
        kept["filters"] = "" if "clear" in request.POST else _seal(request, known)
    elif part == "display":
        chosen, free = set(request.POST.getlist("columns")), [c for c in known.columns if not c.is_fixed]
        asked = set(request.POST.getlist("offered"))  # the columns that the form showed: another view of the list may have more
        for key, is_wanted in (("shown", True), ("hidden", False)):
            before = set(kept.get(key, ())) - asked
            kept[key] = sorted(c.name for c in free if c.name in before or (c.name in asked and (c.name in chosen) == is_wanted))
        kept |= known.order_in(request.POST)
        if "clear" in request.POST:
            kept = {"filters": kept.get("filters", "")}
    _keep(request, known, kept)
    return HttpResponseRedirect(_back(request, known))


def _keep(request: HttpRequest, known: List, kept: dict[str, Any]) -> None:
    request.session[SESSION] = {**request.session.get(SESSION, {}), known.url_name: kept}


def _back(request: HttpRequest, known: List) -> str:
    """The list's own address, with the query it came with; filters that a link brought give way to the chosen ones."""
    home, back = reverse(known.url_name), request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
    parts = urlsplit(back)
    if not safe or parts.path != home:
        return home
    query = QueryDict(parts.query, mutable=True)
    for name in known.filters.base_filters if known.filters else ():
        query.pop(name, None)
    return f"{home}?{query.urlencode()}" if query else home


def _seal(request: HttpRequest, known: List) -> str:
    names = known.filters.base_filters if known.filters else ()
    typed = {name: [value[:LONGEST] for value in request.POST.getlist(name)[:MOST] if value] for name in names}
    plain = json.dumps({name: values for name, values in typed.items() if values}).encode()
    if plain == b"{}":
        return ""
    keys = provider()
    return f"v1:{keys.current}:{base64.b64encode(keys.encrypt(SEAL_LABEL, plain, _bound_to(request, known))).decode()}"


def _open(request: HttpRequest, known: List, token: str) -> QueryDict:
    """Nothing where the token does not open: its key may have gone."""
    data = QueryDict(mutable=True)
    if token:
        try:
            kid, blob = split(token)
            typed = json.loads(provider().decrypt(kid, SEAL_LABEL, blob, _bound_to(request, known)))
        except SealBroken:
            return data
        for name, values in typed.items():
            data.setlist(name, values)
    return data


def _bound_to(request: HttpRequest, known: List) -> bytes:
    return f"session.{SESSION}.{known.url_name}.{request.user.pk}".encode()
