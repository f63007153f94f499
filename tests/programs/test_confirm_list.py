"""A whole list said and confirmed by two: absence means no from that day, for a time, until it is withdrawn (issue 5, ADR 0024)."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.urls import reverse

from audit.models import Event
from audit.presenters import phrase
from config.verbs import AlreadyHandled, TransitionError
from deadlines.models import Notice
from organization.models import Post
from programs import demo
from programs.facts import catalogue_of_facts
from programs.models import FactKind, WholeList
from programs.transitions import confirm_list, lists, propose_list, withdraw_list
from tests import cast
from tests.programs.factories import whole_lists

pytestmark = pytest.mark.django_db
TODAY = date(2026, 9, 24)


def proposed(by="platform", kind="disability_card", on=TODAY):
    return propose_list(kind_key=kind, on=on, by=cast.member(by))


def confirmed(by="department_approver", **said):
    return confirm_list(list_id=proposed(**said).pk, by=cast.member(by))


def counts(on=TODAY, kind="disability_card"):
    return catalogue_of_facts(on)[kind].is_list


def test_absence_means_no_from_that_day_on_for_a_time(department_approver):
    proposal = proposed(on=date(2026, 9, 20))
    assert not counts(), "one person alone"
    assert Notice.objects.get(kind="fact_list.proposed").unit == department_approver.unit
    assert confirm_list(list_id=proposal.pk, by=department_approver).confirmed_by == department_approver
    days = (date(2026, 9, 19), date(2026, 9, 20), date(2026, 12, 20), date(2026, 12, 21))
    assert [counts(day) for day in days] == [False, True, True, False]
    assert catalogue_of_facts(TODAY)["disability_card"].listed_on == date(2026, 9, 20)
    assert phrase(Event.objects.get(verb="fact_list.confirmed")) == "确认整份名单于2026-09-20到齐"


def test_who_may(neighbour_department_approver, officer, clerk, platform, department_approver):
    for by in ("neighbour_department_approver", "officer", "clerk"):
        with pytest.raises(PermissionDenied):
            proposed(by=by)
    own = proposed(by="department_approver")
    with pytest.raises(TransitionError, match="不能是同一人"), transaction.atomic():
        confirm_list(list_id=own.pk, by=department_approver)
    for by in (platform, neighbour_department_approver, officer, clerk):
        with pytest.raises(PermissionDenied):
            confirm_list(list_id=own.pk, by=by)
    for by in (neighbour_department_approver, officer, clerk):
        with pytest.raises(PermissionDenied):
            withdraw_list(list_id=own.pk, reason="缺一个乡镇", by=by)


def test_what_is_refused(department_approver, platform):
    with pytest.raises(TransitionError, match="没有整份名单"):
        proposed(kind="major_illness")
    with pytest.raises(TransitionError, match="不能晚于今天"):
        proposed(on=date(2026, 9, 25))
    row = confirmed(on=date(2026, 9, 23))
    with pytest.raises(AlreadyHandled, match="已确认于2026-09-23到齐"):
        proposed(on=date(2026, 9, 23))
    with pytest.raises(AlreadyHandled, match="不用重复确认"):
        confirm_list(list_id=row.pk, by=department_approver)
    proposed()
    with pytest.raises(AlreadyHandled, match="等待第二人确认"):
        proposed(by="department_approver")
    with pytest.raises(TransitionError, match="写明撤回名单的原因"):
        withdraw_list(list_id=row.pk, reason=" ", by=platform)


def test_it_is_withdrawn_with_a_reason_and_the_one_before_counts_again(platform, department_approver):
    whole_lists(["disability_card"], TODAY - timedelta(days=30))
    row = confirmed()
    assert withdraw_list(list_id=row.pk, reason="缺一个乡镇", by=department_approver).reason == "缺一个乡镇"
    assert catalogue_of_facts(TODAY)["disability_card"].listed_on == TODAY - timedelta(days=30)
    assert phrase(Event.objects.get(verb="fact_list.withdrawn")) == "撤回整份名单（2026-09-24到齐）：缺一个乡镇"
    with pytest.raises(AlreadyHandled, match="已撤回"):
        withdraw_list(list_id=row.pk, reason="再撤一次", by=platform)
    with pytest.raises(AlreadyHandled, match="已撤回"):
        confirm_list(list_id=row.pk, by=department_approver)


def test_nothing_counts_without_its_event(monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError("no record")

    monkeypatch.setattr(lists, "record", fail)
    with pytest.raises(RuntimeError), transaction.atomic():
        proposed()
    assert not WholeList.objects.exists()


def test_by_its_page(signed_in, department_approver, platform):
    client = signed_in(department_approver)
    page = client.get(reverse("programs:fact_lists")).content.decode()
    assert "残疾人证有效" in page
    assert "低保对象" not in page, "another department's"
    url = reverse("programs:fact_list_propose", args=["disability_card"])
    client.post(url, {"on": "2026-13-01"})
    assert not WholeList.objects.exists()
    proposal = proposed()
    assert "待掌握部门另一人确认" in client.get(reverse("programs:fact_lists")).content.decode()
    assert client.post(reverse("programs:fact_list_confirm", args=[proposal.pk])).status_code == 302
    assert "有效至2026-12-24" in client.get(reverse("programs:fact_lists")).content.decode()
    url = reverse("programs:fact_list_withdraw", args=[proposal.pk])
    assert client.post(url, {"reason": ""}).status_code == 422
    assert client.post(url, {"reason": "缺一个乡镇"}).status_code == 302
    assert not counts()


def test_the_demo_has_its_lists():
    for _ in range(2):
        demo.load(by=Post.objects.the_system())
    held = {kind.pk for kind in FactKind.objects.lists().with_listed_on(TODAY) if kind.listed_on == TODAY}
    assert held == {kind.pk for kind in FactKind.objects.lists().filter(holder__code__in=["MZ", "CL"])}, "where two people sit"
