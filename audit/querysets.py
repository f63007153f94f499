"""The record and who reads it: the auditor all of it, everybody else their own lines (SECURITY, 审计日志)."""

from typing import Any, Self

from django.db import models

from config.verbs import GatedQuerySet


class EventQuerySet(GatedQuerySet):
    def visible_to(self, post: Any) -> Self:
        if post is None:
            return self.none()
        if post.unit.kind == "audit_administration":
            return self.all()
        return self.filter(by_id=post.staff_id)

    def about(self, subject: models.Model) -> Self:
        return self.filter(subject_label=subject._meta.label_lower, subject_id=str(subject.pk))
