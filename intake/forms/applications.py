"""Forms of an application: who asks, how the household fares, what is asked for."""

from typing import Any

from django import forms

from config.protection.forms import PhoneField
from config.rendering import OpinionArea
from households.models import Resident
from programs.models import Track

from ..models import Application, Assessment
from ..transitions.assessment import NEEDED

Choices = list[tuple[str, str]]


def people(residents: list[Resident]) -> Choices:
    return [(str(resident.pk), resident.name) for resident in residents]


class ApplicantForm(forms.Form):
    """申请人、代办人 (TZ-21) and the single-person household (XX-12)."""

    applicant = forms.ChoiceField(label="申请人")
    channel = forms.ChoiceField(label="申请渠道", choices=Application.Channel.choices, initial=Application.Channel.WINDOW)
    helper_name = forms.CharField(label="代办人姓名", max_length=30, required=False)
    helper_relation = forms.CharField(label="与申请人关系", max_length=30, required=False)
    helper_phone = PhoneField(label="代办人电话", required=False)
    as_single_person = forms.BooleanField(label="按单人户申请", required=False, help_text="重病、重度残疾人员可以单独提出申请。")
    single_person_reason = forms.ChoiceField(
        label="单人户理由", choices=[("", "（不按单人户）"), *Application.SinglePersonReason.choices], required=False
    )

    def __init__(self, *args: Any, members: list[Resident], phone_masked: str = "", **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["applicant"].choices = people(members)  # type: ignore[attr-defined]
        if phone_masked:
            self.fields["helper_phone"].help_text = f"已登记 {phone_masked}，不改不用填。"

    @property
    def new_phone(self) -> str | None:
        """What was typed; None leaves the number that is known, unless there is no helper any more."""
        check = self.cleaned_data.get("helper_phone")
        return check.normalised if check else None if self.cleaned_data.get("helper_name") else ""

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if bool(data.get("helper_name")) != bool(data.get("helper_relation")):
            missing = "helper_relation" if data.get("helper_name") else "helper_name"
            self.add_error(missing, "代办的，请填写代办人姓名和与申请人的关系。")
        if data.get("as_single_person") and not data.get("single_person_reason"):
            self.add_error("single_person_reason", "按单人户申请须选择理由（重病或重度残疾）。")
        if data.get("single_person_reason") and not data.get("as_single_person"):
            self.add_error("as_single_person", "选了单人户理由，请勾选“按单人户申请”；不按单人户的，理由选空。")
        return data


class DraftForm(ApplicantForm):
    """The first step alone: who applies, by which way, with whose help."""

    def as_arguments(self) -> dict[str, Any]:
        data = {name: self.cleaned_data[name] for name in self.fields if name not in {"applicant", "helper_phone"}}
        return {**data, "applicant_id": self.cleaned_data["applicant"], "helper_phone": self.new_phone or ""}


class ReasonForm(forms.Form):
    """A step that needs a sentence of explanation."""

    reason = forms.CharField(label="原因", max_length=300, widget=OpinionArea(2))


class AssessmentForm(forms.Form):
    """困难情况评估、初审和综合救助意见, one form as on paper (TZ-13, ZX-31). May be kept half filled in; `missing` says what is lacking."""

    difficulties = forms.MultipleChoiceField(
        label="困难类型", choices=Assessment.Difficulty.choices, widget=forms.CheckboxSelectMultiple, required=False
    )
    cause = forms.CharField(
        label="困难情况和原因",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="发生了什么、从什么时候开始、现在靠什么生活。",
    )
    family_structure = forms.CharField(label="人口结构", max_length=200, required=False)
    health = forms.CharField(label="健康状况", max_length=200, required=False)
    labour = forms.ChoiceField(
        label="劳动能力和条件", choices=[("", "请选择"), *Assessment.Labour.choices], required=False
    )  # fmt: skip
    labour_note = forms.CharField(label="就业情况", max_length=200, required=False)
    rigid_spending = forms.CharField(label="刚性支出", max_length=200, required=False, help_text="看病、上学、康复等必需的大额支出。")
    monthly_income = forms.DecimalField(
        label="申报家庭月收入（元）", max_digits=12, decimal_places=2, min_value=0, required=False, localize=False
    )
    in_difficulty = forms.TypedChoiceField(
        label="初审：是否属于困难群众",
        choices=[("yes", "是"), ("no", "否")],
        coerce=lambda chosen: chosen == "yes",
        empty_value=None,
        widget=forms.RadioSelect,
        required=False,
        help_text="初审为“否”的写明理由并告诉来人；本人坚持申请的，照样受理。",
    )
    opinion = forms.CharField(label="初审意见", max_length=300, required=False, widget=OpinionArea(2))
    proposal = forms.CharField(
        label="综合救助意见",
        max_length=2000,
        required=False,
        widget=OpinionArea(3),
        help_text="建议给予哪些救助和服务，由哪些部门办理。",
    )

    @property
    def is_empty(self) -> bool:
        return all(value in (None, "", []) for value in self.cleaned_data.values())

    @property
    def missing(self) -> list[str]:
        """Labels of what the finished form needs and this one lacks."""
        return [str(self.fields[name].label) for name in NEEDED if self.cleaned_data.get(name) in (None, "", [])]

    @staticmethod
    def initial_of(assessment: Assessment | None) -> dict[str, Any]:
        if assessment is None:
            return {}
        names = [name for name in AssessmentForm.base_fields if name != "in_difficulty"]
        said = "" if assessment.in_difficulty is None else "yes" if assessment.in_difficulty else "no"
        return {"in_difficulty": said, **{name: getattr(assessment, name) for name in names}}


class ItemForm(forms.Form):
    """One program for one beneficiary, by one way of doing it. Who and how many there are to choose from is the page's to say."""

    track = forms.ChoiceField(label="办理情形", widget=forms.RadioSelect)
    beneficiary = forms.ChoiceField(label="救助对象", widget=forms.RadioSelect)
    amount_asked = forms.DecimalField(label="拟救助金额（元）", max_digits=12, decimal_places=2, min_value=0, required=False)
    cause = forms.CharField(label="申请事由", max_length=200, required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, tracks: list[Track], beneficiaries: Choices, takes_amount: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        ways = [(track.key, f"{track.name}：{track.applies_to}" if track.applies_to else track.name) for track in tracks]
        for name, given in (("track", ways), ("beneficiary", beneficiaries)):
            self.fields[name].choices = given  # type: ignore[attr-defined]
            if len(given) == 1:
                self.initial.setdefault(name, given[0][0])
        if not takes_amount:
            del self.fields["amount_asked"]
