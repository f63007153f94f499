"""Thousands of values as one parameter of a statement.

A list is written by the driver as ARRAY[..] of as many constants, and each is read, typed and planned by the server: nine columns of 9,800
texts took 0.22 s before anything was done with them. As the text of an array they take 0.06.

    cursor.execute("... FROM unnest(%s::bigint[], %s::text[]) AS k (id, name)", [array(ids), array(names)])
"""

from collections.abc import Iterable
from typing import Any


def array(values: Iterable[Any]) -> str:
    """As PostgreSQL reads an array of texts, keys, numbers, days or yes and no; None is NULL. The statement says of what."""
    return "{" + ",".join("NULL" if value is None else f'"{_escaped(str(value))}"' for value in values) + "}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"') if "\\" in text or '"' in text else text
