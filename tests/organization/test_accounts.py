"""Accounts: the system administrator creates them; nobody else does."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from audit.models import Event
from config.verbs import AlreadyHandled, TransitionError
from organization.models import Staff
from organization.transitions import accounts
from tests.cast import PASSWORD

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
    from organization.models import Post

    with pytest.raises(TransitionError, match="已有管理员"):
        accounts.found_administrator(
            username="other", name="另一位", kind="audit_administration", password="Spring-2026-rain", by=Post.objects.the_system()
        )


def test_a_failed_event_leaves_no_account(system_administrator, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError("the record is full")

    monkeypatch.setattr(accounts, "record", fail)
    with pytest.raises(RuntimeError), transaction.atomic():
        accounts.create_staff(**NEW, password="Spring-2026-rain", by=system_administrator)
    assert not Staff.objects.filter(username="lin.hai").exists()
