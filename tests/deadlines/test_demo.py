"""The demo's duties show every lamp, and loading them again adds none."""

import pytest

from config import clock as house_clock
from deadlines import demo
from deadlines.models import Duty, Notice, OutboxMessage
from organization.models import Post

pytestmark = pytest.mark.django_db


def test_the_demo_shows_every_lamp_and_loads_once(clerk):
    for _ in range(2):
        demo.load(by=Post.objects.the_system())
    window = Duty.objects.visible_to(clerk).with_lamp(house_clock.now())
    assert window.count() == 6
    assert {duty.lamp_colour for duty in window} >= {"green", "amber", "red", "grey", "blue"}
    assert window.filter(taken_by=clerk).count() == 1
    assert not OutboxMessage.objects.waiting().exists()
    assert Notice.objects.visible_to(clerk).count() == 6
