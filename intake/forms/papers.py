"""Forms of single papers."""

from django import forms

from config.rendering import OpinionArea


class UploadForm(forms.Form):
    """A photograph or a scan; what it is, the content tells, not the name (SECURITY R12)."""

    file = forms.FileField(
        label="选择文件",
        allow_empty_file=True,  # the verb says what is wrong with it, in its own words
        widget=forms.FileInput(attrs={"accept": "image/*,application/pdf", "data-upload": ""}),
        error_messages={"required": "请先选择文件或拍照。"},
    )


class DemandForm(forms.Form):
    reason = forms.CharField(
        label="仍要求提交的理由",
        max_length=200,
        widget=OpinionArea(3),
        help_text="平台已能证明的材料，原则上不得再要求群众提交。理由会记录在案，并计入统计。",
    )
