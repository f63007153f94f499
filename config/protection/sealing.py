"""Writing, finding and opening protected values (see `fields`). Nothing decrypts unasked: `open_sealed` opens one value a call."""

import base64
import re
import uuid
from binascii import Error as NotBase64
from collections.abc import Iterable, Iterator
from functools import cache
from typing import NamedTuple

from django.db import models
from django.db.models import Q
from django.views.decorators.debug import sensitive_variables

from .fields import MASKED_LENGTH, Kind, declared
from .keys import DIGEST, SealBroken, provider

VERSION = "v1"
_AS_WRITTEN = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}").fullmatch  # a key that needs no reading to be bound to
_FILL = 72  # with nonce and tag a multiple of three, so that base64 neither is padded nor has two writings of the same octets
_PLACES = [place for place in range(36) if place not in {8, 13, 18, 23}]  # of the digits of a UUID


class Columns(NamedTuple):
    """The columns of one sealed value, for COPY or `bulk_create`. `digest` is None for an empty value and for a kind without digests."""

    sealed: str
    digest: uuid.UUID | None
    masked: str


EMPTY = Columns("", None, "")


@cache
def _place(model: type[models.Model], name: str) -> str:
    """`table.column` of the value, the table being the one that stores it."""
    return f"{model._meta.get_field(f'{name}_sealed').model._meta.db_table}.{name}"


def _bound_to(place: str, pk: object) -> bytes:
    """The additional data of a token: table.column.pk.version (SECURITY D7)."""
    return f"{place}.{pk}.{VERSION}".encode()


@sensitive_variables()
def seal(row: models.Model, **values: str) -> None:
    """Write the columns of protected values on a row, which the caller saves. An empty value empties them.

    Raises:
        TypeError: for a name that is no protected value.
        ValueError: when the row has no primary key yet: the ciphertext is bound to it.
    """
    if row.pk is None:
        raise ValueError("a row needs its primary key before a value is sealed for it")
    for name, value in values.items():
        [columns] = seal_many(type(row), name, [(row.pk, value)])
        for column in declared(type(row), name).columns:
            setattr(row, column, getattr(columns, column.rpartition("_")[2]))


@sensitive_variables()
def seal_many(model: type[models.Model], name: str, values: Iterable[tuple[object, str]]) -> list[Columns]:
    """Columns for many (primary key, value) pairs, in order: the way of the imports."""
    return [
        Columns(token, uuid.UUID(bytes=digest) if digest else None, masked) if token else EMPTY
        for token, digest, masked in _sealed(model, name, values)
    ]


@sensitive_variables()
def seal_texts(model: type[models.Model], name: str, values: Iterable[tuple[object, str]]) -> list[tuple[str, str, str]]:
    """The same as texts: token, digest ("" for none) and mask."""
    told = list(_sealed(model, name, values))
    digests = _in_turn([digest for _, digest, _ in told if digest])
    return [(token, next(digests) if digest else "", masked) for token, digest, masked in told]


@sensitive_variables()
def _sealed(model: type[models.Model], name: str, values: Iterable[tuple[object, str]]) -> Iterator[tuple[str, bytes, str]]:
    kind, place, keys = declared(model, name).kind, _place(model, name), provider()
    head, label, to_key = f"{VERSION}:{keys.current}:", kind.label, model._meta.pk.to_python
    for pk, value in values:
        text = kind.normalise(value)
        plain = text.encode()
        if not plain:
            yield "", b"", ""
            continue
        owner = pk if type(pk) is str and _AS_WRITTEN(pk) else to_key(pk)
        token = head + base64.b64encode(keys.encrypt(label, plain, _bound_to(place, owner))).decode()
        yield token, keys.digest(label, plain) if kind.has_digest else b"", kind.mask(text)[:MASKED_LENGTH]


def _in_turn(digests: list[bytes]) -> Iterator[str]:
    """As UUIDs are written, cut from one string: were another provider's shorter or longer, each would be somebody else's."""
    if set(map(len, digests)) - {DIGEST}:
        raise ValueError(f"a digest has {DIGEST} octets")
    return iter(as_uuids(b"".join(digests)))


def as_uuids(octets: bytes | bytearray) -> list[str]:
    """Each sixteen octets as a UUID is written: a place at a time for all of them, a third of the time of one after the other."""
    digits, count = octets.hex().encode(), len(octets) // 16
    texts = bytearray(b"00000000-0000-0000-0000-000000000000\n" * count)
    for at, place in enumerate(_PLACES):
        texts[place::37] = digits[at::32]
    return texts.decode().splitlines()


@sensitive_variables()
def digest_many(kind: Kind, values: Iterable[str]) -> list[uuid.UUID | None]:
    """Keyed digests of many values, for matching lists against the register; None for an empty value."""
    if not kind.has_digest:
        raise TypeError(f"{kind.label} has no digest")
    digest, label, normalise = provider().digest, kind.label, kind.normalise
    return [uuid.UUID(bytes=digest(label, text.encode())) if (text := normalise(value)) else None for value in values]


@sensitive_variables()
def digest_texts(kind: Kind, values: Iterable[str]) -> list[tuple[str, str]]:
    """Keyed digest, as a UUID is written, and mask of many values; "" twice for an empty value."""
    if not kind.has_digest:
        raise TypeError(f"{kind.label} has no digest")
    digest, label, mask = provider().digest, kind.label, kind.mask
    normal = list(map(kind.normalise, values))
    digests = _in_turn([digest(label, text.encode()) for text in normal if text])
    return [(next(digests), mask(text)[:MASKED_LENGTH]) if text else ("", "") for text in normal]


@sensitive_variables()
def matching(model: type[models.Model], **values: str) -> Q:
    """The condition that rows hold exactly these values, by digest: `Resident.objects.filter(matching(Resident, id_number=typed))`.

    An empty value matches nothing.
    """
    condition = Q()
    for name, value in values.items():
        [digest] = digest_many(declared(model, name).kind, [value])
        condition &= Q(**{f"{name}_digest": digest}) if digest else Q(pk__in=[])
    return condition


@sensitive_variables()
def open_sealed(row: models.Model, name: str) -> str:
    """The plain value; "" when there is none. For verbs and documents; people read through `audit.reading.reveal`, which records it.

    Raises:
        SealBroken: the token belongs to another row or column, was altered, or is none of ours.
        UnknownKey: its key is not held here.
    """
    declaration = declared(type(row), name)
    token = getattr(row, f"{name}_sealed")
    return unseal(type(row), declaration.name, row.pk, token) if token else ""


@sensitive_variables()
def unseal(model: type[models.Model], name: str, pk: object, token: str) -> str:
    """The plain value of a token kept in row `pk`, for work over many rows. Raises as `open_sealed`."""
    kid, blob = split(token)
    bound_to = _bound_to(_place(model, name), model._meta.pk.to_python(pk))
    return provider().decrypt(kid, declared(model, name).kind.label, blob, bound_to).decode()


@sensitive_variables()
def unseal_many(model: type[models.Model], name: str, tokens: Iterable[tuple[object, str]]) -> list[str]:
    """The same of many (primary key, token) pairs, in order: a third quicker, where all lie ready."""
    label, place, decrypt, to_key = declared(model, name).kind.label, _place(model, name), provider().decrypt, model._meta.pk.to_python
    return [decrypt(kid, label, blob, _bound_to(place, to_key(pk))).decode() for pk, token in tokens for kid, blob in (split(token),)]


@sensitive_variables()
def seal_again(model: type[models.Model], name: str, tokens: Iterable[tuple[object, str, object]]) -> list[str]:
    """Tokens of (primary key, token, another primary key): the same values for their other rows; digests and masks are what they were."""
    label, place, keys, to_key = declared(model, name).kind.label, _place(model, name), provider(), model._meta.pk.to_python
    head, made = f"{VERSION}:{keys.current}:", []
    for pk, token, other in tokens:
        kid, blob = split(token)
        plain = keys.decrypt(kid, label, blob, _bound_to(place, to_key(pk)))
        made.append(head + base64.b64encode(keys.encrypt(label, plain, _bound_to(place, to_key(other)))).decode())
    return made


@sensitive_variables()
def seal_apart(label: str, text: str, bound_to: str) -> str:
    """A token for text that stands in no row of ours (in a session): readable with the same label and owner alone."""
    keys = provider()
    blob = keys.encrypt(label, text.encode(), bound_to.encode())
    return f"{VERSION}:{keys.current}:{base64.b64encode(blob).decode()}"


@sensitive_variables()
def open_apart(label: str, token: str, bound_to: str) -> str:
    """The text of `seal_apart`; "" where the token does not open, since its key may have gone."""
    try:
        kid, blob = split(token)
        return provider().decrypt(kid, label, blob, bound_to.encode()).decode()
    except SealBroken:
        return ""


@sensitive_variables()
def seal_for_address(label: str, text: str, bound_to: str) -> str:
    """A token that may stand in an address as it is, of one length for all texts up to 71 octets: their length would tell of them too."""
    keys, plain = provider(), text.encode()
    filled = plain.ljust(_FILL * (len(plain) // _FILL + 1) - 1, b"\0")
    return f"{keys.current}.{base64.urlsafe_b64encode(keys.encrypt(label, filled, bound_to.encode())).decode()}"


@sensitive_variables()
def open_from_address(label: str, token: str, bound_to: str) -> str:
    """The text of `seal_for_address`; "" for whatever else somebody writes into an address, and once its key has gone."""
    kid, _, written = token.partition(".")
    try:
        blob = base64.urlsafe_b64decode(written)
        text = provider().decrypt(kid, label, blob, bound_to.encode()).rstrip(b"\0").decode()
    except (SealBroken, ValueError):
        return ""
    return text if base64.urlsafe_b64encode(blob).decode() == written else ""  # decoding leaves out what is no sign of it


def split(token: str) -> tuple[str, bytes]:
    """Key id and octets of a token. Raises SealBroken for anything else."""
    version, _, rest = token.partition(":")
    kid, _, text = rest.partition(":")
    try:
        blob = base64.b64decode(text, validate=True)
    except NotBase64:
        blob = b""
    if version != VERSION or not blob:
        raise SealBroken("密文格式无法识别，拒绝解密。")
    return kid, blob
