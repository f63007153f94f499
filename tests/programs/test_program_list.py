"""The public catalogue page (ZX-54, ZX-56, TZ-35): found by anybody, by any of its names, with the filters in the address."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from django.test import Client

from organization.models import Post
from programs import transitions
from programs.models import Program
from programs.rules import initials

pytestmark = pytest.mark.django_db
URL = "/programs/"


def codes(html: str) -> list[str]:
    return re.findall(r'<tr id="([A-Z]{2}\d{2})"', html)


def page(client: Client, query: str = "", **headers: Any) -> str:
    response = client.get(f"{URL}{query}", **headers)
    assert response.status_code == 200
    return response.content.decode()


def test_nobody_signs_in_to_read_the_whole_list(client: Client):
    html = page(client)
    assert len(codes(html)) == 54
    assert re.search(r"17个部门的<strong>54</strong>项救助（其中1项待明确）", html)
    assert codes(html)[0] == "MZ01"
    assert codes(html)[-1] == "HS01"


def test_signed_in_it_stands_in_the_office_frame(signed_in: Callable[[Post], Client], clerk: Post, client: Client):
    assert 'class="office"' in page(signed_in(clerk))
    assert 'class="public"' in page(client)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("最低生活", ["MZ01"]),
        ("zdshbz", ["MZ01"]),
        ("ZDSHBZ", ["MZ01"]),
        ("ｚｄｓｈｂｚ", ["MZ01"]),
        ("低保", ["MZ01"]),
        ("dib", []),
        ("困难残疾人生活补贴", ["MZ02"]),
        ("knc", ["MZ02"]),
        ("mz07", ["MZ07"]),
        ("县妇联", ["FL01"]),
        ("残疾 护理", ["MZ03"]),
        ("“惠民济困保”", ["MZ06"]),
        ("没有这种", []),
    ],
)
def test_found_by_name_alias_initials_code_and_department(client: Client, words: str, found: list[str]):
    assert codes(page(client, f"?q={words}")) == found


def test_initials_of_every_program_find_it(client: Client):
    for program in Program.objects.named():
        first = initials(program.seed_name)
        assert first.isascii()
        assert program.code in Program.objects.visible_to(None).matching(first).values_list("code", flat=True)
    assert initials("最低生活保障", "低保") == "zdshbz db"
    assert initials("农村C、D级危房改造") == "nccdjwfgz"


@pytest.mark.parametrize(
    ("query", "count"),
    [
        *[("department=MZ", 12), ("department=HS", 1), ("category=education", 8), ("tier=basic", 5), ("beneficiary=employer", 2)],
        *[("obtained=without_application", 3), ("obtained=school", 5), ("department=MZ&tier=emergency", 2)],
        ("department=JW&obtained=window", 0),
    ],
)
def test_filters_narrow_the_list(client: Client, query: str, count: int):
    html = page(client, f"?{query}")
    assert len(codes(html)) == count
    assert f"找到 {count} 项" in html
    if not count:
        assert "没有找到这样的项目" in html


def test_filters_stay_in_the_form(client: Client):
    html = page(client, "?department=MZ&tier=emergency&q=临时")
    assert '<option value="MZ" selected>县民政局</option>' in html
    assert 'value="临时"' in html


@pytest.mark.parametrize("query", ["tier=unknown", "department=ZZ", "q=%00", f"q={'长' * 61}", "obtained=x"])
def test_a_filter_that_cannot_be_read_is_said_and_the_list_stands(client: Client, query: str):
    html = page(client, f"?{query}")
    assert len(codes(html)) == 54
    assert "errorlist" in html or "invalid" in html


def test_group_by_category_and_tier(client: Client):
    titles = re.findall(r"<h2>\s*([^<\s]+)\s*<span", page(client, "?group=tier"))
    assert titles == ["基本生活救助", "专项救助", "急难救助", "关爱帮扶", "社会力量", "待明确"]
    assert re.findall(r"<h2>\s*([^<\s]+)\s*<span", page(client, "?group=category&department=ZJ")) == ["住房救助"]
    assert len(re.findall(r"<h2>\s*([^<\s]+)\s*<span", page(client, "?group=nonsense"))) == 17


def test_departments_stand_in_the_order_of_the_county_s_list(client: Client):
    chips = re.findall(r'href="\?department=(\w\w)"', page(client))
    assert chips == ["MZ", "CL", "RS", "JW", "JT", "ZJ", "XC", "WJ", "YB", "YJ", "SF", "CG", "GH", "TX", "FL", "CS", "HS"]


@pytest.mark.parametrize("query", ["", "?q=残疾", "?group=tier&beneficiary=household"])
def test_the_fragment_is_part_of_the_page(client: Client, query: str):
    whole = page(client, query)
    part = page(client, query, headers={"HX-Request": "true"}).strip()
    assert "<html" not in part
    assert re.sub(r"\s+", " ", part) in re.sub(r"\s+", " ", whole)


def test_the_placeholder_is_listed_honestly(client: Client):
    row = re.search(r'<tr id="WJ03">.*?</tr>', page(client), re.S)
    assert row
    assert "待明确" in row[0]
    assert "来源清单未列名称" in row[0]


def test_a_paused_program_stays_with_its_label(client: Client, platform_approver: Post):
    assert "暂停受理" not in page(client)
    transitions.pause(code="TX01", reason="名额已满", by=platform_approver)
    row = re.search(r'<tr id="TX01">.*?</tr>', page(client), re.S)
    assert row
    assert "暂停受理" in row[0]


@pytest.mark.parametrize("query", ["", "?department=HS", "?q=zdshbz"])
def test_queries_do_not_grow_with_the_list(client: Client, assert_queries: Callable[[int], AbstractContextManager[Any]], query: str):
    with assert_queries(10 if "department" in query else 9):
        client.get(f"{URL}{query}")


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_the_list_is_only_read(client: Client, method: str):
    assert getattr(client, method)(URL).status_code == 405
