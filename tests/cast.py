"""The cast: named people every test may call on (see docs/testing.md).

They stand in the template database, put there once by the verbs an administrator would use, so that calling on one costs a query.
Each fixture is the person's Post, the actor of every verb; the account is `clerk.staff`, its password `PASSWORD`. `nobody` holds no post
and is a Staff; the outsider is who sends no credentials: plain `client`.
"""

from collections.abc import Callable
from datetime import date, datetime, time
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client

from config import clock
from organization.models import Department, Post, Region, Staff, Unit
from organization.transitions import accounts, posts, units

PASSWORD = "Zhao-Mu-2026!"
SINCE, UNTIL = date(2026, 8, 1), date(2027, 7, 31)
HOME, NEIGHBOUR = "500233001", "500233002"  # 忠州街道, 白公街道
VILLAGE, OTHER_VILLAGE = HOME + "991", HOME + "992"  # fictional, and marked so

# name: (person, unit kind, region or department or office, rank, flags)
Cast = dict[str, tuple[str, str, str, str, set[str]]]
MEMBERS: Cast = {
    "assistant": ("甘雨村", "village_window", VILLAGE, "handler", {"is_assistant"}),
    "other_assistant": ("邻小舟", "village_window", OTHER_VILLAGE, "handler", {"is_assistant"}),
    "clerk": ("甘晓窗", "township_window", HOME, "handler", {"is_dedicated"}),
    "second_clerk": ("安替岗", "township_window", HOME, "handler", {"is_deputy"}),
    "reviewer": ("甘经办", "township_office", f"{HOME}:social_affairs", "handler", set()),
    "approver": ("全审之", "township_office", f"{HOME}:social_affairs", "approver", set()),
    "second_approver": ("副审之", "township_office", f"{HOME}:social_affairs", "approver", {"is_deputy"}),
    "neighbour_clerk": ("白临街", "township_window", NEIGHBOUR, "handler", {"is_dedicated"}),
    "neighbour_approver": ("白复核", "township_office", f"{NEIGHBOUR}:social_affairs", "approver", set()),
    "officer": ("残小联", "department", "CL", "handler", {"is_liaison"}),
    "department_approver": ("残定之", "department", "CL", "approver", set()),
    "neighbour_officer": ("教小员", "department", "JW", "handler", set()),
    "neighbour_department_approver": ("教定之", "department", "JW", "approver", set()),
    "civil_officer": ("民小员", "department", "MZ", "handler", set()),
    "civil_approver": ("民定之", "department", "MZ", "approver", set()),
    "second_civil_approver": ("民副定", "department", "MZ", "approver", {"is_deputy"}),
    "platform": ("平台一", "platform", "", "handler", {"is_data_manager"}),
    "platform_approver": ("裁定之", "platform", "", "approver", set()),
    "convener": ("召集远", "convener", "", "approver", set()),
    "supervision": ("督行之", "supervision", "", "handler", set()),
}
# One person, two posts: two inboxes in one.
TWO_POSTS = [("township_office", f"{HOME}:construction", "handler"), ("township_window", NEIGHBOUR, "handler")]
ADMINISTRATORS = {
    "system_administrator": ("系统员", "system_administration"),
    "security_administrator": ("安全员", "security_administration"),
    "audit_administrator": ("审计员", "audit_administration"),
}


def assemble() -> None:
    """Put the cast into a database that has its reference data."""
    system = Post.objects.the_system()
    founders = {name: _found(name, person, kind, system) for name, (person, kind) in ADMINISTRATORS.items()}
    by, granter = founders["system_administrator"], founders["security_administrator"]
    home = Region.objects.get(pk=HOME)
    for code, village in [(VILLAGE, "虚构一村"), (OTHER_VILLAGE, "虚构二村")]:
        units.add_village(township=home, code=code, name=village, setting="rural", population=900, fictional=True, by=by)
    for name, (person, kind, where, rank, flags) in MEMBERS.items():
        appoint(hire(name, person, by=by), unit_of(kind, where), rank, flags=flags, by=by, granter=granter)
    double = hire("double", "双肩挑", by=by)
    for kind, where, rank in TWO_POSTS:
        appoint(double, unit_of(kind, where), rank, by=by, granter=granter)
    hire("nobody", "待岗人", by=by)


def _found(username: str, person: str, kind: str, system: Post) -> Post:
    """One of the three administrators an installation begins with, as long in office as everybody else."""
    with clock.set_clock(datetime.combine(SINCE, time(9), tzinfo=ZoneInfo("Asia/Shanghai"))):
        return accounts.found_administrator(username=username, name=person, kind=kind, password=PASSWORD, must_change=False, by=system)


def hire(username: str, person: str, *, by: Post) -> Staff:
    """An account that has made its first password change."""
    staff = accounts.create_staff(username=username, name=person, employment_type="established", password=None, by=by)
    return accounts.change_password(staff_id=staff.pk, password=PASSWORD, by=None)


def appoint(staff: Staff, unit: Unit, rank: str, *, flags: set[str] | None = None, by: Post, granter: Post) -> Post:
    """A granted post, by the two administrators it takes."""
    flagged = frozenset(flags or ())
    post = posts.propose(staff_id=staff.pk, unit=unit, rank=rank, valid_from=SINCE, valid_until=UNTIL, flags=flagged, by=by)
    return posts.grant(post_id=post.pk, by=granter)


def unit_of(kind: str, where: str) -> Unit:
    """`where` is a region's code, `region:office`, a department's code, or nothing for the county's one desk of that kind."""
    region, _, office = where.partition(":")
    if kind == "department":
        return Unit.objects.get(kind=kind, department=Department.objects.get(code=where))
    return Unit.objects.get(kind=kind, **({"region_id": region} if region else {}), **({"office": office} if office else {}))


def member(name: str) -> Post:
    """The post of somebody of the cast, with its unit."""
    return Post.objects.select_related("unit__department", "unit__region", "staff").get(staff__username=name)


def sign_in(client: Client, staff: Staff, post: Post | None = None) -> Client:
    """Give the client a session of this person, acting for `post`: what a sign-in leaves, without its traces in the account."""
    session = SessionStore()
    session.update(session_of(staff, post))
    session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
    return client


def session_of(staff: Staff, post: Post | None = None) -> dict[str, Any]:
    """What a session of this person holds."""
    return {
        SESSION_KEY: str(staff.pk),
        BACKEND_SESSION_KEY: "django.contrib.auth.backends.ModelBackend",
        HASH_SESSION_KEY: staff.get_session_auth_hash(),
        **({"post_id": post.pk} if post else {}),
    }


@pytest.fixture
def signed_in(db: None) -> Callable[[Post], Client]:
    """`signed_in(clerk).get(...)`: a client of one's own for each member of the cast."""
    return lambda post: sign_in(Client(), post.staff, post)


def _fixture(name: str) -> object:
    def post(db: None) -> Post:
        return member(name)

    post.__doc__ = MEMBERS[name][0] if name in MEMBERS else ADMINISTRATORS[name][0]
    return pytest.fixture(post, name=name)


globals().update({name: _fixture(name) for name in [*MEMBERS, *ADMINISTRATORS]})


@pytest.fixture
def nobody(db: None) -> Staff:
    """Signed in, without any effective post."""
    return Staff.objects.get(username="nobody")


@pytest.fixture
def double(db: None) -> SimpleNamespace:
    """One person with two posts: `.staff`, `.posts`."""
    staff = Staff.objects.get(username="double")
    return SimpleNamespace(staff=staff, posts=list(staff.posts.select_related("unit").order_by("pk")))


FIXTURES = [*MEMBERS, *ADMINISTRATORS, "nobody", "double", "signed_in"]
