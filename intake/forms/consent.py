"""Forms of what people sign; the kin declaration is the household's (`households.forms.KinForm`)."""

from typing import Any

from django import forms

from config import clock
from households.models import Resident

from .applications import people


class SignedForm(forms.Form):
    """The day on which a paper was signed: today, unless it was signed before."""

    signed_on = forms.DateField(label="签署日期", widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.initial.setdefault("signed_on", clock.today())


class AuthoriseForm(SignedForm):
    """Those who signed on one day; a note where somebody signed for another."""

    residents = forms.MultipleChoiceField(label="已签署授权书的人", widget=forms.CheckboxSelectMultiple)
    signer_note = forms.CharField(
        label="代签说明", max_length=80, required=False, help_text="由他人代签的，写明代签人、与本人关系和原因；本人签署的不填。"
    )
    field_order = ("residents", "signed_on", "signer_note")

    def __init__(self, *args: Any, unsigned: list[Resident], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["residents"].choices = people(unsigned)  # type: ignore[attr-defined]
        if len(unsigned) == 1:
            self.initial.setdefault("residents", [str(unsigned[0].pk)])
