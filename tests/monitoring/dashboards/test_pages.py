"""The pages: what stands in a link, what leads to rows, the file, the screen on a wall, and that no person is on any of them."""

import io
import re
from datetime import date
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

import openpyxl
import pytest
from django.urls import reverse

from households.models import Resident
from monitoring import demo
from monitoring.dashboards import registry
from monitoring.dashboards.forms import DashboardForm
from monitoring.dashboards.ledgers import LEDGER
from monitoring.models import WorkMonth
from monitoring.transitions.summaries import count_changed
from spreadsheets.ledgers import Asked
from tests import cast
from tests.households.factories import HouseholdFactory, assistance
from tests.monitoring.doubting import doubt_of
from tests.monitoring.factories import late_duty

pytestmark = pytest.mark.django_db
PAGE, EXPLAINED, SCREEN = (reverse(f"monitoring:dashboard{name}") for name in ("", "_explained", "_screen"))
# What a link may hold: no name and no number of anybody.
HELD = {
    "month", "months", "place", "township", "department", "program", "unit", "lamp", "tab", "kind", "by", "since", "until", "key", "figure",
    "half", "dated", "cadence",
}  # fmt: skip
READERS = ["assistant", "clerk", "officer", "platform", "supervision", "convener"]


@pytest.fixture
def aided():
    """Five households of one program, and one of another with three people."""
    homes = [HouseholdFactory() for _ in range(6)]
    for home in homes[:5]:
        assistance(home, "MZ01", since=date(2026, 8, 1), amount=Decimal(500))
    assistance(homes[5], "MZ02", since=date(2026, 9, 1), amount=Decimal(800))
    count_changed()
    return homes


def links_of(text):
    return [link.replace("&amp;", "&") for link in re.findall(r'<(?:th|td)[^>]*>\s*<a href="([^"]+)"', text)]


def test_each_role_has_its_figures_and_every_number_leads_to_a_page(aided, signed_in, platform):
    late_duty()
    doubt_of("omitted")
    for who in READERS:
        client = signed_in(cast.member(who))
        text = client.get(PAGE).content.decode()
        if who != "assistant":
            text += client.get(reverse("monitoring:dashboard_figure", args=["on_time"])).content.decode()
        keys = set(re.findall(r'aria-labelledby="figure-([^"]+)"', text))
        assert keys == {figure.key for figure in registry.figures_for(cast.member(who))}
        alike = {(urlsplit(link).path, *parse_qs(urlsplit(link).query)): link for link in links_of(text)}
        for link in alike.values():
            assert client.get(link).status_code == 200, (who, link)
            assert set(parse_qs(urlsplit(link).query)) <= HELD
        for name in Resident._base_manager.values_list("name", flat=True):
            assert name not in text


def test_the_page_costs_a_fixed_number_of_statements(aided, signed_in, platform, assert_queries):
    client = signed_in(platform)
    client.get(PAGE)
    with assert_queries(14):
        client.get(PAGE)


def test_a_link_narrows_the_page_and_a_wrong_one_is_refused_in_words(aided, signed_in, platform):
    client = signed_in(platform)
    text = client.get(PAGE, {"month": "2026-09", "months": "3", "township": cast.HOME, "program": "MZ02"}).content.decode()
    assert "2026年7月至2026年9月" in text
    figure = re.search(r'aria-labelledby="figure-rolls_by_program".*?</section>', text, re.DOTALL)[0]
    assert re.findall(r'data-number="([^"]*)"', figure) == ["1", "3", "800.00"]
    assert re.findall(r'data-scope="([^"]*)"', text)[0] == "忠州街道，贫困残疾人生活补贴"  # what a picture of it says
    for wrong in ({"month": "2026-13"}, {"month": "2027-01"}, {"months": "7"}, {"township": "张三"}, {"program": "~"}):
        assert client.get(PAGE, wrong).status_code == 422
    assert "请选择月份" in client.get(PAGE, {"month": "2026-13"}).content.decode()
    assert client.get(SCREEN, {"month": "2027-01"}).status_code == 404
    assert client.get(reverse("monitoring:dashboard_figure", args=["nothing"])).status_code == 404
    # Nor does a post narrow to what is not its own
    assert signed_in(cast.member("officer")).get(PAGE, {"program": "MZ01"}).status_code == 422


def test_a_figure_says_how_it_is_computed_and_what_it_does_not_heed(signed_in, platform):
    client = signed_in(platform)
    explained = client.get(EXPLAINED).content.decode()
    for figure in registry.figures_for(platform):
        text = client.get(reverse("monitoring:dashboard_figure", args=[figure.key]), {"department": "MZ"}).content.decode()
        assert all(sentence in text and sentence in explained for sentence in figure.about)
        assert ("不按部门缩小范围" in text) == ("department" not in figure.narrowed_by)


def test_the_table_leaves_as_a_workbook_that_says_what_the_page_says(aided, signed_in, clerk):
    client = signed_in(clerk)
    text = client.get(PAGE).content.decode()
    figure = re.search(r'aria-labelledby="figure-rolls_by_program".*?</section>', text, re.DOTALL)[0]
    address = re.search(r'action="([^"]+)"', figure)[1].replace("&amp;", "&")
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(client.post(address).streaming_content))).active
    heads, *rows = sheet.iter_rows(min_row=3, values_only=True)
    assert heads == ("救助项目", "户数（户）", "人数（人）", "月标准合计（元）")
    shown = [
        [float(number) for number in re.findall(r'data-number="([^"]+)"', line)] for line in re.findall(r"<tr>.*?</tr>", figure, re.DOTALL)
    ]
    assert [list(map(float, row[1:])) for row in rows[:-1]] == [line for line in shown if line]
    assert rows[-1][0] == "合计"


def test_the_ledger_of_figures_has_a_sheet_for_each(aided, clerk, officer):
    for post in (clerk, officer):
        parts = LEDGER.parts(Asked(post, {"month": "2026-09", "months": "3"}))
        assert [part.title.split("（")[0] for part in parts] == [figure.title.split("（")[0] for figure in registry.figures_for(post)]
        assert len({part.title for part in parts}) == len(parts)


def test_the_wall_tells_no_few_and_leads_nowhere(aided, signed_in, platform):
    text = signed_in(platform).get(SCREEN, {"month": "2026-09"}).content.decode()
    wall = text[text.index('id="wall"') :]
    assert "<a " not in wall
    assert "figure-rolls_by_village" not in wall
    rolls = re.search(r'aria-labelledby="figure-rolls_by_program".*?</section>', wall, re.DOTALL)[0]
    assert re.findall(r'data-number="([^"]*)"', rolls)[:2] == ["5", "15"]
    # 特困's one household is somebody
    assert "另有1行数目很小，不显示。" in rolls
    assert rolls.count("<tr>") == 2
    assert 'hx-trigger="every 300s"' in text


def test_on_the_wall_no_empty_chart_stands_for_what_is_kept_back(signed_in, platform):
    """Three families in August and three more in September: too few to be told as new, and enough once there are six."""
    homes = [HouseholdFactory() for _ in range(6)]
    for number, home in enumerate(homes):
        assistance(home, "MZ01", since=date(2026, 8 if number < 3 else 9, 1), amount=Decimal(500))
    count_changed()
    wall = signed_in(platform).get(SCREEN, {"month": "2026-09", "months": "3"}).content.decode()
    assert "figure-comings" not in wall
    by_month = re.search(r'aria-labelledby="figure-rolls_by_month".*?</section>', wall, re.DOTALL)[0]
    assert re.findall(r'data-number="([^"]+)"', by_month) == ["0", "0", "0.00", "6", "18", "3000.00"]
    assert "空着的地方，有的是数很小，不显示。" in by_month


def test_the_demo_has_its_figures_from_the_first_page_on(platform):
    assistance(HouseholdFactory(), "MZ01", since=date(2026, 8, 1), amount=Decimal(500))
    demo.finish(by=platform)
    figures = {figure.key: figure for figure in registry.figures_for(platform)}
    question = DashboardForm({}, platform)
    question.full_clean()
    assert not figures["rolls_by_program"].read(question.question).is_empty
    assert WorkMonth.objects.exists()


def test_nothing_yet_is_said_in_words(signed_in, platform):
    text = signed_in(platform).get(PAGE).content.decode()
    assert "这段时间没有数据。" in text


def test_a_figure_that_first_wants_a_township_says_that_alone(signed_in, platform):
    text = signed_in(platform).get(reverse("monitoring:dashboard_figure", args=["rolls_by_village"])).content.decode()
    assert "请先选一个乡镇（街道）。" in text
    assert "这段时间没有数据。" not in text
