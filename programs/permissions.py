"""Who may change the catalogue (SECURITY, 项目目录/政策/时限 编辑)."""

from organization.models import Post

from .models import FactKind, Program, ProgramVersion, WholeList

_PLATFORM = frozenset({"B", "BA"})


def can_draft(post: Post, program: Program) -> bool:
    """- the department's own people, handler or approver; - the county platform; - jobs, which load the reference files."""
    return _is_own(post, program) or post.role in _PLATFORM | {"SYS"}


def can_publish(post: Post, version: ProgramVersion) -> bool:
    """- the department's own approver; - the platform's approver; - jobs. That it is not the drafter is a constraint."""
    return (post.role == "DA" and _is_own(post, version.program)) or post.role in {"BA", "SYS"}


def can_pause(post: Post, program: Program) -> bool:  # noqa: ARG001
    """- the county platform's approver (暂缓)."""
    return post.role == "BA"


def can_revise(post: Post, version: ProgramVersion) -> bool:
    """- whoever may draft the program's versions, on any of its drafts."""
    return can_draft(post, version.program)


def can_hold(post: Post, version: ProgramVersion) -> bool:  # noqa: ARG001
    """- the county platform, handler or approver (issue 5: the bureau may hold)."""
    return post.role in _PLATFORM


def can_keep_examples(post: Post, program: Program) -> bool:
    """- whoever may draft the program's versions."""
    return can_draft(post, program)


def can_work_on_rules(post: Post) -> bool:
    """- people of a department that leads programs, or of the county platform: the pages of drafts are theirs."""
    return post.role in {"D", "DA"} | _PLATFORM


def _is_own(post: Post, program: Program) -> bool:
    return post.role in {"D", "DA"} and post.unit.department_id == program.department_id


def confirms_lists(post: Post) -> bool:
    """- approvers and the data manager of a department; - the county platform; - jobs."""
    return post.role in _PLATFORM | {"DA", "SYS"} or (post.role == "D" and post.is_data_manager)


def can_propose_list(post: Post, kind: FactKind) -> bool:
    """- of the department that holds the fact; - the county platform, also where nobody does; - jobs."""
    if post.unit.kind == "department" and kind.holder_id != post.unit.department_id:
        return False
    return confirms_lists(post)


def can_confirm_list(post: Post, delivery: WholeList) -> bool:
    """- of the department that holds the fact; - the county platform where nobody does. That it is not the proposer is a constraint."""
    holder = delivery.kind.holder_id
    if holder is None:
        return post.role in _PLATFORM
    return post.unit.kind == "department" and post.unit.department_id == holder and confirms_lists(post)


def can_withdraw_list(post: Post, delivery: WholeList) -> bool:
    """- whoever may propose it: the holder and the county platform."""
    return can_propose_list(post, delivery.kind)
