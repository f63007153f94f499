"""Forms of 先行救助: short enough to be filled standing. Neither promise, authorisation nor number is asked for."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms

from config import clock
from config.protection.forms import IdNumberField
from organization.models import Post, Region

from ..models import UrgentAid
from ..urgent import Way


class _PlaceField(forms.ModelChoiceField):
    def label_from_instance(self, region: Any) -> str:
        return str(region.full_name)


def _words(label: str, most: int, rows: int = 2, **options: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=most, widget=forms.Textarea(attrs={"rows": rows}), **options)


def _day(label: str, **options: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}), **options)


class ProposeUrgentForm(forms.Form):
    """`known` is the person of the page it began from: neither name nor number is asked then."""

    program = forms.ChoiceField(label="救助项目")
    person_name = forms.CharField(label="姓名", max_length=30, help_text="不知道姓名的，写“无名男”“无名女”。")
    number = IdNumberField(required=False, help_text="有就填，没有不填，以后再补。")
    region: Any = _PlaceField(
        label="发生地", queryset=None, empty_label="请选择村（社区）", widget=forms.Select(attrs={"data-search-select": "true"})
    )
    event = forms.ChoiceField(label="事由", choices=[("", "请选择"), *UrgentAid.Event.choices])
    happened_on = _day("发生日期")
    story = _words("发生了什么", 500, 3)
    voucher = forms.CharField(label="谁证明", max_length=60, help_text="例如：村主任张某、派出所民警、医院接诊医生。")
    amount = forms.DecimalField(label="金额（元）", required=False, min_value=Decimal("0.01"), max_digits=12, decimal_places=2)
    in_kind = forms.CharField(label="实物或服务", max_length=100, required=False, help_text="金额和实物至少填一项。")
    is_for_household = forms.BooleanField(label="救助全家", required=False, help_text="只在已登记家庭时有效；不勾选的只救助本人。")
    repeat_reason = _words("再次救助的理由", 300, required=False, help_text="同一事由已先行救助过的才填。")

    def __init__(
        self, *args: Any, ways: Sequence[Way], post: Post, known: Any = None, ceiling: Decimal | None = None, **options: Any
    ) -> None:
        super().__init__(*args, **options)
        fields: dict[str, Any] = self.fields
        fields["program"].choices = [(way.program.pk, f"{way.program}（{way.track.name}）") for way in ways]
        places = Region.objects.current(clock.today()).filter(level__in=[Region.Level.TOWNSHIP, Region.Level.VILLAGE])
        fields["region"].queryset = places.within(post.region_code).select_related("parent").order_by("code")
        fields["happened_on"].initial = clock.today()
        if ceiling is not None:
            fields["amount"].help_text = f"先行救助不超过{ceiling:f}元。"
        if known is not None:
            del self.fields["person_name"], self.fields["number"]
        if len(ways) == 1:
            fields["program"].widget, fields["program"].initial = forms.HiddenInput(), ways[0].program.pk

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors and not data.get("amount") and not data.get("in_kind"):
            self.add_error("amount", "请填写金额，或者写明给了什么。")
        return data

    def said(self) -> dict[str, Any]:
        """What the verb is told."""
        data = dict(self.cleaned_data)
        number = data.pop("number", None)
        return {"program_code": data.pop("program"), "number": getattr(number, "normalised", number) or "", **data}


class TelephoneForm(forms.Form):
    leader: Any = forms.ModelChoiceField(label="电话中同意的负责人", queryset=Post.objects.none(), empty_label="请选择")

    def __init__(self, *args: Any, people: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        field: Any = self.fields["leader"]
        field.queryset = people
        field.label_from_instance = lambda post: f"{post.staff.name}（{post.unit.short_name}）"


class DeclineUrgentForm(forms.Form):
    reason = _words("不同意的理由和建议", 300)


class ConfirmConsentForm(forms.Form):
    agreed = forms.TypedChoiceField(
        label="电话中同意过吗",
        choices=[("yes", "是，确认同意"), ("no", "没有同意过")],
        widget=forms.RadioSelect,
        coerce=lambda value: value == "yes",
    )
    note = _words("说明", 300, required=False, help_text="没有同意过的必须写明，县级平台会收到提醒。")


class UrgentPapersForm(forms.Form):
    """What came in; every field may stay empty until it has."""

    seen = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)
    number = IdNumberField(required=False, help_text="核实身份后填写；与已登记人员相符的，救助记录转到该人名下。")
    identity_note = forms.CharField(
        label="身份核实情况", max_length=100, required=False, help_text="确实没有证件的，写明怎样核实、为什么没有。"
    )
    promised_on = _day("诚信承诺书签署日期", required=False)
    authorised_on = _day("核对授权书签署日期", required=False)
    finding = _words("事后核实情况", 500, 3, required=False, help_text="事由是否属实，救助是否用在急难上。")

    def __init__(self, *args: Any, aid: UrgentAid, only_finding: bool = False, takes_number: bool = True, **options: Any) -> None:
        super().__init__(*args, **options)
        for name in ("identity_note", "promised_on", "authorised_on", "finding"):
            self.fields[name].initial = getattr(aid, name)
        if only_finding:
            for name in ("promised_on", "authorised_on"):
                del self.fields[name]
        if not takes_number:
            del self.fields["number"]

    def said(self) -> dict[str, Any]:
        data = dict(self.cleaned_data)
        number = data.pop("number", None)
        return {"number": getattr(number, "normalised", number) or "", **data}


class LinkApplicationForm(forms.Form):
    application: Any = forms.ModelChoiceField(label="后续申请", queryset=None, empty_label="请选择")

    def __init__(self, *args: Any, applications: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        field: Any = self.fields["application"]
        field.queryset = applications
        field.label_from_instance = lambda row: f"{row.number}（{row.get_status_display()}）"
        if not applications.exists():
            field.help_text = "受助人还没有可以关联的申请。请先在窗口为他建立申请，再回来关联。"
