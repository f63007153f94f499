"""What a post may do with files on their way in (SECURITY D9, ZX-22). But for who sees the rows, none reads the status: the edge does."""

from audit.models import Event
from config import clock
from config.verbs import TransitionError
from organization.desks import still
from organization.kinds import TOWNSHIP
from organization.lineage import desks
from organization.models import Post, Unit

from .declaration import Template, owner_of
from .models import Batch, Mapping, ReportApproval

WORKERS = frozenset({"T", "TA", "D", "DA", "B", "BA"})
_PLATFORM = frozenset({"B", "BA"})
_UNDOERS = frozenset({"T", "TA", "DA", "B", "BA"})
REWRITTEN = ("batch.row_mended", "batch.row_taken_out", "batch.mapped")  # what the file says is the hand's that did it


def handles_files(post: Post) -> bool:
    """- townships, departments, the county platform."""
    return post.role in WORKERS


def can_hand_in(post: Post, template: Template) -> bool:
    """- whoever the owner of the template lets: its department, its townships, the county platform for either."""
    owner = owner_of(template.key)
    return handles_files(post) and owner is not None and owner.may_hand_in(post, template)


def may_stand_for(post: Post, unit: Unit) -> bool:
    """Whose rows they are: - the own unit, those that it works on for, a township's window and offices for one another; - for the county
    platform any department or township (代录, ZX-22)."""
    return unit.pk == post.unit_id or _works_for(post, unit) or (post.role in _PLATFORM and unit.kind in {"department", *TOWNSHIP})


def chooses_unit(post: Post) -> bool:
    """Says whose rows a file holds: - the county platform (代录, ZX-22)."""
    return post.role in _PLATFORM


def owes(unit: Unit, template: Template) -> bool:
    """Whether somebody of the unit could hand the template in: what is handed in for a unit, its people see."""
    return any(can_hand_in(Post(unit=unit, rank=rank), template) for rank in Post.Rank)


def is_of(post: Post, batch: Batch) -> bool:
    """- the unit whose rows they are, or which works on for it; a township's window and offices are one; - who handed in for it."""
    return _works_for(post, batch.unit) or (post.role in _PLATFORM and batch.handed_in_by.unit_id == post.unit_id)


def _works_for(post: Post, unit: Unit) -> bool:
    if unit.kind in TOWNSHIP and post.unit.kind in TOWNSHIP:
        return unit.region_id == post.unit.region_id
    return unit.pk in desks(post)


def can_mend(post: Post, batch: Batch) -> bool:
    """Mend a row, take one out, drop the file, ask for its entry: - of its unit, or of the platform that handed it in."""
    return handles_files(post) and is_of(post, batch)


def can_forget(post: Post, mapping: Mapping) -> bool:
    """For what a heading of the unit's files stands: - the unit, which said it; - the county platform, which hands in for it."""
    return handles_files(post) and (_works_for(post, mapping.unit) or post.role in _PLATFORM)


def can_see_rows(post: Post, batch: Batch) -> bool:
    """Whom a file is about: - its unit, and who handed it in for it; - the county platform, but of a sensitive program only while it is
    asked to confirm (DESIGN 2): not all the files of a unit whose second person has left."""
    return is_of(post, batch) or not batch.is_confidential or (batch.status == Batch.Status.PROPOSED and can_confirm(post, batch))


def can_confirm(post: Post, batch: Batch) -> bool:
    """As the second person: - who neither handed it in, nor wrote in it, nor asked for its entry, and is
    - of its unit an approver or data manager;
    - of the county platform, where it handed it in, or where the unit has nobody else who could (ZX-22)."""
    if is_of(post, batch):
        return is_able(post) and post.staff_id not in firsts(batch)
    return post.role in _PLATFORM and post.staff_id not in firsts(batch) and not has_second(batch)


def is_able(post: Post) -> bool:
    return handles_files(post) and (post.rank == Post.Rank.APPROVER or post.is_data_manager or post.role in _PLATFORM)


def firsts(batch: Batch) -> set[int]:
    """Whose the file is, and who is no second person of it: who handed it in, whoever mended a row of it, took one out or said for what its
    headings stand, and who asked for its entry. A row that a colleague rewrote is his though somebody else asks for it."""
    found = {batch.handed_in_by_staff_id, batch.proposed_by.staff_id if batch.proposed_by else None}
    found.update(Event.objects.about(batch).filter(verb__in=REWRITTEN).order_by().values_list("by_id", flat=True))
    return {staff_id for staff_id in found if staff_id is not None}


def no_second(post: Post, batch: Batch) -> str:
    """Why somebody who confirms files of his unit does not confirm this one; "" where it is not for that."""
    if not (is_of(post, batch) and is_able(post) and post.staff_id in firsts(batch)):
        return ""
    return "您上传、更正或提交过这个文件，须由另一人确认入库。"


def has_second(batch: Batch) -> bool:
    """Whether anybody of the unit, or of the one that works on for it, but whose the file is, could confirm it."""
    today = clock.today()
    posts = Post.objects.effective(today).exclude(staff_id__in=firsts(batch)).select_related("unit")
    try:
        unit = still(batch.unit, today)
    except TransitionError:  # the department that took over has no desk: nobody works on for it yet
        return False
    if unit.kind in TOWNSHIP:
        posts = posts.filter(unit__region_id=unit.region_id, unit__kind__in=TOWNSHIP)
    else:
        posts = posts.filter(unit_id=unit.pk)
    return any(is_able(post) for post in posts)


def can_undo(post: Post, batch: Batch) -> bool:
    """- of its unit a department's approver, or anybody of the township; - the county platform."""
    return post.role in _UNDOERS and (is_of(post, batch) or post.role in _PLATFORM)


def can_read_numbers(post: Post, batch: Batch) -> bool:
    """The sealed cells in full, in the file of wrong rows: - who handed it in, and has them anyway."""
    return post.staff_id == batch.handed_in_by_staff_id


# ── what leaves the house ───────────────────────────────────────────────────────────────────────────────────────────
READERS = WORKERS | {"L"}


def takes_ledgers(post: Post) -> bool:
    """- townships, departments, the county platform; - supervision, whose ledgers name nobody."""
    return post.role in READERS


def sees_reports(post: Post) -> bool:
    """上报: - departments of their own; - the county platform of all."""
    return post.role in {"D", "DA", *_PLATFORM}


def can_propose_report(post: Post) -> bool:
    """- data managers of departments and of the county platform."""
    return post.is_data_manager and sees_reports(post)


def can_decide_report(post: Post, approval: ReportApproval) -> bool:
    """- approvers of the county platform, but for what they proposed themselves."""
    return post.role == "BA" and post.staff_id != approval.proposed_by_staff_id


def can_end_report(post: Post, approval: ReportApproval) -> bool:
    """- its unit's data managers and approvers; - the platform's approvers."""
    is_own = post.unit_id == approval.unit_id and (post.is_data_manager or post.rank == Post.Rank.APPROVER)
    return sees_reports(post) and (is_own or post.role == "BA")


def can_make_report_again(post: Post, approval: ReportApproval) -> bool:
    """What was not made: - whoever could end it."""
    return can_end_report(post, approval)


def keeps_forms(post: Post) -> bool:
    """套表: - townships, departments, the county platform, each of their own: the gate says which."""
    return post.role in WORKERS
