"""Forms of payment lists: wording and cleaning."""

from datetime import date
from typing import Any

from django import forms

from config import clock
from config.dates import add_months
from config.rendering import LongSelect, OpinionArea
from spreadsheets.step_up import StepUpForm

from ..models import PaymentList

BACK = 12  # months that may be chosen


def months() -> list[tuple[str, str]]:
    this = clock.today().replace(day=1)
    return [(f"{day:%Y-%m}", f"{day.year}年{day.month}月") for day in (add_months(this, -back) for back in range(BACK))]


def month_of(text: str) -> date:
    return date.fromisoformat(f"{text}-01")


class ListForm(forms.Form):
    """`programs`: (code, name) of the department's programs in money."""

    program = forms.ChoiceField(label="救助项目", widget=LongSelect)
    month = forms.ChoiceField(label="发放月份")
    kind = forms.ChoiceField(
        label="名册种类", choices=PaymentList.Kind.choices, initial=PaymentList.Kind.REGULAR,
        help_text="补发名册只列账户已更正、需要重新发放的款项。",
    )  # fmt: skip

    def __init__(self, *args: Any, programs: list[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["program"].choices = programs  # type: ignore[attr-defined]
        self.fields["month"].choices = months()  # type: ignore[attr-defined]

    def clean_month(self) -> date:
        return month_of(self.cleaned_data["month"])


class RollForm(StepUpForm):
    """Full numbers of everybody on the list leave the house: the purpose and the password, however few they are."""

    step_up_reason = forms.CharField(
        label="用途", max_length=100, min_length=2, widget=OpinionArea(2),
        help_text="写明送给谁，如“送财政国库股”“送农商行代发”，不要写姓名和证件号码。花名册含完整证件号码和账号，下载会记录在案。",
    )  # fmt: skip


class MendForm(forms.Form):
    how = forms.ChoiceField(
        label="核对结果", choices=[("new", "已在人员资料中更正账户"), ("same", "原账户已恢复使用")], widget=forms.RadioSelect
    )


class PaymentLedgerForm(forms.Form):
    """What narrows the ledgers of payments; `programs` as in `ListForm`."""

    month = forms.ChoiceField(label="月份")
    program = forms.ChoiceField(label="救助项目", required=False, widget=LongSelect)

    def __init__(self, *args: Any, programs: list[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["month"].choices = months()  # type: ignore[attr-defined]
        self.fields["program"].choices = [("", "全部项目"), *programs]  # type: ignore[attr-defined]
