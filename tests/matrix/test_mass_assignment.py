"""S2: whatever a form or serializer is sent besides its own fields changes nothing.

Every POST of the matrix that has a body is made twice from the same state: once as meant, once with every column of every model of the
house added under its name, with values an attacker would like. Both leave the same rows. A body of the matrix names all fields of its form.
"""

import ast
import datetime
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, models, transaction
from django.urls import reverse

from config import clock
from organization.models import Post, Staff
from tests.guards.tree import ROOMS, product
from tests.matrix.objects import ARGUMENTS, BODIES
from tests.matrix.reading import ROLES
from tests.matrix.test_matrix import APIS, MATRIX, Caller, _caller

# Columns that differ between two runs of the same thing: numbers from sequences, salted hashes, codes and names of files by chance, what
# names a row by its number, and what goes by the database's clock; besides all ciphertext (`_sealed`), which has a nonce of its own.
RUNNING = {"id", "password", "subject_id", "request_id", "next_try_at", "query_code", "storage_name"}
WISHED_UUID = "00000000-0000-0000-0000-000000000001"
# Rows of one draft are made together and name each other by their numbers.
MADE_TOGETHER = {"Track.version", "Stage.track", "MaterialRequirement.version", "MaterialRequirement.track"}
# Ids that are made anew in every run, wherever they stand: in a key, a link, the record's data.
MADE_UUID = re.compile(rf"(?!{WISHED_UUID})[0-9a-f]{{8}}(?:-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}|(?<='request': )\d+")


def our_models() -> list[type[models.Model]]:
    return [m for m in apps.get_models() if m._meta.app_label in ROOMS]


def hostile() -> dict[str, Any]:
    """Every column of the house, with a value that would pay."""
    system = Post.objects.the_system()
    wishes = {
        models.BooleanField: "on", models.DateTimeField: clock.now() - datetime.timedelta(days=400), models.DateField: "2020-01-01",
        models.IntegerField: "1", models.JSONField: '{"x": 1}', models.UUIDField: WISHED_UUID,
        models.GenericIPAddressField: "192.0.2.9",
    }  # fmt: skip
    found: dict[str, Any] = {}
    for model in our_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, models.ForeignKey):
                value: Any = {Post: system.pk, Staff: system.staff_id}.get(field.related_model, "1")
                found[field.attname] = value
            elif field.choices:
                value = list(dict(field.flatchoices))[-1]
            else:
                value = next((wish for kind, wish in wishes.items() if isinstance(field, kind)), "hostile")
            found[field.name] = value
    return found


Rows = dict[str, tuple[Any, ...]]  # of one model, each by how it reads


def writes() -> dict[str, int]:
    """How many rows of each table this transaction has written so far, also what was taken back: what nobody wrote to need not be read."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_xact_user_tables")
        return dict(cursor.fetchall())


def rows(model: type[models.Model]) -> Rows:
    """All rows, without the columns that run."""
    steady = [f for f in model._meta.concrete_fields if f.name not in RUNNING and not f.name.endswith("_sealed")]
    fields = [f for f in steady if not (f.primary_key and isinstance(f, models.UUIDField))]
    fields = [f for f in fields if f"{model.__name__}.{f.name}" not in MADE_TOGETHER]
    kept = [f.attname for f in fields if not (isinstance(f, models.ForeignKey) and f.related_model in (model,))]
    binary = any(isinstance(f, models.BinaryField) for f in fields)
    found = list(model._base_manager.values_list(*kept))
    if binary:
        found = [tuple(bytes(value) if isinstance(value, memoryview) else value for value in row) for row in found]
    return {repr(row): row for row in found}


def send(role: str, url: str, scope: str, *extras: dict[str, Any]) -> list[dict[str, set[tuple[str, ...]]]]:
    """What a POST changes with each of these extras, from one and the same state; taken back afterwards."""
    found = []
    with transaction.atomic():
        post = _caller(ROLES[role]).post
        path = reverse(url, kwargs=ARGUMENTS[url](scope, post) if url in ARGUMENTS else {})
        body = BODIES[url]()
        first: dict[str, Rows] = {}
        for extra in extras:
            found.append(_changed(_caller(ROLES[role]), path, {**extra, **body}, first, is_json=url.startswith(APIS)))
        transaction.set_rollback(True)
    return found


def _changed(caller: Caller, path: str, body: dict[str, Any], first: dict[str, Rows], *, is_json: bool) -> dict[str, set[tuple[str, ...]]]:
    """The rows that a POST leaves and that did not stand before, by model; `first` keeps what stood before it, which is read once."""
    with transaction.atomic():
        for part in body.values():
            if hasattr(part, "seek"):
                part.seek(0)  # a file goes twice
        before = writes()
        response = caller.client.post(path, body, **({"content_type": "application/json", "headers": {"If-Match": "*"}} if is_json else {}))
        assert response.status_code in {200, 201, 302}, response.status_code
        after = writes()
        written = [m for m in our_models() if after.get(m._meta.db_table, 0) != before.get(m._meta.db_table, 0)]
        then = {model._meta.label: rows(model) for model in written}
        transaction.set_rollback(True)
    for label in then.keys() - first.keys():
        first[label] = rows(apps.get_model(label))
    left = {label: {_without_what_was_made(then[label][key]) for key in then[label].keys() - first[label].keys()} for label in then}
    return {label: values for label, values in left.items() if values}


def _without_what_was_made(row: tuple[Any, ...]) -> tuple[str, ...]:
    return tuple(MADE_UUID.sub("made", repr(value)) for value in row)


# They change the session alone.
DONE = {"go", "201", "200"}  # an API answers what it has done with the row
NO_ROWS = {"organization:sign_in", "households:household_search"}
# What is ticked in the matrix is nobody's: told so, and led back. The verbs behind them have forms of their own, which are tried.
NO_ROWS |= {f"monitoring:workbench_{act}" for act in ("receive", "take", "assign", "remind")}


def doors() -> list[tuple[str, str, str]]:
    """(address, scope, role) of each POST that carries a body and is done."""
    return [
        (
            url,
            row.scope,
            next(role for role, outcome in row.outcomes.items() if outcome in DONE and role not in {"ANON", "NOPOST"}),
        )
        for url, found in MATRIX.items()
        for row in found
        if row.method == "POST"
        and url in BODIES
        and (DONE if url.startswith(APIS) else {"go", "201"}) & set(row.outcomes.values())
        and url not in NO_ROWS
    ]


@pytest.mark.parametrize(("url", "scope", "role"), doors())
def test_what_is_sent_besides_changes_nothing(db, url, scope, role):
    meant, besides = send(role, url, scope, {}, hostile())
    assert meant, "the POST changed nothing: this test would show nothing"
    assert besides == meant, "\n".join(_differing(besides, meant))


def _differing(besides: dict[str, set[tuple[str, ...]]], meant: dict[str, set[tuple[str, ...]]]) -> Iterator[str]:
    """Each value that stands in one of the two alone, which the rows in full would bury."""
    for label in besides.keys() | meant.keys():
        for rows_of, others in ((besides, meant), (meant, besides)):
            known = {value for row in others.get(label, ()) for value in row}
            for row in rows_of.get(label, set()) - others.get(label, set()):
                yield f"{label} {'besides' if rows_of is besides else 'meant'}: {[value for value in row if value not in known]}"


def test_a_difference_is_seen(db, monkeypatch):
    meant = send("AS", "organization:staff_describe", "other", {})
    monkeypatch.setitem(BODIES, "organization:staff_describe", lambda: {"name": "改名", "employment_type": "purchased", "phone": "1"})
    assert send("AS", "organization:staff_describe", "other", {}) != meant


def test_no_form_or_serializer_takes_all_columns():
    taken = [mod.at(node) for mod in product() for node in _assignments(mod.tree) if mod.is_room("forms", "api", "filters")]
    assert not taken


def _assignments(tree: Any) -> Iterator[Any]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id in {"fields", "exclude"} for t in node.targets):
            is_all = isinstance(node.value, ast.Constant) and node.value.value == "__all__"
            if is_all or any(isinstance(t, ast.Name) and t.id == "exclude" for t in node.targets):
                yield node
