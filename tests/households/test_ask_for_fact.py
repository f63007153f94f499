"""请单位核实: a unit asked for what it holds, let in for that fact, its answer a fact (issue 5)."""

import re
from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from django.http import Http404
from django.urls import reverse

from audit.presenters import phrase
from config.verbs import AlreadyHandled, TransitionError
from deadlines.models import Duty, Notice
from households.models import Access, Fact, FactRequest, Household
from households.transitions import answer_fact, ask_for_fact, decline_fact, let_in, requesting, withdraw_request
from households.transitions.carrying import carry_knowledge
from households.transitions.requesting import EDGES
from programs.models import FactKind
from tests import cast
from tests.households import factories
from tests.households.factories import HouseholdFactory
from tests.racing import race

pytestmark = pytest.mark.django_db
TODAY = date(2026, 9, 24)


@pytest.fixture
def household():
    return HouseholdFactory()


@pytest.fixture
def head(household):
    return factories.head_of(household)


def asked(household, resident=None, kind="disability_card", by="clerk", **said):
    resident = resident or factories.head_of(household)
    return ask_for_fact(household_id=household.pk, kind_key=kind, resident_id=resident.pk, by=cast.member(by), **said)


def answered(row, by="officer", **said):
    return answer_fact(request_id=row.pk, **{"value": True, "found_on": TODAY, "by": cast.member(by), **said})


def test_the_holder_is_asked_and_let_in(clerk, officer, household, head, lines):
    row = asked(household, reason="证件遗失")
    assert (row.status, row.unit, row.asked_by, row.reason) == ("open", officer.unit, clerk, "证件遗失")
    [event] = lines("fact_request.asked")
    assert phrase(event) == f"请{officer.unit.short_name}核实事项"
    assert head.name not in str(vars(event))
    assert "残疾" not in event.subject_text, "what is sensitive is not named in the record"
    duty = Duty.objects.get(subject_id=str(row.pk))
    assert (duty.unit, duty.limit, duty.rule, duty.kind_name) == (officer.unit, 2, "working_days", "核实事项")
    assert head.name not in duty.title
    assert duty.url == row.get_absolute_url()
    assert Access.objects.get(subject_id=str(row.pk)).reason == "fact"
    assert list(Household.objects.visible_to(officer)) == [household]


def test_the_answer_is_a_fact_and_ends_what_was_opened(clerk, officer, household, head, lines):
    row = answered(asked(household), source="残疾人证库")
    assert (row.status, row.answered_by, row.fact.value, row.fact.how, row.fact.resident) == ("answered", officer, True, "register", head)
    assert not Duty.objects.open().filter(subject_id=str(row.pk)).exists()
    assert Access.objects.get(subject_id=str(row.pk)).until == TODAY + timedelta(days=90)
    notice = Notice.objects.get(subject_id=str(row.pk))
    assert notice.unit == clerk.unit
    assert head.name not in notice.title + notice.body
    assert [event.verb for event in lines("fact_request.answered", "fact.noted")] == ["fact.noted", "fact_request.answered"]


def test_no_answer_says_why(officer, household):
    row = asked(household)
    with pytest.raises(ValidationError, match="请写明原因"):
        decline_fact(request_id=row.pk, cause="nobody", note=" ", by=officer)
    with pytest.raises(ValidationError, match="请选择"):
        decline_fact(request_id=row.pk, cause="", note="没有", by=officer)
    row = decline_fact(request_id=row.pk, cause="nobody", note="库中没有此人", by=officer)
    assert (row.status, row.get_cause_display(), row.fact) == ("unable", "查无此人", None)
    assert asked(household).status == "open", "it may be asked for again"


def test_those_who_asked_take_it_back(clerk, officer, household):
    row = withdraw_request(request_id=asked(household).pk, by=clerk)
    assert (row.status, row.answered_by) == ("withdrawn", clerk)
    assert Duty.objects.get(subject_id=str(row.pk)).outcome == "cancelled"


def test_a_fact_that_comes_another_way_answers_it(clerk, household, head):
    row = asked(household)
    factories.fact(head, "disability_card", True, how="declaration")
    row.refresh_from_db()
    assert row.status == "open", "what only the applicant says answers nothing"
    fact = factories.fact(head, "disability_card", True, how="visit")
    row.refresh_from_db()
    assert (row.status, row.fact, row.answer_note) == ("answered", fact, f"由{clerk.unit.short_name}登记")


def test_what_no_longer_holds_answers_nothing(household, head):
    row = asked(household)
    with pytest.raises(ValidationError, match="有效期已过"):
        answered(row, valid_until=TODAY - timedelta(days=1))
    factories.fact(head, "disability_card", True, found_on=date(2025, 1, 1), valid_until=date(2026, 1, 1))
    row.refresh_from_db()
    assert row.status == "open"


def test_what_is_known_is_not_asked_for(household, head):
    answered(asked(household), valid_until=TODAY)
    with pytest.raises(TransitionError, match="已有有效数据"):
        asked(household)


def test_the_unit_asked_forgets_it_with_the_household(officer, household, clock):
    row = answered(asked(household))
    clock.forward(days=90)
    assert FactRequest.objects.visible_to(officer).get() == row
    clock.forward(days=1)
    assert not FactRequest.objects.visible_to(officer).exists()


def test_a_township_that_only_visits_reads_no_request(neighbour_clerk, clerk, household):
    row = asked(household)
    let_in(household=household, unit=neighbour_clerk.unit, reason="visit", subject=household, by=clerk)
    assert not FactRequest.objects.visible_to(neighbour_clerk).exists()
    let_in(household=household, unit=neighbour_clerk.unit, reason="accepted", subject=row, by=clerk)
    assert FactRequest.objects.visible_to(neighbour_clerk).get() == row


def test_of_two_that_meet_in_a_merge_one_is_taken_back(clerk, household):
    twin = HouseholdFactory()
    first, second = asked(household, kind="assets_within_limits"), asked(twin, kind="assets_within_limits")
    carry_knowledge(twin, household, clerk)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.status, second.status) == ("open", "withdrawn")
    assert not Duty.objects.open().filter(subject_id=str(second.pk)).exists()


def test_asked_once(household, head):
    asked(household)
    with pytest.raises(AlreadyHandled, match="甘晓窗.*已于2026-09-24 10:00请.*核实"):
        asked(household)
    assert FactRequest.objects.count() == 1


@pytest.mark.parametrize(
    ("kind", "whose", "sentence"),
    [("age", "head", "没有掌握部门"), ("no_such", "head", "没有掌握部门"), ("dibao", "", "请选择这个家庭的成员"), ("dibao", "x", "请选择")],
)
def test_what_cannot_be_asked(clerk, household, head, kind, whose, sentence):
    with pytest.raises(TransitionError, match=sentence):
        ask_for_fact(household_id=household.pk, kind_key=kind, resident_id=head.pk if whose == "head" else whose, by=clerk)


def test_who_may_not(approver, neighbour_clerk, neighbour_officer, officer, clerk, second_clerk, household):
    with pytest.raises(PermissionDenied):
        asked(household, by="approver")
    with pytest.raises(Http404):
        asked(household, by="neighbour_clerk")
    row = asked(household)
    for by, refusal in ((neighbour_officer, Http404), (neighbour_clerk, Http404), (clerk, PermissionDenied)):
        with pytest.raises(refusal):
            answer_fact(request_id=row.pk, value=True, found_on=TODAY, by=by)
    with pytest.raises(PermissionDenied):
        withdraw_request(request_id=row.pk, by=officer)
    assert withdraw_request(request_id=row.pk, by=second_clerk).status == "withdrawn", "a colleague of the window may"


def test_what_has_ended_takes_no_further_step(clerk, officer, household):
    """Every other pair of state and verb (the table of edges). An answer alone is taken back, with the file that gave it."""
    assert {verb: sorted(edges) for verb, edges in EDGES.items()} == dict.fromkeys(EDGES, ["open"]) | {"reopen_request": ["answered"]}
    ends = [
        lambda row: decline_fact(request_id=row.pk, cause="not_held", note="尚未联网", by=officer),
        lambda row: withdraw_request(request_id=row.pk, by=clerk),
        lambda row: answered(row),
    ]
    for end in ends:
        row = end(asked(household))
        for verb in ends:
            with pytest.raises(AlreadyHandled, match="已于2026-09-24 10:00办理"):
                verb(row)


def test_nothing_is_opened_without_its_event(monkeypatch, household):
    def fail(*args, **kwargs):
        raise RuntimeError("no record")

    monkeypatch.setattr(requesting, "event", fail)
    with pytest.raises(RuntimeError), transaction.atomic():
        asked(household)
    assert not FactRequest.objects.exists()
    assert not Access.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_answers_one_counts():
    household = HouseholdFactory(alone=True)
    row = asked(household)
    answers = race(lambda: answered(row), lambda: answered(row, by="department_approver"))
    assert sorted(type(one).__name__ for one in answers) == ["AlreadyHandled", "FactRequest"]
    assert Fact.objects.filter(kind="disability_card").count() == 1


def test_by_its_pages(signed_in, clerk, officer, household, head):
    asker, holder = signed_in(clerk), signed_in(officer)
    sent = asker.post(reverse("households:fact_ask", args=[household.pk]), {"kind": "disability_card", "resident": str(head.pk)})
    assert sent.headers["Location"] == reverse("households:screening", args=[household.pk])
    row = FactRequest.objects.get()
    assert head.name in holder.get(reverse("households:fact_request_list")).content.decode()
    url = row.get_absolute_url()
    again = holder.post(url, {"step": "answer", "value": "", "found_on": "2026-09-24", "source": "残疾人证库"})
    assert (again.status_code, "残疾人证库" in again.content.decode()) == (422, True)
    card = holder.get(household.get_absolute_url()).content.decode()
    assert head.name in card
    assert "救助筛查" not in card
    assert "登记已知事项" not in card
    assert holder.get(reverse("households:screening", args=[household.pk])).status_code == 403
    assert holder.post(url, {"step": "answer", "value": "yes", "found_on": "2026-09-24"}).status_code == 302
    assert FactRequest.objects.get().status == "answered"
    assert "已核实" in asker.get(url).content.decode()


def test_a_sensitive_matter_is_named_to_those_who_may_know_it(signed_in, clerk, approver, officer, platform, household):
    row = asked(household, kind="disability_card")
    for post, told in ((clerk, True), (approver, True), (officer, True), (platform, False)):
        client = signed_in(post)
        pages = [
            client.get(url).content.decode()
            for url in (row.get_absolute_url(), reverse("households:fact_request_list"), f"/api/v1/fact-requests/{row.pk}/")
        ]
        assert ["残疾人证" in page for page in pages] == [told] * 3, post
        assert ["一项涉及隐私的事项" in page for page in pages] == [not told] * 3, post
    orphan = asked(household, kind="orphan")
    assert "孤儿" not in signed_in(approver).get(orphan.get_absolute_url()).content.decode(), "in a township its window alone"


def test_the_list_goes_on_by_position(signed_in, clerk, household):
    kinds = FactKind.objects.filter(scope="resident", is_derived=False, holder__isnull=False).order_by("pk")[:22]
    for kind in kinds:
        asked(household, kind=kind.pk)
    client, url = signed_in(clerk), reverse("households:fact_request_list")
    first = client.get(url).content.decode()
    more = re.search(r'rel="next" href="([^"]+)"', first)
    second = client.get(more[1].replace("&amp;", "&")).content.decode()
    assert (first.count('data-label="核实单位"'), second.count('data-label="核实单位"')) == (20, 2)
    assert "还没有答复的事项" in client.get(f"{url}?tab=done").content.decode()


@pytest.mark.parametrize(
    ("rows", "index"),
    [
        (lambda: FactRequest.objects.order_by("-asked_at", "-id"), "fact_request_newest"),
        (lambda: FactRequest.objects.exclude(status="open").order_by("-answered_at", "-id"), "fact_request_answered_newest"),
    ],
)
def test_a_page_of_requests_is_taken_from_an_index_in_its_order(rows, index):
    """With a hundred thousand rows sorted for each page the platform waits two seconds."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_sort = off")
    plan = rows()[:21].explain()
    assert index in plan
    assert "Sort" not in plan
