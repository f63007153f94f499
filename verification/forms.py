"""The 入户调查表 as a form: wording and cleaning; the verbs decide."""

from datetime import datetime
from typing import Any

from django import forms

from config import clock
from households.models import Resident
from organization.figures import figure
from organization.models import Unit

from .models import Verification, VisitRequest
from .reading import people_to_name, serving
from .rules import FACTS, MONEY_FACTS, YES_NO_FACTS

ANSWERS = [("", "未核实"), ("yes", "是"), ("no", "否")]
WHOLE = ("methods", "family_situation", "economic_situation", "finding", "conclusion", "advice")


# A situation holds what the own people wrote, and after it what each township that was asked to visit has found.
ONE_TEXT, TEXTS_TOGETHER = 2_000, 10_000


def _text(label: str, help_text: str = "", rows: int = 4, longest: int = ONE_TEXT) -> forms.CharField:
    area = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, widget=area, help_text=help_text, max_length=longest, required=False)


def _money(label: str, help_text: str = "") -> forms.DecimalField:
    return forms.DecimalField(label=label, min_value=0, max_digits=12, decimal_places=2, required=False, help_text=help_text)


def _offer_people(field: Any, verification: Verification, *, since: datetime) -> None:
    """Everybody of the family on any day on which the visit may have been: which day it was, this form is about to say."""
    field.queryset = people_to_name(verification, clock.local(since).date())
    field.label_from_instance = lambda person: f"{person}（{person.died_on}死亡）" if person.died_on else str(person)


class MethodsForm(forms.Form):
    """Enough to start with."""

    methods = forms.MultipleChoiceField(
        label="核查方式", choices=Verification.Method.choices, widget=forms.CheckboxSelectMultiple, required=False,
        help_text="选入户调查、邻里走访或群众评议的，启动后为“入户调查中”，其余为“核对中”；以后可以改。",
    )  # fmt: skip


class VerificationForm(MethodsForm):
    """`is_whole`: what has to be there to finish is asked for; for 暂存 nothing is. The browser never asks, so that 暂存 always works."""

    visited_on = forms.DateField(
        label="入户日期",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        required=False,
        help_text="采用入户调查的必填。",
    )
    person_met = forms.ModelChoiceField(
        label="见到的人", queryset=Resident.objects.none(), required=False, empty_label="未见到",
        help_text="本户成员、监护人或赡养抚养义务人。没有见到人的，核查不能完成。",
    )  # fmt: skip
    met_note = forms.CharField(
        label="未见本人的说明", max_length=200, required=False, widget=forms.TextInput(attrs={"data-wide": ""}),
        help_text="写明原因和再次入户的安排。",
    )  # fmt: skip
    family_situation = _text("家庭基本情况", "人口、健康、就业、就学、住房等，如实记录看到和问到的情况。", longest=TEXTS_TOGETHER)
    economic_situation = _text("家庭经济状况", "收入、财产、支出的来源和依据。", longest=TEXTS_TOGETHER)
    income_per_head = _money("家庭人均月收入（元）")
    income_12_months = _money("近12个月家庭收入（元）")
    rigid_spending_12_months = _money("近12个月刚性支出（元）", "医疗、教育、残疾康复等必需支出。")
    assets_within_limits = forms.ChoiceField(label="财产符合规定", choices=ANSWERS, required=False)
    household_hardship = forms.ChoiceField(label="家庭生活困难", choices=ANSWERS, required=False)
    finding = forms.ChoiceField(label="核查结果", choices=Verification.Finding.choices, widget=forms.RadioSelect, required=False)
    conclusion = _text("核查结论", "各部门互认，写结论，不写病情等隐私。", rows=3)
    advice = _text("对策建议", "建议给予哪些救助、还需要哪些帮扶。", rows=3)
    seen_at = forms.DateTimeField(widget=forms.HiddenInput, required=False)

    use_required_attribute = False

    def __init__(self, *args: Any, verification: Verification, is_whole: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer_people(self.fields["person_met"], verification, since=verification.opened_at)
        self._offer_investigators(verification, is_whole)
        for name in WHOLE:
            self.fields[name].required = is_whole

    def _offer_investigators(self, verification: Verification, is_whole: bool) -> None:
        """As on paper, a line for each of those who have to go, and one more."""
        least = int(figure("investigators_min"))
        named = [row.staff_id for row in verification.investigators.all()]
        township = verification.unit.region_id
        offered = {post.staff_id: f"{post.staff.name}（{post.unit.short_name}）" for post in reversed(serving(township, clock.today()))}
        offered.update({row.staff_id: f"{row.staff.name}（{row.unit.short_name}）" for row in verification.investigators.all()})
        choices = [("", "请选择"), *sorted(offered.items(), key=lambda choice: choice[1])]
        self.investigator_names = [f"investigator_{number}" for number in range(1, max(least, len(named)) + 2)]
        for number, name in enumerate(self.investigator_names, start=1):
            self.fields[name] = forms.TypedChoiceField(
                label=f"调查人员{number}", choices=choices, coerce=int, empty_value=None, required=is_whole and number <= least,
                widget=forms.Select(attrs={"data-search-select": ""}), initial=named[number - 1] if number <= len(named) else "",
            )  # fmt: skip
        after = list(self.fields).index("methods") + 1
        order = [name for name in self.fields if name not in self.investigator_names]
        self.order_fields([*order[:after], *self.investigator_names, *order[after:]])

    @property
    def content(self) -> dict[str, Any]:
        """What the verbs take, of a form that is valid."""
        data = {name: value for name, value in self.cleaned_data.items() if name not in {*self.investigator_names, "seen_at"}}
        return {**data, **{name: {"yes": True, "no": False}.get(data[name]) for name in YES_NO_FACTS}}

    @property
    def investigators(self) -> list[int]:
        return [self.cleaned_data[name] for name in self.investigator_names if self.cleaned_data.get(name)]


def initial_of(verification: Verification) -> dict[str, Any]:
    """What was saved so far."""
    kept = {name: getattr(verification, name) for name in VerificationForm.base_fields if hasattr(verification, name)}
    figures = {name: verification.figures.get(name) for name in FACTS}
    answers = {name: {True: "yes", False: "no"}.get(figures[name], "") for name in YES_NO_FACTS}
    seen_at = verification.noted_at.isoformat() if verification.noted_at else ""
    return {**kept, **{name: figures[name] for name in MONEY_FACTS}, **answers, "seen_at": seen_at}


class AskVisitForm(forms.Form):
    """Which township, and what to look at."""

    unit = forms.ModelChoiceField(
        label="请哪个乡镇（街道）",
        queryset=Unit.objects.none(),
        empty_label="请选择",
        widget=forms.Select(attrs={"data-search-select": ""}),
    )
    matter = forms.CharField(
        label="请核实的情况", max_length=300, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="写明家庭现在住在哪里、要看什么、要问什么，不写病情等隐私。",
    )  # fmt: skip

    def __init__(self, *args: Any, verification: Verification, **options: Any) -> None:
        super().__init__(*args, **options)
        windows = Unit.objects.current(clock.today()).filter(kind=Unit.Kind.TOWNSHIP_WINDOW).exclude(region_id=verification.unit.region_id)
        self.fields["unit"].queryset = windows.order_by("region_id")  # type: ignore[attr-defined]
        home = verification.household.township_code
        self.initial.setdefault("unit", windows.filter(region_id=home).values_list("pk", flat=True).first())


class AnswerVisitForm(forms.Form):
    """What the other township found, in the words of the 入户调查表."""

    visited_on = forms.DateField(label="入户日期", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    person_met = forms.ModelChoiceField(label="见到的人", queryset=Resident.objects.none(), required=False, empty_label="未见到")
    met_note = forms.CharField(
        label="未见本人的说明", max_length=200, required=False, widget=forms.TextInput(attrs={"data-wide": ""}), help_text="见到的不填。"
    )
    family_situation = _text("家庭基本情况", "人口、健康、就业、就学、住房等，如实记录看到和问到的情况。")
    economic_situation = _text("家庭经济状况", "收入、财产、支出的来源和依据。")

    def __init__(self, *args: Any, request: VisitRequest, **options: Any) -> None:
        super().__init__(*args, **options)
        _offer_people(self.fields["person_met"], request.verification, since=request.asked_at)
        least = int(figure("investigators_min"))
        people = {post.staff_id: f"{post.staff.name}（{post.unit.short_name}）" for post in serving(request.township_code, clock.today())}
        choices = [("", "请选择"), *sorted(people.items(), key=lambda choice: choice[1])]
        self.names = [f"investigator_{number}" for number in range(1, least + 2)]
        for number, name in enumerate(self.names, start=1):
            self.fields[name] = forms.TypedChoiceField(
                label=f"调查人员{number}", choices=choices, coerce=int, empty_value=None, required=number <= least,
                widget=forms.Select(attrs={"data-search-select": ""}),
            )  # fmt: skip
        self.order_fields(["visited_on", *self.names, "person_met"])

    def said(self) -> dict[str, Any]:
        """What the verb is told."""
        data = {name: value for name, value in self.cleaned_data.items() if name not in self.names}
        return {**data, "investigators": [self.cleaned_data[name] for name in self.names if self.cleaned_data.get(name)]}


class DeclineVisitForm(forms.Form):
    reason = forms.CharField(
        label="不能协助的理由", max_length=200, widget=forms.Textarea(attrs={"rows": 2}), help_text="例如家庭已不在本地居住，写明核实经过。"
    )
