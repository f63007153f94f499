"""近亲属备案 (L8, XX-16): families that declared a close relative among the staff or village cadres, and whether it has been filed."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django import forms
from django.db.models import F, Value
from django.db.models import TextField as Text

from deadlines.rules import date_of
from households.models import KinDeclaration, Membership
from organization.models import Post
from spreadsheets.cells import Column, Kind
from spreadsheets.downloads import Part
from spreadsheets.ledgers import Asked, Ledger

from .asking import ID_NUMBER, NUMBER, TOWNSHIP_COLUMN, VILLAGE_COLUMN, PlaceForm, namer, numberer, of_place, township_of
from .permissions import works_on_people

STATES = [("", "现行申报"), ("open", "待备案"), ("filed", "已备案"), ("all", "全部（含已重新申报）")]
RELATIONS = {str(value): str(label) for value, label in Membership.Relation.choices}
COLUMNS = (
    TOWNSHIP_COLUMN, VILLAGE_COLUMN, NUMBER, Column("家庭成员", width=12), ID_NUMBER, Column("工作人员", width=12),
    Column("工作人员单位", width=26), Column("关系", width=16), Column("申报日期", Kind.DATE, 12), Column("状态", width=12),
    Column("备案日期", Kind.DATE, 12), Column("备案单位", width=18), Column("备案意见", width=30),
)  # fmt: skip


class KinForm(PlaceForm):
    state = forms.ChoiceField(label="状态", required=False, choices=STATES)


def rows(asked: Asked, form: KinForm) -> Any:
    found = KinDeclaration.objects.visible_to(asked.by).filter(has_kin=True)
    state = form.cleaned_data.get("state")
    if state != "all":
        found = found.standing()
    if state in {"open", "filed"}:
        found = found.filter(filed_at__isnull=state == "open")
    sealed = F("resident__id_number_sealed") if asked.in_clear else Value("", output_field=Text())
    return of_place(found, "household__region__code", form.place).order_by("household__region_id", "declared_on", "pk").values_list(
        "household__region_id", "household__region__name", "household__number", "resident_id", "resident__name", sealed,
        "resident__id_number_masked", "staff_name", "staff_unit", "relation", "declared_on", "filed_at", "filed_by__unit__short_name",
        "filing_note", "replaced_at",
    )  # fmt: skip


def _shape(asked: Asked) -> Callable[[Any], Sequence[Any]]:
    name, number = namer(asked), numberer(asked)

    def cells(row: Any) -> Sequence[Any]:
        region, village, family, pk, who, sealed, masked, staff, unit, relation, day, filed_at, office, note, replaced_at = row
        state = "已重新申报" if replaced_at else "已备案" if filed_at else "待备案"
        return (
            township_of(region), village, family, name(who or ""), number(pk, sealed or "", masked or ""), staff, unit,
            RELATIONS.get(relation, ""), day, state, date_of(filed_at) if filed_at else None, office or "", note,
        )  # fmt: skip

    return cells


def _form(given: Mapping[str, str], post: Post) -> KinForm:
    return KinForm(given, post=post)


def _parts(asked: Asked) -> Sequence[Part]:
    form = _form(asked.given, asked.by)
    form.is_valid()
    return (Part("近亲属备案台账", COLUMNS, rows(asked, form), shape=_shape(asked)),)


LEDGER = Ledger(
    "monitoring.kin",
    "近亲属备案台账",
    works_on_people,
    _form,
    _parts,
    number="L8",
    about="申报与经办人员、村（社区）干部是近亲属的家庭，及其备案情况。",
    may_in_clear=True,
)
