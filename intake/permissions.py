"""What a post may do at the window (SECURITY, 申请/个案: 新建受理, 补正, 撤回, 初审 are the township window's handlers')."""

from organization.models import Post

from .models import Application, Request, RequestHandover, Visit

_PAPERS = frozenset({"T", "TA", "B", "BA"})
_REGISTER = frozenset({"V", "T", "TA", "D", "B"})


def can_receive(post: Post) -> bool:
    """Register arrivals and begin applications: a handler of a township's window (ZX-15)."""
    return post.role == "T" and post.unit.kind == "township_window"


def can_attend(post: Post, visit: Visit) -> bool:
    """Name the person and answer: a handler of the window where the person arrived."""
    return can_receive(post) and post.unit_id == visit.unit_id


def can_work_on(post: Post, application: Application) -> bool:
    """Fill in, submit, ask for what is missing, accept or not: a handler of the window that took the application in.

    Accepting is not deciding: who accepted never decides (four eyes, on the referral).
    """
    return can_receive(post) and post.unit_id == application.unit_id


def can_consent(post: Post, application: Application) -> bool:
    """Agree to a second notice (TZ-14): an approver of the township."""
    return post.role == "TA" and post.unit.region_id == application.township_code


def can_read_applications(post: Post) -> bool:
    """The lists of visits and applications, and each of them: townships and the county platform; what exists for whom is the gate's."""
    return post.role in _PAPERS


def can_read_papers(post: Post, township_code: str) -> bool:
    """Files and issued papers of the window:
    - handlers and approvers of the township that took the application in
    - the county platform."""
    return post.role in _PAPERS and (post.role in {"B", "BA"} or post.unit.region_id == township_code)


def can_register(post: Post) -> bool:
    """Register that somebody needs help (SECURITY, 求助登记): villages, townships, departments' handlers, the county desk's."""
    return post.role in _REGISTER


def can_read_requests(post: Post) -> bool:
    """The list of requests and each of them: whoever registers, and who approves in the same units; what exists for whom is the gate's."""
    return post.role in _REGISTER | {"DA", "BA"}


def can_push(post: Post, request: Request) -> bool:
    """Push, push again after a return, call off: the unit that registered it."""
    return can_register(post) and post.unit_id == request.registered_unit_id


def can_settle(post: Post, request: Request) -> bool:
    """Accept, answer, return, hand over: a handler of the window that has it."""
    return can_receive(post) and post.unit_id == request.window_id


def can_take_over(post: Post, handover: RequestHandover) -> bool:
    """Sign for what another window handed over, or decline: a handler of the window it was handed to."""
    return can_receive(post) and post.unit_id == handover.to_unit_id


def can_follow(post: Post, request: Request) -> bool:
    """What became of the application: the registering unit, the window, the county. Whoever registered it in a village where they work no
    more reads its state alone."""
    return post.unit_id in {request.registered_unit_id, request.window_id} or post.role in {"B", "BA"}


def can_see_number_of(post: Post, request: Request) -> bool:
    """Number and telephone in full, each look recorded: a handler of the window that has it, who must reach the person."""
    return can_settle(post, request)


def works_in_a_village(post: Post) -> bool:
    """The village's own page: its assistants."""
    return post.role == "V"
