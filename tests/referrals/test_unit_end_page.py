"""停用单位 in the browser: numbers alone, two steps, what was typed kept, a second click without effect."""

import re

import pytest
from django.urls import reverse

from audit.models import Event
from config import clock as house_clock
from organization.models import Unit
from tests.intake.factories import RequestFactory
from tests.referrals.factories import ReferralFactory, desk_of

pytestmark = pytest.mark.django_db


def test_two_steps_and_no_person(system_administrator, officer, signed_in):
    referral, request = ReferralFactory(program="CL01", in_hand=True), RequestFactory(by=officer)
    desk, heir, client = desk_of("CL"), desk_of("JW"), signed_in(system_administrator)
    url = reverse("referrals:unit_end", args=[desk.pk])
    assert url in client.get(reverse("organization:unit_detail", args=[desk.pk])).content.decode()
    page = client.get(url).content.decode()
    for what in ("在办转办单", "未办事项期限", "登记后还没有结果的求助", "牵头的救助项目", "在岗岗位"):
        assert what in page
    for hidden in (request.name, referral.number, referral.title):
        assert hidden not in page
    for day in ("2026-09-01", "9999-12-31"):
        wrong = client.post(url, {"successor": heir.pk, "last_day": day})
        assert wrong.status_code == 422
        assert f'value="{heir.pk}" selected' in wrong.content.decode()
    said = {"successor": heir.pk, "last_day": house_clock.today().isoformat()}
    sure = client.post(url, said).content.decode()
    assert "停用后不能撤销" in sure
    assert Unit.objects.get(pk=desk.pk).valid_until is None  # nothing yet
    [token] = re.findall(r'name="once" value="([^"]+)"', sure)
    sent = said | {"sure": "1", "once": token}
    for _ in range(2):
        assert client.post(url, sent).status_code == 302
    assert Event.objects.filter(verb="department.dissolved").count() == 1
    assert f"由{heir.name}承接" in client.get(reverse("organization:unit_detail", args=[desk.pk])).content.decode()
    again = client.post(url, said | {"sure": "1"})
    assert again.status_code == 422
    assert "已于" in again.content.decode()
    assert "下一步" not in client.get(url).content.decode()
