"""Forms of 书面提醒: wording and cleaning."""

from typing import Any

from django import forms

from config.rendering import OpinionArea
from organization.figures import figure


class ReminderForm(forms.Form):
    demand = forms.CharField(
        label="提醒内容", max_length=500, widget=OpinionArea(3), initial="请尽快办结；确有正当理由不能按期办理的，请在平台上说明。"
    )
    days = forms.IntegerField(label="办理时限（工作日）", min_value=1, max_value=60)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.initial.setdefault("days", int(figure("written_reminder_reply")))


class ReasonForm(forms.Form):
    text = forms.CharField(
        label="未能办理的理由", max_length=500, widget=OpinionArea(4), help_text="写明原因和预计何时办结。不写当事人姓名和证件号码。"
    )


class AnswerForm(forms.Form):
    """Accepted or refused by the button that is pressed; a refusal says why."""

    note = forms.CharField(label="认定说明", max_length=500, required=False, widget=OpinionArea(3), help_text="不予认定的必须写明原因。")
