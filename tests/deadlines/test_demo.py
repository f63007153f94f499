"""The demo's duties show every lamp, and loading them again adds none. Where there is a gateway a text has gone and one is parked."""

import json

import pytest

from config import clock as house_clock
from deadlines import demo
from deadlines.models import Duty, Notice, OutboxMessage
from deadlines.transitions import drain
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


def test_where_there_is_a_gateway_one_text_goes_and_another_waits_for_the_administrator(clerk, settings, tmp_path):
    settings.SMS_GATEWAY, settings.SMS_FOLDER = "deadlines.gateways.FileGateway", tmp_path / "sms"
    demo._text_somebody()
    drain()
    refused, sent = OutboxMessage.objects.filter(channel="sms").order_by("pk")
    assert (refused.state, refused.last_error, sent.state) == ("parked", "空号", "delivered")
    assert Notice.objects.get(pk=refused.payload["notice"]).title == "紧急：演示用短信，网关答复空号"
    [file] = settings.SMS_FOLDER.iterdir()
    text = json.loads(file.read_text())
    assert (text["key"], text["phone"]) == (f"sms-{sent.pk}", demo.UNASSIGNED)
    assert "强降雨" in text["text"]
    assert Notice.objects.filter(kind="message.parked").count() == 2, "the platform and the system administrator"
