"""A whole list confirmed: absence means no from that day, and not before (issue 5)."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.urls import reverse

from audit.models import Event
from audit.presenters import phrase
from config.verbs import AlreadyHandled, TransitionError
from organization.models import Post
from programs import demo, transitions
from programs.facts import catalogue_of_facts
from programs.models import FactKind
from programs.transitions import confirm_list
from tests import cast

pytestmark = pytest.mark.django_db
TODAY = date(2026, 9, 24)


def confirmed(by="department_approver", kind="disability_card", on=TODAY):
    return confirm_list(kind_key=kind, on=on, by=cast.member(by))


def test_absence_means_no_from_that_day_on():
    assert confirmed(on=date(2026, 9, 20)).listed_on == date(2026, 9, 20)
    assert catalogue_of_facts(date(2026, 9, 20))["disability_card"].is_list
    assert not catalogue_of_facts(date(2026, 9, 19))["disability_card"].is_list
    event = Event.objects.get(verb="fact_list.confirmed")
    assert phrase(event) == "确认整份名单于2026-09-20到齐"


def test_who_may(neighbour_department_approver, officer, clerk, platform):
    for by in ("neighbour_department_approver", "officer", "clerk"):
        with pytest.raises(PermissionDenied):
            confirmed(by=by)
    assert confirmed(by="platform").listed_on == TODAY


def test_what_is_refused():
    with pytest.raises(TransitionError, match="没有整份名单"):
        confirmed(by="platform", kind="major_illness")
    with pytest.raises(TransitionError, match="不能晚于今天"):
        confirmed(on=date(2026, 9, 25))
    confirmed()
    with pytest.raises(AlreadyHandled, match="已确认于2026-09-24到齐"):
        confirmed()


def test_nothing_counts_without_its_event(monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError("no record")

    monkeypatch.setattr(transitions.programs, "record", fail)
    with pytest.raises(RuntimeError), transaction.atomic():
        confirmed()
    assert FactKind.objects.get(pk="disability_card").listed_on is None


def test_by_its_page(signed_in, department_approver):
    client = signed_in(department_approver)
    page = client.get(reverse("programs:fact_lists")).content.decode()
    assert "残疾人证有效" in page
    assert "低保对象" not in page, "another department's"
    url = reverse("programs:fact_list_confirm", args=["disability_card"])
    client.post(url, {"on": "2026-13-01"})
    assert FactKind.objects.get(pk="disability_card").listed_on is None
    assert client.post(url, {"on": "2026-09-24"}).status_code == 302
    assert FactKind.objects.get(pk="disability_card").listed_on == TODAY


def test_the_demo_has_its_lists():
    for _ in range(2):
        demo.load(by=Post.objects.the_system())
    assert set(FactKind.objects.lists().values_list("listed_on", flat=True)) == {TODAY}
