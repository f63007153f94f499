"""Rolls compared with the aid that stands, and written (ZX-23, ZX-24): confirmed, without decision, changed, gone, absent."""

import uuid
from datetime import date, timedelta
from decimal import Decimal

import pytest

from audit.presenters import phrase
from config.protection.sealing import open_sealed
from config.verbs import TransitionError
from households.models import Access, AssistanceRecord, Fact, IdentityTag, Resident, RollAbsence
from households.sheets.rolls import Rolls
from households.transitions import hold_record, resume_record
from organization.models import Unit
from tests import cast

from . import factories, sheets
from .factories import HouseholdFactory, ResidentFactory

pytestmark = pytest.mark.django_db
AS_OF = date(2026, 9, 20)
ROLLS = Rolls()


def number_of(resident: Resident) -> str:
    return open_sealed(resident, "id_number")


def row(resident: Resident, **cells):
    return {"id_number": number_of(resident), "name": resident.name, "township": cast.HOME, **cells}


def stranger(**cells):
    return {"id_number": factories.id_number(), "name": "虚新来", "township": cast.HOME, "village": cast.VILLAGE, **cells}


class Roll:
    """One delivery of a program's roll, by its department unless a township hands it in."""

    def __init__(self, code, *rows, by="civil_officer", as_of=AS_OF):
        self.by = cast.member(by)
        self.template = ROLLS.template(code)
        unit = self.by.unit if self.by.unit.kind != "platform" else Unit.objects.get(kind="department", department__code=code[:2])
        self.batch = sheets.batch_of(self.template, unit=unit, by=self.by, as_of=as_of)
        sheets.stage(self.batch, self.template, list(rows))
        self.compared = ROLLS.compare(self.batch, self.template)

    @property
    def rows(self):
        return sheets.rows_of(self.batch)

    @property
    def outcomes(self):
        return [each.outcome for each in self.rows]

    def apply(self):
        ROLLS.apply(self.batch, self.template, self.by)
        return self


@pytest.fixture
def household():
    return HouseholdFactory()


@pytest.fixture
def head(household):
    return factories.head_of(household)


def test_aid_without_decision_is_entered_with_whom_it_reaches(household, head, civil_officer, lines):
    roll = Roll("MZ01", row(head, amount="1800.00", persons=3), stranger(amount="650.00", since="2026-03-01"))
    assert roll.outcomes == ["new", "new"]
    assert [each.marks for each in roll.rows] == [["offline"], ["loose", "stranger", "offline"]]
    assert roll.compared.remarks == (("线下办理（没有审批决定）", 2), ("未归户", 1), ("其中新登记人员", 1))
    roll.apply()
    known, loose = AssistanceRecord.objects.order_by("amount").reverse()
    assert (known.household, known.since, known.until, known.source, known.cadence) == (
        household,
        date(2026, 9, 1),
        None,
        "roll",
        "monthly",
    )
    assert known.coverage.count() == 3
    assert (loose.resident.name, loose.household, loose.since, loose.region_code) == ("虚新来", None, date(2026, 3, 1), cast.VILLAGE)
    assert loose.coverage.get().resident == loose.resident
    access = Access.objects.get()
    assert (access.household, access.unit, access.reason, access.subject_id) == (household, civil_officer.unit, "roll", str(known.pk))
    told = {event.subject_id: event for event in lines("assistance_record.granted")}
    assert phrase(told[str(known.pk)]) == "登记救助“最低生活保障”：1800.00元，按月，自2026-09-01"
    assert (told[str(known.pk)].household_id, told[str(known.pk)].subject_text) == (
        household.pk,
        f"最低生活保障：户编号 {household.number}",
    )
    assert told[str(loose.pk)].subject_text == "最低生活保障：虚*来"


def test_the_same_roll_again_changes_nothing(head):
    rows = [row(head, amount="1800.00"), stranger(amount="650.00")]
    Roll("MZ01", *rows).apply()
    again = Roll("MZ01", *rows)
    assert again.outcomes == ["same", "same"]
    assert again.compared.standing == 2
    before = list(AssistanceRecord.objects.values().order_by("pk"))
    again.apply()
    assert list(AssistanceRecord.objects.values().order_by("pk")) == before
    assert not again.batch.effects.exists()


def test_a_row_that_meets_a_decision_confirms_it(head, household, lines):
    decided = factories.assistance(household, "MZ01", amount=600, since=date(2026, 8, 1))
    roll = Roll("MZ01", row(head, amount="700.00"))
    assert [(each.outcome, each.marks, each.subject_id) for each in roll.rows] == [("same", ["confirms", "amount_differs"], decided.pk)]
    assert roll.compared.remarks == (("与审批决定相符", 1), ("金额与审批决定不同（按决定）", 1))
    roll.apply()
    decided.refresh_from_db()
    assert (decided.source, decided.amount, AssistanceRecord.objects.count()) == ("both", 600, 1)
    assert len(lines("assistance_record.confirmed")) == 1
    assert Roll("MZ01", row(head, amount="600.00")).rows[0].marks == []


def test_a_decision_that_begins_next_month_is_met_ahead(head, household):
    decided = factories.assistance(household, "MZ01", since=date(2026, 10, 1))
    assert Roll("MZ01", row(head, amount="600.00")).rows[0].subject_id == decided.pk


def test_a_sum_changes_from_the_month_of_the_cut_off_day(head, household, lines):
    Roll("MZ01", row(head, amount="1800.00", since="2026-05-01"), as_of=date(2026, 6, 20)).apply()
    roll = Roll("MZ01", row(head, amount="1900.50"))
    assert [(each.outcome, each.before) for each in roll.rows] == [("changed", {"amount": "1800.00"})]
    roll.apply()
    old, new = AssistanceRecord.objects.order_by("since")
    assert (old.until, new.since, new.until, new.amount, new.household) == (
        date(2026, 8, 31),
        date(2026, 9, 1),
        None,
        Decimal("1900.50"),
        household,
    )
    assert {each.until for each in old.coverage.all()} == {date(2026, 8, 31)}
    assert [each.since for each in new.coverage.all()] == [date(2026, 9, 1)] * 3
    assert Access.objects.standing().get().subject_id == str(new.pk)
    assert phrase(lines("assistance_record.rolled")[0]) == "“最低生活保障”按2026年09月名册：1800.00元改为1900.50元，自2026-09-01"
    in_place = Roll("MZ01", row(head, amount="1900.00")).apply()
    new.refresh_from_db()
    assert (in_place.outcomes, new.amount, AssistanceRecord.objects.count()) == (["changed"], 1900, 2)


def test_who_is_on_the_roll_no_more_ends_and_a_decision_is_only_absent(head, household, lines):
    gone = HouseholdFactory(alone=True)
    decided = factories.assistance(HouseholdFactory(alone=True), "MZ01", since=date(2026, 1, 1))
    Roll("MZ01", row(head, amount="1.00"), row(factories.head_of(gone), amount="2.00", since="2026-01-01"), as_of=date(2026, 8, 20)).apply()
    factories.tag(gone, "subsistence", since=date(2026, 1, 1))
    roll = Roll("MZ01", row(head, amount="1.00"))
    assert sorted((each.outcome, tuple(each.marks)) for each in roll.rows) == [("gone", ()), ("gone", ("absent",)), ("same", ())]
    assert roll.compared.standing == 3
    assert ("有审批决定、名册中没有（不终止）", 1) in roll.compared.remarks
    roll.apply()
    record = AssistanceRecord.objects.get(household=gone)
    assert (record.until, record.coverage.get().until) == (date(2026, 8, 31), date(2026, 8, 31))
    assert IdentityTag.objects.get(household=gone).until == date(2026, 8, 31)
    access = Access.objects.get(household=gone)
    assert (access.until, access.closed_by) == (date(2026, 9, 24) + timedelta(days=90), roll.by)
    decided.refresh_from_db()
    assert (decided.until, decided.source) == (None, "decision")
    assert [(each.record, each.as_of) for each in RollAbsence.objects.order_by("as_of")] == [(decided, date(2026, 8, 20)), (decided, AS_OF)]
    assert phrase(lines("assistance_record.ended")[0]) == "名册中不再有“最低生活保障”，到2026-08-31为止"
    assert len(lines("assistance_record.not_on_roll")) == 2
    back = Roll("MZ01", row(head, amount="1.00"), row(factories.head_of(gone), amount="2.00", since="2026-01-01")).apply()
    assert back.rows[-1].outcome == "new"
    assert AssistanceRecord.objects.filter(household=gone).order_by("since").last().since == date(2026, 9, 1)


@pytest.mark.parametrize(("resumed", "outcomes"), [(date(2026, 9, 1), ["gone"]), (date(2026, 10, 1), [])])
def test_what_is_on_hold_is_rightly_absent_but_not_by_a_hold_lifted_before_it_began(head, civil_officer, resumed, outcomes):
    held = factories.assistance(HouseholdFactory(alone=True), "MZ01", since=date(2026, 1, 1))
    for verb, since in ((hold_record, date(2026, 9, 1)), (resume_record, resumed)):
        verb(record=held, since=since, reason="核实", decision_id=uuid.uuid4(), by=civil_officer)
    roll = Roll("MZ01", row(head, amount="1.00"), as_of=date(2026, 9, 1))
    assert [each for each in roll.outcomes if each != "new"] == outcomes


def test_the_department_gives_what_the_platform_hands_in_for_it(head, platform, civil_officer):
    template = ROLLS.template("MZ01")
    batch = sheets.batch_of(template, unit=platform.unit, by=platform, as_of=AS_OF)
    sheets.stage(batch, template, [row(head, amount="1.00")])
    ROLLS.compare(batch, template)
    ROLLS.apply(batch, template, platform)
    assert AssistanceRecord.objects.get().unit == Access.objects.get().unit == civil_officer.unit


def test_nobody_is_gone_by_a_wrong_row(head, household):
    Roll("MZ01", row(head, amount="1.00")).apply()
    roll = Roll("MZ01", {**row(head, amount="1.00"), "name": "别人"})
    assert [(each.outcome, each.marks) for each in roll.rows] == [("error", ["name_differs"])]
    unread = sheets.batch_of(roll.template, unit=roll.batch.unit, by=roll.by, as_of=AS_OF)
    sheets.stage(unread, roll.template, [row(head, amount="约五百")])
    unread.staged.update(outcome="error", problems=[["amount", "不是金额"]], marks=["unread"])
    ROLLS.compare(unread, roll.template)
    assert [each.outcome for each in sheets.rows_of(unread)] == ["error"]


def test_wrong_rows_say_what_is_wrong(household, head):
    wife = household.memberships.get(relation="10").resident
    dead = ResidentFactory(number=(number := factories.id_number()))
    Resident.objects.filter(pk=dead.pk).update(died_on=date(2026, 2, 1))
    roll = Roll(
        "MZ01", row(head, amount="1.00"), row(wife, amount="1.00"), stranger(), stranger(amount="0.00"),
        stranger(amount="5.00", since="2026-10-01"), {"id_number": number, "name": dead.name, "amount": "5.00"},
    )  # fmt: skip
    assert [each.problems for each in roll.rows] == [
        [], [["id_number", "这一户已在第2行，请勿重复。"]], [["amount", "请填写金额。"]],
        [["amount", "金额须大于0。没有金额的，金额留空。"]], [["since", "起始日期2026-10-01晚于数据截止日2026-09-20。请核对日期。"]], [],
    ]  # fmt: skip
    assert roll.rows[-1].marks == ["loose", "dead", "offline"]


def test_what_moved_since_the_comparison_is_refused(head, household):
    roll = Roll("MZ01", row(head, amount="600.00"))
    factories.assistance(household, "MZ01", since=date(2026, 9, 1))
    with pytest.raises(TransitionError, match="比对之后有1行"):
        roll.apply()
    assert AssistanceRecord.objects.count() == 1


def test_a_township_ends_nobody_elsewhere(household, head):
    far = factories.head_of(HouseholdFactory(in_neighbour=True, alone=True))
    Roll("RS06", row(head), row(far), by="platform").apply()
    roll = Roll("RS06", row(far), by="clerk")
    assert [(each.outcome, each.person_id) for each in roll.rows] == [("gone", head.pk), ("error", far.pk)]
    assert roll.rows[1].problems[0][1].startswith("此人登记在白公街道，不在本乡镇（街道）。")
    roll.apply()
    assert [each.resident for each in Fact.objects.standing().filter(kind="employment_state")] == [far]


# ── grants ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_grants_since_2021_are_entered_and_corrected_by_their_day(household, head):
    rows = [row(head, amount="500.00", granted_on="2025-05-06"), row(head, amount="300.00", granted_on="2020-12-31")]
    roll = Roll("MZ04", *rows).apply()
    assert [(each.outcome, each.marks) for each in roll.rows] == [("new", ["offline"]), ("skipped", ["early"])]
    record = AssistanceRecord.objects.get()
    assert (record.since, record.until, record.cadence, record.household) == (date(2025, 5, 6), date(2025, 5, 6), "once", household)
    later = Roll("MZ04", row(head, amount="550.00", granted_on="2025-05-06"), row(head, amount="9.00", granted_on="2026-09-01")).apply()
    assert later.outcomes == ["changed", "new"]
    record.refresh_from_db()
    assert (record.amount, AssistanceRecord.objects.count()) == (550, 2)
    assert Roll("MZ04", row(head, amount="9.00", granted_on="2026-09-01")).outcomes == ["same"]


def test_a_grant_meets_the_one_decision_near_its_day_and_is_found_again(household, head):
    decided = factories.assistance(household, "MZ04", amount=800, cadence="once", since=date(2026, 8, 3), until=date(2026, 8, 3))
    rows = [row(head, amount="800.00", granted_on="2026-08-20")]
    roll = Roll("MZ04", *rows).apply()
    assert [(each.outcome, each.marks) for each in roll.rows] == [("same", ["confirms"])]
    decided.refresh_from_db()
    assert (decided.source, decided.rolled_on, decided.since) == ("both", date(2026, 8, 20), date(2026, 8, 3))
    assert Roll("MZ04", *rows, row(head, amount="800.00", granted_on="2026-09-10")).outcomes == ["same", "new"]


def test_a_grant_of_before_is_found_again_in_another_household(household, head, clerk):
    wife = household.memberships.get(relation="10").resident
    rows = [row(wife, amount="500.00", granted_on="2025-05-06")]
    Roll("MZ04", *rows).apply()
    household.memberships.filter(resident=wife).update(
        until=date(2026, 9, 24), ended_at=household.opened_at, ended_by=clerk, end_reason="分户"
    )  # fmt: skip
    HouseholdFactory(alone=True).memberships.create(
        resident=wife, relation="10", since=AS_OF, added_at=household.opened_at, added_by=clerk
    )  # fmt: skip
    again = Roll("MZ04", *rows, row(wife, amount="70.00", granted_on="2026-09-01"))
    assert again.outcomes == ["same", "new"]


def test_of_several_decisions_none_is_guessed(household, head):
    for day in (3, 9):
        factories.assistance(household, "MZ04", amount=800, cadence="once", since=date(2026, 8, day), until=date(2026, 8, day))
    [only] = Roll("MZ04", row(head, amount="800.00", granted_on="2026-08-20")).rows
    assert (only.outcome, only.marks) == ("error", ["unsure"])
    assert "2026-08-03、2026-08-09" in only.problems[0][1]


# ── identities and registrations ────────────────────────────────────────────────────────────────────────────────────


def test_a_list_of_identities_gives_and_ends_them(household, head, lines):
    other = factories.head_of(HouseholdFactory(alone=True))
    decided = factories.tag(HouseholdFactory(alone=True), "unstable_exit", decision_id=uuid.uuid4(), since=date(2026, 1, 1))
    Roll("XC02", row(head), row(other), by="platform", as_of=date(2026, 8, 20)).apply()
    roll = Roll("XC02", row(other), stranger(since="2026-09-02"), by="platform")
    assert sorted((each.outcome, tuple(each.marks)) for each in roll.rows) == [
        ("gone", ()), ("gone", ("absent",)), ("new", ("loose", "stranger", "offline")), ("same", ()),
    ]  # fmt: skip
    roll.apply()
    standing = IdentityTag.objects.filter(kind="unstable_exit", until=None)
    assert {(each.household, each.resident and each.resident.name) for each in standing} == {
        (decided.household, None), (other.memberships.get().household, None), (None, "虚新来"),
    }  # fmt: skip
    assert IdentityTag.objects.get(household=household).until == date(2026, 9, 19)
    assert phrase(lines("tag.ended")[0]) == "终止身份“脱贫不稳定户”，到2026-09-19：名单中不再有"


def test_a_register_of_the_unemployed_answers_who_asked(household, head, lines):
    roll = Roll("RS06", row(head, since="2026-09-03"), by="platform").apply()
    fact = Fact.objects.get(kind="employment_state")
    assert (roll.outcomes, fact.value, fact.how, fact.found_on, fact.resident) == (["new"], "unemployed", "import", AS_OF, head)
    assert fact.source == f"{roll.template.title}，登记日期2026-09-03", "for the day of the list it is known, since another it is so"
    changed = Roll("RS07", row(head), by="platform")
    assert changed.outcomes == ["changed"]
    changed.apply()
    assert Fact.objects.standing().get(kind="employment_state").value == "employed"
    assert (Roll("RS06", by="platform").outcomes, Roll("RS07", row(head), by="platform").outcomes) == ([], ["same"])
    assert len(lines("fact.noted")) == 2


def test_the_newer_day_wins_among_lists_of_one_kind(head):
    """An older 失业登记 after a newer 就业登记 leaves it alone; what a later list says again no list between overrules."""
    Roll("RS07", row(head), by="platform").apply()
    late = Roll("RS06", row(head, since="2026-06-01"), by="platform", as_of=date(2026, 8, 31))
    assert (late.outcomes, late.rows[0].marks) == (["skipped"], ["older"])
    assert ("平台已有更新的数据，不再改回", 1) in late.compared.remarks
    late.apply()
    assert Fact.objects.standing().get(kind="employment_state").value == "employed"
    Fact.objects.filter(kind="employment_state").update(found_on=date(2026, 7, 31))
    again = Roll("RS07", row(head), by="platform")
    assert again.outcomes == ["same"]
    again.apply()
    assert Roll("RS06", row(head), by="platform", as_of=date(2026, 8, 31)).outcomes == ["skipped"]


def test_who_is_registered_is_gone_by_the_day_of_the_list(head):
    """The day of registration is shown with whoever the next list lacks, and an older list of another name takes nobody off."""
    Roll("RS06", row(head, since="2026-06-01"), by="platform", as_of=date(2026, 7, 31)).apply()
    gone = Roll("RS06", by="platform")
    assert gone.outcomes == ["gone"]
    assert gone.rows[0].cells["since"] == "2026-06-01"
    Fact.objects.update(confirmed_on=AS_OF + timedelta(days=1))
    assert Roll("RS06", by="platform").outcomes == []


def test_an_expired_card_that_the_roll_has_is_renewed(head):
    factories.fact(head, "disability_card", True, how="import", found_on=date(2026, 1, 31), valid_until=date(2026, 6, 30))
    roll = Roll("CL01", row(head), by="platform")
    assert roll.outcomes == ["changed"]
    roll.apply()
    assert Fact.objects.valid(AS_OF).get(kind="disability_card").value is True


# ── templates ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_every_program_that_writes_something_has_its_template(platform, civil_officer, officer, clerk, assistant, supervision):
    listed = {each.name: each for each in ROLLS.listed_for(platform)}
    assert len(listed) == 53
    assert "WJ03" not in listed
    assert [key for key, each in listed.items() if not each.is_whole] == [
        key for key, each in listed.items() if "granted_on" in each.key_fields
    ]
    assert listed["SF02"].sensitive
    assert {field.key for field in listed["RS01"].fields} >= {"employer", "amount", "since"}
    assert listed["MZ01"].field("persons").label == "保障人数"
    assert [each.name[:2] for each in ROLLS.listed_for(civil_officer)] == ["MZ"] * 12
    assert {each.name[:2] for each in ROLLS.listed_for(officer)} == {"CL"}
    assert {each.name for each in ROLLS.listed_for(clerk)} == {"MZ04", "RS06", "RS07"}
    assert not ROLLS.listed_for(assistant)
    assert not ROLLS.listed_for(supervision)
    keys, posts = {name: each.key for name, each in listed.items()}, [civil_officer, officer, clerk]
    assert ROLLS.among(listed.values(), posts) == {
        key: [post for post in posts if ROLLS.may_hand_in(post, listed[name])] for name, key in keys.items()
    }
    assert ROLLS.may_hand_in(officer, listed["CL01"])
    assert not ROLLS.may_hand_in(officer, listed["MZ01"])
    assert ROLLS.template("ZZ99") is None
