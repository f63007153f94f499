"""Migrations of a database that is made from nothing: the demo's and the tests'.

For every step Django renders the model anew and all that it can reach by foreign keys, which is nearly the whole house: nine tenths of the
time of `migrate`. Here a constraint or an index is put on the class that stands, and only the model that a step changes is rendered. What
points at it keeps the class of before, which matters to two kinds of steps, those that look at a model's relations, and to code that
queries: these get all classes anew, as Django gives them (`is_delayed`). What is sent to the database is the same.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management import call_command
from django.db.migrations.operations import AlterField, RenameModel
from django.db.migrations.state import ProjectState

_alter_of, _rename_of = AlterField.database_forwards, RenameModel.database_forwards


def migrate() -> None:
    """Every migration that has not been applied yet."""
    with _less_rendered():
        call_command("migrate", verbosity=0, interactive=False)


@contextmanager
def _less_rendered() -> Iterator[None]:
    djangos = [(place, name, getattr(place, name)) for place, name, _ in OURS]
    for place, name, ours in OURS:
        setattr(place, name, ours)
    try:
        yield
    finally:
        for place, name, its in djangos:
            setattr(place, name, its)


def _append(self: Any, app_label: str, model_name: str, option_name: str, thing: Any) -> None:
    options = self.models[app_label, model_name].options
    options[option_name] = [*options[option_name], thing]
    if "apps" in self.__dict__:
        meta = self.apps.get_model(app_label, model_name)._meta
        setattr(meta, option_name, [*getattr(meta, option_name), thing])


def _itself_alone(self: Any, app_label: str, model_name: str, delay: bool = False) -> set[tuple[str, str]]:  # noqa: ARG001, FBT001, FBT002
    self.is_delayed = True  # code that queries asks for this, and all classes are rendered for it
    return {(app_label, model_name)}


def _alter(self: Any, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
    """A column that others may point at: their foreign keys change with it."""
    before = from_state.models[app_label, self.model_name_lower].fields[self.name]
    if before.unique or self.field.unique:  # a primary key is unique, too
        _render_all(from_state, to_state)
    _alter_of(self, app_label, schema_editor, from_state, to_state)


def _rename(self: Any, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
    _render_all(from_state, to_state)
    _rename_of(self, app_label, schema_editor, from_state, to_state)


def _render_all(*states: Any) -> None:
    for state in states:
        state.clear_delayed_apps_cache()


OURS = (
    (ProjectState, "_append_option", _append),
    (ProjectState, "_find_reload_model", _itself_alone),
    (AlterField, "database_forwards", _alter),
    (RenameModel, "database_forwards", _rename),
)
