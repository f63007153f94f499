"""Whoever waits too long for a row is told so and keeps what was typed: pages, buttons, lists, the API (STYLE: errors)."""

from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.urls import reverse

from config.verbs import HELD, lock
from deadlines import jobs, running
from deadlines.models import Job
from deadlines.transitions import ask_job
from deadlines.transitions import jobs as job_verbs
from referrals.models import Referral
from referrals.transitions import progress
from tests.racing import under_way
from tests.referrals.acting import fresh
from tests.referrals.factories import ReferralFactory, referrals

pytestmark = pytest.mark.django_db(transaction=True)


def page(name, referral):
    return reverse(f"referrals:referral_{name}", args=[referral.pk])


def test_the_form_comes_back_with_what_was_typed_and_may_be_sent_again(reviewer, signed_in):
    referral, client = ReferralFactory(in_hand=True), signed_in(reviewer)
    sent = {"proposal": "核实无误，建议批准。", "outcome": "approved", "amount": "300", "once": str(uuid4())}
    with under_way(lambda: lock(referral)):
        held = client.post(page("propose", referral), sent)
    text = held.content.decode()
    assert held.status_code == 422
    assert HELD in text
    assert "这次没有办理，已填写的内容都已保留" in text
    assert "核实无误，建议批准。" in text
    assert not referral.walked.filter(proposed_at__isnull=False).exists()
    assert client.post(page("propose", referral), sent).status_code == 302
    assert referral.walked.get().proposal == "核实无误，建议批准。"


def test_a_button_answers_with_a_page_to_reload(reviewer, signed_in):
    referral, client = ReferralFactory(), signed_in(reviewer)
    sent = {"once": str(uuid4())}
    with under_way(lambda: lock(referral)):
        held = client.post(page("receive", referral), sent)
        part = client.post(page("receive", referral), sent, headers={"HX-Request": "true"})
    assert (held.status_code, held["Retry-After"]) == (409, "5")
    assert HELD in held.content.decode()
    assert "刷新本页" in held.content.decode()
    assert (part.status_code, part["Retry-After"], "data-refusal" in part.content.decode()) == (409, "5", True)
    assert fresh(referral).status == "dispatched"
    assert client.post(page("receive", referral), sent).status_code == 302  # as the reload sends it
    assert fresh(referral).status == "received"


@pytest.mark.parametrize("key", [True, False])
def test_the_api_says_when_to_come_again(reviewer, signed_in, key):
    referral, client = ReferralFactory(), signed_in(reviewer)
    url = f"/api/v1/referrals/{referral.pk}/receive/"
    headers = {"If-Match": "*"} | ({"Idempotency-Key": str(uuid4())} if key else {})
    with under_way(lambda: lock(referral)):
        held = client.post(url, {}, content_type="application/json", headers=headers)
    assert (held.status_code, held["Retry-After"], held["Content-Type"]) == (409, "5", "application/problem+json")
    assert held.json()["detail"] == HELD
    done = client.post(url, {}, content_type="application/json", headers=headers)
    assert (done.status_code, done.json()["status"]) == (200, "received")


def test_of_several_one_that_is_held_leaves_the_others_done(reviewer, signed_in):
    first, second, third = referrals(programs=["MZ01", "MZ04", "MZ05"], dispatched=True)
    sent = {"referrals": [row.pk for row in (first, second, third)], "tab": "receive", "once": str(uuid4())}
    with under_way(lambda: [lock(first), lock(third)]):
        answer = signed_in(reviewer).post(reverse("referrals:referral_receive_many"), sent, follow=True)
    said = [str(message) for message in answer.context["messages"]]
    assert said[0] == "已签收1件。"
    assert f"{first.number}：{HELD}" in said[1]
    assert f"{third.number}：{HELD}" in said[2]
    assert [fresh(row).status for row in (first, second, third)] == ["dispatched", "received", "dispatched"]


def test_after_one_that_is_held_the_next_is_not_waited_for_as_long(reviewer, signed_in):
    """A hundred of them, five seconds each, would outlast the page; the patience is the transaction's alone."""
    first, second = referrals(programs=["MZ01", "MZ04"], dispatched=True)
    sent = {"referrals": [first.pk, second.pk], "tab": "receive", "once": str(uuid4())}
    with under_way(lambda: [lock(first), lock(second)]):
        from referrals import bulk

        seen, refuse = [], bulk._wait_less

        def look():
            refuse()
            seen.append(patience())

        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(bulk, "_wait_less", look)
            signed_in(reviewer).post(reverse("referrals:referral_receive_many"), sent)
        assert seen == ["500ms", "500ms"]
        assert patience() == "200ms"


def patience():
    with connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        return cursor.fetchone()[0]


def test_a_lock_that_no_row_bears_is_told_the_same_way(client):
    """The public look-up takes an advisory lock, outside `lock`."""
    sent = {"number": "SQ20260924000001", "tail": "0019"}

    def hold():
        progress._one_at_a_time(f"number:{sent['number']}")
        progress._one_at_a_time("address:127.0.0.1")

    with under_way(hold):
        held = client.post(reverse("referrals:progress"), sent)
    assert HELD in held.content.decode()
    assert sent["number"] in held.content.decode()


def test_a_job_that_waits_too_long_is_tried_again_and_not_refused(officer, monkeypatch):
    """Its verbs are those of the pages: what a person is told is no answer to a job."""
    referral = ReferralFactory()

    def work(context):
        lock(Referral(pk=referral.pk))
        return jobs.Result(text="办成")

    monkeypatch.setitem(jobs._kinds, "referrals.trial", jobs.Kind("referrals.trial", work, "试办"))
    monkeypatch.setattr(job_verbs, "wake", lambda: None)
    with transaction.atomic():
        job = ask_job("referrals.trial", arguments={}, by=officer)
    with under_way(lambda: lock(referral)):
        monkeypatch.setattr(running.connection, "close", lambda: None)  # else the next try waits as long as the house does
        assert running.run_next()
        assert Job.objects.get(pk=job.pk).status == "queued"
    Job.objects.filter(pk=job.pk).update(tries=0)
    monkeypatch.undo()
    monkeypatch.setitem(jobs._kinds, "referrals.trial", jobs.Kind("referrals.trial", work, "试办"))
    monkeypatch.setattr(job_verbs, "wake", lambda: None)
    assert running.run_next()
    assert Job.objects.get(pk=job.pk).status == "done"
