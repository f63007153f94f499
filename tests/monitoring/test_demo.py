"""The demo's supervision: orders in every state, reminders that stand and count, once however often it is loaded."""

from collections import Counter

import pytest

from config import clock
from monitoring import demo
from monitoring.models import Bulletin, SupervisionOrder, WrittenReminder
from organization.demo import SHARES
from organization.models import Post
from tests.monitoring.factories import late_duty


@pytest.mark.django_db
def test_orders_stand_in_every_state_and_reminders_have_come_due(monkeypatch):
    monkeypatch.setattr(demo.demo_closing, "load", lambda by: None)  # days and months are closed in a test of their own
    monkeypatch.setattr(demo.demo_rounds, "load", lambda by: None)  # and so are data rounds
    for _ in range(len(demo.ORDERS) + len(demo.REMINDERS)):
        late_duty(days=40)
    system = Post.objects.the_system()
    for share in (*range(SHARES), SHARES - 1):
        demo.load_share(share, by=system)
    orders = SupervisionOrder.objects.order_by()
    states = Counter(orders.filter(issuer__kind="platform").values_list("status", flat=True))
    assert states == {"draft": 1, "issued": 3, "replied": 1, "accepted": 1, "withdrawn": 1}
    assert orders.filter(issuer__kind="supervision").count() == 2
    reminders = Counter(WrittenReminder.objects.order_by().with_state(clock.now()).values_list("state", flat=True))
    assert reminders == {"counted": 5, "excused": 1}
    assert Bulletin.objects.count() == 2


@pytest.mark.django_db
def test_what_is_paid_is_drawn_up_when_every_share_is_loaded(monkeypatch):
    """Beside a share that still gives aid, a list of the county has moved before its second person closes it."""
    made: list[str] = []
    monkeypatch.setattr(demo.payments_demo, "load", lambda: made.append("payments"))
    for room in (demo.demo_closing, demo.demo_list_checks, demo.demo_ledger, demo.demo_rounds, demo.demo_reviews):
        monkeypatch.setattr(room, "load", lambda by: None)
    for work in ("count_changed", "count_work", "drain"):
        monkeypatch.setattr(demo, work, lambda: None)
    system = Post.objects.the_system()
    for share in range(SHARES):
        demo.load_share(share, by=system)
    assert made == []
    demo.finish(by=system)
    assert made == ["payments"]
