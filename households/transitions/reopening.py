"""Requests for facts that an entry answered, when the entry is taken back (docs/adr/0029): they wait for their answer again.

An answer is a step of its own beside the rows of the file, written past `effects`. What the asker has done with it since stays, and so does
the entry.
"""

from django.db.models import Exists, OuterRef, Q
from django.db.models.lookups import IsNull

from config import clock
from config.verbs import TransitionError, save
from deadlines.transitions import announce, reopen_duty
from organization.desks import still
from organization.models import Post
from spreadsheets import holders
from spreadsheets.models import Batch

from ..models import Access, Fact, FactRequest, FactUse, Household
from ..screening.querysets import FactRequestQuerySet
from .access import let_in
from .settling import DUTY, EDGES, S, event, title_of

WAY = "不能整批撤销。请按业务流程逐条更正。"
LEANED_ON = f"入库的数据答复过核实请求，其中{{}}项已被后来的办理用作依据，{WAY}"
ASKED_AGAIN = f"入库的数据答复过核实请求，其中{{}}项后来又重新请单位核实，{WAY}"
GONE = f"入库的数据答复过核实请求，其中{{}}项的家庭后来已注销，{WAY}"


class AnswersOfEntries:
    def holds(self, batch: Batch) -> str:
        """What was done with an answer since: aid that leans on the fact, the same asked once more, a household that is no more."""
        rows = _answered(batch)
        same = {"household": OuterRef("household"), "kind": OuterRef("kind")}  # one_open_request_per_fact: nobody is the same as nobody
        whose = Q(resident=OuterRef("resident")) | Q(resident=None) & IsNull(OuterRef("resident"), True)
        again = FactRequest.objects.open().filter(whose, **same)
        found = (
            (LEANED_ON, rows.filter(Exists(FactUse.objects.filter(fact=OuterRef("fact"))))),
            (ASKED_AGAIN, rows.filter(Exists(again))),
            (GONE, rows.filter(household__closed_at__isnull=False)),
        )
        return next((words.format(count) for words, standing in found if (count := standing.count())), "")

    def let_go(self, batch: Batch, by: Post) -> None:
        """Open again, each with its clock and its look, and whoever asked is told.

        Raises:
            TransitionError: somebody has acted on an answer meanwhile.
        """
        homes = Household._base_manager.filter(pk__in=_answered(batch).values("household")).order_by("pk")
        list(homes.select_for_update(of=("self",), no_key=True))  # parents first, as everywhere
        rows = _answered(batch).select_related("kind", "resident", "household", "unit", "asked_by__unit")
        requests = list(rows.select_for_update(of=("self",), no_key=True).order_by("pk"))
        if sentence := self.holds(batch):
            raise TransitionError(sentence)
        for request in requests:
            _reopen(request, by)


def _answered(batch: Batch) -> FactRequestQuerySet:
    return FactRequest.objects.filter(status=S.ANSWERED, fact__in=holders.made(batch, Fact))


def _reopen(request: FactRequest, by: Post) -> None:
    request.unit = still(request.unit, clock.today())
    event("fact_request.reopened", request, by)  # with the fact that goes
    [request.status] = EDGES["reopen_request"][S.ANSWERED]
    request.answered_at, request.answered_by, request.fact, request.answer_note = None, None, None, ""
    save(request, "status", "answered_at", "answered_by", "fact", "answer_note", "unit")
    reopen_duty(subject=request, kind=DUTY, by=by)
    let_in(household=request.household, unit=request.unit, reason=Access.Reason.FACT, subject=request, by=by)
    if by.unit_id != request.asked_by.unit_id:
        announce(
            "fact_request.reopened", request, to=request.asked_by.unit, title=f"{title_of(request)}：答复已收回",
            body=f"答复所凭的导入数据已撤销，重新待{request.unit.short_name}核实，请不要再依据原答复办理。",
            url=request.get_absolute_url(),
        )  # fmt: skip
