"""Forms of the window's answer to an application."""

from django import forms

from config.rendering import OpinionArea

from ..models import Application


class NotAcceptedForm(forms.Form):
    """Two causes only (RULES B2); whether somebody qualifies is decided later, by those whose decision it is."""

    code = forms.ChoiceField(label="情形", choices=Application.NotAcceptedCode.choices, widget=forms.RadioSelect)
    reason = forms.CharField(label="理由", max_length=300, widget=OpinionArea(3), help_text="写明事实和依据，会印在不予受理告知书上。")
    advice = forms.CharField(
        label="到哪里办、怎么办",
        max_length=300,
        widget=OpinionArea(2),
        help_text="例如：请到户籍所在的××镇综合救助窗口申请，电话……；同一事项正在办理，请凭查询码查询进度。",
    )
