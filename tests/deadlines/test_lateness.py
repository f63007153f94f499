"""What pages say while the sweep does not run, to whom, and that they ask nothing for it."""

from datetime import timedelta

import pytest
from django.urls import reverse

from config import banners, heartbeats
from config.banners import Banner
from config.models import Heartbeat

pytestmark = pytest.mark.django_db
ADDRESS = "deadlines:calendar"


@pytest.fixture
def silent():
    """The last sweep was ten minutes ago."""
    heartbeats.write(heartbeats.SWEEP)
    row = Heartbeat.objects.get(name="sweep")
    Heartbeat.objects.filter(name="sweep").update(at=row.at - timedelta(minutes=10))
    banners.forget()


def page(client):
    return client.get(reverse(ADDRESS)).content.decode()


def test_the_platform_is_told_whom_to_tell_and_the_administrator_what_to_do(silent, signed_in, platform, system_administrator, clerk):
    said = page(signed_in(platform))
    assert "提醒巡检自" in said
    assert f"请告知系统管理员（{system_administrator.staff.name}" in said
    assert "manage.py sweep" in page(signed_in(system_administrator))
    assert "提醒巡检" not in page(signed_in(clerk))


def test_a_young_sweep_is_not_spoken_of(signed_in, platform):
    heartbeats.write(heartbeats.SWEEP)
    banners.forget()
    assert "提醒巡检" not in page(signed_in(platform))


def test_a_house_that_never_swept_says_so(signed_in, platform):
    Heartbeat.objects.filter(name="sweep").delete()
    banners.forget()
    assert "提醒巡检还没有运行过" in page(signed_in(platform))


def test_it_is_asked_once_in_half_a_minute(silent, signed_in, platform, monkeypatch):
    asked = []
    monkeypatch.setattr(banners, "_sources", [lambda role: asked.append(role) or Banner("停了", url="/", link="看")])
    client = signed_in(platform)
    assert '停了 <a href="/">看</a>' in page(client)
    page(client)
    assert asked == [platform.role]
    assert banners.banners_for(None) == []
