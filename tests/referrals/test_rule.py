"""Settled by the window, or ruled upon by the platform, countersigned by the convener where 县民政局 is a party (ZX-34)."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, transaction
from django.http import Http404
from django.urls import reverse

from config.verbs import AlreadyHandled, TransitionError
from organization.models import Unit
from referrals import disputes, transitions
from referrals.models import Dispute, Ruling
from tests import cast
from tests.organization.factories import PostFactory
from tests.referrals.acting import duties, fresh, notices, open_kinds, perform, refuse_outsiders, refuse_without_its_line, start, the_event
from tests.referrals.factories import ReferralFactory, desk_of, set_figure

pytestmark = pytest.mark.django_db


# ── the window ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_window_sends_it_on(clerk, officer):
    referral = start("resend")
    perform("resend", referral)
    row = fresh(referral)
    # 残联 has no stage on this track: it takes the decision itself
    assert (row.status, row.unit, row.stage.act) == ("dispatched", officer.unit, "decide")
    claim = Dispute.objects.get()
    assert (claim.answer, claim.sent_to, claim.answered_by, claim.answer_note) == ("resent", officer.unit, clerk, "已与残联核实。")
    assert open_kinds(referral) == {"promise", "receive"}
    assert the_event("referral.resent", referral).new == officer.unit.short_name
    assert {notice.unit for notice in notices(referral, "referral.resent")} == {officer.unit, cast.member("reviewer").unit}


def test_only_the_window_sends_on_and_pushes():
    referral = start("resend")
    refuse_outsiders("resend", referral, "reviewer", "approver", "platform_approver")
    refuse_outsiders("push_for_ruling", referral, "reviewer", "approver", "platform_approver")


def test_the_window_says_why(clerk):
    referral = start("resend")
    for verb in ("resend", "push_for_ruling"):
        with pytest.raises(TransitionError, match="请写明"):
            perform(verb, referral, note_text=" ")


def test_pushed_it_is_the_platforms_turn(clerk, platform_approver):
    referral = start("push_for_ruling")
    perform("push_for_ruling", referral)
    row = fresh(referral)
    assert (row.status, row.unit) == ("ruling", platform_approver.unit)
    assert open_kinds(referral) == {"promise", "rule"}
    assert duties(referral, "rule")[0].limit == 3
    claim = Dispute.objects.get()
    assert (claim.pushed_by, claim.push_note, claim.answer) == (clerk, "双方意见不一。", "")
    [notice] = notices(referral, "referral.pushed_for_ruling")
    assert notice.unit == platform_approver.unit


# ── the platform ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_platform_rules(platform_approver, officer, clerk):
    referral = start("rule")
    ruling = perform("rule", referral)
    row = fresh(referral)
    assert (row.status, row.unit, row.stage.act) == ("dispatched", officer.unit, "decide")
    assert (ruling.number, ruling.named_unit, ruling.ruled_by) == ("忠民裁〔2026〕第001号", officer.unit, platform_approver)
    assert ruling.in_force_at is not None
    claim = Dispute.objects.get()
    assert (claim.answer, claim.sent_to, claim.answer_note) == ("ruled", officer.unit, "裁定忠民裁〔2026〕第001号")
    assert open_kinds(referral) == {"promise", "receive"}
    assert {notice.unit for notice in notices(referral, "referral.ruled")} == {officer.unit, clerk.unit, cast.member("reviewer").unit}


def test_only_its_approver_rules():
    refuse_outsiders("rule", start("rule"), "clerk", "approver", "platform")


def test_a_ruling_says_what_it_rests_on():
    referral = start("rule")
    for missing in ("assessment", "basis"):
        with pytest.raises(TransitionError, match="请写明"):
            perform("rule", referral, **{missing: ""})
    assert not Ruling.objects.exists()


def test_who_is_named_does_not_refuse_again(officer, reviewer):
    referral = start("rule")
    perform("rule", referral)
    perform("receive", referral, officer)
    with pytest.raises(TransitionError, match="已确定由本单位承办"):
        perform("dispute", referral, officer, proposed_unit=reviewer.unit)


def test_whether_a_ruling_is_final_is_a_figure(officer, reviewer):
    set_figure("ruling_is_final", False)
    referral = start("rule")
    perform("rule", referral)
    perform("receive", referral, officer)
    perform("dispute", referral, officer, proposed_unit=reviewer.unit)
    assert fresh(referral).status == "disputed"


def test_the_named_unit_takes_the_stage_of_its_kind(reviewer):
    """Named is who said no: its own stage again, and it goes on from there."""
    referral = start("rule")
    perform("rule", referral, named_unit=reviewer.unit)
    assert (fresh(referral).unit, fresh(referral).stage) == (reviewer.unit, referral.stage)


def test_who_is_named_decides(officer):
    """From the dispute to the decision."""
    referral = start("rule")
    perform("rule", referral)
    perform("take", referral, officer)
    assert fresh(referral).status == "handling"
    assert disputes.claims(referral)[0].ruled.named_unit == officer.unit


# ── 县民政局 is a party ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def put_to_the_convener(db):
    referral = start("rule")
    return referral, perform("rule", referral, named_unit=desk_of("MZ"))


def test_it_waits_for_the_convener(put_to_the_convener, convener):
    referral, ruling = put_to_the_convener
    assert (ruling.needs_countersign, ruling.in_force_at) == (True, None)
    row = fresh(referral)
    assert (row.status, row.unit) == ("ruling", convener.unit)
    assert open_kinds(referral) == {"promise", "countersign"}
    [notice] = notices(referral, "referral.ruled")
    assert (notice.unit, notice.url) == (convener.unit, ruling.get_absolute_url())


def test_the_convener_countersigns(put_to_the_convener, convener, civil_officer):
    referral, ruling = put_to_the_convener
    transitions.countersign(ruling_id=ruling.pk, by=convener)
    ruling.refresh_from_db()
    assert (ruling.countersigned_by, ruling.in_force_at is not None) == (convener, True)
    assert (fresh(referral).status, fresh(referral).unit) == ("dispatched", civil_officer.unit)
    assert the_event("referral.ruling_countersigned", referral).by == convener.staff


def test_nobody_else_countersigns(put_to_the_convener):
    _, ruling = put_to_the_convener
    for name in ("platform_approver", "clerk", "civil_officer"):
        with pytest.raises(PermissionDenied):
            transitions.countersign(ruling_id=ruling.pk, by=cast.member(name))
    for name in ("neighbour_clerk", "neighbour_officer", "assistant"):
        with pytest.raises(Http404):
            transitions.countersign(ruling_id=ruling.pk, by=cast.member(name))


def test_once(put_to_the_convener, convener):
    referral, ruling = put_to_the_convener
    with pytest.raises(AlreadyHandled, match="等待召集人会签"):
        perform("rule", referral)
    transitions.countersign(ruling_id=ruling.pk, by=convener)
    with pytest.raises(AlreadyHandled, match="已由.*会签"):
        transitions.countersign(ruling_id=ruling.pk, by=convener)


def test_the_applicant_withdraws_before_it_is_countersigned(put_to_the_convener, convener):
    referral, ruling = put_to_the_convener
    perform("withdraw", referral, cast.member("clerk"))
    with pytest.raises(AlreadyHandled, match="不再需要会签"):
        transitions.countersign(ruling_id=ruling.pk, by=convener)


# ── afterwards ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_ruling_in_force_never_changes():
    """SECURITY #13."""
    ruling = perform("rule", start("rule"))
    for change in (lambda: Ruling.objects.filter(pk=ruling.pk).update(basis="另一依据"), ruling.delete):
        with pytest.raises(DatabaseError, match="never changes"), transaction.atomic():
            change()


def test_it_is_offered_when_the_same_program_is_disputed_again():
    ruling = perform("rule", start("rule"))
    again, other = ReferralFactory(received=True), ReferralFactory(program="CL01", received=True)
    assert disputes.precedents(again) == [ruling]
    assert disputes.precedents(other) == []


def test_who_reads_it(put_to_the_convener):
    _, ruling = put_to_the_convener
    seen = {
        name for name in ("clerk", "approver", "officer", "civil_officer", "platform", "convener", "neighbour_clerk", "neighbour_officer",
                          "assistant", "supervision", "system_administrator")
        if Ruling.objects.visible_to(cast.member(name)).filter(pk=ruling.pk).exists()
    }  # fmt: skip
    assert seen == {"clerk", "approver", "officer", "civil_officer", "platform", "convener"}


def test_the_office_next_door_reads_of_a_sensitive_one_its_number_alone(put_to_the_convener, signed_in):
    """Whose it may be tells the program."""
    referral, ruling = put_to_the_convener
    type(referral.program).objects.filter(pk=referral.program_id).update(is_sensitive=True)
    parties, near = (ruling.dispute.unit, ruling.dispute.proposed_unit, ruling.named_unit), cast.member("clerk")
    offices = Unit.objects.filter(kind="township_office", region_id=near.unit.region_id).exclude(pk__in=[unit.pk for unit in parties])
    far, names = PostFactory(granted=True, unit=offices.first()), {unit.short_name for unit in parties}
    text = signed_in(far).get(reverse("referrals:ruling_list")).content.decode()
    assert ruling.number in text
    assert not [name for name in names if name in text]
    assert [signed_in(post).get(ruling.get_absolute_url()).status_code for post in (near, far)] == [200, 404]


@pytest.mark.parametrize("verb", ["resend", "push_for_ruling", "rule"])
def test_without_its_line_nothing_happens(monkeypatch, verb):
    refuse_without_its_line(monkeypatch, verb, start(verb))
