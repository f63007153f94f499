"""Why a file or a paper is void."""

from django import forms

from config.rendering import OpinionArea


class VoidForm(forms.Form):
    reason = forms.CharField(
        label="作废原因",
        max_length=200,
        widget=OpinionArea(2),
        help_text="例如：传错了人、拍得不清楚。不写证件号码，也不写别家人的姓名和病情。",
    )


class VoidCardForm(VoidForm):
    """A card may be of no use any more; a notice is always replaced."""

    anew = forms.BooleanField(label="按现在登记的内容重新出一张", required=False, initial=True)
