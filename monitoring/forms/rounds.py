"""Forms of data rounds: wording and cleaning."""

from typing import Any

from django import forms

from config import clock
from config.rendering import OpinionArea

from ..transitions.deliveries import WORDS, WORDS_WHY


class SubmitForm(forms.Form):
    remark = forms.CharField(
        label="情况说明",
        max_length=WORDS,
        required=False,
        widget=OpinionArea(2),
        help_text="选填，如本月增减较多的原因。不写当事人姓名和证件号码。",
    )

    def __init__(self, *args: Any, is_as_returned: bool = False, **options: Any) -> None:
        """`is_as_returned`: sent back, and nothing was changed since. Then somebody has to say that nothing need be, and why."""
        super().__init__(*args, **options)
        if is_as_returned:
            self.fields["as_returned"] = forms.BooleanField(
                label="已核对退回原因，确实不用改，按原样重报",
                error_messages={"required": "没有改动。请按退回原因改好再报；确实不用改的，勾选这一项。"},
            )
            self.fields["remark"] = forms.CharField(
                label="不用改的理由",
                max_length=WORDS_WHY,
                widget=OpinionArea(2),
                help_text="写明退回指出的问题为什么不用改，县级平台会看到。不写当事人姓名和证件号码。",
                error_messages={"required": "请写明为什么不用改。"},
            )

    def said(self) -> dict[str, Any]:
        return {"remark": self.cleaned_data["remark"], "as_returned": self.cleaned_data.get("as_returned", False)}


class ReturnForm(forms.Form):
    reason = forms.CharField(
        label="退回原因", max_length=WORDS, widget=OpinionArea(3), help_text="写明哪一项、有什么问题、怎么改。不写当事人姓名和证件号码。"
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
