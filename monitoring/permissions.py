"""What a post may do with what this room holds (SECURITY, 督办). None of these reads the status: the edge does."""

from deadlines.models import Duty
from organization.kinds import TOWNSHIP
from organization.lineage import desks
from organization.models import Post, Unit
from referrals.names import names

from .models import Doubt, SupervisionOrder, WrittenReminder

_ISSUERS = frozenset({"BA", "L"})


def sees_late_matters(post: Post) -> bool:
    """Every late matter of the county: - the county platform; - supervision, without a person and without a link to a case."""
    return post.role in {"B", "BA", "L"}


def has_orders(post: Post) -> bool:
    """- who issues them; - every unit that can hold work."""
    return sees_late_matters(post) or holds_work(post)


def holds_work(post: Post) -> bool:
    """- villages, townships, departments."""
    return post.role in {"V", "T", "TA", "D", "DA"}


def can_draft_order(post: Post) -> bool:
    """- the county platform, handler or approver; - supervision."""
    return sees_late_matters(post)


def issues_orders(post: Post) -> bool:
    """- the county platform's approver; - supervision."""
    return post.role in _ISSUERS


def is_of_issuer(post: Post, order: SupervisionOrder) -> bool:
    """Draft anew, drop a draft: - anybody of the issuing side."""
    return post.unit_id == order.issuer_id and can_draft_order(post)


def can_issue_order(post: Post, order: SupervisionOrder) -> bool:
    """- of the issuing side, whoever issues."""
    return post.unit_id == order.issuer_id and issues_orders(post)


def can_withdraw_order(post: Post, order: SupervisionOrder) -> bool:
    """- of the issuing side, whoever issues; - a draft: anybody of that side."""
    return can_issue_order(post, order) or (is_of_issuer(post, order) and order.issued_at is None)


def can_answer_reply(post: Post, order: SupervisionOrder) -> bool:
    """Accept a reply or send it back: - of the issuing side, whoever issues. That he did not reply himself a constraint asks."""
    return can_issue_order(post, order)


def can_draft_reply(post: Post, order: SupervisionOrder) -> bool:
    """- anybody of the unit it went to."""
    return is_of_unit(post, order.unit)


def can_send_reply(post: Post, order: SupervisionOrder) -> bool:
    """- the head of the unit it went to."""
    return is_head_of(post, order.unit)


def can_issue_reminder(post: Post) -> bool:
    """- the county platform's approver: 县民政局 reminds in writing (QJ-23)."""
    return post.role == "BA"


def has_reminders(post: Post) -> bool:
    """- the county platform; - every unit that can hold work."""
    return post.role in {"B", "BA"} or holds_work(post)


def can_give_reason(post: Post, reminder: WrittenReminder) -> bool:
    """- the head of the unit that was reminded."""
    return is_head_of(post, reminder.unit)


def can_answer_reason(post: Post, reminder: WrittenReminder) -> bool:  # noqa: ARG001
    """- the county platform's approver."""
    return post.role == "BA"


def opens_matter(post: Post, duty: Duty) -> bool:
    """From an order or a reminder to the late matter: - of what is not sensitive: whoever reads the order; - of what is: its unit."""
    return duty.topic_code not in names().sensitive or is_of_unit(post, duty.unit)


def has_bulletins(post: Post) -> bool:
    """- supervision, to which they are made; - the county platform."""
    return sees_late_matters(post)


def is_of_unit(post: Post, unit: Unit) -> bool:
    """- the unit itself, or who works on for it; a township's window and offices answer for one another."""
    if post.unit.kind in TOWNSHIP and unit.kind in TOWNSHIP:
        return post.unit.region_id == unit.region_id
    return unit.pk in desks(post)


def is_head_of(post: Post, unit: Unit) -> bool:
    """- an approver of it; - a village has one rank only; - in the platform its approver."""
    return is_of_unit(post, unit) and (post.rank == Post.Rank.APPROVER or unit.kind == Unit.Kind.VILLAGE_WINDOW)


def reads_figures(post: Post) -> bool:
    """按期率 and the ledger of referrals: - townships, departments and the county platform, of what their gates show;
    - supervision, of the county, without any person."""
    return post.role in {"T", "TA", "D", "DA", "B", "BA", "L"}


def reads_forecast(post: Post) -> bool:
    """明天会超期: - approvers, of their own unit; - the county platform, of all."""
    return post.role in {"TA", "DA", "B", "BA"}


def sees_doubts(post: Post) -> bool:
    """疑点: - townships; - the county platform."""
    return post.role in {"T", "TA", "B", "BA"}


def can_find_doubts(post: Post) -> bool:
    """Have the rules asked of the county now: - the county platform; - the jobs."""
    return post.role in {"B", "BA"} or post.unit.kind == "system"


def can_pull_doubt(post: Post, doubt: Doubt) -> bool:
    """Take one from the pool: - its township; - the platform, for it."""
    return sees_doubts(post) and doubt.unit_id is not None
