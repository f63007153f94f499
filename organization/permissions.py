"""Who may administer what. The system administrator creates, the security administrator grants, the auditor reads (SECURITY #14)."""

from config import clock

from .models import Post, Staff, Unit
from .querysets import ADMINISTRATION

ENDABLE = frozenset({Unit.Kind.DEPARTMENT, Unit.Kind.VILLAGE_WINDOW, Unit.Kind.TOWNSHIP_OFFICE})


def can_create_accounts(post: Post) -> bool:
    """Create, rename, disable accounts, issue a first password, propose and describe posts: the system administrator.

    And the system itself, which founds the first three administrators.
    """
    return post.role in {"AS", "SYS"}


def can_keep_units(post: Post) -> bool:
    """Units, villages, the department x township table: the system administrator."""
    return post.role == "AS"


def can_end_unit(post: Post, unit: Unit) -> bool:
    """- the system administrator
    - a department's desk, a village's window, an office of a township; the window and 社会事务办 stay, where nothing else is named."""
    return can_keep_units(post) and unit.kind in ENDABLE and unit.office != Unit.Office.SOCIAL_AFFAIRS


def answers_for_others(post: Post) -> bool:
    """Note whose days away they are among those whose accounts the gate shows:
    - an approver, of the unit's people; the administrators' units see every account and answer for none
    - the system administrator."""
    return (post.rank == Post.Rank.APPROVER and post.unit.kind not in ADMINISTRATION) or can_create_accounts(post)


def can_note_absence(post: Post, staff: Staff) -> bool:
    """- oneself
    - who answers for others."""
    return post.staff_id == staff.pk or answers_for_others(post)


def stands_in(post: Post) -> bool:
    """Take over what an absent colleague of the unit has in hand: - the unit's deputies (AB岗); - its approvers."""
    return post.is_deputy or post.rank == Post.Rank.APPROVER


def can_hand_over(post: Post, target: Post) -> bool:
    """A post's open work to a colleague of the unit: - the system administrator; - an approver of that unit."""
    return can_keep_units(post) or (post.unit_id == target.unit_id and post.rank == Post.Rank.APPROVER)


def can_disable(post: Post, staff: Staff) -> bool:
    """- the system administrator
    - never oneself."""
    return can_create_accounts(post) and post.staff_id != staff.pk


def can_issue_password(post: Post, staff: Staff) -> bool:
    """- the system administrator, never to oneself
    - never to a security or audit administrator, present or proposed: who sets a password could sign in with it and hold two powers
    - the system post, for whoever works on the server itself."""
    if post.role == "SYS":
        return True
    return can_disable(post, staff) and not Post.objects.of_watchmen(clock.today()).filter(staff=staff).exists()


def can_grant_posts(post: Post) -> bool:
    """Grant or refuse proposed posts, end granted ones, lift a lock-out: the security administrator."""
    return post.role == "AX"


def can_grant(post: Post, target: Post) -> bool:
    """- the security administrator
    - never a post of one's own, nor one proposed by oneself."""
    return can_grant_posts(post) and post.staff_id not in {target.staff_id, target.proposed_by_staff_id}


def can_end(post: Post, target: Post) -> bool:
    """- the security administrator
    - never a post of one's own: the house would be left without its keeper."""
    return can_grant_posts(post) and post.staff_id != target.staff_id


def can_read_accounts(post: Post) -> bool:
    """The list of accounts and posts of the county: the three administrators."""
    return post.role in {"AS", "AX", "AU"}


SECURITY_KEYS = ("sign_in_", "session_", "password_", "grant_", "new_account_")


def can_set_parameter(post: Post, key: str) -> bool:
    """- figures of sign-in, session, password, grants and new accounts: the security administrator
    - every other: the county platform's approver, as publishing rules does (SECURITY, 项目目录/政策/时限)."""
    return post.role == ("AX" if key.startswith(SECURITY_KEYS) else "BA")


def can_read_alarms(post: Post) -> bool:
    """Configuration alarms: the administrators, the platform, and each township for itself."""
    return post.role in {"AS", "AX", "AU", "B", "BA", "T", "TA"}
