"""Forms of facts, authorisations and close relatives: wording and cleaning; the verbs decide."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from config import clock
from config.protection.forms import IdNumberField
from organization.models import Post
from programs.models import FactKind

from ..knowledge import fact_kinds_for
from ..models import Fact, Household, Membership, Resident
from .people import day

KIN = [pair for pair in Membership.Relation.choices if pair[0] not in {Membership.Relation.HEAD, Membership.Relation.NOT_KIN}]
YES_NO = [("", "请选择"), ("yes", "是"), ("no", "否")]
ALL = "household"
# A decision writes its own facts, a batch its own.
WAYS = [pair for pair in Fact.How.choices if pair[0] not in {Fact.How.DECISION, Fact.How.IMPORT}]


class FactKindForm(forms.Form):
    """Of whom, and what: the first half of the form."""

    whose = forms.ChoiceField(label="对象")
    kind = forms.ChoiceField(label="事项", widget=forms.Select(attrs={"data-search-select": "true"}))

    def __init__(self, *args: Any, household: Household, by: Post, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.household, members = household, household.memberships.open().select_related("resident").order_by("relation", "pk")
        self.people: dict[str, Resident] = {str(m.resident_id): m.resident for m in members}
        self.kinds = {kind.pk: kind for kind in fact_kinds_for(by)}
        self.fields["whose"].choices = [(ALL, "全家"), *((pk, person.name) for pk, person in self.people.items())]  # type: ignore[attr-defined]
        self.fields["kind"].choices = [("", "请选择"), *self._grouped()]  # type: ignore[attr-defined]

    def _grouped(self) -> list[tuple[str, list[tuple[str, str]]]]:
        scopes = ((FactKind.Scope.RESIDENT, "个人的事项"), (FactKind.Scope.HOUSEHOLD, "家庭的事项"))
        return [(label, [(k.pk, k.label) for k in self.kinds.values() if k.scope == scope]) for scope, label in scopes]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        kind, whose = self.kinds.get(data.get("kind", "")), data.get("whose")
        if kind and whose and (kind.scope == FactKind.Scope.HOUSEHOLD) != (whose == ALL):
            word = "全家" if kind.scope == FactKind.Scope.HOUSEHOLD else "具体的人"
            self.add_error("whose", f"“{kind.label}”请登记到{word}。")
        return data

    @property
    def chosen(self) -> FactKind:
        return self.kinds[self.cleaned_data["kind"]]

    @property
    def chosen_text(self) -> str:
        whose = self.cleaned_data["whose"]
        return f"{'全家' if whose == ALL else self.people[whose].name}：{self.chosen.label}"

    @property
    def hidden_pairs(self) -> list[tuple[str, str]]:
        """What the second half brings along."""
        return [(name, self.cleaned_data[name]) for name in ("whose", "kind")]

    @property
    def subject(self) -> dict[str, Any]:
        whose = self.cleaned_data["whose"]
        return {"household": self.household} if whose == ALL else {"resident": self.people[whose]}


class FactForm(forms.Form):
    """The second half, by the type of the fact."""

    value: forms.Field
    how = forms.ChoiceField(label="来源方式", choices=WAYS)
    source = forms.CharField(label="来源说明", max_length=80, required=False, help_text="哪个部门、哪份材料。")
    found_on = day("查得日期", required=True)
    valid_until = day("有效期至", help_text="长期有效的留空。")
    detail = forms.CharField(
        label="详细说明",
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="病情等内容写在这里，加密保存。",
    )

    def __init__(self, *args: Any, kind: FactKind, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind
        self.fields = {"value": value_field(kind), **self.fields}
        self.initial.setdefault("found_on", clock.today())

    def clean_value(self) -> Any:
        return typed_value(self.kind, self.cleaned_data["value"])


def typed_value(kind: FactKind, value: Any) -> Any:
    return value == "yes" if kind.value_type == FactKind.ValueType.YES_NO else value


def value_field(kind: FactKind) -> forms.Field:
    types = FactKind.ValueType
    if kind.value_type == types.YES_NO:
        return forms.ChoiceField(label=kind.label, choices=YES_NO)
    if kind.value_type == types.CODE:
        return forms.ChoiceField(label=kind.label, choices=[("", "请选择"), *((row["code"], row["label"]) for row in kind.codes)])
    if kind.value_type == types.DATE:
        return day(kind.label, required=True)
    help_text = "单位：元。" if kind.value_type == types.MONEY else f"单位：{kind.measure}。" if kind.measure else ""
    is_figure = kind.value_type in {types.MONEY, types.NUMBER}
    widget = forms.TextInput(attrs={"inputmode": "decimal"} if is_figure else {})
    return forms.CharField(label=kind.label, max_length=80, help_text=help_text, widget=widget)


def people_of(household: Household) -> list[tuple[str, str]]:
    members = household.memberships.open().select_related("resident").order_by("relation", "pk")
    return [(str(m.resident_id), f"{m.resident.name}（{m.get_relation_display()}）") for m in members]


class AuthorisationForm(forms.Form):
    resident = forms.ChoiceField(label="授权人")
    signed_on = day("签署日期", required=True)
    signer_note = forms.CharField(label="代签说明", max_length=80, required=False, help_text="不是本人签的写明：谁代签、为什么。")

    def __init__(self, *args: Any, people: list[Resident], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["resident"].choices = [(str(person.pk), person.name) for person in people]  # type: ignore[attr-defined]
        self.initial.setdefault("signed_on", clock.today())


class KinForm(forms.Form):
    """近亲属申报: a yes names the staff member."""

    has_kin = forms.ChoiceField(
        label="家庭成员中有无低保经办人员、村（社区）干部的近亲属",
        choices=[("no", "无"), ("yes", "有")],
        widget=forms.RadioSelect,
    )
    resident = forms.ChoiceField(label="涉及的家庭成员", required=False)
    staff_name = forms.CharField(label="工作人员姓名", max_length=30, required=False)
    staff_unit = forms.CharField(label="工作人员单位", max_length=60, required=False)
    relation = forms.ChoiceField(label="工作人员是该成员的", choices=[("", "请选择"), *KIN], required=False)
    declared_on = day("申报日期", required=True)

    def __init__(self, *args: Any, household: Household, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["resident"].choices = [("", "请选择"), *people_of(household)]  # type: ignore[attr-defined]
        self.initial.setdefault("declared_on", clock.today())

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("has_kin") == "yes":
            for name in ("resident", "staff_name", "relation"):
                if not data.get(name):
                    self.add_error(name, ValidationError("申报“有”的，请填写这一项。"))
        return data

    @property
    def content(self) -> dict[str, Any]:
        data = self.cleaned_data
        said = {name: data[name] for name in ("staff_name", "staff_unit", "relation", "declared_on")}
        return {**said, "has_kin": data["has_kin"] == "yes", "resident_id": data["resident"] or None}


class KinFilingForm(forms.Form):
    note = forms.CharField(
        label="备案意见", max_length=200, widget=forms.Textarea(attrs={"rows": 2}), help_text="如：已了解，由他人经办，县级入户核查。"
    )


class OwnKinForm(forms.Form):
    """One's own close relative, by number."""

    name = forms.CharField(label="姓名", max_length=60, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    relation = forms.ChoiceField(label="是本人的", choices=[("", "请选择"), *KIN])
    number = IdNumberField(help_text="只用于与申请家庭比对，不作他用。")
