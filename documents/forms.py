"""Forms of the platform's papers: wording and cleaning."""

from django import forms

from config import clock
from organization.models import Parameter


class TemplateForm(forms.Form):
    file = forms.FileField(
        label="模板文件", help_text="不带宏的 .docx，不超过2 MB。字段写在双花括号里，写法见下面的字段清单。",
        widget=forms.FileInput(attrs={"accept": ".docx"}), error_messages={"empty": "这个文件是空的，请重新选择。"},
    )  # fmt: skip
    note = forms.CharField(label="说明", max_length=200, help_text="改了什么、依据什么，确认的人会看到。")


class ReasonForm(forms.Form):
    reason = forms.CharField(label="原因", max_length=200, widget=forms.Textarea(attrs={"rows": 3}))


class FormDraftForm(forms.Form):
    """The next version of a text that people sign or are told."""

    title = forms.CharField(label="标题", max_length=60)
    text = forms.CharField(
        label="正文", strip=True, max_length=20_000, widget=forms.Textarea(attrs={"rows": 24}),
        help_text="空一行分段；“# ”开头是小标题；“1. ”“2. ”开头是条目；填写处用＿＿＿＿。",
    )  # fmt: skip
    origin = forms.ChoiceField(label="来源", choices=Parameter.Origin.choices, initial=Parameter.Origin.ASSUMED)
    source = forms.CharField(label="依据", max_length=300, widget=forms.TextInput(attrs={"data-wide": "true"}))


class FormPublishForm(forms.Form):
    valid_from = forms.DateField(label="启用日期", widget=forms.DateInput(attrs={"type": "date"}), initial=clock.today)
