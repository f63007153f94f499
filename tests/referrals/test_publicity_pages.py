"""The pages of a publicity: put it up, hear an objection, end it, print it. Nothing on the sheet that must not be there."""

from datetime import date

import pytest
from django.urls import reverse

from config import clock as house_clock
from documents.models import Attachment
from referrals import transitions
from referrals.models import Publicity, Referral
from tests.documents.files import incoming, picture
from tests.referrals.factories import ReferralFactory, handler_of

pytestmark = pytest.mark.django_db


def address(name: str, row: Referral | Publicity) -> str:
    return reverse(f"referrals:publicity_{name}", args=[row.pk])


def in_hand() -> Referral:
    referral = ReferralFactory(program="MZ01", forwarded=True)
    return transitions.take(referral_id=referral.pk, by=handler_of(Referral.objects.get(pk=referral.pk).unit))


def up() -> Publicity:
    return ReferralFactory(program="MZ01", publicising=True).publicities.select_related("referral").get()


def test_it_is_registered_with_its_photo(signed_in, clerk):
    referral, client = in_hand(), signed_in(clerk)
    page = client.get(address("post", referral)).content.decode()
    assert "公示到2026-10-01" in page
    assert referral.application.applicant.name not in page.replace(referral.title, "")
    given = {"place": "虚构一村公示栏", "starts_on": "2026-09-24", "photo": incoming(picture(), "公示.jpg")}
    response = client.post(address("post", referral), given, follow=True)
    row = Publicity.objects.get()
    text = response.content.decode()
    for shown in ("公示已登记，到2026-10-01", "虚构一村公示栏", "公示中，还有7日", "公示.jpg"):
        assert shown in text
    assert row.photo == Attachment.objects.get()


def test_what_is_wrong_comes_back_with_what_was_typed(signed_in, clerk):
    response = signed_in(clerk).post(address("post", in_hand()), {"place": "村公示栏", "starts_on": "2026-09-25"})
    assert response.status_code == 422
    text = response.content.decode()
    assert "张贴日期应在转到本环节" in text
    assert "村公示栏" in text


def test_whoever_registers_it_second_is_told_who_was_first(signed_in, clerk, second_clerk):
    """Sent from the form's own page, to which the way back would lead over and over."""
    referral, late = in_hand(), signed_in(second_clerk)
    given, page = {"place": "村公示栏", "starts_on": "2026-09-24"}, address("post", referral)
    late.get(page)
    signed_in(clerk).post(page, given)
    answer = late.post(page, {**given, "place": "村口"}, headers={"referer": f"http://testserver{page}"}, follow=True)
    text = answer.content.decode()
    for shown in (clerk.label, "登记公示", "村口", f'href="{referral.get_absolute_url()}"'):
        assert shown in text
    assert late.get(page, headers={"referer": f"http://testserver{page}"}).status_code == 409
    assert Publicity.objects.count() == 1


def test_a_file_that_is_no_picture_is_refused_beside_the_form(signed_in, clerk):
    given = {"place": "村公示栏", "starts_on": "2026-09-24", "photo": incoming(b"MZ\x90\x00 not a picture", "公示.jpg")}
    response = signed_in(clerk).post(address("post", in_hand()), given)
    assert response.status_code == 422
    assert not Publicity.objects.exists()


def test_another_stage_is_told_in_words(signed_in, reviewer, clerk):
    response = signed_in(reviewer).get(address("post", ReferralFactory(program="MZ01", in_hand=True)))
    assert response.status_code == 409
    assert "不在公示环节" in response.content.decode()
    assert signed_in(clerk).get(address("post", up().referral)).status_code == 409


def test_an_objection_and_its_result(signed_in, clerk, clock):
    row, client = up(), signed_in(clerk)
    assert "登记公示结果" not in client.get(address("detail", row)).content.decode()
    assert client.post(address("object", row), {"text": ""}).status_code == 422
    client.post(address("object", row), {"text": "有一辆货车"})
    text = client.get(address("detail", row)).content.decode()
    assert "有一辆货车" in text
    assert "待核实" in text
    clock.forward(days=8)
    client = signed_in(clerk)
    assert client.post(address("end", row), {}).status_code == 422
    response = client.post(address("end", row), {"objection_result": "unfounded", "objection_note": "货车是邻居的"}, follow=True)
    late = client.post(address("end", row), {"objection_result": "founded", "objection_note": "货车是他的"})
    assert late.status_code == 409
    for shown in (f"{clerk.label}已于", "货车是他的", f'href="{address("detail", row)}"'):
        assert shown in late.content.decode()
    text = response.content.decode()
    assert "异议不成立" in text
    assert "货车是邻居的" in text
    assert "登记异议" not in text.replace("登记异议</dt>", "")


def test_before_its_last_day_is_over_it_does_not_end(signed_in, clerk):
    response = signed_in(clerk).post(address("end", up()), {})
    assert response.status_code == 422
    assert "起才能登记公示结果" in response.content.decode()


def test_the_sheet_says_what_it_may_and_whom_to_tell(signed_in, clerk):
    row = up()
    referral = row.referral
    text = signed_in(clerk).get(address("print", row)).content.decode()
    members = referral.case_household.memberships.select_related("resident")
    period = "2026年9月24日至2026年10月1日24时（7日"
    for shown in ("社会救助公示", period, "忠州街道虚构一村", f"{len(members)}人", "政务服务热线：12345", clerk.unit.name):
        assert shown in text
    hidden = [referral.case_household.address, referral.case_household.number, *(str(m.resident.id_number) for m in members)]
    assert not [word for word in [*hidden, *(m.resident.name for m in members), clerk.staff.name] if word in text]


def test_what_is_printed_before_is_what_is_put_up(signed_in, clerk):
    referral, client = in_hand(), signed_in(clerk)
    before = client.get(address("preview", referral)).content.decode()
    row = transitions.post_publicity(referral_id=referral.pk, place="村公示栏", starts_on=house_clock.today(), by=clerk)
    after = client.get(address("print", row)).content.decode()
    assert before.split("<main")[1] == after.split("<main")[1]
    assert row.ends_on == date(2026, 10, 1)


def test_who_sees_the_case_reads_it_and_only_the_holder_acts(signed_in, approver, platform, neighbour_clerk):
    row = up()
    for post in (approver, platform):
        client = signed_in(post)
        assert client.get(address("detail", row)).status_code == 200
        assert client.get(address("end", row)).status_code == 403
    assert signed_in(neighbour_clerk).get(address("detail", row)).status_code == 404
