"""数据报送: marked, handed in, sent back, accepted, undone (ZX-22, ZX-28, XX-26)."""

from datetime import date
from importlib import import_module

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import Http404

from audit.models import Event
from config import clock as house_clock
from config.verbs import AlreadyHandled, TransitionError
from deadlines.models import Duty, Job, Notice
from deadlines.transitions import drain
from monitoring.models import Delivery, Round
from monitoring.round_door import RoundDoor
from monitoring.round_page import DeliveryPage
from monitoring.round_policy import versions_of
from monitoring.transitions import deliveries
from spreadsheets.models import Batch
from spreadsheets.uploads import digest
from tests.monitoring import round_factories as rounds_of
from tests.monitoring.round_factories import at
from tests.programs.factories import next_version

pytestmark = pytest.mark.django_db
DOOR = RoundDoor()


@pytest.fixture
def opened(monkeypatch, clock):
    clock.set(at(2026, 9, 3, 9))
    with rounds_of.declared(monkeypatch):
        return rounds_of.opened()


@pytest.fixture
def delivery(opened, officer):
    return rounds_of.delivery_of(opened, officer)


@pytest.fixture
def roll(delivery):
    return rounds_of.item_of(delivery, "households.roll:CL01")


def states(delivery):
    return [item.state for item in delivery.items.order_by("place")]


def test_parts_are_marked_one_by_one_and_handed_in(delivery, roll, officer, platform):
    with pytest.raises(TransitionError, match="还有4项没有更新.*救助政策、CL01名册、CL02名册、cards名册"):
        deliveries.submit(delivery_id=delivery.pk, by=officer)
    assert deliveries.confirm_policy(delivery_id=delivery.pk, by=officer).state == "no_change"
    batch = rounds_of.applied(roll, officer)
    assert deliveries.mark_unchanged(delivery_id=delivery.pk, by=officer) == 2
    assert states(delivery) == ["no_change", "updated", "no_change", "no_change"]
    row = deliveries.submit(delivery_id=delivery.pk, remark="本月新增三人。", by=officer)
    assert (row.status, row.submitted_by, row.handed_in_at, row.is_on_behalf) == ("submitted", officer, row.submitted_at, False)
    assert Duty.objects.about(delivery).get().outcome == "done"
    page = DeliveryPage(row, platform)
    assert page.parts[0][1][0].text == "新增3、变更1、消失2、不变90；93→94（+1.1%）"
    assert (page.may_accept, page.may_return, page.may_fill, page.has_receipt) == (True, True, False, True)
    verbs = list(Event.objects.filter(subject_id=str(delivery.pk)).order_by("pk").values_list("verb", flat=True))
    assert verbs == [
        "delivery.opened", "delivery.items_unchanged", "delivery.item_updated", "delivery.items_unchanged", "delivery.submitted",
    ]  # fmt: skip
    drain()
    assert Notice.objects.filter(kind="delivery.submitted", unit=platform.unit).count() == 1
    with pytest.raises(AlreadyHandled, match="已由.*残小联.*报送"):
        deliveries.submit(delivery_id=delivery.pk, by=officer)
    with pytest.raises(TransitionError, match="先由县级平台退回"):
        DOOR.undone(batch, officer)


def test_a_list_with_a_file_is_not_unchanged(delivery, roll, officer):
    pending = rounds_of.a_file(roll, officer)
    with pytest.raises(TransitionError, match="CL01名册”的文件还没有入库"):
        deliveries.mark_unchanged(delivery_id=delivery.pk, items=[roll.pk], by=officer)
    pending.delete()
    rounds_of.applied(roll, officer)
    with pytest.raises(TransitionError, match="已有入库的文件"):
        deliveries.mark_unchanged(delivery_id=delivery.pk, items=[roll.pk], by=officer)
    rounds_of.filled(delivery, officer)
    rounds_of.a_file(roll, officer)
    with pytest.raises(TransitionError, match="还没有入库"):
        deliveries.submit(delivery_id=delivery.pk, by=officer)


def test_the_rest_is_unchanged_but_for_lists_of_which_a_file_was_brought(delivery, roll, officer):
    """What the press would refuse it neither counts nor touches, and says why."""
    pending = rounds_of.a_file(roll, officer)
    beside = rounds_of.item_of(delivery, "households.roll:CL02")
    rounds_of.entered(rounds_of.a_file(beside, officer, status="applied", door="", subject_label="", subject_id=""), officer)
    rest = DeliveryPage(delivery, officer).rest
    assert [item.title for item in rest.free] == ["cards名册"]
    assert deliveries.mark_unchanged(delivery_id=delivery.pk, by=officer) == 1
    assert states(delivery) == ["empty", "empty", "empty", "no_change"]
    with pytest.raises(TransitionError, match="“CL01名册”有文件还没有入库.*“CL02名册”本轮已有入库的文件.*逐项声明"):
        deliveries.mark_unchanged(delivery_id=delivery.pk, by=officer)
    assert deliveries.mark_unchanged(delivery_id=delivery.pk, items=[beside.pk], by=officer) == 1
    pending.delete()
    assert deliveries.mark_unchanged(delivery_id=delivery.pk, by=officer) == 1


def test_a_file_that_could_not_be_read_is_shown_and_holds_nothing_up(delivery, roll, officer):
    rounds_of.a_file(roll, officer, status="refused", refusal="表头下面没有数据。")
    page = DeliveryPage(delivery, officer)
    [line, _] = page.parts[0][1]
    assert (line.pending, bool(line.pending_url), line.may_mark) == ("有文件未读成，查看原因", True, True)
    assert len(page.rest.free) == 3
    deliveries.mark_unchanged(delivery_id=delivery.pk, items=[roll.pk], by=officer)
    assert not DeliveryPage(delivery, officer).parts[0][1][0].pending


def test_undone_an_earlier_file_stands_again_or_none(delivery, roll, officer, clock):
    first = rounds_of.applied(roll, officer)
    clock.forward(hours=1)
    second = rounds_of.applied(roll, officer)
    second.status = "undone"
    second.undone_at, second.undone_by, second.reason = second.applied_at, officer, "传错了"
    second.save()
    DOOR.undone(second, officer)
    roll.refresh_from_db()
    assert (roll.state, roll.batch) == ("updated", first)
    first.status = "undone"
    first.undone_at, first.undone_by, first.reason = first.applied_at, officer, "传错了"
    first.save()
    DOOR.undone(first, officer)
    roll.refresh_from_db()
    assert (roll.state, roll.batch, roll.marked_at) == ("empty", None, None)
    assert Event.objects.filter(verb="delivery.item_reopened").count() == 2


def test_a_file_that_came_by_the_import_itself_counts_when_the_unit_says_so(delivery, roll, officer):
    with pytest.raises(TransitionError, match="没有入库过"):
        deliveries.use_file(item_id=roll.pk, by=officer)
    batch = rounds_of.entered(rounds_of.a_file(roll, officer, status="applied", door="", subject_label="", subject_id=""), officer)
    [line, other] = DeliveryPage(delivery, officer).parts[0][1]
    assert (line.may_use_file, other.may_use_file) == (True, False)
    assert deliveries.use_file(item_id=roll.pk, by=officer).batch == batch
    batch.refresh_from_db()
    assert (batch.door, batch.subject_id) == ("monitoring.rounds", str(roll.pk))
    DOOR.undone(batch, officer)
    roll.refresh_from_db()
    assert (roll.state, roll.batch) == ("empty", None)


def test_sent_back_it_is_handed_in_again_within_three_working_days(delivery, officer, platform_approver, clock):
    rounds_of.submitted(delivery, officer)
    clock.forward(hours=2)
    row = deliveries.send_back(delivery_id=delivery.pk, reason="名册缺两个乡镇。", by=platform_approver)
    assert (row.status, row.return_reason) == ("returned", "名册缺两个乡镇。")
    duty = Duty.objects.open().about(delivery).get()
    assert (duty.is_return, duty.due_at) == (True, at(2026, 9, 9))  # Thursday, then three working days
    clock.set(at(2026, 9, 8, 9))
    rounds_of.applied(rounds_of.item_of(delivery, "households.roll:CL01"), officer)
    row = deliveries.submit(delivery_id=delivery.pk, by=officer)
    assert (row.handed_in_at, row.submitted_at) == (at(2026, 9, 3, 9), at(2026, 9, 8, 9))
    assert Event.objects.filter(verb="delivery.submitted").latest("pk").note == "（退回后重报）"
    assert DeliveryPage(row, officer).standing.late_days == 0  # it came in time the first time
    row = deliveries.accept(delivery_id=delivery.pk, by=platform_approver)
    assert (row.status, row.accepted_by) == ("accepted", platform_approver)
    row = deliveries.send_back(delivery_id=delivery.pk, reason="又发现重复。", by=platform_approver)
    assert (row.status, row.accepted_by) == ("returned", None)


@pytest.fixture
def returned(delivery, roll, officer, platform_approver, clock):
    """Sent back with one file in it."""
    rounds_of.applied(roll, officer, file_digest=digest(b"roll"))
    rounds_of.submitted(delivery, officer)
    clock.forward(hours=2)
    row = deliveries.send_back(delivery_id=delivery.pk, reason="名册缺两个乡镇。", by=platform_approver)
    clock.forward(hours=2)
    return row


def test_as_it_was_sent_back_it_is_taken_with_a_reason_alone(returned, officer, platform):
    assert DeliveryPage(returned, officer).is_as_returned
    assert not DeliveryPage(returned, platform).delivery.remark
    with pytest.raises(TransitionError, match="都与退回的相同.*退回原因：名册缺两个乡镇。.*写明理由"):
        deliveries.submit(delivery_id=returned.pk, remark="已核对。", by=officer)
    with pytest.raises(TransitionError, match="为什么不用改"):
        deliveries.submit(delivery_id=returned.pk, as_returned=True, by=officer)
    row = deliveries.submit(delivery_id=returned.pk, remark="两个乡镇本月没有对象。", as_returned=True, by=officer)
    assert row.remark == "各项和文件都与退回的相同，没有改动：两个乡镇本月没有对象。"
    assert Event.objects.filter(verb="delivery.submitted").latest("pk").note == "（退回后未作改动重报）"


def test_the_file_with_which_it_was_sent_back_is_not_taken_again(returned, roll, officer):
    roll.refresh_from_db()
    given = {"item_id": roll.pk, "file_name": "名册.xlsx", "as_of": date(2026, 8, 31), "by": officer}
    with pytest.raises(TransitionError, match="这个文件与退回的完全相同（名册.xlsx，09-03 09:00由.*上传）。退回原因：名册缺两个乡镇"):
        deliveries.hand_in(octets=b"roll", **given)
    assert deliveries.hand_in(octets=b"another", **given).unit == officer.unit


@pytest.mark.parametrize(
    ("counts", "content", "is_same"),
    [({"new": 3}, b"another", False), ({"same": 93}, b"saved anew", True), ({"new": 3}, b"roll", True)],
)
def test_a_file_that_brings_nothing_new_changes_nothing(returned, roll, officer, counts, content, is_same):
    waiting = rounds_of.a_file(roll, officer)
    assert not DeliveryPage(returned, officer).is_as_returned  # it may yet change what it was
    waiting.delete()
    rounds_of.applied(roll, officer, counts=counts, file_digest=digest(content))
    assert DeliveryPage(returned, officer).is_as_returned is is_same


def test_a_file_that_did_not_count_when_it_was_sent_back_is_something_new(returned, roll, officer, platform_approver, clock):
    """Of an earlier round of the same, or taken back before: whoever brings it again does not say that nothing was changed."""
    rounds_of.applied(roll, officer, counts={"new": 3}, file_digest=digest(b"second"))
    deliveries.submit(delivery_id=returned.pk, by=officer)
    clock.forward(hours=1)
    deliveries.send_back(delivery_id=returned.pk, reason="乡镇弄错了。", by=platform_approver)
    clock.forward(hours=1)
    returned.refresh_from_db()
    assert DeliveryPage(returned, officer).is_as_returned
    rounds_of.applied(roll, officer, counts={"changed": 3}, file_digest=digest(b"roll"))
    assert not DeliveryPage(returned, officer).is_as_returned
    clock.forward(hours=1)
    rounds_of.applied(roll, officer, counts={"changed": 3}, file_digest=digest(b"second"))
    assert DeliveryPage(returned, officer).is_as_returned


@pytest.mark.parametrize(("content", "is_same"), [(b"beside", False), (b"roll", True)])
def test_a_file_that_counts_only_since_it_was_sent_back_is_something_new(
    delivery, roll, officer, platform_approver, clock, content, is_same
):
    """Entered before by the import itself, it counted for nothing until the one that did was taken back."""
    first = rounds_of.applied(roll, officer, file_digest=digest(b"roll"))
    clock.forward(hours=1)
    none = {"door": "", "subject_label": "", "subject_id": ""}
    beside = rounds_of.entered(rounds_of.a_file(roll, officer, status="applied", file_digest=digest(content), **none), officer)
    Batch.objects.filter(pk=beside.pk).update(counts={"new": 3})
    rounds_of.submitted(delivery, officer)
    clock.forward(hours=1)
    back = deliveries.send_back(delivery_id=delivery.pk, reason="名册缺两个乡镇。", by=platform_approver)
    clock.forward(hours=1)
    first.status, first.undone_at, first.undone_by, first.reason = "undone", house_clock.now(), officer, "缺两个乡镇"
    first.save()
    deliveries.mark_undone(batch=first, by=officer)
    assert deliveries.use_file(item_id=roll.pk, by=officer).batch == beside
    assert DeliveryPage(back, officer).is_as_returned is is_same


@pytest.mark.parametrize(("content", "is_same"), [(b"right", False), (b"roll", True)])
def test_where_the_wrong_file_was_taken_back_another_is_something_new(returned, roll, officer, content, is_same):
    """The right list may be what stood before the wrong one: then it brings nothing, and is still not what was sent back."""
    wrong = Batch.objects.get(subject_id=str(roll.pk))
    wrong.status, wrong.undone_at, wrong.undone_by, wrong.reason = "undone", house_clock.now(), officer, "传错了"
    wrong.save()
    deliveries.mark_undone(batch=wrong, by=officer)
    rounds_of.applied(roll, officer, counts={"same": 93}, file_digest=digest(content))
    assert DeliveryPage(returned, officer).is_as_returned is is_same


def test_what_waited_to_come_again_is_given_the_file_it_was_sent_back_with(returned, roll):
    returned.items.update(returned_batch=None)
    migration = import_module("monitoring.migrations.0017_item_names_the_file_it_was_sent_back_with")
    with connection.cursor() as cursor:
        cursor.execute(migration.KNOWN)
    roll.refresh_from_db()
    assert roll.returned_batch == roll.batch
    assert returned.items.exclude(returned_batch=None).count() == 1


def test_a_version_published_since_is_something_new(returned, officer):
    next_version("CL01", valid_from=date(2026, 10, 1))
    assert not DeliveryPage(returned, officer).is_as_returned


def test_a_file_where_nothing_was_said_to_change_is_something_new(returned, officer):
    rounds_of.applied(rounds_of.item_of(returned, "households.roll:CL02"), officer, counts={"same": 3})
    assert not DeliveryPage(returned, officer).is_as_returned


def test_late_it_is_taken_and_says_so(delivery, officer, clock):
    clock.set(at(2026, 9, 8, 9))
    assert DeliveryPage(delivery, officer).standing.word == "缺报"
    row = rounds_of.submitted(delivery, officer)
    assert (DeliveryPage(row, officer).standing.word, DeliveryPage(row, officer).standing.late_days) == ("超期报送", 3)
    assert Event.objects.get(verb="delivery.submitted").note == "（超期）"


def test_the_platform_hands_in_for_a_unit_and_another_of_it_accepts(delivery, platform, platform_approver):
    row = rounds_of.submitted(delivery, platform)
    assert (row.is_on_behalf, row.submitted_by) == (True, platform)
    assert Event.objects.get(verb="delivery.submitted").note == "（县民政局代报）"
    drain()
    assert Notice.objects.get(kind="delivery.submitted", unit=row.unit).title == f"县民政局已代为报送：{row}"
    assert DeliveryPage(row, platform).may_accept is False
    with pytest.raises(TransitionError, match="报送人不能确认自己的报送"):
        deliveries.accept(delivery_id=delivery.pk, by=platform)
    assert deliveries.accept(delivery_id=delivery.pk, by=platform_approver).accepted_by == platform_approver
    assert Job.objects.filter(kind="monitoring.find_doubts").exists()  # what the new data says is asked for


def test_who_filled_in_a_part_for_the_unit_does_not_accept_it(delivery, roll, officer, platform, platform_approver):
    deliveries.confirm_policy(delivery_id=delivery.pk, by=officer)
    rounds_of.applied(roll, platform)
    drain()
    assert Notice.objects.get(kind="delivery.item_updated", unit=delivery.unit).title == "县民政局代录了“CL01名册”"
    [line, _] = DeliveryPage(delivery, officer).parts[0][1]
    assert line.marked.endswith("平台一（代录）")
    deliveries.mark_unchanged(delivery_id=delivery.pk, by=officer)
    row = deliveries.submit(delivery_id=delivery.pk, by=officer)
    assert (DeliveryPage(row, platform).may_accept, DeliveryPage(row, platform_approver).may_accept) == (False, True)
    with pytest.raises(TransitionError, match="替单位填报过"):
        deliveries.accept(delivery_id=delivery.pk, by=platform)
    assert deliveries.accept(delivery_id=delivery.pk, by=platform_approver).status == "accepted"


def test_versions_published_since_the_last_round_are_listed_and_count_as_updated(delivery, officer, clock):
    version = next_version("CL01", valid_from=date(2026, 10, 1))
    page = DeliveryPage(delivery, officer)
    assert page.versions == [version]  # those of the reference files are nobody's change
    assert deliveries.confirm_policy(delivery_id=delivery.pk, by=officer).state == "updated"
    assert Event.objects.get(verb="delivery.item_updated").note == "上轮以来发布1个版本"
    clock.set(at(2026, 9, 4, 9))
    rounds_of.submitted(delivery, officer)
    following = rounds_of.delivery_of(rounds_of.opened(date(2026, 10, 1)), officer)
    assert versions_of(delivery) == [version]
    assert versions_of(following) == [], "each version is of one delivery"


def test_who_does_what(delivery, officer, neighbour_officer, clerk, department_approver, supervision):
    for stranger in (neighbour_officer, clerk, supervision):
        with pytest.raises(Http404):
            deliveries.mark_unchanged(delivery_id=delivery.pk, by=stranger)
    rounds_of.submitted(delivery, department_approver)
    for verb in (deliveries.accept, lambda **given: deliveries.send_back(reason="改一改。", **given)):
        with pytest.raises(PermissionDenied):
            verb(delivery_id=delivery.pk, by=officer)


def test_every_other_pair_of_state_and_verb_is_refused(delivery, officer, platform_approver):
    with pytest.raises(AlreadyHandled, match="还没有报送"):
        deliveries.accept(delivery_id=delivery.pk, by=platform_approver)
    rounds_of.submitted(delivery, officer)
    deliveries.accept(delivery_id=delivery.pk, by=platform_approver)
    for verb in (deliveries.accept, deliveries.submit, deliveries.mark_unchanged, deliveries.confirm_policy):
        with pytest.raises(AlreadyHandled, match="已由.*确认"):
            verb(delivery_id=delivery.pk, by=platform_approver)


def test_without_its_line_nothing_is_handed_in(delivery, officer, monkeypatch):
    rounds_of.filled(delivery, officer)

    def fails(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr(deliveries, "record", fails)
    with pytest.raises(RuntimeError):
        deliveries.submit(delivery_id=delivery.pk, by=officer)
    assert Delivery.objects.get(pk=delivery.pk).status == "open"
    assert Duty.objects.open().about(delivery).exists()


def test_paper_of_a_township_is_registered_by_the_county(clerk, platform, clock):
    clock.set(at(2026, 9, 26, 9))
    row = Round.objects.create(
        kind="township", month=date(2026, 9, 1), opens_on=date(2026, 9, 15), due_on=date(2026, 9, 20), cut_off_on=date(2026, 9, 14),
        paper_due_on=date(2026, 9, 25), opened_at=at(2026, 9, 1), opened_by=platform,
    )  # fmt: skip
    delivery = Delivery.objects.create(round=row, unit=clerk.unit, opened_at=at(2026, 9, 1), opened_by=platform)
    with pytest.raises(PermissionDenied):
        deliveries.register_paper(delivery_id=delivery.pk, received_on=date(2026, 9, 25), by=clerk)
    with pytest.raises(TransitionError, match="不能晚于今天"):
        deliveries.register_paper(delivery_id=delivery.pk, received_on=date(2026, 9, 27), by=platform)
    assert ("纸质资料", "未交（已超期）（2026-09-25前）") in DeliveryPage(delivery, clerk).terms
    delivery = deliveries.register_paper(delivery_id=delivery.pk, received_on=date(2026, 9, 25), by=platform)
    assert ("纸质资料", "2026-09-25收到，按时交（2026-09-25前）") in DeliveryPage(delivery, clerk).terms
