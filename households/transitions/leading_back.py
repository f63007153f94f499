"""What followed aid to the record that a roll put in its place, when the roll is taken back (docs/adr/0029): it stands on the former again.

The clocks went along past `effects`, since work goes on by them: one that somebody took in hand, or that was counted anew by another
calendar, goes back as it is. What was done by one meanwhile names the record that the roll made, and keeps the entry.
"""

from deadlines.transitions import follow_subject
from organization.models import Post
from spreadsheets import holders
from spreadsheets.models import Batch

from ..models import AssistanceRecord

BACK = "SELECT t.id::text, t.former_id::text FROM households_assistancerecord t WHERE t.id = ANY (%s)"


class FollowersOfRecords:
    def holds(self, batch: Batch) -> str:  # noqa: ARG002 - of every holder
        return ""

    def let_go(self, batch: Batch, by: Post) -> None:  # noqa: ARG002 - of every holder
        if rows := succeeding(batch):
            follow_subject(label=AssistanceRecord._meta.label_lower, source=BACK, params=[rows])


def succeeding(batch: Batch) -> list[object]:
    """What the entry put in another's place, locked as every verb locks aid before what hangs on it."""
    rows = AssistanceRecord.objects.filter(pk__in=holders.made(batch, AssistanceRecord), former__isnull=False).order_by("pk")
    return list(rows.select_for_update(of=("self",), no_key=True).values_list("pk", flat=True))
