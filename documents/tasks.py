"""What comes round in this room (`deadlines.periods`): a verb called, idempotent."""

from organization.models import Post

from .transitions import sweep


def sweep_attachments() -> int:
    """Remove what failed verbs left on the disk, quarantine rows whose file is gone. Any number may run at once."""
    return len(sweep(by=Post.objects.the_system()).removed)
