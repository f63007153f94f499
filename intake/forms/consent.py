"""Forms of what people sign."""

from typing import Any

from django import forms

from config import clock
from households.models import Membership, Resident

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


class KinForm(forms.Form):
    """Close relatives among those who handle 低保, or among village cadres: asked once per household (XX-16)."""

    has_kin = forms.TypedChoiceField(
        label="家庭成员与社会救助经办人员、村（社区）干部有无近亲属关系",
        choices=[("no", "没有"), ("yes", "有")],
        coerce=lambda chosen: chosen == "yes",
        widget=forms.RadioSelect,
    )
    staff_name = forms.CharField(label="工作人员姓名", max_length=30, required=False)
    staff_unit = forms.CharField(label="工作单位", max_length=60, required=False)
    resident_id = forms.ChoiceField(label="与哪位家庭成员", required=False)
    relation = forms.ChoiceField(label="是其什么人", choices=[("", "请选择"), *Membership.Relation.choices], required=False)
    declared_on = forms.DateField(label="申报日期", widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: Any, members: list[Resident], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["resident_id"].choices = [("", "（不指明）"), *people(members)]  # type: ignore[attr-defined]
        self.initial.setdefault("declared_on", clock.today())

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        data["resident_id"] = data.get("resident_id") or None
        if data.get("has_kin"):
            for name, sentence in (("staff_name", "请填写工作人员姓名。"), ("relation", "请选择关系。")):
                if not data.get(name):
                    self.add_error(name, sentence)
        return data
