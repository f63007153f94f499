"""The ledger on screen: what the file holds, household by household, in a pinned number of statements, behind each gate."""

import io
import re
from datetime import UTC, date, datetime

import openpyxl
import pytest
from django.urls import reverse

from config.protection.masks import mask_name
from households.models import AssistanceRecord
from monitoring.household_ledger.declared import KEY
from monitoring.models import Doubt, LedgerMonth
from monitoring.transitions.ledger_months import close_ledger_month
from organization.models import Post
from spreadsheets.ledgers import Asked, ledger_of
from spreadsheets.models import Export
from spreadsheets.workbook import Sheet, workbook
from tests import cast
from tests.households.factories import HouseholdFactory, assistance, head_of
from tests.monitoring.doubting import doubt_of
from tests.monitoring.household_ledger.county import AUGUST, READERS, aided_county, expected

pytestmark = pytest.mark.django_db
PAGE, CORRECTIONS = reverse("monitoring:household_ledger"), reverse("monitoring:household_ledger_corrections")
CLOSE = reverse("monitoring:household_ledger_close")
LAST = date(2026, 8, 31)


def text(client, address=PAGE, **query):
    answer = client.get(address, {"month": "2026-08", **query})
    assert answer.status_code == 200
    return answer.content.decode()


def shown(client, **query):
    """Rows of the table, by the name of member and program."""
    page = text(client, **query)
    return re.findall(r'data-label="成员姓名"[^>]*>([^<]*)<.*?data-label="救助项目"[^>]*>([^<]*)<', page, re.DOTALL)


def sheets_of(post, **given):
    parts = ledger_of(KEY).parts(Asked(post, given))
    sheets = [Sheet(part.title, part.title, part.columns, list(part.held(1000))) for part in parts]
    book = openpyxl.load_workbook(io.BytesIO(b"".join(workbook(sheets, watermark="测试"))))
    return [[[cell.value for cell in line] for line in sheet.iter_rows(min_row=3)] for sheet in book]


@pytest.mark.parametrize("name", READERS)
def test_each_reader_meets_the_lines_of_the_gate_open_and_closed(name, signed_in):
    aided_county()
    post = cast.member(name)
    client = signed_in(post)
    found = shown(client)
    assert len(found) == expected(post, AUGUST, LAST)[0]
    close_ledger_month(month=AUGUST, by=Post.objects.the_system())
    assert sorted(shown(client)) == sorted(found)


def test_the_page_says_what_the_file_says(platform, signed_in):
    county = aided_county()
    doubt_of("omitted", subject=county["home"])
    client = signed_in(platform)
    head = head_of(county["home"])
    page = text(client, month="2026-09")
    assert head.name not in page
    assert all(words in page for words in (mask_name(head.name), county["home"].number, "低保对象", "疑似遗漏", "未归户", "未月结"))
    lines, homes, changes = sheets_of(platform, month="2026-09")
    assert (lines[0][0], lines[0][-1], homes[0][-1], changes[0][1]) == ("序号", "疑点", "疑点", "更正")
    assert len(lines) - 1 == len(shown(client, month="2026-09")) == 6
    assert [row[0] for row in lines[1:]] == [1, 2, 3, 4, 5, 6]
    of_home = next(row for row in homes if row[1] == county["home"].number)
    assert "1,350元/月，3人" in "".join(str(cell) for cell in of_home)
    assert of_home[-1] == "疑似遗漏"


def test_the_file_is_asked_for_from_the_page(platform, assistant, signed_in):
    aided_county()
    client = signed_in(platform)
    page = text(client, program="CL01")
    assert '<input type="hidden" name="program" value="CL01">' in page
    answer = client.post(reverse("exports:ledger_export", args=[KEY]), {"month": "2026-08", "program": "CL01"})
    assert answer.status_code == 302
    assert Export.objects.get().ledger == KEY
    said = text(signed_in(assistant))
    assert not [words for words in ("导出 Excel", "导出的文件", "重点人群花名册") if words in said]


def test_households_of_a_page_in_a_pinned_number_of_statements(platform, signed_in, assert_queries):
    for _ in range(3):
        assistance(HouseholdFactory(alone=True), "MZ01", since=AUGUST)
    client = signed_in(platform)
    text(client, month="2026-09")
    with assert_queries(19):
        assert len(shown(client, month="2026-09")) == 3
    close_ledger_month(month=AUGUST, by=platform)
    with assert_queries(12):
        assert len(shown(client)) == 3


def test_pages_follow_one_another(platform, signed_in, monkeypatch):
    monkeypatch.setattr("monitoring.household_ledger.listing.HOMES", 1)
    aided_county()
    client = signed_in(platform)
    seen, query = [], {}
    for _ in range(6):
        page = text(client, **query)
        seen += re.findall(r'data-label="成员姓名"[^>]*>([^<]*)<', page)
        following = re.search(r'rel="next" href="[^"?]+\?([^"]+)"', page)
        if following is None:
            break
        query = dict(pair.split("=") for pair in following[1].replace("&amp;", "&").replace("%7E", "~").split("&"))
    assert len(seen) == expected(platform, AUGUST, LAST)[0]


def test_filters_of_the_page(platform, clerk, civil_officer, signed_in):
    county = aided_county()
    client = signed_in(platform)
    wanted = {"place": "500233002", "program": "CL01", "tag": "subsistence", "department": str(civil_officer.unit.department_id)}
    assert {name: len(shown(client, **{name: value})) for name, value in wanted.items()} == {
        "place": 1,
        "program": 3,
        "tag": 4,
        "department": 4,
    }
    doubt_of("omitted", subject=county["alone"])
    assert len(shown(client, doubt="omitted", month="2026-09")) == 0, "its aid was of August"
    begun, ended = datetime(2026, 8, 10, tzinfo=UTC), datetime(2026, 9, 20, tzinfo=UTC)
    Doubt.objects.update(
        found_at=begun, opened_at=begun, status="closed", closed_at=ended, closed_by=platform, outcome="kept", reason="属实，维持现状"
    )
    assert len(shown(client, doubt="omitted")) == len(shown(client, doubt="any")) == 1, "it stood at the month's end"
    assert client.get(PAGE, {"program": "MZ09"}).status_code == 422
    assert client.get(PAGE, {"month": "2026-99"}).status_code == 422
    assert "合计" in text(signed_in(clerk))
    assert "6行，4笔救助" in text(signed_in(clerk), totals="1")


def test_a_month_is_closed_by_its_button(platform, clerk, signed_in):
    county = aided_county()
    assert "台账月结</button>" not in text(signed_in(clerk))
    client = signed_in(platform)
    assert "2026年8月台账月结" in text(client)
    answer = client.post(CLOSE, follow=True)
    assert "2026年8月台账已月结：7行" in answer.content.decode()
    assert "已月结：2026-09-24 10:00" in text(client)
    assert LedgerMonth.objects.get().closed_by == platform
    assert "还没有结束，不能月结" in client.post(CLOSE, follow=True).content.decode()
    assert "没有变化" in text(client, CORRECTIONS, month="2026-09")
    AssistanceRecord.objects.filter(pk=county["disabled"].pk).update(amount=70)
    page = text(client, CORRECTIONS, month="2026-09")
    assert re.findall(r'data-label="(?:更正|原金额（元）|现金额（元）|合计差额（元）)">([^<]*)', page) == ["变更", "80", "70", "-10"]
    assert "还没有月结" in text(client, CORRECTIONS, month="2026-05")
