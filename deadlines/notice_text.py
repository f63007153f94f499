"""A year's arrangement as people have it: the official notice's sentences, or a list of days. Pure: text in, days out."""

import re
from collections.abc import Iterator
from datetime import date, timedelta

from .working_calendar import Entry

REST, WORK = "休", "班"
_ORDINAL = re.compile(r"^\s*[（(]?[一二三四五六七八九十\d]+[)）]?[、.．]\s*")
_ASIDE = re.compile(r"[（(][^（）()]*[）)]")
_SPOKEN = re.compile(r"(?:(\d{4})年)?(?:(\d{1,2})月)?(\d{1,2})日(?:[至到—~-]+(?:(\d{4})年)?(?:(\d{1,2})月)?(\d{1,2})日)?")
_LISTED = re.compile(
    r"^(\d{4}-\d{1,2}-\d{1,2})(?:\s*(?:至|到|~|—)\s*(\d{4}-\d{1,2}-\d{1,2}))?[\s,，;；\t]+(休|班|放假|上班)[\s,，;；\t]+(\S.*)$"
)
_SIGNED = re.compile(r"^\d{4}年\d{1,2}月\d{1,2}日$")
_DATED = re.compile(r"\d{1,2}日|\d{4}-\d{1,2}")


class UnreadableLine(ValueError):
    """A line that names a day and cannot be read; the sentence names the line."""


def read(text: str, year: int) -> dict[date, Entry]:
    """Days named in the text of `year`'s notice.

    Understands “2027-02-05至2027-02-11 休 春节”, one a line, and the notice's own words: “二、春节：2月5日至11日放假调休，共7天。
    2月14日（周日）上班。” Lines without a day are skipped.

    Raises:
        UnreadableLine: a day without saying 休 or 班, a day that does not exist, or a day named twice and differently.
    """
    days: dict[date, Entry] = {}
    for number, raw in enumerate(text.splitlines(), 1):
        line = _ASIDE.sub("", raw).strip()
        if not _DATED.search(line) or _SIGNED.match(line):
            continue
        try:
            found = list(_listed(line) or _spoken(line, year))
        except ValueError:
            raise UnreadableLine(f"第{number}行有不存在的日期：{raw.strip()[:40]}") from None
        if not found:
            raise UnreadableLine(f"第{number}行看不出是放假还是上班：{raw.strip()[:40]}")
        for day, entry in found:
            if days.setdefault(day, entry).is_workday != entry.is_workday:
                raise UnreadableLine(f"第{number}行与前面矛盾：{day:%Y-%m-%d} 既放假又上班。")
    return days


def _listed(line: str) -> list[tuple[date, Entry]]:
    match = _LISTED.match(line)
    if not match:
        return []
    first = _iso(match[1])
    entry = Entry(match[3] in {WORK, "上班"}, match[4].strip()[:30])
    return [(day, entry) for day in _spread(first, _iso(match[2]) if match[2] else first)]


def _iso(text: str) -> date:
    year, month, day = map(int, text.split("-"))
    return date(year, month, day)


def _spoken(line: str, year: int) -> Iterator[tuple[date, Entry]]:
    name, colon, sentences = _ORDINAL.sub("", line).partition("：")
    if not colon:
        return
    for sentence in re.split(r"[。；;]", sentences):
        is_workday = "上班" in sentence
        if not is_workday and "放假" not in sentence:
            if _SPOKEN.search(sentence):
                raise UnreadableLine(f"“{sentence.strip()}”没有写明放假还是上班")
            continue
        month = 0
        for match in _SPOKEN.finditer(sentence):
            first, month = _date(match[1], match[2], match[3], year, month)
            last, month = _date(match[4] or match[1], match[5], match[6], year, month) if match[6] else (first, month)
            yield from ((day, Entry(is_workday, name.strip()[:30])) for day in _spread(first, last))


def _date(year: str | None, month: str | None, day: str, notice_year: int, last_month: int) -> tuple[date, int]:
    number = int(month) if month else last_month
    return date(int(year) if year else notice_year, number, int(day)), number


def _spread(first: date, last: date) -> list[date]:
    if not 0 <= (last - first).days < 60:
        raise ValueError("a stretch of days ends after it begins")
    return [first + timedelta(n) for n in range((last - first).days + 1)]
