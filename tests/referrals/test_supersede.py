"""Ruled again: the later ruling takes the place of one in force, with its reason; the former stays to be read (ZX-34, K-05)."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404
from django.urls import reverse

from audit.models import Event
from config.verbs import AlreadyHandled, TransitionError
from deadlines.models import Duty
from documents.models import IssuedDocument
from referrals import disputes, transitions
from referrals.models import Referral, Ruling
from tests import cast
from tests.referrals.acting import fresh, notices, open_kinds, perform, start, the_event
from tests.referrals.factories import ReferralFactory, desk_of

pytestmark = pytest.mark.django_db
SAID = {"assessment": "补充事实后重新评估。", "basis": "县编委2026年补充规定", "reason": "原裁定所依文件已经修改。"}


def ruled(**said: Any) -> tuple[Referral, Ruling]:
    """By the platform, for 残联."""
    referral = start("rule")
    ruling = perform("rule", referral, **said)
    return fresh(referral), ruling


def again(ruling: Ruling, unit: str = "JW", by: str = "platform_approver", **said: Any) -> Ruling:
    return transitions.supersede(ruling_id=ruling.pk, named_unit=desk_of(unit), by=cast.member(by), **{**SAID, **said})


def reread(ruling: Ruling) -> Ruling:
    return Ruling.objects.with_page_data().get(pk=ruling.pk)


def papers_of(ruling: Ruling) -> list[IssuedDocument]:
    return list(IssuedDocument.objects.filter(subject_id=str(ruling.pk)))


def test_it_works(officer, neighbour_officer, clerk):
    referral, former = ruled()
    later = again(former)
    row = fresh(referral)
    assert (row.status, row.unit, row.handler, row.stage.act) == ("dispatched", neighbour_officer.unit, None, "decide")
    assert (later.supersedes, later.supersede_reason, later.dispute, later.number[-5:]) == (
        former,
        SAID["reason"],
        former.dispute,
        "第002号",
    )
    assert (reread(former).is_superseded, reread(former).assessment) == (True, "双方意见和事实已核实。")
    event = the_event("referral.ruled_again", referral)
    assert (event.old, event.new, event.note) == (officer.unit.short_name, neighbour_officer.unit.short_name, SAID["reason"])
    assert event.data == {"ruling": later.number, "former": former.number}
    # what follows: the former unit's clock is gone, the promise runs on, everybody concerned is told
    assert open_kinds(referral) == {"promise", "receive"}
    assert [duty.unit for duty in Duty.objects.open().about(row, "receive")] == [neighbour_officer.unit]
    told = {notice.unit for notice in notices(referral, "referral.ruled_again")}
    assert told == {officer.unit, neighbour_officer.unit, clerk.unit, cast.member("reviewer").unit}
    assert [stay.result for stay in row.walked.order_by("arrived_at", "pk")][-2:] == ["reruled", ""]


def test_the_later_is_the_precedent_and_binds():
    referral, former = ruled()
    later = again(former)
    other = ReferralFactory(received=True)
    assert disputes.precedents(other) == [later]
    officer = cast.member("neighbour_officer")
    perform("receive", referral, officer)
    with pytest.raises(TransitionError, match=f"裁定{later.number}已确定由本单位承办"):
        perform("dispute", referral, officer, proposed_unit=desk_of("CL"))


def test_from_the_hands_of_whoever_works_on_it(officer):
    referral, former = ruled()
    perform("take", referral, officer)
    again(former, by="platform_approver")
    assert (fresh(referral).status, open_kinds(referral)) == ("dispatched", {"promise", "receive"})


def test_a_decision_stands_and_the_precedent_alone_changes(officer, department_approver):
    referral = ReferralFactory(program="CL03", dispatched=True)
    perform("receive", referral, officer)
    perform("dispute", referral, officer, proposed_unit=desk_of("JW"))
    perform("push_for_ruling", referral)
    former = perform("rule", referral, named_unit=officer.unit)
    for verb, by in (("take", officer), ("propose", officer), ("decide", department_approver)):
        perform(verb, fresh(referral), by)
    later = again(former)
    assert (fresh(referral).status, fresh(referral).unit) == ("decided", officer.unit)
    assert disputes.precedents(ReferralFactory(program="CL03", dispatched=True)) == [later]


def test_the_paper_of_the_former_says_that_it_is_replaced(platform_approver, signed_in):
    _, former = ruled()
    later = again(former)
    [old], [new] = papers_of(former), papers_of(later)
    assert (old.void_reason, new.void_reason) == (f"已由{later.number}替代", "")
    assert (new.kind, new.number, new.data["former"], new.data["named_unit"]) == ("ruling", later.number, former.number, desk_of("JW").name)
    client = signed_in(platform_approver)
    page = client.get(reverse("documents:issued_print", args=[old.pk])).content.decode()
    assert f"作废：已由{later.number}替代" in page
    assert client.get(reverse("documents:issued_docx", args=[new.pk])).status_code == 200
    assert former.dispute.referral.application.applicant.name not in str(new.data)
    assert signed_in(cast.member("neighbour_clerk")).get(reverse("documents:issued_print", args=[new.pk])).status_code == 404


def test_a_sensitive_program_is_not_named_on_paper(platform_approver):
    referral = ReferralFactory(program="MZ09", ruling=True)
    ruling = perform("rule", referral)
    [paper] = papers_of(ruling)
    assert paper.data["program"] == "敏感项目"


def test_where_the_bureau_is_a_party_it_waits_for_the_convener(convener, officer, civil_officer):
    referral, former = ruled()
    later = again(former, "MZ")
    assert (later.needs_countersign, later.in_force_at, fresh(referral).unit) == (True, None, officer.unit)
    assert disputes.claims(fresh(referral))[0].ruled == former, "the former holds meanwhile"
    duty = Duty.objects.open().about(later).get()
    assert (duty.kind, duty.unit) == ("countersign", convener.unit)
    assert not papers_of(later)
    assert Ruling.objects.visible_to(convener).filter(pk=former.pk).exists(), "who signs reads what is replaced"
    transitions.countersign(ruling_id=later.pk, by=convener)
    assert (fresh(referral).unit, reread(former).is_superseded) == (civil_officer.unit, True)
    assert not Duty.objects.open().about(later).exists()
    [paper] = papers_of(later)
    assert convener.staff.name in paper.data["countersigned"]


def test_only_the_platforms_approver():
    _, former = ruled()
    for name in ("clerk", "approver", "officer", "platform"):
        with pytest.raises(PermissionDenied):
            again(former, by=name)
    for name in ("neighbour_clerk", "neighbour_officer", "assistant", "supervision", "convener"):
        with pytest.raises(Http404):
            again(former, by=name)


def test_what_it_asks_for():
    referral, former = ruled()
    for missing, words in (("assessment", "综合评估"), ("basis", "裁定的依据"), ("reason", "重新裁定的理由")):
        with pytest.raises(TransitionError, match=words):
            again(former, **{missing: " "})
    with pytest.raises(TransitionError, match="请选择另一个单位"):
        again(former, "CL")
    with pytest.raises(TransitionError, match="不能承办"):
        transitions.supersede(
            ruling_id=former.pk, named_unit=cast.member("platform").unit, by=cast.member("platform_approver"), **SAID
        )  # fmt: skip
    assert Ruling.objects.count() == 1
    perform("take", referral, cast.member("officer"))
    perform("return_for_supplement", referral, cast.member("officer"))
    with pytest.raises(TransitionError, match="等待补正"):
        again(former)


def test_every_state_of_a_ruling_and_every_verb(convener):
    """waits for the convener, in force, ruled again and waiting, replaced: what may be done to it, and what is said otherwise."""
    referral = start("rule")
    waiting = perform("rule", referral, named_unit=desk_of("MZ"))
    refuse(TransitionError, "还没有生效", lambda: again(waiting))
    in_force = transitions.countersign(ruling_id=waiting.pk, by=convener)
    refuse(AlreadyHandled, "已由.*会签", lambda: transitions.countersign(ruling_id=in_force.pk, by=convener))
    later = again(in_force)  # 县民政局 was named before: the convener signs this one too
    refuse(AlreadyHandled, f"重新裁定（{later.number}）", lambda: again(in_force))
    refuse(TransitionError, "还没有生效", lambda: again(later, "CL"))
    transitions.countersign(ruling_id=later.pk, by=convener)
    refuse(AlreadyHandled, f"重新裁定（{later.number}）", lambda: again(in_force))
    refuse(AlreadyHandled, "已由.*会签", lambda: transitions.countersign(ruling_id=later.pk, by=convener))
    last = again(later, "CL")  # the later is ruled upon again as any other
    assert [last.supersedes, disputes.precedents(ReferralFactory(received=True))] == [later, [last]]


def refuse(error: type[Exception], words: str, act: Any) -> None:
    before = Event.objects.count()
    with pytest.raises(error, match=words), transaction.atomic():
        act()
    assert Event.objects.count() == before


def test_without_its_line_nothing_happens(monkeypatch):
    _, former = ruled()

    def closed(*_args: object, **_kwargs: object) -> None:
        raise RuntimeError("the record is closed")

    monkeypatch.setattr("referrals.transitions.walking.record", closed)
    with pytest.raises(RuntimeError, match="the record is closed"), transaction.atomic():
        again(former)
    assert (Ruling.objects.count(), reread(former).is_superseded, papers_of(former)[0].is_voided) == (1, False, False)


def test_by_its_page(platform_approver, signed_in):
    _, former = ruled()
    client, url = signed_in(platform_approver), reverse("referrals:ruling_supersede", args=[former.pk])
    assert "重新裁定" in client.get(former.get_absolute_url()).content.decode()
    page = client.get(url).content.decode()
    assert former.assessment in page, "the former words to begin with"
    lacking = client.post(url, {"named_unit": desk_of("JW").pk, **SAID, "reason": ""})
    assert lacking.status_code == 422
    assert SAID["assessment"] in lacking.content.decode()
    done = client.post(url, {"named_unit": desk_of("JW").pk, **SAID}, follow=True)
    [message] = done.context["messages"]
    assert "已重新裁定" in str(message)
    assert former.number in done.content.decode()
    late = client.post(url, {"named_unit": desk_of("JW").pk, **SAID, "reason": "我也写了理由"})
    assert late.status_code == 409
    for shown in (platform_approver.label, "重新裁定（", "我也写了理由"):
        assert shown in late.content.decode()
    listed = client.get(reverse("referrals:ruling_list")).content.decode()
    assert "已被替代" in listed
    assert "重新裁定</a>" not in client.get(former.get_absolute_url()).content.decode()
