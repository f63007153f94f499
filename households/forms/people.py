"""Forms of people and households, laid out like the paper form: wording and cleaning to values; the verbs decide."""

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar

from django import forms
from django.core.exceptions import ValidationError
from django.views.decorators.debug import sensitive_variables

from config import clock
from config.protection.forms import IdNumberField, PhoneField
from config.protection.identity import IdCheck, IdType, Sex
from config.protection.typed import tidy_digits
from organization.models import Post, Region

from ..finding import Wanted, wanted
from ..models import Household, Membership, Relative
from ..transitions import MemberInput, MemberRefused, Person, Signs

R = TypeVar("R")
SEXES = [("", "—"), *((sex.value, sex.label) for sex in (Sex.MALE, Sex.FEMALE, Sex.UNSTATED))]
RELATIONS = [("", "请选择"), *Membership.Relation.choices]
MEMBERS_MAX = 20
# Applications, referrals, visits and verifications carry numbers of their own: people type what is printed on the paper in their hand.
_NUMBER_OF_A_CASE = re.compile(r"^(SQ|ZB|LF|HC|QZ)\d+$", re.IGNORECASE)


def day(label: str, *, required: bool = False, **options: Any) -> forms.DateField:
    return forms.DateField(label=label, required=required, widget=forms.DateInput(attrs={"type": "date"}), **options)


class SearchForm(forms.Form):
    """The one field. `found` is what it is taken for."""

    wanted = forms.CharField(
        label="查找",
        max_length=60,
        help_text="证件号码（可刷读卡器）、姓名、姓名拼音首字母，或户编号。",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "autofocus": True, "data-wide": "true"}),
    )

    def __init__(self, *args: Any, by: Post, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by = by

    @sensitive_variables()
    def clean_wanted(self) -> Wanted:
        if _NUMBER_OF_A_CASE.match(self.cleaned_data["wanted"].strip()):
            raise ValidationError("这是申请、转办或登记的编号，不是证件号码。请到“救助申请”“转办事项”等列表中按编号查询。")
        found = wanted(self.cleaned_data["wanted"], self.by)
        if found.fault:
            raise ValidationError(list(found.fault))
        return found


class SeenForm(forms.Form):
    """A form that must not overwrite what changed since it was opened. It comes back with the moment it was opened with."""

    seen_at = forms.CharField(widget=forms.HiddenInput, required=False, max_length=40)

    def clean_seen_at(self) -> datetime:
        try:
            moment = datetime.fromisoformat(self.cleaned_data["seen_at"])
        except ValueError:
            moment = None
        if moment is None or moment.tzinfo is None:
            raise ValidationError("页面已过时，请重新打开后再改。")
        return moment


class AddressForm(forms.Form):
    """Where the household lives: places of the own township."""

    region = forms.ModelChoiceField(
        label="居住地",
        queryset=Region.objects.none(),
        empty_label="请选择村（社区）",
        widget=forms.Select(attrs={"data-search-select": "true"}),
    )
    setting = forms.ChoiceField(label="城乡类别", choices=[("", "随所选村（社区）"), *Region.Setting.choices], required=False)
    address = forms.CharField(
        label="详细地址",
        max_length=120,
        required=False,
        help_text="村（社区）以下：组、路、门牌。",
        widget=forms.TextInput(attrs={"data-wide": "true"}),
    )

    def __init__(self, *args: Any, by: Post, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        places = Region.objects.visible_to(by).current(clock.today()).filter(code__startswith=by.region_code)
        self.fields["region"].queryset = places  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("region") and not data.get("setting"):
            data["setting"] = data["region"].setting or Region.Setting.RURAL
        return data


class HouseholdForm(AddressForm, SeenForm):
    """The address corrected."""

    def __init__(self, data: Any = None, *, household: Household, **kwargs: Any) -> None:
        initial = {
            "region": household.region_id, "setting": household.setting, "address": household.address,
            "seen_at": household.revised_at.isoformat(),
        }  # fmt: skip
        super().__init__(data, initial=initial, **kwargs)


class PersonForm(forms.Form):
    """Somebody as the paper says. The number fills birth date and sex on the page; the verb compares them."""

    name = forms.CharField(label="姓名", max_length=60, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    id_type = forms.ChoiceField(label="证件类型", choices=IdType.choices, initial=IdType.RESIDENT)
    number = IdNumberField(required=False)
    sex = forms.ChoiceField(label="性别", choices=SEXES, required=False)
    birth_on = day("出生日期")
    phone = PhoneField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        auto = self.auto_id or "id_%s"
        filled = {"data-birth": str(auto) % self.add_prefix("birth_on"), "data-sex": str(auto) % self.add_prefix("sex")}
        self.fields["number"].widget.attrs.update(filled)

    @sensitive_variables()
    def clean_number(self) -> IdCheck | None:
        result: IdCheck | None = self.cleaned_data["number"]
        if (chosen := self.cleaned_data.get("id_type")) and not self.is_blank:
            IdNumberField.is_of(result, chosen)
        return result

    @property
    def is_blank(self) -> bool:
        """Nothing typed that says who it is: a spare row."""
        return not any(str(self.data.get(self.add_prefix(name), "")).strip() for name in ("name", "number"))

    @property
    @sensitive_variables()
    def id_number(self) -> str:
        result: IdCheck | None = self.cleaned_data.get("number")
        return result.normalised if result else ""

    @property
    @sensitive_variables()
    def person(self) -> Person:
        data = self.cleaned_data
        phone = data["phone"].normalised if data["phone"] else ""
        return Person(data["name"], data["id_type"], self.id_number, data["sex"], data["birth_on"], phone)


class MemberForm(PersonForm):
    """A line of the sub-table."""

    field_order = ["relation", "name", "id_type", "number", "sex", "birth_on", "phone", "lives_together"]

    relation = forms.ChoiceField(label="与户主关系", choices=RELATIONS)
    lives_together = forms.BooleanField(label="共同生活", required=False, initial=True)

    @property
    @sensitive_variables()
    def member(self) -> MemberInput:
        """Who does not live with the household does not count as of it, until somebody says so (更正)."""
        person, together = self.person, self.cleaned_data["lives_together"]
        return MemberInput(
            self.cleaned_data["relation"], None, person.id_type, person.number, person.name, person.sex, person.birth_on, person.phone,
            lives_together=together, is_counted=together,
        )  # fmt: skip


class _Members(forms.BaseFormSet):
    """Spare rows stay empty; rows struck out do not count."""

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        """The first line is the head's and has to be filled in; the others may stay empty, or be emptied again."""
        return {**super().get_form_kwargs(index), "empty_permitted": index != 0}

    @property
    def filled(self) -> list[MemberForm]:
        return [form for form in self.forms if form.has_changed() and not form.is_blank and form not in self.deleted_forms]


MembersFormSet = forms.formset_factory(
    MemberForm, formset=_Members, extra=3, max_num=MEMBERS_MAX, validate_max=True, absolute_max=MEMBERS_MAX + 10, can_delete=True
)


def beside(lines: Sequence[MemberForm], verb: Callable[[], R]) -> R | None:
    """The verb's result; None when it refused one of the lines, with its sentences now standing beside that line's fields."""
    try:
        return verb()
    except MemberRefused as refused:
        line = lines[refused.index]
        for field, sentences in refused.errors.items():
            line.add_error(field if field in line.fields else None, list(sentences))
    return None


class MemberAddForm(MemberForm):
    """One more member of a household that is registered."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["relation"].choices = [pair for pair in RELATIONS if pair[0] != Membership.Relation.HEAD]  # type: ignore[attr-defined]


class MemberReviseForm(SeenForm):
    relation = forms.ChoiceField(label="与户主关系", choices=Membership.Relation.choices)
    former_head_relation = forms.ChoiceField(
        label="原户主与新户主的关系", required=False, help_text="改为户主时填写。",
        choices=[("", "—"), *(pair for pair in Membership.Relation.choices if pair[0] != Membership.Relation.HEAD)],
    )  # fmt: skip
    lives_together = forms.BooleanField(label="共同生活", required=False)
    is_counted = forms.BooleanField(label="计入家庭人口", required=False, help_text="计入的成年人都要签署核对授权。")

    def __init__(self, data: Any = None, *, membership: Membership, **kwargs: Any) -> None:
        initial = {name: getattr(membership, name) for name in ("relation", "lives_together", "is_counted")}
        super().__init__(data, initial={**initial, "seen_at": membership.household.revised_at.isoformat()}, **kwargs)
        if membership.relation == Membership.Relation.HEAD:
            del self.fields["former_head_relation"]


class MemberEndForm(forms.Form):
    on = day("离开日期", required=True)
    reason = forms.CharField(label="原因", max_length=60, help_text="如：死亡、外嫁、分户、迁出。")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("on", clock.today())


class ResidentForm(PersonForm, SeenForm):
    """A person corrected. A protected value that is left empty stays as it is."""

    field_order = ["name", "id_type", "number", "sex", "birth_on", "phone", "registered_place", "bank_name", "bank_account", "died_on"]

    registered_place = forms.CharField(label="户籍地", max_length=80, required=False, help_text="与居住地不同的写明。")
    bank_name = forms.CharField(label="开户银行", max_length=60, required=False)
    bank_account = forms.CharField(label="银行账号", max_length=40, required=False, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    died_on = day("死亡日期", help_text="死亡的填写，并登记成员离开。")

    def __init__(self, data: Any = None, *, resident: Any, **kwargs: Any) -> None:
        plain = ("name", "id_type", "sex", "birth_on", "registered_place", "bank_name", "died_on")
        initial = {name: getattr(resident, name) for name in plain} | {"seen_at": resident.changed_at.isoformat()}
        super().__init__(data, initial=initial, **kwargs)
        self.resident = resident
        for name, masked in (("number", resident.id_number), ("phone", resident.phone), ("bank_account", resident.bank_account)):
            self.fields[name].help_text = f"现为 {masked}，不改请留空。" if masked else "尚未登记。"

    @sensitive_variables()
    def clean_number(self) -> IdCheck | None:
        result: IdCheck | None = self.cleaned_data["number"]
        chosen = self.cleaned_data.get("id_type")
        if chosen and (result is not None or chosen != self.resident.id_type):
            IdNumberField.is_of(result, chosen)
        return result

    @sensitive_variables()
    def clean_bank_account(self) -> str:
        """As the sheets take one: a bank pays nothing to what is no number."""
        typed = str(self.cleaned_data["bank_account"])
        account = tidy_digits(typed)
        if typed and not (account.isascii() and account.isdigit() and 8 <= len(account) <= 32):
            raise forms.ValidationError("银行账号应为8至32位数字，请核对。")
        return account

    @property
    @sensitive_variables()
    def content(self) -> dict[str, Any]:
        """What the verb takes: plain fields, and each protected one that was typed."""
        data = self.cleaned_data
        names = ("name", "id_type", "sex", "birth_on", "registered_place", "bank_name", "died_on")
        fields = {name: data[name] for name in names}
        return {
            "fields": fields,
            "number": self.id_number if data["number"] or data["id_type"] != self.resident.id_type else None,
            "phone": data["phone"].normalised if data["phone"] else None,
            "bank_account": data["bank_account"] or None,
            "seen_at": data["seen_at"],
        }


class RelativeForm(PersonForm):
    field_order = ["role", "relation", "since", "name", "id_type", "number", "sex", "birth_on", "phone"]

    role = forms.ChoiceField(label="身份", choices=Relative.Role.choices)
    relation = forms.ChoiceField(
        label="与其关系", choices=[("", "请选择"), *(pair for pair in Membership.Relation.choices if pair[0] != Membership.Relation.HEAD)],
        help_text="关系人是此人的什么人。",
    )  # fmt: skip
    since = day("起始日期", required=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("since", clock.today())


class EndForm(forms.Form):
    on = day("终止日期", required=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("on", clock.today())


class RevealForm(forms.Form):
    """Asked only outside one's own work."""

    reason = forms.CharField(label="查看原因", max_length=200, widget=forms.TextInput(attrs={"autocomplete": "off"}))


class ResidentEnterForm(PersonForm):
    """Somebody without household. Without papers: what is known, by which the person may be recognised."""

    field_order = [
        "region", "name", "id_type", "number", "sex", "birth_on", "phone", "registered_place",
        "born_about", "description", "found_at_place", "found_on",
    ]  # fmt: skip

    region = forms.ModelChoiceField(
        label="居住地",
        queryset=Region.objects.none(),
        empty_label="请选择村（社区）",
        widget=forms.Select(attrs={"data-search-select": "true"}),
    )
    registered_place = forms.CharField(label="户籍地", max_length=80, required=False)
    born_about = forms.IntegerField(label="估计出生年份", required=False, min_value=1900, help_text="无证、不知道出生日期的填写。")
    description = forms.CharField(
        label="体貌和随身情况", max_length=200, required=False, widget=forms.Textarea(attrs={"rows": 2}),
        help_text="无证人员必填：身高、口音、衣着、随身物品等能辨认的情况，不写病情。",
    )  # fmt: skip
    found_at_place = forms.CharField(label="发现地点", max_length=120, required=False)
    found_on = day("发现日期")

    def __init__(self, *args: Any, by: Post, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].required = False
        self.fields["name"].help_text = "无证且不知道姓名的可不填，登记为“无名氏”。"
        self.fields["id_type"].help_text = "没有证件的选“无证”，系统编临时号。"
        places = Region.objects.visible_to(by).current(clock.today()).filter(code__startswith=by.region_code)
        self.fields["region"].queryset = places  # type: ignore[attr-defined]
        self.initial.setdefault("found_on", clock.today())

    @property
    def is_without_papers(self) -> bool:
        return bool(self.cleaned_data.get("id_type") == IdType.NONE)

    @sensitive_variables()
    def clean_number(self) -> IdCheck | None:
        result: IdCheck | None = self.cleaned_data["number"]
        if chosen := self.cleaned_data.get("id_type"):
            IdNumberField.is_of(result, chosen)
        return result

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("id_type") != IdType.NONE and not cleaned.get("name"):
            self.add_error("name", "请填写姓名。")
        if cleaned.get("id_type") == IdType.NONE and not cleaned.get("description"):
            self.add_error("description", "没有证件的，请写明体貌、随身物品等能辨认的情况。")
        return cleaned

    @property
    def signs(self) -> Signs:
        data = self.cleaned_data
        return Signs(data["description"], data["found_on"] or clock.today(), data["found_at_place"], data["born_about"])
