"""Sheets of facts: what is new, changed, the same or gone, and how it is written in place of what was delivered before (ZX-28)."""

from datetime import date

import pytest

from audit.models import Event
from audit.presenters import phrase
from config.protection.sealing import open_sealed, seal
from config.verbs import TransitionError
from households.models import Fact, FactRequest, Resident
from households.sheets.fact_sheets import sheets as declared
from households.sheets.facts import Facts
from households.transitions import ask_for_fact
from organization.models import Department
from programs.models import FactKind, WholeList
from tests import cast

from . import factories, sheets
from .factories import HouseholdFactory, ResidentFactory

pytestmark = pytest.mark.django_db
OWNER = Facts()
CARD = {"disability_kind": "4", "disability_level": "1"}


@pytest.fixture
def home():
    return HouseholdFactory()


def line(resident, **cells):
    return {"id_number": open_sealed(resident, "id_number"), "name": resident.name, **cells}


def stranger(**cells):
    return {"id_number": factories.id_number(), "name": "虚陌生", "township": cast.HOME, **cells}


def compared(name, *rows, by="officer", as_of=None, problems=()):
    template = OWNER.template(name)
    post = cast.member(by)
    batch = sheets.batch_of(template, unit=post.unit, by=post, as_of=as_of)
    sheets.stage(batch, template, list(rows))
    return batch, template, OWNER.compare(batch, template)


def outcomes(batch):
    return [row.outcome for row in sheets.rows_of(batch)]


def applied(name, *rows, by="officer", as_of=None):
    batch, template, _ = compared(name, *rows, by=by, as_of=as_of)
    OWNER.apply(batch, template, cast.member(by))
    return batch


def test_every_sheet_is_of_its_department_and_of_kinds_it_supplies():
    departments = {row.code: row for row in Department.objects.all()}
    kinds = {kind.pk: kind for kind in FactKind.objects.all()}
    seen = [key for sheet in declared().values() for key in sheet.kinds]
    assert len(seen) == len(set(seen)), "two sheets deliver the same fact"
    for sheet in declared().values():
        mine = [kinds[key] for key in sheet.kinds]
        assert {kind.holder for kind in mine} == {departments[sheet.department]}, sheet.name
        assert len({kind.scope for kind in mine}) == 1, sheet.name
        assert not any(kind.is_derived for kind in mine)
        assert all(kinds[key].value_type == "yes_no" for key in sheet.fixed)
        template = OWNER.template(sheet.name)
        assert template.name == sheet.name
        assert len({field.label for field in template.fields}) == len(template.fields)


def test_a_unit_lists_its_own_sheets_and_the_platform_all(officer, civil_officer, platform, clerk):
    own = [template.name for template in OWNER.listed_for(civil_officer)]
    assert own
    assert all(name.startswith("MZ_") for name in own)
    assert len(OWNER.listed_for(platform)) == len(declared())
    assert OWNER.listed_for(clerk) == []
    assert not OWNER.may_hand_in(officer, OWNER.template("MZ_margin"))
    assert OWNER.template("nothing") is None


def test_new_changed_and_the_same(home):
    head, wife = (factories.head_of(home), home.memberships.get(relation="10").resident)
    first = applied("CL_cards", line(head, **CARD), line(wife, **CARD), as_of=date(2026, 8, 31))
    assert outcomes(first) == ["new", "new"]
    batch, _, said = compared("CL_cards", line(head, **CARD), line(wife, **{**CARD, "disability_level": "2"}))
    assert outcomes(batch) == ["same", "changed"]
    assert sheets.rows_of(batch)[1].before == {"disability_level": "1"}
    assert said.standing == 2
    before = Fact.objects.count()
    OWNER.apply(batch, OWNER.template("CL_cards"), cast.member("department_approver"))
    assert Fact.objects.count() == before + 1
    old, new = Fact.objects.filter(resident=wife, kind="disability_level").order_by("found_on")
    assert (old.successor, old.value, new.value, new.how, new.found_on) == (new, "1", "2", "import", batch.as_of)
    event = Event.objects.filter(verb="fact.noted", subject_id=str(new.pk)).get()
    assert event.household_id == home.pk
    assert event.subject_text.startswith("残疾等级：")
    assert wife.name not in event.subject_text
    assert phrase(event)
    assert (event.old, event.new) == ("", ""), "a sensitive value stays out of the record"


def test_who_is_no_longer_on_a_whole_list_is_gone(home):
    head, wife = (factories.head_of(home), home.memberships.get(relation="10").resident)
    applied("CL_cards", line(head, **CARD), line(wife, **CARD), as_of=date(2026, 8, 31))
    batch = applied("CL_cards", line(head, **CARD))
    gone, kept = sheets.rows_of(batch)
    assert (gone.outcome, gone.number, gone.person_id, gone.before["disability_card"]) == ("gone", 0, wife.pk, True)
    assert kept.outcome == "same"
    assert not Fact.objects.standing().filter(resident=wife).exists()
    assert Fact.objects.standing().filter(resident=head).count() == 3
    assert Event.objects.filter(verb="fact.ended").count() == 3


def test_a_wrong_row_of_a_known_person_makes_nobody_gone(home):
    head = factories.head_of(home)
    applied("CL_cards", line(head, **CARD), as_of=date(2026, 8, 31))
    batch, _, _ = compared("CL_cards", {**line(head, **CARD), "name": "虚旁人"})
    assert outcomes(batch) == ["error"]


def test_a_stranger_is_entered_or_not_collected(home):
    batch = applied("CL_cards", stranger(**CARD))
    person = Resident.objects.get(name="虚陌生")
    assert sheets.rows_of(batch)[0].person_id == person.pk
    assert Fact.objects.filter(resident=person).count() == 3
    batch, _, said = compared("YB_insurance", stranger(medical_insurance=True), line(factories.head_of(home), medical_insurance=True))
    assert outcomes(batch) == ["skipped", "new"]
    assert ("平台没有此人，不收集", 1) in said.remarks
    nowhere, _, _ = compared("CL_cards", {**stranger(**CARD), "township": ""})
    assert sheets.rows_of(nowhere)[-1].problems[0][0] == "township"


def test_what_stands_on_a_row_is_told_with_it(home):
    """Whom it is of, right or wrong, what is unusual about it, and what is wrong."""
    head, loose = factories.head_of(home), ResidentFactory()
    rows = [{**line(head, medical_self_paid="1"), "name": "虚旁人"}, line(loose), line(loose, medical_self_paid="2"), stranger()]
    batch, _, _ = compared("YB_costs", *rows)
    told = [(row.outcome, row.person_id, row.household_id, sorted(row.marks), len(row.problems)) for row in sheets.rows_of(batch)]
    assert told == [
        ("error", head.pk, home.pk, ["name_differs"], 1), ("error", loose.pk, None, ["loose"], 1),
        ("new", loose.pk, None, ["loose"], 0), ("error", None, None, ["stranger"], 1),
    ]  # fmt: skip


def test_what_a_household_owns_is_listed_together(home):
    head, wife = (factories.head_of(home), home.memberships.get(relation="10").resident)
    batch = applied("GA_vehicles", line(head, vehicle="小型轿车，2019年"), line(wife, vehicle="摩托车，2021年"), by="platform")
    fact = Fact.objects.get(kind="vehicle")
    assert (fact.household, fact.value) == (home, "小型轿车，2019年、摩托车，2021年")
    assert outcomes(batch) == ["new", "new"]
    batch, _, _ = compared("GA_vehicles", line(head, vehicle="小型轿车，2019年、摩托车，2021年"), by="platform")
    assert outcomes(batch) == ["same"]
    batch, _, _ = compared("ZJ_houses", line(head, house_grade="C"), line(wife, house_grade="D"), by="platform")
    assert outcomes(batch) == ["new", "error"]


def test_a_wrong_line_takes_nothing_from_what_a_household_owns(home):
    """Its other lines wait for it, what stands stands, and other households' lines come in."""
    head, wife = (factories.head_of(home), home.memberships.get(relation="10").resident)
    other = factories.head_of(HouseholdFactory(alone=True))
    owned = (line(head, real_estate="住宅，90㎡"), line(wife, real_estate="商铺，40㎡"), line(other, real_estate="住宅，60㎡"))
    applied("GT_property", *owned, by="platform")
    misspelt = {**line(wife, real_estate="商铺，40㎡"), "name": "虚旁人"}
    batch, template, _ = compared("GT_property", owned[0], misspelt, line(other, real_estate="住宅，70㎡"), by="platform")
    assert outcomes(batch) == ["error", "error", "changed"]
    assert sheets.rows_of(batch)[0].problems == [["", "此户另有一行（第3行）有错误，改好后一并入库。"]]
    OWNER.apply(batch, template, cast.member("platform"))
    standing = {fact.household_id: fact.value for fact in Fact.objects.standing().filter(kind="real_estate")}
    assert standing == {home.pk: "住宅，90㎡、商铺，40㎡", other.memberships.get().household_id: "住宅，70㎡"}


def test_a_wrong_line_holds_back_whom_it_names_under_anothers_number(home):
    head, other = factories.head_of(home), factories.head_of(HouseholdFactory(alone=True))
    astray = {**line(other, vehicle="摩托车，2021年"), "name": head.name}
    batch, _, _ = compared("GA_vehicles", line(head, vehicle="小型轿车，2019年"), astray, by="platform")
    assert outcomes(batch) == ["error", "error"]


def test_a_line_that_says_the_same_twice_holds_nothing_back(home):
    head = factories.head_of(home)
    again = {**line(head, vehicle="小型轿车，2019年"), "name": "虚旁人"}
    batch, _, _ = compared("GA_vehicles", line(head, vehicle="小型轿车，2019年"), again, by="platform")
    assert outcomes(batch) == ["new", "error"]


def test_the_newer_day_wins(home):
    head = factories.head_of(home)
    applied("RS_employment", line(head, employment_state="employed"))
    batch, _, said = compared("RS_employment", line(head, employment_state="unemployed"), as_of=date(2026, 7, 31))
    assert outcomes(batch) == ["skipped"]
    assert ("平台已有更新的数据，不再改回", 1) in said.remarks


JAN, FEB, MAR = date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31)


def test_a_later_file_that_says_the_same_is_newer_than_one_that_comes_late(home):
    head = factories.head_of(home)
    for day in (JAN, MAR):
        applied("RS_employment", line(head, employment_state="employed"), as_of=day)
    batch, _, _ = compared("RS_employment", line(head, employment_state="unemployed"), as_of=FEB)
    assert outcomes(batch) == ["skipped"]
    fact = Fact.objects.get(kind="employment_state")
    assert (fact.found_on, fact.confirmed_on, fact.value) == (JAN, MAR, "employed")
    assert outcomes(applied("RS_employment", line(head, employment_state="employed"), as_of=FEB)) == ["same"]
    fact.refresh_from_db()
    assert fact.confirmed_on == MAR, "an older file that says the same takes nothing back"


def test_an_older_whole_list_does_not_come_in(home):
    """A late February without somebody would end the card that March has."""
    head = factories.head_of(home)
    early = compared("CL_cards", as_of=FEB)[0]
    for day in (JAN, MAR):
        batch = applied("CL_cards", line(head, **CARD), as_of=day)
        type(batch).objects.filter(pk=batch.pk).update(status="applied")
    with pytest.raises(TransitionError, match="平台已有截至2026-03-31的“残疾人证持证人员名册”"):
        compared("CL_cards", as_of=FEB)
    with pytest.raises(TransitionError, match="平台已有截至2026-03-31"):
        OWNER.apply(early, OWNER.template("CL_cards"), cast.member("officer"))
    assert Fact.objects.standing().filter(resident=head).count() == 3


def test_what_has_expired_is_not_said_the_same_again(home):
    head = factories.head_of(home)
    applied("RS_employment", line(head, employment_state="employed"), as_of=JAN)
    Fact.objects.update(valid_until=FEB)
    assert outcomes(applied("RS_employment", line(head, employment_state="employed"), as_of=MAR)) == ["changed"]
    assert Fact.objects.standing().get().valid_until is None


def test_what_changed_since_the_comparison_is_refused(home):
    head = factories.head_of(home)
    batch, template, _ = compared("RS_employment", line(head, employment_state="employed"))
    applied("RS_employment", line(head, employment_state="flexible"))
    with pytest.raises(TransitionError, match="1行"):
        OWNER.apply(batch, template, cast.member("officer"))


def test_nothing_is_noted_of_whose_number_was_corrected_since_the_comparison(home):
    head = factories.head_of(home)
    batch, template, _ = compared("RS_employment", line(head, employment_state="employed"))
    seal(head, id_number=factories.id_number())
    head.save()
    with pytest.raises(TransitionError, match="1行"):
        OWNER.apply(batch, template, cast.member("officer"))
    assert not Fact.objects.exists()


def test_a_file_answers_who_asked(home, clerk):
    head = factories.head_of(home)
    request = ask_for_fact(household_id=home.pk, kind_key="disability_card", resident_id=head.pk, by=clerk)
    batch, template, said = compared("CL_cards", line(head, **CARD))
    assert ("答复核实请求", 1) in said.remarks
    OWNER.apply(batch, template, cast.member("officer"))
    request.refresh_from_db()
    assert request.status == FactRequest.Status.ANSWERED
    assert request.fact.how == "import"


def test_a_whole_list_of_two_people_is_confirmed_by_its_apply(home, officer, department_approver):
    batch, template, _ = compared("CL_cards", line(factories.head_of(home), **CARD))
    batch.confirmed_by, batch.confirmed_by_staff, batch.confirmed_at = department_approver, department_approver.staff, batch.handed_in_at
    OWNER.apply(batch, template, department_approver)
    listed = WholeList.objects.standing().get(kind="disability_card", on=batch.as_of)
    assert (listed.proposed_by, listed.confirmed_by) == (officer, department_approver)


def test_an_expired_card_is_no_card(home):
    batch, _, _ = compared("CL_cards", line(factories.head_of(home), **CARD, valid_until="2026-01-01"))
    assert sheets.rows_of(batch)[0].problems[0][0] == "valid_until"


def test_a_death_that_a_register_tells_is_a_fact_and_stops_nothing(home):
    """XX-34: what two registers say is noted of the person; that the person has died the township confirms."""
    head = factories.head_of(home)
    record = factories.assistance(home)
    applied("WJ_deaths", line(head, death_certificate="2026-09-01"), by="platform")
    applied("MZ_cremations", line(head, cremation_date="2026-09-03"), by="civil_officer")
    found = dict(Fact.objects.standing().filter(resident=head).values_list("kind", "value"))
    assert found == {"death_certificate": "2026-09-01", "cremation_date": "2026-09-03"}
    head.refresh_from_db()
    record.refresh_from_db()
    assert (head.died_on, record.until) == (None, None)


def test_a_township_is_asked_for_where_whom_the_register_lacks_is_entered():
    """And said once: by the column, the note says what becomes of them."""
    for name, help_, note in (
        ("CL_cards", "平台没有此人时必填", "平台没有的人员先登记为未归户。"),
        ("YB_costs", "", "平台没有的人员不收集。"),
    ):
        template = OWNER.template(name)
        assert (template.field("township").help, note in template.notes) == (help_, True)


def test_a_sheet_of_before_a_split_says_nothing_of_the_family_after_it(home):
    from tests.referrals.registering import done, leaving

    head = factories.head_of(home)
    done(home, "split", members=leaving(home, _10="02"))
    for as_of, outcome in ((date(2026, 9, 20), "error"), (date(2026, 9, 24), "new")):
        batch, _, _ = compared("MZ_means", line(head, income_12_months="60000.00"), by="civil_officer", as_of=as_of)
        assert outcomes(batch) == [outcome]
    batch, _, _ = compared("ZJ_houses", line(head, house_grade="C"), by="platform", as_of=date(2026, 9, 20))
    assert outcomes(batch) == ["new"]  # of the dwelling
