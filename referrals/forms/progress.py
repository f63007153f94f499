"""What somebody without an account types to ask for a progress."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from config.protection.typed import tidy_identifier

from ..transitions.progress import TAIL


class ProgressForm(forms.Form):
    """Either the number with the last characters of the ID, or the query code alone. The ID's end is asked for again each time."""

    number = forms.CharField(
        label="申请编号",
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text="在受理通知书（回执）和救助明白卡上，以“SQ”开头。",
    )
    tail = forms.CharField(
        label="申请人证件号码后四位",
        max_length=8,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "inputmode": "text"}),
        help_text="最后一位是字母X的，填X。",
    )
    code = forms.CharField(
        label="查询码",
        max_length=20,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text="印在救助明白卡的二维码旁边。填了查询码，上面两项不用填。",
    )

    def clean_number(self) -> str:
        return tidy_identifier(self.cleaned_data["number"])

    def clean_tail(self) -> str:
        return tidy_identifier(self.cleaned_data["tail"])

    def clean_code(self) -> str:
        return tidy_identifier(self.cleaned_data["code"]).replace("-", "")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("code") or self.errors:
            return cleaned
        if not cleaned["number"] and not cleaned["tail"]:
            raise ValidationError("请填写申请编号和证件号码后四位，或者只填查询码。")
        if not cleaned["number"]:
            self.add_error("number", "请填写申请编号。")
        if len(cleaned["tail"]) != TAIL:
            self.add_error("tail", f"请填写证件号码的最后{TAIL}位。")
        return cleaned
