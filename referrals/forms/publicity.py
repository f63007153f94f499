"""Forms of the publicity: what was put up, what was objected, what came of it."""

from typing import Any

from django import forms

from config import clock
from config.rendering import OpinionArea

from ..models import Publicity

PHOTO_HELP = "用手机可直接拍照；照片里不要有证件号码。"


def _photo(label: str) -> forms.FileField:
    widget = forms.ClearableFileInput(attrs={"accept": "image/*", "capture": "environment"})
    return forms.FileField(label=label, required=False, widget=widget, help_text=PHOTO_HELP)


class PostPublicityForm(forms.Form):
    place = forms.CharField(label="公示地点", max_length=100, help_text="如“虚构一村村务公开栏”。")
    starts_on = forms.DateField(
        label="张贴日期", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), help_text="张贴当日不计入公示天数。"
    )
    photo = _photo("张贴照片")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("starts_on", clock.today())


class ObjectionForm(forms.Form):
    text = forms.CharField(
        label="异议内容", max_length=500, widget=OpinionArea(3), help_text="只写反映的事情，不写反映人的姓名和联系方式。"
    )


class EndPublicityForm(forms.Form):
    """`has_objection`: only then is there something to say about one."""

    objection_result = forms.ChoiceField(label="异议处理", choices=Publicity.ObjectionResult.choices, widget=forms.RadioSelect)
    objection_note = forms.CharField(label="核实情况", max_length=300, widget=OpinionArea(3))
    photo = _photo("期满照片")

    def __init__(self, *args: Any, has_objection: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not has_objection:
            del self.fields["objection_result"], self.fields["objection_note"]
