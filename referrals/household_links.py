"""What a household's page says of changes: the way to report one, and the reports that were made."""

from django.urls import reverse

from config import clock
from households.links import Link
from households.models import Household
from organization.models import Post

from .models import ChangeReport
from .permissions import can_report_change, reads_reports

SHOWN = 5


def links(post: Post, household: Household) -> list[Link]:
    """报告变化 for the village and the window; the newest reports that the post may see."""
    found = []
    if can_report_change(post, household):
        found.append(Link("报告变化", reverse("referrals:report_open", args=[household.pk]), is_action=True))
    if reads_reports(post):
        rows = ChangeReport.objects.visible_to(post).filter(household=household).order_by("-reported_at")[:SHOWN]
        found += [Link(f"变化报告：{row.get_kind_display()}", row.get_absolute_url(), _note(row)) for row in rows]
    return found


def _note(row: ChangeReport) -> str:
    return f"{clock.local(row.reported_at):%Y-%m-%d}，{row.get_status_display()}"
