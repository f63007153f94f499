"""What Django's ORM spends most of its time on in this house, made shorter for the bed (see docs/testing.md).

The house selects whole rows with their parents, some hundred columns a statement, and Django makes an object, a hash and a quoted name for
each of them each time. Nothing here changes a statement or a value: `tests/guards/test_quick.py` compiles the same queries both ways.
"""

import logging
from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.db.models.expressions import Col
from django.db.models.options import Options
from django.db.models.sql.compiler import SQLCompiler

_converters_of, _columns_of, _pairs_of = Col.get_db_converters, SQLCompiler.get_default_columns, SQLCompiler._order_by_pairs
_as_sql_of, _select_format_of, _hash_of = Col.as_sql, Col.select_format, Col.__hash__


def _hash(col: Col) -> int:
    """A column's own binds the signature of its constructor; equal columns hash alike, and what is equal is still asked of Django."""
    return hash((col.alias, col.target.attname))


def _converters(col: Col, connection: Any) -> list[Any]:
    """A column that is read as what it is: asked by identity first, which is nearly always the answer."""
    if col.target is col.output_field:
        return col.output_field.get_db_converters(connection)
    return _converters_of(col, connection)


def _as_sql(col: Col, compiler: SQLCompiler, connection: Any) -> tuple[str, list[Any]]:
    """What is quoted already is asked first."""
    quoted, column, alias = compiler.quote_cache, col.target.column, col.alias
    name = quoted.get(column) or compiler.quote_name_unless_alias(column)
    if not alias:
        return name, []
    return f"{quoted.get(alias) or compiler.quote_name_unless_alias(alias)}.{name}", []


def _select_format(col: Col, compiler: SQLCompiler, sql: str, params: Any) -> tuple[str, Any]:
    return col.output_field.select_format(compiler, sql, params)


_columns: dict[tuple[Options, str], list[Col]] = {}  # of the models as they are: a migration's are made anew all the time


def _default_columns(
    compiler: SQLCompiler, mask: Any, start_alias: str | None = None, opts: Any = None, from_parent: Any = None
) -> list[Col]:
    """All columns of a model without parents, under one alias: the same objects each time."""
    asked = opts or compiler.query.get_meta()
    if mask or from_parent or asked is None or asked.parents or asked.proxy or asked.apps is not apps:
        return _columns_of(compiler, mask, start_alias, opts, from_parent)
    what = (asked, start_alias or compiler.query.get_initial_alias())
    if what not in _columns:
        _columns[what] = _columns_of(compiler, mask, start_alias, opts, from_parent)
    return list(_columns[what])


def _order_by_pairs(compiler: SQLCompiler) -> Iterable[Any]:
    """An order by names of fields refers to no selected expression: a reference to each of them need not be made."""
    query, select = compiler.query, compiler.select
    ordering = query.order_by or (query.get_meta().ordering if query.default_ordering and query.get_meta() else ())
    if not select or query.combinator or query.extra_order_by or any(alias for _, _, alias in select):
        return _pairs_of(compiler)
    if not all(isinstance(name, str) for name in ordering):
        return _pairs_of(compiler)
    compiler.select = None
    try:
        return list(_pairs_of(compiler))
    finally:
        compiler.select = select


def be_quick() -> None:
    Col.__hash__, Col.get_db_converters, Col.as_sql, Col.select_format = _hash, _converters, _as_sql, _select_format  # type: ignore[method-assign]
    SQLCompiler.get_default_columns, SQLCompiler._order_by_pairs = _default_columns, _order_by_pairs  # type: ignore[method-assign]


def tell_no_refusals() -> None:
    """Thousands of refusals are meant: each told to the log with its traceback, they were a fourteenth of the matrix' time."""
    logging.getLogger("django.request").setLevel(logging.ERROR)


def be_slow() -> None:
    """As Django does it: for the test that holds both equal."""
    Col.__hash__, Col.get_db_converters, Col.as_sql, Col.select_format = _hash_of, _converters_of, _as_sql_of, _select_format_of  # type: ignore[method-assign]
    SQLCompiler.get_default_columns, SQLCompiler._order_by_pairs = _columns_of, _pairs_of  # type: ignore[method-assign]
