"""What narrows the ledger. Nothing in it is of a person: it may stand in a link."""

from collections.abc import Mapping
from datetime import date
from functools import cached_property
from typing import Any

from django import forms

from config import clock
from config.dates import add_months
from households.models import IdentityTag
from organization.kinds import LOCAL, TOWNSHIP
from organization.lineage import departments
from organization.models import Department, Post, Region
from programs.models import Program

from ..models import Doubt, LedgerMonth
from .book import Book
from .live import EVERYTHING, Narrowed, of_place
from .permissions import reads_doubts

MONTHS = 36
ANY_DOUBT = "any"
# What stands at a month's end, and what was given once within it: a dashboard tells them apart.
CADENCES = {"regular": ("定期救助", "<> 'once'"), "once": ("一次性救助", "= 'once'")}


class LedgerForm(forms.Form):
    month = forms.ChoiceField(label="月份", required=False)
    once_since = forms.ChoiceField(label="一次性救助自", required=False, help_text="不选只列当月的一次性救助")
    place = forms.ChoiceField(label="乡镇（街道）", required=False)
    department = forms.ChoiceField(label="主管部门", required=False)
    program = forms.ChoiceField(label="救助项目", required=False)
    cadence = forms.ChoiceField(label="发放方式", required=False)
    tag = forms.ChoiceField(label="身份标签", required=False)
    doubt = forms.ChoiceField(label="疑点", required=False)

    def __init__(self, given: Mapping[str, str] | None, post: Post, **more: Any) -> None:
        super().__init__(given if given is not None else {}, **more)
        self._post = post
        self._choose("month", self._months)
        self._choose("once_since", [month for month in self._months if month[0]], "只列当月")
        self._choose("cadence", [(key, label) for key, (label, _) in CADENCES.items()])
        self._choose("tag", [choice for choice in IdentityTag.Kind.choices if choice[0] not in IdentityTag.SENSITIVE])
        self._choose("doubt", [(ANY_DOUBT, "有疑点"), *Doubt.Kind.choices])
        self._places(post)
        programs = Program.objects.visible_to(post).order_by("code")
        if post.unit.kind == "department":
            programs = programs.filter(department__in=departments(post))
            del self.fields["department"]
        else:
            programs = programs.filter(is_sensitive=False)
            offices = Department.objects.visible_to(post).filter(programs__isnull=False).order_by("number", "pk").distinct()
            self._choose("department", [(str(pk), name) for pk, name in offices.values_list("pk", "name")])
        self._choose("program", list(programs.values_list("code", "seed_name")))
        if not reads_doubts(post):
            del self.fields["doubt"]

    def _places(self, post: Post) -> None:
        if post.unit.kind in LOCAL - TOWNSHIP:
            del self.fields["place"]
        elif post.unit.kind in TOWNSHIP:
            self.fields["place"].label = "村（社区）"
            self._choose(
                "place",
                list(Region.objects.visible_to(post).villages().within(post.region_code).order_by("code").values_list("code", "name")),
            )
        else:
            self._choose("place", list(Region.objects.visible_to(post).townships().order_by("code").values_list("code", "name")))

    def _choose(self, name: str, choices: list[Any], nothing: str = "全部") -> None:
        blank = [] if name == "month" else [("", nothing)]
        self.fields[name].choices = [*blank, *choices]  # type: ignore[attr-defined]

    @cached_property
    def _months(self) -> list[tuple[str, str]]:
        """The present month first; a closed one says so."""
        this = clock.today().replace(day=1)
        closed = set(LedgerMonth.objects.visible_to(self._post).values_list("month", flat=True))
        months = sorted({add_months(this, -n) for n in range(MONTHS)} | closed, reverse=True)
        return [(f"{month:%Y-%m}", f"{month.year}年{month.month}月{'（已月结）' if month in closed else ''}") for month in months]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        since = cleaned.get("once_since")
        if since and since > (cleaned.get("month") or f"{clock.today():%Y-%m}"):
            self.add_error("once_since", "不能晚于台账的月份。")
        return cleaned

    @property
    def of_month(self) -> date:
        """The present month where none was chosen."""
        return _month(self.cleaned_data.get("month", "")) or clock.today().replace(day=1)

    def book(self) -> Book:
        aid = self._narrowed(("program", "r.program_id = %(program)s", "line.program_code = %(program)s", str))
        aid &= self._narrowed(("department", "p.department_id = %(department)s", "line.department_id = %(department)s", int))
        if cadence := self.cleaned_data.get("cadence"):
            is_so = CADENCES[cadence][1]
            aid &= Narrowed((f"r.cadence {is_so}",), (f"line.cadence {is_so}",))
        if place := self.cleaned_data.get("place"):
            aid &= of_place(place)
        narrowed = aid & self._narrowed(("tag", "", "%(tag)s = ANY(line.household_tags::text[] || line.tags::text[])", str))
        if self.cleaned_data.get("doubt") == ANY_DOUBT:
            narrowed &= Narrowed((), ("cardinality(line.doubts) > 0",))
        else:
            narrowed &= self._narrowed(("doubt", "", "%(doubt)s = ANY(line.doubts::text[])", str))
        return Book(self._post, self.of_month, narrowed, aid, _month(self.cleaned_data.get("once_since", "")))

    def _narrowed(self, field: tuple[str, str, str, Any]) -> Narrowed:
        name, of_aid, of_line, kind = field
        value = self.cleaned_data.get(name)
        return Narrowed((of_aid,) if of_aid else (), (of_line,), {name: kind(value)}) if value else EVERYTHING


def _month(text: str) -> date | None:
    return date.fromisoformat(f"{text}-01") if text else None
