"""Papers and files of the tests. Their subject is a unit: this floor knows no cases."""

from datetime import date
from typing import Any

from config import clock
from documents.models import Attachment, DocumentTemplate, FormVersion, IssuedDocument
from organization.models import Post


def attachment_row(by: Post, **changed: Any) -> Attachment:
    """A row without its file, for the constraints alone."""
    values = {
        "subject_label": "organization.unit", "subject_id": str(by.unit_id), "kind": "id_card", "name": "身份证.jpg",
        "content_type": "image/jpeg", "size": 10, "width": 4, "height": 3, "digest": "0" * 32, "storage_name": "aa/aa", "key_name": "k1",
        "unit": by.unit, "uploaded_at": clock.now(), "uploaded_by": by,
    }  # fmt: skip
    return Attachment.objects.create(**{**values, **changed})


def form_row(by: Post, **changed: Any) -> FormVersion:
    values = {
        "key": "promise", "number": 90, "title": "诚信承诺书", "text": "如实申报。", "origin": "assumed", "source": "测试",
        "drafted_at": clock.now(), "drafted_by": by, "drafted_by_staff_id": by.staff_id,
    }  # fmt: skip
    return FormVersion.objects.create(**{**values, **changed})


def published_form_row(by: Post, publisher: Post, **changed: Any) -> FormVersion:
    values = {
        "valid_from": date(2026, 9, 1), "published_at": clock.now(), "published_by": publisher, "published_by_staff_id": publisher.staff_id,
    }  # fmt: skip
    return form_row(by, **{**values, **changed})


def template_row(by: Post, **changed: Any) -> DocumentTemplate:
    values = {
        "kind": "guide_card", "number": 90, "content": b"PK", "size": 2, "uploaded_at": clock.now(), "uploaded_by": by,
        "uploaded_by_staff_id": by.staff_id,
    }  # fmt: skip
    return DocumentTemplate.objects.create(**{**values, **changed})


def paper_row(by: Post, **changed: Any) -> IssuedDocument:
    values = {
        "kind": "guide_card", "number": "忠民卡〔2026〕500233001-00001号", "title": "救助明白卡", "subject_label": "organization.unit",
        "subject_id": str(by.unit_id), "data": {}, "unit": by.unit, "issued_at": clock.now(), "issued_by": by,
    }  # fmt: skip
    return IssuedDocument.objects.create(**{**values, **changed})
