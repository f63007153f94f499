"""What a post may do with clocks it can see."""

from organization.models import Post
from organization.permissions import stands_in

from .models import Duty, Job, OutboxMessage, PeriodRun, ReminderRule
from .querysets import keeps_the_house


def can_take(post: Post, duty: Duty) -> bool:
    """- somebody of the unit that holds the duty; seeing it from the county platform is not enough."""
    return post.unit_id == duty.unit_id


def can_take_over(post: Post, duty: Duty) -> bool:
    """- a deputy or approver of the unit that holds the duty."""
    return can_take(post, duty) and stands_in(post)


def can_change_calendar(post: Post) -> bool:
    """- the system administrator; everybody signed in reads the calendar."""
    return post.role == "AS"


def can_cancel_job(post: Post, job: Job) -> bool:
    """- whoever asked for it;
    - the county platform, which keeps the house running."""
    return post.staff_id == job.asked_by_staff_id or post.unit.kind == "platform"


def can_see_result(post: Post, job: Job) -> bool:
    """- whoever asked for it: it was made through that person's gate. The platform sees that it ran, not what came of it."""
    return post.staff_id == job.asked_by_staff_id


def can_see_periods(post: Post) -> bool:
    """- the system administrator and the county platform, which keep the house running."""
    return keeps_the_house(post)


def can_see_outbox(post: Post) -> bool:
    """- the system administrator and the county platform: kinds, moments and errors, never a text or a number."""
    return keeps_the_house(post)


def can_mend_outbox(post: Post, message: OutboxMessage | None = None) -> bool:
    """- the system administrator."""
    return post.role == "AS"


def can_ask_for_a_run(post: Post, run: PeriodRun | None = None) -> bool:
    """- whoever may see periodic work: it is the house's own, and done once in its period whoever asks."""
    return can_see_periods(post)


def can_change_reminders(post: Post, rule: ReminderRule | None = None) -> bool:
    """When and how reminders are made: the system administrator."""
    return post.role == "AS"


def can_read_reminders(post: Post) -> bool:
    """- the system administrator; the county platform, where what is late ends."""
    return can_change_reminders(post) or post.unit.kind == "platform"
