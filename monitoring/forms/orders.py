"""Forms of 督办单: wording and cleaning."""

from typing import Any

from django import forms

from config.rendering import OpinionArea
from organization.figures import figure
from organization.models import Unit

NOBODY = "不写当事人姓名和证件号码，需要指明的写编号；敏感项目的事项编号也不写。"


def _words(label: str, most: int, *, rows: int = 3, **options: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=most, widget=OpinionArea(rows), **options)


class IssueForm(forms.Form):
    demand = _words("督办要求", 500, help_text=f"要办什么、办到什么程度。{NOBODY}")
    days = forms.IntegerField(label="回复时限（工作日）", min_value=1, max_value=60)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.initial.setdefault("days", int(figure("supervision_order_reply")))


class OrderForm(IssueForm):
    """About late duties that were chosen before, or about a matter in words to units chosen here."""

    units: Any = forms.ModelMultipleChoiceField(
        label="承办单位",
        queryset=Unit.objects.none(),
        widget=forms.SelectMultiple(attrs={"data-search-select": ""}),
        help_text="可以选几个单位，各发一份。",
        error_messages={"invalid_choice": "请选择可以承办的单位。", "required": "请选择承办单位。"},
    )
    matter = _words("督办事项", 500, help_text=NOBODY)
    field_order = ["units", "matter", "demand", "days"]

    def __init__(self, *args: Any, units: Any, is_about_duties: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        if is_about_duties:
            del self.fields["units"], self.fields["matter"]
            return
        field: Any = self.fields["units"]
        field.queryset = units
        field.label_from_instance = lambda unit: unit.short_name

    def said(self) -> dict[str, Any]:
        return self.cleaned_data


class ReplyForm(forms.Form):
    seen = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)
    text = _words("办理情况", 2000, rows=6, help_text=f"写明原因、怎么办的、办结没有。{NOBODY}")


class SendBackForm(forms.Form):
    reason = _words("退回原因", 500, help_text="写明哪里不清楚、还要补充什么。")
    days = forms.IntegerField(label="重新回复时限（工作日）", min_value=1, max_value=60)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.initial.setdefault("days", int(figure("supervision_order_reply")))


class WithdrawForm(forms.Form):
    reason = _words("撤销原因", 200)
