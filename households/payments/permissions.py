"""Who may do what with payment lists (XX-13). The gate is asked first; none of these reads the status: the edge does."""

from config import clock
from organization.desks import standing
from organization.kinds import TOWNSHIP
from organization.lineage import departments
from organization.models import Post
from programs.models import Program

from ..models import PaymentLine, PaymentList

READERS = frozenset({"T", "TA", "D", "DA", "B", "BA"})
MAKERS = frozenset({"D", "DA"})


def reads_payments(post: Post) -> bool:
    """- departments, townships, the county platform."""
    return post.role in READERS


def makes_payments(post: Post) -> bool:
    """- handlers and approvers of departments."""
    return post.role in MAKERS


def pays(post: Post, program: Program) -> bool:
    """- a program in money of the own department, or of one whose work it has taken over."""
    return makes_payments(post) and program.kind == Program.Kind.CASH and program.department_id in departments(post)


def can_work_on(post: Post, row: PaymentList) -> bool:
    """Make anew, drop, hand out in clear, report what the bank did:
    - the department whose program it is."""
    return pays(post, row.program)


def can_close(post: Post, row: PaymentList) -> bool:
    """- who has not made it, and is
    - an approver of the department
    - or of the county platform, where the department has no other approver."""
    if post.staff_id == row.made_by_staff_id:
        return False
    if post.role == "DA":
        return pays(post, row.program)
    return post.role == "BA" and not has_other_approver(row)


def has_other_approver(row: PaymentList) -> bool:
    rank = Post.Rank.APPROVER
    today = clock.today()
    department = standing(row.program.department, today)  # who has taken the work over, where it was dissolved
    posts = Post.objects.effective(today).filter(unit__department=department, rank=rank)
    return posts.exclude(staff_id=row.made_by_staff_id).exists()


def can_mend(post: Post, line: PaymentLine) -> bool:
    """An account put right after a payment failed:
    - handlers and approvers of the township where the payee lives, who alone may put the account right
    - the department whose payment it is, which alone sees those of a sensitive program."""
    if post.unit.kind in TOWNSHIP:
        is_here = post.role in {"T", "TA"} and line.region_code.startswith(post.region_code)
        return is_here and not PaymentLine.objects.filter(pk=line.pk).strayed().exists()
    return can_work_on(post, line.list)
