"""The ticks of the workbench and what is done with them."""

from typing import Any
from uuid import UUID

from django import forms

from organization.models import Post
from referrals.forms.bulk import Ticks
from referrals.forms.steps import person_label


class TogetherForm(forms.Form):
    """`duties` are the ids that were ticked; `handler` and `text` are asked for by the verb that needs them (`needs`)."""

    duties = Ticks(coerce=UUID, error_messages={
        "required": "请先勾选要办理的事项。", "invalid_choice": "有一件没有找到，请刷新列表后再勾选。"
    })  # fmt: skip
    handler: Any = forms.ModelChoiceField(label="承办人", queryset=Post.objects.none(), empty_label="指派给……", required=False,
                                          error_messages={"invalid_choice": "请选择本单位的同事。"})  # fmt: skip
    text = forms.CharField(label="催办的话", max_length=200, required=False)

    def __init__(self, *args: Any, people: Any = None, needs: str = "", **options: Any) -> None:
        super().__init__(*args, **options)
        field: Any = self.fields["handler"]
        field.queryset, field.label_from_instance = Post.objects.none() if people is None else people, person_label
        self._needs = needs

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        missing = {"handler": "请选择承办人。", "text": "请写一句催办的话。"}
        if self._needs and not self.errors and not data.get(self._needs):
            self.add_error(self._needs, missing[self._needs])
        return data
