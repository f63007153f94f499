"""Forms of what leaves the house: 上报 and 套表."""

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django import forms

from config import clock
from config.dates import add_months
from config.rendering import LongSelect, OpinionArea
from organization.figures import figure

from . import layout
from .downloads import Part
from .filling import SERIAL
from .layout import Heading
from .ledgers import Ledger
from .models import ReportApproval

CONSTANT = "#constant"


def _kind(part: Part) -> str:
    """Its title without the month, which each filling sets anew."""
    return re.sub(r"^\d{4}年(\d{1,2}月)?", "", part.title)


class NothingForm(forms.Form):
    """An act that needs no word."""


class ReportForm(forms.Form):
    recipient = forms.CharField(label="接收单位", max_length=80, help_text="如：市民政局社会救助处。")
    address = forms.CharField(label="送达方式", max_length=120, help_text="如：政务邮箱、上级系统上传、光盘专送。")
    purpose = forms.CharField(
        label="用途和依据", max_length=200, widget=OpinionArea(2), help_text="写明报送用途和文号，不要写姓名和证件号码。"
    )
    in_clear = forms.BooleanField(label="号码不脱敏", required=False, help_text="文件里列完整的证件号码和账号，只限批准的接收单位。")
    day = forms.IntegerField(label="每月几日生成", min_value=1, max_value=28, initial=5)
    of_month = forms.ChoiceField(label="统计月份", choices=ReportApproval.Of.choices, initial=ReportApproval.Of.LAST)
    until = forms.DateField(label="执行至", widget=forms.DateInput(attrs={"type": "date"}))
    form: Any = forms.ModelChoiceField(label="套表", queryset=None, required=False, empty_label="不套表，按台账格式", widget=LongSelect)
    columns = forms.MultipleChoiceField(
        label="栏目", required=False, widget=forms.CheckboxSelectMultiple, help_text="都不选即报送全部栏目；套表的按套表对应的列。"
    )

    def __init__(self, *args: Any, ledger: Ledger, parts: Sequence[Part], forms: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        most = int(figure("report_months_most"))
        self.initial.setdefault("until", add_months(clock.today().replace(day=1), most))
        self.fields["until"].help_text = f"最长{most}个月，到期还要报的再提一次。"
        self.fields["form"].queryset = forms  # type: ignore[attr-defined]
        groups = [(_kind(part), [(f"{place}:{column.label}", column.label) for column in part.columns]) for place, part in enumerate(parts)]
        self.fields["columns"].choices = groups if len(groups) > 1 else groups[0][1]  # type: ignore[attr-defined]
        if not ledger.may_in_clear:
            del self.fields["in_clear"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("form") and cleaned.get("columns"):
            self.add_error("columns", "套表报送的，不另选栏目。")
        return cleaned

    def said(self) -> dict[str, Any]:
        return {"in_clear": False, **self.cleaned_data}


class KeepForm(forms.Form):
    file = forms.FileField(
        label="空表文件",
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".xlsx", "data-upload": ""}),
        help_text="上级下发的.xlsx空表，2兆以内；标题、合并格、公式和版式都会保留。",
        error_messages={"required": "请先选择文件。"},
    )
    title = forms.CharField(label="名称", max_length=80, help_text="如：城乡低保月报表（市局）。")
    part = forms.TypedChoiceField(label="填入台账的哪张表", coerce=int, choices=())

    def __init__(self, *args: Any, parts: Sequence[Part], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["part"].choices = [(place, _kind(part)) for place, part in enumerate(parts)]  # type: ignore[attr-defined]

    def said(self) -> dict[str, Any]:
        upload = self.cleaned_data["file"]
        return {"file_name": upload.name, "octets": upload.read(), "title": self.cleaned_data["title"], "part": self.cleaned_data["part"]}


class PlaceForm(forms.Form):
    sheet = forms.ChoiceField(label="工作表")
    first_row = forms.IntegerField(label="首个数据行", min_value=2, max_value=1_000, help_text="表头下面第一行要填数据的行号。")

    def __init__(self, *args: Any, sheets: Sequence[str], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["sheet"].choices = [(name, name) for name in sheets]  # type: ignore[attr-defined]


class FormMapping(forms.Form):
    """For each heading found: a column of the ledger, a running number, a fixed word, or nothing."""

    def __init__(
        self,
        *args: Any,
        headings: Sequence[Heading],
        labels: Sequence[str],
        columns: Mapping[str, Mapping[str, str]],
        summed: Collection[int] = (),
        computed: Collection[int] = (),
        **options: Any,
    ) -> None:
        super().__init__(*args, **options)
        self._headings, self._computed = headings, computed
        self.tells_once = layout.ONCE in map(layout.key, labels)
        choices = [("", "不填"), (SERIAL, "序号（自动编号）"), (CONSTANT, "固定文字"), *((label, label) for label in labels)]
        for heading in headings:
            held = columns.get(str(heading.column), {})
            meant = CONSTANT if "constant" in held else held.get("label", "")
            if not columns and heading.column not in computed:
                guess = layout.guessed(heading.label, labels, is_summed=heading.column in summed)
                meant = SERIAL if layout.key(heading.label) in {"序号", "编号"} else guess
            self.fields[f"column_{heading.column}"] = forms.ChoiceField(
                label=f"{heading.letter}列“{heading.label}”填", required=False, choices=choices, initial=meant, widget=LongSelect
            )
            self.fields[f"constant_{heading.column}"] = forms.CharField(
                label=f"{heading.letter}列固定文字", required=False, max_length=80, initial=held.get("constant", "")
            )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for heading in self._headings:
            if cleaned.get(f"column_{heading.column}") == CONSTANT and not cleaned.get(f"constant_{heading.column}"):
                self.add_error(f"constant_{heading.column}", f"请写明{heading.letter}列填什么。")
        return cleaned

    def lines(self) -> list[dict[str, Any]]:
        return [
            {
                "heading": heading,
                "column": self[f"column_{heading.column}"],
                "constant": self[f"constant_{heading.column}"],
                "is_computed": heading.column in self._computed,
            }
            for heading in self._headings
        ]

    def overwritten(self) -> list[str]:
        """Of a form that is valid: the columns whose own formulas what is filled in takes the place of."""
        return [heading.letter for heading in self._headings if heading.column in self._computed and heading.column in self.said()]

    def said(self) -> dict[int, dict[str, str]]:
        found: dict[int, dict[str, str]] = {}
        for heading in self._headings:
            chosen = self.cleaned_data.get(f"column_{heading.column}", "")
            if chosen == CONSTANT:
                found[heading.column] = {"constant": self.cleaned_data[f"constant_{heading.column}"]}
            elif chosen:
                found[heading.column] = {"label": chosen}
        return found
