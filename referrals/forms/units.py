"""停用单位: who works on for it, and its last day."""

from typing import Any

from django import forms

from config import clock
from config.verbs import TransitionError
from organization.models import Unit
from organization.transitions.units import refuse_last_day, successors_of


class UnitEndForm(forms.Form):
    successor: Any = forms.ModelChoiceField(
        label="承接单位", queryset=Unit.objects.none(), empty_label="请选择", error_messages={"invalid_choice": "请选择可以承接的单位。"}
    )
    last_day = forms.DateField(
        label="最后一天", widget=forms.DateInput(attrs={"type": "date"}), help_text="这一天以前照常办理；第二天起由承接单位办理。"
    )

    def __init__(self, *args: Any, unit: Unit, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["successor"].queryset = successors_of(unit, clock.today()).order_by("kind", "region_id", "pk")  # type: ignore[attr-defined]
        self.initial.setdefault("last_day", clock.today())

    def clean_last_day(self) -> Any:
        day = self.cleaned_data["last_day"]
        try:
            refuse_last_day(day)
        except TransitionError as refused:
            raise forms.ValidationError(str(refused)) from refused
        return day
