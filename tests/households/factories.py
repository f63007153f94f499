"""People and households of the tests: all reach their state by the verbs, all numbers are of areas that belong to nobody (RULES C4)."""

import itertools
import os
import uuid
from collections import Counter
from datetime import date, timedelta
from typing import Any

import factory

from config import clock
from config.protection.identity import SYNTHETIC_AREAS, Sex
from config.protection.synthetic import numbered_id
from documents.models import FormVersion
from households.models import AssistanceRecord, Fact, Household, IdentityTag, KinDeclaration, Resident
from households.transitions import (
    MemberInput,
    authorise,
    declare_kin,
    enter_resident,
    file_kin,
    find_by_number,
    grant_record,
    grant_tag,
    note_fact,
    open_household,
)
from organization.models import Post, Region, Unit
from programs.models import Program
from tests import cast, replay
from tests.documents.factories import published_form_row
from tests.replay import remembered

_serial = itertools.count()
_dealt: Counter[tuple[date, str]] = Counter()
# Numbers of one birth date and sex: 500 serials in each of two areas, shared among the workers of a run, who lay down each other's walks.
_WORKERS = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
_PER_DAY = 1000 // _WORKERS
_OWN = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % _WORKERS
_last = "一二三四五六七八九十甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥东南西北春夏秋冬"
_given = {"1": "强军国平安", "2": "芳兰秀梅桂"}


def begin() -> None:
    """Deal names and numbers from the first again: for what has to come out alike twice."""
    global _serial
    _serial = itertools.count()
    _dealt.clear()
    replay.forget()


def id_number(birth_on: date = date(1980, 3, 4), sex: str = Sex.MALE) -> str:
    """A number nobody in this run has had, of an area that belongs to nobody. At most 1,000 for one birth date and sex."""
    dealt = _dealt[birth_on, sex] * _WORKERS + _OWN
    _dealt[birth_on, sex] += 1
    return numbered_id(birth_on, dealt * 2 % 1000 + (Sex(sex) is Sex.MALE), SYNTHETIC_AREAS[dealt // 500 % len(SYNTHETIC_AREAS)])


def about(birth_on: date, sex: str) -> date:
    """That day, or some days before it once its numbers are used up: nobody meets somebody laid down again from an earlier test."""
    while _dealt[birth_on, sex] >= _PER_DAY:
        birth_on -= timedelta(days=1)
    return birth_on


def person(relation: str = "02", **changed: Any) -> MemberInput:
    """A line of the form: a man of 46, unless said otherwise; with a number of your own, whatever that says."""
    sex = changed.get("sex", Sex.MALE)
    if not changed.get("number"):
        changed = {"birth_on": about(date(1980, 3, 4), sex), "sex": sex, **changed}
        changed["number"] = id_number(changed["birth_on"], sex)
    name = changed.pop("name", None) or f"虚{_given[sex][next(_serial) % 5]}{_last[next(_serial) % len(_last)]}"
    return MemberInput(relation=relation, name=name, **changed)


def place(code: str = cast.VILLAGE) -> Region:
    return Region.objects.get(pk=code)


def clerk_of(region: Region) -> Post:
    return cast.member("neighbour_clerk" if region.code.startswith(cast.NEIGHBOUR) else "clerk")


class HouseholdFactory(factory.Factory):
    """A household of a fictional village, entered at its township's window: a man, his wife, a daughter of ten.

    Traits: `alone` (the head only), `in_neighbour` (of the neighbouring township), `authorised` (all adults have signed),
    `without_kin` and `with_kin` (declared), `kin_filed`. `members` brings other people.
    """

    class Meta:
        model = Household

    region = None
    setting = Region.Setting.RURAL
    address = "虚构组1号"
    members = None
    alone = False
    in_neighbour = False
    authorised = False
    without_kin = False
    with_kin = False
    kin_filed = False

    @classmethod
    @remembered
    def _create(cls, model_class: type[Household], *args: Any, **given: Any) -> Household:
        region = given["region"] or place(cast.NEIGHBOUR if given["in_neighbour"] else cast.VILLAGE)
        by = clerk_of(region)
        people = given["members"] or [person()] + ([] if given["alone"] else [_wife(), _daughter()])
        household = open_household(region=region, setting=given["setting"], address=given["address"], members=people, by=by)
        if given["authorised"]:
            sign_all(household)
        if given["with_kin"] or given["kin_filed"] or given["without_kin"]:
            declared(household, has_kin=not given["without_kin"])
        if given["kin_filed"]:
            file_kin(declaration_id=household.kin_declarations.get().pk, note="已了解，由他人经办", by=cast.member("platform"))
        return household


def _wife() -> MemberInput:
    return person("10", birth_on=about(date(1982, 5, 6), Sex.FEMALE), sex=Sex.FEMALE)


def _daughter() -> MemberInput:
    return person("30", birth_on=about(date(2016, 7, 8), Sex.FEMALE), sex=Sex.FEMALE)


def head_of(household: Household) -> Resident:
    return household.memberships.get(relation="02").resident


def form(key: str) -> FormVersion:
    """The text in force; published for the test where the reference data brings none."""
    standing = FormVersion.objects.in_force(key, clock.today())
    if standing:
        return standing
    return published_form_row(
        cast.member("platform"), cast.member("platform_approver"), key=key, title=FormVersion.Key(key).label,
        valid_from=min(clock.today(), date(2026, 1, 1)),
    )  # fmt: skip


def sign_all(household: Household) -> None:
    """Every adult of the household signs the authorisation today."""
    from households.knowledge import missing_authorisations

    form("authorisation")
    for resident in missing_authorisations(household, clock.today()):
        authorise(household_id=household.pk, resident_id=resident.pk, signed_on=clock.today(), by=clerk_of(household.region))


def declared(household: Household, *, has_kin: bool) -> KinDeclaration:
    form("kin_declaration")
    said = {"staff_name": "甘晓窗", "staff_unit": "忠州街道综合救助窗口", "relation": "70"} if has_kin else {}
    return declare_kin(household_id=household.pk, has_kin=has_kin, declared_on=clock.today(), by=clerk_of(household.region), **said)


class ResidentFactory(factory.Factory):
    """Somebody without household, living in the home village: a guardian, an obligor, a person of a roll."""

    class Meta:
        model = Resident

    region = None
    name = factory.Sequence(lambda n: f"户外{n}")
    birth_on = None
    sex = ""
    id_type = "resident"
    number = None
    phone = ""

    @classmethod
    def _create(cls, model_class: type[Resident], *args: Any, **given: Any) -> Resident:
        region = given["region"] or place()
        number = given["number"] if given["number"] is not None else id_number()
        fields = {key: given[key] for key in ("name", "id_type", "sex", "birth_on")}
        return enter_resident(fields=fields, number=number, phone=given["phone"], region=region, by=clerk_of(region))


def fact(subject: Household | Resident, kind_key: str, value: Any, **changed: Any) -> Fact:
    """A fact as a department's data says it, valid for a year: `fact(head, "disability_card", True)`."""
    whose = {"household": subject} if isinstance(subject, Household) else {"resident": subject}
    given = {"how": "register", "found_on": clock.today(), "source": "部门数据", "by": cast.member("clerk"), **changed}
    return note_fact(kind_key=kind_key, value=value, **whose, **given)


def tag(subject: Household | Resident, kind: str, **changed: Any) -> IdentityTag:
    whose = {"household": subject} if isinstance(subject, Household) else {"resident": subject}
    by = cast.member("platform")
    given = {"unit": by.unit, "since": clock.today(), "by": by, **changed}
    return grant_tag(kind=kind, **whose, **given)


def assistance(subject: Household | Resident, program: str = "MZ01", **changed: Any) -> AssistanceRecord:
    """Aid in force by a decision: 低保 of a household by default, reaching all its members."""
    whose: dict[str, Any] = {"household": subject} if isinstance(subject, Household) else {"resident": subject}
    people = [m.resident for m in subject.memberships.open()] if isinstance(subject, Household) else [subject]
    by = changed.pop("by", None) or cast.member("platform")
    given = {
        "covered": people, "region_code": subject.region_id, "amount": 600, "cadence": "monthly", "since": clock.today(),
        "unit": Unit.objects.get(kind="department", department__code=program[:2]), "decision_id": uuid.uuid4(),
        **changed,
    }  # fmt: skip
    return grant_record(program=Program.objects.get(pk=program), version=None, by=by, **whose, **given)


def outside_token(resident_number: str, by: Post) -> str:
    """What the card of somebody registered elsewhere carries, for `take_on`."""
    return find_by_number(number=resident_number, by=by).outside_token
