"""Accounts: created by the system administrator, opened with a password that must be changed at the first sign-in."""

from datetime import timedelta

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import PermissionDenied
from django.db import transaction

from audit.transitions import record
from config import clock
from config.verbs import AlreadyHandled, TransitionError, lock, recheck, save

from ..figures import figure
from ..models import PasswordRecord, Post, Staff, Unit
from ..models.post import FAMILIES
from ..permissions import can_create_accounts, can_disable, can_grant_posts, can_issue_password
from .mobiles import forget_mobile


@transaction.atomic
def create_staff(
    *, username: str, name: str, employment_type: str, phone: str = "", password: str | None, password_hash: str = "",
    must_change: bool = True, by: Post,
) -> Staff:  # fmt: skip
    """A new account, without any post: it can sign in and do nothing until a post is granted.

    Args:
        password: the first one; None leaves the account unable to sign in.
        password_hash: of this password, where it has been made already: for the demo's cast alone, who all have the printed one.
        must_change: at the first sign-in; False for the demo's cast alone.
    Raises:
        ValidationError: username taken, or a password that breaks the profile.
    """
    if not can_create_accounts(by):
        raise PermissionDenied("只有系统管理员可以建立账号。")
    staff = Staff(username=username, name=name, employment_type=employment_type, phone=phone, created_at=clock.now(), created_by=by)
    if password is None:
        staff.set_unusable_password()
    else:
        validate_password(password, staff)
        staff.password = password_hash or make_password(password)
        staff.must_change_password, staff.password_changed_at = must_change, clock.now()
    staff.validate_unique()  # the username, whose sentence stands at its field
    save(staff)
    record("staff.created", staff, by=by, new=username)
    return staff


@transaction.atomic
def found_administrator(
    *, username: str, name: str, kind: str, password: str, password_hash: str = "", must_change: bool = True, by: Post
) -> Post:
    """The first system, security or audit administrator, or the next where the last one's post has run out: a desk with nobody at it.

    An account of that name is taken over, with this password for a first one: its owner may have forgotten the old one.

    Raises:
        TransitionError: the desk has an administrator already: from then on posts are proposed and granted.
        ValidationError: the account's owner holds a post that is incompatible.
    """
    if by.role != "SYS":
        raise PermissionDenied("首任管理员只能在服务器上设立。")
    unit = lock(Unit.objects.get(kind=kind, valid_until=None))
    if Post.objects.effective(clock.today()).filter(unit=unit).exists():
        raise TransitionError(f"{unit.name}已有管理员，请由系统管理员提出、安全管理员授权。")
    staff: Staff | None = Staff.objects.visible_to(by).filter(username=username, is_active=True).first()
    if staff:
        issue_password(staff_id=staff.pk, password=password, by=by)
    else:
        staff = create_staff(
            username=username, name=name, employment_type=Staff.EmploymentType.ESTABLISHED, password=password, password_hash=password_hash,
            must_change=must_change, by=by,
        )  # fmt: skip
    today = clock.today()
    post = Post(
        staff=staff, unit=unit, family=FAMILIES[Unit.Kind(kind)], rank=Post.Rank.HANDLER, title=unit.short_name, is_founding=True,
        valid_from=today, valid_until=today + timedelta(days=365), proposed_at=clock.now(),
        proposed_by=by, proposed_by_staff_id=by.staff_id, granted_at=clock.now(), granted_by=by, granted_by_staff_id=by.staff_id,
    )  # fmt: skip
    save(post)
    record("post.founded", post, by=by, new=f"{post.valid_from}—{post.valid_until}")
    return post


@transaction.atomic
def describe_staff(*, staff_id: int, name: str, employment_type: str, phone: str, by: Post) -> Staff:
    """Correct name, employment type (ZX-50) and office telephone."""
    staff = _locked(staff_id, by)
    recheck(staff, lambda post, _: can_create_accounts(post), by)
    before = f"{staff.name} {staff.get_employment_type_display()} {staff.phone}".strip()
    staff.name, staff.employment_type, staff.phone = name, employment_type, phone
    save(staff, "name", "employment_type", "phone")
    record("staff.described", staff, by=by, old=before, new=f"{staff.name} {staff.get_employment_type_display()} {staff.phone}".strip())
    return staff


@transaction.atomic
def disable(*, staff_id: int, reason: str, by: Post) -> Staff:
    """Stop an account at once: its sessions end with the next request, and no text goes to its owner any more."""
    staff = _locked(staff_id, by)
    if not staff.is_active:
        raise AlreadyHandled(f"{staff.name} 的账号已经停用。")
    recheck(staff, can_disable, by)
    staff.is_active = False
    staff.save(update_fields=["is_active"])
    record("staff.disabled", staff, by=by, note=reason)
    forget_mobile(staff, by=by)
    return staff


@transaction.atomic
def enable(*, staff_id: int, reason: str, by: Post) -> Staff:
    """Open a disabled account again; its posts are as they were, if still in date."""
    staff = _locked(staff_id, by)
    if staff.is_active:
        raise AlreadyHandled(f"{staff.name} 的账号已在使用中。")
    recheck(staff, can_disable, by)
    staff.is_active = True
    staff.save(update_fields=["is_active"])
    record("staff.enabled", staff, by=by, note=reason)
    return staff


@transaction.atomic
def issue_password(*, staff_id: int, password: str, by: Post) -> Staff:
    """A new first password for somebody who forgot theirs; it must be changed at the next sign-in. All sessions end."""
    staff = _locked(staff_id, by)
    recheck(staff, can_issue_password, by)
    validate_password(password, staff)
    _replace_password(staff, password, must_change=True)
    record("staff.password_issued", staff, by=by)
    return staff


@transaction.atomic
def change_password(*, staff_id: int, password: str, by: Post | None) -> Staff:
    """One's own new password. `by` is None for somebody who holds no post yet."""
    staff = lock(Staff.objects.get(pk=staff_id))
    validate_password(password, staff)
    _replace_password(staff, password, must_change=False)
    record("staff.password_changed", staff, by=by)
    return staff


@transaction.atomic
def lift_lock(*, staff_id: int, by: Post) -> Staff:
    """Let somebody try to sign in again before the lock-out ends."""
    from axes.utils import reset

    staff = _locked(staff_id, by)
    recheck(staff, lambda post, _: can_grant_posts(post), by)
    if not reset(username=staff.username):
        raise TransitionError(f"{staff.name} 的账号没有被锁定，无需解锁。")
    record("staff.lock_lifted", staff, by=by)
    return staff


def _locked(staff_id: int, by: Post) -> Staff:
    return lock(Staff.objects.visible_to(by).get_or_404(staff_id))


def _replace_password(staff: Staff, password: str, *, must_change: bool) -> None:
    moment = clock.now()
    if staff.has_usable_password():
        PasswordRecord.objects.create(staff=staff, password=staff.password, replaced_at=moment)
        keep = staff.password_records.values_list("pk", flat=True)[: figure("password_history")]
        staff.password_records.exclude(pk__in=list(keep)).delete()
    staff.set_password(password)
    staff.must_change_password, staff.password_changed_at = must_change, moment
    staff.save(update_fields=["password", "must_change_password", "password_changed_at"])
