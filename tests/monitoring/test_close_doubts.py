"""疑点 closed one by one, each with an outcome that does something (ZX-26)."""

import uuid
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.urls import get_resolver, reverse

from audit.models import Event
from config import clock
from config.protection.sealing import open_sealed
from config.verbs import AlreadyHandled, TransitionError
from deadlines.models import Duty, Notice
from households.models import Membership
from households.transitions import MemberInput, declare_own_kin, open_household, revise_household
from intake.models import Application
from intake.transitions.picks import Pick
from monitoring.transitions import closing_doubts as closing
from spreadsheets.models import Batch
from tests.households.factories import ResidentFactory, head_of, id_number
from tests.monitoring.doubting import SEEN, aided, doubt_of, doubt_of_aid

pytestmark = pytest.mark.django_db
STOP = {"kind": "stop", "reason_code": "income", "reason": "就业后收入超过标准。", "from_month": date(2026, 10, 1)}


def closed(doubt):
    doubt.refresh_from_db()
    return doubt.status, doubt.outcome


def duties_of(doubt):
    return list(Duty.objects.about(doubt, "review_doubt").values_list("closed_at", flat=True))


# ── 实施救助 ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_aid_begins_an_application_with_the_program(clerk):
    doubt = doubt_of()
    head = head_of(doubt.household)
    _, taken = closing.aid(doubt_id=doubt.pk, applicant_id=head.pk, picks=[Pick("MZ04", "")], reason="上门核实，符合。", by=clerk)
    application = Application.objects.get()
    assert closed(doubt) == ("closed", "aided")
    assert (doubt.led_to_label, doubt.led_to_id) == ("intake.application", str(application.pk))
    assert application.channel == "discovered"
    assert [item.program_id for item in application.items.all()] == ["MZ04"]
    assert len(taken.added) == 1
    assert duties_of(doubt) != [None]
    event = Event.objects.about(doubt).get(verb="doubt.closed")
    assert event.household_id == str(doubt.household_id) or event.household_id == doubt.household_id
    assert "实施救助" in event.new


def test_the_page_says_of_an_application_that_was_begun_that_it_is_gone_on_with(signed_in, clerk):
    first = doubt_of()
    closing.aid(doubt_id=first.pk, applicant_id=head_of(first.household).pk, picks=[Pick("MZ04", "")], reason="符合。", by=clerk)
    url = reverse("monitoring:doubt_aid", args=[doubt_of("watched", subject=first.household).pk])
    assert "办结并填入本户申请" in signed_in(clerk).get(url).content.decode()
    page = signed_in(clerk).post(url, {"picks": ["MZ01:"], "reason": "上门核实，符合。"}, follow=True).content.decode()
    assert f"疑点已办结，本户已有申请{Application.objects.get().number}" in page


def test_a_draft_that_was_begun_is_gone_on_with(clerk):
    first = doubt_of()
    head = head_of(first.household)
    closing.aid(doubt_id=first.pk, applicant_id=head.pk, picks=[Pick("MZ04", "")], reason="符合。", by=clerk)
    second = doubt_of("watched", subject=first.household)
    closing.aid(doubt_id=second.pk, applicant_id=None, picks=[Pick("MZ01", "")], reason="符合。", by=clerk)
    assert {item.program_id for item in Application.objects.get().items.all()} == {"MZ01", "MZ04"}


def test_nothing_is_closed_where_nothing_can_be_asked_for(clerk):
    doubt = doubt_of()
    with pytest.raises(TransitionError, match="没有可以申请的项目"):
        closing.aid(doubt_id=doubt.pk, applicant_id=head_of(doubt.household).pk, picks=[Pick("RS01", "")], reason="符合。", by=clerk)


def test_somebody_without_a_household_does_not_apply(clerk):
    doubt = doubt_of("loose", subject=ResidentFactory(), evidence=SEEN)
    with pytest.raises(TransitionError, match="没有归户"):
        closing.aid(doubt_id=doubt.pk, applicant_id=doubt.resident_id, picks=[], reason="符合。", by=clerk)


# ── 取消资格 ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_stop_opens_a_stop_of_the_record(clerk):
    doubt, record = doubt_of_aid()
    _, referral = closing.stop(doubt_id=doubt.pk, record_id=record.pk, change=STOP, by=clerk)
    assert closed(doubt) == ("closed", "stopped")
    assert (referral.purpose, referral.record_id, referral.change.origin) == ("stop", record.pk, "doubt")
    assert doubt.led_to_id == str(referral.pk)
    second = doubt_of("many", subject=doubt.household, evidence=doubt.evidence)
    with pytest.raises(AlreadyHandled, match="不能重复提出"):
        closing.stop(doubt_id=second.pk, record_id=record.pk, change=STOP, by=clerk)
    assert closed(second)[0] == "open"


def test_only_what_the_doubt_is_about_is_stopped(clerk):
    doubt, _ = doubt_of_aid()
    _, other = aided()
    with pytest.raises(TransitionError, match="不在疑点的依据中"):
        closing.stop(doubt_id=doubt.pk, record_id=other.pk, change=STOP, by=clerk)


# ── 更正 ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_correct_rests_on_a_correction_that_was_made(clerk):
    doubt = doubt_of("identity", evidence=SEEN)
    with pytest.raises(TransitionError, match="还没有更正过"):
        closing.correct(doubt_id=doubt.pk, reason="已更正姓名。", by=clerk)
    home = doubt.household
    revise_household(household_id=home.pk, address="虚构组9号", setting=home.setting, region=home.region, seen_at=home.revised_at, by=clerk)
    closing.correct(doubt_id=doubt.pk, reason="已更正住址。", by=clerk)
    assert closed(doubt) == ("closed", "corrected")


def test_who_was_alone_has_a_household(clerk):
    person = ResidentFactory()
    doubt = doubt_of("loose", subject=person, evidence=SEEN)
    head = [MemberInput(Membership.Relation.HEAD, resident_id=person.pk, name=person.name)]
    open_household(region=person.region, setting="rural", address="虚构组2号", members=head, by=clerk)
    closing.correct(doubt_id=doubt.pk, reason="已立户。", by=clerk)
    assert closed(doubt) == ("closed", "corrected")


# ── 维持现状、数据有误 ───────────────────────────────────────────────────────────────────────────────────────────────
def test_kept_says_why(clerk):
    doubt = doubt_of()
    with pytest.raises(TransitionError, match="写明"):
        closing.dismiss(doubt_id=doubt.pk, outcome="kept", reason=" ", by=clerk)
    closing.dismiss(doubt_id=doubt.pk, outcome="kept", reason="上门核实，本人不愿申请。", by=clerk)
    assert closed(doubt) == ("closed", "kept")
    with pytest.raises(AlreadyHandled, match="甘晓窗"):
        closing.dismiss(doubt_id=doubt.pk, outcome="kept", reason="再次核实。", by=clerk)


def test_wrong_data_is_told_to_whose_it_is(clerk, officer):
    batch = Batch.objects.create(
        template="households.roll:CL01", title="残疾证名册", unit=officer.unit, as_of=clock.today(), file_name="a.xlsx", size=1,
        file_digest=uuid.uuid4(), handed_in_at=clock.now(), handed_in_by=officer, handed_in_by_staff=officer.staff,
    )  # fmt: skip
    seen = {"batch": str(batch.pk), "template": "households.roll:CL01", "as_of": "2026-09-05"}
    doubt = doubt_of("identity", evidence=[{**seen, "row": 12}, {**seen, "row": 7}, {**seen, "row": 12}, {"row": 3}])
    closing.dismiss(doubt_id=doubt.pk, outcome="wrong_data", reason="虚某的姓名是部门写错的。", by=clerk)
    notice = Notice.objects.get(unit=officer.unit, title__startswith="数据有误")
    assert notice.body.endswith("疑点后反馈，涉及第7、12行，请在下次报送前核对。"), "where to look"
    assert "虚某" not in notice.body, "what the township wrote may name people, and stays with it"
    about, record = doubt_of_aid("twice")
    closing.dismiss(doubt_id=about.pk, outcome="wrong_data", reason="其中一条是重复录入。", by=clerk)
    told = Notice.objects.get(subject_id=str(about.pk))
    assert (told.unit, told.url) == (record.unit, reverse("referrals:record_detail", args=[record.pk]))
    assert head_of(about.household).name not in told.title + told.body
    with pytest.raises(TransitionError, match="请选择"):
        closing.dismiss(doubt_id=doubt_of().pk, outcome="aided", reason="不行。", by=clerk)


# ── who, and never several at once ──────────────────────────────────────────────────────────────────────────────────
def test_its_township_closes_it_and_nobody_else(approver, neighbour_clerk, platform, officer, assistant):
    doubt = doubt_of()
    given = {"doubt_id": doubt.pk, "outcome": "kept", "reason": "已核实。"}
    for post in (neighbour_clerk, officer, assistant):
        with pytest.raises(Http404):
            closing.dismiss(**given, by=post)
    with pytest.raises(PermissionDenied):
        closing.dismiss(**given, by=platform)
    with pytest.raises(PermissionDenied):
        closing.aid(doubt_id=doubt.pk, applicant_id=head_of(doubt.household).pk, picks=[], reason="符合。", by=approver)
    closing.dismiss(**given, by=approver)
    assert closed(doubt)[0] == "closed"


def test_what_waits_in_the_pool_is_pulled_first(clerk):
    doubt = doubt_of(in_pool=True)
    with pytest.raises(AlreadyHandled, match="还没有领取"):
        closing.dismiss(doubt_id=doubt.pk, outcome="kept", reason="已核实。", by=clerk)


def test_kin_leaves_it_to_a_colleague(clerk, second_clerk):
    doubt = doubt_of()
    declare_own_kin(name="甘亲属", number=open_sealed(head_of(doubt.household), "id_number"), relation="70", by=clerk)
    with pytest.raises(TransitionError, match="回避"):
        closing.dismiss(doubt_id=doubt.pk, outcome="kept", reason="已核实。", by=clerk)
    closing.dismiss(doubt_id=doubt.pk, outcome="kept", reason="已核实。", by=second_clerk)
    number = id_number()
    alone = doubt_of("loose", subject=ResidentFactory(number=number), evidence=SEEN)
    declare_own_kin(name="甘亲属", number=number, relation="70", by=clerk)
    with pytest.raises(TransitionError, match="回避"):
        closing.dismiss(doubt_id=alone.pk, outcome="kept", reason="已核实。", by=clerk)


def test_no_address_closes_several():
    names = {pattern.name: str(pattern.pattern) for pattern in _patterns(get_resolver()) if str(pattern.name).startswith("doubt_")}
    assert names
    assert all("<uuid:pk>" in route for name, route in names.items() if name not in {"doubt_list", "doubt_run_list", "doubt_run_begin"})


def _patterns(resolver):
    for each in resolver.url_patterns:
        if hasattr(each, "url_patterns"):
            yield from _patterns(each)
        else:
            yield each


# ── the pages ───────────────────────────────────────────────────────────────────────────────────────────────────────
def test_the_list_by_state_and_kind(signed_in, clerk, neighbour_clerk, platform, assert_queries):
    doubt_of()
    doubt_of("watched", in_pool=True)
    client, url = signed_in(clerk), reverse("monitoring:doubt_list")
    client.get(url)
    with assert_queries(13):
        page = client.get(url).content.decode()
    assert "疑似遗漏" in page
    assert "符合“临时救助”的条件" in page
    waiting = client.get(url, {"tab": "pool"}).content.decode()
    assert "监测户未享受低保" in waiting
    assert "在突发严重困难户名单中" in waiting
    for _ in range(2):
        doubt_of("watched", in_pool=True, evidence=[{"lists": ["watch_household", "edge_of_poverty"]}])
    with assert_queries(13):
        client.get(url, {"tab": "pool"})
    assert "没有疑点" in client.get(url, {"kind": "twice"}).content.decode()
    assert "没有疑点" in signed_in(neighbour_clerk).get(url).content.decode()
    county = signed_in(platform).get(url).content.decode()
    assert "疑点比对" in county
    assert "忠州街道" in county


def test_a_doubt_says_what_was_found_and_what_may_be_done(signed_in, clerk, approver, platform, monkeypatch):
    doubt, record = doubt_of_aid("after_death", died_on="2026-08-01", by="cremation_date")
    page = signed_in(clerk).get(doubt.get_absolute_url()).content.decode()
    assert "火化信息：2026-08-01死亡" in page
    for words in ("实施救助", "更正信息", "维持现状或数据有误", "停止或调整", "打开家庭档案"):
        assert words in page
    told = signed_in(approver).get(doubt.get_absolute_url()).content.decode()
    assert "综合救助窗口经办起草" in told
    watched = signed_in(platform).get(doubt.get_absolute_url()).content.decode()
    assert "维持现状或数据有误" not in watched
    assert head_of(doubt.household).name not in watched
    stop = reverse("monitoring:doubt_stop", args=[doubt.pk, record.pk])
    asked = signed_in(clerk).get(stop).content.decode()
    assert 'value="adjust"' in asked
    assert signed_in(clerk).post(stop, {"kind": "stop"}).status_code == 422
    sent = {**STOP, "from_month": "2026-10", "reason_code": "death"}
    with monkeypatch.context() as race:
        race.setattr(closing, "open_change", lambda **_: (_ for _ in ()).throw(AlreadyHandled("同事刚刚提出“停止”。")))
        second = signed_in(clerk).post(stop, sent)
    assert (second.status_code, "同事刚刚提出" in second.content.decode()) == (422, True), "the doubt stands: another kind may be chosen"
    answer = signed_in(clerk).post(stop, sent, follow=True)
    assert "疑点已办结" in answer.content.decode()
    assert "转办单" in signed_in(clerk).get(doubt.get_absolute_url()).content.decode()
    for step in ("doubt_correct", "doubt_dismiss", "doubt_aid"):
        again = signed_in(clerk).get(reverse(f"monitoring:{step}", args=[doubt.pk]), follow=True)
        assert again.redirect_chain[-1][0] == doubt.get_absolute_url(), "a form come back to leads to the closed doubt"
        assert "疑点已办结，不用再办理" in again.content.decode()


def test_pulled_and_closed_by_their_pages(signed_in, clerk):
    doubt = doubt_of(in_pool=True)
    client = signed_in(clerk)
    assert "领取核查" in client.get(doubt.get_absolute_url()).content.decode()
    client.post(reverse("monitoring:doubt_pull", args=[doubt.pk]))
    dismiss = reverse("monitoring:doubt_dismiss", args=[doubt.pk])
    again = client.post(dismiss, {"outcome": "kept", "reason": ""})
    assert again.status_code == 422
    assert client.post(dismiss, {"outcome": "kept", "reason": "已核实。"}).status_code == 302
    assert "维持现状" in client.get(doubt.get_absolute_url()).content.decode()
    late = client.post(dismiss, {"outcome": "wrong_data", "reason": "数据有误。"})
    assert late.status_code == 409, "nothing of a form sent second is to be mended"
    for shown in ("这条疑点已由", "数据有误。", f'href="{doubt.get_absolute_url()}"'):
        assert shown in late.content.decode()
    correct = reverse("monitoring:doubt_correct", args=[doubt_of("identity", evidence=SEEN).pk])
    page = client.get(correct).content.decode()
    assert "还没有更正" in page
    assert "已更正，办结" not in page, "what would be refused is not offered"
    assert client.post(correct, {"reason": "已更正。"}).status_code == 422
