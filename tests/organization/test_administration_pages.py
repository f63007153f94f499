"""Administration in the browser: the three administrators apart, every refusal a sentence, nothing typed lost."""

from datetime import date

import pytest

from organization.models import Post, Staff
from tests.cast import unit_of

pytestmark = pytest.mark.django_db
NEW = {"username": "lin.hai", "name": "林海", "employment_type": "purchased", "phone": "", "password": "Spring-2026-rain"}


def test_from_a_new_account_to_a_granted_post(client, system_administrator, security_administrator, signed_in):
    keeper, granter = signed_in(system_administrator), signed_in(security_administrator)
    assert keeper.post("/organization/staff/create/", NEW).status_code == 302
    staff = Staff.objects.get(username="lin.hai")
    data = {
        "unit": unit_of("township_window", "500233003").pk, "rank": "handler", "title": "", "flags": ["is_dedicated"],
        "valid_from": "2026-09-24", "valid_until": "2027-09-23",
    }  # fmt: skip
    assert keeper.post(f"/organization/staff/{staff.pk}/propose-post/", data).status_code == 302
    post = Post.objects.get(staff=staff)
    assert staff.name in granter.get("/organization/grants/").content.decode()
    assert granter.post(f"/organization/posts/{post.pk}/grant/").status_code == 302
    assert Post.objects.effective(date(2026, 9, 24)).filter(pk=post.pk, is_dedicated=True).exists()


def test_a_second_click_on_grant_is_told(security_administrator, system_administrator, nobody, signed_in):
    keeper, granter = signed_in(system_administrator), signed_in(security_administrator)
    data = {"unit": unit_of("township_window", "500233003").pk, "rank": "handler", "valid_from": "2026-09-24", "valid_until": "2027-09-23"}
    keeper.post(f"/organization/staff/{nobody.pk}/propose-post/", data)
    post = Post.objects.get(staff=nobody)
    granter.post(f"/organization/posts/{post.pk}/grant/")
    back = {"referer": "http://testserver/organization/grants/"}
    page = granter.post(f"/organization/posts/{post.pk}/grant/", follow=True, headers=back)
    assert page.redirect_chain == [("/organization/grants/", 302)]
    assert "这个岗位已由 安全员 处理（已授权）" in page.content.decode()
    fragment = granter.post(f"/organization/posts/{post.pk}/grant/", headers={"HX-Request": "true"})
    assert fragment.status_code == 409
    strayed = granter.post(f"/organization/posts/{post.pk}/grant/", headers={"referer": "https://elsewhere.example/"})
    assert strayed.status_code == 409
    assert "安全员" in strayed.content.decode()


def test_incompatible_posts_are_refused_beside_what_was_typed(system_administrator, audit_administrator, signed_in):
    data = {
        "unit": unit_of("department", "CL").pk, "rank": "approver", "title": "副理事长",
        "valid_from": "2026-09-24", "valid_until": "2027-09-23",
    }  # fmt: skip
    page = signed_in(system_administrator).post(f"/organization/staff/{audit_administrator.staff_id}/propose-post/", data)
    assert page.status_code == 422
    assert "不相容的岗位" in page.content.decode()
    assert "副理事长" in page.content.decode()


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("username", "Lin Hai", "小写字母开头"),
        ("username", "clerk", "已有人使用"),
        ("password", "short", "至少 8 位"),
        ("name", "", "请填写。"),
        ("employment_type", "borrowed", "没有这个选项"),
    ],
)
def test_bad_input_keeps_what_was_typed(system_administrator, signed_in, field, value, sentence):
    page = signed_in(system_administrator).post("/organization/staff/create/", {**NEW, field: value})
    assert page.status_code == 422
    assert sentence in page.content.decode()
    assert not Staff.objects.filter(username="lin.hai").exists()


def test_fields_that_are_not_on_the_form_are_not_taken(system_administrator, signed_in):
    """S2: no mass assignment."""
    extra = {"is_system": "on", "is_active": "", "must_change_password": "", "created_by": "1", "id": "1", "is_founding": "on"}
    signed_in(system_administrator).post("/organization/staff/create/", {**NEW, **extra})
    staff = Staff.objects.get(username="lin.hai")
    assert (staff.is_system, staff.is_active, staff.must_change_password) == (False, True, True)
    assert staff.created_by == system_administrator


def test_the_system_account_is_not_on_any_list(system_administrator, signed_in):
    client, system = signed_in(system_administrator), Post.objects.the_system()
    assert client.get(f"/organization/staff/{system.staff_id}/").status_code == 404
    assert not any(person.is_system for person in client.get("/organization/staff/").context["page"])


def test_the_list_finds_by_name_unit_and_state(system_administrator, clerk, nobody, signed_in):
    client = signed_in(system_administrator)

    def names(query: str) -> set[str]:
        return {person.username for person in client.get(f"/organization/staff/?{query}").context["page"]}

    assert names("q=甘晓窗") == {"clerk"}
    assert names("q=县残联") == {"officer", "department_approver"}
    assert "nobody" in names("state=no_post")
    assert "clerk" not in names("state=no_post")
    assert names("kind=supervision") == {"supervision"}


def test_the_list_stays_flat_and_its_fragment_is_part_of_the_page(system_administrator, signed_in, assert_queries):
    client = signed_in(system_administrator)
    client.get("/organization/staff/")
    with assert_queries(7):
        page = client.get("/organization/staff/").content.decode()
    with assert_queries(6):
        fragment = client.get("/organization/staff/", headers={"HX-Request": "true"}).content.decode()
    assert "".join(fragment.split()) in "".join(page.split())


def test_a_new_first_password_from_the_page(system_administrator, clerk, signed_in):
    client = signed_in(system_administrator)
    assert client.post(f"/organization/staff/{clerk.staff_id}/issue-password/", {"password": "weak"}).status_code == 422
    assert client.post(f"/organization/staff/{clerk.staff_id}/issue-password/", {"password": "Issued-2026-now"}).status_code == 302
    clerk.staff.refresh_from_db()
    assert clerk.staff.must_change_password


def test_refusing_and_ending_need_a_reason(security_administrator, clerk, signed_in):
    client = signed_in(security_administrator)
    assert client.post(f"/organization/posts/{clerk.pk}/end/", {"reason": ""}).status_code == 422
    assert client.post(f"/organization/posts/{clerk.pk}/end/", {"reason": "调离"}).status_code == 302
    assert Post.objects.get(pk=clerk.pk).state_on(date(2026, 9, 24)) == "已终止"


def test_an_empty_new_account_has_one_summary_of_errors(system_administrator, signed_in):
    page = signed_in(system_administrator).post("/organization/staff/create/", {"username": ""}).content.decode()
    assert page.count("data-error-summary") == 1
    assert page.count("请填写。") >= 3


def test_an_empty_choice_is_in_words(system_administrator, clerk, signed_in):
    client = signed_in(system_administrator)
    for address in (
        f"/organization/staff/{clerk.staff_id}/propose-post/",
        "/organization/villages/add/",
        "/organization/review-offices/assign/",
    ):
        page = client.get(address).content.decode()
        assert "请选择" in page
        assert "---------" not in page
