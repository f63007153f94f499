"""What the dashboards are narrowed by. No field holds a name or a number of anybody, so that a link may hold them all."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms

from config import clock
from config.rendering import LongSelect, MonthInput
from organization.lineage import codes
from organization.models import Department, Post
from referrals.names import names

from .questions import Question, is_of_department, is_of_township, is_of_village, open_programs

SPANS = [("1", "当月"), ("3", "3个月"), ("6", "6个月"), ("12", "12个月"), ("24", "24个月")]
FIRST_YEAR = 2000


class DashboardForm(forms.Form):
    """The last month and how many; without any, twelve up to this one."""

    month = forms.DateField(
        label="截止月份", input_formats=["%Y-%m"], widget=MonthInput(), error_messages={"invalid": "请选择月份，例如 2026-10。"}
    )
    months = forms.ChoiceField(label="时段", choices=SPANS)
    township = forms.ChoiceField(label="乡镇（街道）", required=False, widget=LongSelect)
    department = forms.ChoiceField(label="部门", required=False, widget=LongSelect)
    program = forms.ChoiceField(label="救助项目", required=False, widget=LongSelect)

    def __init__(self, given: Mapping[str, Any], post: Post) -> None:
        usual = {"month": f"{clock.today():%Y-%m}", "months": "12"}
        super().__init__(usual | {name: value for name, value in given.items() if value})
        self._post = post
        words = names()
        own = codes(post)
        programs = (
            [code for code, department in words.departments.items() if department in own]
            if is_of_department(post)
            else [code for code in words.programs if code in open_programs()]
        )
        self._choose("program", "全部项目", [(code, words.programs[code]) for code in programs])
        if is_of_department(post) or is_of_village(post):
            del self.fields["department"]
        else:
            led = (
                Department.objects.visible_to(post)
                .filter(code__in=words.department_ids)
                .order_by("number", "code")
                .values_list("code", "name")
            )
            self._choose("department", "全部部门", list(led))
        if is_of_township(post) or is_of_village(post):
            del self.fields["township"]
        else:
            self._choose("township", "全县", list(words.townships.items()))

    def _choose(self, name: str, every: str, choices: list[tuple[str, str]]) -> None:
        self.fields[name].choices = [("", every), *choices]  # type: ignore[attr-defined]

    def clean_month(self) -> date:
        month: date = self.cleaned_data["month"]
        if month.year < FIRST_YEAR or month > clock.today():
            raise forms.ValidationError("请选择不晚于本月的月份。")
        return month.replace(day=1)

    @property
    def question(self) -> Question:
        """Of a form that is valid."""
        given = self.cleaned_data
        township, department, program = (str(given.get(name) or "") for name in ("township", "department", "program"))
        return Question(self._post, given["month"], int(given["months"]), township, department, program)
