"""The ticks of the inbox and what is done with them."""

from typing import Any
from uuid import UUID

from django import forms

from organization.models import Post

from .steps import person_label


class Ticks(forms.TypedMultipleChoiceField):
    """Ids as the page offered them; whether they exist for these posts the gate says."""

    def valid_value(self, value: Any) -> bool:  # noqa: ARG002
        return True


class HandOverForm(forms.Form):
    """岗位交接: to which colleague of the unit."""

    to: Any = forms.ModelChoiceField(label="接手人", queryset=Post.objects.none(), empty_label="请选择本单位同事",
                                     error_messages={"invalid_choice": "请选择本单位的同事。"})  # fmt: skip

    def __init__(self, *args: Any, people: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        field: Any = self.fields["to"]
        field.queryset, field.label_from_instance = people, person_label


class RemindManyForm(forms.Form):
    """批量催办: the ticked ones and one sentence for all."""

    referrals = Ticks(coerce=UUID, error_messages={
        "required": "请先勾选要催办的转办单。", "invalid_choice": "有一件没有找到，请刷新列表后再勾选。"
    })  # fmt: skip
    text = forms.CharField(label="催办的话", max_length=200, error_messages={"required": "请写一句催办的话。"})


class ApproveManyForm(forms.Form):
    """批量批准: the ticked ones, and the words for what is given otherwise than in money; `shown_<id>` is what the list showed of each."""

    referrals = Ticks(coerce=UUID, error_messages={
        "required": "请先勾选要批准的转办单。", "invalid_choice": "有一件没有找到，请刷新列表后再勾选。"
    })  # fmt: skip
    in_kind = forms.CharField(
        label="实物或服务内容", required=False, max_length=100, help_text="给予实物、服务或减免的各件统一写这一句；内容不同的请逐件审定。"
    )

    def __init__(self, *args: Any, asks_words: bool = False, **options: Any) -> None:
        super().__init__(*args, **options)
        self.asks_words = asks_words

    def clean_in_kind(self) -> str:
        words: str = self.cleaned_data["in_kind"]
        if self.asks_words and not words:
            raise forms.ValidationError("有给予实物、服务或减免的事项，请写明内容。")
        return words

    def shown(self, key: UUID) -> str:
        return str(self.data.get(f"shown_{key}", ""))


class BulkForm(forms.Form):
    """`referrals` are the ids that were ticked; `handler` is asked for where they are given to somebody."""

    referrals = Ticks(coerce=UUID, required=False, error_messages={"invalid_choice": "有一件没有找到，请刷新列表后再勾选。"})
    handler: Any = forms.ModelChoiceField(label="承办人", queryset=Post.objects.none(), empty_label="分派给……", required=False,
                                          error_messages={"invalid_choice": "请选择本单位的同事。"})  # fmt: skip

    def __init__(self, *args: Any, people: Any, is_assigning: bool = False, **options: Any) -> None:
        super().__init__(*args, **options)
        self.is_assigning = is_assigning
        field: Any = self.fields["handler"]
        field.queryset, field.label_from_instance = people, person_label

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors and not data.get("referrals"):
            raise forms.ValidationError("请先勾选要办理的转办单。")
        if not self.errors and self.is_assigning and not data.get("handler"):
            raise forms.ValidationError("请选择承办人。")
        return data
