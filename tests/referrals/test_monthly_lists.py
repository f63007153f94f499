"""免申请名单: chosen by identity, prepared once a month, confirmed by the unit one by one, nobody refused (DESIGN 4, RULES D2)."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.http import Http404

from audit.models import Event
from config import clock as house_clock
from config.verbs import AlreadyHandled, TransitionError
from deadlines.models import Duty, Notice
from households.models import Access, AssistanceRecord, Household, IdentityTag
from households.transitions import grant_record, grant_tag
from organization.models import Post
from programs.models import Program
from referrals import monthly, transitions
from referrals.models import ListEntry, MonthlyList
from referrals.tasks import prepare_monthly_lists
from tests import cast
from tests.households.factories import HouseholdFactory, head_of

pytestmark = pytest.mark.django_db


def tag(kind, holder, since=None):
    whom = {"household": holder} if isinstance(holder, Household) else {"resident": holder}
    by = cast.member("civil_approver")
    return grant_tag(kind=kind, unit=by.unit, since=since or house_clock.today(), decision_id=None, by=by, **whom)


def prepared(code, by=None):
    return transitions.prepare(program_code=code, by=by or cast.member("civil_officer"))


def rows(listed, state="proposed"):
    return listed.entries.filter(state=state)


def dibao(household):
    """Aid that is an identity by itself."""
    by = cast.member("civil_approver")
    people = [row.resident for row in household.memberships.select_related("resident")]
    return grant_record(
        program=Program.objects.get(pk="MZ01"), version=None, household=household, covered=people, region_code=household.region_id,
        amount=Decimal(900), cadence="monthly", since=house_clock.today() - timedelta(days=40), unit=by.unit, decision_id=None, by=by,
    )  # fmt: skip


@pytest.fixture
def listed():
    """惠民济困保: three of a 低保 household by its aid, one 特困 by a tag of his own; a neighbour without any is not there."""
    dibao(HouseholdFactory())
    tag("extreme_poverty", head_of(HouseholdFactory(alone=True)))
    HouseholdFactory(alone=True)
    return prepared("MZ06")


@pytest.mark.parametrize(
    ("code", "kind", "setting", "of_person", "is_listed"),
    [
        ("CG01", "subsistence", "urban", False, True),
        ("CG01", "extreme_poverty", "urban", True, True),
        ("CG01", "subsistence", "rural", False, False),
        ("CG01", "border", "urban", False, False),
        ("MZ06", "civil_affairs_file", "rural", False, True),
        ("MZ06", "orphan", "urban", True, True),
        ("MZ06", "poverty_exited", "rural", False, False),
        ("XC01", "unstable_exit", "rural", False, True),
        ("XC01", "poverty_exited", "rural", True, True),
        ("XC01", "subsistence", "rural", False, False),
    ],
)
def test_who_is_listed(platform, code, kind, setting, of_person, is_listed):
    household = HouseholdFactory(alone=True, setting=setting)
    tag(kind, head_of(household) if of_person else household)
    found = prepared(code, platform).entries.values_list("household", "resident", "identities")
    whom = (None, head_of(household).pk) if code == "MZ06" else (household.pk, None)
    assert list(found) == ([(*whom, [kind])] if is_listed else [])


def test_the_list_has_its_month_its_unit_and_its_clock(listed, civil_officer, platform):
    assert (listed.month, listed.unit, listed.prepared_by) == (house_clock.today().replace(day=1), civil_officer.unit, civil_officer)
    assert sorted(rows(listed).values_list("identities", flat=True)) == [["extreme_poverty"], *[["subsistence"]] * 3]
    [duty] = Duty.objects.open().about(listed)
    assert (duty.kind, duty.unit, duty.limit, duty.rule, duty.topic_code) == ("confirm_list", listed.unit, 10, "working_days", "MZ06")
    assert Event.objects.get(verb="monthly_list.prepared").new == "新列入4，不再符合0"
    assert Notice.objects.filter(kind="monthly_list.prepared", unit=listed.unit).count() == 1


def test_a_second_run_adds_nothing_and_a_newcomer_is_added(listed, platform):
    before = list(listed.entries.order_by("pk").values_list("pk", flat=True))
    transitions.set_entry_aside(entry_id=rows(listed).first().pk, reason="待核实", by=cast.member("civil_approver"))
    assert prepared("MZ06", platform) == listed
    assert list(listed.entries.order_by("pk").values_list("pk", flat=True)) == before
    assert Event.objects.filter(verb="monthly_list.prepared").count() == 1
    tag("civil_affairs_file", head_of(HouseholdFactory(alone=True)))
    prepared("MZ06", platform)
    assert listed.entries.count() == len(before) + 1


def test_the_job_makes_every_list_once(listed, clock):
    assert prepare_monthly_lists() == 3
    assert MonthlyList.objects.count() == 3
    prepare_monthly_lists()
    assert (MonthlyList.objects.count(), listed.entries.count()) == (3, 4)
    clock.forward(days=30)
    prepare_monthly_lists()
    assert MonthlyList.objects.count() == 6
    assert MonthlyList.objects.filter(prepared_by=Post.objects.the_system()).count() == 5


def test_only_such_programs_and_their_units(officer, clerk, civil_officer):
    with pytest.raises(TransitionError, match="不是免申请项目"):
        prepared("MZ04", civil_officer)
    for outsider in (officer, clerk):
        with pytest.raises(PermissionDenied):
            prepared("MZ06", outsider)


def test_confirming_writes_the_record_and_lets_the_unit_in(listed, civil_approver):
    entry = rows(listed).order_by("region_code", "pk").first()
    transitions.confirm_entry(entry_id=entry.pk, by=civil_approver)
    entry.refresh_from_db()
    given = entry.record
    assert (entry.state, entry.settled_by) == ("confirmed", civil_approver)
    assert (given.program_id, given.resident, given.cadence, given.source, given.in_kind) == (
        "MZ06", entry.resident, "yearly", "roll", "按名单参保",
    )  # fmt: skip
    assert (given.until - given.since).days == 364
    assert [row.resident for row in given.coverage.all()] == [entry.resident]
    assert Household.objects.visible_to(civil_approver).filter(memberships__resident=entry.resident).exists()
    assert Access.objects.about(given).get().unit == listed.unit  # it ends with the aid
    event = Event.objects.get(verb="monthly_list.confirmed")
    assert entry.resident.name not in event.subject_text
    with pytest.raises(AlreadyHandled, match="民定之"):
        transitions.confirm_entry(entry_id=entry.pk, by=civil_approver)


def test_a_household_is_confirmed_with_its_people(platform):
    home = HouseholdFactory(setting="urban")
    tag("subsistence", home)
    entry = prepared("CG01", platform).entries.get()
    by = _approver("CG")
    transitions.confirm_entry(entry_id=entry.pk, by=by)
    record = AssistanceRecord.objects.get(program="CG01")
    assert (record.household, record.in_kind, record.coverage.count()) == (home, "按名单减免", 3)
    assert not Duty.objects.open().about(entry.monthly_list).exists()  # the last one: the clock stops


def _approver(code):
    """Somebody of a department that has no part in the cast."""
    from tests.organization.factories import PostFactory

    return PostFactory(granted=True, unit=cast.unit_of("department", code), rank="approver")


def test_many_at_once_each_by_itself(listed, civil_approver):
    """Who has lost the identity meanwhile, or has it already, stays; the others are done."""
    lost = IdentityTag.objects.get(kind="extreme_poverty")
    IdentityTag.objects.filter(pk=lost.pk).update(
        since=house_clock.today() - timedelta(days=2), until=house_clock.today() - timedelta(days=1)
    )
    result = monthly.confirm_each(list(rows(listed).values_list("pk", flat=True)), civil_approver)
    assert (result.done, len(result.refused)) == (3, 1)
    assert "已不再具备" in result.refused[0]
    assert rows(listed).get().resident == lost.resident
    assert Duty.objects.open().about(listed).exists()
    transitions.set_entry_aside(entry_id=rows(listed).get().pk, reason="身份已经终止", by=civil_approver)
    assert not Duty.objects.open().about(listed).exists()
    with pytest.raises(TransitionError, match="最多"):
        monthly.confirm_each([listed.pk] * 101, civil_approver)


def test_one_row_that_is_refused_in_any_way_undoes_nothing(listed, civil_approver, monkeypatch):
    """A field that does not fit, a row that is no longer there: each a line of the result."""
    first, second, third, *_ = ids = list(rows(listed).values_list("pk", flat=True))
    real = transitions.confirm_entry

    def confirm(*, entry_id, by):
        done = real(entry_id=entry_id, by=by)
        if entry_id == first:
            raise ValidationError({"in_kind": "请写明内容。"})
        if entry_id == second:
            raise Http404("没有找到。")
        return done

    monkeypatch.setattr("referrals.monthly.confirm_entry", confirm)
    result = monthly.confirm_each(ids, civil_approver)
    assert (result.done, result.refused) == (len(ids) - 2, ["勾选的第1行：请写明内容。", "勾选的第2行：没有找到。"])
    assert set(rows(listed).values_list("pk", flat=True)) == {first, second}
    assert ListEntry.objects.get(pk=third).state == "confirmed"


def test_set_aside_has_its_reason_and_is_taken_back(listed, civil_approver):
    entry = rows(listed).first()
    with pytest.raises(TransitionError, match="写明暂不列入的理由"):
        transitions.set_entry_aside(entry_id=entry.pk, reason=" ", by=civil_approver)
    aside = transitions.set_entry_aside(entry_id=entry.pk, reason="已随子女参保", by=civil_approver)
    assert (aside.state, aside.reason, aside.record) == ("set_aside", "已随子女参保", None)
    assert not AssistanceRecord.objects.filter(program="MZ06").exists()
    back = transitions.take_entry_back(entry_id=entry.pk, by=civil_approver)
    assert (back.state, back.reason, back.settled_by) == ("proposed", "", None)


def test_who_leaves_is_shown_with_the_record(listed, civil_approver, clock):
    """Next month: the identity has ended, the insurance runs on; nothing is undone by itself."""
    for entry in rows(listed):
        transitions.confirm_entry(entry_id=entry.pk, by=civil_approver)
    lost = IdentityTag.objects.get(kind="extreme_poverty")
    clock.forward(days=30)
    IdentityTag.objects.filter(pk=lost.pk).update(until=house_clock.today() - timedelta(days=1))
    following = prepared("MZ06")
    leaving = following.entries.with_list_data().get()
    assert (leaving.state, leaving.resident, leaving.record.program_id) == ("leaving", lost.resident, "MZ06")
    assert leaving.record.until > house_clock.today()
    assert not Duty.objects.open().about(following).exists()
    assert monthly.lines([leaving], following, civil_approver)[0].why == "列入时的身份已经终止"


def test_sensitive_identities_are_named_to_the_lists_own_unit_alone(civil_approver, platform):
    tag("orphan", head_of(HouseholdFactory(alone=True)))
    listed = prepared("MZ06")
    entry = ListEntry.objects.with_list_data().get()
    own, watched = (monthly.lines([entry], listed, post)[0] for post in (civil_approver, platform))
    assert (own.why, watched.why) == ("孤儿", "敏感身份")
    assert own.name == entry.resident.name != watched.name


def test_neighbours_do_not_see_it(listed, officer, clerk, civil_officer, platform_approver):
    entry = rows(listed).first()
    for outsider in (officer, clerk):
        with pytest.raises(Http404):
            transitions.confirm_entry(entry_id=entry.pk, by=outsider)
    for colleague in (civil_officer, platform_approver):
        with pytest.raises(PermissionDenied):
            transitions.confirm_entry(entry_id=entry.pk, by=colleague)


def test_the_pages(listed, civil_approver, signed_in):
    client = signed_in(civil_approver)
    assert "惠民济困保" in client.get("/lists/").content.decode()
    page = client.get(listed.get_absolute_url()).content.decode()
    assert page.count('name="entries"') == 4
    ids = [str(entry.pk) for entry in rows(listed)[:3]]
    answer = client.post(f"/lists/{listed.pk}/confirm/", {"entries": ids}, follow=True).content.decode()
    assert "已确认3件" in answer
    assert "请先勾选" in client.post(f"/lists/{listed.pk}/confirm/", {}, follow=True).content.decode()
    last = rows(listed).get()
    url = f"/lists/entries/{last.pk}/set-aside/"
    assert client.post(url, {"reason": ""}).status_code == 422
    client.post(url, {"reason": "已随子女参保"})
    late = client.post(url, {"reason": "在外地参保"})
    assert late.status_code == 409
    for shown in (civil_approver.label, "在外地参保", f'href="{listed.get_absolute_url()}"'):
        assert shown in late.content.decode()
    assert "已随子女参保" in client.get(f"{listed.get_absolute_url()}?state=set_aside").content.decode()
    assert client.post(f"/lists/entries/{last.pk}/take-back/").status_code == 302
    assert client.post("/lists/prepare/", {"program": "MZ06"}).url == listed.get_absolute_url()


def test_the_event_failing_undoes_all(listed, civil_approver, monkeypatch):
    def closed(*_args, **_kwargs):
        raise RuntimeError("the record is closed")

    monkeypatch.setattr("referrals.transitions.listing.record", closed)
    with pytest.raises(RuntimeError):
        transitions.confirm_entry(entry_id=rows(listed).first().pk, by=civil_approver)
    assert not AssistanceRecord.objects.filter(program="MZ06").exists()


def test_constraints(listed, civil_approver):
    entry = rows(listed).first()
    now = house_clock.now()
    settled = {"settled_at": now, "settled_by": civil_approver}
    for model, pk, constraint, changed in [
        (MonthlyList, listed.pk, "list_is_of_a_whole_month", {"month": house_clock.today()}),
        (ListEntry, entry.pk, "entry_is_of_a_household_or_a_resident", {"resident": None}),
        (ListEntry, entry.pk, "settled_entry_says_who_and_when", {"state": "set_aside", "reason": "否"}),
        (ListEntry, entry.pk, "confirmed_entry_has_its_record", {"state": "confirmed", **settled}),
        (ListEntry, entry.pk, "entry_set_aside_says_why", {"state": "set_aside", **settled}),
    ]:
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            model.objects.filter(pk=pk).update(**changed)
    with pytest.raises(IntegrityError, match="one_list_per_program_and_month"), transaction.atomic():
        MonthlyList.objects.create(
            program=listed.program,
            version=listed.version,
            unit=listed.unit,
            month=listed.month,
            prepared_at=now,
            prepared_by=civil_approver,
        )
    with pytest.raises(IntegrityError, match="one_entry_per_list_and_beneficiary"), transaction.atomic():
        ListEntry.objects.create(monthly_list=listed, resident=entry.resident, region_code=entry.region_code)
