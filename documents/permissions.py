"""Who keeps the county's papers: the platform prepares, its approver puts into force (SECURITY, 项目目录/政策/时限 编辑)."""

from organization.models import Post

from .models import DocumentTemplate, FormVersion


def can_read_templates(post: Post) -> bool:
    """The county platform."""
    return post.role in {"B", "BA"}


def can_upload_template(post: Post, template: DocumentTemplate | None = None) -> bool:  # noqa: ARG001
    """The county platform; jobs load the delivered ones."""
    return post.role in {"B", "BA", "SYS"}


def can_confirm_template(post: Post, template: DocumentTemplate) -> bool:
    """- the platform's approver
    - never one's own upload: a second person has looked at it."""
    return post.role == "BA" and post.staff_id != template.uploaded_by_staff_id


def can_retire_template(post: Post, template: DocumentTemplate | None = None) -> bool:  # noqa: ARG001
    """Turn a proposed one down, or go back to the delivered one: the platform's approver."""
    return post.role == "BA"


def can_draft_form(post: Post, form: FormVersion | None = None) -> bool:  # noqa: ARG001
    """- the county platform, handler or approver; - jobs, which load the delivered texts."""
    return post.role in {"B", "BA", "SYS"}


def can_publish_form(post: Post, form: FormVersion) -> bool:
    """- the platform's approver, never a draft of one's own; - jobs, for the delivered texts."""
    return post.role == "SYS" or (post.role == "BA" and post.staff_id != form.drafted_by_staff_id)
