"""Posts: proposed by the system administrator, granted or refused by the security administrator, dated, ended early by a verb."""

from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from audit.transitions import record
from config import clock
from config.verbs import AlreadyHandled, TransitionError, lock, recheck, save

from ..figures import figure
from ..models import Post, Staff, Unit
from ..models.post import FAMILIES, PLACES_OF_FLAGS
from ..permissions import can_create_accounts, can_end, can_grant, can_grant_posts
from ..rules import term_end

FLAGS = ("is_deputy", "is_dedicated", "is_liaison", "is_data_manager", "is_assistant")


@transaction.atomic
def propose(
    *,
    staff_id: int,
    unit: Unit,
    rank: str,
    valid_from: date,
    valid_until: date,
    title: str = "",
    flags: frozenset[str] = frozenset(),
    by: Post,
) -> Post:
    """Ask for a post; it gives no right before it is granted.

    Raises:
        TransitionError: a unit that takes nobody, a date past, or a term longer than `grant_term_max` months.
        ValidationError: incompatible or double posts, a grant longer than a year, dates the wrong way round.
    """
    if not can_create_accounts(by):
        raise PermissionDenied("只有系统管理员可以提出岗位授权。")
    _refuse_place_or_term(unit, valid_from, valid_until)
    _refuse_misplaced(unit, rank, flags)
    staff = lock(Staff.objects.visible_to(by).get_or_404(staff_id))  # two proposals for one person wait for each other
    post = Post(
        staff=staff, unit=unit, family=FAMILIES.get(Unit.Kind(unit.kind), Post.Family.CASEWORK), rank=rank, title=title,
        valid_from=valid_from, valid_until=valid_until, proposed_at=clock.now(), proposed_by=by, proposed_by_staff_id=by.staff_id,
        **{flag: flag in flags for flag in FLAGS},
    )  # fmt: skip
    save(post)
    record("post.proposed", post, by=by, new=f"{post.valid_from} 至 {post.valid_until}")
    return post


def _refuse_misplaced(unit: Unit, rank: str, flags: frozenset[str]) -> None:
    if unit.kind == Unit.Kind.VILLAGE_WINDOW and rank == Post.Rank.APPROVER:
        raise TransitionError("村级窗口只登记、推送和协助，不设审批岗。请改选“经办”。")
    for flag in sorted(flags & set(PLACES_OF_FLAGS)):
        if unit.kind != PLACES_OF_FLAGS[flag]:
            name = Post._meta.get_field(flag).verbose_name  # type: ignore[union-attr]
            raise TransitionError(f"“{name}”只设在{PLACES_OF_FLAGS[flag].label}，{unit.name}不能选。")


def _refuse_place_or_term(unit: Unit, valid_from: date, valid_until: date) -> None:
    if valid_until < valid_from:  # first: no range can be made of such dates, and every exclusion would blame the person
        raise ValidationError({"valid_until": "到期日期不能早于生效日期。"})
    today, months = clock.today(), figure("grant_term_max")
    if unit.kind == Unit.Kind.SYSTEM:
        raise TransitionError("系统自动作业不设人员岗位。")
    if unit.valid_until and unit.valid_until < valid_until:
        raise TransitionError(f"{unit.name}自{unit.valid_until}后停用，岗位到期日期不能晚于这一天。")
    if valid_until < today:
        raise TransitionError("到期日期已过，这样的岗位不会生效。请改到期日期。")
    if valid_until > term_end(valid_from, months):
        raise TransitionError(f"岗位授权期限最长{months}个月，到期日期不能晚于{term_end(valid_from, months)}。")


@transaction.atomic
def grant(*, post_id: int, by: Post) -> Post:
    """Give a proposed post. Never by its holder or proposer (two people, SECURITY #14).

    Raises:
        TransitionError: its dates have passed while it waited.
    """
    post = _pending(post_id, by)
    recheck(post, can_grant, by)
    if post.valid_until < clock.today():
        raise TransitionError(f"这个岗位的到期日期 {post.valid_until} 已过，授权也不会生效。请不予授权，再重新提出。")
    post.granted_at, post.granted_by, post.granted_by_staff_id = clock.now(), by, by.staff_id
    save(post, "granted_at", "granted_by", "granted_by_staff")
    record("post.granted", post, by=by, new=f"{post.valid_from} 至 {post.valid_until}")
    return post


@transaction.atomic
def refuse(*, post_id: int, reason: str, by: Post) -> Post:
    """Decline a proposed post, with a reason."""
    post = _pending(post_id, by)
    recheck(post, lambda granter, _: can_grant_posts(granter), by)
    post.refused_at, post.refused_by, post.reason = clock.now(), by, reason
    save(post, "refused_at", "refused_by", "reason")
    record("post.refused", post, by=by, note=reason)
    return post


@transaction.atomic
def end(*, post_id: int, reason: str, by: Post) -> Post:
    """End a granted post before its date; the person loses the unit's rows with the next request."""
    post = Post.objects.visible_to(by).get_or_404(post_id)
    lock(post.staff)
    post = lock(post)
    if post.ended_at or not post.granted_at:
        raise AlreadyHandled("这个岗位已经终止，或还没有授权。")
    recheck(post, can_end, by)
    post.ended_at, post.ended_by, post.reason = clock.now(), by, reason
    save(post, "ended_at", "ended_by", "reason")
    record("post.ended", post, by=by, note=reason)
    return post


@transaction.atomic
def switch(*, post_id: int, by: Post) -> Post:
    """Act for another of one's own posts from now on in this session; logged (DESIGN 2)."""
    post: Post | None = Post.objects.effective(clock.today()).filter(staff_id=by.staff_id, pk=post_id).first()
    if post is None:
        raise TransitionError("这个岗位不是您的，或已不在有效期内。")
    if post.pk != by.pk:
        record("post.switched", post, by=by, old=by.label, new=post.label)
    return post


def _pending(post_id: int, by: Post) -> Post:
    post = Post.objects.visible_to(by).get_or_404(post_id)
    lock(post.staff)
    post = lock(post)
    handled_at = post.granted_at or post.refused_at
    if handled_at:
        who = (post.granted_by or post.refused_by or post).staff.name
        raise AlreadyHandled(f"这个岗位已由 {who} 处理（{'已授权' if post.granted_at else '不予授权'}）。")
    return post
