"""The form of 一次性告知."""

from typing import Any

from django import forms

from config import clock
from config.rendering import OpinionArea
from organization.models import Post

from ..models import Application, Paper

OTHERS = 3  # lines for what is no paper of the list


class NoticeForm(forms.Form):
    """There is one notice; a second one asks for its reason and somebody else's consent (TZ-14)."""

    def __init__(self, *args: Any, application: Application, by: Post, **options: Any) -> None:
        super().__init__(*args, **options)
        self.is_second = application.notices.exists()
        if self.is_second:
            self._ask_for_consent(application, by)

    def _ask_for_consent(self, application: Application, by: Post) -> None:
        self.fields["repeat_reason"] = forms.CharField(label="再次告知的理由", max_length=200, required=False, widget=OpinionArea(2))
        effective = Post.objects.effective(clock.today())
        approvers = effective.filter(unit__region_id=application.township_code, rank=Post.Rank.APPROVER).exclude(staff_id=by.staff_id)
        self.fields["approver"] = forms.ModelChoiceField(
            label="同意再次告知的负责人", queryset=approvers.select_related("unit", "staff"), required=False, empty_label="请选择"
        )

    def second(self) -> dict[str, Any]:
        if not self.is_second:
            return {}
        return {"repeat_reason": self.cleaned_data["repeat_reason"], "approver": self.cleaned_data["approver"]}


class SupplementForm(NoticeForm):
    """Papers of the list, each with what exactly is missing, and lines for the rest. Complete: there is one notice."""

    def __init__(self, *args: Any, papers: list[Paper], **options: Any) -> None:
        super().__init__(*args, **options)
        self.papers = papers
        for paper in papers:
            is_owed = paper.state in {Paper.State.MISSING, Paper.State.LATER} and paper.is_required
            self.fields[f"paper_{paper.pk}"] = forms.BooleanField(label=paper.name, required=False, initial=is_owed)
            self.fields[f"text_{paper.pk}"] = forms.CharField(
                label=f"{paper.name}：具体要求",
                max_length=200,
                required=False,
                widget=forms.TextInput(attrs={"placeholder": "具体要求，例如：户主页和本人页"}),
            )
        for number in range(1, OTHERS + 1):
            self.fields[f"other_{number}"] = forms.CharField(label=f"其他需要补正的内容（{number}）", max_length=200, required=False)

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The papers as the page lays them out: a box and a line of text each."""
        return [{"paper": paper, "box": self[f"paper_{paper.pk}"], "text": self[f"text_{paper.pk}"]} for paper in self.papers]

    @property
    def others(self) -> list[Any]:
        return [self[f"other_{number}"] for number in range(1, OTHERS + 1)]

    def lines(self) -> list[tuple[Any, str]]:
        data = self.cleaned_data
        ticked = [(paper.pk, data[f"text_{paper.pk}"]) for paper in self.papers if data[f"paper_{paper.pk}"]]
        return ticked + [(None, text) for number in range(1, OTHERS + 1) if (text := data[f"other_{number}"])]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors and not self.lines():
            raise forms.ValidationError("请勾选缺少的材料，或写明需要补正的内容。")
        return data
