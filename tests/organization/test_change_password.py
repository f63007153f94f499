"""The present password cannot be tried out from an open screen: a wrong one counts and locks as at the door (SECURITY S5, abuse 6)."""

import pytest

from audit.models import Event
from organization.transitions import accounts
from tests.cast import PASSWORD

pytestmark = pytest.mark.django_db
URL, NEW = "/account/password/change/", "Autumn-2026-wind"


def typed(current: str, password: str = NEW, again: str = "") -> dict[str, str]:
    return {"current": current, "password": password, "again": again or password}


def tries(staff) -> list[str]:
    told = Event.objects.about(staff).filter(verb__in=["staff.sign_in_failed", "staff.locked_out"])
    return list(told.order_by("id").values_list("verb", flat=True))


def test_five_wrong_ones_lock_the_right_one_out_too(clerk, signed_in):
    client = signed_in(clerk)
    answers = [client.post(URL, typed("not mine")).content.decode() for _ in range(5)]
    assert ["现在的密码不对" in answer for answer in answers] == [True] * 4 + [False]
    locked = client.post(URL, typed(PASSWORD))
    assert locked.status_code == 422
    for answer in (answers[-1], locked.content.decode()):
        assert "连续输错次数过多，已锁定15分钟。急用请联系安全管理员解锁。" in answer
    assert tries(clerk.staff) == ["staff.sign_in_failed"] * 4 + ["staff.locked_out"]
    clerk.staff.refresh_from_db()
    assert clerk.staff.check_password(PASSWORD)


def test_a_forced_first_change_locks_likewise(client, system_administrator):
    fresh = accounts.create_staff(
        username="fresh", name="新人", employment_type="established", password="Spring-2026-rain", by=system_administrator
    )
    client.post("/sign-in/", {"username": "fresh", "password": "Spring-2026-rain"})
    for _ in range(5):
        answer = client.post(URL, typed("not mine"))
    assert "连续输错次数过多" in answer.content.decode()
    assert "您使用的是初始密码" in answer.content.decode()
    assert "连续输错次数过多" in client.post(URL, typed("Spring-2026-rain")).content.decode()
    assert tries(fresh)[-1] == "staff.locked_out"


def test_what_is_wrong_with_the_new_one_shows_beside_the_wrong_present_one(clerk, signed_in):
    answer = signed_in(clerk).post(URL, typed("not mine", "short", "other")).content.decode()
    for sentence in ("现在的密码不对", "密码至少", "不能连续三个相同字符"):
        assert sentence in answer
    assert "两次输入的新密码不一样" in signed_in(clerk).post(URL, typed("not mine", NEW, "Winter-2026-snow")).content.decode()


def test_whether_a_password_was_used_before_is_said_to_its_proven_owner_alone(clerk, signed_in):
    """Else the new password's field would tell without limit what the present one is."""
    client = signed_in(clerk)
    for current in ("not mine", ""):
        assert "不能使用最近用过的密码" not in client.post(URL, typed(current, PASSWORD)).content.decode()
    assert "不能使用最近用过的密码" in client.post(URL, typed(PASSWORD, PASSWORD)).content.decode()
    assert tries(clerk.staff) == ["staff.sign_in_failed"]
