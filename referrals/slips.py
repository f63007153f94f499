"""转办单 on paper: one after another, what each says now and what was said of it on its way."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from config import clock
from config.protection.masks import mask_name
from deadlines import lamps
from deadlines.models import Duty
from deadlines.rules import due_on
from documents.gates import may_read
from documents.models import IssuedDocument
from documents.papers import ChangeNotice, DecisionNotice, RefusalNotice
from organization.models import Post
from programs.models import Stage

from . import bulk
from .models import Referral
from .names import names
from .steps import what_next, whose_turn

NOTICES = (DecisionNotice.kind, RefusalNotice.kind, ChangeNotice.kind)
_JOINED = ("stage", "application__applicant", "resident", "case_household", "handler__staff", "responsible__staff", "window", "version")


@dataclass(frozen=True, slots=True)
class Opinion:
    unit: str
    stage: str
    at: str
    who: str
    text: str


@dataclass(frozen=True, slots=True)
class Slip:
    number: str
    terms: list[tuple[str, str]]
    opinions: list[Opinion]


def slips(ids: Sequence[UUID], posts: Sequence[Post]) -> list[tuple[Referral, Post, Slip]]:
    """Those that exist for these posts, in their order, each with the post by which it is read.

    Raises:
        TransitionError: more than are done at once.
    """
    bulk.refuse_too_many(ids)
    found = [row for pk in dict.fromkeys(ids) if (row := bulk.read(pk, posts, *_JOINED)) is not None]
    return [(referral, post, _slip(referral, posts)) for referral, post in found]


def notices(ids: Sequence[UUID], posts: Sequence[Post]) -> list[tuple[Referral, Post, IssuedDocument | None]]:
    """The notice of the decision of each, behind the same gate as one by one (`documents.gates`); None where there is none to hand out.

    Raises:
        TransitionError: more than are done at once.
    """
    bulk.refuse_too_many(ids)
    found = [row for pk in dict.fromkeys(ids) if (row := bulk.read(pk, posts)) is not None]
    label, keys = Referral._meta.label_lower, [str(referral.pk) for referral, _ in found]
    rows = IssuedDocument._base_manager.filter(subject_label=label, subject_id__in=keys, kind__in=NOTICES, voided_at=None)
    papers = {row.subject_id: row for row in rows.select_related("template").order_by("issued_at")}
    return [(referral, post, _readable(papers.get(str(referral.pk)), post)) for referral, post in found]


def _readable(paper: IssuedDocument | None, post: Post) -> IssuedDocument | None:
    return paper if paper is not None and may_read(post, paper) else None


def _slip(referral: Referral, posts: Sequence[Post]) -> Slip:
    is_own = referral.unit_id in {post.unit_id for post in posts} or referral.window_id in {post.unit_id for post in posts}
    name = referral.applicant.name if referral.applicant else ""
    due = Duty.objects.about(referral).open().order_by("is_promise", "-opened_at").values_list("is_promise", "due_at", "falls_back")
    dates = {key: lamps.tentative(due_on(at).isoformat(), falls_back=guess) if at else "暂停计时" for key, at, guess in due}
    terms = [
        ("申请人", name if is_own else mask_name(name)),
        ("救助项目", str(referral.program)),
        ("乡镇（街道）", names().townships.get(referral.township_code, "")),
        ("转出窗口", referral.window.name),
        ("受理时间", _minute(referral.accepted_at)),
        ("状态", str(referral.get_status_display())),
        ("现由谁办", whose_turn(referral)),
        ("自何时", _minute(referral.arrived_at)),
        ("等什么", what_next(referral)),
        ("环节到期日", dates.get(False, "")),
        ("承诺办结日", dates.get(True, "")),
        ("决定", str(referral.get_outcome_display()) if referral.outcome else ""),
    ]
    return Slip(referral.number, [(term, text) for term, text in terms if text], _opinions(referral))


def _opinions(referral: Referral) -> list[Opinion]:
    rows = referral.walked.select_related("unit", "stage", "proposed_by_staff", "left_by__staff").order_by("arrived_at", "id")
    found = []
    for row in rows:
        if row.proposed_at and row.proposed_by_staff:
            text = row.proposal + (f"（拟{row.proposed_amount}元）" if row.proposed_amount else "")
            found.append(Opinion(row.unit.short_name, "拟办", _minute(row.proposed_at), row.proposed_by_staff.name, text))
        if row.left_at and row.left_by:
            act = Stage.Act(row.stage.act).label
            said = "：".join(part for part in (str(row.get_result_display()), row.opinion) if part)
            found.append(Opinion(row.unit.short_name, str(act), _minute(row.left_at), row.left_by.staff.name, said))
    return found


def _minute(moment: object) -> str:
    return f"{clock.local(moment):%Y-%m-%d %H:%M}"  # type: ignore[arg-type]
