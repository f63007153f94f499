"""Every truth of the tables, broken once; and what never changes, changed."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction
from django.db.models import F

from documents.models import Attachment, DocumentTemplate, FormVersion, IssuedDocument, NumberSeries

from . import factories

pytestmark = pytest.mark.django_db
MOMENT = F("uploaded_at")


def refuses(words):
    return pytest.raises(IntegrityError, match=words)


@pytest.mark.parametrize(
    ("constraint", "changed"),
    [
        ("attachment_type_is_known", {"content_type": "text/html"}),
        ("attachment_is_not_empty", {"size": 0}),
        ("picture_has_pixels_and_pdf_has_pages", {"width": None}),
        ("picture_has_pixels_and_pdf_has_pages", {"height": 0}),
        ("picture_has_pixels_and_pdf_has_pages", {"pages": 1}),
        ("picture_has_pixels_and_pdf_has_pages", {"content_type": "application/pdf"}),
        ("picture_has_pixels_and_pdf_has_pages", {"content_type": "application/pdf", "width": None, "height": None}),
        ("quarantined_attachment_says_who_and_why", {"status": "quarantined"}),
        ("quarantined_attachment_says_who_and_why", {"quarantine_reason": "打不开"}),
        ("quarantined_attachment_says_who_and_why", {"status": "scanning"}),
        ("voided_attachment_says_who_and_why", {"voided_at": MOMENT, "void_reason": "传错了"}),
        ("voided_attachment_says_who_and_why", {"voided_by": F("uploaded_by"), "void_reason": "传错了"}),
        ("voided_attachment_says_who_and_why", {"voided_at": MOMENT, "voided_by": F("uploaded_by")}),
    ],
)
def test_attachment(clerk, constraint, changed):
    row = factories.attachment_row(clerk)
    with refuses(constraint), transaction.atomic():
        Attachment.objects.filter(pk=row.pk).update(**changed)


def test_two_attachments_never_share_a_file(clerk):
    factories.attachment_row(clerk)
    with refuses("storage_name"), transaction.atomic():
        factories.attachment_row(clerk)


def test_series_stands_once(clerk):
    NumberSeries.objects.create(kind="guide_card", scope="500233001", year=2026, last=3)
    with refuses("one_series_per_kind_scope_and_year"), transaction.atomic():
        NumberSeries.objects.create(kind="guide_card", scope="500233001", year=2026, last=1)
    with refuses("numbers_begin_at_one"), transaction.atomic():
        NumberSeries.objects.create(kind="guide_card", scope="500233002", year=2026, last=0)


@pytest.mark.parametrize(
    ("constraint", "changed"),
    [
        ("form_key_is_known", {"key": "confession"}),
        ("published_form_says_who_and_from_when", {"published_at": F("drafted_at")}),
        ("published_form_says_who_and_from_when", {"published_by": F("drafted_by")}),
        (
            "published_form_says_who_and_from_when",
            {"published_at": F("drafted_at"), "published_by": F("drafted_by"), "published_by_staff": F("drafted_by_staff")},
        ),
        (
            "publisher_of_a_form_is_not_its_drafter",
            {
                "published_at": F("drafted_at"), "published_by": F("drafted_by"), "published_by_staff": F("drafted_by_staff"),
                "valid_from": date(2026, 9, 1),
            },
        ),
    ],
)  # fmt: skip
def test_form_version(platform, constraint, changed):
    row = factories.form_row(platform)
    with refuses(constraint), transaction.atomic():
        FormVersion.objects.filter(pk=row.pk).update(**changed)


def test_form_version_has_its_number_and_its_day(platform, platform_approver):
    factories.published_form_row(platform, platform_approver)
    with refuses("one_form_version_per_number"), transaction.atomic():
        factories.form_row(platform)
    with refuses("one_published_form_per_key_and_day"), transaction.atomic():
        factories.published_form_row(platform, platform_approver, number=91)
    factories.form_row(platform, number=91, valid_from=date(2026, 9, 1))  # a draft may wait for the same day


def test_published_form_never_changes(platform, platform_approver):
    row = factories.published_form_row(platform, platform_approver)
    with refuses("never changes"), transaction.atomic():
        FormVersion.objects.filter(pk=row.pk).update(text="改过的")
    with refuses("never changes"), transaction.atomic():
        FormVersion.objects.filter(pk=row.pk).delete()


@pytest.mark.parametrize(
    ("constraint", "changed"),
    [
        ("template_in_force_was_confirmed", {"status": "in_force"}),
        ("template_in_force_was_confirmed", {"confirmed_at": MOMENT}),
        ("template_in_force_was_confirmed", {"confirmed_by": F("uploaded_by")}),
        ("retired_template_says_who_and_why", {"status": "retired"}),
        ("retired_template_says_who_and_why", {"retire_reason": "旧了"}),
        (
            "template_is_confirmed_by_a_second_person",
            {
                "status": "in_force", "confirmed_at": MOMENT, "confirmed_by": F("uploaded_by"),
                "confirmed_by_staff": F("uploaded_by_staff"),
            },
        ),
    ],
)  # fmt: skip
def test_template(platform, constraint, changed):
    row = factories.template_row(platform, kind="made_up")
    with refuses(constraint), transaction.atomic():
        DocumentTemplate.objects.filter(pk=row.pk).update(**changed)


def test_one_template_of_each_kind(platform, platform_approver):
    second_person = {"confirmed_by": platform_approver, "confirmed_by_staff": platform_approver.staff}
    confirmed = {"confirmed_at": MOMENT, "status": "in_force", **second_person}
    first = factories.template_row(platform, kind="made_up", number=1)
    with refuses("one_template_of_a_kind_awaits_confirmation"), transaction.atomic():
        factories.template_row(platform, kind="made_up", number=2)
    DocumentTemplate.objects.filter(pk=first.pk).update(**confirmed)
    with refuses("one_template_per_kind_and_number"), transaction.atomic():
        factories.template_row(platform, kind="made_up", number=1)
    second = factories.template_row(platform, kind="made_up", number=2)
    with refuses("one_template_of_a_kind_in_force"), transaction.atomic():
        DocumentTemplate.objects.filter(pk=second.pk).update(**confirmed)


def test_file_of_a_template_never_changes(platform):
    row = factories.template_row(platform, kind="made_up")
    with refuses("never changes"), transaction.atomic():
        DocumentTemplate.objects.filter(pk=row.pk).update(content=b"PK2")
    with refuses("never changes"), transaction.atomic():
        DocumentTemplate.objects.filter(pk=row.pk).delete()


@pytest.mark.parametrize(
    ("constraint", "changed"),
    [
        ("voided_document_says_who_and_why", {"voided_at": F("issued_at"), "void_reason": "打错了"}),
        ("voided_document_says_who_and_why", {"voided_at": F("issued_at"), "voided_by": F("issued_by")}),
        ("voided_document_says_who_and_why", {"void_reason": "打错了"}),
    ],
)
def test_issued_document(clerk, constraint, changed):
    row = factories.paper_row(clerk)
    with refuses(constraint), transaction.atomic():
        IssuedDocument.objects.filter(pk=row.pk).update(**changed)


def test_number_of_a_paper_is_its_own(clerk):
    factories.paper_row(clerk)
    with refuses("one_issued_document_per_kind_and_number"), transaction.atomic():
        factories.paper_row(clerk)
    with refuses("issued_document_has_its_number"), transaction.atomic():
        factories.paper_row(clerk, number="")


def test_issued_paper_never_changes(clerk, approver):
    row = factories.paper_row(clerk)
    for changed in ({"data": {"name": "别人"}}, {"number": "改号"}, {"issued_by": approver}):
        with refuses("never changes"), transaction.atomic():
            IssuedDocument.objects.filter(pk=row.pk).update(**changed)
    with refuses("never changes"), transaction.atomic():
        IssuedDocument.objects.filter(pk=row.pk).delete()
    voided = {"voided_at": F("issued_at"), "voided_by": clerk, "void_reason": "打错了"}
    IssuedDocument.objects.filter(pk=row.pk).update(**voided)
    with refuses("never changes"), transaction.atomic():
        IssuedDocument.objects.filter(pk=row.pk).update(void_reason="换个原因")
