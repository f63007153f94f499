"""Forms of 家庭变动: wording and cleaning; the verbs decide. A line for each member: whether he or she leaves, and as what."""

from typing import Any
from uuid import UUID

from django import forms
from django.db.models import QuerySet
from django.views.decorators.debug import sensitive_variables

from config import clock
from config.protection.forms import IdNumberField
from config.rendering import OpinionArea
from households.models import Household, Membership, RegistryChange, Resident
from organization.models import Post, Region

K = RegistryChange.Kind
RELATIONS = Membership.Relation.choices
ALIKE = 20


class _PlaceField(forms.ModelChoiceField):
    def label_from_instance(self, region: Any) -> str:
        return str(region.full_name)


class RegistryForm(forms.Form):
    """The reason; each kind adds what it asks."""

    reason = forms.CharField(label="变动原因", max_length=200, widget=OpinionArea(2), help_text="写明依据，例如居民申请、证明材料。")

    def __init__(self, *args: Any, household: Household, **options: Any) -> None:
        super().__init__(*args, **options)
        self.household = household

    def said(self) -> dict[str, Any]:
        """What the verb is told."""
        return dict(self.cleaned_data)


def _place_fields(form: forms.Form, household: Household) -> None:
    """The new place: of the county, since a family may move to another township."""
    places = Region.objects.current(clock.today()).filter(level__in=[Region.Level.TOWNSHIP, Region.Level.VILLAGE])
    places = places.select_related("parent").order_by("code")
    form.fields["region"] = _PlaceField(
        label="新的居住地", queryset=places, initial=household.region_id, empty_label="请选择村（社区）",
        widget=forms.Select(attrs={"data-search-select": "true"}),
    )  # fmt: skip
    form.fields["setting"] = forms.ChoiceField(label="城乡类别", choices=Region.Setting.choices, initial=household.setting)
    form.fields["address"] = forms.CharField(
        label="详细地址", max_length=120, required=False, help_text="村（社区）以下：组、路、门牌。",
        widget=forms.TextInput(attrs={"data-wide": "true"}),
    )  # fmt: skip


class _Members:
    """The lines of the members: `relation_0` is the first, as the household's page lists them."""

    def __init__(self, form: forms.Form, household: Household, *, stay: str, head: bool) -> None:
        self.form = form
        self.rows = list(household.memberships.open().select_related("resident").order_by("relation", "pk"))
        choices = [("", stay), *(pair for pair in RELATIONS if head or pair[0] != Membership.Relation.HEAD)]
        for number, row in enumerate(self.rows):
            form.fields[f"relation_{number}"] = forms.ChoiceField(
                label=f"{row.resident.name}（{row.get_relation_display()}）", choices=choices, required=False,
            )  # fmt: skip

    def take(self) -> dict[UUID, str]:
        """Who leaves, and as what; the lines leave the form's own data."""
        chosen = {row.resident_id: self.form.cleaned_data.pop(f"relation_{number}", "") for number, row in enumerate(self.rows)}
        return {pk: relation for pk, relation in chosen.items() if relation}


class MoveForm(RegistryForm):
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        _place_fields(self, self.household)
        self.order_fields(["region", "setting", "address", "reason"])


class SplitForm(RegistryForm):
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.lines = _Members(self, self.household, stay="留在本户", head=True)
        _place_fields(self, self.household)
        self.order_fields([*(name for name in self.fields if name.startswith("relation_")), "region", "setting", "address", "reason"])

    def said(self) -> dict[str, Any]:
        members = self.lines.take()
        return {**self.cleaned_data, "members": members}


class _TowardsForm(RegistryForm):
    target_number = forms.CharField(
        label="转入的户编号", max_length=24, help_text="以 ZH 开头，见对方家庭页面；不在本辖区的，由对方乡镇（街道）确认。",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )  # fmt: skip
    stay, head = "留在本户", True

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.lines = _Members(self, self.household, stay=self.stay, head=self.head)
        self.order_fields(["target_number", *(name for name in self.fields if name.startswith("relation_")), "reason"])

    def said(self) -> dict[str, Any]:
        members = self.lines.take()
        return {**self.cleaned_data, "members": members}


class TransferForm(_TowardsForm):
    pass


class MergeForm(_TowardsForm):
    stay = "请选择与保留户户主的关系"

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["target_number"].label = "保留的户编号"


class VoidForm(RegistryForm):
    pass


HOUSEHOLD_FORMS: dict[str, type[RegistryForm]] = {
    K.MOVE: MoveForm, K.SPLIT: SplitForm, K.TRANSFER: TransferForm, K.MERGE: MergeForm, K.VOID: VoidForm,
}  # fmt: skip


def alike(resident: Resident, post: Post) -> "QuerySet[Resident]":
    """Rows within the gate that bear the same name."""
    rows: QuerySet[Resident] = Resident.objects.beyond_the_card(post).remaining().filter(name=resident.name).exclude(pk=resident.pk)
    return rows.select_related("region__parent").order_by("pk")[:ALIKE]


class MergeResidentsForm(forms.Form):
    """The row that stays: one of the same name, or found by its whole number."""

    survivor = forms.ChoiceField(label="保留的档案", required=False, widget=forms.RadioSelect)
    number = IdNumberField(label="或按证件号码", required=False, help_text="姓名登记不一致时，填写保留档案的证件号码。")
    reason = forms.CharField(label="合并原因", max_length=200, widget=OpinionArea(2), help_text="写明怎样核实是同一人。")

    def __init__(self, *args: Any, resident: Resident, by: Post, **options: Any) -> None:
        super().__init__(*args, **options)
        self.resident, self.by = resident, by
        rows = [(str(row.pk), f"{row.name}，{row.id_number}，{row.region.full_name}") for row in alike(resident, by)]
        field: Any = self.fields["survivor"]
        field.choices = [*rows, ("", "按下面的证件号码")]
        field.initial = rows[0][0] if rows else ""

    @sensitive_variables()
    def clean(self) -> dict[str, Any]:
        """A number within the gate; what lies beyond it is merged by the platform's hint to the other township."""
        cleaned = super().clean() or {}
        told = cleaned.pop("number", None)
        if told and not cleaned.get("survivor"):
            found = Resident.objects.beyond_the_card(self.by).with_number(told.normalised).first()
            if found is None:
                self.add_error(
                    "number", "本辖区没有这个证件号码的人员。对方在其他乡镇（街道）的，请先按证件号码查找并在本窗口受理后再合并。"
                )
            else:
                cleaned["survivor"] = str(found.pk)
        elif not cleaned.get("survivor") and not self.errors:
            self.add_error("number", "请选择保留的档案，或填写它的证件号码。")
        return cleaned

    def said(self) -> dict[str, Any]:
        return {"survivor_id": self.cleaned_data["survivor"], "reason": self.cleaned_data["reason"]}


class AnswerForm(forms.Form):
    """The second person's words; what the page showed comes along."""

    note = forms.CharField(label="意见", max_length=200, required=False, widget=OpinionArea(2), help_text="不同意的必须写明理由。")
    seen_at = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)
