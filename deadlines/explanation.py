"""Why it is this day: the walk of `rules.count` in the words of the office."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from .rules import SHANGHAI, Count, Limit, Rule, Step, Verdict, due_on
from .working_calendar import WorkingCalendar

WEEKDAYS = "一二三四五六日"
FOLD_FROM = 5


@dataclass(frozen=True, slots=True)
class Line:
    """One line: the day (or the days), what happened to it, and for the page which kind of line it is."""

    days: str
    text: str
    kind: str

    def __str__(self) -> str:
        return f"{self.days}  {self.text}"


@dataclass(frozen=True)
class Explanation:
    """`summary` first, then a line a day, then remarks that must not be overlooked."""

    summary: str
    lines: Sequence[Line]
    notes: Sequence[str]


def weekday(day: date) -> str:
    return f"星期{WEEKDAYS[day.weekday()]}"


def explain(
    starts_at: datetime, limit: Limit, count: Count, calendar: WorkingCalendar, *, extended_from: str = "", extended: Sequence[str] = ()
) -> Explanation:
    """The reasons, day by day, in Chinese: which days counted, which did not, and why; `extended`: who lengthened it, and why."""
    if count.due_at is None:
        summary = f"时限{limit}，现已暂停计时，恢复后重新推算到期日。"
    elif limit.rule == Rule.HOURS:
        summary = f"时限{limit}，{count.due_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}到期；休息日照常计算。"
    else:
        last = due_on(count.due_at)
        summary = f"时限{limit}，{last:%Y-%m-%d}（{weekday(last)}）24时到期。"
    notes = [f"{year}年工作日历未导入，按周一至周五推算。" for year in count.guessed_years]
    if extended_from:
        notes = [f"原时限{extended_from}，已延至{limit}。", *extended, *notes]
    return Explanation(summary, list(_lines(starts_at, limit, count, calendar)), notes)


def _lines(starts_at: datetime, limit: Limit, count: Count, calendar: WorkingCalendar) -> Iterator[Line]:
    foldable = limit.rule in {Rule.CALENDAR_DAYS, Rule.MONTHS}
    for verdict, group in groupby(count.steps, key=lambda step: (step.verdict, step.reason)):
        steps = list(group)
        if len(steps) >= FOLD_FROM and (verdict[0] == Verdict.PAUSED or (foldable and verdict[0] == Verdict.COUNTED)):
            yield _folded(steps, is_last=steps[-1] is count.steps[-1])
            continue
        for step in steps:
            text = _text(step, starts_at, limit, count, calendar)
            if step is count.steps[-1] and step.verdict in {Verdict.COUNTED, Verdict.SHIFTED, Verdict.START}:
                text += "，到期日（当日24时前办结为按期）"
            if limit.rule == Rule.WORKING_DAYS and step.verdict in {Verdict.COUNTED, Verdict.REST} and not calendar.knows(step.day):
                text += f"（{step.day.year}年工作日历未导入，按周一至周五推算）"
            yield Line(f"{step.day:%Y-%m-%d} {weekday(step.day)}", text, str(step.verdict))


def _folded(steps: Sequence[Step], *, is_last: bool) -> Line:
    first, last = steps[0], steps[-1]
    days = f"{first.day:%Y-%m-%d} 至 {last.day:%Y-%m-%d}"
    if first.verdict == Verdict.PAUSED:
        return Line(days, f"不计：暂停（{first.reason or '未注明原因'}），共{len(steps)}日", str(first.verdict))
    tail = "，末日到期（24时前办结为按期）" if is_last else ""
    return Line(days, f"第{first.number}日至第{last.number}日{tail}", str(first.verdict))


def _text(step: Step, starts_at: datetime, limit: Limit, count: Count, calendar: WorkingCalendar) -> str:
    match step.verdict:
        case Verdict.START if limit.rule == Rule.HOURS:
            return f"{starts_at.astimezone(SHANGHAI):%H:%M}起算"
        case Verdict.START if limit.rule == Rule.FIXED_DATE:
            return "交办"
        case Verdict.START:
            return "起算日，当日办结" if limit.amount == 0 else "起算日，当日不计"
        case Verdict.COUNTED:
            unit = "个工作日" if limit.rule == Rule.WORKING_DAYS else "日"
            made_up = f"（{calendar.name(step.day)}调休上班）" if _is_made_up(step.day, calendar) and unit != "日" else ""
            return f"第{step.number}{unit}{made_up}"
        case Verdict.REST:
            return f"不计：{rest_reason(step.day, calendar)}"
        case Verdict.PAUSED:
            held = f"{step.number}分钟" if limit.rule == Rule.HOURS else ""
            return f"不计：暂停（{step.reason or '未注明原因'}）{held}"
        case Verdict.STANDING:
            return f"自此暂停计时（{step.reason or '未注明原因'}），尚未恢复"
        case Verdict.SHIFTED:
            return "因上一日为休息日，顺延至此日" if calendar.is_workday(step.day) else f"顺延：{rest_reason(step.day, calendar)}"
        case Verdict.DUE:
            if limit.rule == Rule.HOURS and count.due_at:
                return f"{count.due_at.astimezone(SHANGHAI):%H:%M}到期"
            return "规定的截止日（当日24时前办结为按期）"
    raise AssertionError(step.verdict)


def _is_made_up(day: date, calendar: WorkingCalendar) -> bool:
    return day.weekday() >= 5 and calendar.is_workday(day)


def rest_reason(day: date, calendar: WorkingCalendar) -> str:
    """国庆节放假, or the weekday."""
    return f"{name}放假" if (name := calendar.name(day)) else weekday(day)
