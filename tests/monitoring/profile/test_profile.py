"""精准画像: all about one household to whoever may read it, logged; nothing of others' programs, nothing sensitive."""

import io
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from docx import Document
from lxml import html

from audit.models import Event
from config import clock
from households.models import Membership
from households.transitions import end_tag, let_in, screen_household
from households.transitions.payments import close_list, make_list
from monitoring.models import ReviewLine, ReviewList
from monitoring.profile import care
from programs.models import Program
from referrals.names import forget
from tests import cast
from tests.households.factories import HouseholdFactory, assistance, fact, head_of, person, tag
from tests.monitoring.doubting import doubt_of
from tests.referrals.changing import decided, opened
from tests.referrals.factories import ReferralFactory

pytestmark = pytest.mark.django_db
TODAY = date(2026, 9, 24)


def shown(household, post, signed_in, page="profile"):
    answer = signed_in(post).get(reverse(f"profile:{page}", args=[household.pk]))
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.fixture
def household(clerk, officer):
    household = HouseholdFactory(members=[person(name="赵户主"), person("10", name="钱配偶", sex="2")], authorised=True)
    head = head_of(household)
    fact(household, "income_per_head", "400")
    fact(head, "enrolled", True, source="学籍库", valid_until=TODAY + timedelta(days=30))
    tag(household, "low_income", since=date(2025, 3, 1))
    ended = tag(head, "hardship_worker", since=date(2025, 1, 1))
    end_tag(tag_id=ended.pk, on=date(2025, 12, 31), reason="复核", by=cast.member("platform"))
    tag(head, "orphan")
    assistance(household, since=date(2025, 5, 1))
    assistance(head, "CL02", cadence="yearly", since=date(2026, 1, 1), amount=2000)
    assistance(head, "MZ04", cadence="once", since=date(2025, 7, 9), until=date(2025, 7, 9), amount=1500)
    assistance(head, "MZ09", since=date(2026, 2, 1), amount=1111)
    doubt_of("omitted", subject=household)
    let_in(household=household, unit=officer.unit, reason="referral", subject=household, by=clerk)
    return household


def test_the_township_reads_the_whole_story(household, clerk, signed_in):
    text = shown(household, clerk, signed_in)
    words = """
        赵户主户 钱配偶 低收入人口 最低生活保障 残疾学生生活救助 临时救助 一次性，1,500元 学籍库 疑似遗漏 困难程度 每格1个月
        认定低收入人口（全家） 困难职工（赵户主）终止 已享受 2025-07-09 县民政局 县残联 600元
    """
    for word in words.split():
        assert word in text, word
    assert "1,111" not in text
    assert "孤儿" not in text


def test_each_reads_what_its_gate_and_its_programs_allow(household, assistant, officer, platform, neighbour_clerk, supervision, signed_in):
    text = shown(household, officer, signed_in)
    for word in ("最低生活保障", "临时救助", "疑似遗漏", "孤儿", "虚构组1号", "孤儿基本生活费"):
        assert word not in text, word
    assert "残疾学生生活救助" in text
    text = shown(household, assistant, signed_in)
    assert "最低生活保障" in text
    for word in ("疑似遗漏", "400.00", "孤儿", "应享未享</span>"):
        assert word not in text, word
    assert "孤儿基本生活费" not in shown(household, platform, signed_in)
    for post, status in ((neighbour_clerk, 404), (supervision, 403)):
        assert signed_in(post).get(reverse("profile:profile", args=[household.pk])).status_code == status


@pytest.mark.parametrize(("page", "verb"), [("profile", "household.profile_read"), ("booklet", "household.booklet_read")])
def test_each_opening_is_a_line_of_the_record(household, page, verb, clerk, neighbour_clerk, signed_in):
    for _ in range(2):
        shown(household, clerk, signed_in, page)
    signed_in(neighbour_clerk).get(reverse(f"profile:{page}", args=[household.pk]))
    found = list(Event.objects.filter(verb=verb))
    assert [(event.household_id, event.post_id, event.subject_id) for event in found] == [(household.pk, clerk.pk, str(household.pk))] * 2
    assert "查看家庭精准画像" not in signed_in(clerk).get(household.get_absolute_url()).content.decode()


def test_without_its_line_there_is_no_page(household, clerk, signed_in, monkeypatch):
    monkeypatch.setattr("audit.reading.record", lambda *_, **__: 1 / 0)
    client = signed_in(clerk)
    client.raise_request_exception = False
    answer = client.get(reverse("profile:profile", args=[household.pk]))
    assert answer.status_code == 500
    assert "钱配偶" not in answer.content.decode()


def test_the_care_list_says_entitled_enjoyed_and_not_yet(household, clerk, signed_in):
    assert "还没有筛查过" in shown(household, clerk, signed_in)
    screen_household(household_id=household.pk, by=clerk)
    before = care_list(household, clerk)
    assert before[("最低生活保障", "全家")] == "已享受"
    assert set(before.values()) <= {word for word, _ in care.STATES.values()}
    # what begins after the screening is enjoyed without another one
    late = next(
        key for key, state in before.items() if state not in {"已享受", "办理中"} and key[1] == "全家" and key[0] != "孤儿基本生活费"
    )
    assistance(household, Program.objects.get(seed_name=late[0]).pk, since=TODAY)
    assert care_list(household, clerk)[late] == "已享受"
    assert "孤儿基本生活费" not in {name for name, _ in care_list(household, cast.member("approver"))}


def care_list(household, post):
    from monitoring.profile.page import profile_of

    return {(one.program, one.whom): one.state for one in profile_of(household, post).care.policies}


def test_the_chain_follows_a_referral_from_request_to_word(clerk, platform, signed_in):
    referral = ReferralFactory(confirmed=True)
    household = referral.case_household
    text = shown(household, clerk, signed_in)
    for word in ("申请", "受理申请", "转办", "决定", "批准 1,500元", "告知", referral.number, "经济状况核查", "因"):
        assert word in text, word
    Program.objects.filter(pk=referral.program_id).update(is_sensitive=True)
    forget()
    text = shown(household, platform, signed_in)
    assert "敏感项目" in text
    for word in ("临时救助", "1,500元", str(referral.pk)):
        assert word not in text, word
    assert "临时救助" in shown(household, clerk, signed_in)


def test_what_is_on_its_way_stands_open_and_a_need_without_aid_is_named(clerk, signed_in):
    referral = ReferralFactory(received=True)
    text = shown(referral.case_household, clerk, signed_in)
    for word in (referral.number, "已签收", "救助服务清单", "办理中"):
        assert word in text, word


def test_changes_and_an_ended_membership_are_told(clerk, signed_in):
    from households.transitions import end_membership

    household = HouseholdFactory()
    record = assistance(household, since=date(2026, 5, 1))
    decided(opened("adjust", record), until="decided", amount=Decimal(350))
    left = Membership.objects.filter(household=household).order_by("relation").last()
    end_membership(membership_id=left.pk, on=TODAY, reason="分户", by=clerk)
    text = shown(household, clerk, signed_in)
    assert "调整，600元 → 350元" in text
    assert f"{left.resident.name}离开家庭：分户" in text


def test_aid_that_goes_on_with_another_sum_neither_ends_nor_begins(clerk, signed_in):
    household = HouseholdFactory()
    assistance(household, since=date(2025, 1, 1), until=date(2025, 12, 31), amount=520)
    assistance(household, since=date(2026, 1, 1), until=date(2026, 6, 30))
    text = shown(household, clerk, signed_in)
    assert "最低生活保障（全家）：520元 → 600元" in text
    assert text.count("至此结束") == 1
    assert text.count("，开始") == 1


def test_aid_that_goes_on_is_said_to_go_on_since_its_beginning(clerk, signed_in):
    household = HouseholdFactory()
    assistance(household, since=date(2025, 1, 1), until=date(2025, 12, 31), amount=520)
    assistance(household, since=date(2026, 1, 1))
    text = shown(household, clerk, signed_in)
    assert "正在享受最低生活保障，自2025-01-01" in text
    assert "自2026-01-01" not in text


def test_it_costs_the_same_however_long_the_story(household, clerk, signed_in):
    client, url = signed_in(clerk), reverse("profile:profile", args=[household.pk])
    client.get(url)
    with CaptureQueriesContext(connection) as few:
        client.get(url)
    for number in range(1, 4):
        day = date(2024, number, 1)
        assistance(head_of(household), "MZ04", cadence="once", since=day, until=day)
        tag(household, "border", since=day, until=day)
    with CaptureQueriesContext(connection) as many:
        client.get(url)
    assert len(many) == len(few) <= 75


def test_the_booklet_stands_on_paper(household, clerk, signed_in):
    text = shown(household, clerk, signed_in, "booklet")
    for word in ("困难家庭救助一户一册", household.number, "四、曾享受和一次性的救助", "八、救助链", "忠州街道", "2026年9月24日"):
        assert word in text, word
    assert "疑似遗漏" not in text, "it may lie on the family's table"


def test_the_booklet_as_a_word_file_says_what_the_page_says(household, clerk, signed_in):
    client = signed_in(clerk)
    answer = client.get(reverse("profile:booklet_docx", args=[household.pk]))
    assert (answer.status_code, answer["Cache-Control"]) == (200, "private, no-store")
    book = Document(io.BytesIO(answer.content))
    tables = [[[cell.text for cell in row.cells] for row in table.rows] for table in book.tables]
    page = html.fromstring(client.get(reverse("profile:booklet", args=[household.pk])).content.decode())
    said = [" ".join(cell.text_content().split()) for cell in page.xpath("//div[@class='booklet']//*[self::td or self::th]")]
    assert len(said) > 40
    assert {text for table in tables for row in table for text in row} == set(said)
    heads = [each.text for each in book.paragraphs if each.style.name == "Heading 2"]
    assert heads == [each.text_content().strip() for each in page.xpath("//div[@class='booklet']/h2")]
    [section] = book.sections
    assert household.number in section.header.paragraphs[0].text
    assert clerk.label in section.footer.paragraphs[0].text
    assert Event.objects.filter(verb="household.booklet_read").count() == 2


def test_what_a_review_found_is_told(clerk, approver, signed_in):
    household = HouseholdFactory()
    record = assistance(household, since=date(2026, 5, 1))
    given = {
        "class_key": "x",
        "name": "低保",
        "program_id": "MZ01",
        "region_id": cast.HOME,
        "unit": approver.unit,
        "month": date(2026, 9, 1),
    }
    row = ReviewList.objects.create(
        kind="review", **given, months=1, due_on=TODAY, opened_at=clock.now(), opened_by=approver,
    )  # fmt: skip
    ReviewLine.objects.create(list=row, record=record, result="still", way="visit", checked_at=clock.now(), checked_by=approver)
    text = shown(household, clerk, signed_in)
    assert "动态复核" in text
    assert "最低生活保障：仍符合，上门" in text


def test_what_a_closed_list_pays_is_told_and_a_draft_is_not(clerk, signed_in):
    household = HouseholdFactory()
    assistance(household, since=date(2026, 5, 1))
    row = make_list(program_code="MZ01", month=date(2026, 9, 1), by=cast.member("civil_officer"))
    assert "发放名册" not in shown(household, clerk, signed_in)
    close_list(list_id=row.pk, by=cast.member("civil_approver"))
    assert "2026年9月发放名册，600元，待发放" in shown(household, clerk, signed_in)
