"""数据报送 and 数据导入 side by side: a list of which the import itself takes a file does not go out as unchanged (ZX-22, ZX-28)."""

from datetime import date

import pytest

from config.verbs import TransitionError
from monitoring.models import Delivery, Round
from monitoring.round_page import DeliveryPage
from monitoring.transitions import deliveries
from organization.transitions.units import end_unit
from spreadsheets.permissions import may_stand_for
from tests.monitoring import round_factories as rounds_of
from tests.monitoring.round_factories import at

pytestmark = pytest.mark.django_db
BESIDE = {"door": "", "subject_label": "", "subject_id": ""}


@pytest.fixture
def delivery(monkeypatch, clock, officer):
    clock.set(at(2026, 9, 3, 9))
    with rounds_of.declared(monkeypatch):
        return rounds_of.delivery_of(rounds_of.opened(), officer)


@pytest.fixture
def roll(delivery):
    return rounds_of.item_of(delivery, "households.roll:CL01")


def line_of(delivery, post):
    return DeliveryPage(delivery, post).parts[0][1][0]


def test_a_file_that_waits_in_the_import_itself_is_not_passed_over(delivery, roll, officer, neighbour_officer):
    """The press for the rest leaves its list alone, and so does whoever says it of that very list."""
    rounds_of.a_file(roll, neighbour_officer, unit=neighbour_officer.unit, **BESIDE)  # another's
    assert line_of(delivery, officer).may_mark
    waiting = rounds_of.a_file(roll, officer, status="proposed", proposed_at=at(2026, 9, 3, 9), proposed_by=officer, **BESIDE)
    line = line_of(delivery, officer)
    assert (line.pending, line.pending_url, line.may_mark) == ("有文件待第二人确认，继续办理", waiting.get_absolute_url(), False)
    assert deliveries.mark_unchanged(delivery_id=delivery.pk, by=officer) == 2
    roll.refresh_from_db()
    assert roll.state == "empty"
    for items in (None, [roll.pk]):
        with pytest.raises(TransitionError, match="“CL01名册”.*还没有入库"):
            deliveries.mark_unchanged(delivery_id=delivery.pk, items=items, by=officer)


def test_a_file_that_came_since_it_was_said_to_be_unchanged_waits_too(delivery, roll, officer):
    rounds_of.filled(delivery, officer)
    waiting = rounds_of.a_file(roll, officer, **BESIDE)
    with pytest.raises(TransitionError, match="“CL01名册”的文件还没有入库"):
        deliveries.submit(delivery_id=delivery.pk, by=officer)
    waiting.delete()
    assert deliveries.submit(delivery_id=delivery.pk, by=officer).status == "submitted"


def test_a_list_of_which_a_file_counts_waits_for_no_other(delivery, roll, officer):
    rounds_of.applied(roll, officer)
    rounds_of.filled(delivery, officer)
    rounds_of.a_file(roll, officer, **BESIDE)
    assert deliveries.submit(delivery_id=delivery.pk, by=officer).status == "submitted"


@pytest.mark.parametrize("uses", [True, False])
def test_a_file_entered_since_it_was_said_to_be_unchanged_counts_or_it_is_said_again(delivery, roll, officer, clock, signed_in, uses):
    rounds_of.filled(delivery, officer)
    clock.forward(hours=1)
    batch = rounds_of.entered(rounds_of.a_file(roll, officer, status="applied", **BESIDE), officer)
    clock.forward(hours=1)
    [line, other] = DeliveryPage(delivery, officer).parts[0][1]
    assert [(each.may_use_file, each.may_mark) for each in (line, other)] == [(True, True), (False, False)]
    told = "“CL01名册”声明“本月无变化”以后又有文件入库：请用已入库的文件，确实没有变化的再声明一次。"
    assert told in signed_in(officer).get(delivery.get_absolute_url()).content.decode()
    with pytest.raises(TransitionError, match=told):
        deliveries.submit(delivery_id=delivery.pk, by=officer)
    if uses:
        assert deliveries.use_file(item_id=roll.pk, by=officer).batch == batch
    else:
        assert deliveries.mark_unchanged(delivery_id=delivery.pk, items=[roll.pk], by=officer) == 1
        line = line_of(delivery, officer)
        assert (line.may_use_file, line.may_mark) == (False, False)
    assert deliveries.submit(delivery_id=delivery.pk, by=officer).status == "submitted"


@pytest.fixture
def of_township(delivery, clerk, platform):
    """What a township owes its window answers for."""
    row = Round.objects.create(
        kind="township", month=date(2026, 9, 1), opens_on=date(2026, 9, 15), due_on=date(2026, 9, 20), cut_off_on=date(2026, 9, 14),
        paper_due_on=date(2026, 9, 25), opened_at=at(2026, 9, 1), opened_by=platform,
    )  # fmt: skip
    found = Delivery.objects.create(round=row, unit=clerk.unit, opened_at=at(2026, 9, 1), opened_by=platform)
    found.items.create(part="aid", key="households.roll:CL01", title="CL01名册", place=1)
    return found


def test_a_townships_office_hands_in_what_its_window_owes(of_township, reviewer, clerk, neighbour_clerk):
    item = of_township.items.get()
    given = {"item_id": item.pk, "file_name": "名册.xlsx", "octets": b"roll", "as_of": date(2026, 9, 3)}
    batch = deliveries.hand_in(by=reviewer, **given)
    assert (batch.unit, batch.handed_in_by, batch.is_on_behalf) == (clerk.unit, reviewer, False)
    assert not may_stand_for(neighbour_clerk, clerk.unit)


def test_what_a_townships_office_entered_counts_for_its_window(of_township, reviewer, clerk, neighbour_clerk):
    item = of_township.items.get()
    rounds_of.entered(rounds_of.a_file(item, neighbour_clerk, unit=neighbour_clerk.unit, status="applied", **BESIDE), neighbour_clerk)
    assert not line_of(of_township, clerk).may_use_file
    waiting = rounds_of.a_file(item, reviewer, unit=reviewer.unit, **BESIDE)
    assert line_of(of_township, clerk).pending_url == waiting.get_absolute_url()
    waiting.status = "applied"
    rounds_of.entered(waiting, reviewer)
    assert line_of(of_township, clerk).may_use_file
    assert deliveries.use_file(item_id=item.pk, by=clerk).batch == waiting


def test_who_works_on_for_a_unit_hands_in_what_it_owed(delivery, roll, officer, neighbour_officer, system_administrator, clock):
    end_unit(unit_id=officer.unit_id, successor_id=neighbour_officer.unit_id, last_day=date(2026, 9, 3), by=system_administrator)
    clock.set(at(2026, 9, 4, 9))
    given = {"item_id": roll.pk, "file_name": "名册.xlsx", "octets": b"roll", "as_of": date(2026, 8, 31)}
    batch = deliveries.hand_in(by=neighbour_officer, **given)
    assert (batch.unit_id, batch.handed_in_by) == (officer.unit_id, neighbour_officer)
    batch.delete()
    rounds_of.entered(rounds_of.a_file(roll, neighbour_officer, unit=neighbour_officer.unit, status="applied", **BESIDE), neighbour_officer)
    assert line_of(delivery, neighbour_officer).may_use_file
