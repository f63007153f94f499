"""Forms of changes and stops: what is opened, and what is decided of it. The verbs refuse; here it is worded and cleaned."""

from decimal import Decimal
from typing import Any

from django import forms

from ..changes import WITH_AMOUNT
from ..models import Change, Referral
from .steps import SeenForm

Kind = Change.Kind
UNFOUNDED = [(code, label) for code, label in Referral.RefusalCode.choices if code in {"unfounded", "uncooperative", "other"}]


def _words(label: str, most: int, *, rows: int = 3, **options: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=most, widget=forms.Textarea(attrs={"rows": rows}), **options)


def month_field(label: str, help_text: str) -> forms.DateField:
    """A month as its first day: written and read as 2026-10."""
    widget = forms.DateInput(attrs={"type": "month"}, format="%Y-%m")
    return forms.DateField(label=label, widget=widget, input_formats=["%Y-%m", "%Y-%m-%d"], help_text=help_text)


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
