"""What a template is: a declaration by the room that owns the data; nothing here knows what the rows are about (DESIGN 7).

A room registers its family of templates when it is loaded:

    declaration.register("households.roll", Rolls())        # in AppConfig.ready

`Rolls` is an `Owner`: it names its templates, and says by set-based statements over the staged rows what is new, changed, the same, gone or
wrong, and how they are applied. A template's key is `<family>:<name>`, as `households.roll:MZ01`: the hidden id of its blank workbook.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

from django.db import models

if TYPE_CHECKING:
    from organization.models import Post

    from .models import Batch


class Type(StrEnum):
    """How a cell is read. What identifies somebody is sealed before it reaches a table: ID_NUMBER, PHONE, BANK_ACCOUNT."""

    TEXT = "text"
    NAME = "name"
    ID_NUMBER = "id_number"
    PHONE = "phone"
    BANK_ACCOUNT = "bank_account"
    NUMBER = "number"
    MONEY = "money"
    WHOLE = "whole"  # a whole number
    DATE = "date"
    MONTH = "month"
    CODE = "code"
    YES_NO = "yes_no"
    TOWNSHIP = "township"  # a township's name or code: stored as the code
    VILLAGE = "village"  # a village's name within the row's township, or code


ModelClass = type[models.Model]  # beside Field, which has a `type` of its own
SEALED = frozenset({Type.ID_NUMBER, Type.PHONE, Type.BANK_ACCOUNT})


@dataclass(frozen=True, slots=True)
class Field:
    """One column: `label` is its heading, `aliases` are other headings that mean it. `codes`: (code, label) pairs; either may be typed.

    `words`: (code, word) pairs, other ways in which people write a code; read, never offered. `missing`: what is said where a required cell
    is empty, when that it is to be filled is not all there is to say. `may_be_masked`: a number that is only held against the one that is
    registered; where the file has it masked, or a spreadsheet took its last digits, there is none to compare and nothing to mend. Of an
    account that shows its last four they are kept, as `尾号1234`.
    `ours`, `others`: words of a heading that tell this column from another of its kind, which is somebody else's (收款人, 付款人).

    `sealed_in`: the model and protected value as which the cell is sealed, bound to the row's `new_id`, so that an apply that makes a row
    with that key moves ciphertext, digest and mask as they are. Without it the cell is sealed as the staged row's own.
    """

    key: str
    label: str
    type: Type = Type.TEXT
    required: bool = False
    codes: tuple[tuple[str, str], ...] = ()
    aliases: tuple[str, ...] = ()
    help: str = ""
    longest: int = 80
    least: int | None = None
    most: int | None = None
    example: str = ""
    sealed_in: tuple[ModelClass, str] | None = None
    words: tuple[tuple[str, str], ...] = ()
    missing: str = ""
    may_be_masked: bool = False
    ours: tuple[str, ...] = ()
    others: tuple[str, ...] = ()

    @property
    def when_missing(self) -> str:
        return self.missing or f"请填写{self.label}。"

    @property
    def is_sealed(self) -> bool:
        return self.type in SEALED


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """`key_fields` name a row: two rows with the same values there are an error of the second. `person`: the ID number that a row is of.

    `is_whole`: what stands and is not in the file is gone. `feeds`: for the category of the early-warning push (`monitoring`), or "".
    `person` is "" where a row is of nobody's number. `always_second`: a second person confirms, however few rows. `of_the_registered`: most
    rows are of people whom the register has, and their ciphertext is kept there: a row keeps one of its own where it is wrong, or of
    nobody there (`staging.seal_rest`). `memory`: the key under which a unit's headings are remembered, where a template is one
    of many that are filled alike.
    """

    key: str
    title: str
    fields: tuple[Field, ...]
    key_fields: tuple[str, ...]
    person: str = "id_number"
    is_whole: bool = False
    notes: tuple[str, ...] = ()
    feeds: str = ""
    sensitive: bool = False
    always_second: bool = False
    of_the_registered: bool = False
    memory: str = ""

    @property
    def remembered_as(self) -> str:
        return self.memory or self.key

    @property
    def family(self) -> str:
        return self.key.partition(":")[0]

    @property
    def name(self) -> str:
        return self.key.partition(":")[2]

    def field(self, key: str) -> Field:
        return next(each for each in self.fields if each.key == key)


@dataclass(frozen=True, slots=True)
class Comparison:
    """What an owner found, beside what it wrote on the staged rows. `standing`: how many rows stood before, for the month-on-month stop.

    `remarks`: (label, count) lines for the preview, as ("线下办理", 12).
    """

    standing: int = 0
    remarks: tuple[tuple[str, int], ...] = ()


class Owner(Protocol):
    """A family of templates and what is done with their rows. Each of compare, apply and undo is called in one transaction.

    An owner may have more: `hold(template)`, which takes the locks that its apply begins with, before an entry is taken back;
    `refusal_of_undo(batch, template)`, a sentence why it is not, or ""; `undone(batch, template, by)`, what follows once it was;
    `empty_because(post, template)`, why the blank workbook holds no rows where it is filled beforehand, or "";
    `among(templates, posts)`, by template's key who of them may hand it in, and `templates(names)`, many by name, where asking for one
    after another is dear.
    """

    def template(self, name: str) -> Template | None:
        """None where there is no such template."""

    def listed_for(self, post: "Post") -> Sequence[Template]:
        """The templates that a post may hand in, in order."""

    def may_hand_in(self, post: "Post", template: Template) -> bool: ...

    def compare(self, batch: "Batch", template: Template) -> Comparison:
        """Set `outcome`, `before`, `subject_id`, `problems` and `marks` of the batch's staged rows by set-based statements, and add a row
        for each that is gone. Called again after a row was mended: it must bear that."""

    def apply(self, batch: "Batch", template: Template, by: "Post") -> None:
        """Write what was compared, by `effects`, with an event for each changed record. What was compared is locked first, and what has
        changed since the comparison is refused."""

    def rows_for(self, post: "Post", template: Template) -> Sequence[dict[str, Any]]:
        """Rows that the blank workbook is filled with beforehand; mostly none."""


_owners: dict[str, Owner] = {}


def register(family: str, owner: Owner) -> None:
    _owners[family] = owner


def owner_of(key: str) -> Owner | None:
    return _owners.get(key.partition(":")[0])


def template_of(key: str) -> Template | None:
    """The declaration behind a key; None where this version of the house does not know it."""
    owner = owner_of(key)
    return owner.template(key.partition(":")[2]) if owner else None


def templates_of(keys: Iterable[str]) -> dict[str, Template]:
    """The same of the many that a list names: what is not known is not there."""
    by_family: dict[str, list[str]] = {}
    for key in dict.fromkeys(keys):
        by_family.setdefault(key.partition(":")[0], []).append(key)
    return {template.key: template for listed in by_family.values() for template in _of_family(listed)}


def _of_family(keys: Sequence[str]) -> list[Template]:
    owner, names = owner_of(keys[0]), [key.partition(":")[2] for key in keys]
    if owner is None:
        return []
    if hasattr(owner, "templates"):
        return list(owner.templates(names))
    return [template for name in names if (template := owner.template(name)) is not None]


def empty_because(post: "Post", template: Template) -> str:
    """Why the template's workbook has nothing to fill in for the post now; "" where it has, or is nobody's to fill beforehand."""
    owner = owner_of(template.key)
    return str(owner.empty_because(post, template)) if owner is not None and hasattr(owner, "empty_because") else ""


def listed_for(post: "Post") -> list[Template]:
    """Every template that the post may hand in."""
    return [template for owner in _owners.values() for template in owner.listed_for(post)]


class Door(Protocol):
    """What an upper room does in the transaction of an apply or undo: mark the part of a round that the file was handed in for."""

    def applied(self, batch: "Batch", by: "Post") -> None: ...

    def undone(self, batch: "Batch", by: "Post") -> None: ...

    def way_back(self, batch: "Batch") -> tuple[str, str] | None:
        """What the file was handed in for, as the words and address of a link on its page."""


_doors: dict[str, Door] = {}


def register_door(key: str, door: Door) -> None:
    """`key` stands on the batches that came in by this door, with the label and id of what they were handed in for."""
    _doors[key] = door


def door_of(key: str) -> Door | None:
    return _doors.get(key)
