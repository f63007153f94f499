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
