"""Who holds lists against the register (ZX-30), and who lets them."""

from organization.lineage import departments, desks
from organization.models import Post
from programs.models import Program

from .models import CheckPurpose


def reads_list_checks(post: Post) -> bool:
    """- departments, their own; - the county platform, all."""
    return post.role in {"D", "DA", "B", "BA"}


def proposes_purposes(post: Post) -> bool:
    """- departments; for which programs, `can_propose_purpose` says."""
    return post.role in {"D", "DA"}


def can_propose_purpose(post: Post, program: Program) -> bool:
    """- a department, for its own programs."""
    return proposes_purposes(post) and program.department_id in departments(post)


def can_answer_purpose(post: Post, purpose: CheckPurpose) -> bool:  # noqa: ARG001
    """- the bureau: the county platform's approver."""
    return post.role == "BA"


def can_end_purpose(post: Post, purpose: CheckPurpose) -> bool:
    """- the bureau's approver; - the unit itself, which needs it no longer."""
    return post.role == "BA" or can_run_check(post, purpose)


def can_run_check(post: Post, purpose: CheckPurpose) -> bool:
    """- anybody of the unit for which it was approved."""
    return post.role in {"D", "DA"} and purpose.unit_id in desks(post)
