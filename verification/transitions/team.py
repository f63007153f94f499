"""Who goes: named, of the township or its villages, nobody twice, nobody to his own kin (C-10; SECURITY, Kin)."""

from collections.abc import Sequence
from datetime import date

from config import clock
from config.verbs import TransitionError
from households.knowledge import kin_matches
from organization.models import Post

from ..models import Investigator, Verification
from ..reading import declared_as_kin, serving


def appoint(verification: Verification, staff_ids: Sequence[int]) -> list[str]:
    """Write these as the investigators and say who they are. Whoever went stays named after leaving the township: what counts is the day
    of the visit.

    Raises:
        TransitionError: somebody twice, from elsewhere, or kin of the household.
    """
    ids = [int(pk) for pk in staff_ids]
    if len(set(ids)) < len(ids):
        raise TransitionError("同一名调查人员选了两次，请改选。")
    day = verification.visited_on or clock.today()
    guests = list(verification.investigators.filter(request__isnull=False).select_related("staff"))
    ids = [pk for pk in ids if pk not in {row.staff_id for row in guests}]
    team = team_of(verification, ids, str(verification.unit.region_id), day)
    verification.investigators.filter(request=None).exclude(staff_id__in=ids).delete()
    known = set(verification.investigators.values_list("staff_id", flat=True))
    Investigator.objects.bulk_create(
        Investigator(verification=verification, staff_id=post.staff_id, unit=post.unit) for post in team if post.staff_id not in known
    )
    return [*(str(post) for post in team), *(f"{row.staff.name}（协助入户）" for row in guests)]


def team_of(verification: Verification, ids: Sequence[int], township_code: str, day: date) -> list[Post]:
    """These people as posts of the township on that day; none of them kin of the household.

    Raises:
        TransitionError: somebody twice, from elsewhere, or kin.
    """
    if len(set(ids)) < len(ids):
        raise TransitionError("同一名调查人员选了两次，请改选。")
    posts = {post.staff_id: post for post in reversed(serving(township_code, day))}
    if len(posts.keys() & set(ids)) < len(ids):
        raise TransitionError(f"所选调查人员中有人在{day}不在本乡镇（街道）及其村（社区）任职，请改选。")
    team = [posts[pk] for pk in ids]
    _refuse_kin(verification, team)
    return team


def _refuse_kin(verification: Verification, team: Sequence[Post]) -> None:
    kin = {row.staff_id for row in kin_matches(verification.household)}
    declared = declared_as_kin(verification.household)
    for post in team:
        if post.staff_id in kin or post.staff.name == declared:
            raise TransitionError(f"{post.staff.name}与该家庭有近亲属关系，应当回避，请改派他人。")
