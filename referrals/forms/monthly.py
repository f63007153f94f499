"""Forms of the monthly lists."""

from typing import Any
from uuid import UUID

from django import forms

from config.rendering import OpinionArea

from .bulk import Ticks


class EntriesForm(forms.Form):
    """The ticked rows of one page; whether they exist for this post the gate says."""

    entries = Ticks(coerce=UUID, required=False, error_messages={"invalid_choice": "有一行没有找到，请刷新名单后再勾选。"})

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors and not data.get("entries"):
            raise forms.ValidationError("请先勾选要确认的人员。")
        return data


class SetAsideForm(forms.Form):
    reason = forms.CharField(
        label="暂不列入的理由",
        max_length=300,
        widget=OpinionArea(3),
        help_text="没有人申请，所以不是不予批准。写明哪里不符，下月名单会重新列出。",
    )
