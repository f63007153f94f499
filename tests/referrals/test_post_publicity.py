"""张贴公示: where, from when, what it says; the clocks stand while it is up (C-05, C-25)."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404

from audit.models import Event
from config import clock as house_clock
from config.verbs import AlreadyHandled, TransitionError
from deadlines.models import Duty
from deadlines.rules import due_on
from documents.models import Attachment
from referrals import transitions
from referrals.models import Publicity, Referral
from referrals.transitions import publicity
from tests.documents.files import incoming, picture
from tests.referrals.factories import ReferralFactory, handler_of

pytestmark = pytest.mark.django_db
PLACE = "虚构一村公示栏"


def at_publicity(program: str = "MZ01", **given) -> Referral:
    """In hand at its publicise stage, nothing put up yet."""
    referral = ReferralFactory(program=program, forwarded=True, **given)
    referral.refresh_from_db()
    assert referral.stage.act == "publicise"
    return transitions.take(referral_id=referral.pk, by=handler_of(referral.unit))


def post(referral: Referral, by, **changed) -> Publicity:
    return transitions.post_publicity(referral_id=referral.pk, by=by, **{"place": PLACE, "starts_on": house_clock.today(), **changed})


def test_the_notice_is_kept_with_its_days(clerk):
    row = post(at_publicity(), clerk)
    row.refresh_from_db()
    assert (row.place, row.starts_on, row.days, row.ends_on, row.posted_by, row.unit) == (
        PLACE, date(2026, 9, 24), 7, date(2026, 10, 1), clerk, clerk.unit,
    )  # fmt: skip
    referral = Referral.objects.get()
    assert (referral.status, referral.stage.act) == ("handling", "publicise")


def test_its_text_is_masked(clerk):
    referral = at_publicity()
    row = post(referral, clerk)
    applicant, home = referral.application.applicant, referral.case_household
    assert applicant.name not in row.text
    assert f"{applicant.name[0]}*{applicant.name[-1]}" in row.text
    assert "忠州街道虚构一村" in row.text
    for hidden in (home.address, home.number, str(applicant.id_number), *(m.resident.name for m in home.memberships.all())):
        assert hidden not in row.text


def test_it_leaves_one_event_of_the_case(clerk):
    referral = at_publicity()
    row = post(referral, clerk)
    event = Event.objects.get(verb="publicity.posted")
    assert (event.subject_id, event.application_id, event.household_id) == (
        str(row.pk), referral.application_id, referral.case_household_id,
    )  # fmt: skip
    assert (event.new, event.note, event.by_id) == ("2026-10-01", PLACE, clerk.staff_id)


def test_the_stage_stands_and_the_day_after_is_a_duty(clerk):
    referral = at_publicity()
    post(referral, clerk)
    stage, end, promise = (Duty.objects.open().about(referral, kind).get() for kind in ("stage", "end_publicity", "promise"))
    assert (stage.due_at, end.unit) == (None, clerk.unit)
    assert promise.due_at is not None  # 低保's days are within the whole
    assert due_on(end.due_at) == date(2026, 10, 8)  # the first working day after the holiday


def test_outside_the_whole_the_promise_stands_too(clerk):
    referral = at_publicity("MZ07")
    post(referral, clerk)
    assert Duty.objects.open().about(referral, "promise").get().due_at is None


def test_working_days_where_the_rule_says_so(officer):
    row = post(at_publicity("CL01"), officer)
    assert (row.starts_on, row.ends_on, row.days) == (date(2026, 9, 24), date(2026, 10, 9), 15)  # five working days, two holidays within


def test_a_photo_is_kept_with_it(clerk):
    row = post(at_publicity(), clerk, photo=incoming(picture(), "公示.jpg"))
    assert row.photo == Attachment.objects.get(subject_label="referrals.publicity", subject_id=str(row.pk))
    assert row.photo.kind == "publicity_photo"


def test_who_was_sent_back_by_an_objection_is_put_up_again_for_three_days(clerk, clock):
    referral = at_publicity()
    first = post(referral, clerk)
    transitions.object(publicity_id=first.pk, text="有存款", by=clerk)
    transitions.end_publicity(publicity_id=first.pk, objection_result="founded", objection_note="查实有存款", by=clerk)
    clock.forward(days=1)
    second = post(referral, clerk)
    assert (second.days, second.ends_on) == (3, date(2026, 9, 28))


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"place": "  "}, "请填写公示地点"),
        ({"starts_on": date(2026, 9, 25)}, "张贴日期应在转到本环节（2026-09-24）以后，不晚于今天"),
        ({"starts_on": date(2026, 9, 23)}, "张贴日期应在转到本环节"),
    ],
)
def test_what_cannot_be(clerk, changed, sentence):
    with pytest.raises(TransitionError, match=sentence):
        post(at_publicity(), clerk, **changed)
    assert not Publicity.objects.exists()


def test_another_stage_is_refused(reviewer):
    with pytest.raises(TransitionError, match="不在公示环节"):
        post(ReferralFactory(program="MZ01", in_hand=True), reviewer)


def test_what_is_not_in_hand_is_refused(clerk):
    with pytest.raises(AlreadyHandled, match="不能再公示"):
        post(ReferralFactory(program="MZ01", forwarded=True), clerk)


def test_the_second_is_told_who_was_first(clerk, second_clerk):
    referral = at_publicity()
    post(referral, clerk)
    with pytest.raises(AlreadyHandled, match=f"{clerk}已于2026-09-24 10:00登记公示，公示到2026-10-01"):
        post(referral, second_clerk)


def test_what_has_done_its_days_is_not_put_up_again(clerk, clock):
    referral = at_publicity()
    row = post(referral, clerk)
    clock.forward(days=8)
    transitions.end_publicity(publicity_id=row.pk, by=clerk)
    with pytest.raises(AlreadyHandled, match="公示已于2026-10-01期满，请直接送下一环节"):
        post(referral, clerk)


def test_neighbours_do_not_find_it_and_others_may_not(neighbour_clerk, assistant, reviewer, approver, platform):
    referral = at_publicity()
    for stranger in (neighbour_clerk, assistant):
        with pytest.raises(Http404):
            post(referral, stranger)
    for colleague in (approver, platform):
        with pytest.raises(PermissionDenied):
            post(referral, colleague)
    with pytest.raises(AlreadyHandled, match="现由.*办理"):  # the office has sent it on: told who did, and where it is
        post(referral, reviewer)


def test_without_its_event_nothing_has_changed(clerk, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError

    referral = at_publicity()
    monkeypatch.setattr(publicity, "record", fail)
    with pytest.raises(RuntimeError):
        post(referral, clerk)
    assert not Publicity.objects.exists()
    assert Duty.objects.open().about(referral, "stage").get().due_at is not None
    assert not Duty.objects.about(referral, "end_publicity").exists()
