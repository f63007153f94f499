"""A household's page: for each post what it may see, in a fixed number of queries."""

import re
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.urls import reverse

from audit.models import Event
from audit.transitions import record
from config.protection.identity import SYNTHETIC_AREAS
from config.protection.sealing import seal
from households import links
from households.models import Household
from households.transitions import end_membership, let_in, note_relative
from programs.models import Program

from . import factories
from .factories import HouseholdFactory, ResidentFactory, person

pytestmark = pytest.mark.django_db
TODAY = date(2026, 9, 24)


@pytest.fixture
def household(clerk, officer):
    people = [person(name="赵户主", phone="13800000001"), person("10", name="钱配偶", sex="2"), person("20", name="孙之子")]
    household = HouseholdFactory(members=people, authorised=True, with_kin=True)
    head = factories.head_of(household)
    factories.fact(head, "disability_level", "2")
    factories.fact(household, "income_per_head", "400")
    factories.fact(head, "enrolled", True, source="学籍库", valid_until=TODAY + timedelta(days=30))
    factories.tag(household, "low_income")
    factories.tag(head, "orphan")
    factories.assistance(household)
    factories.assistance(head, "CL02", cadence="yearly")
    factories.assistance(head, "MZ04", cadence="once", since=TODAY - timedelta(days=9), until=TODAY - timedelta(days=9))
    note_relative(
        resident_id=head.pk, relative_id=ResidentFactory(name="户外义务人").pk, role="obligor", relation="20", since=TODAY, by=clerk
    )
    end_membership(membership_id=household.memberships.get(relation="20").pk, on=TODAY, reason="分户", by=clerk)
    let_in(household=household, unit=officer.unit, reason="referral", subject=household, by=clerk)
    return household


def page(household, post, signed_in):
    response = signed_in(post).get(household.get_absolute_url())
    assert response.status_code == 200
    return response.content.decode()


def test_the_window_sees_all_and_may_act(household, clerk, signed_in):
    text = page(household, clerk, signed_in)
    shown = """
        赵户主户 虚构一村 虚构组1号 138****0001 低收入人口 二级 400.00元 学籍库 2026-10-24
        最低生活保障 残疾学生生活救助 临时救助 户外义务人 孙之子 分户 已授权 待县级平台备案 县残联：转办
        登记家庭：3人 更正家庭资料 添加成员 登记已知事项 重新申报
    """
    for words in [household.number, *shown.split()]:
        assert words in text, words
    assert re.search(rf"({'|'.join(SYNTHETIC_AREAS)})\*{{8}}", text)
    for words in ("孤儿", "13800000001"):
        assert words not in text, words


def test_who_does_not_count_is_no_part_of_its_number(clerk, signed_in):
    household = HouseholdFactory(members=[person(), person("20"), person("20", lives_together=False, is_counted=False)])
    assert "2人" in page(household, clerk, signed_in)
    assert "不计入人口" in page(household, clerk, signed_in)


def test_the_reviewer_sees_it_without_the_pen(household, approver, signed_in):
    text = page(household, approver, signed_in)
    assert "二级" in text
    assert "办理记录" in text
    for words in ("更正家庭资料", "添加成员", "登记已知事项", "重新申报"):
        assert f"{words}</a>" not in text, words


def test_an_account_is_seen_masked_by_who_types_it_and_opened_by_approvers(clerk, approver, assistant, signed_in):
    """Of somebody without household as of a member."""
    household, loose = HouseholdFactory(alone=True), ResidentFactory()
    for resident in (factories.head_of(household), loose):
        seal(resident, bank_account="6217000000000000001")
        resident.bank_name = "虚构农商行"
        resident.save()
    for post, words, opens in ((clerk, True, False), (approver, True, True), (assistant, False, False)):
        client = signed_in(post)
        for row, resident in ((household, factories.head_of(household)), (loose, loose)):
            text = client.get(row.get_absolute_url()).content.decode()
            assert ("尾号0001" in text, "虚构农商行" in text) == (words, words)
            assert (reverse("households:number_reveal", args=[resident.pk, "bank_account"]) in text) == opens
            assert "6217000000000000001" not in text


def test_the_village_sees_neither_health_nor_consent_nor_numbers(household, assistant, signed_in):
    text = page(household, assistant, signed_in)
    assert "学籍库" in text
    for words in ("二级", "400.00", "孤儿", "已授权", "备案", "办理记录", "/reveal/", "更正"):
        assert words not in text, words


def test_a_department_sees_the_card_its_facts_and_its_programs(household, officer, signed_in):
    text = page(household, officer, signed_in)
    for words in ("赵户主", "钱配偶", "二级", "残疾学生生活救助", "低收入人口", "/reveal/"):
        assert words in text, words
    for words in (
        "虚构组1号",
        "400.00",
        "学籍库",
        "最低生活保障",
        "临时救助",
        "孤儿",
        "户外义务人",
        "分户",
        "已授权",
        "备案",
        "办理记录",
        "更正",
    ):
        assert words not in text, words


def test_the_platform_opens_what_is_sensitive_for_a_reason(household, platform, signed_in):
    text = page(household, platform, signed_in)
    assert "内容已隐去" in text
    assert "孤儿" in text  # vouched for by the platform itself
    for words in ("二级", "400.00"):
        assert words not in text, words


def test_other_townships_and_who_was_never_asked_find_nothing(household, neighbour_clerk, neighbour_officer, supervision, signed_in):
    for post, status in ((neighbour_clerk, 404), (neighbour_officer, 404), (supervision, 403)):
        assert signed_in(post).get(household.get_absolute_url()).status_code == status


def test_a_kin_match_is_said_where_the_household_says_no(clerk, second_clerk, signed_in):
    from households.transitions import declare_own_kin

    number = factories.id_number()
    household = HouseholdFactory(members=[person(number=number)], without_kin=True)
    assert "有工作人员申报" not in page(household, clerk, signed_in)
    declare_own_kin(name="某", relation="70", number=number, by=second_clerk)
    text = page(household, clerk, signed_in)
    assert "有工作人员申报与本户成员是近亲属" in text
    assert "安替岗" not in text


def test_what_is_filled_in_tap_by_tap_is_left_to_the_record(household, clerk, signed_in):
    for verb in ("paper.settled", "application.accepted"):
        record(verb, household, by=clerk, new="已看原件", household_id=household.pk, data={"paper": "户口簿"})
    text = page(household, clerk, signed_in)
    assert "受理申请（已看原件）" in text
    assert "登记材料" not in text


def test_rooms_above_bring_their_links(household, clerk, signed_in, monkeypatch):
    def provided(post, row):
        return [links.Link("发起救助申请", "/x/", is_action=True), links.Link("临时救助申请", "/y/", note="办理中")]

    monkeypatch.setattr(links, "_PROVIDERS", [provided])
    text = page(household, clerk, signed_in)
    assert '<a class="btn btn-primary btn-sm" href="/x/">发起救助申请</a>' in text
    assert "临时救助申请" in text


def test_the_cost_is_flat(clerk, signed_in, assert_queries):
    small, large = HouseholdFactory(alone=True), HouseholdFactory(members=[person(), *(person("20") for _ in range(9))])
    for member in large.memberships.all():
        factories.fact(member.resident, "enrolled", True)
        factories.tag(member.resident, "low_income")
    client = signed_in(clerk)
    client.get(small.get_absolute_url())
    for household in (small, large):
        with assert_queries(22):
            client.get(household.get_absolute_url())


@pytest.mark.parametrize("rows", [20, 2_000])
def test_the_cost_is_flat_however_many_neighbours_and_events(clerk, signed_in, assert_queries, rows):
    household = HouseholdFactory(alone=True)
    line = Event.objects.filter(household_id=household.pk).latest("pk")
    given = {field.attname: getattr(line, field.attname) for field in Event._meta.concrete_fields if field.name != "id"}
    Event.objects.bulk_create(Event(**given) for _ in range(rows))
    home = {field.attname: getattr(household, field.attname) for field in Household._meta.concrete_fields}
    Household.objects.bulk_create(Household(**{**home, "id": uuid4(), "number": f"ZH999{n:012d}"}) for n in range(rows))
    client = signed_in(clerk)
    client.get(household.get_absolute_url())
    with assert_queries(22):
        client.get(household.get_absolute_url())


def test_a_person_leads_to_the_household_or_stands_alone(household, clerk, signed_in):
    client = signed_in(clerk)
    assert client.get(factories.head_of(household).get_absolute_url()).url == household.get_absolute_url()
    loose = ResidentFactory(name="孤身客")
    factories.fact(loose, "disability_card", True, source="残疾人证库")
    text = client.get(loose.get_absolute_url()).content.decode()
    for words in ("没有归入您可以查看的家庭", "残疾人证库"):
        assert words in text, words
    assert reverse("households:resident_revise", args=[loose.pk]) in text


def test_a_unit_that_works_on_a_sensitive_program_alone_is_not_in_the_story(clerk, approver, officer, platform, signed_in):
    """Who else may look, and who did what: either would tell the office next door which program it is."""
    Program.objects.filter(pk="CL01").update(is_sensitive=True)
    household = HouseholdFactory()
    let_in(household=household, unit=officer.unit, reason="roll", subject=household, program=Program.objects.get(pk="CL01"), by=clerk)
    record("attachment.opened", household, by=officer, household_id=household.pk)
    assert list(Event.objects.filter(verb="access.opened").values_list("is_confidential", flat=True)) == [True]
    for post in (approver, platform):
        text = page(household, post, signed_in)
        assert "登记家庭" in text
        assert "县残联" not in text
    let_in(household=household, unit=officer.unit, reason="referral", subject=clerk.unit, program=Program.objects.get(pk="CL02"), by=clerk)
    text = page(household, approver, signed_in)
    assert ("县残联：转办" in text, "县残联：本单位名册" in text, officer.staff.name in text) == (True, False, True)
