"""Forms by which a township closes a doubt, one at a time (ZX-26)."""

from collections.abc import Sequence
from typing import Any

from django import forms

from config.rendering import OpinionArea
from households.models import Resident
from intake.transitions.picks import Pick

from ..doubt_page import Choice


def _reason(label: str, help_text: str) -> forms.CharField:
    return forms.CharField(label=label, max_length=200, widget=OpinionArea(3), help_text=help_text)


class AidForm(forms.Form):
    applicant = forms.ChoiceField(label="申请人")
    picks = forms.MultipleChoiceField(
        label="申请的项目", required=False, widget=forms.CheckboxSelectMultiple, help_text="可以不勾选，起草后在申请中添加。"
    )
    reason = _reason("核查情况", "写明怎样核实、家庭现在的情况。不写证件号码。")

    def __init__(self, *args: Any, applicants: Sequence[Resident], programs: Sequence[Choice], has_draft: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        who: Any = self.fields["applicant"]
        who.choices = [(str(person.pk), person.name) for person in applicants]
        picks: Any = self.fields["picks"]
        picks.choices = [(choice.value, choice.label) for choice in programs]
        picks.initial = [choice.value for choice in programs]
        if not programs:
            del self.fields["picks"]
        if has_draft:
            del self.fields["applicant"]

    def said(self) -> dict[str, Any]:
        picks = [Pick.read(text) for text in self.cleaned_data.get("picks", [])]
        return {
            "applicant_id": self.cleaned_data.get("applicant"),
            "picks": [pick for pick in picks if pick],
            "reason": self.cleaned_data["reason"],
        }


class CorrectForm(forms.Form):
    reason = _reason("更正情况", "写明更正了什么、依据什么。")


class DismissForm(forms.Form):
    outcome = forms.ChoiceField(
        label="处理结果", widget=forms.RadioSelect,
        choices=[("kept", "维持现状：核实无误，不用变动"), ("wrong_data", "数据有误：反馈报送单位核对")],
    )  # fmt: skip
    reason = _reason("核查情况和理由", "写明怎样核实、为什么不用变动。事实变化以前不再提示。")
