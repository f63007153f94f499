"""首问负责: who hands a request over answers for it until the other window signs for it (TZ-14, LY-12)."""

import pytest
from django.http import Http404
from django.urls import reverse

from config import clock as house_clock
from config.verbs import AlreadyHandled, TransitionError
from deadlines.models import Duty, Notice
from intake import transitions
from intake.models import Request, RequestHandover
from intake.request_page import turn_of
from tests import cast
from tests.intake.factories import RequestFactory
from tests.intake.verbs import the_event

pytestmark = pytest.mark.django_db


def test_the_clock_stays_until_it_is_signed_for(assistant, clerk, neighbour_clerk, clock):
    request = RequestFactory(handed_over=True)
    before = Duty.objects.open().get()
    assert (before.kind, before.unit) == ("request", clerk.unit)
    assert Notice.objects.filter(unit=neighbour_clerk.unit, kind="request.handed_over").count() == 1
    assert the_event("request.handed_over", request).note == "住在白公街道。"
    assert request in Request.objects.visible_to(neighbour_clerk).offered_to(neighbour_clerk.unit_id)
    clock.forward(hours=2)
    request = transitions.acknowledge_request(request_id=request.pk, by=neighbour_clerk)
    assert (request.status, request.window, request.region_id) == ("pushed", neighbour_clerk.unit, cast.NEIGHBOUR)
    before.refresh_from_db()
    duty = Duty.objects.open().get()
    assert (before.outcome, duty.unit, duty.opened_by) == ("done", neighbour_clerk.unit, neighbour_clerk)
    handover = request.handovers.get()
    assert (handover.outcome, handover.ended_by, handover.from_unit) == ("acknowledged", neighbour_clerk, clerk.unit)
    for told in (assistant.unit, clerk.unit):
        assert Notice.objects.filter(unit=told, kind="request.acknowledged").count() == 1
    # Both windows and the sender see it to the end; who had it may do nothing any more.
    for post in (assistant, clerk, neighbour_clerk):
        assert request in Request.objects.visible_to(post)
    with pytest.raises(AlreadyHandled, match=request.number):
        transitions.acknowledge_request(request_id=request.pk, by=neighbour_clerk)


def test_whose_turn_since_when_as_list_and_page_say_it(neighbour_clerk, clerk, assistant, clock):
    """From being handed over, from being signed for, and from the push that came after."""
    pk = RequestFactory(handed_over=True).pk

    def turn():
        return turn_of(Request.objects.with_list_data().get(pk=pk))

    assert (turn().since, neighbour_clerk.unit.short_name in turn().who) == (house_clock.now(), True)
    clock.forward(hours=1)
    transitions.acknowledge_request(request_id=pk, by=neighbour_clerk)
    signed_at = house_clock.now()
    clock.forward(hours=1)
    assert (turn().since, turn().who) == (signed_at, neighbour_clerk.unit.short_name)
    transitions.return_request(request_id=pk, reason="缺电话。", by=neighbour_clerk)
    clock.forward(hours=1)
    transitions.push_request(request_id=pk, addition="电话已补。", by=assistant)
    assert turn().since == house_clock.now()


def test_declined_or_recalled_it_is_where_it_was(clerk, neighbour_clerk, signed_in):
    request = RequestFactory(handed_over=True)
    transitions.decline_request(request_id=request.pk, reason="也不住本辖区。", by=neighbour_clerk)
    request.refresh_from_db()
    assert (request.status, request.window, Duty.objects.open().get().unit) == ("pushed", clerk.unit, clerk.unit)
    assert Notice.objects.filter(unit=clerk.unit, kind="request.declined").count() == 1
    # who did not take it sees the person no longer: only that it was declined, when and by whom
    assert request not in Request.objects.visible_to(neighbour_clerk)
    assert request in Request.objects.visible_to(clerk)
    [line] = RequestHandover.objects.declined_by(neighbour_clerk)
    assert (line["request__number"], line["ended_by__staff__name"]) == (request.number, neighbour_clerk.staff.name)
    page = signed_in(neighbour_clerk).get("/intake/requests/?tab=done").content.decode()
    assert request.number in page
    assert request.name not in page
    with pytest.raises(AlreadyHandled, match="对方退回"):
        transitions.acknowledge_request(request_id=request.pk, by=neighbour_clerk)
    to = neighbour_clerk.unit_id
    transitions.hand_over_request(request_id=request.pk, to_unit_id=to, reason="确实住白公。", by=clerk)
    transitions.recall_request(request_id=request.pk, by=clerk)
    assert list(request.handovers.values_list("outcome", flat=True)) == ["declined", "recalled"]
    assert request not in Request.objects.visible_to(neighbour_clerk)


@pytest.mark.parametrize("end", ["declined", "recalled"])
def test_whoever_declines_it_second_is_told_who_was_first(end, clerk, neighbour_clerk, signed_in):
    request = RequestFactory(handed_over=True)
    page, client = reverse("intake:request_decline", args=[request.pk]), signed_in(neighbour_clerk)
    assert client.get(page).status_code == 200
    if end == "declined":
        transitions.decline_request(request_id=request.pk, reason="也不住本辖区。", by=neighbour_clerk)
    else:
        transitions.recall_request(request_id=request.pk, by=clerk)
    late = client.post(page, {"reason": "村里查无此人。"})
    text = late.content.decode()
    assert late.status_code == 409
    for shown in (
        request.number,
        (neighbour_clerk if end == "declined" else clerk).label,
        "村里查无此人。",
        reverse("intake:request_list"),
    ):
        assert shown in text
    assert request.name not in text
    assert client.get(page).status_code == 404


def test_one_cannot_sign_for_what_one_handed_over_nor_keep_it_in_the_house(clerk, second_clerk):
    request = RequestFactory(handed_over=True)
    with pytest.raises(Exception, match="您的岗位不能做这一步"):
        transitions.acknowledge_request(request_id=request.pk, by=second_clerk)
    with pytest.raises(TransitionError, match="就在本窗口"):
        transitions.hand_over_request(request_id=RequestFactory().pk, to_unit_id=clerk.unit_id, reason="x", by=clerk)


def test_before_it_is_offered_the_neighbour_sees_nothing(neighbour_clerk):
    with pytest.raises(Http404):
        transitions.acknowledge_request(request_id=RequestFactory().pk, by=neighbour_clerk)
