import uuid
from typing import Any, Self

from django.db import models

from config.protection.fields import BANK_ACCOUNT, FREE_TEXT, ID_NUMBER, PHONE, Protected, sealed_whole
from config.protection.searchable import SearchableName, SearchableNameQuerySet


class PersonQuerySet(SearchableNameQuerySet):
    def visible_to(self, post: Any) -> Self:
        """Everybody but the outsider, who is None."""
        return self.none() if post is None else self.all()


class Person(SearchableName):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    id_number = Protected(ID_NUMBER, "证件号码")
    phone = Protected(PHONE, "电话")
    bank_account = Protected(BANK_ACCOUNT, "银行账号")
    diagnosis = Protected(FREE_TEXT, "诊断")

    objects = PersonQuerySet.as_manager()

    class Meta(SearchableName.Meta):
        constraints = [
            sealed_whole("id_number"),
            sealed_whole("phone"),
            sealed_whole("bank_account"),
            sealed_whole("diagnosis", has_digest=False),
            models.UniqueConstraint(
                name="one_person_per_id_number", fields=["id_number_digest"], violation_error_message="这个证件号码已经登记过。"
            ),
        ]
        indexes = [
            *SearchableName.Meta.indexes,
            models.Index(name="person_phone", fields=["phone_digest"]),
            models.Index(name="person_by_name", fields=["name_order", "id"]),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.id_number}"


class ListedPerson(models.Model):
    """A row of some department's list: the same ID number has the same digest here."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    id_number = Protected(ID_NUMBER, "证件号码")

    class Meta:
        constraints = [sealed_whole("id_number")]

    def __str__(self) -> str:
        return str(self.id_number)
