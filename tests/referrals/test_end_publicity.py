"""登记公示结果: after the last day, with what came of an objection; then the referral may go on (C-05, C-12, C-26)."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404

from audit.models import Event
from config.verbs import AlreadyHandled, TransitionError
from deadlines.models import Duty
from documents.models import Attachment
from referrals import transitions
from referrals.models import Publicity, Referral
from tests.documents.files import incoming, picture
from tests.referrals.factories import ReferralFactory

pytestmark = pytest.mark.django_db


def up(program: str = "MZ01") -> Publicity:
    """Up since 24 September; 低保's seven days end on 1 October at 24:00."""
    return ReferralFactory(program=program, publicising=True).publicities.get()


def midnight(day: int, minutes: int = 0) -> datetime:
    return datetime(2026, 10, day, 0, minutes, tzinfo=ZoneInfo("Asia/Shanghai"))


def end(row: Publicity, by, **given) -> Publicity:
    return transitions.end_publicity(publicity_id=row.pk, by=by, **given)


def test_it_ends_when_the_last_day_is_over(clerk, clock):
    row = up()
    clock.set(datetime(2026, 10, 1, 23, 59, tzinfo=ZoneInfo("Asia/Shanghai")))
    with pytest.raises(TransitionError, match="公示到2026-10-01 ?24时为止，2026-10-02起才能登记公示结果"):
        end(row, clerk)
    clock.set(midnight(2))
    row = end(row, clerk)
    assert (row.ended_by, row.objection_result) == (clerk, "")


def test_it_leaves_one_event_and_the_clocks_run_again(clerk, clock):
    row = up()
    clock.set(midnight(8, 30))
    end(row, clerk)
    event = Event.objects.get(verb="publicity.ended")
    assert (event.new, event.application_id, event.by_id) == ("没有异议", row.referral.application_id, clerk.staff_id)
    stage = Duty.objects.open().about(row.referral, "stage").get()
    assert stage.due_at is not None
    assert stage.due_at > clock.moment
    assert Duty.objects.about(row.referral, "end_publicity").get().outcome == "done"


def test_outside_the_whole_the_promise_runs_again(clerk, clock):
    row = up("MZ07")
    clock.set(midnight(2))
    end(row, clerk)
    assert Duty.objects.open().about(row.referral, "promise").get().due_at is not None


def test_a_photo_of_the_last_day_is_kept(clerk, clock):
    row = up()
    clock.set(midnight(2))
    end(row, clerk, photo=incoming(picture(), "公示.jpg"))
    assert Attachment.objects.get(subject_id=str(row.pk)).kind == "publicity_end_photo"


def test_until_it_has_ended_the_referral_stays(clerk, clock):
    row = up()
    for verb, said in (("forward", {"opinion": "无异议"}), ("send_back", {"reason": "再看"})):
        with pytest.raises(TransitionError, match="公示"):
            getattr(transitions, verb)(referral_id=row.referral_id, by=clerk, **said)
    clock.set(midnight(2))
    end(row, clerk)
    assert transitions.forward(referral_id=row.referral_id, opinion="无异议", by=clerk).stage.act == "decide"


def test_an_objection_needs_its_result(clerk, clock):
    row = transitions.object(publicity_id=up().pk, text="有货车", by=clerk)
    clock.set(midnight(2))
    for given in (
        {},
        {"objection_result": "unfounded"},
        {"objection_note": "已核实"},
        {"objection_result": "maybe", "objection_note": "x"},
    ):
        with pytest.raises(TransitionError, match="这次公示有异议，请选择异议是否成立"):
            end(row, clerk, **given)
    row = end(row, clerk, objection_result="unfounded", objection_note="货车是邻居的")
    assert row.get_objection_result_display() == "异议不成立"
    assert transitions.forward(referral_id=row.referral_id, opinion="无异议", by=clerk).status == "dispatched"


def test_a_result_without_an_objection_is_refused(clerk, clock):
    row = up()
    clock.set(midnight(2))
    with pytest.raises(TransitionError, match="没有登记过异议"):
        end(row, clerk, objection_result="unfounded", objection_note="x")


def test_a_founded_objection_ends_it_at_once_and_the_case_is_looked_at_again(clerk):
    row = transitions.object(publicity_id=up().pk, text="有货车", by=clerk)
    row = end(row, clerk, objection_result="founded", objection_note="查实有货车")
    with pytest.raises(TransitionError, match="异议成立，不能送下一环节"):
        transitions.forward(referral_id=row.referral_id, opinion="", by=clerk)
    referral = transitions.send_back(referral_id=row.referral_id, reason="异议成立，请重新审核", by=clerk)
    assert referral.stage.act == "review"


def test_an_unfounded_one_ends_nothing_early(clerk):
    row = transitions.object(publicity_id=up().pk, text="有货车", by=clerk)
    with pytest.raises(TransitionError, match="起才能登记公示结果"):
        end(row, clerk, objection_result="unfounded", objection_note="货车是邻居的")


def test_after_a_second_review_it_is_put_up_again(clerk, reviewer, approver, clock):
    row = transitions.object(publicity_id=up().pk, text="有货车", by=clerk)
    end(row, clerk, objection_result="founded", objection_note="查实")
    clock.forward(minutes=1)
    transitions.send_back(referral_id=row.referral_id, reason="请重新审核", by=clerk)
    transitions.take(referral_id=row.referral_id, by=reviewer)
    transitions.propose(referral_id=row.referral_id, proposal="货车已过户，仍建议同意。", outcome="approved", by=reviewer)
    transitions.forward(referral_id=row.referral_id, opinion="同意", by=approver)
    referral = transitions.take(referral_id=row.referral_id, by=clerk)
    with pytest.raises(TransitionError, match="还没有登记公示"):
        transitions.forward(referral_id=referral.pk, opinion="", by=clerk)
    second = transitions.post_publicity(referral_id=referral.pk, place="村公示栏", starts_on=clock.moment.date(), by=clerk)
    assert second.days == 3


def test_the_second_is_told_who_was_first(clerk, second_clerk, clock):
    row = up()
    clock.set(midnight(2))
    end(row, clerk)
    with pytest.raises(AlreadyHandled, match=f"{clerk}已于2026-10-02 00:00登记公示结果，不能再改"):
        end(row, second_clerk)


def test_a_withdrawn_case_ends_no_publicity(clerk):
    row = up()
    transitions.withdraw(referral_id=row.referral_id, reason="不再需要", by=clerk)
    with pytest.raises(AlreadyHandled, match="撤回"):
        end(row, clerk)
    assert not Duty.objects.open().about(Referral(pk=row.referral_id)).exists()


def test_neighbours_do_not_find_it_and_others_may_not(neighbour_clerk, approver):
    row = up()
    with pytest.raises(Http404):
        end(row, neighbour_clerk)
    with pytest.raises(PermissionDenied):
        end(row, approver)
