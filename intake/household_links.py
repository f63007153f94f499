"""What a household's page says of the window: what was applied for, and the way to apply."""

from urllib.parse import urlencode

from django.urls import reverse

from config import clock
from households.links import Link
from households.models import Household
from organization.models import Post

from .models import Application
from .permissions import can_read_applications, can_receive, works_in_a_village

SHOWN = 10


def links(post: Post, household: Household) -> list[Link]:
    """The newest applications that the post may see; 发起申请 for the window."""
    found = []
    if can_receive(post):
        url = f"{reverse('intake:application_new')}?{urlencode({'household': household.pk})}"
        found.append(Link("发起申请", url, is_action=True))
    if works_in_a_village(post):
        url = f"{reverse('intake:request_new')}?{urlencode({'behalf': 1, 'household': household.pk})}"
        found.append(Link("代办申请", url, is_action=True))
    if can_read_applications(post):
        rows = Application.objects.visible_to(post).filter(household=household).order_by("-drafted_at", "-pk")[:SHOWN]
        found += [Link(f"申请{row.number}", reverse("intake:application_edit", args=[row.pk]), _note(row)) for row in rows]
    return found


def _note(application: Application) -> str:
    return f"{clock.local(application.drafted_at):%Y-%m-%d}，{application.get_status_display()}"
