"""Forms of the reception: who comes, how, what for, and what they were told."""

from typing import Any

from django import forms

from config.protection.forms import IdNumberField
from config.protection.identity import IdCheck
from config.rendering import OpinionArea

from ..models import Visit

# One sheet of A4 in large type holds so many programs.
PROGRAMS_PER_CARD = 4


class ArrivalForm(forms.Form):
    """A card that is read, or a number typed; without papers the button 没有证件 registers the arrival alone."""

    number = IdNumberField(
        label="身份证号",
        required=False,
        widget=forms.TextInput(
            attrs={"placeholder": "读卡或输入身份证号", "data-enter-sends": "", "autofocus": True, "class": "form-control-lg"}
        ),
    )
    mode = forms.ChoiceField(label="服务方式", choices=Visit.Mode.choices, initial=Visit.Mode.SEATED, widget=forms.RadioSelect)
    matter = forms.CharField(label="求助事由（可不填）", max_length=300, required=False)
    without_number = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("without_number"):
            self.errors.pop("number", None)  # half a number in the field is no reason to turn somebody away
        elif not data.get("number") and "number" not in self.errors:
            self.add_error("number", "请读卡，或输入身份证号；没有带证件的，点“没有证件”，按姓名查找。")
        return data

    @property
    def typed_number(self) -> str:
        """The number as it is looked up; nothing where the person came without papers."""
        check: IdCheck | None = None if self.cleaned_data["without_number"] else self.cleaned_data.get("number")
        return check.normalised if check else ""


class FinderForm(forms.Form):
    """Who is it? By number, or by name or its initials within one's own township."""

    wanted = forms.CharField(
        label="身份证号、姓名或姓名首字母",
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off", "placeholder": "身份证号、姓名或姓名首字母"}),
    )

    @property
    def is_number(self) -> bool:
        """Names hold no digits; a short or wrong number is told so by the check instead of being looked for as a name."""
        return any(mark.isdigit() for mark in self.data.get("wanted", ""))

    def clean_wanted(self) -> str:
        wanted: str = self.cleaned_data["wanted"]
        return str(IdNumberField().clean(wanted).normalised) if self.is_number else wanted


class IdentifyForm(forms.Form):
    """Which of the people found: an opaque id that the verb fetches through the gate."""

    resident = forms.UUIDField(widget=forms.HiddenInput)


class AnswerForm(forms.Form):
    """What the person was told; the programs named here are printed on the card."""

    programs = forms.MultipleChoiceField(
        label="写进明白卡的救助项目",
        required=False,
        widget=forms.SelectMultiple(attrs={"data-search-select": "", "data-wide": ""}),
        help_text=f"可输入名称、拼音首字母查找，最多{PROGRAMS_PER_CARD}项。每项的办理单位、电话、期限、要带和不用带的材料自动印在卡上。",
    )
    text = forms.CharField(
        label="答复内容",
        max_length=600,
        widget=OpinionArea(4),
        help_text="用来人听得懂的话写：能不能办、怎么办、到哪里、什么时候来。会印在明白卡上。",
    )

    def __init__(self, *args: Any, offered: list[tuple[str, list[tuple[str, str]]]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["programs"].choices = offered  # type: ignore[attr-defined]

    def clean_programs(self) -> list[str]:
        chosen: list[str] = self.cleaned_data["programs"]
        if len(chosen) > PROGRAMS_PER_CARD:
            raise forms.ValidationError(f"一张明白卡最多写{PROGRAMS_PER_CARD}个项目，请留下最要紧的；其余可以另外开一张。")
        return chosen
