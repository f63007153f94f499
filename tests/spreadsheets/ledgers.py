"""A ledger of the tests: the units of the house with hostile words beside them."""

from django import forms

from organization.models import Unit
from spreadsheets import ledgers
from spreadsheets.cells import Column, Kind
from spreadsheets.downloads import Part, Statement
from spreadsheets.ledgers import Asked, Ledger

HOSTILE = ("=1+1", "+86", "-1", "@SUM(A1)", "\t=1", '=cmd|" /C calc"!A0', "<b>&amp;", "_x0041_", "甲\n乙", "0012345678901234567")
NUMBER = "50023319900101000X"  # whose check digit is wrong: nobody's
COLUMNS = (Column("单位"), Column("证件号码", width=22), Column("人数", Kind.NUMBER), Column("日期", Kind.DATE), Column("备注"))


class Form(forms.Form):
    month = forms.CharField(label="月份", required=False)
    kind = forms.ChoiceField(label="类别", required=False, choices=[("", "全部"), ("platform", "平台"), ("department", "部门")])
    name = forms.CharField(label="姓名", required=False)

    def clean_month(self):
        month = self.cleaned_data["month"]
        if month and len(month) != 7:
            raise forms.ValidationError("月份写成2026-09。")
        return month


def parts(asked: Asked) -> list[Part]:
    units = Unit.objects.order_by("pk").values_list("short_name", "pk", "valid_from")
    if kind := asked.given.get("kind"):
        units = units.filter(kind=kind)
    number = NUMBER if asked.in_clear else "500233********000X"

    def shape(row):
        return row[0], number, row[1], row[2], HOSTILE[row[1] % len(HOSTILE)]

    series = Statement("SELECT n, 'x' || n FROM generate_series(1, %s) AS n ORDER BY n", [int(asked.given.get("name") or 3)])
    return [Part("单位名册", COLUMNS, units, shape), Part("编号", (Column("序", Kind.NUMBER), Column("名")), series)]


TEST = Ledger(
    key="test.units",
    title="测试台账",
    number="L99",
    may=lambda post: post.role in {"T", "TA", "D", "DA", "B", "BA", "L"},
    form=lambda given, post: Form(dict(given)),
    parts=parts,
    about="测试用。",
    personal=frozenset({"name"}),
    may_in_clear=True,
)


def declare() -> Ledger:
    """As often as asked: a test that runs second finds it declared."""
    return ledgers.ledger_of(TEST.key) or (ledgers.register(TEST) or TEST)
