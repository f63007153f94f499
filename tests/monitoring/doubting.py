"""Doubts of the home township as a run leaves them: in the pool, or given out with their clock."""

import uuid
from typing import Any

from config import clock
from households.models import Household, Resident
from monitoring.models import Doubt
from monitoring.transitions import pull_doubt
from organization.models import Post
from tests import cast
from tests.households.factories import HouseholdFactory, assistance, head_of
from tests.replay import remembered

# What a department's file says of somebody: its template and day.
SEEN = [{"template": "households.roll:CL01", "as_of": "2026-09-05"}]


@remembered
def doubt_of(
    kind: str = "omitted", *, subject: Any = None, evidence: list[dict[str, Any]] | None = None, in_pool: bool = False, **changed: Any
) -> Doubt:
    """About a household of a village of the township unless said otherwise: for `omitted` its head lacks 临时救助."""
    subject = subject or HouseholdFactory()
    whose: dict[str, Any] = {"household": subject} if isinstance(subject, Household) else {"resident": subject}
    township = str(subject.region_id)[:9]
    window = cast.unit_of("township_window", township)
    row = Doubt(
        kind=kind, **whose, unit=window, region_code=str(subject.region_id), township_code=township, fingerprint=uuid.uuid4(),
        evidence=evidence if evidence is not None else _evidence(kind, subject), score=100, found_at=clock.now(),
        found_by=Post.objects.the_system(), **changed,
    )  # fmt: skip
    row.program_id = row.program_id or next((item["program"] for item in row.evidence if item.get("program")), None)
    row.save()
    if in_pool:
        return row
    by = cast.member("neighbour_clerk" if township == cast.NEIGHBOUR else "clerk")
    return pull_doubt(doubt_id=row.pk, by=by)


def _evidence(kind: str, subject: Household | Resident) -> list[dict[str, Any]]:
    if kind == "omitted" and isinstance(subject, Household):
        return [{"program": "MZ04", "people": [str(head_of(subject).pk)]}]
    return [{"lists": ["sudden_hardship"]}]


def aided(program: str = "MZ01", **changed: Any) -> tuple[Household, Any]:
    """A household with aid, and its record."""
    household: Any = HouseholdFactory(**changed)
    return household, assistance(household, program)


def doubt_of_aid(kind: str = "twice", program: str = "MZ01", **changed: Any) -> tuple[Doubt, Any]:
    """A doubt about one record of a household's aid."""
    household, record = aided(program)
    who = str(head_of(household).pk)
    item = {"program": program, "record": str(record.pk), "since": str(record.since), "people": [who], **changed}
    return doubt_of(kind, subject=household, evidence=[item]), record
