"""Forms of reviews."""

from typing import Any

from django import forms

from config.rendering import LongSelect, MonthInput, OpinionArea
from organization.models import Post, Region

from ..models import ReviewLine, ReviewList

FOUND = [(value, label) for value, label in ReviewLine.Result.choices if value != "over"]


class CheckForm(forms.Form):
    """What was found with one record or person."""

    seen = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)
    result = forms.ChoiceField(label="结果", choices=FOUND, widget=forms.RadioSelect)
    way = forms.ChoiceField(label="方式", choices=ReviewLine.Way.choices)
    note = forms.CharField(label="情况", max_length=200, required=False, widget=OpinionArea(), help_text="仍符合的可以不写。不写证件号码。")

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("result") in {"changed", "missing", "dead"} and not given.get("note"):
            self.add_error("note", "有变化、未找到或已死亡的，请写明情况。")
        return given


class TogetherForm(forms.Form):
    """How those that were ticked were looked at."""

    way = forms.ChoiceField(label="方式", choices=ReviewLine.Way.choices)


class ReviewFilter(forms.Form):
    """Narrows the lists, and the ledger of their lines: no name, no number."""

    month: Any = forms.DateField(
        label="本期首月", required=False, input_formats=["%Y-%m"], widget=MonthInput(),
        error_messages={"invalid": "请选择月份，例如 2026-10。"},
    )  # fmt: skip
    kind = forms.ChoiceField(label="种类", required=False, choices=[("", "全部"), *ReviewList.Kind.choices])
    township: Any = forms.ChoiceField(label="乡镇（街道）", required=False, widget=LongSelect())
    state = forms.ChoiceField(label="办理", required=False, choices=[("", "全部"), ("open", "办理中"), ("closed", "已完成")])

    def __init__(self, *args: Any, post: Post, **options: Any) -> None:
        super().__init__(*args, **options)
        field: Any = self.fields["township"]
        field.choices = [("", "全部"), *Region.objects.townships().order_by("code").values_list("code", "name")]
        if post.role in {"T", "TA"}:
            del self.fields["township"]

    def narrowed(self, rows: Any) -> Any:
        given = self.cleaned_data
        if given.get("month"):
            rows = rows.filter(month=given["month"])
        if given.get("kind"):
            rows = rows.filter(kind=given["kind"])
        if given.get("township"):
            rows = rows.filter(region_id=given["township"])
        if given.get("state"):
            rows = rows.filter(closed_at=None) if given["state"] == "open" else rows.exclude(closed_at=None)
        return rows
