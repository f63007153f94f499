"""A form that is sent twice has one effect (SECURITY R3, abuse 11)."""

import re
import time
from threading import Barrier, Thread
from threading import Event as Signal
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template import engines
from django.test import Client, RequestFactory
from django.urls import include, path

from audit.models import Event
from audit.transitions import record
from config import clock as house_clock
from config import once as forms_sent
from config.models import FormToken
from config.once import NothingDone, once
from config.verbs import TransitionError
from organization import upkeep
from tests import cast

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.config.test_once")]
VERB = "staff.described"
HOLD = Signal()  # set: views do not wait
HOLD.set()
ENTERED = Signal()  # set by a view that has its token and has written


@once
def act(request: Any) -> HttpResponse:
    """Writes a line first, so that every answer but a redirect has something to undo."""
    with transaction.atomic():
        record(VERB, request.user, by=request.post, note=request.POST.get("words", ""))
    ENTERED.set()
    HOLD.wait(30)
    answer = request.POST.get("answer", "redirect")
    if answer == "refuse":
        raise TransitionError("这一步现在办不了。")
    if answer == "crash":
        raise RuntimeError("crash")
    if answer == "invalid":
        return HttpResponse("请改正", status=422)
    if answer == "nothing":
        return NothingDone("/thing/")
    if answer == "page":
        return HttpResponse("预览")
    if answer == "script":
        return HttpResponse(headers={"HX-Redirect": f"/done/{Event.objects.filter(verb=VERB).count()}/"})
    return redirect(f"/done/{Event.objects.filter(verb=VERB).count()}/")


urlpatterns = [path("", include("config.urls")), path("act/", act), path("act-elsewhere/", act)]


@pytest.fixture
def client(clerk: Any) -> Client:
    return cast.sign_in(Client(raise_request_exception=False), clerk.staff, clerk)


def acts() -> int:
    return Event.objects.filter(verb=VERB).count()


def body(**more: Any) -> dict[str, Any]:
    return {"once": str(uuid4()), "words": "甲", **more}


def said(response: HttpResponse) -> str:
    """The message waiting for the next page."""
    return "".join(str(message) for message in response.wsgi_request._messages)  # type: ignore[attr-defined]


def test_the_second_post_is_answered_like_the_first_and_does_nothing(client: Client) -> None:
    sent = body()
    first, second = client.post("/act/", sent), client.post("/act/", sent)
    assert (first.status_code, first["Location"]) == (second.status_code, second["Location"]) == (302, "/done/1/")
    assert acts() == 1
    assert "重复的提交没有再办一次" in said(second)
    assert "重复" not in said(first)


def test_without_a_token_each_post_counts(client: Client) -> None:
    for sent in ({"words": "甲"}, {"words": "甲"}, body(once="none"), body(once="none")):
        assert client.post("/act/", sent).status_code == 302
    assert acts() == 4
    assert not FormToken.objects.exists()


def test_the_same_token_with_another_content_is_refused(client: Client) -> None:
    sent = body()
    client.post("/act/", sent)
    for path_, changed in (("/act/", {"words": "乙"}), ("/act/", {"more": "1"}), ("/act-elsewhere/", {})):
        refused = client.post(path_, sent | changed, headers={"referer": "http://testserver/act/"})
        assert refused["Location"] == "/act/"
        assert "改动后的内容没有再次提交" in said(refused)
    assert client.post("/act/", sent | {"words": "乙"}, headers={"hx-request": "true"}).status_code == 409
    assert client.post("/act/", sent | {"csrfmiddlewaretoken": "rotated"}).status_code == 302
    assert acts() == 1


def test_files_are_content(client: Client) -> None:
    def with_file(content: bytes, name: str = "a.png") -> dict[str, Any]:
        return sent | {"paper": SimpleUploadedFile(name, content)}

    sent = body()
    assert client.post("/act/", with_file(b"one")).status_code == 302
    assert client.post("/act/", with_file(b"one")).status_code == 302
    assert client.post("/act/", with_file(b"two")).status_code == 409
    assert client.post("/act/", with_file(b"one", "b.png")).status_code == 409
    assert acts() == 1


@pytest.mark.parametrize(("answer", "status"), [("invalid", 422), ("refuse", 409), ("crash", 500), ("page", 200), ("nothing", 302)])
def test_what_does_not_lead_on_is_undone_and_the_corrected_form_may_come_again(client: Client, answer: str, status: int) -> None:
    sent = body()
    assert client.post("/act/", sent | {"answer": answer}).status_code == status
    assert (acts(), FormToken.objects.count()) == (0, 0)
    assert client.post("/act/", sent).status_code == 302
    assert (acts(), FormToken.objects.count()) == (1, 1)


def test_tokens_belong_to_a_person(client: Client, second_clerk: Any) -> None:
    sent = body()
    client.post("/act/", sent)
    assert cast.sign_in(Client(), second_clerk.staff, second_clerk).post("/act/", sent)["Location"] == "/done/2/"
    assert client.post("/act/", sent)["Location"] == "/done/1/"


def test_posts_of_nobody_are_not_covered() -> None:
    sent = {"once": str(uuid4()), "words": "甲"}
    assert [Client().post("/styleguide/once/", sent).status_code for _ in range(2)] == [302, 302]
    assert not FormToken.objects.exists()


def test_a_redirect_by_script_is_repeated_as_one(client: Client) -> None:
    sent, htmx = body(answer="script"), {"hx-request": "true"}
    first, second = client.post("/act/", sent, headers=htmx), client.post("/act/", sent, headers=htmx)
    assert [(r.status_code, r["HX-Redirect"], "Location" in r) for r in (first, second)] == [(200, "/done/1/", False)] * 2
    assert acts() == 1


@pytest.mark.parametrize("token", [{}, {"once": "8e9a0a6e-6b0b-4b9b-8f0e-0d5a3c1f9a11"}])
def test_a_fragment_as_success_is_an_error_even_without_a_token(client: Client, token: dict[str, str]) -> None:
    client.raise_request_exception = True
    with pytest.raises(TypeError, match="undone unseen"):
        client.post("/act/", {"answer": "page", **token}, headers={"hx-request": "true"})


def test_the_row_holds_nothing_that_was_typed(client: Client) -> None:
    sent = body(words="张某芳999999199001011238")
    client.post("/act/", sent)
    token = FormToken.objects.get()
    assert (str(token.key), token.location, len(token.digest)) == (sent["once"], "/done/1/", 16)


def test_one_use_of_a_form_token(client: Client, clerk: Any) -> None:
    client.post("/act/", body())
    used = FormToken.objects.get()
    with pytest.raises(IntegrityError, match="one_use_of_a_form_token"), transaction.atomic():
        FormToken.objects.create(owner=clerk.staff, key=used.key, digest=b"", used_at=house_clock.now())
    assert "one_use_of_a_form_token" in {c.name for c in FormToken._meta.constraints}


def test_old_tokens_are_forgotten(client: Client, clerk: Any, clock: Any) -> None:
    sent = body()
    client.post("/act/", sent)
    clock.forward(hours=24)
    assert upkeep.forget_form_tokens() == 0
    clock.forward(seconds=1)
    assert upkeep.forget_form_tokens() == 1
    assert cast.sign_in(Client(), clerk.staff, clerk).post("/act/", sent).status_code == 302
    assert acts() == 2


# ── the field ───────────────────────────────────────────────────────────────────────────────────────────────────────
TEMPLATE = "{% load frame %}{% once_field %}"


def token_in(page: str) -> str:
    return re.findall(r'<input type="hidden" name="once" value="([0-9a-f-]{36})" autocomplete="off">', page)[0]


def test_each_form_gets_a_token_of_its_own_and_keeps_it_when_it_comes_back() -> None:
    template = engines["django"].from_string(TEMPLATE)
    fresh = {token_in(template.render({}, request)) for request in (None, None, RequestFactory().get("/"))}
    assert len(fresh) == 3
    brought = str(uuid4())
    assert token_in(template.render({}, RequestFactory().post("/", {"once": brought}))) == brought
    assert token_in(template.render({}, RequestFactory().post("/", {"once": '"><script>'})))


def test_the_sample_is_sent_once(clerk: Any) -> None:
    client = cast.sign_in(Client(), clerk.staff, clerk)
    page = client.get("/styleguide/").content.decode()
    sent = {"once": token_in(page), "words": "你好"}
    assert [client.post("/styleguide/once/", sent)["Location"] for _ in range(2)] == ["/styleguide/#once"] * 2
    page = client.get("/styleguide/").content.decode()
    assert page.count("收到：你好") == 1
    assert "重复的提交没有再办一次" in page


# ── races, over real connections ────────────────────────────────────────────────────────────────────────────────────
def race(posts: list[dict[str, Any]], clerk: Any) -> list[HttpResponse]:
    """All posts at once, each over a connection of its own."""
    barrier, answers = Barrier(len(posts)), []
    clients = [cast.sign_in(Client(raise_request_exception=False), clerk.staff, clerk) for _ in posts]

    def run(client: Client, sent: dict[str, Any]) -> None:
        barrier.wait()
        answers.append(client.post("/act/", sent))
        connection.close()

    threads = [Thread(target=run, args=pair) for pair in zip(clients, posts, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return answers


@pytest.mark.django_db(transaction=True)
def test_of_eight_posts_at_once_one_has_an_effect_and_all_lead_to_it(clerk: Any) -> None:
    for round_ in range(1, 6):
        answers = race([body()] * 8, clerk)
        assert {(a.status_code, a["Location"]) for a in answers} == {(302, f"/done/{round_}/")}
        assert acts() == round_


@pytest.mark.django_db(transaction=True)
def test_without_the_token_the_same_race_has_eight_effects(clerk: Any) -> None:
    """The naive version fails: the race is one."""
    race([{"words": "甲"}] * 8, clerk)
    assert acts() == 8


@pytest.mark.django_db(transaction=True)
def test_of_two_contents_at_once_one_wins_and_the_other_is_told(clerk: Any) -> None:
    key = str(uuid4())
    answers = race([body(once=key, words=words) for words in "甲乙甲乙"], clerk)
    assert sorted(a.status_code for a in answers) == [302, 302, 409, 409]
    assert acts() == 1


@pytest.mark.django_db(transaction=True)
def test_when_the_first_fails_one_of_the_waiting_takes_its_place(clerk: Any) -> None:
    """Waiters stand at the index while the first is at work; its rollback lets the next one in."""
    key = str(uuid4())
    HOLD.clear()
    ENTERED.clear()
    failing = Thread(target=lambda: race([body(once=key, answer="invalid")], clerk))
    failing.start()
    assert ENTERED.wait(30)
    answers: list[HttpResponse] = []
    waiting = Thread(target=lambda: answers.extend(race([body(once=key)] * 3, clerk)))
    waiting.start()
    _wait_for("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()", 3)
    HOLD.set()
    failing.join(60)
    waiting.join(60)
    assert {(a.status_code, a["Location"]) for a in answers} == {(302, "/done/1/")}
    assert acts() == 1


@pytest.mark.django_db(transaction=True)
def test_who_waits_too_long_is_told_to_look_later(clerk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    sent, claim = body(), forms_sent._claim

    def impatient(*args: Any) -> FormToken:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '100ms'")
        return claim(*args)

    HOLD.clear()
    ENTERED.clear()
    first = Thread(target=lambda: race([sent], clerk))
    first.start()
    assert ENTERED.wait(30)
    monkeypatch.setattr(forms_sent, "_claim", impatient)
    (answer,) = race([sent], clerk)
    HOLD.set()
    first.join(60)
    assert answer.status_code == 409
    assert "刚才的提交还在办理" in answer.content.decode()
    assert acts() == 1


def _wait_for(sql: str, number: int) -> None:
    for _ in range(400):
        with connection.cursor() as cursor:
            cursor.execute(sql)
            if cursor.fetchone()[0] >= number:
                return
        time.sleep(0.05)
    raise AssertionError(f"never {number}: {sql}")
