"""疑点台账 (ZX-26): doubts found in a month, what became of each, and the counts by kind. Sensitive programs are not named."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django import forms
from django.db.models import Count, F, OuterRef, Q, Subquery, UUIDField, Value
from django.db.models import TextField as Text
from django.db.models.functions import Coalesce

from deadlines.rules import date_of, end_of, start_of
from households.models import Membership
from organization.models import Post
from referrals.names import UNNAMED, names
from spreadsheets.cells import Column, Kind
from spreadsheets.downloads import Part
from spreadsheets.ledgers import Asked, Ledger

from ..models import Doubt
from ..permissions import sees_doubts
from .asking import ID_NUMBER, NUMBER, TOGETHER, TOWNSHIP_COLUMN, VILLAGE_COLUMN, SpanForm, namer, numberer, of_place, township_of

STATES = [("", "全部"), *((str(value), str(label)) for value, label in Doubt.Status.choices)]
COLUMNS = (
    Column("种类", width=18), TOWNSHIP_COLUMN, VILLAGE_COLUMN, NUMBER, Column("户主或本人", width=12), ID_NUMBER,
    Column("救助项目", width=24),
    Column("状态", width=10), Column("发现日期", Kind.DATE, 12), Column("交办日期", Kind.DATE, 12), Column("核查单位", width=20),
    Column("办结日期", Kind.DATE, 12), Column("处理结果", width=12), Column("处理说明", width=36),
)  # fmt: skip
OUTCOMES = {str(value): str(label) for value, label in Doubt.Outcome.choices}
COUNTED = (
    Column("种类", width=18), Column("发现", Kind.NUMBER, 10), *(Column(str(label), Kind.NUMBER, 10) for _, label in Doubt.Status.choices),
    *(Column(label, Kind.NUMBER, 10) for label in OUTCOMES.values()),
)  # fmt: skip


class DoubtForm(SpanForm):
    kind = forms.ChoiceField(label="种类", required=False, choices=[("", "全部"), *Doubt.Kind.choices])
    state = forms.ChoiceField(label="状态", required=False, choices=STATES)


def rows(asked: Asked, form: DoubtForm) -> Any:
    """Those found in these months, in that place."""
    found = Doubt.objects.visible_to(asked.by).filter(found_at__gte=start_of(form.first), found_at__lt=end_of(form.last))
    if kind := form.cleaned_data.get("kind"):
        found = found.of_kind(kind)
    if state := form.cleaned_data.get("state"):
        found = found.filter(status=state)
    return of_place(found, "region_code", form.place).order_by()


def _listed(asked: Asked, found: Any) -> Any:
    heads = Membership.objects.open().filter(household_id=OuterRef("household_id")).order_by("relation", "pk")

    def of_person(field: str, output: Any = None) -> Any:
        return Coalesce(F(f"resident__{field}"), Subquery(heads.values(f"resident__{field}")[:1]), output_field=output)

    sealed = of_person("id_number_sealed") if asked.in_clear else Value("", output_field=Text())
    return found.order_by("kind", "township_code", "found_at", "pk").values_list(
        "kind", "region_code", Coalesce("household__region__name", "resident__region__name"), "household__number",
        of_person("id", UUIDField()),
        of_person("name"), sealed, of_person("id_number_masked"), "program_id", "status", "found_at", "opened_at", "unit__short_name",
        "closed_at", "outcome", "reason",
    )  # fmt: skip


def _shape(asked: Asked) -> Callable[[Any], Sequence[Any]]:
    words, name, number = names(), namer(asked), numberer(asked)
    kinds, states = dict(Doubt.Kind.choices), dict(Doubt.Status.choices)

    def cells(row: Any) -> Sequence[Any]:
        kind, region, village, family, pk, who, sealed, masked, program, status, found_at, opened_at, unit, closed_at, outcome, reason = row
        is_unnamed = program in words.sensitive
        return (
            str(kinds[kind]), township_of(region), village or "", family or "", name(who or ""), number(pk, sealed or "", masked or ""),
            UNNAMED if is_unnamed else words.programs.get(program, ""), str(states[status]), date_of(found_at),
            date_of(opened_at) if opened_at else None, unit or "", date_of(closed_at) if closed_at else None, OUTCOMES.get(outcome, ""),
            "—" if is_unnamed and reason else reason,
        )  # fmt: skip

    return cells


def counted(found: Any) -> list[Sequence[Any]]:
    """How many of each kind, and what became of them."""
    ways = {f"s_{status}": Count("pk", filter=Q(status=status)) for status in Doubt.Status.values}
    ends = {f"o_{outcome}": Count("pk", filter=Q(outcome=outcome)) for outcome in OUTCOMES}
    kinds = dict(Doubt.Kind.choices)
    lines = [
        (str(kinds[line[0]]), *line[1:]) for line in found.values_list("kind").annotate(number=Count("pk"), **ways, **ends).order_by("kind")
    ]
    return [*lines, (TOGETHER, *(sum(line[column] for line in lines) for column in range(1, len(COUNTED))))]


def _form(given: Mapping[str, str], post: Post) -> DoubtForm:
    return DoubtForm(given, post=post)


def _parts(asked: Asked) -> Sequence[Part]:
    form = _form(asked.given, asked.by)
    form.is_valid()
    found = rows(asked, form)
    return Part("疑点台账", COLUMNS, _listed(asked, found), shape=_shape(asked)), Part("分类汇总", COUNTED, counted(found))


LEDGER = Ledger(
    "monitoring.doubts",
    "疑点台账",
    sees_doubts,
    _form,
    _parts,
    about="当月发现的疑点、核查情况和处理结果，按种类汇总。",
    may_in_clear=True,
)
