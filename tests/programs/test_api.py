"""The public API: the list, one program, the departments; its schema, its errors, and who may read it (everybody) or write it (nobody)."""

import errno
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.test import Client
from hypothesis import HealthCheck, given, settings
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from config import problems
from config.verbs import TransitionError
from organization.models import Post
from programs import transitions

pytestmark = pytest.mark.django_db
PROGRAMS, DEPARTMENTS = "/api/v1/programs/", "/api/v1/departments/"


def test_the_whole_list_stands_on_one_page_without_sign_in(client: Client):
    body = client.get(PROGRAMS).json()
    assert (body["count"], len(body["results"]), body["next"]) == (54, 54, None)
    first = body["results"][0]
    assert (first["code"], first["name"], first["alias"]) == ("MZ01", "最低生活保障", "低保")
    assert (first["department"]["name"], first["route"], first["promise"]) == ("县民政局", "town_county", "30个工作日")
    assert (first["tier"], first["tier_label"]) == ("basic", "基本生活救助")


def test_pages_can_be_smaller(client: Client):
    body = client.get(PROGRAMS, {"page_size": 20, "page": 3}).json()
    assert (len(body["results"]), body["next"]) == (14, None)


@pytest.mark.parametrize(
    ("query", "count"), [({"q": "zdshbz"}, 1), ({"department": "RS"}, 7), ({"tier": "social", "beneficiary": "household"}, 3)]
)
def test_the_filters_are_those_of_the_page(client: Client, query: dict[str, str], count: int):
    assert client.get(PROGRAMS, query).json()["count"] == count


def test_one_program_with_tracks_stages_materials_and_origins(client: Client):
    body = client.get(f"{PROGRAMS}MZ04/").json()
    version = body["version"]
    assert [track["key"] for track in version["tracks"]] == ["ordinary", "urgent", "above_ceiling"]
    assert version["tracks"][0]["above_ceiling"] == "above_ceiling"
    assert [stage["act"] for stage in version["tracks"][0]["stages"]] == ["review", "publicise", "decide"]
    assert version["tracks"][0]["origins"]["whole_limit"]["origin"] == "assumed"
    book = next(m for m in version["materials"] if m["name"] == "户口簿")
    assert (book["need"], book["provable_by"][0]["holder"]) == ("unless_proven", "县公安局")
    assert body["origins"]["seed_name"]["origin"] == "seed"


def test_co_review_names_its_department(client: Client):
    stages = client.get(f"{PROGRAMS}MZ02/").json()["version"]["tracks"][0]["stages"]
    assert [(stage["act"], stage["department"]) for stage in stages] == [("review", None), ("co_review", "CL"), ("decide", None)]


def test_raw_screening_rules_are_not_published(client: Client):
    assert "hh.pc_income" not in client.get(f"{PROGRAMS}MZ01/").content.decode()


def test_seventeen_departments_with_their_counts(client: Client):
    body = client.get(DEPARTMENTS).json()
    assert [row["program_count"] for row in body["results"]] == [12, 4, 7, 5, 2, 1, 4, 3, 1, 1, 3, 1, 3, 4, 1, 1, 1]
    assert sum(row["unnamed_count"] for row in body["results"]) == 1
    assert client.get(f"{DEPARTMENTS}JW/").json()["name"] == "县教委"


def test_a_paused_program_is_said_to_be(client: Client, platform_approver: Post):
    transitions.pause(code="TX01", reason="名额已满", by=platform_approver)
    body = client.get(f"{PROGRAMS}TX01/").json()
    assert (body["is_paused"], body["pause_reason"]) == (True, "名额已满")


@pytest.mark.parametrize("url", [PROGRAMS, f"{PROGRAMS}MZ01/", DEPARTMENTS, f"{DEPARTMENTS}MZ/"])
@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_nothing_is_written_here(client: Client, signed_in: Callable[[Post], Client], platform_approver: Post, url: str, method: str):
    for caller in (client, signed_in(platform_approver)):
        response = getattr(caller, method)(url, {"seed_name": "改名"}, content_type="application/json")
        assert (response.status_code, response["Content-Type"], response.json()["title"]) == (405, problems.CONTENT_TYPE, "不支持这种操作")


def test_queries_do_not_grow_with_the_list(client: Client, assert_queries: Callable[[int], AbstractContextManager[Any]]):
    client.get(PROGRAMS)  # figures are remembered for a while: the complaint telephone is one
    for query in ({}, {"page_size": 5}):
        with assert_queries(7):
            client.get(PROGRAMS, query)
    for code in ("MZ04", "CG01"):
        with assert_queries(11):
            client.get(f"{PROGRAMS}{code}/")


# ── errors: RFC 9457 ────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("url", "status", "title"),
    [
        (f"{PROGRAMS}XX99/", 404, "没有找到"),
        (f"{PROGRAMS}%00/", 404, "没有找到"),
        (f"{PROGRAMS}?page=9", 404, "没有找到"),
        (f"{PROGRAMS}?tier=none", 400, "请求内容有误"),
        (f"{PROGRAMS}?q=%00", 400, "请求内容有误"),
        (f"{PROGRAMS}?department=ZZ", 400, "请求内容有误"),
        (f"{PROGRAMS}?page_size=0", 400, "请求内容有误"),
        (f"{PROGRAMS}?page_size=101", 400, "请求内容有误"),
        (f"{DEPARTMENTS}?page_size=x", 400, "请求内容有误"),
        ("/api/v1/nowhere/", 404, "没有找到"),
    ],
)
def test_errors_are_problem_details(client: Client, url: str, status: int, title: str):
    response = client.get(url)
    body = response.json()
    assert (response.status_code, response["Content-Type"]) == (status, "application/problem+json")
    assert (body["type"], body["status"], body["title"]) == ("about:blank", status, title)
    assert "Traceback" not in response.content.decode()
    assert ("errors" in body) == (status == 400)


class Broken:
    """A view that meets what nobody has thought of."""

    def __init__(self, raised: Exception) -> None:
        self.raised = raised

    def __call__(self, *_: object, **__: object) -> None:
        raise self.raised


@pytest.mark.parametrize(
    ("where", "raised", "detail"),
    [
        ("programs.api.ProgramViewSet.get_queryset", ZeroDivisionError("甲某 500233"), problems.FAILED),
        ("config.problems.problem", KeyError("甲某 500233"), problems.FAILED),
        ("organization.middleware.ActingPostMiddleware.__call__", RuntimeError("甲某 500233"), problems.FAILED),
        ("programs.api.ProgramViewSet.get_queryset", OSError(errno.ENOSPC, "甲某 500233"), problems.NO_ROOM),
    ],
)
def test_a_bug_answers_as_the_api_does_and_tells_nothing_of_itself(monkeypatch, where: str, raised: Exception, detail: str):
    monkeypatch.setattr(where, Broken(raised))
    address = f"{PROGRAMS}?tier=none" if where == "config.problems.problem" else PROGRAMS
    response = Client(raise_request_exception=False).get(address)
    assert (response.status_code, response["Content-Type"]) == (500, problems.CONTENT_TYPE)
    assert response.json() == {"type": "about:blank", "title": "系统故障", "status": 500, "instance": PROGRAMS, "detail": detail}
    assert "甲某" not in response.content.decode()


def test_what_no_view_has_refused_answers_so_too(settings):
    """A token that is missing, a method, a host: Django answers them with pages."""
    strict, docs = Client(enforce_csrf_checks=True), "/api/v1/docs/"
    settings.ALLOWED_HOSTS = ["testserver"]
    answers = [
        strict.post(docs),
        Client().post(docs),
        Client().get(PROGRAMS, headers={"Host": "elsewhere"}),
        strict.post("/api/v2/none/", {}),
    ]
    assert [(answer.status_code, answer.json()["title"], answer["Content-Type"]) for answer in answers] == [
        (403, "没有权限", problems.CONTENT_TYPE), (405, "不支持这种操作", problems.CONTENT_TYPE),
        (400, "请求内容有误", problems.CONTENT_TYPE), (404, "没有找到", problems.CONTENT_TYPE),
    ]  # fmt: skip
    assert answers[1]["Allow"] == "GET, HEAD"
    assert {"X-Request-ID", "Content-Security-Policy", "X-Content-Type-Options"} <= set(answers[0].headers)
    assert [int(answer["Content-Length"]) for answer in answers] == [len(answer.content) for answer in answers]
    assert strict.post("/sign-in/")["Content-Type"].startswith("text/html")


def test_what_no_view_has_refused_is_logged_once(caplog):
    caplog.set_level("WARNING", "django.request")
    Client().post("/api/v1/docs/")
    assert [(line.name, line.getMessage()) for line in caplog.records] == [("django.request", "Method Not Allowed (POST): /api/v1/docs/")]


def test_a_refused_verb_is_a_conflict_and_a_bug_stays_a_bug():
    refused = problems.handle(TransitionError("该项目已暂停受理。"), {})
    assert refused
    assert (refused.status_code, refused.data["detail"], refused.content_type) == (409, "该项目已暂停受理。", problems.CONTENT_TYPE)
    assert problems.handle(ZeroDivisionError(), {}) is None


def test_a_page_that_is_not_there_stays_a_page(client: Client):
    assert client.get("/programs/XX99/")["Content-Type"].startswith("text/html")


# Which departments there are is data, not schema, and a filter that a form leaves empty is no filter: what is accepted is tested above.
ABOUT_VALUES = [positive_data_acceptance, negative_data_rejection]


# ── the schema ──────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def api_schema(db: None, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The schema over plain WSGI. As Django's own test client does, without closing the test's connection between requests."""
    for signal in (request_started, request_finished):
        monkeypatch.setattr(signal, "receivers", [])
        signal.sender_receivers_cache.clear()
    return schemathesis.openapi.from_wsgi("/api/v1/schema/?format=json", WSGIHandler())


@pytest.mark.parametrize("mode", schemathesis.GenerationMode)
@pytest.mark.parametrize("path", [PROGRAMS, f"{PROGRAMS}{{code}}/", DEPARTMENTS, f"{DEPARTMENTS}{{code}}/"])
def test_every_answer_keeps_the_schema(api_schema: Any, path: str, mode: schemathesis.GenerationMode):
    """Schemathesis: made-up requests, good and bad; every answer has a documented status, content type and shape."""
    statuses = set()

    @settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
    @given(case=api_schema[path]["GET"].as_strategy(generation_mode=mode))
    def holds(case: Any) -> None:
        statuses.add(case.call_and_validate(excluded_checks=ABOUT_VALUES).status_code)

    holds()
    assert statuses <= {200, 400, 404}
    assert statuses


def test_the_schema_speaks_of_the_public_api_alone(client: Client):
    body = client.get("/api/v1/schema/?format=json").json()
    assert sorted(body["paths"]) == [DEPARTMENTS, f"{DEPARTMENTS}{{code}}/", PROGRAMS, f"{PROGRAMS}{{code}}/"]
    parameters = {p["name"] for p in body["paths"][PROGRAMS]["get"]["parameters"]}
    assert parameters == {"q", "department", "category", "tier", "beneficiary", "obtained", "page", "page_size"}
    problem = body["paths"][f"{PROGRAMS}{{code}}/"]["get"]["responses"]["404"]["content"]
    assert list(problem) == ["application/problem+json"]


def test_the_schema_s_page_takes_everything_from_here(client: Client):
    html = client.get("/api/v1/docs/").content.decode()
    assert "swagger-ui-bundle" in html
    assert 'data-schema="/api/v1/schema/"' in html
    assert "http://" not in html.replace("http://www.w3.org", "")
    assert "https://" not in html
