"""The other doors: forms come back with 422 and what was typed, answers lead on; numbers are shown for a while."""

from datetime import date

import pytest
from django.urls import reverse

from audit.models import Event
from households.knowledge import kin_is_cleared
from households.models import Fact, KinDeclaration, StaffKin
from households.transitions import let_in

from . import factories
from .factories import HouseholdFactory, person

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def number():
    return factories.id_number()


@pytest.fixture
def household(number):
    return HouseholdFactory(members=[person(name="赵户主", number=number), person("10", name="钱配偶", sex="2")])


@pytest.fixture
def head(household):
    return factories.head_of(household)


def url(name, *args):
    return reverse(f"households:{name}", args=args)


def text(response, status=200):
    assert response.status_code == status
    return response.content.decode()


# ── numbers ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_one_click_shows_the_number_for_a_while(clerk, signed_in, head, number):
    client, reveal = signed_in(clerk), url("number_reveal", head.pk, "id_number")
    response = client.post(reveal, headers=HTMX)
    assert number in text(response)
    assert 'hx-trigger="load delay:300s"' in text(response)
    assert "no-store" in response["Cache-Control"]
    masked = text(client.get(reveal, headers=HTMX))
    assert number not in masked
    assert f"{number[:6]}********" in masked
    assert Event.objects.filter(verb="personal_data.revealed").count() == 1


def test_without_javascript_a_page_shows_it(clerk, signed_in, head, number):
    page = text(signed_in(clerk).post(url("number_reveal", head.pk, "id_number")))
    assert number in page
    assert "赵户主" in page
    assert "<main" in page


def test_who_looks_on_is_asked_the_reason_first(approver, signed_in, head, number):
    client, reveal = signed_in(approver), url("number_reveal", head.pk, "id_number")
    asked = text(client.post(reveal, headers=HTMX), 422)
    assert "请填写查看原因" in asked
    assert number not in asked
    assert "请填写。" in text(client.post(reveal, {"reason": " "}, headers=HTMX), 422)
    assert not Event.objects.filter(verb="personal_data.revealed").exists()
    assert number in text(client.post(reveal, {"reason": "核对举报"}, headers=HTMX))
    assert Event.objects.get(verb="personal_data.revealed").note == "核对举报"


def test_a_field_that_is_none_is_refused(clerk, signed_in, head):
    assert signed_in(clerk).post(url("number_reveal", head.pk, "name")).status_code == 403


def test_a_sensitive_fact_is_opened_where_it_stands(platform, signed_in, head):
    row = factories.fact(head, "disability_level", "2", detail="下肢二级")
    client = signed_in(platform)
    assert "请填写查看原因" in text(client.post(url("fact_open", row.pk), headers=HTMX), 422)
    assert "二级：下肢二级" in text(client.post(url("fact_open", row.pk), {"reason": "会商"}, headers=HTMX))


# ── corrections ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_address_is_corrected_and_a_stale_page_told(clerk, second_clerk, signed_in, household, clock):
    page, body = url("household_revise", household.pk), {"region": household.region_id, "setting": "rural", "address": "虚构组9号"}
    assert "虚构组1号" in text(signed_in(clerk).get(page))
    seen = {"seen_at": household.revised_at.isoformat()}
    clock.forward(minutes=5)
    assert signed_in(second_clerk).post(page, body | seen).url == household.get_absolute_url()
    told = text(signed_in(clerk).post(page, body | seen), 422)
    assert "安替岗（经办）已于2026-09-24 10:05更正过" in told
    assert "虚构组9号" in told
    assert "页面已过时" in text(signed_in(clerk).post(page, body | {"seen_at": "x"}), 422)


def test_a_person_is_corrected_and_masked_values_stay_where_nothing_is_typed(clerk, signed_in, head, number):
    page = url("resident_revise", head.pk)
    shown = text(signed_in(clerk).get(page))
    assert "不改请留空" in shown
    assert number not in shown
    body = {
        "name": "赵改名", "id_type": "resident", "number": "", "sex": "1", "birth_on": "1980-03-04", "phone": "13800000009",
        "registered_place": "", "bank_name": "", "bank_account": "", "died_on": "", "seen_at": head.changed_at.isoformat(),
    }  # fmt: skip
    assert "号码中的出生日期" in text(signed_in(clerk).post(page, body | {"birth_on": "1981-03-04"}), 422)
    assert "8至32位数字" in text(signed_in(clerk).post(page, body | {"bank_account": "6217八八"}), 422)
    assert signed_in(clerk).post(page, body | {"bank_account": "6217 8500 0001 2345"}).status_code == 302
    head.refresh_from_db()
    assert str(head.bank_account).endswith("2345")
    assert (head.name, str(head.phone), str(head.id_number)[:6]) == ("赵改名", "138****0009", number[:6])


def test_members_change_relation_and_leave(clerk, signed_in, household):
    wife = household.memberships.get(relation="10")
    client, seen = signed_in(clerk), {"seen_at": household.revised_at.isoformat()}
    page = url("member_revise", wife.pk)
    assert "原户主" in text(client.post(page, {"relation": "02", "lives_together": "on", "is_counted": "on", **seen}), 422)
    assert client.post(page, {"relation": "97", "lives_together": "on", "is_counted": "on", **seen}).url == household.get_absolute_url()
    leave = url("member_end", wife.pk)
    assert "不能晚于今天" in text(client.post(leave, {"on": "2026-09-25", "reason": "外嫁"}), 422)
    assert client.post(leave, {"on": "2026-09-24", "reason": "外嫁"}).url == household.get_absolute_url()
    assert "已于2026-09-24" in text(client.post(leave, {"on": "2026-09-24", "reason": "外嫁"}), 422)


def test_a_relative_is_noted_and_ended(clerk, signed_in, household, head):
    client = signed_in(clerk)
    body = {
        "role": "guardian", "relation": "50", "since": "2026-09-24", "name": "韩一", "id_type": "resident", "number": factories.id_number(),
        "sex": "", "birth_on": "", "phone": "",
    }  # fmt: skip
    assert "应为18位" in text(client.post(url("relative_note", head.pk), body | {"number": "12"}), 422)
    client.post(url("relative_note", head.pk), body)
    row = head.relatives.get()
    assert "韩一" in text(client.get(household.get_absolute_url()))
    client.post(url("relative_end", row.pk), {"on": "2026-09-24"})
    row.refresh_from_db()
    assert row.until == date(2026, 9, 24)


# ── knowledge and consent ───────────────────────────────────────────────────────────────────────────────────────────


def test_a_fact_is_noted_in_two_steps_by_its_type(clerk, signed_in, household, head):
    client, page = signed_in(clerk), url("fact_note", household.pk)
    assert "请登记到具体的人" in text(client.post(page, {"whose": "household", "kind": "enrolled"}), 422)
    first = {"whose": str(head.pk), "kind": "disability_level"}
    second = text(client.post(page, first))
    assert "赵户主：残疾等级" in second
    assert "四级" in second
    rest = {"value": "2", "how": "register", "source": "残疾人证库", "found_on": "2026-09-24", "valid_until": "", "detail": ""}
    assert "不能晚于今天" in text(client.post(page, first | rest | {"found_on": "2026-09-25"}), 422)
    assert client.post(page, first | rest).url == household.get_absolute_url()
    assert Fact.objects.get().value == "2"


def test_a_department_notes_what_it_holds(officer, clerk, signed_in, household, head):
    let_in(household=household, unit=officer.unit, reason="referral", subject=household, by=clerk)
    client, page = signed_in(officer), url("fact_note", household.pk)
    assert "近12个月家庭收入" not in text(client.get(page))
    assert text(client.post(page, {"whose": str(head.pk), "kind": "enrolled", "value": "yes"}), 422)
    body = {"whose": str(head.pk), "kind": "disability_card", "value": "no", "how": "register", "found_on": "2026-09-24"}
    assert client.post(page, body).url == household.get_absolute_url()
    assert Fact.objects.get().value is False


def test_signatures_are_registered_and_taken_back(clerk, signed_in, household, head):
    factories.form("authorisation")
    client = signed_in(clerk)
    body = {"resident": str(head.pk), "signed_on": "2026-09-24", "signer_note": ""}
    assert client.post(url("authorisation_add", household.pk), body).url == household.get_absolute_url()
    page = text(client.get(household.get_absolute_url()))
    assert "2026-09-24已授权" in page
    assert "未授权" in page
    client.post(url("authorisation_revoke", household.authorisations.get().pk))
    assert "已授权" not in text(client.get(household.get_absolute_url()))


def test_kin_is_declared_and_filed(clerk, platform, signed_in, household, head):
    factories.form("kin_declaration")
    page = url("kin_declare", household.pk)
    bare = {"has_kin": "yes", "declared_on": "2026-09-24"}
    assert text(signed_in(clerk).post(page, bare), 422).count("申报“有”的，请填写这一项") >= 3
    full = bare | {"resident": str(head.pk), "staff_name": "某干部", "staff_unit": "虚构一村", "relation": "70"}
    signed_in(clerk).post(page, full)
    row, client = KinDeclaration.objects.get(), signed_in(platform)
    assert "某干部" in text(client.get(url("kin_filing_list")))
    assert text(client.post(url("kin_file", row.pk), {"note": ""}), 422)
    client.post(url("kin_file", row.pk), {"note": "由他人经办"})
    assert "县里也记了一笔" in text(client.post(url("kin_file", row.pk), {"note": "县里也记了一笔"}), 409)
    assert kin_is_cleared(household) == ""
    assert "没有待备案的申报" in text(client.get(url("kin_filing_list")))


def test_staff_declare_their_own_kin_from_their_account(clerk, supervision, signed_in, number):
    client = signed_in(clerk)
    assert url("own_kin") in text(client.get(reverse("organization:account")))
    assert url("own_kin") not in text(signed_in(supervision).get(reverse("organization:account")))
    assert "应为18位" in text(client.post(url("own_kin_declare"), {"name": "甘姐", "relation": "70", "number": "12"}), 422)
    client.post(url("own_kin_declare"), {"name": "甘姐", "relation": "70", "number": number})
    page = text(client.get(url("own_kin")))
    assert "甘姐" in page
    assert number not in page
    client.post(url("own_kin_withdraw", StaffKin.objects.get().pk))
    assert "您还没有申报近亲属" in text(client.get(url("own_kin")))
