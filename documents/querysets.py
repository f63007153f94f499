"""Rows of papers and files. What belongs to a subject is read through the subject's own gate, which `documents.gates` asks."""

from datetime import date
from typing import TYPE_CHECKING, Any, Self

from django.db import models

from config.verbs import GatedQuerySet

if TYPE_CHECKING:
    from organization.models import Post

    from .models import DocumentTemplate, FormVersion


class OfSubjectsQuerySet(GatedQuerySet):
    """Rows that hang on a subject of an upper room.

    A page opens one of them by `gates.fetch`, which asks the subject's room; a list is `about(subject)` on a page of that subject.
    """

    def visible_to(self, post: "Post | None") -> Self:
        """Jobs see all, to sweep and to verify. A person sees none without naming the subject."""
        return self.all() if post is not None and post.unit.kind == "system" else self.none()

    def about(self, *subjects: models.Model) -> Self:
        """Those of these subjects, all of one model, which the caller has fetched through their gate."""
        if not subjects:
            return self.none()
        return self.filter(subject_label=subjects[0]._meta.label_lower, subject_id__in=[str(subject.pk) for subject in subjects])

    def of_application(self, application_id: Any) -> Self:
        """Everything that names this application, whatever its subject; the caller has fetched the application through its gate."""
        return self.filter(application_id=application_id)

    def standing(self) -> Self:
        """Not voided."""
        return self.filter(voided_at=None)


class AttachmentQuerySet(OfSubjectsQuerySet):
    def with_list_data(self) -> Self:
        return self.select_related("uploaded_by__staff", "uploaded_by__unit")


class IssuedDocumentQuerySet(OfSubjectsQuerySet):
    def with_list_data(self) -> Self:
        return self.defer("data").select_related("issued_by__staff", "issued_by__unit")


class FormVersionQuerySet(GatedQuerySet):
    def visible_to(self, post: "Post | None") -> Self:
        """Published texts: everybody signed in. Drafts: the county platform and jobs."""
        if post is None:
            return self.none()
        return self.all() if post.unit.kind in {"platform", "system"} else self.published()

    def published(self) -> Self:
        return self.filter(published_at__isnull=False)

    def in_force(self, key: str, on: date) -> "FormVersion | None":
        """The version of that day, or None before the first one."""
        return self.published().filter(key=key, valid_from__lte=on).order_by("-valid_from").first()

    def with_list_data(self) -> Self:
        return self.select_related("drafted_by__staff", "drafted_by__unit", "published_by__staff", "published_by__unit").order_by(
            "key", "-number"
        )

    def all_in_force(self, on: date) -> Self:
        """One version for each key: those of that day."""
        rows: Any = self.published().filter(valid_from__lte=on)
        return rows.order_by("key", "-valid_from").distinct("key")


class DocumentTemplateQuerySet(GatedQuerySet):
    def visible_to(self, post: "Post | None") -> Self:
        """The county platform keeps the templates; jobs load the delivered ones."""
        return self.all() if post is not None and post.unit.kind in {"platform", "system"} else self.none()

    def in_force(self, kind: str) -> "DocumentTemplate | None":
        return self.filter(kind=kind, status="in_force").first()

    def standing(self) -> Self:
        """In use, or waiting to be."""
        return self.filter(status__in=["in_force", "proposed"])

    def with_list_data(self) -> Self:
        people = ("uploaded_by", "confirmed_by", "retired_by")
        return self.select_related(*(f"{person}__{part}" for person in people for part in ("staff", "unit")))

    def without_content(self) -> Self:
        """For lists: the file itself stays in the database."""
        return self.defer("content")
