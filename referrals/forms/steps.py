"""Forms of the steps of a referral: wording and cleaning. Each carries what its page showed (`seen`), so that a stale page is told."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django import forms

from config.rendering import OpinionArea
from config.templatetags.frame import money
from organization.models import Post, Unit

from ..models import Referral
from ..rules import exceeds


def _words(label: str, most: int, **options: Any) -> forms.CharField:
    rows = options.pop("rows", 3)
    return forms.CharField(label=label, max_length=most, widget=OpinionArea(rows), **options)


class SeenForm(forms.Form):
    """`seen` is where the referral stood when the page was made (`views.finding.state_of`)."""

    seen = forms.CharField(required=False, max_length=120, widget=forms.HiddenInput)

    def said(self) -> dict[str, Any]:
        """What the verb is told."""
        return {name: value for name, value in self.cleaned_data.items() if name != "seen"}


class AssignForm(SeenForm):
    handler: Any = forms.ModelChoiceField(label="承办人", queryset=None, empty_label="请选择本单位同事")

    def __init__(self, *args: Any, people: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        field: Any = self.fields["handler"]
        field.queryset = people
        field.label_from_instance = person_label


def person_label(post: Post) -> str:
    return f"{post.staff.name}（{post.get_rank_display()}）"


class ProposeForm(SeenForm):
    proposal = _words("拟办意见", 500, help_text="写明家庭情况、是否符合条件、建议怎么办。")
    outcome = forms.ChoiceField(
        label="拟办结果",
        required=False,
        choices=[("approved", "建议批准"), ("refused", "建议不予批准"), ("", "暂不建议")],
        widget=forms.RadioSelect,
    )
    amount = forms.DecimalField(
        label="拟救助金额（元）", required=False, min_value=Decimal("0.01"), max_digits=12, decimal_places=2, help_text="不涉及金额的不填。"
    )
    is_checked = forms.BooleanField(label="金额超过封顶线，已核对无误，仍要提出", required=False)

    def __init__(self, *args: Any, cap: Decimal | None, **options: Any) -> None:
        super().__init__(*args, **options)
        self.cap = cap
        if cap is None:
            del self.fields["is_checked"]
        else:
            self.fields["amount"].help_text = f"不涉及金额的不填。封顶线{money(cap)}，超过的标记个案会商。"

    def clean(self) -> dict[str, Any]:
        """A slip of the hand is asked about once; who means it says so."""
        cleaned = super().clean() or {}
        is_meant = cleaned.get("is_checked") or cleaned.get("outcome") == Referral.Outcome.REFUSED
        if exceeds(cleaned.get("amount"), self.cap) and not is_meant:
            self.add_error(
                "amount", f"超过封顶线{money(self.cap)}，请核对是否多写了位数。确实要提出的，勾选“已核对无误”再提交，将标记个案会商。"
            )
        return cleaned

    def said(self) -> dict[str, Any]:
        return {name: value for name, value in super().said().items() if name != "is_checked"}


class LookIntoForm(SeenForm):
    reason = _words("查看原因", 200, rows=2, help_text="写明为哪件工作、核对什么。查看会记入操作记录。")


class ForwardForm(SeenForm):
    opinion = _words("审定意见", 500, required=False, help_text="同意送下一环节的意见，随转办单送达。")


class SendBackForm(SeenForm):
    reason = _words("退回理由", 500, help_text="写明上一环节需要重新核实什么。")


class ReturnForm(SeenForm):
    """Everything that is missing, named at once: papers by ticking, the rest line by line (TZ-14)."""

    papers = forms.MultipleChoiceField(label="需要补正的材料", required=False, widget=forms.CheckboxSelectMultiple)
    others = _words("其他需要补正的内容", 400, required=False, help_text="一行写一项。本单位只能退回一次，请一次写全。")

    def __init__(self, *args: Any, papers: Iterable[str], **options: Any) -> None:
        super().__init__(*args, **options)
        field: Any = self.fields["papers"]
        field.choices = [(name, name) for name in papers]
        if not field.choices:
            del self.fields["papers"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors and not self.lines():
            raise forms.ValidationError("请选择需要补正的材料，或写明其他需要补正的内容。")
        return cleaned

    def lines(self) -> list[str]:
        typed = [line.strip() for line in self.cleaned_data.get("others", "").splitlines()]
        return [*(f"补交{name}" for name in self.cleaned_data.get("papers", [])), *filter(None, typed)]

    def said(self) -> dict[str, Any]:
        return {"lines": self.lines()}


class ResubmitForm(SeenForm):
    note_text = _words("补正情况", 300, required=False, help_text="补了哪些材料、核实了什么，随转办单送回。")


class UnitField(forms.ModelChoiceField):
    """A unit that can be named in a dispute: searchable, since there are dozens."""

    def __init__(self, **options: Any) -> None:
        widget = forms.Select(attrs={"data-search-select": ""})
        super().__init__(queryset=Unit.objects.none(), empty_label="请选择单位", widget=widget, **options)

    def label_from_instance(self, unit: Any) -> str:
        return str(unit.name)


class _NamesUnit(SeenForm):
    """A form that names a unit of those given."""

    unit_field = ""

    def __init__(self, *args: Any, units: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        field: Any = self.fields[self.unit_field]
        field.queryset = units


class DisputeForm(_NamesUnit):
    unit_field = "proposed_unit"
    proposed_unit = UnitField(label="建议承办单位")
    reason = _words("不属于本单位职责的理由", 500, help_text="写明职责分工的依据。每个单位对同一转办单只能提出一次；申请人的承诺时限不停。")


class ResendForm(_NamesUnit):
    unit_field = "unit"
    unit = UnitField(label="送往单位")
    note_text = _words("改送的理由", 500, help_text="对方能看到。双方意见不一、窗口定不了的，改用“推送县级平台裁定”。")


class PushForm(SeenForm):
    note_text = _words("窗口意见", 500, help_text="写明双方各怎么说、窗口怎么看，供县级平台综合评估。")


class RuleForm(_NamesUnit):
    unit_field = "named_unit"
    named_unit = UnitField(label="裁定承办单位")
    assessment = _words("综合评估", 2000, rows=6, help_text="写明双方意见、事实和结论。裁定会作为以后类似争议的参考，不要写个人信息。")
    basis = _words("依据", 500, rows=2, help_text="文件名称和条款，或职责分工的规定。")


class SupersedeForm(RuleForm):
    reason = _words("重新裁定的理由", 500, help_text="写明原裁定哪里不对，或者依据、事实有什么变化。双方都能看到。")


OF_GRANTS = [pair for pair in Referral.RefusalCode.choices if pair[0] != Referral.RefusalCode.UNFOUNDED]


class DecideForm(SeenForm):
    """One form for both decisions: what the other one asks for may stay empty, and is put away by the script. The verb refuses."""

    ASKED_FOR = {
        Referral.Outcome.APPROVED: frozenset({"amount", "in_kind", "start_on", "cap_reason"}),
        Referral.Outcome.REFUSED: frozenset({"refusal_code", "refusal_reason"}),
    }

    outcome = forms.ChoiceField(label="决定", choices=Referral.Outcome.choices, widget=forms.RadioSelect)
    amount = forms.DecimalField(
        label="批准金额（元）", required=False, min_value=Decimal("0.01"), max_digits=12, decimal_places=2, help_text="批准时填写。"
    )
    in_kind = forms.CharField(label="实物或服务内容", required=False, max_length=100, help_text="给予实物、服务或减免的，写明内容。")
    start_on = forms.DateField(
        label="起始日期",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="已按项目规定填好，批准时从这一天起计算。",
    )
    cap_reason = _words("超过封顶线的理由", 300, required=False, rows=2, help_text="金额超过封顶线的会标记个案会商，批准须写明理由。")
    refusal_code = forms.ChoiceField(label="不予批准的情形", required=False, choices=[("", "批准的不选"), *OF_GRANTS])
    refusal_reason = _words("不予批准的理由", 500, required=False, help_text="写明事实和依据的条款，会写入告知书。")
    opinion = _words("审定意见", 500, required=False, rows=2)

    def __init__(self, *args: Any, has_benefit: bool, is_capped: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        unasked = [] if has_benefit else ["amount", "in_kind"]
        for name in unasked if is_capped and has_benefit else [*unasked, "cap_reason"]:
            del self.fields[name]
        for outcome, names in self.ASKED_FOR.items():
            for name in names & self.fields.keys():
                self.fields[name].widget.attrs["data-only-for"] = f"outcome:{outcome}"

    def clean(self) -> dict[str, Any]:
        """What belongs to the decision that was not taken is left out."""
        cleaned = super().clean() or {}
        if cleaned.get("outcome") == Referral.Outcome.REFUSED:
            if not cleaned.get("refusal_code"):
                self.add_error("refusal_code", "请选择不予批准的情形。")
            if not (cleaned.get("refusal_reason") or "").strip() and "refusal_reason" not in self.errors:
                self.add_error("refusal_reason", "请写明不予批准的理由。")
        return cleaned

    def said(self) -> dict[str, Any]:
        said = super().said()
        others = frozenset().union(*(names for outcome, names in self.ASKED_FOR.items() if outcome != said["outcome"]))
        return {name: value for name, value in said.items() if name not in others}


class FeedBackForm(SeenForm):
    text = _words("反馈内容", 500, rows=4, help_text="决定、起始时间、怎样领取或下一步怎么办。窗口据此告知申请人。")


class ReturnFeedbackForm(SeenForm):
    reason = _words("退回理由", 200, rows=2, help_text="还缺什么，因此无法告知申请人什么。决定仍然有效，只能退回一次。")


class ConfirmForm(SeenForm):
    told_how = forms.ChoiceField(label="告知方式", choices=Referral.ToldHow.choices, widget=forms.RadioSelect)
    told_note = _words("告知情况", 200, required=False, rows=2, help_text="何时、告诉了谁、对方怎么说。")


class WithdrawForm(SeenForm):
    reason = _words("申请人撤回的原因", 300, rows=2, help_text="用申请人自己的话写。")


class TerminateForm(SeenForm):
    reason = _words("终止的原因", 300, rows=2, help_text="不配合核查、死亡等，并注明依据。")


class ExtensionForm(SeenForm):
    reason = _words("延期理由", 200, rows=2, help_text="写明属于哪种可以延期的情形。")


class AnswerExtensionForm(SeenForm):
    granted = forms.TypedChoiceField(
        label="答复", choices=[("1", "同意延期"), ("0", "不同意")], coerce=lambda value: value == "1", widget=forms.RadioSelect
    )
    note = _words("答复意见", 200, required=False, rows=2, help_text="不同意的，写明理由。")


class AppraisalForm(SeenForm):
    reason = _words("在等什么", 200, rows=2, help_text="如：送残疾评定、房屋鉴定，送往哪里、何时送出。")
