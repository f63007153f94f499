"""Files and notices of a sensitive program: opened by the units on its way and, with a reason, by the platform; by nobody else."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from documents import transitions as documents
from documents.models import Attachment, IssuedDocument
from referrals import transitions
from referrals.models import Referral
from tests import cast
from tests.documents import files
from tests.referrals.factories import ReferralFactory, referrals

pytestmark = pytest.mark.django_db
TOWNSHIP = ["clerk", "second_clerk", "reviewer", "approver"]
OTHERS = ["neighbour_clerk", "neighbour_approver", "officer", "civil_officer", "supervision", "convener", "assistant"]


@pytest.fixture
def sensitive(db) -> Referral:
    """MZ09 goes by 社会事务办 before the department decides."""
    return ReferralFactory(program="MZ09", dispatched=True)


def file_of(referral: Referral, material: str = "guardian_proof") -> Attachment:
    paper = referral.application.papers.get(material=material)
    return documents.upload(
        subject=paper, kind=material, file=SimpleUploadedFile("a.jpg", files.picture()), household_id=referral.case_household_id,
        application_id=referral.application_id, by=cast.member("clerk"),
    )  # fmt: skip


def opening(file: Attachment) -> str:
    return reverse("documents:attachment_open", args=[file.pk])


def printing(referral: Referral, kind: str = "acceptance_notice") -> str:
    [paper] = IssuedDocument.objects.of_application(referral.application_id).filter(kind=kind)
    return reverse("documents:issued_print", args=[paper.pk])


def case(referral: Referral) -> str:
    return reverse("referrals:case_detail", args=[referral.application_id])


def other_office(double):
    return next(post for post in double.posts if post.unit.kind == "township_office")


@pytest.mark.parametrize("name", TOWNSHIP)
def test_what_the_page_of_a_unit_on_its_way_links_to_opens(signed_in, sensitive, name):
    client, links = signed_in(cast.member(name)), [opening(file_of(sensitive)), printing(sensitive)]
    text = client.get(case(sensitive)).content.decode()
    assert all(link in text for link in links)
    assert [client.get(link).status_code for link in links] == [200, 200]
    assert client.post(links[0], follow=True).headers["Content-Type"] == "image/jpeg"


def test_the_townships_other_offices_read_neither_link_nor_file(signed_in, sensitive, double):
    client, links = signed_in(other_office(double)), [opening(file_of(sensitive)), printing(sensitive)]
    text = client.get(case(sensitive)).content.decode()
    assert not any(link in text for link in links)
    assert [client.get(link).status_code for link in links] == [404, 404]


@pytest.mark.parametrize("name", OTHERS)
def test_nobody_off_its_way_opens_anything(signed_in, sensitive, name):
    client = signed_in(cast.member(name))
    assert [client.get(link).status_code for link in (opening(file_of(sensitive)), printing(sensitive))] == [404, 404]


def test_the_platform_opens_the_file_with_a_reason_and_while_it_holds(signed_in, sensitive, platform, platform_approver, clock):
    file, notice = opening(file_of(sensitive)), printing(sensitive)
    client = signed_in(platform)
    assert [client.get(link).status_code for link in (file, notice)] == [404, 404]
    transitions.look_into(referral_id=sensitive.pk, reason="核对超期原因", by=platform)
    assert file in client.get(sensitive.get_absolute_url()).content.decode()
    assert client.get(file).status_code == 200
    assert client.get(notice).status_code == 404, "it is not on the page of the referral, and speaks of the whole case"
    assert signed_in(platform_approver).get(file).status_code == 404, "the reason is one's own"
    clock.forward(minutes=11)
    assert client.get(file).status_code == 404


def test_a_reason_for_one_item_opens_no_other(signed_in, platform):
    asked, other = referrals(programs=["MZ09", "FL01"], dispatched=True)
    own = {row.pk: set(row.version.requirements.values_list("material", flat=True)) for row in (asked, other)}
    papers = asked.application.papers.filter(is_confidential=True)
    alone = papers.filter(material__in=own[other.pk] - own[asked.pk]).first()
    file = opening(file_of(other, alone.material_id))
    transitions.look_into(referral_id=asked.pk, reason="核对超期原因", by=platform)
    assert signed_in(platform).get(file).status_code == 404
    transitions.look_into(referral_id=other.pk, reason="核对超期原因", by=platform)
    assert signed_in(platform).get(file).status_code == 200


def test_the_department_reads_what_its_referral_asks_for_once_it_is_there(signed_in, civil_officer):
    """Its own way in, as before: the file, not the township's notice."""
    waiting, arrived = ReferralFactory(program="MZ09", dispatched=True), ReferralFactory(program="MZ09", deciding=True)
    client = signed_in(civil_officer)
    assert [client.get(opening(file_of(row))).status_code for row in (waiting, arrived)] == [404, 200]
    assert client.get(printing(arrived)).status_code == 404


def test_a_notice_that_names_an_item_of_others_stays_with_the_window(signed_in, clerk, reviewer):
    """One item comes by the office, another is sensitive and does not: what speaks of both is the window's."""
    mine, other = referrals(programs=["MZ09", "MZ04"], dispatched=True)
    link = printing(mine)
    assert signed_in(reviewer).get(link).status_code == 200
    type(other.program).objects.filter(pk=other.program_id).update(is_sensitive=True)
    Referral.objects.filter(pk=other.pk).update(unit=clerk.unit)
    other.walked.update(unit=clerk.unit)
    page = signed_in(reviewer).get(case(mine)).content.decode()
    assert link not in page
    assert signed_in(reviewer).get(link).status_code == 404
    assert signed_in(clerk).get(link).status_code == 200


def test_a_request_for_what_is_missing_is_read_with_its_items(signed_in, clerk, reviewer, neighbour_approver, platform, double):
    referral = ReferralFactory(program="MZ09", in_hand=True)
    transitions.return_for_supplement(referral_id=referral.pk, lines=["监护证明"], by=reviewer)
    transitions.gather_supplement(application_id=referral.application_id, by=clerk)
    link = printing(referral, "supplement_notice")
    assert [signed_in(post).get(link).status_code for post in (clerk, reviewer)] == [200, 200]
    assert [signed_in(post).get(link).status_code for post in (other_office(double), neighbour_approver, platform)] == [404] * 3
