"""Doubts found: each rule by a scene of its own, what a run does with them, and who is told of them."""

import uuid
from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404

from audit.models import Event
from config import clock
from config.verbs import AlreadyHandled
from deadlines import jobs, periods
from deadlines.models import Duty, Job, Notice
from households.models import AssistanceRecord, IdentityTag, Membership, RollAbsence, StaffKin
from intake.models import ApplicationItem
from intake.transitions import draft as draft_application
from monitoring.doubts.exclusions import exclusive_pairs
from monitoring.models import Doubt, DoubtRun
from monitoring.transitions import ask_to_find, doubts, find_doubts, pull_doubt
from organization import figures
from organization.models import Parameter, Post, Unit
from programs.models import ProgramVersion
from referrals import transitions
from spreadsheets.declaration import template_of
from spreadsheets.models import Batch, StagedRow
from tests.cast import HOME, NEIGHBOUR, VILLAGE
from tests.conftest import NOW
from tests.households.registers import Register
from tests.households.rule_strategies import parameter

pytestmark = pytest.mark.django_db
TODAY = NOW.date()
BORN = date(1980, 3, 4)
RUNS = 6  # queries of the page
LAST_YEAR = date(TODAY.year - 1, 9, 1)


@pytest.fixture
def system():
    return Post.objects.the_system()


@pytest.fixture
def register(system):
    return Register(system)


def family(register, place=VILLAGE, people=2, setting="rural"):
    home = register.household(place, setting)
    return home, [register.person(home, relation, born=BORN) for relation in ("02", "10", "30")[:people]]


def found(kind, *, by=None):
    """The doubts of a kind after its rule was asked."""
    run = find_doubts(by=by or Post.objects.the_system(), only=[kind])
    return run, list(Doubt.objects.standing().of_kind(kind).order_by("-score", "pk"))


def only(kind):
    _, [doubt] = found(kind)
    return doubt


def close(doubt, outcome, **changed):
    Doubt.objects.filter(pk=doubt.pk).update(
        status="closed", outcome=outcome, reason="已核实。", closed_at=clock.now(), closed_by=doubt.found_by, **changed
    )


# ── a doubt's life, by the rule of 死亡保 ─────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def mourning(register):
    """低保 of a household of two, of whom one died in spring."""
    home, [head, wife] = family(register)
    register.record(home, "MZ01", LAST_YEAR, reaches=[(head, LAST_YEAR, None), (wife, LAST_YEAR, None)])
    head.died_on = date(TODAY.year, 4, 5)
    register.write()
    return SimpleNamespace(home=home, head=head, wife=wife, record=register.records[0])


def test_after_death_it_goes_to_the_township_with_a_clock(mourning, clerk, system):
    run, [doubt] = found("after_death")
    assert (doubt.status, doubt.household_id, doubt.unit, doubt.township_code, doubt.program_id, doubt.opened_by) == (
        "open", mourning.home.pk, clerk.unit, HOME, "MZ01", system,
    )  # fmt: skip
    [item] = doubt.evidence
    assert item == {
        "program": "MZ01", "record": str(mourning.record.pk), "died_on": f"{TODAY.year}-04-05", "by": "register", "since": str(LAST_YEAR),
        "people": [str(mourning.head.pk)],
    }  # fmt: skip
    duty = Duty.objects.get(kind="review_doubt")
    assert (duty.unit, duty.subject_id, duty.rule, duty.limit, duty.url) == (
        clerk.unit, str(doubt.pk), "working_days", 10, doubt.get_absolute_url(),
    )  # fmt: skip
    assert Notice.objects.get(unit=clerk.unit).title == "新交办1条疑点，请逐条核查"
    assert run.counts == {"after_death": {"found": 1, "new": 1, "opened": 1}}
    assert Event.objects.get(verb="doubt.opened").household_id == mourning.home.pk


def test_asked_again_it_changes_nothing(mourning):
    doubt = only("after_death")
    run, [same] = found("after_death")
    assert same == doubt
    assert run.counts == {"after_death": {"found": 1}}
    assert Duty.objects.filter(kind="review_doubt").count() == 1


def test_new_data_disproves_it(mourning, system):
    doubt = only("after_death")
    AssistanceRecord.objects.filter(pk=mourning.record.pk).update(until=TODAY - timedelta(days=1))
    run, standing = found("after_death")
    doubt.refresh_from_db()
    assert not standing
    assert (doubt.outcome, doubt.closed_by, run.counts) == ("disproved", system, {"after_death": {"closed": 1}})
    assert doubt.reason.startswith("新数据表明：救助已经停止")
    assert Duty.objects.get(kind="review_doubt").outcome == "cancelled"
    assert Event.objects.get(verb="doubt.disproved").note == doubt.reason


def test_what_is_being_stopped_is_left_out_and_what_is_being_recovered_is_not(mourning, clerk):
    said = {"reason_code": "death", "reason": "去年冬天去世。", "from_month": date(TODAY.year, 10, 1), "by": clerk}
    transitions.open_change(record_id=mourning.record.pk, kind="recover", amount=100, **said)
    assert only("after_death").status == "open"
    transitions.open_change(record_id=mourning.record.pk, kind="stop", **said)
    assert found("after_death")[1] == []


def test_dismissed_it_stays_away_until_its_facts_change(mourning, register, clock):
    close(only("after_death"), "kept")
    clock.forward(days=200)
    assert found("after_death")[1] == []
    mourning.wife.died_on = TODAY
    mourning.wife.save(update_fields=["died_on"])
    assert len(only("after_death").evidence) == 2


def test_acted_upon_it_comes_back_when_nothing_came_of_it(mourning, clock):
    close(only("after_death"), "stopped")
    clock.forward(days=59)
    assert found("after_death")[1] == []
    clock.forward(days=2)
    assert only("after_death").status == "open"


def test_other_facts_are_told_of_an_open_one(mourning):
    doubt = only("after_death")
    mourning.wife.died_on = TODAY
    mourning.wife.save(update_fields=["died_on"])
    run, [same] = found("after_death")
    assert (same.pk, len(same.evidence), run.counts["after_death"]) == (doubt.pk, 2, {"found": 1, "changed": 1})
    assert same.fingerprint != doubt.fingerprint
    assert Event.objects.get(verb="doubt.changed").subject_id == str(doubt.pk)


def test_moved_to_another_township_it_is_that_ones(mourning, neighbour_clerk):
    first = only("after_death")
    type(mourning.home).objects.filter(pk=mourning.home.pk).update(region_id=NEIGHBOUR)
    second = only("after_death")
    first.refresh_from_db()
    assert (first.outcome, first.reason, second.unit) == ("disproved", doubts.ELSEWHERE, neighbour_clerk.unit)


def test_event_that_fails_takes_the_doubts_with_it(mourning, system, monkeypatch):
    def fails(*args, **given):
        raise RuntimeError

    monkeypatch.setattr(doubts, "record", fails)
    with pytest.raises(RuntimeError):
        find_doubts(by=system, only=["after_death"])
    assert not Doubt.objects.exists()
    assert not DoubtRun.objects.exists()


def test_only_its_township_and_the_platform_see_it(mourning, clerk, approver, platform, neighbour_clerk, assistant, officer, supervision):
    doubt = only("after_death")
    seen = [who for who in (clerk, approver, platform, neighbour_clerk, assistant, officer, supervision, None)
            if Doubt.objects.visible_to(who).filter(pk=doubt.pk).exists()]  # fmt: skip
    assert seen == [clerk, approver, platform]
    assert DoubtRun.objects.visible_to(clerk).exists()
    assert not DoubtRun.objects.visible_to(officer).exists()


# ── each rule ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_cremated_though_the_register_has_him_alive(register):
    home, [head] = family(register, people=1)
    register.record(head, "MZ07", LAST_YEAR)
    register.fact(head, "cremation_date", "2026-05-06")
    register.write()
    [item] = only("after_death").evidence
    assert (item["by"], item["died_on"]) == ("cremation_date", "2026-05-06")


def test_a_registration_cancelled_by_death_or_a_certificate_and_not_by_a_move(register):
    home, [head, son, far] = family(register, people=3)
    for person in (head, son, far):
        register.record(person, "MZ07", LAST_YEAR)
    register.fact(head, "death_certificate", "2026-05-06")
    for person, reason in ((son, "death"), (far, "moved")):
        register.fact(person, "register_cancelled", "2026-06-07")
        register.fact(person, "register_cancel_reason", reason)
    register.write()
    evidence = only("after_death").evidence
    assert {item["by"] for item in evidence} == {"death_certificate", "register_cancelled"}
    assert len(evidence) == 2


def test_twice_in_two_households(register):
    first, [head] = family(register, people=1)
    second, [son] = family(register, people=1)
    register.record(first, "MZ01", LAST_YEAR, reaches=[(head, LAST_YEAR, None), (son, LAST_YEAR, None)])
    register.record(second, "MZ01", LAST_YEAR)
    register.write()
    doubt = only("twice")
    assert doubt.household_id == second.pk
    assert sorted(doubt.evidence[0]["records"]) == sorted(str(row.pk) for row in register.records)


def test_single_grants_of_one_day_are_twice_and_of_two_days_are_not(register):
    _, [head, wife] = family(register)
    for who, day in ((head, TODAY), (head, TODAY), (wife, TODAY), (wife, TODAY - timedelta(days=40))):
        register.record(who, "MZ04", day, cadence="once")
    register.write()
    assert [item["people"] for item in only("twice").evidence] == [[str(head.pk)]]


def test_programs_that_exclude_each_other(register):
    assert {("MZ01", "MZ07"), ("MZ02", "MZ07"), ("MZ03", "MZ08"), ("MZ05", "MZ07")} <= set(exclusive_pairs(TODAY))
    home, [head, wife] = family(register)
    register.record(home, "MZ01", LAST_YEAR, reaches=[(head, LAST_YEAR, None)])
    register.record(head, "MZ07", LAST_YEAR)
    register.record(wife, "MZ07", LAST_YEAR)  # not on the list of the household's 低保
    register.write()
    doubt = only("exclusive")
    assert (doubt.program_id, doubt.other_program_id) == ("MZ01", "MZ07")
    assert [item["people"] for item in doubt.evidence] == [[str(head.pk)]]


def test_the_same_need_from_two_departments(register):
    _, [head, wife] = family(register)
    for who, program in ((head, "YB01"), (head, "GH02"), (wife, "YB01"), (wife, "GH01")):
        register.record(who, program, TODAY - timedelta(days=30), cadence="once")
    register.record(wife, "GH02", TODAY - timedelta(days=800), cadence="once")  # before the months looked back
    register.write()
    [item] = only("many").evidence
    assert (item["need"], item["programs"], item["people"]) == ("medical", ["GH02", "YB01"], [str(head.pk)])


def test_dismissed_it_stays_away_when_time_alone_takes_a_grant_away(register, clock):
    _, [head, _] = family(register)
    for program, days in (("YB01", 340), ("YB01", 30), ("GH02", 20)):
        register.record(head, program, TODAY - timedelta(days=days), cadence="once")
    register.write()
    close(only("many"), "kept")
    clock.forward(days=60)
    assert found("many") == (DoubtRun.objects.first(), [])
    later = Register(register.by)
    later.record(head, "GH02", TODAY + timedelta(days=50), cadence="once")
    later.write()
    assert len(only("many").evidence[0]["records"]) == 3


@pytest.fixture
def poor(register, platform):
    """Three households below the line: two at home, of which one is poorer in programs, one next door; a fourth has 低保 already."""
    Parameter.objects.bulk_create([parameter("subsistence_standard", {"urban": 636, "rural": 515}, date(2026, 1, 1), platform)])
    Parameter.objects.filter(key="doubts_omitted_per_township_month").update(value=1)
    figures.forget()
    homes = [family(register, place) for place in (VILLAGE, VILLAGE, NEIGHBOUR, VILLAGE)]
    for home, people in homes:
        register.fact(home, "income_per_head", "100.00")
        register.fact(home, "assets_within_limits", True)
        for someone in people:
            register.fact(someone, "dibao", False)
            register.fact(someone, "tekun", False)
    register.record(homes[3][0], "MZ01", LAST_YEAR)
    register.record(homes[0][0], "MZ01", date(2026, 1, 1), date(2026, 3, 31))  # ended long ago
    register.write()
    return [home for home, _ in homes]


def test_qualified_and_not_receiving(poor, clerk, neighbour_clerk):
    run, standing = found("omitted")
    assert {doubt.household_id for doubt in standing} == {home.pk for home in poor[:3]}, [d.evidence for d in standing]
    assert all(item["program"] for doubt in standing for item in doubt.evidence)
    assert sorted((doubt.township_code, doubt.status) for doubt in standing) == [(HOME, "open"), (HOME, "pool"), (NEIGHBOUR, "open")]
    assert run.counts["omitted"] == {"found": 3, "new": 3, "opened": 2}
    assert found("omitted")[0].counts["omitted"] == {"found": 3}


def test_next_month_the_township_is_given_the_next(poor, clock):
    found("omitted")
    clock.forward(days=31)
    _, standing = found("omitted")
    assert {doubt.status for doubt in standing if doubt.township_code == HOME} == {"open"}


def test_pulled_from_the_pool(poor, clerk, neighbour_clerk, approver):
    found("omitted")
    waiting = Doubt.objects.in_pool().get()
    with pytest.raises(Http404):
        pull_doubt(doubt_id=waiting.pk, by=neighbour_clerk)
    pulled = pull_doubt(doubt_id=waiting.pk, by=clerk)
    assert (pulled.status, pulled.opened_by) == ("open", clerk)
    assert Duty.objects.open().about(pulled, "review_doubt").get().unit == clerk.unit
    assert Event.objects.get(verb="doubt.pulled").subject_id == str(pulled.pk)
    with pytest.raises(AlreadyHandled):
        pull_doubt(doubt_id=waiting.pk, by=approver)


def test_whoever_asks_already_or_was_refused_lately_is_not_missed(poor, neighbour_clerk):
    home = poor[2]
    head = Membership.objects.get(household=home, relation="02").resident
    draft = draft_application(household_id=home.pk, applicant_id=head.pk, by=neighbour_clerk)
    version = ProgramVersion.objects.in_force(TODAY).get(program_id="MZ01")
    ApplicationItem.objects.create(
        application=draft, program_id="MZ01", version=version, track=version.tracks.first(), household=home, added_at=NOW,
        added_by=neighbour_clerk,
    )  # fmt: skip
    _, standing = found("omitted")
    asked = next(doubt for doubt in standing if doubt.household_id == home.pk)
    assert [item["program"] for item in asked.evidence] == ["MZ05"]


def test_the_lists_of_watch_and_subsistence_both_ways(register):
    watched, [head, _] = family(register)
    both, _ = family(register)
    listed, _ = family(register)
    city, _ = family(register, setting="urban")
    register.tag(head, "edge_of_poverty", LAST_YEAR)
    register.tag(both, "unstable_exit", LAST_YEAR)
    for home in (both, listed, city):
        register.record(home, "MZ01", LAST_YEAR)
    register.write()
    assert only("watched").household_id == watched.pk
    assert only("unwatched").household_id == listed.pk


def test_who_asks_for_extreme_poverty_in_person_is_not_said_to_ask_for_nothing(register, clerk):
    """特困 is for one of the household: its item names the person alone."""
    asking, [_, person] = family(register)
    silent, _ = family(register)
    for home in (asking, silent):
        register.tag(home, "unstable_exit", LAST_YEAR)
    register.write()
    draft = draft_application(household_id=asking.pk, applicant_id=person.pk, by=clerk)
    version = ProgramVersion.objects.in_force(TODAY).get(program_id="MZ07")
    ApplicationItem.objects.create(
        application=draft, program_id="MZ07", version=version, track=version.tracks.first(), resident=person, added_at=NOW, added_by=clerk
    )
    assert [doubt.household_id for doubt in found("watched")[1]] == [silent.pk]


def test_without_any_list_of_watch_nothing_is_compared(register):
    home, _ = family(register)
    register.record(home, "MZ01", LAST_YEAR)
    register.write()
    assert found("unwatched")[1] == []


def test_what_stands_is_not_disproved_by_a_list_that_is_missing(register):
    listed, _ = family(register)
    watched, _ = family(register)
    register.tag(watched, "unstable_exit", LAST_YEAR)
    register.record(listed, "MZ01", LAST_YEAR)
    register.write()
    doubt = only("unwatched")
    IdentityTag.objects.all().delete()
    run, [same] = found("unwatched")
    assert (same.pk, same.status, run.counts) == (doubt.pk, "open", {})


def test_aided_and_of_no_household(register):
    home, [head, wife] = family(register)
    register.record(head, "MZ07", LAST_YEAR)
    register.record(wife, "MZ07", LAST_YEAR)
    register.write()
    Membership.objects.filter(resident=wife).update(until=TODAY, ended_at=NOW, ended_by=register.by, end_reason="离开")
    doubt = only("loose")
    assert (doubt.household, doubt.resident, doubt.township_code) == (None, wife, HOME)
    assert "虚*" in Duty.objects.get(kind="review_doubt").title


def test_kin_of_staff_without_a_filing(register, clerk):
    home, [head] = family(register, people=1)
    register.record(home, "MZ01", LAST_YEAR)
    register.write()
    kin = StaffKin(staff=clerk.staff, name="虚某", relation="70", declared_at=NOW, declared_by=clerk)
    kin.id_number_sealed, kin.id_number_masked, kin.id_number_digest = "v1:t:AAAA", "500233", head.id_number_digest
    StaffKin.objects.bulk_create([kin])
    [item] = only("kin").evidence
    assert (item["by"], item["people"], clerk.staff.name not in str(item)) == ("staff", [str(head.pk)], True)


# ── what files say ───────────────────────────────────────────────────────────────────────────────────────────────────


def applied(unit, by, as_of, rows, template="households.roll:MZ01"):
    """A file that was applied, with these rows as they were marked."""
    batch = Batch.objects.create(
        template=template, title="名册", unit=unit, as_of=as_of, status="applied", file_name="名册.xlsx", file_digest=uuid.uuid4(), size=1,
        handed_in_at=NOW, handed_in_by=by, handed_in_by_staff=by.staff, confirmed_at=NOW, confirmed_by=by, confirmed_by_staff=by.staff,
        applied_at=NOW, applied_by=by,
    )  # fmt: skip
    StagedRow.objects.bulk_create(
        StagedRow(
            batch=batch,
            number=number,
            new_id=uuid.uuid4(),
            **{"outcome": "error", "problems": [["", "不符"]], "person_digest": uuid.uuid4(), **row},
        )  # fmt: skip
        for number, row in enumerate(rows, 4)
    )
    return batch


def test_what_the_files_of_the_units_say(register, civil_officer):
    home, [head, wife, child] = family(register, people=3)
    register.record(home, "MZ01", LAST_YEAR)
    register.write()
    [record] = register.records
    digest = head.id_number_digest
    batch = applied(civil_officer.unit, civil_officer, date(2026, 8, 31), [
        {"person_id": head.pk, "person_digest": digest, "name": "别名", "marks": ["name_differs"]},
        {"person_id": wife.pk, "household_id": home.pk, "marks": ["two_households"], "name": "虚某"},
        {"person_id": child.pk, "marks": ["amount_differs"], "subject_id": record.pk, "cells": {"amount": "520.00"}, "name": "虚某"},
    ])  # fmt: skip
    [item] = only("identity").evidence
    assert (item["batch"], item["row"], item["people"]) == (str(batch.pk), 4, [str(head.pk)])
    assert only("two_homes").evidence[0]["people"] == [str(wife.pk)]
    assert only("amount").evidence[0]["record"] == str(record.pk)
    applied(civil_officer.unit, civil_officer, date(2026, 9, 30), [
        {"person_id": head.pk, "person_digest": digest, "name": "虚某", "outcome": "same", "problems": []},
    ])  # fmt: skip
    assert found("identity")[1] == []
    Membership.objects.filter(resident=wife).update(until=TODAY, ended_at=NOW, ended_by=register.by, end_reason="转入他户")
    assert found("two_homes")[1] == [], "he has left the household that the file contradicted"


def test_what_a_file_said_is_not_disproved_by_forgetting_its_rows(register, civil_officer):
    """The last file of a list counts on when its rows have had their time; a later one says otherwise."""
    _, [head, wife] = family(register)
    _, [other] = family(register, people=1)
    register.write()
    unit, partial = civil_officer.unit, "households.roll:MZ11"
    assert not template_of(partial).is_whole
    whole, grants = (
        applied(unit, civil_officer, date(2026, 8, 31), [{"person_id": person.pk, "name": "别名", "marks": ["name_differs"]}], template)
        for template, person in (("households.roll:MZ01", head), (partial, other))
    )
    assert len(found("identity")[1]) == 2
    StagedRow.objects.filter(batch__in=[whole, grants]).delete()
    assert len(found("identity")[1]) == 2, "no new data came"
    for template in ("households.roll:MZ01", partial):
        applied(unit, civil_officer, date(2026, 9, 20), [{"person_id": wife.pk, "name": "虚某"}], template)
    assert [doubt.evidence[0]["batch"] for doubt in found("identity")[1]] == [str(grants.pk)], "of a whole list the last file counts"
    applied(unit, civil_officer, date(2026, 9, 21), [{"person_id": other.pk, "name": "虚某"}], partial)
    assert found("identity")[1] == [], "of others each person's last row"
    assert Doubt.objects.filter(outcome="disproved").count() == 2


def test_a_sensitive_list_tells_a_township_nothing(register, civil_officer):
    _, [head, wife] = family(register)
    register.write()
    Membership.objects.filter(resident=wife).update(until=TODAY, ended_at=NOW, ended_by=register.by, end_reason="离开")
    rows = [{"person_id": head.pk, "name": "别名", "marks": ["name_differs"]}, {"person_id": wife.pk, "name": "虚某", "marks": ["loose"]}]
    applied(civil_officer.unit, civil_officer, date(2026, 8, 31), rows, template="households.roll:SF02")
    find_doubts(by=register.by, only=["identity", "loose"])
    assert not Doubt.objects.exists()
    applied(civil_officer.unit, civil_officer, date(2026, 8, 31), rows)
    find_doubts(by=register.by, only=["identity", "loose"])
    assert set(Doubt.objects.values_list("kind", flat=True)) == {"identity", "loose"}


def test_decided_and_absent_from_two_rolls(register, civil_officer):
    home, [head] = family(register, people=1)
    register.record(home, "MZ01", LAST_YEAR)
    register.write()
    [record] = register.records

    def roll(month, *, holds_it):
        batch = applied(civil_officer.unit, civil_officer, date(2026, month, 28), [])
        if not holds_it:
            RollAbsence.objects.create(record=record, as_of=batch.as_of, batch=batch, noted_at=NOW, noted_by=civil_officer)

    roll(6, holds_it=False)
    roll(7, holds_it=True)
    roll(8, holds_it=False)
    assert found("unpaid")[1] == []
    roll(9, holds_it=False)
    [item] = only("unpaid").evidence
    assert (item["record"], item["rolls"]) == (str(record.pk), ["2026-08-28", "2026-09-28"])
    roll(10, holds_it=True)
    assert found("unpaid")[1] == []


# ── the work ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_each_night_it_is_asked_for_once(system):
    work = periods.work_of("monitoring.find_doubts")
    for _ in range(2):
        work.work(work.period_at(NOW))
    [job] = Job.objects.filter(kind=doubts.FIND)
    said = []
    context = SimpleNamespace(arguments=job.arguments, asked_by=system, progress=lambda *step: said.append(step[2]))
    result = jobs.kind_of(doubts.FIND).work(context)
    assert (result.data["found"], DoubtRun.objects.get().counts) == (0, {})
    assert said[0] == "比对：死亡后仍享受"


def test_a_job_that_waited_over_midnight_does_not_look_back(register, system, clock):
    """With the eyes of the day it was asked on, it would disprove what the night found, and the next run would give it out anew."""
    home, [head, _] = family(register)
    tomorrow = TODAY + timedelta(days=1)
    register.record(home, "MZ01", LAST_YEAR, reaches=[(head, LAST_YEAR, None)])
    head.died_on = tomorrow
    register.write()
    job = ask_to_find(by=system)
    clock.forward(days=1)
    doubt = only("after_death")
    context = SimpleNamespace(arguments=job.arguments, asked_by=system, progress=lambda *_: None)
    jobs.kind_of(doubts.FIND).work(context)
    assert list(DoubtRun.objects.values_list("as_of", flat=True)) == [tomorrow, tomorrow]
    assert only("after_death") == doubt
    assert not Event.objects.filter(verb="doubt.disproved").exists()


def test_it_is_asked_for_by_the_platform_alone(clerk, platform):
    assert ask_to_find(by=platform).kind == doubts.FIND
    for verb in (ask_to_find, find_doubts):
        with pytest.raises(PermissionDenied):
            verb(by=clerk)


def test_page_of_the_runs(mourning, signed_in, platform, assert_queries):
    find_doubts(by=platform)
    client = signed_in(platform)
    client.get("/doubts/runs/")
    with assert_queries(RUNS):
        page = client.get("/doubts/runs/").content.decode()
    assert "死亡后仍享受" in page
    assert client.post("/doubts/runs/begin/", {"form_token": "x"}).status_code == 302
    assert Job.objects.filter(kind=doubts.FIND, asked_by=platform).exists()


def test_without_a_window_it_waits_in_the_pool(mourning, system):
    Unit.objects.filter(kind="township_window", region_id=HOME).update(valid_until=TODAY - timedelta(days=1))
    assert [(doubt.status, doubt.unit) for doubt in found("after_death")[1]] == [("pool", None)]
