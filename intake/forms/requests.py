"""Forms of a request: one short form for everybody who hears that help is needed, and the sentences with which the window settles it."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.views.decorators.debug import sensitive_variables

from config import clock
from config.protection.forms import IdNumberField, PhoneField
from config.rendering import OpinionArea
from households.models import Resident
from organization.kinds import TOWNSHIP
from organization.models import Post, Region, Unit

from ..models import Assessment, Request

Choices = list[tuple[str, list[tuple[str, str]]]]
HEARD = [(Request.Source.PHONE.value, "打电话到窗口"), (Request.Source.PERSON.value, "本人或亲友到窗口")]


class PlaceField(forms.ModelChoiceField):
    """A village with its township."""

    def label_from_instance(self, region: Region) -> str:
        return region.full_name


class RequestForm(forms.Form):
    """Who, where, what happened. A village's assistant writes of the own village alone; the window says whether somebody rang or came.

    On behalf (代办): who asks, and how the person agreed.
    """

    field_order = [
        "source", "person", "name", "number", "without_papers", "phone", "region", "address", "causes", "matter", "is_urgent",
        "helper_name", "helper_relation", "consent", "wanted",
    ]  # fmt: skip

    name = forms.CharField(
        label="求助人姓名",
        max_length=60,
        help_text="不知道姓名的，写大家怎么称呼，如“桥下的老人”。",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    number = IdNumberField(label="身份证号（可不填）", required=False)
    without_papers = forms.BooleanField(label="没有证件", required=False)
    phone = PhoneField(label="联系电话（可不填）", required=False)
    region = PlaceField(
        label="住在哪个村（社区）",
        queryset=Region.objects.none(),
        empty_label="请选择",
        widget=forms.Select(attrs={"data-search-select": "true"}),
        help_text="不知道哪个村的，选乡镇（街道）。",
    )
    address = forms.CharField(label="详细地址（可不填）", max_length=120, required=False, help_text="组、路、门牌，或者怎么找到。")
    causes = forms.MultipleChoiceField(label="困难类型", choices=Assessment.Difficulty.choices, widget=forms.CheckboxSelectMultiple)
    matter = forms.CharField(
        label="发生了什么",
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="什么时候、什么事、现在怎么样。不要写证件号码。",
    )
    is_urgent = forms.BooleanField(label="紧急：人身安全、断炊、无处住，等不得", required=False)
    source = forms.ChoiceField(label="求助从哪里来", choices=HEARD, widget=forms.RadioSelect)
    helper_name = forms.CharField(label="代办人姓名", max_length=30)
    helper_relation = forms.CharField(label="代办人与求助人的关系", max_length=30)
    consent = forms.ChoiceField(label="本人如何同意代办", choices=Request.Consent.choices, widget=forms.RadioSelect)
    wanted = forms.MultipleChoiceField(
        label="希望申请的项目（可不选）",
        required=False,
        widget=forms.SelectMultiple(attrs={"data-search-select": "", "data-wide": ""}),
        help_text="选了只作参考，由窗口核对后确定。",
    )

    person = forms.ChoiceField(label="替谁申请")

    def __init__(self, *args: Any, by: Post, is_on_behalf: bool, offered: Choices, people: Sequence[Resident] = (), **options: Any) -> None:
        """`people`: members of a household the post sees, to choose from instead of typing name and number."""
        super().__init__(*args, **options)
        self.by = by
        self.people = {str(resident.pk): resident for resident in people}
        self.fields["person"].choices = [(pk, resident.name) for pk, resident in self.people.items()]  # type: ignore[attr-defined]
        self.fields["wanted"].choices = offered  # type: ignore[attr-defined]
        places = Region.objects.visible_to(by).current(clock.today()).exclude(level=Region.Level.COUNTY).select_related("parent")
        if by.unit.kind in TOWNSHIP:
            places = places.filter(code__startswith=by.region_code) | places.filter(level=Region.Level.TOWNSHIP)
        self.fields["region"].queryset = places  # type: ignore[attr-defined]
        absent = [] if is_on_behalf else ["helper_name", "helper_relation", "consent"]
        absent += [] if by.unit.kind == Unit.Kind.TOWNSHIP_WINDOW else ["source"]
        absent += ["region"] if by.role == "V" else []
        absent += ["name", "number", "without_papers"] if people else ["person"]
        for name in absent:
            del self.fields[name]
        if is_on_behalf and by.role == "V":
            self.initial = {"helper_name": by.staff.name, "helper_relation": "村（社区）协理员", **self.initial}

    @sensitive_variables()
    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("without_papers") and data.get("number"):
            self.add_error("without_papers", "填了证件号码的，不能再选“没有证件”。")
        return data

    @sensitive_variables()
    def as_arguments(self) -> dict[str, Any]:
        data = dict(self.cleaned_data)
        number, phone, region = data.pop("number", None), data.pop("phone"), data.pop("region", None)
        if chosen := self.people.get(data.pop("person", "")):
            data |= {"resident_id": chosen.pk, "name": chosen.name}
        return {
            **data,
            "number": number.normalised if number else "",
            "phone": phone.normalised if phone else "",
            "region_code": region.pk if region else self.by.region_code,
        }


class AdditionForm(forms.Form):
    addition = forms.CharField(label="补充说明", max_length=200, widget=OpinionArea(2))


class AdviceForm(forms.Form):
    text = forms.CharField(label="告诉了求助人什么", max_length=600, widget=OpinionArea(3), help_text="登记人也会看到这段话。")


class ReturnForm(forms.Form):
    reason = forms.CharField(
        label="退回理由",
        max_length=300,
        widget=OpinionArea(2),
        help_text="缺什么请他补，或者该找谁。登记人会看到这段话。",
    )


class HandOverForm(forms.Form):
    to_unit = forms.ModelChoiceField(label="移交给", queryset=Unit.objects.none(), empty_label="请选择窗口")
    reason = forms.CharField(
        label="移交理由",
        max_length=300,
        widget=OpinionArea(2),
        help_text="写明为什么归对方。对方签收以前，仍由本窗口负责。",
    )

    def __init__(self, *args: Any, by: Post, **options: Any) -> None:
        super().__init__(*args, **options)
        windows = Unit.objects.visible_to(by).current(clock.today()).filter(kind=Unit.Kind.TOWNSHIP_WINDOW).exclude(pk=by.unit_id)
        self.fields["to_unit"].queryset = windows  # type: ignore[attr-defined]
