"""Sign-in holds (SECURITY S5): lock-out by (user, address), one sentence for every failure, limits of the session."""

import pytest
from django.test import Client

from audit.models import Event
from organization.models import Staff
from organization.transitions import accounts
from tests.cast import PASSWORD

pytestmark = pytest.mark.django_db
HERE, ELSEWHERE = "10.1.1.1", "10.9.9.9"


def enter(client: Client, username: str, password: str = PASSWORD, address: str = HERE, **data: str):
    return client.post("/sign-in/", {"username": username, "password": password, **data}, REMOTE_ADDR=address)


def test_lands_on_ones_own_work_and_notes_it(client, clerk):
    response = enter(client, "clerk")
    assert (response.status_code, response["Location"]) == (302, "/")
    event = Event.objects.filter(verb="staff.signed_in").first()
    assert (event.by, event.address, event.post_label) == (clerk.staff, HERE, clerk.label)


def test_shows_the_last_sign_in(client, clerk, clock):
    enter(client, "clerk", address=ELSEWHERE)
    clock.forward(hours=1)
    page = enter(Client(), "clerk").wsgi_request
    text = " ".join(str(m) for m in page._messages)
    assert ELSEWHERE in text
    assert "上次登录" in text


@pytest.mark.parametrize("username", ["clerk", "nobody-of-that-name"])
def test_one_sentence_for_a_wrong_password_and_an_unknown_name(client, clerk, username):
    response = enter(client, username, "wrong")
    assert response.status_code == 422
    assert "登录名或密码不对" in response.content.decode()
    assert username in response.content.decode(), "what was typed is kept"


def test_locks_user_and_address_together(client, clerk):
    answers = [enter(client, "clerk", "wrong", ELSEWHERE) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [422] * 5
    assert ["已锁定" in answer.content.decode() for answer in answers] == [False] * 4 + [True]
    assert "已锁定" in enter(client, "clerk", PASSWORD, ELSEWHERE).content.decode()
    assert enter(client, "clerk", PASSWORD, HERE).status_code == 302
    verbs = list(Event.objects.about(clerk.staff).values_list("verb", flat=True))
    assert verbs.count("staff.locked_out") == 1


def test_wrong_passwords_from_one_address_beyond_every_limit_do_not_keep_the_clerk_out(client, clerk):
    """The limits are 5 for a name from an address and 100 for an address: past both, each further one is answered as the last."""
    for _ in range(120):
        enter(client, "clerk", "wrong", ELSEWHERE)
    assert enter(Client(), "clerk", PASSWORD, HERE).status_code == 302
    assert Event.objects.about(clerk.staff).filter(verb__in=["staff.locked_out", "staff.sign_in_failed"]).count() == 5


def test_an_address_that_tries_everybody_waits(client, clerk):
    for number in range(100):
        enter(client, f"guess{number}", "wrong", ELSEWHERE)
    assert "登录失败次数过多" in enter(client, "clerk", PASSWORD, ELSEWHERE).content.decode()
    assert enter(client, "clerk", PASSWORD, HERE).status_code == 302


def test_the_lock_ends_by_itself(client, clerk):
    from datetime import timedelta

    from axes.models import AccessAttempt

    for _ in range(5):
        enter(client, "clerk", "wrong")
    AccessAttempt.objects.update(attempt_time=AccessAttempt.objects.get().attempt_time - timedelta(minutes=16))
    assert enter(client, "clerk").status_code == 302


def test_the_security_administrator_lifts_the_lock(client, clerk, security_administrator, signed_in):
    for _ in range(5):
        enter(client, "clerk", "wrong")
    assert signed_in(security_administrator).post(f"/organization/staff/{clerk.staff_id}/lift-lock/").status_code == 302
    assert enter(client, "clerk").status_code == 302
    assert Event.objects.filter(verb="staff.lock_lifted").count() == 1


def test_a_disabled_account_gets_the_same_sentence(client, clerk, system_administrator):
    accounts.disable(staff_id=clerk.staff_id, reason="离职", by=system_administrator)
    assert "登录名或密码不对" in enter(client, "clerk").content.decode()


def test_a_disabled_account_is_out_with_its_next_request(clerk, system_administrator, signed_in):
    client = signed_in(clerk)
    accounts.disable(staff_id=clerk.staff_id, reason="离职", by=system_administrator)
    assert client.get("/account/").status_code == 302


def test_the_first_sign_in_must_change_the_password(client, system_administrator):
    accounts.create_staff(
        username="fresh", name="新人", employment_type="established", password="Spring-2026-rain", by=system_administrator
    )
    enter(client, "fresh", "Spring-2026-rain")
    assert client.get("/account/")["Location"] == "/account/password/change/"
    data = {"current": "Spring-2026-rain", "password": "Autumn-2026-wind", "again": "Autumn-2026-wind"}
    assert client.post("/account/password/change/", data)["Location"] == "/"
    assert client.get("/account/").status_code == 200, "the changed password keeps the session"


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"current": "not-mine"}, "现在的密码不对"),
        ({"again": "Autumn-2026-rain"}, "两次输入的新密码不一样"),
        ({"password": PASSWORD, "again": PASSWORD}, "不能使用最近用过的密码"),
    ],
)
def test_refuses_a_new_password_with_a_sentence(clerk, signed_in, data, sentence):
    full = {"current": PASSWORD, "password": "Autumn-2026-wind", "again": "Autumn-2026-wind", **data}
    response = signed_in(clerk).post("/account/password/change/", full)
    assert response.status_code == 422
    assert sentence in response.content.decode()


def test_an_old_password_must_be_changed(clerk, signed_in, clock):
    client = signed_in(clerk)
    clock.forward(days=91)
    client = signed_in(clerk)
    assert client.get("/account/")["Location"] == "/account/password/change/"
    page = client.get("/account/password/change/").content.decode()
    assert "密码使用已超过规定天数" in page
    assert "退出登录" in page


def test_changing_the_password_ends_the_other_sessions(clerk, signed_in):
    here, there = signed_in(clerk), signed_in(clerk)
    here.post("/account/password/change/", {"current": PASSWORD, "password": "Autumn-2026-wind", "again": "Autumn-2026-wind"})
    assert here.get("/account/").status_code == 200
    assert there.get("/account/").status_code == 302


def test_idle_too_long_ends_the_session_and_leads_back(clerk, signed_in, clock):
    client = signed_in(clerk)
    client.get("/account/")
    clock.forward(minutes=29)
    assert client.get("/account/").status_code == 200
    clock.forward(minutes=31)
    response = client.get("/account/?x=1")
    assert response["Location"] == "/sign-in/?next=%2Faccount%2F%3Fx%3D1"
    assert Event.objects.filter(verb="staff.signed_out").first().note == "已有 30 分钟没有操作"


def test_no_session_outlives_the_absolute_limit(clerk, signed_in, clock):
    client = signed_in(clerk)
    for _ in range(25):
        client.get("/account/")
        clock.forward(minutes=29)
    assert client.get("/account/").status_code == 302
    assert "12 小时" in Event.objects.filter(verb="staff.signed_out").first().note


def test_htmx_is_told_to_go_to_the_sign_in_page(clerk, signed_in, clock):
    client = signed_in(clerk)
    client.get("/account/")
    clock.forward(hours=2)
    response = client.get("/account/", headers={"HX-Request": "true"})
    assert (response.status_code, response["HX-Redirect"]) == (401, "/sign-in/")


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_never_leads_to_another_host(client, clerk, target):
    assert enter(client, "clerk", next=target)["Location"] == "/"


def test_signing_in_changes_the_session_key(client, clerk):
    client.get("/sign-in/")
    client.session["x"] = 1
    before = client.session.session_key
    enter(client, "clerk")
    assert client.session.session_key != before


def test_signing_out_is_a_post_and_noted(clerk, signed_in):
    client = signed_in(clerk)
    assert client.get("/sign-out/").status_code == 405
    assert client.post("/sign-out/")["Location"] == "/sign-in/"
    assert client.get("/account/").status_code == 302
    assert Event.objects.filter(verb="staff.signed_out").first().note == "本人退出"


def test_a_forwarded_address_is_believed_only_from_our_proxy(client, clerk, settings):
    client.post("/sign-in/", {"username": "clerk", "password": "wrong"}, REMOTE_ADDR=HERE, HTTP_X_REAL_IP=ELSEWHERE)
    assert Event.objects.filter(verb="staff.sign_in_failed").first().address == HERE
    settings.TRUST_PROXY = True
    client.post("/sign-in/", {"username": "clerk", "password": "wrong"}, REMOTE_ADDR=HERE, HTTP_X_REAL_IP=ELSEWHERE)
    assert Event.objects.filter(verb="staff.sign_in_failed").first().address == ELSEWHERE


def test_a_person_without_a_post_is_told_whom_to_ask(nobody, client):
    client.force_login(nobody, backend="django.contrib.auth.backends.ModelBackend")
    assert "没有生效的岗位" in client.get("/").content.decode()
    assert client.get("/organization/units/").status_code == 403


def test_a_post_that_expires_during_work_falls_to_the_next_with_a_word(double, signed_in, clock, security_administrator):
    from organization.transitions import posts

    first, second = double.posts
    client = signed_in(first)
    client.get("/organization/units/")
    posts.end(post_id=first.pk, reason="调整", by=security_administrator)
    response = client.get("/organization/units/")
    assert response.wsgi_request.post == second
    assert "已到期或终止" in " ".join(str(m) for m in response.wsgi_request._messages)


def test_switching_posts_from_the_page(double, signed_in):
    first, second = double.posts
    client = signed_in(first)
    client.post(f"/account/posts/{second.pk}/switch/")
    assert client.get("/account/").wsgi_request.post == second


def test_password_never_stands_in_the_record(client, clerk):
    enter(client, "clerk", "Secret-canary-77")
    dump = [str(row) for row in Event.objects.values_list()]
    assert not any("Secret-canary-77" in row for row in dump)
    assert Staff.objects.filter(password__contains="Secret").count() == 0


def test_the_page_says_why_one_must_sign_in_and_what_was_lost(client):
    assert "没有提交成功的内容需要重新填写" in client.get("/sign-in/?next=/organization/staff/create/").content.decode()
    assert "没有提交成功" not in client.get("/sign-in/").content.decode()


def test_a_failed_sign_in_does_not_claim_the_password_was_kept(client):
    words = client.post("/sign-in/", {"username": "nobody", "password": "x"}).content.decode()
    assert "没有成功，请改正后重新填写" in words
    assert "都已保留" not in words
