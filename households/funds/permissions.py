"""Who may do what to budgets: the department enters, the county platform's approver confirms, the finance bureau reads (LY-31)."""

from organization.lineage import departments
from organization.models import Post
from programs.models import Program

from ..models import Budget

READERS = frozenset({"D", "DA", "B", "BA"})


def reads_funds(post: Post) -> bool:
    """Departments their own, the finance bureau and the platform the county's: numbers, nobody's name."""
    return post.role in READERS


def enters_budgets(post: Post) -> bool:
    """- a department that has programs."""
    return post.role in {"D", "DA"} and Program.objects.filter(department_id__in=departments(post)).exists()


def can_answer_budget(post: Post, budget: Budget) -> bool:  # noqa: ARG001
    """- the platform's approvers
    that it is another person than who entered it, the verb and a constraint ask."""
    return post.role == "BA"


def can_withdraw_budget(post: Post, budget: Budget) -> bool:
    """- of the department that entered it, as long as nobody has confirmed it."""
    return post.role in {"D", "DA"} and budget.department_id in departments(post)
