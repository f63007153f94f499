"""Who may do what to a standard: its departments propose, the county platform's approvers confirm (TZ-36, SECURITY)."""

from organization.models import Post

from ..models import StandardChange
from .rules import rules_for

READERS = frozenset({"D", "DA", "B", "BA"})


def reads_standards(post: Post) -> bool:
    """Departments whose programs follow a standard, and the platform."""
    return post.role in READERS


def can_propose_standard(post: Post, key: str) -> bool:
    """- the platform
    - a department of whose programs one follows the figure."""
    return post.role in READERS and any(rule.key == key for rule in rules_for(post))


def proposes_standards(post: Post) -> bool:
    return post.role in READERS and bool(rules_for(post))


def can_count_standard(post: Post, change: StandardChange) -> bool:
    """Whoever may propose it or confirm it."""
    return can_propose_standard(post, change.key)


def can_answer_standard(post: Post, change: StandardChange) -> bool:  # noqa: ARG001
    """- the platform's approvers, as every figure of the county is theirs to set
    that it is another person than the proposer, the verb and a constraint ask."""
    return post.role == "BA"


def can_withdraw_standard(post: Post, change: StandardChange) -> bool:
    """- of the unit that proposed it."""
    return post.role in READERS and post.unit_id == change.proposed_by.unit_id
