"""What a ledger is asked for: its form as it was sent, sealed while it waits, and whether more rows answer than leave without a word."""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import connection
from django.forms import BaseForm
from django.http import Http404
from django.views.decorators.debug import sensitive_variables

from config import clock
from config.protection.keys import SealBroken, provider
from config.verbs import TransitionError
from organization.figures import figure
from organization.models import Post

from .downloads import Part, Statement
from .held import statement_of
from .ledgers import Asked, Ledger, ledger_of

LABEL = "export-asked"
LONGEST = 200  # characters of a value
COUNTED = 10_000  # rows: a page says no more exactly how many there are


def ledger_for(key: str, post: Post) -> Ledger:
    """Raises Http404 where there is no such ledger, or not for this post."""
    ledger = ledger_of(key)
    if ledger is None or not ledger.may(post):
        raise Http404("没有这份台账，或不在您的权限范围内。")
    return ledger


def plain(given: Mapping[str, Any]) -> dict[str, str]:
    """A form's data as words alone, without tokens and what stays empty."""
    return {str(name): str(value)[:LONGEST] for name, value in given.items() if value not in ("", None)}


def of_form(form: BaseForm, given: Mapping[str, Any]) -> dict[str, str]:
    """Of what was sent, the fields of the ledger's form."""
    names = {form.add_prefix(name) for name in form.fields}
    return plain({name: value for name, value in given.items() if name in names})


def defaults(ledger: Ledger, post: Post) -> dict[str, str]:
    """What the form asks for before anybody chooses: its initial values, or of a required choice the first."""
    form = ledger.form({}, post)
    if form.is_valid():
        return {}
    found: dict[str, str] = {}
    for name, field in form.fields.items():
        value = form.get_initial_for_field(field, name)
        if value in (None, "") and field.required:
            value = next((key for key, _ in getattr(field, "choices", ()) if key not in (None, "")), "")
            if name == "month" and not value:
                value = f"{clock.today():%Y-%m}"
        if value not in (None, "", False):
            found[name] = f"{value:%Y-%m}" if name == "month" and hasattr(value, "strftime") else str(value)
    return found


def valid_form(ledger: Ledger, asked: Asked) -> BaseForm:
    """Raises TransitionError, which says what is wrong with the form."""
    form = ledger.form(asked.given, asked.by)
    if not form.is_valid():
        told = "；".join(f"{_label(form, name)}{'、'.join(map(str, errors))}" for name, errors in form.errors.items())
        raise TransitionError(f"“{ledger.title}”的筛选条件有误：{told}"[:300])
    return form


def _label(form: BaseForm, name: str) -> str:
    return f"{form.fields[name].label or name}：" if name in form.fields else ""


def statement(part: Part) -> Statement | None:
    """What a part asks the database; None where its rows stand in memory already."""
    if isinstance(part.asked, list):
        return None
    return part.asked if isinstance(part.asked, Statement) else Statement(*statement_of(part.asked))


def first_rows(part: Part, most: int) -> list[Sequence[Any]]:
    """The first rows as cells, by a plain SELECT: what a page shows."""
    asked = statement(part)
    if asked is None:
        rows: Any = part.asked[:most]
    else:
        rows = _selected(f"SELECT * FROM ({asked.sql}) AS asked LIMIT {int(most)}", asked)  # noqa: S608
    return list(zip(*part.turned(rows), strict=True)) if rows else []


def count(part: Part, most: int = COUNTED) -> int:
    """How many rows, no further counted than one beyond `most`."""
    asked = statement(part)
    if asked is None:
        return len(part.asked)
    [(rows,)] = _selected(f"SELECT count(*) FROM (SELECT 1 FROM ({asked.sql}) AS asked LIMIT {int(most) + 1}) AS counted", asked)  # noqa: S608
    return int(rows)


def is_large(parts: Sequence[Part]) -> bool:
    """Whether more rows leave than one takes without saying why (SECURITY abuse 6)."""
    mark = int(figure("export_rows_max"))
    return any(count(part, mark) > mark for part in parts)


def _selected(sql: str, asked: Statement) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, list(asked.params))
        found: list[Any] = cursor.fetchall()
        return found


@sensitive_variables()
def seal(export_id: UUID, given: Mapping[str, str]) -> bytes:
    """A filter may hold a name: it waits for its job sealed."""
    keys = provider()
    return keys.current.encode() + b":" + keys.encrypt(LABEL, json.dumps(dict(given)).encode(), _bound_to(export_id))


@sensitive_variables()
def unseal(export_id: UUID, sealed: bytes | memoryview) -> dict[str, str]:
    """Raises SealBroken for what was altered or is another's."""
    kid, colon, blob = bytes(sealed).partition(b":")
    if not colon or len(kid) > 16 or not kid.isascii():
        raise SealBroken("筛选内容的格式无法识别。")
    found: dict[str, str] = json.loads(provider().decrypt(kid.decode(), LABEL, blob, _bound_to(export_id)))
    return found


def _bound_to(export_id: UUID) -> bytes:
    return f"spreadsheets_export.given.{export_id}.v1".encode()
