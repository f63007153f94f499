"""日清月结: the words for what nobody has touched, a line to a closed day, a month's remark."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms

from ..day_page import Line


class DayCloseForm(forms.Form):
    """One field for each thing that asks for words. The verb says which lack them."""

    day = forms.DateField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, lines: Sequence[Line], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.asked = [line for line in lines if line.asks]
        for line in self.asked:
            self.fields[line.key] = forms.CharField(label=f"{line.title}的原因", max_length=200, required=False)

    def said(self) -> dict[str, str]:
        return {line.key: str(self.cleaned_data.get(line.key, "")) for line in self.asked}

    def day_of(self) -> date:
        day: date = self.cleaned_data["day"]
        return day


class SupplementForm(forms.Form):
    text = forms.CharField(label="补充说明", max_length=300, widget=forms.Textarea(attrs={"rows": 2}))


class MonthCloseForm(forms.Form):
    note = forms.CharField(label="情况说明", max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3}))
