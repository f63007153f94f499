"""Forms of 名单核身."""

from typing import Any

from django import forms

from config.rendering import LongSelect, OpinionArea

SIZE_MOST = 2 * 1024 * 1024  # octets: beyond it Django would lay the file down on the disk, with its numbers


class PurposeForm(forms.Form):
    program = forms.ChoiceField(label="救助项目", widget=LongSelect, help_text="能核对哪些身份，由这个项目的规则和材料决定。")
    purpose = forms.CharField(
        label="用途", max_length=200, widget=OpinionArea(3),
        help_text="核哪些人、核了做什么，如：秋季学期资助对象资格核对，不再让学生开证明。",
    )  # fmt: skip

    def __init__(self, *args: Any, programs: list[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        choice: Any = self.fields["program"]
        choice.choices = [("", "请选择"), *programs]


class AnswerForm(forms.Form):
    """Approve, for how long, or refuse with the reason: which button was pressed decides."""

    months = forms.IntegerField(label="有效期（月）", min_value=1, max_value=36, initial=12, required=False)
    answer = forms.CharField(label="意见", max_length=200, required=False, widget=OpinionArea(2), help_text="不批准的，写明理由。")

    def __init__(self, *args: Any, is_refusal: bool = False, **options: Any) -> None:
        super().__init__(*args, **options)
        self.is_refusal = is_refusal

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.is_refusal and not (cleaned.get("answer") or "").strip():
            self.add_error("answer", "请写明不批准的理由。")
        elif not self.is_refusal and not cleaned.get("months") and "months" not in self.errors:
            self.add_error("months", "请填写有效期。")
        return cleaned


class EndForm(forms.Form):
    reason = forms.CharField(label="停用原因", max_length=200, widget=OpinionArea(2))


class RunForm(forms.Form):
    file = forms.FileField(
        label="名单文件", widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.xls,.et,.csv"}),
        help_text="一列证件号码，可以再有一列姓名；最多5000人。支持Excel、WPS表格和CSV。",
    )  # fmt: skip

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > SIZE_MOST:
            raise forms.ValidationError("名单文件超过2MB。请只保留证件号码和姓名两列，或分次核对。")
        return file
