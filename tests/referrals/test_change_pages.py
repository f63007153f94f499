"""The pages of records, changes and reports: what a post may do, what comes back with 422, and where it leads."""

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from households.models import AssistanceRecord
from organization.models import Post
from referrals import transitions
from referrals.models import ChangeReport, Referral
from tests import cast
from tests.households import factories as households
from tests.households.payments.conftest import closed
from tests.referrals.changing import aid, decided, opened
from tests.referrals.factories import ReferralFactory

pytestmark = pytest.mark.django_db
STOP = {"kind": "stop", "reason_code": "income", "reason": "人均收入高于标准。", "from_month": "2026-10", "origin": "office"}


def at(name, row):
    return reverse(f"referrals:{name}", args=[row.pk])


def test_a_change_is_opened_from_the_household_page(signed_in, clerk, assistant):
    record = aid()
    client = signed_in(clerk)
    page = client.get(record.household.get_absolute_url()).content.decode()
    assert at("record_detail", record) in page
    assert at("report_open", record.household) in page
    page = client.get(at("record_detail", record)).content.decode()
    assert at("record_change", record) in page
    answer = client.post(at("record_change", record), STOP | {"reason": ""})
    assert (answer.status_code, 'value="2026-10"' in answer.content.decode()) == (422, True)
    answer = client.post(at("record_change", record), STOP | {"from_month": "2026-05"})
    assert "停止最早从下个月起算" in answer.content.decode()
    answer = client.post(at("record_change", record), STOP, follow=True)
    referral = Referral.objects.get()
    assert answer.redirect_chain == [(referral.get_absolute_url(), 302)]
    assert "已提出“停止”" in answer.content.decode()
    page = client.get(at("record_detail", record)).content.decode()
    assert f"转办单 {referral.number}" in page
    village = signed_in(assistant).get(record.household.get_absolute_url()).content.decode()
    assert at("record_detail", record) not in village


def test_the_decision_page_asks_for_what_the_kind_needs(signed_in, civil_approver):
    stop, adjust = decided(opened("stop"), until="proposed"), decided(opened("adjust"), until="proposed")
    client = signed_in(civil_approver)
    page = client.get(at("referral_decide", stop)).content.decode()
    assert "id_amount" not in page
    page = client.get(at("referral_decide", adjust)).content.decode()
    assert "调整后的金额（元）" in page
    answer = client.post(at("referral_decide", stop), {"outcome": "refused"})
    assert "请写明不作变更的理由" in answer.content.decode()
    answer = client.post(at("referral_decide", stop), {"outcome": "approved", "start_on": "2026-11"})
    page = answer.content.decode()
    assert "自2026年11月起停止" in page
    assert "提出的是自2026年10月起停止" in page  # asked about, since it differs
    answer = client.post(at("referral_decide", stop), {"outcome": "approved", "start_on": "2026-11", "confirm": "1"}, follow=True)
    assert "自2026年11月起停止" in answer.content.decode()


def test_the_inbox_tells_a_stop_from_a_grant(signed_in, reviewer):
    referral = opened("stop")
    name = households.head_of(referral.case_household).name
    page = signed_in(reviewer).get(reverse("referrals:referral_list")).content.decode()
    assert name in page
    assert '<span class="tag tag-amber">停止</span>' in page


def test_a_report_is_told_answered_and_read(signed_in, assistant: Post, clerk):
    household = households.HouseholdFactory()
    person = households.head_of(household)
    client = signed_in(assistant)
    answer = client.post(at("report_open", household), {"kind": "death", "resident": "", "happened_on": "2026-09-20", "text": "去世"})
    assert (answer.status_code, "须选择是哪位家庭成员" in answer.content.decode()) == (422, True)
    said = {"kind": "death", "resident": person.pk, "happened_on": "2026-09-20", "text": "昨晚在家去世"}
    client.post(at("report_open", household), said)
    report = ChangeReport.objects.get()
    window = signed_in(clerk)
    assert at("report_detail", report) in window.get(reverse("referrals:report_list")).content.decode()
    answer = window.post(at("report_confirm", report), {"happened_on": "2026-09-21", "answer": "已看证明"}, follow=True)
    assert "免除基本丧葬服务费" in answer.content.decode()
    assert type(person).objects.get(pk=person.pk).died_on == date(2026, 9, 21)
    page = client.get(at("report_detail", report)).content.decode()
    assert "已看证明" in page
    assert "免除基本丧葬服务费" not in page


def test_a_death_is_shown_on_what_still_runs(signed_in, approver):
    referral = ReferralFactory(received=True)
    household, person = referral.case_household, referral.applicant
    report = transitions.report_change(
        household_id=household.pk, kind="death", resident=person, happened_on=date(2026, 9, 20), text="去世", by=cast.member("clerk")
    )
    transitions.confirm_report(report_id=report.pk, answer="属实", by=cast.member("clerk"))
    client = signed_in(approver)
    assert "这是为家庭申请的：家庭仍需要的继续办理" in client.get(referral.get_absolute_url()).content.decode()
    assert "申请人于2026-09-20死亡。" in client.get(at("referral_terminate", referral)).content.decode()


def test_a_review_is_registered(signed_in, reviewer):
    record = aid()
    client = signed_in(reviewer)
    answer = client.post(at("record_review", record), {"note": ""})
    assert answer.status_code == 422
    answer = client.post(at("record_review", record), {"note": "入户核实，没有变化。"}, follow=True)
    page = answer.content.decode()
    assert "已登记复核" in page
    assert "定期复核" in page


def test_who_recovers_reads_what_lists_have_corrected(signed_in, clerk, civil_approver, clock):
    """The lists kept it back by themselves: the same money is not claimed again, while another sum may be."""
    record = aid()
    closed(date(2026, 8, 1))
    AssistanceRecord.objects.filter(pk=record.pk).update(amount=Decimal(500))
    client = signed_in(clerk)
    assert "已自动更正" not in client.get(at("record_change", record)).content.decode()
    closed(date(2026, 9, 1))
    told = "发放名册已自动更正2026年8月多发的100.00元，不再有待扣回的。同一笔多发的不要再追回"
    assert told in client.get(at("record_change", record)).content.decode()
    stop, recovery = opened("stop", record), opened("recover", record, amount=Decimal(80))
    assert told not in client.get(stop.get_absolute_url()).content.decode()
    assert told in client.get(recovery.get_absolute_url()).content.decode()
    decided(recovery, until="proposed")
    answer = signed_in(civil_approver).post(at("referral_decide", recovery), {"outcome": "approved", "amount": "80", "start_on": "2026-10"})
    assert told in answer.content.decode()
    transitions.decide(referral_id=recovery.pk, outcome="approved", amount=Decimal(80), by=civil_approver)
    assert told not in client.get(recovery.get_absolute_url()).content.decode()
    clock.forward(days=15)
    assert closed(date(2026, 10, 1)).lines.get().deduction == 80


def test_who_recovers_reads_that_a_debt_still_stands(signed_in, clerk):
    record = aid()
    closed(date(2026, 8, 1))
    AssistanceRecord.objects.filter(pk=record.pk).update(amount=Decimal(50))
    closed(date(2026, 9, 1))
    page = signed_in(clerk).get(at("record_change", record)).content.decode()
    assert "更正2026年8月多发的550.00元，还有500.00元没有扣回。现在作出的追回与它按较大的一个扣" in page
