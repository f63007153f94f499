"""月结 (XX-20): opened by the month's work, confirmed by the township's approver, sent to the platform on time or late."""

import io
from datetime import date, datetime
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.urls import reverse

from audit.models import Event
from config import clock as house_clock
from config.verbs import AlreadyHandled
from deadlines.models import Duty, Notice
from deadlines.periods import Every, period_of
from deadlines.transitions import drain
from intake.models import Visit
from monitoring import month_page, month_work
from monitoring.models import MonthClose
from monitoring.transitions import closing
from organization.models import Post, Unit
from tests.intake.factories import VisitFactory
from tests.referrals.factories import ReferralFactory

pytestmark = pytest.mark.django_db
SEPTEMBER = date(2026, 9, 1)
OCTOBER_9 = datetime(2026, 10, 9, 10, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture
def report(clock, clerk):
    """September of the clerk's township, opened on the first working day of October."""
    ReferralFactory()
    closing.close_day(day=date(2026, 9, 24), said={}, by=clerk)
    clock.set(OCTOBER_9)
    month_work.open_last_month(period_of(Every.MONTH, house_clock.now()))
    return MonthClose.objects.get(unit=clerk.unit)


def duty_of(report):
    return Duty.objects.about(report).get()


def test_it_opens_on_the_first_working_day_for_every_township(report, clerk):
    assert month_work.first_workday(date(2026, 10, 1)) == datetime(2026, 10, 8, tzinfo=ZoneInfo("Asia/Shanghai"))
    windows = Unit.objects.current(house_clock.today()).filter(kind="township_window")
    assert MonthClose.objects.filter(month=SEPTEMBER).count() == windows.count()
    assert (duty_of(report).kind, str(duty_of(report).until)) == ("month_close", "2026-10-05")
    assert duty_of(report).unit.kind == "township_office"
    assert closing.open_months(month=SEPTEMBER, by=Post.objects.the_system()) == 0


@pytest.mark.parametrize(("day", "due"), [(30, "2027-02-28"), (31, "2027-02-28"), (0, "2027-02-01")])
def test_a_due_day_that_the_next_month_lacks_is_its_nearest(monkeypatch, clock, clerk, day, due):
    monkeypatch.setattr(closing, "figure", lambda key: day)
    closing.open_months(month=date(2027, 1, 1), by=Post.objects.the_system())
    assert str(duty_of(MonthClose.objects.get(unit=clerk.unit)).until) == due


def test_confirmed_it_holds_the_months_figures_and_is_sent(report, approver, platform):
    row = closing.close_month(month_close_id=report.pk, note="本月无遗留。", by=approver)
    assert (row.closed_by, row.closed_at, row.note) == (approver, house_clock.now(), "本月无遗留。")
    assert (row.counts["accepted"], row.counts["sent"], row.counts["days_on_time"]) == (1, 1, 1)
    assert row.counts["days_missing"] == row.counts["workdays"] - 1
    assert duty_of(report).outcome == "done"
    event = Event.objects.get(verb="month.closed")
    assert (event.new, event.data["unit"]) == ("2026年9月", row.unit_id)
    drain()
    assert Notice.objects.get(kind="month.closed").unit == platform.unit
    with pytest.raises(AlreadyHandled, match="2026年9月月结已由.*确认"):
        closing.close_month(month_close_id=report.pk, note="", by=approver)


def test_who_confirms(report, clerk, reviewer, neighbour_approver, platform_approver):
    for by in (clerk, reviewer, platform_approver):
        with pytest.raises(PermissionDenied):
            closing.close_month(month_close_id=report.pk, note="", by=by)
    with pytest.raises(Http404):
        closing.close_month(month_close_id=report.pk, note="", by=neighbour_approver)


def test_without_its_line_nothing_is_confirmed(report, approver, monkeypatch):
    def fails(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr(closing, "record", fails)
    with pytest.raises(RuntimeError):
        closing.close_month(month_close_id=report.pk, note="", by=approver)
    report.refresh_from_db()
    assert report.closed_at is None
    assert duty_of(report).is_open


def test_the_pages_say_who_was_on_time(report, approver, platform, supervision, neighbour_approver, signed_in, clerk):
    client = signed_in(approver)
    page = client.get(report.get_absolute_url()).content.decode()
    assert "确认并报送" in page
    assert client.post(report.get_absolute_url(), {"note": "身" * 501}).status_code == 422
    assert client.post(report.get_absolute_url(), {"note": "无遗留"}).status_code == 302
    late = client.post(report.get_absolute_url(), {"note": "还有一件没有办完"})
    assert late.status_code == 409
    for shown in (f"月结已由{approver.label}于", "还有一件没有办完"):
        assert shown in late.content.decode()
    assert signed_in(neighbour_approver).get(report.get_absolute_url()).status_code == 404
    assert clerk.unit.short_name in signed_in(clerk).get(reverse("monitoring:month_list")).content.decode()
    assert signed_in(platform).get(reverse("monitoring:month_list")).content.decode().count('data-label="报送"') > 1
    overview = signed_in(supervision).get(reverse("monitoring:close_overview"), {"month": "2026-09"}).content.decode()
    assert clerk.unit.short_name in overview
    assert report.get_absolute_url() not in overview
    rows = {row.name: row for row in month_page.overview(SEPTEMBER, house_clock.today(), house_clock.now())}
    mine = rows[clerk.unit.short_name]
    assert (mine.figures["days_on_time"], mine.figures["days_late"]) == (1, 0)
    assert mine.month in {"按时报送", "超期报送"}


def test_the_overview_leaves_as_a_workbook(report, supervision, clerk, signed_in):
    client = signed_in(supervision)
    page = client.get(reverse("monitoring:close_overview"), {"month": "2026-09"}).content.decode()
    address = f"{reverse('monitoring:close_overview_export')}?month=2026-09"
    assert f'action="{address}"' in page
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(client.post(address).streaming_content))).active
    heads, *rows = sheet.iter_rows(min_row=3, values_only=True)
    assert heads[:3] == ("乡镇（街道）窗口", "按时日清", "补登")
    assert len(rows) == MonthClose.objects.count()
    assert [row[1] for row in rows if row[0] == clerk.unit.short_name] == [1]
    event = Event.objects.get(verb="spreadsheet.exported")
    assert (event.note, event.data) == ("2026年9月", {"sheet": "日清月结汇总", "rows": len(rows)})


def test_a_confirmed_month_stands_in_the_overview_as_it_was_reported(report, approver, supervision, clerk, signed_in):
    row = closing.close_month(month_close_id=report.pk, note="", by=approver)
    closing.close_day(day=date(2026, 9, 30), said={}, by=clerk)
    visit = VisitFactory(by=clerk)
    Visit.objects.filter(pk=visit.pk).update(arrived_at=datetime(2026, 9, 25, 10, tzinfo=ZoneInfo("Asia/Shanghai")))
    now = month_page.counts(clerk.unit, SEPTEMBER)
    assert (now["days_late"], now["visits"]) == (row.counts["days_late"] + 1, row.counts["visits"] + 1)
    [mine] = [line for line in month_page.overview(SEPTEMBER, house_clock.today(), house_clock.now()) if line.name == clerk.unit.short_name]
    assert dict(mine.figures) == row.counts
    assert mine.rate == f"{100 // row.counts['workdays']}%"
    address = f"{reverse('monitoring:close_overview_export')}?month=2026-09"
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(signed_in(supervision).post(address).streaming_content))).active
    [cells] = [cells for cells in sheet.iter_rows(min_row=4, values_only=True) if cells[0] == clerk.unit.short_name]
    kept = [row.counts[name] for name in ("days_on_time", "days_late", "days_missing")]
    assert list(cells[1:6]) == [*kept, mine.rate, row.counts["visits"]]


def test_the_overview_is_a_fixed_number_of_statements(report, assert_queries):
    with assert_queries(11):
        month_page.overview(SEPTEMBER, house_clock.today(), house_clock.now())
