"""What Django's ORM spends most of its time on in this house, made shorter for the bed (see docs/testing.md).

A statement with an order hashes every column it selects, and a column's hash binds the signature of its constructor: a tenth of all the
time of the tests. Nothing here changes a statement or a value: equal columns hash alike, and what is equal is still asked of Django.
"""

from typing import Any

from django.db.models.expressions import Col

_converters_of = Col.get_db_converters


def _hash(col: Col) -> int:
    return hash((col.alias, col.target.attname))


def _converters(col: Col, connection: Any) -> list[Any]:
    """A column that is read as what it is: asked by identity first, which is nearly always the answer."""
    if col.target is col.output_field:
        return col.output_field.get_db_converters(connection)
    return _converters_of(col, connection)


def be_quick() -> None:
    Col.__hash__ = _hash  # type: ignore[method-assign]
    Col.get_db_converters = _converters  # type: ignore[method-assign]
