"""A protected value on a model: ciphertext, keyed digest and masked text side by side (DESIGN 3).

    class Resident(models.Model):
        id = models.UUIDField(primary_key=True, default=uuid.uuid4)
        id_number = Protected(ID_NUMBER, "证件号码")

        class Meta:
            constraints = [sealed_whole("id_number"), UniqueConstraint(fields=["id_number_digest"], ...)]

adds the columns `id_number_sealed`, `id_number_digest`, `id_number_masked`. The plain value is never an attribute of the row: reading
`resident.id_number` gives its mask; `config.protection.sealing` writes the columns and looks up by digest, and `audit.reading.reveal` opens
the value for a person. The ciphertext is bound to table, column and primary key, so the key is a uuid made before the row is saved.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from inspect import getattr_static
from typing import Any, Self, overload

from django.apps import apps
from django.db import models
from django.db.models import Q

from . import masks
from .typed import tidy_digits, tidy_identifier, tidy_phone

MASKED_LENGTH = 40


@dataclass(frozen=True, slots=True)
class Kind:
    """What is protected: its label (the same label has the same digests in every table), its mask, its one way of writing."""

    label: str
    mask: Callable[[str], str]
    normalise: Callable[[str], str] = str.strip
    has_digest: bool = True


ID_NUMBER = Kind("id_number", masks.mask_id_number, tidy_identifier)
PHONE = Kind("phone", masks.mask_phone, tidy_phone)
BANK_ACCOUNT = Kind("bank_account", masks.mask_bank_account, tidy_digits)
# No digest: few illnesses, so equal digests would tell who shares one.
FREE_TEXT = Kind("free_text", masks.mask_text, has_digest=False)


@dataclass(frozen=True, slots=True)
class Masked:
    """What a row says of its protected value. Never the value."""

    text: str

    def __str__(self) -> str:
        return self.text

    def __bool__(self) -> bool:
        return bool(self.text)


class Protected:
    """Declares the three columns on a model (see the module). On an instance it reads as the mask; assignment is refused."""

    def __init__(self, kind: Kind, verbose_name: str) -> None:
        self.kind = kind
        self.verbose_name = verbose_name
        self.name = ""
        self._fields: dict[str, models.Field[Any, Any]] = {}
        self._fields["sealed"] = models.TextField(f"{verbose_name}（密文）", blank=True, editable=False)
        if kind.has_digest:
            self._fields["digest"] = models.UUIDField(f"{verbose_name}（摘要）", null=True, editable=False)
        self._fields["masked"] = models.CharField(f"{verbose_name}（脱敏）", max_length=MASKED_LENGTH, blank=True, editable=False)

    def contribute_to_class(self, model: type[models.Model], name: str) -> None:
        self.name = name
        for suffix, field in self._fields.items():
            model.add_to_class(f"{name}_{suffix}", field)
        setattr(model, name, self)

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns, in the order of `sealing.Columns`; for `update_fields` and COPY."""
        return tuple(f"{self.name}_{suffix}" for suffix in self._fields)

    @overload
    def __get__(self, row: None, model: type[models.Model]) -> Self: ...
    @overload
    def __get__(self, row: models.Model, model: type[models.Model]) -> Masked: ...
    def __get__(self, row: models.Model | None, model: type[models.Model]) -> Self | Masked:
        return self if row is None else Masked(getattr(row, f"{self.name}_masked"))

    def __set__(self, row: models.Model, value: object) -> None:
        raise AttributeError(f"{self.name} is protected: write it with seal(row, {self.name}=...)")


def declared(model: type[models.Model], name: str) -> Protected:
    """The declaration. Raises TypeError when `name` is no protected value of the model."""
    declaration = getattr_static(model, name, None)
    if not isinstance(declaration, Protected):
        raise TypeError(f"{model.__name__}.{name} is not a protected value")
    return declaration


def protected_columns() -> Iterator[tuple[type[models.Model], Protected]]:
    """Every protected value of the installed models, each table once."""
    for model in apps.get_models():
        if model._meta.proxy:
            continue
        own = {field.name for field in model._meta.local_concrete_fields}
        for name in dir(model):
            declaration = getattr_static(model, name, None)
            if isinstance(declaration, Protected) and f"{name}_sealed" in own:
                yield model, declaration


def sealed_whole(name: str, *, has_digest: bool = True) -> models.CheckConstraint:
    """The columns of a value stand and fall together: all filled, or all empty."""
    filled, empty = ~Q(**{f"{name}_sealed": ""}) & ~Q(**{f"{name}_masked": ""}), Q(**{f"{name}_sealed": "", f"{name}_masked": ""})
    if has_digest:
        filled, empty = filled & Q(**{f"{name}_digest__isnull": False}), empty & Q(**{f"{name}_digest__isnull": True})
    return models.CheckConstraint(
        name=f"%(class)s_{name}_is_sealed_whole",
        condition=filled | empty,
        violation_error_message="受保护的内容必须连同摘要和脱敏文本一起保存。",
    )
