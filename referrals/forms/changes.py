"""Forms of changes and stops: what is opened, and what is decided of it. The verbs refuse; here it is worded and cleaned."""

from decimal import Decimal
from typing import Any

from django import forms

from config.rendering import MonthInput, OpinionArea

from ..changes import WITH_AMOUNT
from ..models import Change, Referral
from .steps import SeenForm

Kind = Change.Kind
UNFOUNDED = [(code, label) for code, label in Referral.RefusalCode.choices if code in {"unfounded", "uncooperative", "other"}]


def _words(label: str, most: int, *, rows: int = 3, **options: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=most, widget=OpinionArea(rows), **options)


def month_field(label: str, help_text: str) -> forms.DateField:
    """A month as its first day: written and read as 2026-10."""
    return forms.DateField(label=label, widget=MonthInput(), input_formats=["%Y-%m", "%Y-%m-%d"], help_text=help_text)


class DecideChangeForm(SeenForm):
    """The decision of a change or stop: made as it was opened or with another month or amount, or not made."""

    outcome = forms.ChoiceField(
        label="决定", choices=[("approved", "同意变更"), ("refused", "不作变更，维持原救助")], widget=forms.RadioSelect
    )
    amount = forms.DecimalField(label="金额（元）", required=False, min_value=Decimal("0.01"), max_digits=12, decimal_places=2)
    start_on = month_field("从哪个月起", "按提出的月份填好，可以更改。")
    refusal_code = forms.ChoiceField(label="不作变更的情形", required=False, choices=[("", "同意变更的不选"), *UNFOUNDED])
    refusal_reason = _words("不作变更的理由", 500, required=False, help_text="写明事实和依据，会写入决定书。")
    opinion = _words("审定意见", 500, required=False, rows=2)

    ASKED_FOR = {"approved": ("amount", "start_on"), "refused": ("refusal_code", "refusal_reason")}

    def __init__(self, *args: Any, change: Change, **options: Any) -> None:
        super().__init__(*args, **options)
        self.change = change
        self.fields["start_on"].required = False
        if change.kind not in WITH_AMOUNT:
            del self.fields["amount"]
        else:
            labels = {Kind.RECOVER: "追回金额（元）", Kind.FADE: "渐退期间每月金额（元）"}
            self.fields["amount"].label = labels.get(Kind(change.kind), "调整后的金额（元）")
        for outcome, names in self.ASKED_FOR.items():
            for name in set(names) & self.fields.keys():
                self.fields[name].widget.attrs["data-only-for"] = f"outcome:{outcome}"

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("outcome") == "refused":
            for name, sentence in (("refusal_code", "请选择不作变更的情形。"), ("refusal_reason", "请写明不作变更的理由。")):
                if not (cleaned.get(name) or "").strip() and name not in self.errors:
                    self.add_error(name, sentence)
        return cleaned

    def said(self) -> dict[str, Any]:
        said = super().said()
        others = self.ASKED_FOR["approved" if said["outcome"] == "refused" else "refused"]
        return {name: value for name, value in said.items() if name not in others}


class ChangeForm(SeenForm):
    """A change or stop as the township opens it. What the kinds offered are follows from the record's state."""

    KIND_WORDS = {
        "stop": "停止：不再符合条件", "adjust": "调整：金额或享受的人变化", "hold": "暂缓：先停发，核实后再定",
        "resume": "恢复：暂缓的原因消除", "fade": "渐退：就业后过渡几个月再停", "recover": "追回：以前多发的",
    }  # fmt: skip

    kind = forms.ChoiceField(label="怎样变更", widget=forms.RadioSelect)
    reason_code = forms.ChoiceField(label="事由", choices=[("", "请选择"), *Change.Reason.choices])
    reason = _words("具体情况和依据", 500, help_text="写明事实、怎样核实、依据什么，会写入决定书。不要写证件号码。")
    from_month = month_field("从哪个月起", "从这个月1日起算，前一个月照常发放。")
    amount = forms.DecimalField(
        label="金额（元）", required=False, min_value=Decimal("0.01"), max_digits=12, decimal_places=2,
        help_text="调整后的金额、渐退期间每月的金额，或要追回的金额。调整的可以留待审定。",
    )  # fmt: skip
    months = forms.IntegerField(label="渐退月数", required=False, min_value=1)
    leaver: Any = forms.ModelChoiceField(label="不再享受的人", queryset=None, required=False, empty_label="没有人退出")
    origin = forms.ChoiceField(label="来由", choices=Change.Origin.choices)

    ONLY_FOR = {"amount": "adjust|fade|recover", "months": "fade", "leaver": "adjust"}

    def __init__(self, *args: Any, kinds: list[str], people: Any, most_months: int, **options: Any) -> None:
        super().__init__(*args, **options)
        kind: Any = self.fields["kind"]
        kind.choices = [(code, self.KIND_WORDS[code]) for code in kinds]
        leaver: Any = self.fields["leaver"]
        leaver.queryset = people
        self.fields["months"].help_text = f"最多{most_months}个月，期满停止。"
        if people.count() < 2:
            del self.fields["leaver"]
        for name, values in self.ONLY_FOR.items():
            if name in self.fields:
                self.fields[name].widget.attrs["data-only-for"] = f"kind:{values}"


class ReviewForm(SeenForm):
    note = _words("复核情况", 300, help_text="写明怎样核实、家庭人口、收入、财产有无变化。有变化的，改用“办理变更”。")


class ReportForm(SeenForm):
    """One short form for a phone."""

    kind = forms.ChoiceField(label="发生了什么变化", widget=forms.RadioSelect)
    resident: Any = forms.ModelChoiceField(label="是谁", queryset=None, required=False, empty_label="全家或还没有登记的人")
    happened_on = forms.DateField(label="哪天发生的", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    text = _words("情况说明", 300, rows=2, help_text="怎样得知、现在怎样。不要写证件号码。")

    def __init__(self, *args: Any, people: Any, kinds: list[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        resident: Any = self.fields["resident"]
        resident.queryset = people
        kind: Any = self.fields["kind"]
        kind.choices = kinds


class ConfirmReportForm(SeenForm):
    happened_on = forms.DateField(label="核实的日期", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    answer = _words("核实情况", 300, rows=2, help_text="怎样核实的，看到什么证明。报告人能看到。")


class CloseReportForm(SeenForm):
    note = _words("为什么不用（再）变更", 300, rows=2, help_text="写一句话告诉报告人，如：搬到同村，家庭人口和收入没有变化。")


class DeclineReportForm(SeenForm):
    answer = _words("为什么不变更", 300, rows=2, help_text="写一句话告诉报告人，如：只是外出探亲，月底回来。")
