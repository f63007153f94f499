"""The public progress page: steps and dates only, the same answer for absent and wrong, a lock after five (TZ-25, SECURITY #20)."""

import re
import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client

from config import clock as house_clock
from deadlines.models import Duty
from intake.models import Application
from referrals.models import ProgressTry
from referrals.tasks import forget_progress_tries
from referrals.transitions.progress import ProgressLocked, look_up
from tests.intake.factories import ApplicationFactory
from tests.referrals.factories import ReferralFactory, referrals

PAGE = "/progress/"
NOT_FOUND = "没有查到"
LOCKED = "暂停查询"


def asked(application: Application, **changed: str) -> dict[str, str]:
    tail = application.applicant.id_number_masked[-4:]
    return {"number": application.number, "tail": tail, "code": "", **changed}


def text_of(response) -> str:
    return response.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("way", ["number", "code"])
def test_number_and_last_four_or_the_code_tell_the_steps(client, way):
    referral = ReferralFactory(in_hand=True)
    application = referral.application
    typed = asked(application) if way == "number" else {"number": "", "tail": "", "code": application.query_code}
    response = client.post(PAGE, typed)
    assert response.status_code == 200
    assert "办理中，第1步（共3步）" in text_of(response)
    assert f"{house_clock.today():%Y-%m-%d}" in text_of(response)


@pytest.mark.django_db
def test_it_names_no_program_no_person_and_no_outcome(client):
    rows = referrals(programs=["MZ01", "MZ04"], refused=True)
    application = rows[0].application
    text = text_of(client.post(PAGE, asked(application)))
    answer = re.search(r'aria-label="办理进度".*?</section>', text, re.DOTALL)[0]
    hidden = [application.applicant.name, "不予", "批准", "refused", *(row.program.seed_name for row in rows)]
    assert not [words for words in hidden if words in answer]
    assert application.number not in answer
    assert answer.count("已作出决定，正在反馈受理窗口") == 2


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("trait", "words"),
    [("returned", "等待补正材料"), ("fed_back", "已有结果"), ("confirmed", "已办结"), ("withdrawn", "已终结"), ("dispatched", "第1步")],
)
def test_every_state_has_its_step(client, trait, words):
    referral = ReferralFactory(**{trait: True})
    assert words in text_of(client.post(PAGE, asked(referral.application)))


@pytest.mark.django_db
@pytest.mark.parametrize(("trait", "words"), [("submitted", "提交申请"), ("accepted", "受理"), ("not_accepted", "终结")])
def test_before_dispatch_the_application_tells_its_steps(client, trait, words):
    application = ApplicationFactory(**{trait: True})
    response = client.post(PAGE, asked(application))
    assert response.status_code == 200
    assert words in text_of(response)


@pytest.mark.django_db
def test_a_draft_does_not_exist_out_there(client):
    application = ApplicationFactory(drafted=True)
    assert NOT_FOUND in text_of(client.post(PAGE, asked(application)))
    assert NOT_FOUND in text_of(client.post(PAGE, {"code": application.query_code}))


@pytest.mark.django_db
def test_the_promised_day_is_told(client):
    referral = ReferralFactory(dispatched=True)
    due = Duty.objects.about(referral, "promise").get().due_at
    assert f"{(due - timedelta(seconds=1)).date()}" in text_of(client.post(PAGE, asked(referral.application)))


@pytest.mark.django_db
def test_wrong_and_absent_get_the_same_answer(client):
    application = ApplicationFactory(accepted=True)
    wrong = client.post(PAGE, asked(application, tail="0000"))
    absent = client.post(PAGE, asked(application, number="SQ2026999999"))
    code = client.post(PAGE, {"code": "NOSUCHCODE"})
    sentence = re.compile(rf"{NOT_FOUND}[^<]+")
    assert {sentence.search(text_of(answer))[0] for answer in (wrong, absent, code)} == {sentence.search(text_of(wrong))[0]}
    assert {answer.status_code for answer in (wrong, absent, code)} == {422}


@pytest.mark.django_db
def test_what_was_typed_is_tidied(client):
    application = ApplicationFactory(accepted=True)
    typed = asked(application)
    wide = "".join(chr(ord(mark) + 0xFEE0) if mark.isascii() and mark.isalnum() else mark for mark in typed["number"].lower())
    assert client.post(PAGE, {**typed, "number": f" {wide} ", "tail": typed["tail"].lower()}).status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({}, "请填写申请编号和证件号码后四位"),
        ({"number": "SQ1"}, "请填写证件号码的最后4位"),
        ({"tail": "1234"}, "请填写申请编号"),
        ({"number": "SQ1", "tail": "12345"}, "请填写证件号码的最后4位"),
    ],
)
def test_incomplete_questions_are_told_and_not_counted(client, typed, words):
    response = client.post(PAGE, typed)
    assert response.status_code == 422
    assert words in text_of(response)
    assert not ProgressTry.objects.exists()


@pytest.mark.django_db
def test_five_wrong_tries_lock_that_number_for_a_day_and_no_other(client, clock):
    application, other = ApplicationFactory(accepted=True), ApplicationFactory(accepted=True)
    for _ in range(5):
        assert NOT_FOUND in text_of(client.post(PAGE, asked(application, tail="0000")))
    refused = client.post(PAGE, asked(application))
    assert LOCKED in text_of(refused), "the right answer too"
    assert "09月25日10时00分" in text_of(refused)
    assert client.post(PAGE, asked(other)).status_code == 200
    assert client.post(PAGE, {"code": application.query_code}).status_code == 200, "whoever holds the card is not locked out"
    clock.forward(hours=23, minutes=59)
    assert LOCKED in text_of(client.post(PAGE, asked(application)))
    clock.forward(minutes=1)
    assert client.post(PAGE, asked(application)).status_code == 200


@pytest.mark.django_db
def test_a_number_that_does_not_exist_locks_alike(client):
    for _ in range(5):
        client.post(PAGE, {"number": "SQ2026999999", "tail": "0000"})
    assert LOCKED in text_of(client.post(PAGE, {"number": "SQ2026999999", "tail": "1234"}))


@pytest.mark.django_db
def test_a_right_answer_begins_the_count_anew(client):
    application = ApplicationFactory(accepted=True)
    for _ in range(4):
        client.post(PAGE, asked(application, tail="0000"))
    assert client.post(PAGE, asked(application)).status_code == 200
    for _ in range(4):
        client.post(PAGE, asked(application, tail="0000"))
    assert client.post(PAGE, asked(application)).status_code == 200


@pytest.mark.django_db
def test_an_address_that_tries_many_numbers_is_locked_too(client):
    application = ApplicationFactory(accepted=True)
    for number in range(20):
        assert NOT_FOUND in text_of(client.post(PAGE, {"number": f"SQ2026{number:05}", "tail": "0000"}))
    assert LOCKED in text_of(client.post(PAGE, asked(application)))
    assert client.post(PAGE, asked(application), REMOTE_ADDR="203.0.113.9").status_code == 200, "from another address it works"


@pytest.mark.django_db
def test_the_code_leaves_the_address_at_once_and_answers_nothing_yet(client):
    application = ApplicationFactory(accepted=True)
    response = client.get(PAGE, {"code": application.query_code})
    assert response.status_code == 302
    assert response.url == PAGE
    cookie = response.cookies["progress_code"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Strict", PAGE)
    page = client.get(PAGE)
    assert application.query_code in text_of(page), "filled in, to be asked with one press"
    assert "第1步" not in text_of(page)
    assert page.cookies["progress_code"]["max-age"] == 0
    assert not ProgressTry.objects.exists()


@pytest.mark.django_db
def test_no_engine_keeps_it_and_no_cache_either(client):
    for response in (client.get(PAGE), client.get(PAGE, {"code": "X"}), client.post(PAGE, {"code": "X"})):
        assert "noindex" in response["X-Robots-Tag"]
        assert "no-store" in response["Cache-Control"]
    assert '<meta name="robots" content="noindex' in text_of(client.get(PAGE))


@pytest.mark.django_db
def test_after_an_answer_the_form_is_empty_again(client):
    application = ApplicationFactory(accepted=True)
    typed = asked(application)
    assert f'value="{typed["tail"]}"' not in text_of(client.post(PAGE, typed))


@pytest.mark.django_db
def test_tries_are_forgotten_once_no_lock_counts_them(client, clock):
    client.post(PAGE, {"number": "SQ1", "tail": "0000"})
    clock.forward(hours=47)
    assert forget_progress_tries() == 0
    clock.forward(hours=2)
    assert forget_progress_tries() == 2


@pytest.mark.django_db(transaction=True)
def test_many_at_once_are_not_more_than_five():
    application = ApplicationFactory(accepted=True)
    moment, outcomes = house_clock.now(), []

    def guess() -> None:
        with house_clock.set_clock(moment):
            try:
                outcomes.append(look_up(number=application.number, tail="0000", code="", address=""))
            except ProgressLocked:
                outcomes.append("locked")
            finally:
                connection.close()

    threads = [threading.Thread(target=guess) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count(None) == 5
    assert outcomes.count("locked") == 7


@pytest.mark.django_db
def test_it_needs_no_sign_in_and_asks_for_the_form_token():
    assert Client().get(PAGE).status_code == 200
    assert Client(enforce_csrf_checks=True).post(PAGE, {"code": "X"}).status_code == 403
