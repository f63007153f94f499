"""Forms of data rounds: wording and cleaning."""

from typing import Any

from django import forms

from config import clock
from config.rendering import OpinionArea


class SubmitForm(forms.Form):
    remark = forms.CharField(
        label="情况说明",
        max_length=300,
        required=False,
        widget=OpinionArea(2),
        help_text="选填，如本月增减较多的原因。不写当事人姓名和证件号码。",
    )


class ReturnForm(forms.Form):
    reason = forms.CharField(
        label="退回原因", max_length=300, widget=OpinionArea(3), help_text="写明哪一项、有什么问题、怎么改。不写当事人姓名和证件号码。"
    )


class HandInForm(forms.Form):
    file = forms.FileField(
        label="文件",
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.xls,.et,.csv"}),
        help_text="Excel（.xlsx、.xls）、WPS表格或CSV。上传后先预览增减，再确认入库。",
        error_messages={"required": "请选择文件。", "empty": "文件是空的，请选择填好的表格。"},
    )
    as_of = forms.DateField(label="数据截止日", help_text="名单是哪一天的。")


class PaperForm(forms.Form):
    received_on = forms.DateField(label="收到日", help_text="收到乡镇（街道）已审核纸质资料的日期。")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.initial.setdefault("received_on", clock.today())
