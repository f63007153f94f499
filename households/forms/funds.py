"""Forms of 资金."""

from typing import Any

from django import forms

from config.rendering import LongSelect, OpinionArea
from programs.models import Program

from ..models import Budget


class BudgetForm(forms.Form):
    """A line of a paper: for which program, from where, how much."""

    year = forms.IntegerField(label="年度", min_value=2021, max_value=2100)
    program: Any = forms.ModelChoiceField(
        label="救助项目", queryset=Program.objects.none(), required=False, empty_label="不分项目，本部门统筹", widget=LongSelect()
    )
    source = forms.ChoiceField(label="资金来源", choices=Budget.Source.choices)
    amount = forms.DecimalField(label="金额（元）", max_digits=14, decimal_places=2, help_text="调减的填负数。")
    document = forms.CharField(label="文号", max_length=100, help_text="下达或批复资金的文件。")
    note = forms.CharField(label="说明", max_length=300, required=False, widget=OpinionArea())

    def __init__(self, *args: Any, programs: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        field: Any = self.fields["program"]
        field.queryset = programs


class FundsForm(forms.Form):
    """Which year."""

    year = forms.TypedChoiceField(label="年度", coerce=int, required=False)

    def __init__(self, *args: Any, years: list[int], **options: Any) -> None:
        super().__init__(*args, **options)
        field: Any = self.fields["year"]
        field.choices = [(year, f"{year}年") for year in years]
