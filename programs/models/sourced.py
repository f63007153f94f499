from typing import ClassVar

from django.db import models

from organization.models import Parameter

Origin = Parameter.Origin


class Sourced(models.Model):
    """A row whose every default says where it comes from: source document, national or municipal rule, or assumed.

    `origins` maps each field to `{"origin": ..., "source": ..., "note": ...}`. A check constraint of each model demands a key for
    every field of `sourced_fields()`, so that a figure without its origin cannot be stored. What is assumed, a department may edit.
    """

    origins = models.JSONField("各项来源", default=dict)

    UNSOURCED: ClassVar[frozenset[str]] = frozenset()

    class Meta:
        abstract = True

    @classmethod
    def sourced_fields(cls) -> list[str]:
        """The fields that carry policy: all but keys, bookkeeping and what is derived."""
        own = [f for f in cls._meta.concrete_fields if not f.primary_key and f.name != "origins"]
        return [f.name for f in own if f.name not in cls.UNSOURCED]

    @classmethod
    def label_of(cls, field: str) -> str:
        return next(str(column.verbose_name) for column in cls._meta.concrete_fields if column.name == field)

    def unsourced(self) -> list[str]:
        """Fields whose origin is missing or not one of the three."""
        known = set(Origin.values)
        return [name for name in self.sourced_fields() if self.origins.get(name, {}).get("origin") not in known]
