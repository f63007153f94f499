"""Another township is asked to visit, and what it finds becomes part of the verification (C-01, ZX-37)."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404

from audit.models import Event
from audit.presenters import phrase
from config import clock as house_clock
from config.verbs import AlreadyHandled, TransitionError
from deadlines.models import Duty
from households.models import Access, Household, Resident
from households.page import page_of
from organization.figures import figure
from tests import cast
from tests.households import factories as households
from tests.verification import factories
from verification import transitions
from verification.forms import AnswerVisitForm, VerificationForm
from verification.models import Verification, VisitRequest
from verification.transitions import asking

pytestmark = pytest.mark.django_db


def test_it_is_asked_and_the_answer_becomes_part_of_the_verification(clerk, neighbour_clerk, clock):
    row = factories.started("matching")
    request = factories.asked(row)
    duty = Duty.objects.open().get(subject_id=str(request.pk))
    assert (duty.unit, duty.limit) == (neighbour_clerk.unit, figure("visit_request_within"))
    assert "张小明" not in duty.title
    with pytest.raises(TransitionError, match="还没有答复"):
        transitions.finish(verification_id=row.pk, fields=factories.whole(row), investigators=factories.team(), by=clerk)
    household = Household.objects.visible_to(neighbour_clerk).get(pk=row.household_id)
    factories_fact = households.fact(household, "income_per_head", "300.00")
    seen = page_of(household, neighbour_clerk)
    assert (seen.facts, seen.records, seen.entries, seen.rights["revise"]) == ([], [], [], False), "the card alone"
    assert [member.resident.name for member in seen.members][0] == "张小明"
    assert page_of(household, clerk).facts
    assert factories_fact.pk
    answer = factories.answered(request)
    assert (answer.status, answer.answered_by) == ("answered", neighbour_clerk)
    row = Verification.objects.get(pk=row.pk)
    assert row.status == "field"
    assert "home_visit" in row.methods
    assert "租住一间房" in row.family_situation
    assert (row.visited_on, row.person_met) == (house_clock.today(), answer.person_met)
    assert not Duty.objects.open().filter(subject_id=str(request.pk)).exists()
    access = Access.objects.about(request).get()
    assert (access.until - house_clock.today()).days == figure("access_after_close")
    assert [phrase(e) for e in Event.objects.filter(verb="home_visit.answered")] == ["协查入户并答复：白公街道窗口"]
    # Those who went count as investigators, and stay named.
    done = transitions.finish(
        verification_id=row.pk, fields={**factories.WHOLE, "methods": row.methods}, investigators=factories.neighbours(), by=clerk
    )
    assert {i.staff_id for i in done.investigators.all()} == set(factories.neighbours())
    clock.forward(days=figure("access_after_close") + 1)
    assert not Household.objects.visible_to(neighbour_clerk).filter(pk=row.household_id).exists()


def test_it_is_declined_in_a_sentence_or_withdrawn(clerk, neighbour_clerk):
    request = factories.asked()
    with pytest.raises(AlreadyHandled, match="正在等待答复"):
        factories.asked(request.verification)
    with pytest.raises(ValidationError):
        transitions.decline_visit(request_id=request.pk, reason=" ", by=neighbour_clerk)
    declined = transitions.decline_visit(request_id=request.pk, reason="该户已不在本地居住。", by=neighbour_clerk)
    assert (declined.status, declined.end_reason) == ("declined", "该户已不在本地居住。")
    for verb in (
        lambda: factories.answered(request),
        lambda: transitions.decline_visit(request_id=request.pk, reason="不在", by=neighbour_clerk),
        lambda: transitions.withdraw_visit(request_id=request.pk, by=clerk),
    ):
        with pytest.raises(AlreadyHandled, match="不能协助"):
            verb()
    again = factories.asked(request.verification)
    assert transitions.withdraw_visit(request_id=again.pk, by=clerk).status == "withdrawn"
    assert not Duty.objects.open().filter(kind="answer_visit").exists()
    assert not Access.objects.standing().filter(reason="visit").exists()


def test_who_may(clerk, approver, neighbour_clerk, neighbour_approver, assistant, officer):
    row = factories.started()
    with pytest.raises(Http404):
        factories.asked(row, by=neighbour_clerk)
    with pytest.raises(PermissionDenied):
        factories.asked(row, by=approver)
    request = factories.asked(row)
    for post in (clerk, neighbour_approver):
        with pytest.raises(PermissionDenied):
            factories.answered(request, by=post)
    for post in (assistant, officer):
        with pytest.raises(Http404):
            factories.answered(request, by=post)
    with pytest.raises(PermissionDenied):
        transitions.withdraw_visit(request_id=request.pk, by=neighbour_clerk)


def test_what_is_asked_of_question_and_answer(clerk, clock, neighbour_clerk):
    with pytest.raises(AlreadyHandled, match="启动以后"):
        factories.asked(factories.pending())
    row = factories.started(of=factories.household(cast.OTHER_VILLAGE))
    with pytest.raises(TransitionError, match="自行入户"):
        factories.asked(row, unit=clerk.unit)
    with pytest.raises(TransitionError, match="证件号码"):
        factories.asked(row, matter=f"看{households.id_number()}")
    request = factories.asked(row)
    stranger = households.ResidentFactory()
    for changed, words in (
        ({"investigators": factories.neighbours()[:1]}, "不得少于2人"),
        ({"investigators": factories.team()}, "不在本乡镇"),
        ({"investigators": factories.neighbours()[:1] * 2}, "选了两次"),
        ({"person_met": stranger}, "不是本户成员"),
    ):
        with pytest.raises(TransitionError, match=words):
            factories.answered(request, **changed)
    for changed, field in (
        ({"person_met": None}, "person_met"),
        ({"family_situation": " "}, "family_situation"),
        ({"visited_on": house_clock.today().replace(year=2020)}, "visited_on"),
    ):
        with pytest.raises(ValidationError) as wrong:
            factories.answered(request, **changed)
        assert list(wrong.value.message_dict) == [field]


def test_who_was_met_before_dying_is_named(neighbour_clerk, clock):
    request = factories.asked()
    head = request.verification.household.memberships.get(relation="02").resident
    clock.forward(days=1)
    Resident.objects.filter(pk=head.pk).update(died_on=house_clock.today())
    clock.forward(days=1)
    assert head in AnswerVisitForm(request=request).fields["person_met"].queryset
    with pytest.raises(TransitionError, match="入户那天（2026-09-26）已不在世"):
        factories.answered(request)
    assert factories.answered(request, visited_on=date(2026, 9, 24)).person_met == head


def test_the_event_fails_and_nothing_has_changed(monkeypatch, neighbour_clerk):
    request = factories.asked()

    def fail(*args, **kwargs):
        raise RuntimeError("no record")

    monkeypatch.setattr(asking, "record", fail)
    with pytest.raises(RuntimeError):
        factories.answered(request)
    assert VisitRequest.objects.get(pk=request.pk).status == "asked"
    assert Verification.objects.get(pk=request.verification_id).family_situation == ""


def test_by_its_pages(signed_in, clerk, neighbour_clerk, platform):
    row = factories.started()
    client = signed_in(clerk)
    address = f"/verification/{row.pk}/visits/ask/"
    assert "请外乡镇协助入户" in client.get(address).content.decode()
    assert client.post(address, {"unit": "", "matter": "看住房"}).status_code == 422
    answer = client.post(address, {"unit": neighbour_clerk.unit_id, "matter": "看住房"})
    request = VisitRequest.objects.get()
    assert answer.url == request.get_absolute_url()
    assert "待答复" in client.get(row.get_absolute_url()).content.decode()
    other = signed_in(neighbour_clerk)
    assert "看住房" in other.get(answer.url).content.decode()
    first, second = factories.neighbours()
    said = {
        "step": "answer", "visited_on": "2026-09-24", "investigator_1": first, "investigator_2": second, "investigator_3": "",
        "person_met": "", "met_note": "", "family_situation": "租住一间", "economic_situation": "打零工",
    }  # fmt: skip
    refused = other.post(f"{answer.url}answer/", said)
    assert refused.status_code == 422
    assert "租住一间" in refused.content.decode()
    assert other.post(f"{answer.url}answer/", {**said, "met_note": "本人住院"}).status_code == 302
    late = other.post(f"{answer.url}answer/", {**said, "met_note": "在家"}, follow=True)
    assert late.status_code == 409, "nothing of an answer sent second is to be mended"
    for shown in (f"{neighbour_clerk.label}已于", "租住一间", f'href="{answer.url}"'):
        assert shown in late.content.decode()
    assert "本人住院" in signed_in(platform).get(answer.url).content.decode()


def test_the_table_has_room_for_what_other_townships_found():
    """What they answer is laid after the own words: whoever finishes need not cut either of them."""
    for name in ("family_situation", "economic_situation"):
        own, told = VerificationForm.base_fields[name], AnswerVisitForm.base_fields[name]
        assert own.max_length >= 4 * told.max_length
