"""家庭变动 of the tests: proposed by the home township's clerk, confirmed by a colleague or by the other township."""

from typing import Any

from households.models import Household, RegistryChange, Resident
from households.transitions.registry import newest
from organization.models import Post, Region
from referrals import transitions
from tests import cast


def proposed(subject: Household | Resident, kind: str, *, by: Post | None = None, **said: Any) -> RegistryChange:
    whose = {"household_id": subject.pk} if isinstance(subject, Household) else {"resident_id": subject.pk}
    if kind in {"move", "split"}:
        said = {"region": Region.objects.get(pk=cast.OTHER_VILLAGE), "setting": "rural", "address": "虚构组9号", **said}
    return transitions.propose_registry(kind=kind, reason="居民申请", **whose, **said, by=by or cast.member("clerk"))


def confirmed(change: RegistryChange, *, by: Post | None = None) -> RegistryChange:
    fresh = RegistryChange.objects.with_page_data().get(pk=change.pk)
    return transitions.confirm_registry(change_id=change.pk, seen_at=newest(fresh), by=by or cast.member("second_clerk"))


def done(subject: Household | Resident, kind: str, **said: Any) -> RegistryChange:
    return confirmed(proposed(subject, kind, **said))


def neighbour() -> Region:
    return Region.objects.get(pk=cast.NEIGHBOUR)


def leaving(household: Household, **relations: str) -> dict[Any, str]:
    """`leaving(household, _10="02")`: the member who is 10 to the head leaves, and will be the head."""
    return {household.memberships.get(relation=old.strip("_"), until=None).resident_id: new for old, new in relations.items()}
