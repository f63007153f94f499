"""What the night hung on rows that an entry made, when it is taken back (docs/adr/0029).

Doubts about whom it made, worked on by nobody, go with them; what somebody pulled, took in hand or closed stays, and so does the entry.
Lines of review lists that followed aid to the record that a roll put in its place, and that nobody has looked at, ask of the former again.
"""

from django.db import connection
from django.db.models import CharField, Exists, F, OuterRef, Q
from django.db.models.functions import Cast

from audit.transitions import record, together
from config.verbs import TransitionError
from deadlines.models import Duty
from deadlines.transitions import close_all
from households.models import Household, Resident
from households.transitions.leading_back import succeeding
from organization.models import Post
from spreadsheets import holders
from spreadsheets.models import Batch, Effect

from ..doubts.querysets import DoubtQuerySet
from ..models import Doubt
from . import review_lines
from .doubts import LOCK

S = Doubt.Status
UNDONE = "涉及的人员（家庭）已随导入撤销，不再核查。"
RUNNING = "正在进行疑点比对，请过几分钟再撤销。"
WORKED_ON = "入库的人员（家庭）有{}条疑点已由乡镇（街道）领取或办理，不能整批撤销。请按业务流程逐条更正。"


class DoubtsOfEntries:
    def holds(self, batch: Batch) -> str:
        count = _worked_on(_about(batch)).count()
        return WORKED_ON.format(count) if count else ""

    def let_go(self, batch: Batch, by: Post) -> None:
        """No run finds doubts about them meanwhile, and nobody begins to work on one. Two entries may be taken back at once.

        Raises:
            TransitionError: one of both happened.
        """
        tables = [model._meta.db_table for model in (Household, Resident)]
        if not Effect.objects.filter(batch=batch, table__in=tables).exists():
            return
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock_shared(%s)", [LOCK])
            if not cursor.fetchone()[0]:
                raise TransitionError(RUNNING)
        doubts = list(_about(batch).order_by("pk").select_for_update(of=("self",), no_key=True))
        if sentence := self.holds(batch):
            raise TransitionError(sentence)
        with together():
            for doubt in doubts:
                if doubt.status == S.OPEN:
                    close_all(subject=doubt, by=by)
                    record("doubt.disproved", doubt, by=by, note=UNDONE, household_id=doubt.household_id)
        Doubt.objects.filter(pk__in=[doubt.pk for doubt in doubts]).delete()


class LinesOfRecords:
    def holds(self, batch: Batch) -> str:  # noqa: ARG002 - of every holder; a line that was ticked names the record, and keeps it
        return ""

    def let_go(self, batch: Batch, by: Post) -> None:  # noqa: ARG002 - of every holder
        if rows := succeeding(batch):
            review_lines.lead_back(rows)


def _about(batch: Batch) -> DoubtQuerySet:
    made = Q(resident_id__in=holders.made(batch, Resident)) | Q(household_id__in=holders.made(batch, Household))
    return Doubt.objects.filter(made)


def _worked_on(doubts: DoubtQuerySet) -> DoubtQuerySet:
    """Pulled, taken in hand, or closed by somebody: not found, given out and disproved by runs alone."""
    duties = Duty.objects.filter(subject_label=Doubt._meta.label_lower, subject_id=Cast(OuterRef("pk"), CharField()))
    is_closed = Q(status=S.CLOSED) & ~Q(outcome=Doubt.Outcome.DISPROVED)
    is_pulled = Q(opened_by__isnull=False) & ~Q(opened_by=F("found_by"))
    return doubts.filter(is_closed | is_pulled | Exists(duties.filter(taken_by__isnull=False)))
