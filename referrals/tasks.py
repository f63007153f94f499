"""What comes round in this room: a verb called, idempotent. `rounds` says when."""

from config import clock
from organization.models import Post

from .transitions import end_reviews, follow_moved, open_reviews, succession, watch_deaths
from .transitions.listing import prepare_all
from .transitions.openings import send_opened
from .transitions.progress import forget_tries, hours
from .transitions.rescreening import screen_due


def forget_progress_tries() -> int:
    """Wrong tries of the progress page that no lock counts any longer: a lock reaches back twice its length."""
    return forget_tries(before=clock.now() - 2 * hours())


def open_due_reviews() -> int:
    """定期复核: what has ended needs none any more, what is open goes along with who has moved, whatever lacks one gets one.
    Idempotent."""
    system = Post.objects.the_system()
    end_reviews(by=system)
    follow_moved(by=system)
    return open_reviews(by=system)


def watch_the_dead() -> int:
    """死亡停发: regular aid that still reaches somebody who died is somebody's duty. Idempotent."""
    return watch_deaths(by=Post.objects.the_system())


def send_opened_items() -> int:
    """待开放: what waits for a program that has opened is sent out. Idempotent: what was sent no longer waits."""
    return send_opened(on=clock.today())


def screen_families_again() -> int:
    """复筛 after approvals that have come to hold. Idempotent: what is done is no longer due."""
    return screen_due()


def prepare_monthly_lists() -> int:
    """The lists of programs without application, once in a month; later runs add who became entitled meanwhile."""
    return prepare_all(by=Post.objects.the_system())


def follow_successors() -> int:
    """What lies open at the desk of a dissolved department goes to its successor's."""
    return succession.follow_successors()
