"""Forms of the calendar: wording and cleaning; the verbs decide."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from . import notice_text
from .working_calendar import Entry


class CalendarDayForm(forms.Form):
    day = forms.DateField(label="日期", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    is_workday = forms.TypedChoiceField(
        label="安排", choices=[("0", "放假（休）"), ("1", "上班（班）")], coerce=lambda value: value == "1", widget=forms.RadioSelect
    )
    name = forms.CharField(
        label="节假日名称", max_length=30, required=False, help_text="工作日放假、周末上班必须写明，如“国庆节”；恢复成平常的一天则不填。"
    )
    source = forms.CharField(label="依据", max_length=200, help_text="文号或通知名称，记入操作记录。")


class CalendarYearForm(forms.Form):
    year = forms.IntegerField(label="年份", min_value=2004, max_value=2199)
    source = forms.CharField(label="依据", max_length=200, help_text="文号，如“国办发明电〔2026〕×号”。")
    text = forms.CharField(
        label="放假安排",
        widget=forms.Textarea(attrs={"rows": 12}),
        help_text="可整段粘贴国务院办公厅通知正文；或每行一条：2027-02-05至2027-02-11 休 春节；2027-02-14 班 春节。",
    )

    def clean(self) -> dict[str, Any]:
        """The days as `days`. A day of the year before that is at rest anyway (12-31 in a New Year's stretch) needs no entry here."""
        cleaned = super().clean() or {}
        year, text = cleaned.get("year"), cleaned.get("text")
        if year and text:
            try:
                days = notice_text.read(text, year)
            except notice_text.UnreadableLine as unreadable:
                raise ValidationError({"text": str(unreadable)}) from None
            cleaned["days"] = {day: entry for day, entry in days.items() if day.year == year or _differs(day, entry)}
            if not cleaned["days"]:
                raise ValidationError({"text": "没有读到任何放假或上班的日期，请检查格式。"})
        return cleaned


def _differs(day: date, entry: Entry) -> bool:
    return entry.is_workday != (day.weekday() < 5)
