"""Pages of supervision: the list of late matters, forms that come back with what was typed, and that supervision reads nobody's name."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.urls import reverse

from config import clock as house_clock
from deadlines.models import Duty, Reminder
from monitoring import standing, transitions
from monitoring.dashboards import of_work
from monitoring.dashboards.questions import Question
from monitoring.models import SupervisionOrder, WrittenReminder
from organization.models import Post
from tests.deadlines.factories import open_duty
from tests.fragments import without_tokens
from tests.monitoring.factories import DEMAND, late_duty, order_in, reminder_of
from tests.referrals.factories import ReferralFactory

pytestmark = pytest.mark.django_db
LATE = "/late-matters/"


def text(client, address, **query):
    response = client.get(address, query)
    assert response.status_code == 200
    return response.content.decode()


@pytest.fixture
def cases(clock):
    """An ordinary and a sensitive item, both late at their unit."""
    referrals = [ReferralFactory(program="MZ04", received=True), ReferralFactory(program="MZ09", dispatched=True)]
    clock.forward(days=60)
    return referrals


def test_late_matters_of_the_county_in_a_pinned_number_of_statements(signed_in, platform, clerk, assert_queries):
    client = signed_in(platform)
    for _ in range(3):
        late_duty()
    order_in(duty=late_duty(clerk, topic_code="MZ04", region_code="500233001"))
    reminder_of(late_duty(clerk, days=40))
    open_duty(clerk)
    text(client, LATE)
    with assert_queries(8):
        shown = text(client, LATE)
    assert shown.count('name="duty"') == 5
    assert all(words in shown for words in ("督办单忠民督〔2026〕001号", "已书面提醒", "超期"))
    by_filter = {
        "unit": clerk.unit_id, "program": "MZ04", "township": "500233001", "days": 30, "promises": "on",
    }  # fmt: skip
    found = {name: text(client, LATE, **{name: value}).count('name="duty"') for name, value in by_filter.items()}
    assert found == {"unit": 2, "program": 1, "township": 1, "days": 1, "promises": 5}


def test_what_was_told_upwards_of_another_date_is_not_said_of_this_one(signed_in, platform):
    """A pause or a change of the calendar moves a date: of the one in force nobody has been told yet, as the workbench says."""
    duty = late_duty()
    for stage, due_at in (("to_head", duty.due_at), ("to_platform", duty.due_at - timedelta(days=3))):
        Reminder.objects.create(duty=duty, stage=stage, due_at=due_at, is_urgent=True, made_at=house_clock.now())
    shown = text(signed_in(platform), LATE)
    assert ("已报单位负责人" in shown, "已报县级平台" in shown) == (True, False)
    Reminder.objects.create(duty=duty, stage="to_platform", due_at=duty.due_at, is_urgent=True, made_at=house_clock.now())
    assert "已报县级平台" in text(signed_in(platform), LATE)


def test_a_red_lamp_leads_to_just_the_steps_it_counts(signed_in, platform, supervision, cases):
    """The unit's other late matters, as a doubt is one, are in the list and not in the figure. A sensitive one is of a line of its own, but
    for supervision, which is told nobody."""
    unit = cases[0].unit
    late_duty(Post.objects.filter(unit=unit).first())
    for post, keys in ((platform, {str(unit.pk), "~"}), (supervision, {str(unit.pk)})):
        client, rows = signed_in(post), of_work.lamps(Question(post, house_clock.today().replace(day=1))).rows
        assert {row.key for row in rows} == keys
        for row in rows:
            counted, [address] = row.values[list(of_work.LAMPS).index("red")], [url for url in row.urls if url]
            assert text(client, address).count('name="duty"') == counted == 3 - len(keys)
        assert text(client, LATE, unit=unit.pk).count('name="duty"') == 3


def test_the_fragment_equals_its_page(signed_in, platform):
    late_duty()
    order_in()
    client = signed_in(platform)
    for address in (LATE, "/orders/"):
        whole, part = client.get(address), client.get(address, headers={"HX-Request": "true"})
        assert without_tokens(part).strip() in without_tokens(whole)


def test_supervision_reads_case_program_unit_and_dates_and_nobody(signed_in, supervision, cases):
    ordinary, sensitive = cases
    keys = [str(pk) for pk in Duty.objects.open().filter(is_promise=False).values_list("pk", flat=True)]
    orders = transitions.issue_orders(duty_ids=keys, demand=DEMAND, by=supervision)
    transitions.make_bulletin(every="week", by=Post.objects.the_system())
    client = signed_in(supervision)
    addresses = [LATE, "/supervision/", "/orders/", "/bulletins/", reverse("monitoring:order_new") + f"?duty={keys[0]}"]
    addresses += [order.get_absolute_url() for order in orders]
    addresses += [reverse("documents:issued_print", args=[transitions_paper(order).pk]) for order in orders]
    read = {address: client.get(address).content.decode() for address in addresses}
    names = [resident.name for referral in cases for resident in (referral.application.applicant,)]
    leaks = [(address, word) for address, page in read.items() for word in (*names, "孤儿", '"/referrals/', '"/cases/') if word in page]
    assert not leaks
    assert ordinary.number in read[LATE]
    assert [address for address, page in read.items() if sensitive.number in page] == []
    assert "敏感项目" in read[LATE]
    assert "临时救助" in read[LATE]


def transitions_paper(order):
    from monitoring.papers import of

    return of(order)


def test_what_was_typed_comes_back(signed_in, platform_approver, department_approver):
    duty, client = late_duty(), signed_in(platform_approver)
    refused = client.post("/orders/new/", {"duty": str(duty.pk), "demand": "请联系13800135791核实", "days": 5, "act": "issue"})
    assert refused.status_code == 422
    assert "手机号码" in refused.content.decode()
    assert "请联系13800135791核实" in refused.content.decode()
    assert str(duty.pk) in refused.content.decode()
    reminder = reminder_of(duty, reason="given")
    refused = client.post(reverse("monitoring:reminder_answer", args=[reminder.pk]), {"note": "", "answer": "refused"})
    assert refused.status_code == 422
    assert "不予认定的原因" in refused.content.decode()
    order = order_in("issued")
    refused = signed_in(department_approver).post(reverse("monitoring:order_reply", args=[order.pk]), {"text": " ", "act": "send"})
    assert refused.status_code == 422


def test_a_draft_that_a_colleague_has_saved_meanwhile_is_not_written_over(signed_in, officer, department_approver):
    order, client = order_in("issued"), signed_in(department_approver)
    page, words = reverse("monitoring:order_reply", args=[order.pk]), {"text": "我写的办理情况。", "act": "send"}
    client.get(page)
    transitions.draft_reply(order_id=order.pk, text="同事先写的。", by=officer)
    late = client.post(page, words)
    assert late.status_code == 409
    for shown in (officer.label, "我写的办理情况。"):
        assert shown in late.content.decode()
    assert order.replies.get().text == "同事先写的。"
    seen = client.get(page).context["form"].initial["seen"]
    assert client.post(page, {**words, "seen": seen}).status_code == 302
    assert order.replies.get().text == "我写的办理情况。"


def test_an_order_and_a_reminder_from_ticked_rows(signed_in, platform_approver, platform):
    duties = [late_duty(), late_duty()]
    client = signed_in(platform_approver)
    query = "&".join(f"duty={duty.pk}" for duty in duties)
    page = text(client, f"/orders/new/?{query}")
    assert page.count('name="duty"') == 2
    body = {"duty": [str(duty.pk) for duty in duties], "demand": DEMAND, "days": 4, "act": "issue"}
    assert client.post("/orders/new/", body)["Location"] == "/orders/"
    assert set(SupervisionOrder.objects.values_list("status", "reply_days")) == {("issued", 4)}
    assert client.post("/written-reminders/new/", {**body, "duty": [str(duties[0].pk)]}).status_code == 302
    assert WrittenReminder.objects.get().working_days == 4
    late_duty()
    # A handler of the platform drafts, whatever button the request names.
    body["duty"] = [str(late_duty().pk)]
    assert signed_in(platform).post("/orders/new/", body).status_code == 302
    assert SupervisionOrder.objects.drafts().count() == 1
    gone = client.get(f"/orders/new/?duty={open_duty(platform).pk}")
    assert gone.status_code in {302, 409}


def test_lists_and_the_year_show_what_became_of_them(signed_in, platform, officer, supervision, clock, assert_queries):
    for state in ("draft", "issued", "replied", "accepted", "withdrawn"):
        order_in(state)
    reminder = reminder_of()
    reminder_of(reason="accepted")
    client = signed_in(platform)
    for tab, words in (("open", "待回复"), ("answer", "已办"), ("draft", "未编号"), ("closed", "已办"), ("withdrawn", "已撤销")):
        assert words in text(client, "/orders/", tab=tab) or tab == "open"
    clock.set(reminder.due_at)
    client = signed_in(platform)
    text(client, "/written-reminders/")
    with assert_queries(6):
        shown = text(client, "/written-reminders/", tab="counted")
    assert reminder.number in shown
    yearly = text(signed_in(supervision), "/written-reminders/years/2026/")
    assert "计入考核" in yearly
    assert "<strong>1</strong>" in yearly.replace(" ", "").replace("\n", "")
    home = text(signed_in(supervision), "/supervision/")
    assert "残联" in home or officer.unit.short_name in home


def test_days_and_keys_of_another_age_are_no_error(signed_in, platform):
    client = signed_in(platform)
    for name, query, status in (
        ("close_overview", {"month": "0001-01"}, 200),
        ("day_close_list", {"day": "0001-01-01"}, 200),
        ("day_close_list", {"day": "9999-12-31"}, 200),
        ("on_time", {"since": "0001-01-01", "until": "9999-12-31"}, 200),
        ("on_time_list", {"since": "0001-01-01", "until": "9999-12-31"}, 200),
        ("ledger_referrals", {"since": "0001-01-01", "until": "9999-12-31"}, 200),
        ("on_time_list", {"key": "\0"}, 404),
    ):
        assert client.get(reverse(f"monitoring:{name}"), query).status_code == status, (name, query)
    for year, status in ((2026, 200), (0, 404), (99999, 404)):
        assert client.get(reverse("monitoring:reminder_year", args=[year])).status_code == status


def test_a_bulletin_is_read_and_printed(signed_in, supervision):
    late_duty()
    bulletin = transitions.make_bulletin(every="week", by=Post.objects.the_system())
    client = signed_in(supervision)
    assert str(bulletin) in text(client, "/bulletins/")
    shown = text(client, bulletin.get_absolute_url())
    assert "全县合计" in shown
    printed = text(client, reverse("monitoring:bulletin_print", args=[bulletin.pk]))
    assert str(bulletin) in printed
    assert f"{settings.SYSTEM_NAME}自动生成" in printed


def test_the_overview_counts_what_its_list_shows(signed_in, platform, clock):
    order_in()
    clock.forward(days=30)
    now = house_clock.now()
    assert Duty.objects.overdue(now).count() == 2  # the matter, and the reply that is owed about it
    assert sum(unit.overdue for unit in standing.late_units(now)) == text(signed_in(platform), LATE).count('name="duty"') == 1


def test_supervision_lands_on_its_overview(signed_in, supervision):
    assert signed_in(supervision).get("/")["Location"] == "/supervision/"
