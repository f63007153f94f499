"""The page frame: header, navigation by post, watermark, text size, error pages."""

import errno
import io
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.template import engines
from django.template.loader import render_to_string
from django.test import Client, RequestFactory

from config import clock
from config.navigation import Entry, address, links_for

PAGE = (
    "{% extends 'base.html' %}{% block title %}甲{% endblock %}{% block heading %}标题{% endblock %}{% block content %}正文{% endblock %}"
)


def request_of(name: str = "王经办", role: str = "T", path: str = "/", posts: int = 1) -> Any:
    request = RequestFactory().get(path)
    request.user = SimpleNamespace(name=name, is_authenticated=True)
    unit = SimpleNamespace(short_name="忠州街道窗口", kind="township_window")
    held = [
        SimpleNamespace(pk=n, role=role, unit=unit, label=f"忠州街道窗口 {name}（岗位{n}）", department_codes=frozenset())
        for n in range(1, posts + 1)
    ]
    request.posts, request.post = held, held[0]
    return request


def page_for(request: Any, source: str = PAGE) -> str:
    return engines["django"].from_string(source).render({"unread_notices": "", "open_jobs": ""}, request)


def test_header_names_system_person_unit_and_watermark_dates_them(settings: Any) -> None:
    settings.SYSTEM_NAME = "某县协同救助信息平台"
    page = page_for(request_of())
    assert "某县协同救助信息平台" in page
    assert "忠州街道窗口 王经办（岗位1）" in page
    assert f"王经办 忠州街道窗口 {clock.today().isoformat()}" in page
    assert "本系统为非涉密系统，严禁处理、传输国家秘密" in page


def test_one_post_shows_no_switch_and_several_do() -> None:
    assert "切换到岗位" not in page_for(request_of(posts=1))
    several = page_for(request_of(posts=3))
    assert "切换到岗位" in several
    assert several.index("（岗位2）") > several.index("切换到岗位")


def test_page_without_a_post_still_has_its_frame() -> None:
    request = request_of()
    request.post, request.posts = None, []
    page = page_for(request)
    assert "王经办" in page
    assert "正文" in page


ENTRIES = (
    Entry("机构", "diagram-3", "organization:unit_list", frozenset({"T", "AS"})),
    Entry("人员", "people", "organization:staff_list", frozenset({"AS"})),
    Entry("未建", "type", "missing:name", frozenset({"T", "AS"})),
    Entry("首页", "house", "organization:home", frozenset({"T", "AS"})),
)


def test_navigation_shows_a_role_its_own_entries_that_exist() -> None:
    assert [link.label for link in links_for("T", current_path="/", entries=ENTRIES)] == ["机构", "首页"]
    assert [link.label for link in links_for("AS", current_path="/", entries=ENTRIES)] == ["机构", "人员", "首页"]
    assert links_for("V", current_path="/", entries=ENTRIES) == []


@pytest.mark.parametrize(
    ("path", "current"), [("/", ["首页"]), ("/organization/units/7/", ["机构"]), ("/organization/staff/", ["人员"]), ("/account/", [])]
)
def test_the_current_entry_is_the_longest_beginning_of_the_path(path: str, current: list[str]) -> None:
    assert [link.label for link in links_for("AS", current_path=path, entries=ENTRIES) if link.is_current] == current


@pytest.mark.parametrize(
    ("role", "path", "current"),
    [
        ("T", "/households/open/", "查找人员"),
        ("V", "/cases/7/", "本村工作"),
        ("BA", "/cases/7/", "救助申请"),
        ("D", "/records/7/", "查找人员"),
        ("D", "/verification/7/", "转办事项"),
        ("T", "/verification/7/", "经济状况核查"),
        ("B", "/households/kin/", "近亲属备案"),
        ("D", "/households/rule-trials/of/7/", "筛查规则"),
        ("B", "/programs/versions/7/publish/", "筛查规则"),
        ("T", "/households/own-kin/", "我的账号"),
        ("L", "/organization/review-offices/", "机构名录"),
    ],
)
def test_a_page_without_an_entry_of_its_own_marks_the_one_it_lies_under(role: str, path: str, current: str) -> None:
    assert [link.label for link in links_for(role, current_path=path) if link.is_current] == [current]


def test_the_window_stays_marked_when_a_number_is_typed_wrong() -> None:
    links = links_for("T", current_path="/intake/visits/arrive/", unit_kind="township_window")
    assert [link.label for link in links if link.is_current] == ["综合受理"]


def test_the_bell_shows_a_count_only_where_there_is_one() -> None:
    assert "条未读" not in page_for(request_of())
    header = engines["django"].get_template("_components/office_header.html")
    request = request_of()
    shown = header.render({"unread_notices": "99+"}, request)
    assert ("99+条未读" in shown) == bool(address("deadlines:notice_list"))


def test_every_role_has_navigation_and_at_most_four_primary_entries() -> None:
    from config.navigation import ENTRIES, EVERYBODY

    for role in EVERYBODY:
        own = [entry for entry in ENTRIES if role in entry.roles]
        assert own, role
        assert sum(entry.is_primary_for(role) for entry in own) <= 4, role
    assert "查找人员" in [link.label for link in links_for("V", current_path="/") if link.is_primary]
    assert {role for entry in ENTRIES for role in entry.roles} <= EVERYBODY


def test_large_text_is_remembered_and_goes_back(client: Client) -> None:
    response = client.get("/text-size/large/?next=/programs/%3Fq%3D1")
    assert response["Location"] == "/programs/?q=1"
    assert client.cookies["text_size"].value == "large"
    request = request_of()
    request.COOKIES["text_size"] = "large"
    assert 'class="text-large"' in page_for(request)
    client.get("/text-size/normal/")
    assert client.cookies["text_size"].value == "normal"


@pytest.mark.parametrize("target", ["https://elsewhere.example/", "//elsewhere.example", "javascript:alert(1)"])
def test_large_text_never_leads_elsewhere(client: Client, target: str) -> None:
    assert client.get("/text-size/large/", {"next": target})["Location"] == "/"


def test_unknown_text_size_does_not_exist(client: Client) -> None:
    assert client.get("/text-size/huge/").status_code == 404


def test_public_frame_for_somebody_unknown(db: None) -> None:
    request = RequestFactory().get("/")
    request.user = AnonymousUser()
    page = page_for(request, PAGE.replace("base.html", "public.html"))
    assert "大字版" in page
    assert "退出" not in page
    assert "watermark" not in page


@pytest.mark.parametrize("name", ["400", "403", "403_csrf", "404", "409", "500", "500_full"])
def test_error_pages_need_no_request(name: str) -> None:
    """Two of them are rendered by Django without any; all say what to do next in Chinese."""
    page = render_to_string(f"{name}.html")
    assert "回到首页" in page
    assert "</html>" in page


def test_an_entry_may_belong_to_one_kind_of_unit():
    entries = [Entry("窗口", "x", "organization:account", frozenset({"T"}), unit_kind="township_window")]
    assert links_for("T", current_path="/", unit_kind="township_window", entries=entries)
    assert not links_for("T", current_path="/", unit_kind="township_office", entries=entries)


def test_an_entry_of_certain_departments_is_their_successors_too():
    def labels(*codes: str) -> list[str]:
        return [link.label for link in links_for("D", current_path="/", unit_kind="department", departments=frozenset(codes))]

    assert "免申请名单" in labels("CG")
    assert "免申请名单" not in labels("JW")
    assert "免申请名单" in labels("JW", "CG")


@pytest.mark.django_db
def test_the_address_of_a_button_opened_as_a_page_leads_on(signed_in: Any, clerk: Any) -> None:
    client = signed_in(clerk)
    response = client.get("/sign-out/")
    assert (response.status_code, response["Allow"]) == (405, "POST")
    assert "这个地址不能直接打开" in response.content.decode()
    assert client.get("/sign-out/", headers={"HX-Request": "true"}).content == b""


def test_a_remembered_menu_is_nobody_elses() -> None:
    """The same page, one post after the other, and one whose role changes between two requests; a count of jobs is its person's own."""
    window = request_of(role="T", path="/deadlines/notices/")
    first = page_for(window)
    assert "经济状况核查" in first
    assert "经济状况核查" not in page_for(request_of(role="V", path="/deadlines/notices/"))
    assert page_for(request_of(role="T", path="/deadlines/notices/")).count("经济状况核查") == first.count("经济状况核查")
    window.post.role = "V"
    assert "经济状况核查" not in page_for(window)
    template = engines["django"].from_string(PAGE)
    assert "3个未结束" in template.render({"unread_notices": "", "open_jobs": "3"}, request_of(role="T"))
    assert "个未结束" not in template.render({"unread_notices": "", "open_jobs": ""}, request_of(role="T"))


@pytest.mark.django_db
def test_whoever_uploads_to_a_full_disk_is_told_so(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is laid down while the request is read: no view has been asked yet."""

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "no space")

    monkeypatch.setattr("django.core.files.uploadhandler.MemoryFileUploadHandler.receive_data_chunk", full)
    client.raise_request_exception = False
    answer = client.post("/sign-in/", {"file": io.BytesIO(b"x")})
    assert (answer.status_code, "服务器磁盘空间不足" in answer.content.decode()) == (500, True)
