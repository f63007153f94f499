"""The demo's closed days: made by the verbs, once however often it is loaded."""

import pytest

from monitoring import demo_closing
from monitoring.models import DayClose, MonthClose
from organization.models import Post

pytestmark = pytest.mark.django_db


def test_it_is_loaded_once(clerk, neighbour_clerk, approver):
    demo_closing.load(Post.objects.the_system())
    days, months = DayClose.objects.count(), MonthClose.objects.exclude(closed_at=None).count()
    assert days >= demo_closing.DAYS
    assert months >= 1
    demo_closing.load(Post.objects.the_system())
    assert DayClose.objects.count() == days
