"""Accounts: the system administrator creates them; nobody else does."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import CommandError, call_command
from django.db import transaction

from audit.models import Event
from config import clock
from config.verbs import AlreadyHandled, TransitionError
from organization.models import Post, Staff
from organization.transitions import accounts, posts
from tests.cast import PASSWORD, unit_of

pytestmark = pytest.mark.django_db
NEW = {"username": "lin.hai", "name": "林海", "employment_type": "purchased"}


def test_creates_an_account_that_must_change_its_password(system_administrator):
    staff = accounts.create_staff(**NEW, password="Spring-2026-rain", by=system_administrator)
    assert staff.must_change_password
    assert staff.created_by == system_administrator
    assert Event.objects.about(staff).get().verb == "staff.created"


@pytest.mark.parametrize("actor", ["security_administrator", "audit_administrator", "platform_approver", "clerk"])
def test_nobody_else_creates(actor, request):
    with pytest.raises(PermissionDenied):
        accounts.create_staff(**NEW, password="Spring-2026-rain", by=request.getfixturevalue(actor))


def test_refuses_a_taken_name(system_administrator, clerk):
    with pytest.raises(ValidationError, match="已有人使用"):
        accounts.create_staff(**{**NEW, "username": "clerk"}, password="Spring-2026-rain", by=system_administrator)


@pytest.mark.parametrize(
    ("password", "sentence"),
    [
        ("Ab1!", "至少 8 位"),
        ("alllowercase", "至少 3 种"),
        ("Rain111-2026", "连续三个相同"),
        ("Xlin.hai2026", "不能包含登录名"),
        ("Xiah.nil2026", "不能包含登录名"),
    ],
)
def test_refuses_a_weak_password(system_administrator, password, sentence):
    with pytest.raises(ValidationError, match=sentence):
        accounts.create_staff(**NEW, password=password, by=system_administrator)


def test_does_not_take_one_of_the_last_five_passwords(clerk):
    for number in range(5):
        accounts.change_password(staff_id=clerk.staff_id, password=f"Meadow-{number}-green", by=clerk)
    with pytest.raises(ValidationError, match="最近用过"):
        accounts.change_password(staff_id=clerk.staff_id, password=PASSWORD, by=clerk)
    accounts.change_password(staff_id=clerk.staff_id, password="Meadow-9-green", by=clerk)
    accounts.change_password(staff_id=clerk.staff_id, password=PASSWORD, by=clerk)
    assert clerk.staff.password_records.count() == 5


def test_disables_and_enables_with_a_reason(system_administrator, clerk):
    accounts.disable(staff_id=clerk.staff_id, reason="调离", by=system_administrator)
    with pytest.raises(AlreadyHandled):
        accounts.disable(staff_id=clerk.staff_id, reason="调离", by=system_administrator)
    assert Event.objects.about(clerk.staff).first().note == "调离"
    assert accounts.enable(staff_id=clerk.staff_id, reason="返岗", by=system_administrator).is_active


def test_does_not_disable_oneself(system_administrator):
    with pytest.raises(PermissionDenied):
        accounts.disable(staff_id=system_administrator.staff_id, reason="误操作", by=system_administrator)


def test_describes_with_old_and_new(system_administrator, clerk):
    accounts.describe_staff(staff_id=clerk.staff_id, name="甘晓窗", employment_type="purchased", phone="0000-1", by=system_administrator)
    assert Event.objects.about(clerk.staff).first().new == "甘晓窗 政府购买服务 0000-1"


def test_lifts_a_lock_only_where_one_is(security_administrator, system_administrator, clerk):
    with pytest.raises(TransitionError, match="没有被锁定"):
        accounts.lift_lock(staff_id=clerk.staff_id, by=security_administrator)
    with pytest.raises(PermissionDenied):
        accounts.lift_lock(staff_id=clerk.staff_id, by=system_administrator)


def test_founds_each_administrator_once(system_administrator):
    with pytest.raises(TransitionError, match="已有管理员"):
        accounts.found_administrator(
            username="other", name="另一位", kind="audit_administration", password="Spring-2026-rain", by=Post.objects.the_system()
        )


def test_only_the_server_founds(system_administrator):
    with pytest.raises(PermissionDenied, match="服务器"):
        accounts.found_administrator(
            username="other", name="另一位", kind="audit_administration", password="Spring-2026-rain", by=system_administrator
        )


@pytest.fixture
def typed_password(monkeypatch):
    monkeypatch.setattr("getpass.getpass", lambda prompt: "Autumn-2026-wind")


def test_a_desk_whose_last_post_ran_out_is_filled_again(security_administrator, audit_administrator, system_administrator, typed_password):
    with pytest.raises(CommandError, match="已有管理员"):
        call_command("found_administrators", security="newcomer:新任")
    Post.objects.filter(pk=security_administrator.pk).update(valid_until=clock.today() - timedelta(days=1))
    with pytest.raises(CommandError, match="不相容"):
        call_command("found_administrators", security="audit_administrator:审计员")
    call_command("found_administrators", security="security_administrator:安全员")
    new = Post.objects.effective(clock.today()).get(unit=security_administrator.unit)
    assert (new.staff_id, new.pk != security_administrator.pk, new.is_founding) == (security_administrator.staff_id, True, True)
    assert new.staff.must_change_password


def test_found_administrators_says_what_it_needs():
    with pytest.raises(CommandError, match="写明"):
        call_command("found_administrators")


@pytest.mark.parametrize("watchman", ["security_administrator", "audit_administrator"])
def test_the_system_administrator_cannot_sign_in_as_a_watchman(watchman, request, system_administrator, signed_in, typed_password):
    """Two of the three powers in one hand: the password set today would open the other desk tonight (SECURITY #14)."""
    staff = request.getfixturevalue(watchman).staff
    with pytest.raises(PermissionDenied):
        accounts.issue_password(staff_id=staff.pk, password="Spring-2026-rain", by=system_administrator)
    assert "设置初始密码" not in signed_in(system_administrator).get(f"/organization/staff/{staff.pk}/").content.decode()
    call_command("issue_password", staff.username)
    staff.refresh_from_db()
    assert staff.check_password("Autumn-2026-wind")
    assert staff.must_change_password


def test_nor_as_one_that_is_only_proposed(system_administrator, nobody):
    posts.propose(
        staff_id=nobody.pk, unit=unit_of("security_administration", ""), rank="handler", valid_from=clock.today(),
        valid_until=clock.today(), by=system_administrator,
    )  # fmt: skip
    with pytest.raises(PermissionDenied):
        accounts.issue_password(staff_id=nobody.pk, password="Spring-2026-rain", by=system_administrator)


def test_issue_password_knows_no_stranger_and_no_weak_one(clerk, monkeypatch):
    with pytest.raises(CommandError, match="没有登录名"):
        call_command("issue_password", "nemo")
    monkeypatch.setattr("getpass.getpass", lambda prompt: "weak")
    with pytest.raises(CommandError, match="至少"):
        call_command("issue_password", "clerk")


def test_a_failed_event_leaves_no_account(system_administrator, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError("the record is full")

    monkeypatch.setattr(accounts, "record", fail)
    with pytest.raises(RuntimeError), transaction.atomic():
        accounts.create_staff(**NEW, password="Spring-2026-rain", by=system_administrator)
    assert not Staff.objects.filter(username="lin.hai").exists()
