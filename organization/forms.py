"""Forms of sign-in and administration: wording and cleaning; the verbs decide."""

import json
from typing import Any

from django import forms
from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError

from config import clock
from config.protection.forms import PhoneField
from config.verbs import TransitionError

from . import passwords
from .figures import figure
from .models import Department, Parameter, Post, Region, Staff, Unit
from .permissions import answers_for_others
from .proving import is_proven
from .requests import StaffRequest
from .rules import term_end
from .scopes import is_by_place
from .transitions.posts import FLAGS
from .wording import WORDS


class SignInForm(forms.Form):
    is_blank_again = True
    username = forms.CharField(label="登录名", max_length=30, widget=forms.TextInput(attrs={"autocomplete": "username", "autofocus": True}))
    password = forms.CharField(
        label="密码", strip=False, max_length=128, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )


class AbsenceForm(forms.Form):
    """One's own absence; whoever answers for colleagues chooses among them."""

    staff = forms.ModelChoiceField(label="人员", queryset=Staff.objects.none(), required=False, empty_label="本人")
    first_on = forms.DateField(label="首日", widget=forms.DateInput(attrs={"type": "date"}))
    last_on = forms.DateField(label="末日", widget=forms.DateInput(attrs={"type": "date"}), help_text="包括首日和末日。")

    def __init__(self, *args: Any, by: Post, **options: Any) -> None:
        super().__init__(*args, **options)
        self.by = by
        if not answers_for_others(by):
            del self.fields["staff"]
            return
        field: Any = self.fields["staff"]
        field.queryset = Staff.objects.visible_to(by).filter(is_active=True).exclude(pk=by.staff_id).order_by("name", "pk")
        field.label_from_instance = lambda person: person.name

    def said(self) -> dict[str, Any]:
        """What the verb is told: whose days, and which."""
        chosen = self.cleaned_data.get("staff")
        days = {"first_on": self.cleaned_data["first_on"], "last_on": self.cleaned_data["last_on"]}
        return {"staff_id": chosen.pk if chosen else self.by.staff_id, **days}


class PhraseForm(forms.Form):
    text = forms.CharField(label="内容", max_length=300, widget=forms.Textarea(attrs={"rows": 2}))


class MobileForm(forms.Form):
    number = PhoneField(label="手机号码", help_text="11位手机号码。只用来发送紧急消息，别人看不到完整号码。")


class NewPasswordForm(forms.Form):
    """One's own new password, typed twice, with the present one."""

    is_blank_again = True

    current = forms.CharField(
        label="现在的密码", strip=False, max_length=128, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )
    password = forms.CharField(
        label="新密码", strip=False, max_length=128, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )
    again = forms.CharField(
        label="再输一次新密码", strip=False, max_length=128, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )

    def __init__(self, *args: Any, request: StaffRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._request = request
        self.fields["password"].help_text = " ".join(password_validation.password_validators_help_texts())

    def clean_password(self) -> str:
        passwords.validate_by_itself(self.cleaned_data["password"], self._request.user)
        return str(self.cleaned_data["password"])

    def clean(self) -> dict[str, Any]:
        """Earlier passwords are compared for the proven owner alone: a new one refused as used before tells what the old ones are."""
        data = super().clean() or {}
        if data.get("password") and data.get("again") and data["password"] != data["again"]:
            self.add_error("again", "两次输入的新密码不一样。")
        if self._is_owner(data.get("current", "")) and data.get("password"):
            try:
                passwords.refuse_used(data["password"], self._request.user)
            except ValidationError as used:
                self.add_error("password", used)
        return data

    def _is_owner(self, current: str) -> bool:
        try:
            is_owner = bool(current) and is_proven(self._request, current)
        except TransitionError as locked:
            self.add_error("current", str(locked))
            return False
        if current and not is_owner:
            self.add_error("current", "现在的密码不对，请重新输入。")
        return is_owner


class StaffForm(forms.Form):
    username = forms.RegexField(
        r"^[a-z][a-z0-9._-]{2,29}$", label="登录名", help_text="小写字母开头，可含数字、点、横线，3至30位；建好后不能改。",
        error_messages={"invalid": "登录名须以小写字母开头，只含小写字母、数字、点和横线，3至30位。"},
    )  # fmt: skip
    name = forms.CharField(label="姓名", max_length=30)
    employment_type = forms.ChoiceField(label="用工类型", choices=Staff.EmploymentType.choices)
    phone = forms.CharField(label="办公电话", max_length=30, required=False)


class PostForm(forms.Form):
    """A proposed post. Dates default to today and the longest term."""

    unit = forms.ModelChoiceField(
        label="单位", queryset=Unit.objects.none(), empty_label="请选择", widget=forms.Select(attrs={"data-search-select": "true"})
    )
    rank = forms.ChoiceField(label="职级", choices=Post.Rank.choices)
    title = forms.CharField(label="职务", max_length=30, required=False)
    flags = forms.MultipleChoiceField(label="兼任", required=False, choices=(), widget=forms.CheckboxSelectMultiple)
    valid_from = forms.DateField(label="生效日期", widget=forms.DateInput(attrs={"type": "date"}))
    valid_until = forms.DateField(label="到期日期", widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: Any, by: Post, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        today = clock.today()
        self.fields["unit"].queryset = Unit.objects.visible_to(by).current(today).exclude(kind=Unit.Kind.SYSTEM)  # type: ignore[attr-defined]
        self.fields["flags"].choices = [(flag, Post._meta.get_field(flag).verbose_name) for flag in FLAGS]  # type: ignore[attr-defined,union-attr]
        self.initial.setdefault("valid_from", today)
        self.initial.setdefault("valid_until", term_end(today, figure("grant_term_max")))
        self.fields["valid_until"].help_text = f"最长{figure('grant_term_max')}个月，到期前须重新授权。"


class ReasonForm(forms.Form):
    """A step that needs one sentence of explanation."""

    reason = forms.CharField(label="事由", max_length=200, widget=forms.Textarea(attrs={"rows": 2}))


class PasswordIssueForm(forms.Form):
    password = forms.CharField(label="初始密码", strip=False, max_length=128, help_text="请当面或电话告知本人，首次登录须修改。")


class UnitForm(forms.Form):
    phone = forms.CharField(label="电话", max_length=40, required=False)
    address = forms.CharField(label="地址", max_length=100, required=False)


class VillageForm(forms.Form):
    township = forms.ModelChoiceField(label="乡镇（街道）", queryset=Region.objects.none(), empty_label="请选择")
    code = forms.RegexField(
        r"^\d{12}$",
        label="代码",
        help_text="12位，由统计用区划代码查得，不能自编。",
        error_messages={"invalid": "村（社区）代码须为12位数字。"},
    )
    name = forms.CharField(label="名称", max_length=40)
    setting = forms.ChoiceField(label="城乡属性", choices=Region.Setting.choices)
    population = forms.IntegerField(label="户籍人口", min_value=0, max_value=1_000_000, required=False)

    def __init__(self, *args: Any, by: Post, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["township"].queryset = Region.objects.visible_to(by).townships()  # type: ignore[attr-defined]


class ReviewOfficeForm(forms.Form):
    department = forms.ModelChoiceField(label="部门", queryset=Department.objects.none(), empty_label="请选择")
    township = forms.ModelChoiceField(label="乡镇（街道）", queryset=Region.objects.none(), empty_label="请选择")
    office = forms.ChoiceField(label="审核机构", choices=Unit.Office.choices)
    since = forms.DateField(label="生效日期", widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: Any, by: Post, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["department"].queryset = Department.objects.visible_to(by).with_programs()  # type: ignore[attr-defined]
        self.fields["township"].queryset = Region.objects.visible_to(by).townships()  # type: ignore[attr-defined]
        stay = Unit.objects.visible_to(by).filter(kind=Unit.Kind.TOWNSHIP_OFFICE, valid_until=None)
        offered = set(stay.order_by().values_list("office", flat=True))  # none that ends in every township
        self.fields["office"].choices = [choice for choice in Unit.Office.choices if choice[0] in offered]  # type: ignore[attr-defined]
        self.initial.setdefault("since", clock.today())


class ParameterForm(forms.Form):
    """A new value of a known parameter: one field for each part of a composite one, JSON where it is a table.

    For whom it holds is asked only of a figure that is read for a place.
    """

    value = forms.CharField(label="新值", max_length=2000, widget=forms.Textarea(attrs={"rows": 2}))
    valid_from = forms.DateField(label="自哪天起", widget=forms.DateInput(attrs={"type": "date"}))
    region = forms.ModelChoiceField(label="只适用于", queryset=Region.objects.none(), required=False, empty_label="全县")
    origin = forms.ChoiceField(label="来源", choices=Parameter.Origin.choices)
    source = forms.CharField(label="依据（文号或说明）", max_length=200)

    def __init__(self, *args: Any, by: Post, key: str, known: Any, is_set: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.parts = list(known) if isinstance(known, dict) and not any(isinstance(v, (dict, list)) for v in known.values()) else []
        if self.parts:
            del self.fields["value"]
            for part in self.parts:
                self.fields[f"value_{part}"] = forms.CharField(
                    label=WORDS.get(part, part), max_length=60, initial=known[part] if is_set else None
                )
            self.order_fields([f"value_{part}" for part in self.parts])
        elif is_set:
            self.fields["value"].initial = known if isinstance(known, str) else json.dumps(known, ensure_ascii=False)
        self.fields["region"].queryset = Region.objects.visible_to(by).townships()  # type: ignore[attr-defined]
        self.is_county_wide = not is_by_place(key)
        if self.is_county_wide:
            del self.fields["region"]
        self.initial.setdefault("valid_from", clock.today())
        self.initial.setdefault("origin", Parameter.Origin.COUNTY)

    def clean(self) -> dict[str, Any]:
        """One `value`, whichever way it was typed."""
        data = super().clean() or {}
        if self.is_county_wide and self.data.get("region"):  # of a page opened before: what was meant for one must not become everybody's
            self.add_error(None, "这个参数全县共用一个值，不能只对一个乡镇设定。请重新打开页面填写。")
        if self.parts:
            data["value"] = {part: _typed(str(data.pop(f"value_{part}", ""))) for part in self.parts}
        elif "value" in data:
            data["value"] = _typed(str(data["value"]))
            if isinstance(data["value"], str) and data["value"][:1] in "[{":
                self.add_error("value", "列表或对照表的写法不对，请照原值的样子修改。")
        return data


def _typed(text: str) -> Any:
    """A number, a yes or no, a table, or else the word itself."""
    try:
        return json.loads(text.strip())
    except json.JSONDecodeError:
        return text.strip()
