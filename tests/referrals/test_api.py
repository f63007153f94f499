"""The casework API: the pages' rows, columns and verbs, errors in words, a POST sent twice."""

from uuid import uuid4

import pytest
from django.test import Client

from audit.models import Event
from config import problems
from referrals import transitions
from referrals.models import Referral
from tests import cast
from tests.referrals.acting import fresh
from tests.referrals.factories import ReferralFactory, referrals

pytestmark = pytest.mark.django_db
APPLICATIONS, REFERRALS = "/api/v1/applications/", "/api/v1/referrals/"
QUERIES_OF_LIST, QUERIES_OF_DETAIL = 7, 18


def post(client, referral, verb, body=None, **headers):
    return client.post(
        f"{REFERRALS}{referral.pk}/{verb}/", body or {}, content_type="application/json", headers={"If-Match": "*"} | headers
    )


def ids(client, query=None, address=REFERRALS):
    return [row["id"] for row in client.get(address, query or {}).json()["results"]]


def test_a_list_is_the_gate_s_in_a_stable_order_by_position(signed_in, reviewer, neighbour_approver, assert_queries):
    mine = [ReferralFactory() for _ in range(3)]
    other = ReferralFactory(by=cast.member("neighbour_clerk"))
    client = signed_in(reviewer)
    client.get(REFERRALS)  # names and figures are held by the process
    with assert_queries(QUERIES_OF_LIST):
        body = client.get(REFERRALS).json()
    row = body["results"][0]
    assert {each["id"] for each in body["results"]} == {str(referral.pk) for referral in mine}
    [first] = [referral for referral in mine if str(referral.pk) == row["id"]]
    assert (body["next"], row["status"], row["program"]) == (None, "dispatched", "MZ04")
    assert row["applicant"] == first.application.applicant.name
    assert [line["label"] for line in row["dates"]] == ["承诺办结", "签收"]
    assert ids(signed_in(neighbour_approver)) == [str(other.pk)]
    assert client.get(REFERRALS, {"size": 3}).status_code == 400
    assert ids(client, {"program": "MZ01"}) == []
    assert ids(client, {"number": mine[0].number, "is_open": "true"}) == [str(mine[0].pk)]
    applications = client.get(APPLICATIONS).json()["results"]
    assert {(line["programs"][0], line["status"]) for line in applications} == {("临时救助", "in_progress")}
    assert len(applications) == 3


def test_pages_follow_each_other(signed_in, reviewer, monkeypatch):
    made = {str(ReferralFactory().pk) for _ in range(3)}
    monkeypatch.setattr("config.keyset.SIZES", (2, 50))
    client = signed_in(reviewer)
    first = client.get(REFERRALS).json()
    second = client.get(first["next"]).json()
    assert (len(first["results"]), len(second["results"]), first["previous"], second["next"]) == (2, 1, None, None)
    assert {row["id"] for row in first["results"] + second["results"]} == made
    assert [row["id"] for row in client.get(second["previous"]).json()["results"]] == [row["id"] for row in first["results"]]


def test_one_referral_and_its_application(signed_in, reviewer, platform, assert_queries):
    referral = ReferralFactory()
    client = signed_in(reviewer)
    client.get(f"{REFERRALS}{referral.pk}/")
    with assert_queries(QUERIES_OF_DETAIL):
        body = client.get(f"{REFERRALS}{referral.pk}/").json()
    name = referral.application.applicant.name
    assert (body["applicant"], body["verbs"], body["outcome"]) == (name, ["receive"], None)
    assert all("*" in member["id_number"] for member in body["members"])
    assert body["walked"][0]["result"] == "在此办理"
    case = client.get(f"{APPLICATIONS}{referral.application_id}/").json()
    assert (case["applicant"], case["items"][0]["program"], case["items"][0]["status"]) == (name, "临时救助", "已派单")
    watching = signed_in(platform)
    for address in (f"{REFERRALS}{referral.pk}/", REFERRALS, f"{APPLICATIONS}{referral.application_id}/", APPLICATIONS):
        assert name not in watching.get(address).content.decode()


def test_what_is_sensitive_is_named_to_who_works_on_it(signed_in, clerk, reviewer, platform, second_clerk):
    """MZ09 goes by 社会事务办, which reads it; WJ02 by the department, which the office is not told of."""
    drugs = ReferralFactory(program="WJ02")
    row = signed_in(clerk).get(REFERRALS).json()["results"][0]
    assert row["program"] == "WJ02"
    for who in (reviewer, platform):
        client = signed_in(who)
        row = client.get(REFERRALS).json()["results"][0]
        assert (row["program"], row["program_name"], row["stage"], row["unit"], row["handler"]) == (None, "敏感项目", "", "", "")
        assert ids(client, {"program": "WJ02"}) == []
        assert "精神" not in client.get(APPLICATIONS).content.decode()
    assert signed_in(reviewer).get(f"{REFERRALS}{drugs.pk}/").status_code == 404
    refused = signed_in(platform).get(f"{REFERRALS}{drugs.pk}/")
    assert (refused.status_code, "查看原因" in refused.json()["detail"]) == (403, True)
    transitions.look_into(referral_id=drugs.pk, reason="核对超期原因", by=platform)
    assert signed_in(platform).get(f"{REFERRALS}{drugs.pk}/").json()["program"] == "WJ02"


def test_signed_for_decided_and_fed_back_by_the_verbs_of_the_pages(signed_in, department_approver, officer):
    referral = ReferralFactory(program="CL03", deciding=True)
    decided = post(signed_in(department_approver), referral, "decide", {"outcome": "approved", "in_kind": "轮椅一辆"}).json()
    assert (decided["status"], decided["outcome"], decided["verbs"]) == ("decided", "approved", ["feed_back"])
    told = post(signed_in(officer), referral, "feed-back", {"text": "轮椅十月到残联领取。"}).json()
    assert (told["status"], fresh(referral).feedback) == ("fed_back", "轮椅十月到残联领取。")
    verbs = ["referral.decided", "referral.fed_back"]
    assert [event.by for event in Event.objects.about(referral).filter(verb__in=verbs).order_by("pk")] == [
        department_approver.staff,
        officer.staff,
    ]


def test_who_was_first_is_said_and_a_key_makes_two_posts_one(signed_in, reviewer, approver):
    referral, client, key = ReferralFactory(), signed_in(reviewer), str(uuid4())
    first = post(client, referral, "receive", **{"Idempotency-Key": key})
    again = post(client, referral, "receive", **{"Idempotency-Key": key})
    assert (first.status_code, again.status_code, again.headers["Idempotency-Replayed"]) == (200, 200, "true")
    assert first.json() == again.json()
    assert Event.objects.about(referral).filter(verb="referral.received").count() == 1
    for answer in (
        post(client, referral, "receive"),
        post(signed_in(approver), referral, "receive"),
        post(client, referral, "receive", {"other": 1}, **{"Idempotency-Key": key}),
    ):
        assert (answer.status_code, answer["Content-Type"]) == (409, problems.CONTENT_TYPE)
    assert "甘经办" in post(signed_in(approver), referral, "receive").json()["detail"]
    assert post(client, referral, "receive", **{"Idempotency-Key": "x"}).status_code == 400


def test_a_refused_body_frees_its_key(signed_in, approver):
    referral, client, key = ReferralFactory(deciding=True), signed_in(approver), str(uuid4())
    header = {"Idempotency-Key": key}
    assert post(client, referral, "decide", {"outcome": "approved", "amount": "-1"}, **header).json()["errors"]["amount"]
    lacking = post(client, referral, "decide", {"outcome": "approved"}, **header)
    assert (lacking.status_code, "金额" in lacking.json()["detail"]) == (409, True)
    assert post(client, referral, "decide", {"outcome": "approved", "amount": "900"}, **header).json()["status"] == "decided"


@pytest.mark.parametrize(
    ("who", "verb", "status"),
    [("officer", "receive", 404), ("neighbour_approver", "receive", 404), ("clerk", "receive", 403), ("reviewer", "decide", 403)],
)
def test_others_do_nothing(signed_in, who, verb, status):
    referral = ReferralFactory(deciding=verb == "decide")
    before = fresh(referral).status
    answer = post(signed_in(cast.member(who)), referral, verb, {"outcome": "approved", "amount": "900"})
    assert (answer.status_code, answer["Content-Type"], fresh(referral).status) == (status, problems.CONTENT_TYPE, before)


def test_without_session_or_token_nothing_is_read_or_written(reviewer, signed_in, clock):
    referral = ReferralFactory()
    for address in (REFERRALS, APPLICATIONS, f"{REFERRALS}{referral.pk}/"):
        answer = Client().get(address)
        assert (answer.status_code, answer.json()["title"]) == (401, "请先登录")
    strict = cast.sign_in(Client(enforce_csrf_checks=True), reviewer.staff, reviewer)
    answer = strict.post(f"{REFERRALS}{referral.pk}/receive/", {}, content_type="application/json")
    assert (answer.status_code, "X-CSRFToken" in answer.json()["detail"]) == (403, True)
    assert fresh(referral).status == "dispatched"
    client = signed_in(reviewer)
    client.get(REFERRALS)
    clock.forward(minutes=31)
    ended = client.get(REFERRALS)
    assert (ended.status_code, ended["Content-Type"]) == (401, problems.CONTENT_TYPE)


def test_a_body_that_is_too_large_is_not_read_to_its_end(approver, signed_in, settings):
    referral = ReferralFactory(deciding=True)
    before = fresh(referral).status
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000
    answer = post(signed_in(approver), referral, "decide", {"outcome": "approved", "amount": "900", "opinion": "办" * 1_000})
    assert (answer.status_code, answer["Content-Type"], answer.json()["title"]) == (413, problems.CONTENT_TYPE, "提交的内容太大")
    assert fresh(referral).status == before


def test_a_person_acts_by_the_right_post(double, signed_in):
    """Two posts: the list is the acting one's, an item takes the one it is for, as the pages do."""
    referral = ReferralFactory(by=double.posts[1])
    client = signed_in(double.posts[0])
    assert ids(client) == []
    assert client.get(f"{REFERRALS}{referral.pk}/").json()["id"] == str(referral.pk)


def test_too_many_requests_are_told_to_wait(signed_in, reviewer, monkeypatch):
    from django.core.cache import cache

    from config.api import PerPerson

    cache.clear()
    monkeypatch.setattr(PerPerson, "rate", "2/min", raising=False)
    client = signed_in(reviewer)
    answers = [client.get(REFERRALS).status_code for _ in range(3)]
    cache.clear()
    assert answers == [200, 200, 429]


def test_several_of_one_application_stay_apart(signed_in, civil_officer):
    """A department reads its own referral, and no word of what else the family asked for."""
    _, civil = referrals(programs=["CL01", "MZ01"])
    assert ids(signed_in(civil_officer)) == [str(row.pk) for row in Referral.objects.visible_to(civil_officer)]
    assert signed_in(cast.member("officer")).get(f"{REFERRALS}{civil.pk}/").status_code == 404


def test_a_verb_names_the_state_that_it_saw(signed_in, reviewer, approver):
    referral, client, key = ReferralFactory(), signed_in(reviewer), str(uuid4())
    address = f"{REFERRALS}{referral.pk}/"
    seen = client.get(address)["ETag"]
    blind = client.post(f"{address}receive/", {}, content_type="application/json")
    assert (blind.status_code, blind["Content-Type"], blind.json()["title"]) == (428, problems.CONTENT_TYPE, "须写明看到的状态")
    header = {"If-Match": f'"x", {seen}', "Idempotency-Key": key}
    signed = post(client, referral, "receive", **header)
    assert signed.status_code == 200
    assert signed["ETag"] == client.get(address)["ETag"] != seen
    stale = post(signed_in(approver), referral, "decide", {"outcome": "approved", "amount": "900"}, **{"If-Match": seen})
    assert (stale.status_code, stale.json()["title"]) == (412, "内容已有变化")
    assert "签收" in stale.json()["detail"]
    again = post(client, referral, "receive", **header)
    assert (again.status_code, again["Idempotency-Replayed"]) == (200, "true")
