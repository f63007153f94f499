"""Forms of 标准调整: a field for each entry of the standard."""

from decimal import Decimal
from typing import Any

from django import forms

from config.rendering import MonthInput, OpinionArea
from organization.models import Parameter
from organization.wording import WORDS


class StandardForm(forms.Form):
    """The new standard: one sum, or one for each of its entries, as the present one is made."""

    month: Any = forms.DateField(
        label="从哪个月起执行", input_formats=["%Y-%m"], widget=MonthInput(),
        help_text="从这个月1日起算。以前月份起的，差额由下一次发放补发。",
        error_messages={"invalid": "请选择月份，例如 2026-10。"},
    )  # fmt: skip
    document = forms.CharField(label="文号", max_length=100, help_text="调整标准的文件，例如 忠民发〔2026〕9号。")
    note = forms.CharField(label="说明", max_length=500, required=False, widget=OpinionArea())

    def __init__(self, *args: Any, known: Parameter, **options: Any) -> None:
        super().__init__(*args, **options)
        self.known = known
        self.entries = list(known.value) if isinstance(known.value, dict) else [""]
        for entry in self.entries:
            self.fields[f"value{'_' + entry if entry else ''}"] = forms.DecimalField(
                label=f"新标准{'（' + WORDS.get(entry, entry) + '）' if entry else ''}", max_digits=9, decimal_places=2,
                min_value=Decimal("0.01"), help_text=f"现行{known.value[entry] if entry else known.value}{known.measure}",
            )  # fmt: skip
        self.order_fields([*(name for name in self.fields if name.startswith("value")), "month", "document", "note"])

    def said(self) -> dict[str, Any]:
        given = self.cleaned_data
        value: Any = (
            {entry: _number(given[f"value_{entry}"]) for entry in self.entries} if self.entries != [""] else _number(given["value"])
        )
        return {"value": value, "month": given["month"], "document": given["document"], "note": given["note"]}


class ReasonForm(forms.Form):
    reason = forms.CharField(label="原因", max_length=300, widget=OpinionArea())


def _number(value: Decimal) -> int | float:
    """As the parameters keep numbers: whole ones whole."""
    return int(value) if value == value.to_integral_value() else float(value)
