"""L5, L6, L7: what was refused, newly given, fading out; each against a count of its own, for each gate."""

from collections import Counter
from datetime import date
from decimal import Decimal

import pytest

from config.protection.masks import mask_name
from households.models import AssistanceRecord
from monitoring.other_ledgers import fading, newly_aided, refusals
from programs.models import Program
from referrals.names import forget
from tests import cast
from tests.households.factories import HouseholdFactory, assistance, head_of, tag
from tests.intake.factories import ApplicationFactory
from tests.referrals.changing import aid, decided, opened
from tests.referrals.factories import ReferralFactory

from .reading import sheets

pytestmark = pytest.mark.django_db
TODAY, AUGUST = date(2026, 9, 24), date(2026, 8, 15)


@pytest.fixture
def refused():
    return ReferralFactory(refused=True)


def test_what_was_refused_and_not_accepted_by_class(refused, clerk, neighbour_clerk, officer, platform):
    turned_away = ApplicationFactory(not_accepted=True)
    ReferralFactory(approved=True)
    decided(opened("stop"), until="decided", outcome="refused")  # the aid stands: nobody was refused any
    rows, counts = sheets(refusals.LEDGER, clerk)
    told = {row["编号"]: row for row in rows}
    assert set(told) == {refused.number, turned_away.number}
    applicant = refused.application.applicant
    row = told[refused.number]
    assert (row["类别"], row["情形"], row["理由"]) == ("不予批准", "收入超过标准", refused.refusal_reason)
    assert (row["申请人（对象）"], row["证件号码"], row["救助项目"]) == (applicant.name, str(applicant.id_number), "临时救助")
    assert row["救济途径或转送建议"] == refused.remedies
    row = told[turned_away.number]
    assert (row["类别"], row["情形"], row["理由"]) == ("不予受理", "不属于本辖区", "长期居住在外县")
    assert [tuple(line.values()) for line in counts] == [("不予受理", "不属于本辖区", 1), ("不予批准", "收入超过标准", 1), ("合计", "", 2)]
    assert [len(sheets(refusals.LEDGER, post)[0]) for post in (platform, neighbour_clerk, officer)] == [2, 0, 0]
    assert sheets(refusals.LEDGER, platform)[0][0]["申请人（对象）"] == mask_name(turned_away.applicant.name)
    assert sheets(refusals.LEDGER, clerk, month="2026-08")[0] == []


def test_a_sensitive_refusal_tells_those_who_worked_on_it_alone(refused, clerk, platform):
    Program.objects.filter(pk=refused.program_id).update(is_sensitive=True)
    forget()
    [row], counts = sheets(refusals.LEDGER, platform)
    assert {row[name] for name in ("情形", "理由", "作出单位", "救济途径或转送建议")} == {"—"}
    assert (row["救助项目"], list(counts[0].values())) == ("敏感项目", ["不予批准", "—", 1])
    [row], _ = sheets(refusals.LEDGER, clerk)
    assert (row["救助项目"], row["情形"]) == ("临时救助", "收入超过标准")
    other = ReferralFactory(program="CL01", refused=True)
    type(other).objects.filter(pk=other.pk).update(refusal_code="assets")  # before the other's class by its code
    rows, _ = sheets(refusals.LEDGER, platform)
    assert rows[0]["救助项目"] == "敏感项目", "above the others: among those of its class its place would tell it"


def test_the_newly_aided_by_item(clerk, neighbour_clerk, officer, platform):
    household = HouseholdFactory()
    head = head_of(household)
    assistance(household, "MZ01", since=TODAY)
    assistance(head, "MZ04", cadence="once", since=TODAY, until=TODAY)
    assistance(head, "MZ02", since=TODAY)
    assistance(head, "CL02", cadence="yearly", since=TODAY)
    assistance(head, "MZ07", since=AUGUST)
    assistance(head, "MZ09", since=TODAY)  # sensitive: to nobody here
    tag(HouseholdFactory(in_neighbour=True), "low_income", since=TODAY)
    rows, counts = sheets(newly_aided.LEDGER, clerk)
    assert Counter(row["分项"] for row in rows) == {"新纳入低保": 1, "临时救助": 1, "民政部门其他救助": 1, "转介其他部门救助": 1}
    assert {row["户编号"] for row in rows} == {household.number}
    assert counts[-1]["合计"] == 4
    assert Counter(row["分项"] for row in sheets(newly_aided.LEDGER, clerk, begin="2026-08")[0])["新增特困人员"] == 1
    [row] = sheets(newly_aided.LEDGER, neighbour_clerk)[0]
    assert (row["分项"], row["救助项目或身份"]) == ("新纳入低收入", "低收入人口（身份）")
    assert sheets(newly_aided.LEDGER, officer)[0] == []
    assert [line["乡镇（街道）"] for line in sheets(newly_aided.LEDGER, platform)[1]] == ["忠州街道", "白公街道", "合计"]


def test_nobody_is_new_for_another_amount(clerk):
    record = aid()
    decided(opened("adjust", record), until="decided", amount=Decimal(350))  # from October
    assert AssistanceRecord.objects.filter(since=date(2026, 10, 1)).exists()
    former = assistance(HouseholdFactory(), "MZ01", since=date(2026, 6, 1), until=date(2026, 8, 31))
    assistance(former.household, "MZ01", since=date(2026, 9, 1), amount=700)  # as the next list of the department has it
    back = assistance(HouseholdFactory(), "MZ01", since=date(2026, 6, 1), until=date(2026, 7, 31))
    assistance(back.household, "MZ01", since=date(2026, 9, 1))
    assert [row["户编号"] for row in sheets(newly_aided.LEDGER, clerk)[0]] == [back.household.number]


def test_what_fades_out_month_by_month(clerk, platform, officer, clock):
    record = aid()
    referral = decided(opened("fade", record), until="decided", amount=Decimal(300))
    assert sheets(fading.LEDGER, clerk) == [[], []]  # from October
    clock.forward(days=20)
    [row], months = sheets(fading.LEDGER, clerk)
    head = head_of(record.household)
    assert row == {
        "乡镇（街道）": "忠州街道", "村（社区）": "虚构一村", "户编号": record.household.number, "对象（户主或本人）": head.name,
        "证件号码": str(head.id_number), "救助项目": "最低生活保障", "渐退事由": row["渐退事由"], "渐退起始": date(2026, 10, 1),
        "渐退截止": date(2026, 12, 31), "月数": 3, "原金额（元）": Decimal(600), "渐退期金额（元）": Decimal(300), "状态": "渐退中",
        "转办单号": referral.number,
    }  # fmt: skip
    assert [(line["月份"], line["第几月"], line["金额（元）"]) for line in months] == [
        ("2026-10", 1, Decimal(300)), ("2026-11", 2, Decimal(300)), ("2026-12", 3, Decimal(300)),
    ]  # fmt: skip
    assert len(sheets(fading.LEDGER, platform)[0]) == 1
    assert sheets(fading.LEDGER, officer)[0] == []
    assert len(sheets(fading.LEDGER, cast.member("civil_officer"))[0]) in {0, 1}


def given(clerk):
    return [(line["月份"], line["第几月"], line["金额（元）"]) for line in sheets(fading.LEDGER, clerk)[1]]


def fading_aid(clock, **said):
    """Three months from October, at 300 unless said otherwise; it is October."""
    decided(opened("fade", aid(), **said), amount=said.get("amount", Decimal(300)))
    clock.forward(days=20)
    return AssistanceRecord.objects.order_by("since").last()


@pytest.mark.parametrize("amount", [Decimal(300), Decimal(600)])
def test_months_after_a_stop_are_not_given(clerk, clock, amount):
    record = fading_aid(clock, amount=amount)
    decided(opened("stop", record, from_month=date(2026, 11, 1)))
    assert given(clerk) == [("2026-10", 1, amount)]


def test_held_months_are_not_given_and_a_hold_lifted_before_it_began_takes_none(clerk, clock):
    record = fading_aid(clock)
    decided(opened("hold", record, from_month=date(2026, 11, 1)))
    assert given(clerk) == [("2026-10", 1, Decimal(300))]
    decided(opened("resume", record, from_month=date(2026, 12, 1)))
    assert given(clerk) == [("2026-10", 1, Decimal(300)), ("2026-12", 3, Decimal(300))]
    decided(opened("hold", record, from_month=date(2026, 12, 1)))
    decided(opened("resume", record, from_month=date(2026, 12, 1)))
    assert len(given(clerk)) == 2


def test_another_sum_within_the_months_is_told_from_its_month_on(clerk, clock):
    record = fading_aid(clock)
    decided(opened("adjust", record, from_month=date(2026, 12, 1)), amount=Decimal(200))
    assert given(clerk) == [("2026-10", 1, Decimal(300)), ("2026-11", 2, Decimal(300)), ("2026-12", 3, Decimal(200))]
