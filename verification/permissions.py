"""Who may do what with a verification (SECURITY, 入户核查 and 经济状况核对)."""

from organization.models import Post

from .models import Verification, VisitRequest

LOOKING = frozenset({"T", "TA", "D", "DA", "B", "BA", "SYS"})
READING = frozenset({"T", "TA", "B", "BA", "SYS"})


def can_look(post: Post) -> bool:
    """The page of a verification that exists for the post: townships, the departments it was given to, the platform. Not the village."""
    return post.role in LOOKING


def can_list(post: Post) -> bool:
    """The list of work: the own township's, for the platform the county's."""
    return post.role in {"T", "TA", "B", "BA"}


def can_read_situation(post: Post, verification: Verification) -> bool:
    """The family's and the economic situation in words and figures.

    - the township that does it, that of the household, and the platform
    - departments, and a township that was let in for a visit, read the conclusion alone (看报告: g 结论)."""
    if post.role in {"T", "TA"}:
        return str(post.unit.region_id) in {str(verification.unit.region_id), verification.household.township_code}
    return post.role in READING


def can_work_on(post: Post, verification: Verification) -> bool:
    """Start, save, finish: a handler of the township that does it, at the window or in an office."""
    return post.role == "T" and post.unit.region_id == verification.unit.region_id


def can_see_visits(post: Post) -> bool:
    """协助入户 between townships, and the platform that watches."""
    return post.role in {"T", "TA", "B", "BA"}


def can_answer_visit(post: Post, request: VisitRequest) -> bool:
    """A handler of the township that was asked."""
    return post.role == "T" and post.unit.region_id == request.township_code


def can_withdraw_visit(post: Post, request: VisitRequest) -> bool:
    """A handler of the township that asked."""
    return post.role == "T" and post.unit.region_id == request.asking_code
