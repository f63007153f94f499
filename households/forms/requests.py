"""Forms of what a unit is asked for: its answer, or why there is none."""

from datetime import date
from typing import Any

from django import forms

from config import clock
from programs.models import FactKind

from ..models import FactRequest
from .consent import typed_value, value_field
from .people import day


class AnswerFactForm(forms.Form):
    """What the unit's own register says, by the type of the fact."""

    value: forms.Field
    found_on = day("查得日期", required=True)
    valid_until = day("有效期至", help_text="长期有效的留空。")
    source = forms.CharField(label="来源说明", max_length=80, required=False, help_text="哪个系统、哪份台账。")

    def __init__(self, *args: Any, kind: FactKind, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind
        self.fields = {"value": value_field(kind), **self.fields}
        self.initial.setdefault("found_on", clock.today())

    def clean_value(self) -> Any:
        return typed_value(self.kind, self.cleaned_data["value"])


class DeclineFactForm(forms.Form):
    cause = forms.ChoiceField(label="不能提供的情形", choices=FactRequest.Cause.choices, widget=forms.RadioSelect)
    note = forms.CharField(
        label="原因", max_length=200, widget=forms.Textarea(attrs={"rows": 2}), help_text="便于窗口另行核实，不写证件号码。"
    )


class TrialForm(forms.Form):
    """For which day a draft is tried."""

    day = forms.DateField(
        label="草稿打算自哪天起执行", required=False, widget=forms.DateInput,
        help_text="草稿按这一天的参数标准试算；空着按今天。家庭和人员情况都按今天。",
    )  # fmt: skip

    def clean_day(self) -> date | None:
        day: date | None = self.cleaned_data["day"]
        if day is not None and day < clock.today():
            raise forms.ValidationError("不能早于今天：以前的日子已经按原版本办理。")
        return day


class LookIntoForm(forms.Form):
    """Why the platform looks into what is sensitive."""

    reason = forms.CharField(
        label="查看原因", max_length=200, widget=forms.Textarea(attrs={"rows": 2}),
        help_text="写明为哪件工作、核对什么，不写证件号码。查看会记入操作记录。",
    )  # fmt: skip


class AskFactForm(forms.Form):
    """Sent by the buttons of the screening page."""

    kind = forms.CharField(max_length=40)
    resident = forms.UUIDField(required=False)
    reason = forms.CharField(max_length=200, required=False)
