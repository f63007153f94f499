"""Forms of files on their way in."""

from hashlib import sha256
from typing import Any

from django import forms

from config import clock
from config.rendering import LongSelect, OpinionArea
from organization.models import Unit

from .declaration import Field, Template, Type
from .models import Batch, StagedRow
from .preview import typed

ACCEPT = ".xlsx,.xls,.et,.csv"
EMPTY = "empty-"  # before the key of a field, which has no dash


class FileForm(forms.Form):
    """`units`: whose rows they may be, where somebody may hand in for another (代录); `only`: whose they are, where it can be but one;
    `refusal`: what is said of another."""

    file = forms.FileField(
        label="选择文件",
        allow_empty_file=True,  # the verb says what is wrong with it, in its own words
        widget=forms.FileInput(attrs={"accept": ACCEPT, "data-upload": ""}),
        help_text="支持Excel、WPS表格和CSV，建议使用本页下载的空白模板。",
        error_messages={"required": "请先选择文件。"},
    )
    as_of = forms.DateField(label="数据截止日", help_text="文件中的情况截至哪一天。", widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: Any, units: Any = None, only: Unit | None = None, refusal: str = "", **options: Any) -> None:
        super().__init__(*args, **options)
        self.initial.setdefault("as_of", clock.today())
        if units is not None:
            self.fields["unit"] = forms.ModelChoiceField(
                label="数据单位",
                queryset=units,
                widget=LongSelect(attrs={"data-search-select": ""}),
                initial=only,
                empty_label=None if only else "---------",
                help_text="这份名单由该单位报送，代其上传。" if only else "代其他单位上传的，选该单位。",
                error_messages={"invalid_choice": refusal} if refusal else None,
            )

    def clean_as_of(self) -> Any:
        day = self.cleaned_data["as_of"]
        if day > clock.today():
            raise forms.ValidationError("数据截止日不能晚于今天。")
        return day

    def said(self) -> dict[str, Any]:
        upload, unit = self.cleaned_data["file"], self.cleaned_data.get("unit")
        return {"file_name": upload.name, "octets": upload.read(), "as_of": self.cleaned_data["as_of"], "unit": unit}


class ReasonForm(forms.Form):
    reason = forms.CharField(label="原因", max_length=200, widget=OpinionArea(3), help_text="不要写姓名和证件号码。")


class ConfirmForm(forms.Form):
    """`must_say`: a whole list jumps, and somebody has to say why. `step`: what its button says, whatever becomes of the file meanwhile."""

    CONFIRM, PROPOSE = "confirm", "propose"
    step = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, step: str, must_say: bool, reason: str = "", **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["step"].initial = step
        if must_say:
            self.fields["jump_reason"] = forms.CharField(
                label="增减原因",
                max_length=200,
                widget=OpinionArea(3),
                initial=reason,
                help_text="核对文件完整后写明原因，不要写姓名和证件号码。",
            )

    def said(self) -> str:
        return str(self.cleaned_data.get("jump_reason", ""))


class RowForm(forms.Form):
    """A row as it stands, cell by cell, to be typed anew. A sealed cell shows what it ends in, and stays where nothing is typed: what need
    not be there is emptied by a box of its own."""

    def __init__(self, *args: Any, template: Template, row: StagedRow, words: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        wrong = {key for key, _ in row.problems}
        for field in template.fields:
            held = typed(row, field)
            self.fields[field.key] = _input(field, held, words, is_wrong=field.key in wrong)
            if field.is_sealed and held and not field.required:
                self.fields[EMPTY + field.key] = forms.BooleanField(label=f"清空{field.label}", required=False)

    def clean(self) -> None:
        for key in self._emptied():
            if self.cleaned_data.get(key):
                self.add_error(key, "填写了新的号码，又勾选了清空。请只选一种。")

    def said(self) -> dict[str, str | None]:
        """As people type; of a sealed field "" where it stays as it is, None where it is emptied."""
        emptied = self._emptied()
        typed = {key: str(value or "") for key, value in self.cleaned_data.items() if not key.startswith(EMPTY)}
        return typed | dict.fromkeys(emptied, None)

    def _emptied(self) -> list[str]:
        return [key.removeprefix(EMPTY) for key, value in self.cleaned_data.items() if key.startswith(EMPTY) and value]


def _input(field: Field, held: Any, words: Any, *, is_wrong: bool) -> forms.Field:
    label = f"{field.label}{'（须更正）' if is_wrong else ''}"
    if field.is_sealed:
        note = f"现为{held}，{'请重新填写完整号码' if is_wrong else '不改动则留空'}。" if held else field.help
        return forms.CharField(
            label=label, required=False, max_length=40, help_text=note, widget=forms.TextInput(attrs={"autocomplete": "off"})
        )
    shown = "" if held is None else words.shown(field.key, held)
    if field.type in {Type.CODE, Type.YES_NO}:
        labels = ["是", "否"] if field.type == Type.YES_NO else [word for _, word in field.codes]
        choices = [("", "—"), *((word, word) for word in labels)]
        if shown and shown not in labels:
            choices.append((shown, f"{shown}（读不出）"))
        return forms.ChoiceField(label=label, required=False, choices=choices, initial=shown, help_text=field.help, widget=LongSelect)
    most = max(field.longest, 80)
    return forms.CharField(label=label, required=False, max_length=most, initial=shown, help_text=field.help)


def field_of(heading: str) -> str:
    """The name of the form's field for a heading: by what it says, for its place may be another's once the file was read anew."""
    return f"column_{sha256(heading.encode()).hexdigest()[:16]}"


class MappingForm(forms.Form):
    """Which column of the template each heading of the file stands for: those that nothing is known of, those that are remembered, and
    those that the template's own words took, which may mean something else in this file."""

    def __init__(self, *args: Any, batch: Batch, template: Template, **options: Any) -> None:
        super().__init__(*args, **options)
        self.taken, remembered = batch.columns.get("found", {}), batch.columns.get("remembered", [])
        in_order = [heading for field in template.fields for heading, key in self.taken.items() if key == field.key]
        self.asked = dict.fromkeys([*remembered, *batch.columns.get("unknown", [])])
        self.headings = [str(heading) for heading in dict.fromkeys([*self.asked, *in_order])]
        self.labels = {field.key: field.label for field in template.fields}
        missing = set(batch.columns.get("missing", []))
        choices = [("", "不使用")] + [
            (field.key, f"{field.label}{'（必填，尚未对应）' if field.key in missing else ''}") for field in template.fields
        ]
        for heading in self.headings:
            how = "记住的" if heading in remembered else "" if heading in self.asked else "按表头识别的"
            self.fields[field_of(heading)] = forms.ChoiceField(
                label=f"文件中的“{heading}”{f'（{how}）' if how else ''}",
                required=False,
                choices=choices,
                initial=self.taken.get(heading, ""),
                widget=LongSelect,
            )

    def clean(self) -> None:
        """No column twice. Beside what was chosen now stands what was taken before: of two, he says which it is not."""
        of_key: dict[str, str] = {}
        for heading in self.headings:
            key = self._answer(heading)
            if key and key in of_key:
                self.add_error(field_of(heading), f"“{of_key[key]}”也选了“{self.labels[key]}”。只能留一列，另一列请改选别的列或“不使用”。")
            of_key.setdefault(key, heading)

    def _answer(self, heading: str) -> str:
        """Of a heading that the form sent does not ask about, what stands."""
        name = field_of(heading)
        return str(self.cleaned_data.get(name, "") if name in self.data else self.fields[name].initial)

    def said(self) -> dict[str, str]:
        """Of what the template's own words took, that alone which is answered otherwise: nothing else need be remembered."""
        answers = {heading: self._answer(heading) for heading in self.headings}
        return {heading: key for heading, key in answers.items() if heading in self.asked or key != self.taken.get(heading)}
