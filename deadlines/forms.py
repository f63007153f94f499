"""Forms of the calendar: wording and cleaning; the verbs decide."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from config import clock

from . import notice_text
from .models import ESCALATIONS, ReminderRule, Stage
from .working_calendar import ONE_DAY, Entry


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


class ReminderRuleForm(forms.Form):
    """From what holds at last; only the two escalations say how late."""

    working_days = forms.IntegerField(label="超期后第几个工作日上报", min_value=1, max_value=60)
    full_days = forms.IntegerField(label="按小时计时的，超期满几个24小时上报", min_value=1, max_value=30)
    is_urgent = forms.TypedChoiceField(
        label="怎样告知", choices=[("0", "并入每日汇总，每人一条"), ("1", "每件立即单独告知（夜间、休息日也发）")],
        coerce=lambda value: value == "1", widget=forms.RadioSelect,
    )  # fmt: skip
    holds_for_promises = forms.TypedChoiceField(
        label="承诺时限", choices=[("1", "也提醒"), ("0", "不提醒")], coerce=lambda value: value == "1", widget=forms.RadioSelect
    )
    valid_from = forms.DateField(label="自哪天起", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    source = forms.CharField(label="依据", max_length=200, help_text="文号、会议纪要或领导批示，记入操作记录。")

    def __init__(self, *args: Any, stage: Stage, last: ReminderRule, **kwargs: Any) -> None:
        kwargs["initial"] = {
            "working_days": last.working_days,
            "full_days": last.full_days,
            "is_urgent": "1" if last.is_urgent else "0",
            "holds_for_promises": "1" if last.holds_for_promises else "0",
            "valid_from": max(clock.today(), last.valid_from) + ONE_DAY,
        }
        super().__init__(*args, **kwargs)
        if stage not in ESCALATIONS:
            del self.fields["working_days"], self.fields["full_days"]


def _differs(day: date, entry: Entry) -> bool:
    return entry.is_workday != (day.weekday() < 5)


class RowsField(forms.MultipleChoiceField):
    """Ticked rows by their numbers; the verb's gate says which of them exist."""

    def valid_value(self, value: str) -> bool:
        return value.isascii() and value.isdigit() and len(value) <= 18


class MendForm(forms.Form):
    """Rows of the outbox, and why they are sent anew or dropped."""

    rows = RowsField(label="消息", error_messages={"required": "请先勾选消息。", "invalid_choice": "所选消息编号不对，请重新勾选。"})
    reason = forms.CharField(
        label="理由",
        max_length=200,
        widget=forms.TextInput(attrs={"class": "form-control bulk-words", "placeholder": "理由，例如：网关已恢复"}),
        error_messages={"required": "请写明理由。"},
    )
