"""A session that has run out is of no use to anybody, and goes by the night."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session

from config import clock as house_clock
from deadlines import periods
from deadlines.transitions import run_due
from organization.transitions import sessions as keeping

pytestmark = pytest.mark.django_db


def sessions(*ends: timedelta) -> None:
    now = house_clock.now()
    Session.objects.bulk_create(
        [Session(session_key=f"key{number}", session_data="", expire_date=now + end) for number, end in enumerate(ends)]
    )


def test_what_has_run_out_goes_and_what_lives_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """Part by part, however many there are."""
    monkeypatch.setattr(keeping, "SESSIONS_AT_ONCE", 2)
    sessions(*[timedelta(seconds=-1)] * 5, timedelta(0), timedelta(hours=24))
    assert keeping.forget_sessions() == 5
    assert set(Session.objects.values_list("pk", flat=True)) == {"key5", "key6"}
    assert keeping.forget_sessions() == 0


def test_it_is_a_work_of_each_night(monkeypatch: pytest.MonkeyPatch) -> None:
    [work] = [work for work in periods.works() if work.key == "organization.forget_sessions"]
    monkeypatch.setattr(periods, "_works", {work.key: work})
    sessions(timedelta(days=-1))
    run_due()
    assert not Session.objects.exists()
