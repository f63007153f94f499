"""The demo's purposes of 名单核身: one that may be used, one that waits for the bureau."""

from config import clock
from organization.models import Post, Unit

from .models import CheckPurpose
from .transitions import list_checks

PURPOSES = (("JW02", "秋季学期资助对象资格核对，不再让学生开证明"), ("CL03", "辅具适配对象身份核对，不再让残疾人开证明"))
MONTHS = 12


def load(by: Post) -> None:  # noqa: ARG001
    """Through the verbs; safe to repeat."""
    if CheckPurpose.objects.exists():
        return
    posts = list(Post.objects.effective(clock.today()).select_related("unit__department", "staff").order_by("pk"))
    bureau = next(post for post in posts if post.unit.kind == Unit.Kind.PLATFORM and post.rank == Post.Rank.APPROVER)
    for place, (program, purpose) in enumerate(PURPOSES):
        owner = next((post for post in posts if post.unit.department and post.unit.department.code == program[:2]), None)
        if owner is None:
            continue
        row = list_checks.propose_purpose(program_code=program, purpose=purpose, by=owner)
        if place == 0:
            list_checks.approve_purpose(purpose_id=row.pk, months=MONTHS, answer="同意。", by=bureau)
