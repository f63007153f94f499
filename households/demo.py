"""The demo's families: two thousand households of believable composition in the fictional villages, entered at the windows by the verbs.

Whom the rolls already help stands in the record as the departments' rolls would bring it. All people are made up, all numbers of an area
that belongs to nobody.
"""

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from django.conf import settings
from django.db import transaction

from audit.transitions import together
from config import clock
from config.dates import add_months
from config.protection.identity import SYNTHETIC_AREAS
from config.protection.synthetic import numbered_id, synthetic_names
from organization.demo import SHARES, share_of
from organization.models import Department, Post, Region, Unit
from programs.models import ProgramVersion

from .composition import MOST_MEMBERS, composition, size
from .models import AssistanceRecord, Household, IdentityTag, Membership, Resident
from .transitions import MemberInput, grant_record, grant_tag, note_fact, open_household

DAYS = 110  # the first were entered so many days ago, the last ones two months ago, before the road of `referrals.demo` begins
LAST = 62
SEED = 20_210_053
SEAT = "500233001"
Cadence = AssistanceRecord.Cadence


@transaction.atomic
@together()
def load_share(share: int, *, by: Post) -> None:
    """The families of a share of the townships, each made by chance from its own number alone, whoever enters it and when.

    Safe to repeat: a share that has households stays as it is, one that was interrupted has none.
    """
    places = _places()
    mine = {region.code for region in places if share_of(region.code) == share}
    if Household.objects.filter(region__in=mine).exists():
        return
    started, count = clock.now(), settings.DEMO_HOUSEHOLDS
    desks = _desks()
    taken: Counter[date] = Counter()
    rolls = _Rolls(by)
    for number in range(count):
        region = places[number % len(places)]
        if region.code not in mine:
            continue
        rng = Random(SEED + number)  # noqa: S311 - chance, not secrecy
        names = iter(synthetic_names(MOST_MEMBERS, rng))
        day = started - timedelta(days=DAYS - (DAYS - LAST) * number // count, hours=number % 7)
        with clock.set_clock(day):
            members = [_member(relation, age, sex, next(names), taken, rng, share) for relation, age, sex in composition(size(rng), rng)]
            household = open_household(
                region=region, setting=region.setting, address=f"虚构路{number % 97 + 1}号", members=members, by=desks[region.code[:9]]
            )
            rolls.give(household, number, rng)
            if region.code.startswith(SEAT) and number % 2:
                _means(household, number, rng, by)


def _places() -> list[Region]:
    """Every village in turn, those of the county seat, where the demo's accounts work, once more and the assistant's twice more."""
    places = list(Region.objects.villages().select_related("parent").order_by("code"))
    seat = [region for region in places if region.code.startswith(SEAT)]
    return [*places, *seat, *seat[:1]]  # 61, a prime: what the rolls give by a family's number then falls on every village alike


def _desks() -> dict[str, Post]:
    """Somebody at each township who may enter households: of its window, else of one of its offices."""
    posts = Post.objects.effective(clock.today()).filter(rank=Post.Rank.HANDLER, unit__kind__in=["township_window", "township_office"])
    ordered = posts.select_related("unit", "staff").order_by(
        "unit__kind", "-pk"
    )  # township_office before township_window: the last one stays
    return {post.unit.region_id: post for post in ordered}


def _member(relation: str, age: float, sex: str, name: str, taken: Counter[date], rng: Random, share: int = 0) -> MemberInput:
    """Each birthday counts its own serials, and each share has its own: no two numbers meet, at whatever hour the demo is loaded."""
    birth_on = clock.today() - timedelta(days=int(age * 365.25) + rng.randrange(300))
    serial, taken[birth_on] = taken[birth_on], taken[birth_on] + 1
    phone = f"023-0{rng.randrange(10**7):07d}" if age >= 18 and rng.random() < 0.7 else ""
    number = numbered_id(birth_on, (serial * SHARES + share) * 2 + (sex == "1"), SYNTHETIC_AREAS[0])
    return MemberInput(relation=relation, number=number, name=name, sex=sex, birth_on=birth_on, phone=phone)


def _means(household: Household, number: int, rng: Random, by: Post) -> None:
    """What is known of the means of some families of the county seat: enough for every kind of answer of a screening."""
    members = Membership.objects.open().filter(household=household).select_related("resident").order_by("relation", "pk")
    head = members[0].resident
    of_home = {
        "income_per_head": f"{rng.randrange(280, 1400)}.00", "assets_within_limits": number % 5 != 0,
        "income_12_months": f"{rng.randrange(8, 60) * 1000}.00", "rigid_spending_12_months": f"{rng.randrange(2, 40) * 1000}.00",
        "household_hardship": number % 3 != 0,
    }  # fmt: skip
    of_head = {"major_illness": number % 7 == 1, "enrolled": False}
    for subject, facts in ((household, of_home), (head, of_head)):
        whose = {"household": household} if subject is household else {"resident": head}
        for key, value in facts.items():
            note_fact(kind_key=key, **whose, value=value, how="register", found_on=clock.today(), source="演示数据", by=by)


class _Rolls:
    """Aid in force and identities as departments would deliver them: about one household in twelve on 低保, some subsidies and cards."""

    def __init__(self, by: Post) -> None:
        self.by = by
        found = (
            ProgramVersion.objects.in_force(clock.today()).filter(program_id__in=["MZ01", "MZ03", "MZ07", "YB01"]).select_related("program")
        )
        self.versions = {version.program_id: version for version in found}
        self.units = {unit.department_id: unit for unit in Unit.objects.filter(kind=Unit.Kind.DEPARTMENT)}
        self.departments = {department.code: department.pk for department in Department.objects.all()}

    def give(self, household: Household, number: int, rng: Random) -> None:
        if number % 12 == 5 or number % 60 == 7 or number % 40 == 11 or number % 9 == 4 or number % 30 == 3:
            memberships = Membership.objects.open().filter(household=household).select_related("resident").order_by("relation", "pk")
            self._give(household, [row.resident for row in memberships], number, rng)

    def _give(self, household: Household, people: list[Resident], number: int, rng: Random) -> None:
        if number % 12 == 5:
            each = Decimal(636 if household.setting == Region.Setting.URBAN else 515)
            self._record("MZ01", household, None, people, each * len(people) * 3 / 5, rng)
        elif number % 60 == 7 and len(people) == 1:
            self._record("MZ07", None, people[0], people, Decimal(827), rng)
        elif number % 40 == 11:
            grant_tag(
                kind=IdentityTag.Kind.UNSTABLE_EXIT,
                household=household,
                unit=self._unit("XC"),
                since=self._since(rng),
                decision_id=None,
                by=self.by,
            )
        if number % 9 == 4:
            self._card(people[-1], rng)
        if number % 30 == 3:
            self._record("YB01", None, people[0], people[:1], Decimal(rng.randrange(3, 40) * 500), rng, once=True)

    def _unit(self, code: str) -> Unit:
        return self.units[self.departments[code]]

    def _since(self, rng: Random) -> date:
        return add_months(clock.today().replace(day=1), -rng.randrange(1, 40))

    def _record(
        self, code: str, household: Household | None, resident: Resident | None, people: list[Resident], amount: Decimal, rng: Random, *,
        once: bool = False,
    ) -> None:  # fmt: skip
        since, version = self._since(rng), self.versions[code]
        grant_record(
            program=version.program, version=version, household=household, resident=resident, covered=people,
            amount=amount.quantize(Decimal(1)), region_code=str(people[0].region_id), cadence=Cadence.ONCE if once else Cadence.MONTHLY,
            since=since, until=since if once else None, unit=self.units[version.program.department_id], decision_id=None, by=self.by,
        )  # fmt: skip

    def _card(self, resident: Resident, rng: Random) -> None:
        """A disability card as 残联 knows it; its grave levels bring the care subsidy."""
        level, found = rng.choice("1234"), clock.today()
        until = add_months(found, 60)
        for key, value in (("disability_card", True), ("disability_kind", rng.choice("1234567")), ("disability_level", level)):
            source = "残疾人证库（演示）"
            note_fact(
                kind_key=key, resident=resident, value=value, how="register", found_on=found, valid_until=until, source=source, by=self.by
            )
        if level in "12":
            self._record("MZ03", None, resident, [resident], Decimal(100 if level == "1" else 90), rng)
