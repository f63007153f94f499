"""What a post may do with a referral it can see (SECURITY, 转办 referral). None of these reads the status: the edge does."""

from households.models import AssistanceRecord, Household
from intake.models import Application
from intake.permissions import can_work_on
from organization.lineage import departments, desks
from organization.models import Post, Unit
from organization.permissions import stands_in
from programs.models import Program, Stage

from .models import ChangeReport, ExtensionRequest, ListEntry, MonthlyList, Referral, Ruling, UrgentAid

_WORKERS = frozenset({"T", "TA", "D", "DA"})
SOCIAL_AFFAIRS = "social_affairs"
_APPROVERS = frozenset({"TA", "DA"})


def can_dispatch(post: Post, application: Application) -> bool:
    """- the handler of the window that took the application (发起: T); - jobs, on the day an open month begins."""
    return (post.role == "T" and post.unit_id == application.unit_id) or post.role == "SYS"


def can_open_change(post: Post, record: AssistanceRecord) -> bool:
    """- a handler or approver of the window or 社会事务办 of the township where the household lives (依职权, DESIGN 5)
    - of a sensitive program its department's, since the township is not told of it (DESIGN 2)."""
    if record.program.is_sensitive and post.role in {"D", "DA"}:
        return record.program.department_id in departments(post)
    holder = record.household or record.resident
    return post.role in {"T", "TA"} and is_social_affairs(post) and holder is not None and holder.region_id.startswith(post.region_code)


def can_report_change(post: Post, household: Household) -> bool:
    """- the assistant of the village where the household lives; - a handler of its township's window, for whoever tells it there."""
    is_window = post.role == "T" and post.unit.kind == "township_window"
    return (post.role == "V" or is_window) and household.region_id.startswith(post.region_code)


def can_answer_report(post: Post, report: ChangeReport) -> bool:
    """Confirm what was reported, or answer that nothing changes: - window and 社会事务办 of the township."""
    return post.role in {"T", "TA"} and is_social_affairs(post) and post.region_code == report.township_code


def reads_reports(post: Post) -> bool:
    """- villages and townships, theirs; - the county platform."""
    return post.role in {"V", "T", "TA", "B", "BA"}


def is_social_affairs(post: Post) -> bool:
    """The township's window, or its 社会事务办."""
    return post.unit.kind == "township_window" or (post.unit.kind == "township_office" and post.unit.office == SOCIAL_AFFAIRS)


def holds(post: Post, referral: Referral) -> bool:
    """Somebody of the township's or department's unit whose turn it is."""
    return post.unit_id == referral.unit_id and post.role in _WORKERS


def is_approver_of(post: Post, referral: Referral) -> bool:
    return post.unit_id == referral.unit_id and post.role in _APPROVERS


def can_receive(post: Post, referral: Referral) -> bool:
    """- anybody of the unit that holds it: signing for is free within the unit."""
    return holds(post, referral)


def can_take(post: Post, referral: Referral) -> bool:
    """- a handler or approver of the unit, for himself."""
    return holds(post, referral)


def can_assign(post: Post, referral: Referral) -> bool:
    """- an approver of the unit (负责人)."""
    return is_approver_of(post, referral)


def can_take_over(post: Post, referral: Referral) -> bool:
    """- a deputy (AB岗) or approver of the unit, while who has it in hand is away."""
    return holds(post, referral) and stands_in(post)


def hands_over(post: Post) -> bool:
    """The page of handovers: - approvers of townships and departments, for their unit; - the system administrator."""
    return post.role in _APPROVERS | {"AS"}


def can_propose(post: Post, referral: Referral) -> bool:
    """- a handler of the unit; - an approver, who then may not decide."""
    return holds(post, referral)


def can_forward(post: Post, referral: Referral) -> bool:
    """- an approver of the unit; - where the window puts up a notice or registers what the village did, anybody of the unit."""
    return is_approver_of(post, referral) or (is_registering(referral.stage) and holds(post, referral))


def can_send_back(post: Post, referral: Referral) -> bool:
    """- whoever could send it on."""
    return can_forward(post, referral)


def can_decide(post: Post, referral: Referral) -> bool:
    """- an approver of the unit. That he neither proposed nor accepted is told in words (`conditions.own_hand`)."""
    return is_approver_of(post, referral)


def can_return_for_supplement(post: Post, referral: Referral) -> bool:
    """- anybody of the unit that works on it, once per unit (TZ-14)."""
    return holds(post, referral)


def can_resubmit(post: Post, referral: Referral) -> bool:
    """- the window it was returned to."""
    return is_of_window(post, referral)


def can_dispute(post: Post, referral: Referral) -> bool:
    """- anybody of the unit that holds it (争议提交: T, TA, D, DA)."""
    return holds(post, referral)


def can_resend(post: Post, referral: Referral) -> bool:
    """- the window it came from: it alone sends a disputed referral on (ZX-34)."""
    return is_of_window(post, referral)


def can_push_for_ruling(post: Post, referral: Referral) -> bool:
    """- the window it came from: it alone raises a dispute to the county (ZX-34)."""
    return is_of_window(post, referral)


def can_rule(post: Post, referral: Referral) -> bool:  # noqa: ARG001
    """- the county platform's approver (裁定: BA)."""
    return post.role == "BA"


def can_supersede(post: Post, ruling: Ruling) -> bool:  # noqa: ARG001
    """- the county platform's approver, who rules."""
    return post.role == "BA"


def can_countersign(post: Post, ruling: Ruling) -> bool:
    """- the convener, for what is put to him."""
    return post.role == "C" and ruling.needs_countersign


def has_rulings(post: Post) -> bool:
    """The list of rulings: - the convener; - the county platform; - townships and departments, theirs."""
    return post.role in _WORKERS | {"B", "BA", "C"}


def can_feed_back(post: Post, referral: Referral) -> bool:
    """- anybody of the unit that decided."""
    return holds(post, referral)


def can_return_feedback(post: Post, referral: Referral) -> bool:
    """- the window that must tell the applicant."""
    return is_of_window(post, referral)


def can_confirm(post: Post, referral: Referral) -> bool:
    """- the window that told the applicant."""
    return is_of_window(post, referral)


def can_remind(post: Post, referral: Referral) -> bool:
    """Ask a unit to hurry: - the county platform; - the window it came from, which answers to the applicant."""
    return watches(post) or is_of_window(post, referral)


def reminds(post: Post) -> bool:
    """Who may remind at all: - the county platform; - townships, for what their window sent out."""
    return watches(post) or post.role in {"T", "TA"}


def can_withdraw(post: Post, referral: Referral) -> bool:
    """- the window, for the applicant who no longer wants it."""
    return is_of_window(post, referral)


def can_hand_out(post: Post, application: Application) -> bool:
    """- the window's handlers, whose page holds the card and the papers handed out."""
    return can_work_on(post, application)


def can_withdraw_application(post: Post, application: Application) -> bool:
    """- the window that took it."""
    return post.unit_id == application.unit_id and post.role in {"T", "TA"}


def can_terminate(post: Post, referral: Referral) -> bool:
    """- an approver of the township (C-17: no cooperation; death); - an approver of the unit that holds it."""
    return is_approver_of(post, referral) or (post.role == "TA" and post.region_code == referral.township_code)


def can_terminate_application(post: Post, application: Application) -> bool:
    """- an approver of the township."""
    return post.role == "TA" and post.region_code == application.township_code


def can_wait_for_appraisal(post: Post, referral: Referral) -> bool:
    """- anybody of the unit that works on it, with a reason; the version says whether the clock stands."""
    return holds(post, referral)


def can_request_extension(post: Post, referral: Referral) -> bool:
    """- anybody of the unit that works on it (申请延期)."""
    return holds(post, referral)


def can_answer_extension(post: Post, request: ExtensionRequest) -> bool:  # noqa: ARG001
    """- the county platform's approver (批延期). That he did not ask is a constraint."""
    return post.role == "BA"


def is_of_window(post: Post, referral: Referral) -> bool:
    return post.unit_id == referral.window_id and post.role in {"T", "TA"}


def is_registering(stage: Stage) -> bool:
    """A stage at the window that rules on nothing: it puts up the notice, or registers what the village did."""
    return stage.act == Stage.Act.PUBLICISE or stage.unit_kind == Stage.UnitKind.VILLAGE_WINDOW


def can_publicise(post: Post, referral: Referral) -> bool:
    """Put up the notice, note an objection, register the end (公示 生成: T).

    - a handler of the unit that holds the stage: the township's window, also for its villages, or the department."""
    return post.unit_id == referral.unit_id and post.role in {"T", "D"}


def has_inbox(post: Post) -> bool:
    """- handlers and approvers of townships and departments, for their unit; - the county platform, which watches all of them."""
    return post.role in _WORKERS | {"B", "BA"}


def can_open_cases(post: Post) -> bool:
    """The page of a whole application: - townships; - the county platform. Departments see their referral alone."""
    return post.role in {"T", "TA", "B", "BA"}


def can_read_item(post: Post, program: Program, window_id: int, been: set[int]) -> bool:
    """- what is not sensitive: everybody who sees the case
    - a sensitive program: the accepting window and the units on its way (DESIGN 2)."""
    return not program.is_sensitive or post.unit_id == window_id or not been.isdisjoint(desks(post))


def watches(post: Post) -> bool:
    """- the county platform."""
    return post.role in {"B", "BA"}


def can_look_into(post: Post, referral: Referral) -> bool:
    """A sensitive item of others, with a reason: - the county platform (DESIGN 2: the bureau)."""
    return watches(post) and referral.program.is_sensitive


def may_answer_extensions(post: Post) -> bool:
    """The page of a request: - the county platform's approver."""
    return post.role == "BA"


def can_see_publicity(post: Post) -> bool:
    """What hangs in the village is read by those who handle the case, and the platform; the gate says which."""
    return post.role in _WORKERS | {"B", "BA"}


def has_lists(post: Post) -> bool:
    """The monthly lists of programs without application: - departments, theirs; - the county platform."""
    return post.role in {"D", "DA", "B", "BA"}


def can_prepare_list(post: Post, unit: Unit) -> bool:
    """- anybody of the unit that confirms it; - the county platform; - the job at the month's beginning."""
    return (post.unit_id == unit.pk and post.role in {"D", "DA"}) or post.role in {"B", "BA", "SYS"}


def confirms(post: Post, listed: MonthlyList) -> bool:
    """- an approver of the unit: what it confirms is given."""
    return post.unit_id == listed.unit_id and post.role == "DA"


def can_confirm_list(post: Post, entry: ListEntry) -> bool:
    """Confirm, set aside, take back: - whoever confirms the list."""
    return confirms(post, entry.monthly_list)


def has_urgent(post: Post) -> bool:
    """先行救助, its list and pages: - townships; - departments that give on the spot; - the county platform."""
    return post.role in _WORKERS | {"B", "BA"}


def can_propose_urgent(post: Post) -> bool:
    """- a handler of a township, or of a department that gives on the spot; whether its unit has such a program the verb asks."""
    return post.role in {"T", "D"}


def can_agree_urgent(post: Post, aid: UrgentAid) -> bool:
    """Agree, decline, confirm the call: - an approver of the township or department. That he did not propose it a constraint asks."""
    if post.role == "DA":
        return post.unit_id == aid.deciding_unit_id
    return post.role == "TA" and post.unit.region_id == aid.township_code


def can_paper_urgent(post: Post, aid: UrgentAid) -> bool:
    """Note the telephone consent, bring in the papers: - a handler of the township or department that registered it."""
    return (post.role == "T" and post.unit.region_id == aid.township_code) or (post.role == "D" and post.unit_id == aid.unit_id)
