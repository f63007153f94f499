"""A year's notice read as people paste it."""

from datetime import date

import pytest

from deadlines import notice_text
from deadlines.working_calendar import Entry

from .second_calendar import DAYS_OFF, MADE_UP

NOTICE_2025 = """各省、自治区、直辖市人民政府，国务院各部委、各直属机构：
现将2025年元旦、春节等节假日放假调休日期的具体安排通知如下。
一、元旦：1月1日（周三）放假1天，不调休。
二、春节：1月28日（农历除夕、周二）至2月4日（农历正月初七、周二）放假调休，共8天。1月26日（周日）、2月8日（周六）上班。
三、清明节：4月4日（周五）至6日（周日）放假，共3天。
四、劳动节：5月1日（周四）至5日（周一）放假调休，共5天。4月27日（周日）上班。
五、端午节：5月31日（周六）至6月2日（周一）放假，共3天。
六、国庆节、中秋节：10月1日（周三）至8日（周三）放假调休，共8天。9月28日（周日）、10月11日（周六）上班。
节假日期间，各地区、各部门要妥善安排好值班和安全、保卫、疫情防控等工作。
2024年11月12日"""


def test_the_notice_of_2025_reads_as_the_second_calendar():
    days = notice_text.read(NOTICE_2025, 2025)
    assert {day for day, entry in days.items() if not entry.is_workday} == {day for day in DAYS_OFF if day.year == 2025}
    assert {day for day, entry in days.items() if entry.is_workday} == {day for day in MADE_UP if day.year == 2025}
    assert days[date(2025, 10, 3)].name == "国庆节、中秋节"
    assert days[date(2025, 2, 8)] == Entry(True, "春节")


def test_a_stretch_from_the_year_before():
    days = notice_text.read("一、元旦：2022年12月31日至2023年1月2日放假调休，共3天。", 2023)
    assert sorted(days) == [date(2022, 12, 31), date(2023, 1, 1), date(2023, 1, 2)]


@pytest.mark.parametrize(
    "line", ["2027-02-05至2027-02-07 休 春节", "2027-02-05~2027-02-07,休,春节", "2027-2-5 到 2027-2-7\t放假\t春节", "春节：2月5日至7日放假"]
)
def test_lists_of_days(line):
    assert notice_text.read(line, 2027) == {date(2027, 2, n): Entry(False, "春节") for n in (5, 6, 7)}


def test_empty_text_holds_no_days():
    assert notice_text.read("\n \n", 2027) == {}


@pytest.mark.parametrize(
    "line", ["春节：2月5日至7日", "2月5日放假", "2027-02-07至2027-02-05 休 春节", "春节：2027年2月1日至2027年12月1日放假", "31日放假：x"]
)
def test_what_cannot_be_read_names_its_line(line):
    with pytest.raises(notice_text.UnreadableLine, match="第2行"):
        notice_text.read(f"通知\n{line}", 2027)
