"""办理结果反馈表 (ZX-36): a department's open referrals as a sheet, filled in from its own system, and fed back in one upload.

Every line walks by the verbs of every referral: signed for and proposed by who asked for the file's entry as it then was, decided and fed
back by who confirmed it, so that four eyes hold as they do on the page. What is compared is a rehearsal of those verbs, of which nothing
remains.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404

from config import clock
from config.verbs import TransitionError
from deadlines.models import Duty
from organization.figures import figure
from organization.lineage import desks
from organization.models import Post
from programs.models import Stage
from spreadsheets.declaration import Comparison, Field, Template, Type
from spreadsheets.models import Batch, StagedRow
from spreadsheets.permissions import firsts

from .. import rules
from ..conditions import deciders
from ..models import Referral
from ..transitions import decide, feed_back, propose, take
from .feedback_lines import APPROVED, REFUSED, WAY, Problem, Said, demands, put_right, wrong_cells

FAMILY, NAME = "referrals.feedback", "results"
Row, S = StagedRow.Outcome, Referral.Status
NOBODY = "本单位没有另一位可以审定的审批人员（受理人、拟办人、更正过这个文件的人和近亲属应当回避），请联系县级平台。"
FINAL = "办理结果已作出决定并反馈窗口，决定不能用撤销导入收回。确有错误的，请按决定的救济途径或变更程序办理。"
# What stays of a sensitive program's line: the platform reads the file too, and is told of the program for a reason alone (DESIGN 2).
UNTOLD = {"subject": "", "program_name": "敏感项目"}
READY_TO_DECIDE = (S.DISPATCHED, S.RECEIVED, S.HANDLING, S.DECIDED)

TEMPLATE = Template(
    key=f"{FAMILY}:{NAME}",
    title="办理结果反馈表",
    fields=(
        Field("referral_number", "转办单号", required=True, longest=40, help="预先填好，不要改动。", example="ZB202600100001"),
        Field("subject", "事项", longest=120, help="预先填好，只供辨认。"),
        Field("program_name", "救助项目", longest=80, help="预先填好，只供辨认。"),
        Field("accepted_on", "受理日期", Type.DATE, help="预先填好，只供辨认。"),
        Field("due_on", "办理期限", Type.DATE, help="预先填好，只供辨认。"),
        Field("decision", "决定", Type.CODE, codes=((APPROVED, "批准"), (REFUSED, "不予批准")), help="没有办结的留空，不反馈。"),
        Field("amount", "金额", Type.MONEY, help="批准的现金待遇填写，单位元。"),
        Field("in_kind", "实物或服务内容", longest=100, help="批准实物、服务、减免的填写。"),
        Field("start_on", "起始日期", Type.DATE, help="不填的，按项目规则的起始日。"),
        Field(
            "refusal_code", "不予批准情形", Type.CODE,
            codes=tuple((code, label) for code, label in Referral.RefusalCode.choices if code != Referral.RefusalCode.UNFOUNDED),
        ),
        Field("reason", "原因", longest=300, help="不予批准的写明理由；超过封顶线仍批准的写明理由。不写证件号码。"),
        Field("decided_on", "决定日期", Type.DATE, help="本单位系统作出决定的日期。"),
        Field("document_number", "文号", longest=60, help="本单位的决定文号。"),
    ),
    key_fields=("referral_number",),
    person="",
    notes=(
        "只列本单位可以作出决定的转办单；决定留空的行不反馈，可以分几次上传。",
        "提交确认的人拟办，另一位审批人员确认后作出决定并反馈窗口；受理人、拟办人、审定人不能是同一人，上传、更正过这个文件的人不能审定。",
        "上传之后又在平台上办理过的转办单，作为错误退回，不会重复决定。",
    ),
    always_second=True,
)  # fmt: skip


class Feedback:
    """The owner of the family."""

    def template(self, name: str) -> Template | None:
        return TEMPLATE if name == NAME else None

    def listed_for(self, post: Post) -> Sequence[Template]:
        return [TEMPLATE] if self.may_hand_in(post, TEMPLATE) else []

    def may_hand_in(self, post: Post, template: Template) -> bool:  # noqa: ARG002
        """- departments that have a system of their own; - all, where the county lets them (`feedback_sheet_for_all`)."""
        if post.role not in {"D", "DA"} or post.unit.department is None:
            return False
        return bool(post.unit.department.has_own_system or figure("feedback_sheet_for_all"))

    def rows_for(self, post: Post, template: Template) -> Sequence[dict[str, Any]]:  # noqa: ARG002
        """What the unit can decide now, and what it has decided and still owes the window; the most urgent first."""
        rows = list(_open(post).select_related("program"))
        due = _due_days(rows)
        filled = [
            {
                "referral_number": row.number,
                "subject": row.title,
                "program_name": str(row.program),
                "accepted_on": clock.local(row.accepted_at).date(),
                "due_on": due.get(str(row.pk)),
                "decision": row.outcome,
                "amount": row.amount,
                "in_kind": row.in_kind,
                "start_on": row.start_on,
            }
            for row in rows
        ]
        return sorted(filled, key=lambda each: (each["due_on"] or date.max, each["referral_number"]))

    def empty_because(self, post: Post, template: Template) -> str:  # noqa: ARG002
        """Nothing stands where this sheet could answer: how many stand elsewhere, and where those are worked on."""
        if _open(post).exists():
            return ""
        here = Referral.objects.visible_to(post).filter(unit_id__in=desks(post), status__in=Referral.WITH_A_UNIT).count()
        way = f"在办的{here}件请在“转办事项”里办理。" if here else "以后有了再下载。"
        return f"本单位现在没有可以用反馈表作出决定的转办单，表中没有可填的行，不用上传。{way}"

    def compare(self, batch: Batch, template: Template) -> Comparison:  # noqa: ARG002
        """Each line rehearsed by the verbs; what would be refused is an error in the verb's own words. Bears being called again."""
        by, hands = batch.handed_in_by, firsts(batch)
        lines = list(batch.staged.exclude(outcome=Row.ERROR).filter(number__gt=0).order_by("number"))
        found = _found([str(row.cells.get("referral_number") or "") for row in lines], by)
        counts = {APPROVED: 0, REFUSED: 0, "": 0, "told": 0}
        most = int(figure("quick_refusal_limit")["count"]) - 1
        for row in lines:
            said = Said.of(row.cells)
            referral = found.get(said.number)
            problems = _problems(referral, said, by, hands) if said.decision else []
            if said.decision == REFUSED and not problems and counts[REFUSED] >= most:
                problems = [("decision", f"一次最多不予批准{most}件，请把其余的另存一份，稍后再上传。")]
            if referral is not None and referral.program.is_sensitive:
                row.cells |= UNTOLD
            row.subject_id = referral.pk if referral else None
            row.household_id = referral.case_household_id if referral else None
            row.problems = [list(problem) for problem in problems]
            row.outcome = Row.ERROR if problems else Row.CHANGED if said.decision else Row.SKIPPED
            row.before = {"decision": referral.outcome} if referral else {}
            if not problems:
                counts["told" if referral and referral.status == S.DECIDED and said.decision else said.decision] += 1
        StagedRow.objects.bulk_update(lines, ["cells", "subject_id", "household_id", "problems", "outcome", "before"], batch_size=500)
        remarks = (
            ("拟批准", counts[APPROVED]),
            ("拟不予批准", counts[REFUSED]),
            ("已决定、只反馈", counts["told"]),
            ("没有填写决定", counts[""]),
        )
        return Comparison(remarks=tuple((label, count) for label, count in remarks if count))

    def refusal_of_undo(self, batch: Batch, template: Template) -> str:  # noqa: ARG002
        """A decision is final: it has its notice, its record and its ways of redress."""
        return FINAL

    @transaction.atomic
    def apply(self, batch: Batch, template: Template, by: Post) -> None:
        """Line by line, all or none: what moved since the comparison, or what the confirmer himself may not decide, refuses the file.

        Raises:
            TransitionError: which lines, and what the verb said.
        """
        proposer = batch.proposed_by or batch.handed_in_by
        confirmer = batch.confirmed_by or by
        lines = list(batch.staged.filter(outcome=Row.CHANGED).order_by("number"))
        found = _found([str(row.cells["referral_number"]) for row in lines], proposer)
        refused = []
        for row in lines:
            said = Said.of(row.cells)
            referral = found.get(said.number)
            if referral is None or (referral.status == S.DECIDED) != bool(row.before.get("decision")):
                refused.append(f"第{row.number}行：{_moved(said.number, referral)}")
            elif problem := _walked(referral, said, proposer, confirmer):
                refused.append(f"第{row.number}行：{problem.rstrip('。')}")
        if refused:
            told = f"{'；'.join(refused[:3])}{'等' if len(refused) > 3 else ''}。"  # last: it may be long, and is cut there
            raise TransitionError(f"有{len(refused)}行不能办理，一件也没有决定。请先处理这几行，或上传新的反馈表。{told}")


# ── which referrals ─────────────────────────────────────────────────────────────────────────────────────────────────
def _open(post: Post) -> Any:
    """Where the unit's ruling is due, or its answer to the window."""
    rows = Referral.objects.visible_to(post).filter(unit_id__in=desks(post), purpose=Referral.Purpose.GRANT)
    return rows.filter(status__in=READY_TO_DECIDE, stage__act=Stage.Act.DECIDE).order_by("accepted_at", "pk")


def _found(numbers: Sequence[str], by: Post) -> dict[str, Referral]:
    """Behind the gate of who handed the file in, or asked for its entry: another unit's referral is not found."""
    rows = Referral.objects.visible_to(by).filter(number__in=[number for number in numbers if number])
    return {row.number: row for row in rows.select_related("program", "stage", "track", "unit", "version", "case_household")}


def _due_days(rows: Sequence[Referral]) -> dict[str, date]:
    """The promise to the resident."""
    duties = Duty.objects.open().filter(subject_label="referrals.referral", subject_id__in=[str(row.pk) for row in rows], is_promise=True)
    pairs = duties.exclude(due_at=None).values_list("subject_id", "due_at")
    return {subject: clock.local(due_at).date() for subject, due_at in pairs}


def _problems(referral: Referral | None, said: Said, by: Post, hands: set[int]) -> list[Problem]:
    """All that is wrong with a line, so that it is mended once: its cells, what the referral still waits for, and what the verbs say."""
    if referral is None:
        return [("referral_number", "没有这个转办单号，或不在本单位办理。请用平台下载的反馈表填写，不是本单位的删除这一行。")]
    if referral.unit_id not in desks(by) or referral.status not in READY_TO_DECIDE or referral.stage.act != Stage.Act.DECIDE:
        return [("decision", f"{_moved(said.number, referral)}，不能用反馈表决定。{WAY}")]
    cells = wrong_cells(referral, said)
    confirmer = _somebody_else(referral, by, hands)
    if confirmer is None:
        return [*cells, ("decision", f"{NOBODY}{WAY}")]
    problem = rehearsed(referral, put_right(said, cells), by, confirmer)
    if not problem or referral.status == S.DECIDED:
        return [*cells, ("decision", problem)] if problem else cells
    waits = demands(referral)
    told = problem in waits  # the first of them
    return [*cells, *(("decision", f"{sentence}{WAY}") for sentence in (waits if told else [problem, *waits]))]


def _somebody_else(referral: Referral, by: Post, hands: set[int]) -> Post | None:
    people = Post.objects.effective(clock.today()).filter(unit_id=by.unit_id).exclude(staff_id__in=hands).select_related("staff", "unit")
    row = referral.walked.filter(left_at=None).select_related("stage").last()
    return next(iter(deciders(referral, row, people)), None)


def _moved(number: str, referral: Referral | None) -> str:
    if referral is None:
        return f"转办单{number}已不在本单位"
    return f"转办单{number}现为“{referral.get_status_display()}”，在{referral.unit.short_name}（{referral.stage.name}）"


# ── the verbs ───────────────────────────────────────────────────────────────────────────────────────────────────────
def rehearsed(referral: Referral, said: Said, proposer: Post, confirmer: Post) -> str:
    """What the verbs would say to it; nothing of it remains."""
    with transaction.atomic():
        problem = _walked(referral, said, proposer, confirmer)
        transaction.set_rollback(True)
    return problem


def _walked(referral: Referral, said: Said, proposer: Post, confirmer: Post) -> str:
    """Decided and fed back; the sentence of the verb that refused, with nothing of the line done."""
    try:
        with transaction.atomic():
            for _ in _steps(referral, said, proposer, confirmer):
                pass
    except (TransitionError, PermissionDenied, Http404) as refused:
        return str(refused)
    except ValidationError as invalid:
        return "".join(invalid.messages)
    return ""


def _steps(referral: Referral, said: Said, proposer: Post, confirmer: Post) -> Iterator[Referral]:
    if referral.status == S.DECIDED:
        if said.decision != referral.outcome:
            raise TransitionError(
                f"平台上已作出决定（{referral.get_outcome_display()}），与表中不同，不能更改。请把决定改成与平台一致（只反馈窗口），或删除这一行。"
            )
    else:
        if referral.status != S.HANDLING:
            yield take(referral_id=referral.pk, by=proposer)
        yield propose(
            referral_id=referral.pk,
            proposal=(said.origin or "按本单位审批结果拟办")[:500],
            outcome=said.decision,
            amount=said.amount,
            by=proposer,
        )
        yield decide(
            referral_id=referral.pk, outcome=said.decision, amount=said.amount, in_kind=said.in_kind, start_on=said.start_on,
            refusal_code=said.refusal_code, refusal_reason=said.reason if said.decision == REFUSED else "",
            cap_reason=said.reason if said.decision == APPROVED else "", opinion=said.origin, by=confirmer,
        )  # fmt: skip
    decided = Referral.objects.get(pk=referral.pk)
    if decided.status != S.DECIDED:
        raise TransitionError("金额超过本单位审批限额，要改由上级审批。")
    yield feed_back(referral_id=referral.pk, text=_told(decided, said), by=confirmer)


def _told(decided: Referral, said: Said) -> str:
    """What the window tells: the decision, from when, and where it was made."""
    if decided.outcome == REFUSED:
        parts = [f"不予批准（{decided.get_refusal_code_display()}）：{decided.refusal_reason}"]
    else:
        given = rules.amount_in_words(
            decided.amount, decided.in_kind, rules.cadence(mode=decided.version.benefit_mode, kind=decided.program.kind)
        )
        parts = [f"批准{f'，{given}' if given else ''}", f"自{decided.start_on:%Y-%m-%d}起" if decided.start_on else ""]
    return "，".join(part for part in [*parts, said.origin] if part)[:500]
