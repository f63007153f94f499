"""The two evaluators mean the same: for every household and person, what one household is told is what the county run counts (DESIGN 4).

`SCREENING_EXAMPLES=300` asks longer.
"""

import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import date, timedelta
from random import Random
from typing import Any, NamedTuple

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from households.models import Household
from households.screening.county import take_snapshot
from households.screening.gathering import gather
from households.screening.snapshot import DERIVED, PROVEN
from households.screening.sql import OUTCOMES, Asked, Statement
from organization.models import Department, Parameter, Region
from programs.facts import catalogue_of_facts
from programs.figures import figures_on
from programs.models import FactKind
from programs.screening.evaluation import Outcome, answer
from programs.screening.language import RuleError, read
from tests.cast import VILLAGE
from tests.conftest import NOW
from tests.programs.factories import whole_lists

from .registers import Register
from .rule_strategies import RandomRegister, chosen, parameter, parameters, stored_rules

pytestmark = pytest.mark.django_db
ON = NOW.date()
EXAMPLES = int(os.environ.get("SCREENING_EXAMPLES", "5"))
HOUSEHOLDS, RULES, KINDS = 30, 12, 14
LATER, EARLIER = ON + timedelta(days=1), ON - timedelta(days=1)
Answers = dict[tuple[Any, Any, str], Outcome]


def by_statement(rules: Sequence[Asked], catalogue: Any) -> Answers:
    """Household, resident and rule: what the county's statement says."""
    take_snapshot(rules, ON, catalogue)
    with connection.cursor() as cursor:
        cursor.execute(Statement(catalogue).select(rules).as_string(connection.connection))
        rows = cursor.fetchall()
    return {
        (home, person, asked.code): OUTCOMES[outcome]
        for home, person, _, *outcomes in rows
        for asked, outcome in zip(rules, outcomes, strict=True)
        if outcome is not None
    }


def one_by_one(rules: Sequence[Asked], homes: Iterable[Household], catalogue: Any, departments: dict[str, int]) -> Answers:
    found: Answers = {}
    for home in homes:
        gathered = gather(home, ON, catalogue)
        situations = {code: gathered.for_department(pk) for code, pk in departments.items()}
        for asked in rules:
            situation = situations[asked.code[:2]]
            for person in [m.resident_id for m in gathered.memberships] if asked.is_of_people else [None]:
                given = answer(asked.rule, situation, catalogue, person=str(person or ""), trusts_declared=False)
                found[home.pk, person, asked.code] = given.outcome
    return found


def departments() -> dict[str, int]:
    return {row.code: row.pk for row in Department.objects.filter(code__in=["MZ", "CL"])}


@pytest.fixture
def some_figures(platform):
    Parameter.objects.bulk_create(parameters(ON, platform))


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), derandomize=EXAMPLES == 5, database=None)
@given(data=st.data(), seed=st.integers(0, 10**6))
def test_random_rules_and_random_households(data, seed, platform, some_figures):
    rng = Random(seed)
    with transaction.atomic():
        listed = rng.sample(sorted(FactKind.objects.filter(is_list=True).values_list("pk", flat=True)), 12)
        for place, on in enumerate((ON, EARLIER, ON - timedelta(days=200), LATER)):
            whole_lists(listed[place * 3 : place * 3 + 3], on)
        always = DERIVED | {"income_12_months", *rng.sample(sorted(PROVEN), 4)}
        catalogue = chosen(catalogue_of_facts(ON), always, rng, KINDS)
        register = RandomRegister(platform, catalogue, DERIVED, ON, rng)
        register.fill(HOUSEHOLDS)
        register.write()
        drawn = _rules(data, catalogue)
        rules, stored = [asked for asked, _ in drawn], {asked.code: row for asked, row in drawn}
        quick, slow = by_statement(rules, catalogue), one_by_one(rules, register.households, catalogue, departments())
        wrong = [(key, stored[key[2]], quick.get(key), slow.get(key)) for key in {*quick, *slow} if quick.get(key) != slow.get(key)]
        assert not wrong, f"seed {seed}: {len(wrong)} of {len(slow)} differ, the first {wrong[0]}"
        transaction.set_rollback(True)


def _rules(data: Any, catalogue: Any) -> list[tuple[Asked, Any]]:
    """Rules as a department would store them, read as they are read from there; each goes by the figures of one of two departments."""
    figures, found = {code: figures_on(ON).of_department(pk) for code, pk in departments().items()}, []
    for number in range(RULES):
        whose, department = ("household" if number % 3 == 0 else "resident"), ("MZ", "CL")[number % 2]
        stored = data.draw(stored_rules(catalogue, ON, of_people=whose == "resident"))
        with suppress(RuleError):  # nested too deep
            rule = read(stored, catalogue, beneficiary=whose)
            found.append((Asked(f"{department}{number:02}", whose, rule, figures[department]), stored))
    return found


# ── known traps ─────────────────────────────────────────────────────────────────────────────────────────────────────


class Trap(NamedTuple):
    """`make` writes a household; its head (or the household) comes out as `outcome` by the rule, in both evaluators."""

    name: str
    rule: dict[str, Any]
    make: Any
    outcome: Outcome
    of: str = "resident"


def is_(fact: str, value: bool = True, **more: Any) -> dict[str, Any]:
    return {"fact": fact, "op": "is", "value": value, **more}


def than(fact: str, op: str, value: Any, **more: Any) -> dict[str, Any]:
    return {"fact": fact, "op": op, "value": value, **more}


def born(day: date, **more: Any) -> Any:
    return lambda r: r.person(r.household(VILLAGE), born=day, **more)


def head(*facts: tuple[Any, ...], **more: Any) -> Any:
    """The head of a household with these facts: kind, value, and how, when and until when it was found."""

    def make(r: Register) -> Any:
        someone = r.person(r.household(VILLAGE), born=date(1980, 3, 4), **more)
        for kind, value, *rest in facts:
            r.fact(someone, kind, value, **(rest[0] if rest else {}))
        return someone

    return make


def with_home(*facts: tuple[Any, ...], people: int = 1) -> Any:
    def make(r: Register) -> Any:
        home = r.household(VILLAGE)
        for number in range(people):
            r.person(home, "02" if number == 0 else "20", born=date(1980, 3, 4))
        for kind, value, *rest in facts:
            r.fact(home, kind, value, **(rest[0] if rest else {}))
        return home

    return make


def tagged(kind: str, since: date, until: date | None = None, **more: Any) -> Any:
    def make(r: Register) -> Any:
        someone = r.person(r.household(VILLAGE), born=date(1980, 3, 4), **more)
        r.tag(someone, kind, since, until)
        return someone

    return make


def member_of_tagged_home(r: Register) -> Any:
    home = r.household(VILLAGE)
    r.person(home, born=date(1980, 3, 4))
    r.tag(home, "subsistence", EARLIER)
    return r.person(home, "20", born=date(2005, 3, 4), is_counted=False)


def reached_from_elsewhere(r: Register) -> Any:
    """Who moved out is still on the list of the former household's aid."""
    former = r.household(VILLAGE)
    r.person(former, born=date(1950, 1, 1))
    someone = r.person(r.household(VILLAGE), born=date(1980, 3, 4))
    r.record(former, "MZ01", EARLIER, reaches=[(someone, EARLIER, None)])
    return someone


def aided(*, listed: bool, until: date | None = None, cadence: str = "monthly") -> Any:
    def make(r: Register) -> Any:
        home = r.household(VILLAGE)
        someone, other = r.person(home, born=date(1980, 3, 4)), r.person(home, "20", born=date(2010, 1, 1))
        r.record(home, "MZ02", EARLIER, cadence=cadence, reaches=[(someone if listed else other, EARLIER, until)])
        return someone

    return make


def aided_without_list(r: Register) -> Any:
    home = r.household(VILLAGE)
    r.record(home, "MZ02", EARLIER)
    return r.person(home, born=date(1980, 3, 4))


def proven_without_list(r: Register) -> Any:
    home = r.household(VILLAGE)
    r.record(home, "MZ01", EARLIER)
    return r.person(home, born=date(1980, 3, 4))


def orphan_aid(identity: str = "", *facts: tuple[Any, ...], until: date | None = None) -> Any:
    """MZ09 as its roll writes it: a record alone, beside what else is known."""

    def make(r: Register) -> Any:
        child = r.person(r.household(VILLAGE), born=date(2016, 3, 4))
        r.record(child, "MZ09", EARLIER)
        for kind, value, *rest in facts:
            r.fact(child, kind, value, **(rest[0] if rest else {}))
        if identity:
            r.tag(child, identity, date(2026, 1, 1), until)
        return child

    return make


def family(*relations: str, dead: tuple[str, ...] = (), uncounted: tuple[str, ...] = ()) -> Any:
    """Somebody of the first relation, with these beside him; all but the first hold a card of disability."""

    def make(r: Register) -> Any:
        home, people = r.household(VILLAGE), []
        for relation in relations:
            died = ON if relation in dead else None
            people.append(r.person(home, relation, born=date(1980, 3, 4), died_on=died, is_counted=relation not in uncounted))
            if len(people) > 1:
                r.fact(people[-1], "disability_card", True)
        return people[0]

    return make


UNDER = than("age", "lt", "60")
SIXTY, YES, NO, UNKNOWN, HINT = than("age", "ge", "60"), Outcome.ELIGIBLE, Outcome.INELIGIBLE, Outcome.UNKNOWN, Outcome.LIKELY
PAST, STANDING = {"valid_until": EARLIER, "found_on": date(2026, 1, 1)}, {"valid_until": ON, "found_on": date(2026, 1, 1)}
DECLARED, LETTER = {"how": "declaration"}, {"how": "letter"}
CARD, STANDARD = is_("disability_card"), {"parameter": "line", "by": "urban_rural"}
CARD_AND_DIBAO = ("disability_card", True), ("dibao", True)
MZ02 = {"all": [CARD, is_("dibao"), {"not": is_("orphan")}, {"not": {"all": [is_("unsupported_child"), is_("unsupported_child_full")]}}]}
TRAPS = [
    Trap("sixty today", SIXTY, born(date(1966, 9, 24)), YES),
    Trap("sixty tomorrow", SIXTY, born(date(1966, 9, 25)), NO),
    Trap("born on 29 February", than("age", "eq", "18"), born(date(2008, 2, 29)), YES),
    Trap("no birth date", SIXTY, born(None), UNKNOWN),
    Trap("the dead age no more", {"for_the_dead": True, "eligible": than("age", "eq", "59")},
         born(date(1966, 9, 24), died_on=EARLIER), YES),
    Trap("income equal to the line", than("income_per_head", "lt", STANDARD), with_home(("income_per_head", "515.00")), NO, "household"),
    Trap("a fen below the line", than("income_per_head", "lt", STANDARD), with_home(("income_per_head", "514.99")), YES, "household"),
    Trap("up to the line", than("income_per_head", "le", STANDARD), with_home(("income_per_head", "515")), YES, "household"),
    Trap("half a fen is rounded up", than("income_12_months_per_head", "eq", "0.01"), with_home(("income_12_months", "0.01"), people=2),
         YES, "household"),
    Trap("a third of a fen down", than("income_12_months_per_head", "eq", "0.33"), with_home(("income_12_months", "1"), people=3), YES,
         "household"),
    Trap("the day itself is not before", than("release", "before", ON.isoformat()), head(("release", ON.isoformat())), NO),
    Trap("nor after", than("release", "after", ON.isoformat()), head(("release", ON.isoformat())), NO),
    Trap("valid until today", CARD, head(("disability_card", True, STANDING)), YES),
    Trap("expired yesterday", CARD, head(("disability_card", True, PAST)), UNKNOWN),
    Trap("found tomorrow", CARD, head(("disability_card", True, {"found_on": LATER})), UNKNOWN),
    Trap("superseded", CARD, head(("disability_card", True, {"is_superseded": True})), UNKNOWN),
    Trap("not on a list delivered whole", is_("formerly_poor"), head(), NO),
    Trap("not on it, asked the other way", is_("formerly_poor", False), head(), YES),
    Trap("a list too old says nothing", is_("poverty_exited"), head(), UNKNOWN),
    Trap("nobody finds him without a number", is_("formerly_poor"), head(has_number=False), UNKNOWN),
    Trap("and what is known of him stands", is_("formerly_poor"), head(("formerly_poor", False), has_number=False), NO),
    Trap("of another county", is_("formerly_poor"), head(registered_place="虚构县外"), UNKNOWN),
    Trap("at home in this one", is_("formerly_poor"), head(registered_place="重庆市忠县白公街道"), NO),
    Trap("its township alone", is_("formerly_poor"), head(registered_place="白公街道"), NO),
    Trap("and with the municipality", is_("formerly_poor"), head(registered_place="重庆市忠州街道虚构一村"), NO),
    Trap("a township of that name elsewhere", is_("formerly_poor"), head(registered_place="虚构县白公街道"), UNKNOWN),
    Trap("a township dissolved since", is_("formerly_poor"), head(registered_place="虚构旧乡"), NO),
    Trap("one that is not there yet", is_("formerly_poor"), head(registered_place="虚构新镇"), UNKNOWN),
    Trap("registered after the list", is_("formerly_poor"), head(entered_at=NOW + timedelta(days=1)), UNKNOWN),
    Trap("registered on its day", is_("formerly_poor"), head(entered_at=NOW + timedelta(hours=1)), NO),
    Trap("a list not delivered yet", is_("youth_in_need"), head(), UNKNOWN),
    Trap("an expired entry of a list says nothing", is_("formerly_poor"), head(("formerly_poor", True, PAST)), UNKNOWN),
    Trap("nor does a declared one", is_("formerly_poor"), head(("formerly_poor", True, DECLARED)), UNKNOWN),
    Trap("an entry found later is none yet", is_("formerly_poor"), head(("formerly_poor", True, {"found_on": LATER})), NO),
    Trap("declared alone is not known", CARD, head(("disability_card", True, DECLARED)), UNKNOWN),
    Trap("the more trustworthy of two", CARD, head(("disability_card", True, DECLARED), ("disability_card", False, LETTER)), NO),
    Trap("an older register before a newer visit", CARD,
         head(("disability_card", True, {"found_on": date(2026, 1, 1)}), ("disability_card", False, {"how": "visit"})), YES),
    Trap("a valid letter before an expired register", CARD, head(("disability_card", True, PAST), ("disability_card", False, LETTER)), NO),
    Trap("an identity goes before a record", is_("dibao"), tagged("subsistence", ON), YES),
    Trap("重残 is held with a card", CARD, tagged("severe_disability", ON), YES),
    Trap("零就业家庭 is each one's of it", is_("nobody_employed"), tagged("nobody_employed", ON), YES),
    Trap("who has MZ09 is an orphan", is_("orphan"), orphan_aid(), YES),
    Trap("but not beside 事实无人抚养", is_("orphan"), orphan_aid("unattended_child"), UNKNOWN),
    Trap("nor of whom a record says so", is_("orphan"), orphan_aid("", ("unsupported_child", True)), UNKNOWN),
    Trap("who is no orphan has a subsidy", MZ02,
         orphan_aid("", ("unsupported_child", True), ("unsupported_child_full", False), ("orphan", False), *CARD_AND_DIBAO), YES),
    Trap("as an orphan has not", MZ02, orphan_aid("", *CARD_AND_DIBAO), NO),
    Trap("a record that expired says nothing", is_("orphan"), orphan_aid("", ("unsupported_child", True, PAST)), YES),
    Trap("nor what was only declared", is_("orphan"), orphan_aid("", ("unsupported_child", True, DECLARED)), YES),
    Trap("nor one that says no", is_("orphan"), orphan_aid("", ("unsupported_child", False)), YES),
    Trap("a letter of an orphan stands beside it", is_("orphan"),
         orphan_aid("", ("unsupported_child", True), ("orphan", True, LETTER)), YES),
    Trap("unless that ended", is_("orphan"), orphan_aid("unattended_child", until=EARLIER), YES),
    Trap("an identity that ended yesterday", is_("dibao"), tagged("subsistence", date(2020, 1, 1), EARLIER), UNKNOWN),
    Trap("the household's identity is each one's", is_("dibao"), member_of_tagged_home, YES),
    Trap("the dead hold what they held that day", {"for_the_dead": True, "eligible": is_("dibao")},
         tagged("subsistence", date(2020, 1, 1), date(2026, 5, 1), died_on=date(2026, 5, 1)), YES),
    Trap("and not what began after", {"for_the_dead": True, "eligible": is_("dibao")},
         tagged("subsistence", date(2026, 5, 2), died_on=date(2026, 5, 1)), UNKNOWN),
    Trap("aid that still reaches one who moved", is_("dibao"), reached_from_elsewhere, YES),
    Trap("nothing but for the living", is_("dibao"), tagged("subsistence", ON, died_on=ON), NO),
    Trap("nothing but for the dead", {"for_the_dead": True, "eligible": is_("dibao")}, tagged("subsistence", ON), NO),
    Trap("nobody counted", is_("dibao"), tagged("subsistence", ON, is_counted=False), UNKNOWN),
    Trap("no members at all", than("members", "eq", "0"), with_home(people=0), UNKNOWN, "household"),
    Trap("on the aid's list", {"excludes": ["MZ02"], "eligible": is_("dibao", False)}, aided(listed=True), NO),
    Trap("another on it", {"requires": ["MZ02"], "eligible": SIXTY}, aided(listed=False), NO),
    Trap("aid without a list reaches all", {"requires": ["MZ02"], "eligible": UNDER}, aided_without_list, YES),
    Trap("and proves of all what it proves", is_("dibao"), proven_without_list, YES),
    Trap("off the list since yesterday", {"requires": ["MZ02"], "eligible": UNDER}, aided(listed=True, until=EARLIER), NO),
    Trap("aid given once is not in force", {"requires": ["MZ02"], "eligible": UNDER},
         aided(listed=True, cadence="once"), NO),
    Trap("a prerequisite is of the hint too", {"requires": ["MZ02"], "eligible": SIXTY, "likely": UNDER}, head(), NO),
    Trap("a hint where the rest is not known", {"eligible": CARD, "likely": UNDER}, head(), HINT),
    Trap("a hint against a no", {"eligible": SIXTY, "likely": UNDER}, head(), HINT),
    Trap("the spouse", {**CARD, "scope": "any_spouse"}, family("02", "10"), YES),
    Trap("the spouse died", {**CARD, "scope": "any_spouse"}, family("02", "10", dead=("10",)), UNKNOWN),
    Trap("the spouse of a spouse is the head", {**CARD, "scope": "all_spouse"}, family("10", "02"), YES),
    Trap("parents of a son", {**CARD, "scope": "all_parent"}, family("20", "02", "10"), YES),
    Trap("children, one not counted", {**CARD, "scope": "any_child"}, family("02", "30", uncounted=("30",)), UNKNOWN),
    Trap("kin of other kin are not guessed", {**CARD, "scope": "any_parent"}, family("97", "02", "10"), UNKNOWN),
    Trap("one not known, another yes", {**CARD, "scope": "any_member"}, family("02", "20"), YES),
    Trap("one not known, all others yes", {**CARD, "scope": "all_member"}, family("02", "20"), UNKNOWN),
    Trap("no parameter of that name", than("age", "ge", {"parameter": "never_set"}), head(), UNKNOWN),
    Trap("a parameter of several values", than("age", "ge", {"parameter": "line"}), head(), UNKNOWN),
    Trap("by a fact that is not known", than("age", "ge", {"parameter": "line", "by": "care_need"}), head(), UNKNOWN),
    Trap("anybody", {"anyone": "谁都可以"}, head(died_on=ON), Outcome.ANYONE),
]  # fmt: skip


def test_known_traps(platform):
    whole_lists(["formerly_poor"], ON)
    whole_lists(["poverty_exited"], date(2026, 6, 23))
    for code, name, dates in (("500233990", "虚构旧乡", (EARLIER, EARLIER)), ("500233991", "虚构新镇", (LATER, None))):
        Region.objects.create(
            code=code, name=name, level="township", parent_id="500233", setting="rural", valid_from=dates[0], valid_until=dates[1],
        )  # fmt: skip
    Parameter.objects.bulk_create([parameter("line", {"urban": 636, "rural": 515}, ON, platform)])
    catalogue, figures, register = catalogue_of_facts(ON), figures_on(ON), Register(platform)
    rules, made = [], {}
    for number, trap in enumerate(TRAPS):
        stored = trap.rule if {"eligible", "anyone"} & set(trap.rule) else {"eligible": trap.rule}
        rule = read({"language": 1, **stored}, catalogue, beneficiary=trap.of)
        rules.append(Asked(f"MZ{number:03}", trap.of, rule, figures.of_department(departments()["MZ"])))
        made[rules[-1].code] = trap.make(register)
    register.write()
    quick, slow = by_statement(rules, catalogue), one_by_one(rules, register.households, catalogue, departments())
    homes = {member.resident_id: member.household_id for member in register.members}
    found = {}
    for asked, trap in zip(rules, TRAPS, strict=True):
        subject = made[asked.code]
        key = (subject.pk, None, asked.code) if trap.of == "household" else (homes[subject.pk], subject.pk, asked.code)
        found[trap.name] = (quick[key], slow[key])
    assert found == {trap.name: (trap.outcome, trap.outcome) for trap in TRAPS}
    assert quick == slow
