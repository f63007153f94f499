"""The demo's people: a cast that can sign in, and enough others for every township and department to be staffed. All fictional.

A few gaps are left on purpose, so that the alarms of ZX-13, XX-27 and LY-06 are seen at work.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.contrib.auth.hashers import make_password

from audit.transitions import together
from config import clock

from .models import Department, Post, Region, Staff, Unit
from .reference import load_parameters
from .transitions import accounts, posts, units

IN_OFFICE = timedelta(days=120)
SHARES = 2  # of the townships, whose families and their work are loaded side by side
PASSWORD = "Demo@2026zx"  # noqa: S105 - printed at the start of the demo
ASSISTANT, DEDICATED, LIAISON, DATA_MANAGER, DEPUTY = "is_assistant", "is_dedicated", "is_liaison", "is_data_manager", "is_deputy"
_SURNAMES = "赵钱孙李周吴郑王冯陈蒋沈韩杨朱秦许何吕张孔曹严魏陶姜谢邹喻柏窦章苏潘葛范彭鲁韦马苗方任袁柳"
_GIVEN = "安平和顺文明德业志远春晓秋实海川云山书恒思齐嘉言若水景行立新知行向阳永固长青"
_VILLAGES = ["青松村", "翠竹村", "清泉村", "石桥村", "柏林社区", "梨园村", "桂花社区", "枫香村", "白鹭村", "茶坪村", "麦浪村", "荷塘社区"]


@dataclass(frozen=True)
class Person:
    """One of the cast: (unit kind, region code or department code) of each post."""

    username: str
    name: str
    holds: tuple[tuple[str, str, str, str], ...]
    flags: frozenset[str] = frozenset()
    employment: str = Staff.EmploymentType.ESTABLISHED
    first_sign_in: bool = False


K = Unit.Kind
H, A = Post.Rank.HANDLER, Post.Rank.APPROVER
CAST = (
    Person("clerk", "窗口小周", ((K.TOWNSHIP_WINDOW, "500233001", "", H),), frozenset({DEDICATED})),
    Person("approver", "审批小吴", ((K.TOWNSHIP_OFFICE, "500233001", "social_affairs", A), (K.TOWNSHIP_WINDOW, "500233001", "", A))),
    Person(
        "office",
        "经办小郑",
        ((K.TOWNSHIP_OFFICE, "500233001", "social_affairs", H), (K.TOWNSHIP_OFFICE, "500233001", "social_security", H)),
    ),
    Person(
        "assistant", "协理员小陈", ((K.VILLAGE_WINDOW, "500233001901", "", H),), frozenset({ASSISTANT}), Staff.EmploymentType.VILLAGE_CADRE
    ),
    Person("clerk2", "窗口小蒋", ((K.TOWNSHIP_WINDOW, "500233116", "", H),), frozenset({DEDICATED}), Staff.EmploymentType.PURCHASED),
    Person("clerk3", "窗口小邱", ((K.TOWNSHIP_WINDOW, "500233002", "", H),), frozenset({DEDICATED})),
    Person("disabled", "残联小沈", ((K.DEPARTMENT, "CL", "", H),), frozenset({LIAISON, DATA_MANAGER})),
    Person("disabled_lead", "残联老韩", ((K.DEPARTMENT, "CL", "", A),)),
    Person("medical", "医保小杨", ((K.DEPARTMENT, "YB", "", H),), frozenset({LIAISON, DATA_MANAGER})),
    Person("medical_lead", "医保老秦", ((K.DEPARTMENT, "YB", "", A),)),
    Person("education", "教委小冯", ((K.DEPARTMENT, "JW", "", H),), frozenset({LIAISON, DATA_MANAGER})),
    Person("education_lead", "教委老蒋", ((K.DEPARTMENT, "JW", "", A),)),
    Person("health", "卫健小魏", ((K.DEPARTMENT, "WJ", "", H),), frozenset({LIAISON, DATA_MANAGER})),
    Person("health_lead", "卫健老陶", ((K.DEPARTMENT, "WJ", "", A),)),
    Person("labour", "人社小窦", ((K.DEPARTMENT, "RS", "", H),), frozenset({LIAISON, DATA_MANAGER})),
    Person("labour_lead", "人社老潘", ((K.DEPARTMENT, "RS", "", A),)),
    Person("civil", "民政小许", ((K.DEPARTMENT, "MZ", "", H), (K.PLATFORM, "500233", "", H)), frozenset({LIAISON, DATA_MANAGER})),
    Person("civil_lead", "民政老何", ((K.DEPARTMENT, "MZ", "", A), (K.PLATFORM, "500233", "", A))),
    Person("convener", "召集人", ((K.CONVENER, "500233", "", A),)),
    Person("supervisor", "督查小孔", ((K.SUPERVISION, "500233", "", H),)),
    Person("newcomer", "新人小陶", ((K.TOWNSHIP_WINDOW, "500233001", "", H),), frozenset({DEPUTY}), first_sign_in=True),
)
FOUNDERS = (
    ("sysadmin", "系统管理员", K.SYSTEM_ADMINISTRATION),
    ("secadmin", "安全管理员", K.SECURITY_ADMINISTRATION),
    ("auditor", "审计员", K.AUDIT_ADMINISTRATION),
)


@together()
def load(*, by: Post) -> None:
    """People and villages, through the verbs where they exist; safe to repeat."""
    load_parameters(by=by, demo=True)
    if Staff.objects.filter(username=CAST[0].username).exists():
        return
    hashed = make_password(PASSWORD)  # once: that all have the same password is printed at the start anyway
    creator, granter, _ = (_founder(*row, hashed, by=by) for row in FOUNDERS)
    _villages(by=creator)
    _telephones(by=creator)
    for person in CAST:
        staff = accounts.create_staff(
            username=person.username, name=person.name, employment_type=person.employment,
            password=PASSWORD, password_hash=hashed, must_change=person.first_sign_in, by=creator,
        )  # fmt: skip
        for kind, place, office, rank in person.holds:
            _post(staff, _unit(kind, place, office), rank, person.flags, creator=creator, granter=granter)
    for number, (desks, rank, flags) in enumerate(_everybody_else()):
        name = random.Random(number).choice(_SURNAMES) + "".join(random.Random(number + 7).sample(_GIVEN, 2))  # noqa: S311
        staff = accounts.create_staff(
            username=f"demo{number:03d}", name=name, employment_type=Staff.EmploymentType.ESTABLISHED, password=None, by=creator
        )
        for unit in desks:
            _post(staff, unit, rank, flags, creator=creator, granter=granter)


def share_of(region_code: str) -> int:
    """The four streets, where the cast works and most applications are, or the other townships: about as much work each."""
    return 1 if region_code.startswith("5002330") else 0


def accounts_shown() -> list[dict[str, str]]:
    """What the sign-in page and the launcher print: who can sign in, and as what."""
    names = [*[person.username for person in CAST], *[username for username, *_ in FOUNDERS]]
    held = Post.objects.effective(clock.today()).filter(staff__username__in=names).select_related("unit", "staff")
    by_name: dict[str, list[Post]] = {name: [] for name in names}
    for post in held:
        by_name[post.staff.username].append(post)
    return [
        {
            "username": name,
            "name": mine[0].staff.name,
            "unit": "、".join(dict.fromkeys(post.unit.short_name for post in mine)),
            "role": "、".join(dict.fromkeys(post.get_rank_display() for post in mine)),
        }
        for name, mine in by_name.items()
        if mine
    ]


def _founder(username: str, name: str, kind: str, hashed: str, *, by: Post) -> Post:
    return accounts.found_administrator(
        username=username, name=name, kind=kind, password=PASSWORD, password_hash=hashed, must_change=False, by=by
    )


def _post(staff: Staff, unit: Unit, rank: str, flags: frozenset[str], *, creator: Post, granter: Post) -> None:
    """Granted some months ago: the work of the rooms above began before today."""
    with clock.set_clock(clock.now() - IN_OFFICE):
        today = clock.today()
        post = posts.propose(
            staff_id=staff.pk, unit=unit, rank=rank, valid_from=today, valid_until=today + timedelta(days=364), flags=flags, by=creator
        )
        posts.grant(post_id=post.pk, by=granter)


def _unit(kind: str, place: str, office: str) -> Unit:
    where = {"department__code": place} if kind == K.DEPARTMENT else {"region_id": place, "office": office}
    return Unit.objects.get(kind=kind, valid_until=None, **where)


def _villages(*, by: Post) -> None:
    """Two fictional villages a township. Codes end in 9xx, a range no real village uses; names say 演示."""
    for number, township in enumerate(Region.objects.townships()):
        for place in range(2):
            name = f"{_VILLAGES[(number * 2 + place) % len(_VILLAGES)]}（演示）"
            setting = Region.Setting.URBAN if "社区" in name else Region.Setting.RURAL
            units.add_village(
                township=township, code=f"{township.code}{901 + place}", name=name, setting=setting, population=None, fictional=True, by=by
            )


def _telephones(*, by: Post) -> None:
    """Numbers that cannot be dialled, so that slips and pages show what they will show."""
    kinds = (K.DEPARTMENT, K.PLATFORM, K.TOWNSHIP_WINDOW, K.VILLAGE_WINDOW)
    for number, unit in enumerate(Unit.objects.filter(kind__in=kinds).select_related("region")):
        units.describe_unit(
            unit_id=unit.pk, phone=f"000-0000{number:04d}（演示）", address=f"{unit.region.name}便民服务中心（演示）", by=by
        )


def _everybody_else() -> Iterator[tuple[list[Unit], str, frozenset[str]]]:
    """Who is needed so that every unit can work; 兴峰乡 has no window clerk, 金声乡 no approver, one village no assistant.

    In a township the same two people sit in every office that reviews for a department, as they do where few people do much.
    """
    townships = list(Region.objects.townships())
    for township in townships:
        reviewing = Unit.objects.filter(kind=K.TOWNSHIP_OFFICE, region=township, reviewoffice__isnull=False)
        social = _unit(K.TOWNSHIP_OFFICE, township.code, "social_affairs")
        offices = [social, *reviewing.exclude(pk=social.pk).distinct().order_by("pk")]
        window = _unit(K.TOWNSHIP_WINDOW, township.code, "")
        if township.name != "兴峰乡":
            yield [window], H, frozenset({DEDICATED})
        yield offices, H, frozenset()
        if township.name != "金声乡":
            yield offices, A, frozenset()
    for village in Unit.objects.filter(kind=K.VILLAGE_WINDOW).exclude(region_id__in=["500233001901", "500233210902"]):
        yield [village], H, frozenset({ASSISTANT})
    for department in Department.objects.exclude(code__in=["MZ", "CL", "YB", "JW", "WJ", "RS", "DC"]):
        unit = _unit(K.DEPARTMENT, department.code, "")
        yield [unit], H, frozenset({LIAISON, DATA_MANAGER})
        if department.number:
            yield [unit], A, frozenset()
