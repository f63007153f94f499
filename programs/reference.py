"""Loading the catalogue from `fixtures/` (ZX-56, RULES D). Loading twice changes nothing; a changed file makes a new version.

A version published by a department since is never replaced: the changed file then becomes a draft for that department to look at.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction

from audit.transitions import record
from config import clock
from config.verbs import save
from organization.desks import standing
from organization.models import Department, Post

from . import transitions
from .catalogue import FIXTURES, Fields, FixtureError, ProgramSpec, TrackSpec, Value, read, read_facts, read_materials
from .models import FactKind, Material, MaterialRequirement, Program, ProgramVersion, Stage, Track
from .transitions import Content, Row, TrackContent

# The list is of 2021 (忠府办发〔2021〕53号), and what was given since 2021-01-01 is collected (ZX-24): the first versions reach back to it.
SINCE = date(2021, 1, 1)


@transaction.atomic
def load(*, by: Post, folder: Path = FIXTURES) -> None:
    known_departments = list(Department.objects.visible_to(by).select_related("successor"))
    # A department that was dissolved since the list was written: its programs are its successor's (RULES F7).
    departments = {department.code: standing(department, clock.today()) for department in known_departments}
    _load_facts(read_facts(folder), {department.name: departments[department.code] for department in known_departments}, by)
    _load_materials(read_materials(folder), by)
    known = {program.code: program for program in Program.objects.visible_to(by)}
    loaded = _latest_loaded(by)
    for spec in read(folder):
        fields = _program_fields(spec, departments)
        program = known.get(spec.code)
        if program is None:
            transitions.enter(code=spec.code, fields=fields, by=by)
        elif any(getattr(program, name) != value for name, value in fields.items()):
            transitions.revise(code=spec.code, fields=fields, by=by)
        _load_version(spec, loaded.get(spec.code), departments, by)


@dataclass
class _Loaded:
    digest: str
    is_newest_published: bool
    valid_from: date


def _latest_loaded(by: Post) -> dict[str, _Loaded]:
    """Per program the last version that came from a file, and whether a department has published one since."""
    found: dict[str, _Loaded] = {}
    for version in ProgramVersion.objects.visible_to(by).order_by("program_id", "number"):
        last = found.get(version.program_id)
        if version.fixture_digest:
            found[version.program_id] = _Loaded(version.fixture_digest, version.is_published, version.valid_from or SINCE)
        elif version.is_published and last:
            last.is_newest_published = False
    return found


def _load_version(spec: ProgramSpec, last: _Loaded | None, departments: dict[str, Department], by: Post) -> None:
    digest = spec.version_digest()
    if last and last.digest == digest:
        return
    note = "参考文件更新" if last else "按来源清单建立"
    version = transitions.draft(code=spec.code, content=content_of(spec, departments), fixture_digest=digest, note=note, by=by)
    if last is None:
        transitions.publish(version_id=version.pk, valid_from=SINCE, by=by)
    elif last.is_newest_published:
        transitions.publish(version_id=version.pk, valid_from=max(clock.today(), last.valid_from + timedelta(days=1)), by=by)


def _program_fields(spec: ProgramSpec, departments: dict[str, Department]) -> Row:
    fields, origins = _typed(Program, spec.fields)
    code = spec.fields["department"].value
    if code not in departments:
        raise FixtureError(f"{spec.code}：没有代码为{code}的部门。")
    return {**fields, "department": departments[code], "origins": origins}


def content_of(spec: ProgramSpec, departments: dict[str, Department]) -> Content:
    """A spec as the verb `draft` takes it."""
    fields, origins = _typed(ProgramVersion, spec.version)
    return Content(
        fields={**fields, "origins": origins},
        tracks=[_track(track, departments) for track in spec.tracks],
        requirements=[_requirement(order, row) for order, row in enumerate(spec.materials, start=1)],
    )


def _track(spec: TrackSpec, departments: dict[str, Department]) -> TrackContent:
    above = spec.fields["above_ceiling"].value
    fields, origins = _typed(Track, spec.fields)
    stages = [_stage(row, spec.fields, departments) for row in spec.stages]
    return TrackContent({**fields, "key": spec.key, "origins": origins}, stages, above)


def _stage(row: dict[str, str], track: Fields, departments: dict[str, Department]) -> Row:
    """A stage's step has its own origin or the route's; its limit its own, or for publicity that of the publicity days."""
    step = _origin(row["step_origin"], row["step_source"] or track["route"].source)
    limit = _origin(row["limit_origin"], row["limit_source"] or track["publicity_days"].source)
    names = ("act", "unit_kind", "name", "limit", "limit_unit", "is_counted", "counts_for")
    fields: Row = {name: _parse(Stage._meta.get_field(name), row[name]) for name in names}
    fields["department"] = departments[row["department"]] if row["department"] else None
    of_limit = {"limit", "limit_unit", "is_counted", "counts_for"}
    fields["origins"] = {name: limit if name in of_limit else step for name in Stage.sourced_fields()}
    return fields


def _requirement(order: int, row: dict[str, str]) -> Row:
    names = ("name", "advice", "is_form", "need", "condition")
    fields: Row = {name: _parse(MaterialRequirement._meta.get_field(name), row[name]) for name in names}
    origin = _origin(row["origin"], row["source"], row["note"])
    origins = dict.fromkeys(MaterialRequirement.sourced_fields(), origin)
    return {**fields, "material_id": row["material"], "track": row["track"], "order": order, "origins": origins}


def _typed(model: type[models.Model], values: Fields) -> tuple[Row, dict[str, dict[str, str]]]:
    """The model's values and the origin of each. Relations are left to the caller.

    Raises:
        FixtureError: a field of the model without a line, or a line without its origin.
    """
    sourced: list[str] = model.sourced_fields()  # type: ignore[attr-defined]
    if odd := set(sourced) ^ set(values):
        raise FixtureError(f"{model.__name__}：字段与文件不符 {sorted(odd)}")
    row = {name: _parse(model._meta.get_field(name), values[name].value) for name in sourced if not model._meta.get_field(name).is_relation}
    return row, {name: _origin_of(name, values[name]) for name in sourced}


def _origin_of(name: str, value: Value) -> dict[str, str]:
    if not value.origin:
        raise FixtureError(f"{name}：{value.value}没有来源")
    return _origin(value.origin, value.source, value.note)


def _origin(origin: str, source: str, note: str = "") -> dict[str, str]:
    return {"origin": origin, "source": source, "note": note}


def _parse(column: Any, text: str) -> Any:
    """A cell as the column's type: 是/否, numbers, lists parted by ";", a choice by its value or its Chinese label."""
    if isinstance(column, ArrayField):
        return [_parse(column.base_field, part) for part in text.split(";") if part]
    if isinstance(column, models.JSONField):
        return json.loads(text)
    if isinstance(column, models.BooleanField):
        return text == "是"
    if isinstance(column, (models.IntegerField, models.DecimalField)):
        return column.to_python(text) if text else None
    if column.choices:
        return {label: value for value, label in column.flatchoices}.get(text, text)
    return text


def _load_facts(rows: Iterable[dict[str, str]], by_name: dict[str, Department], by: Post) -> None:
    changed = []
    for row in rows:
        codes = [dict(zip(("code", "label"), pair.split("="), strict=True)) for pair in row["codes"].split(";") if pair]
        flags = {name: row[name] == "是" for name in ("is_sensitive", "is_list", "is_derived")}
        values: Row = {**row, "codes": codes, "holder": by_name[row["holder"]] if row["holder"] else None, **flags}
        changed += _settle(FactKind, values)
    if changed:
        record("fact_kinds.loaded", by.unit, by=by, note="事实目录", data={"keys": changed})


def _load_materials(rows: Iterable[dict[str, str]], by: Post) -> None:
    changed = []
    for row in rows:
        proofs = sorted(filter(None, row["proofs"].split(";")))
        values: Row = {"key": row["key"], "name": row["name"], "advice": row["advice"], "is_form": row["is_form"] == "是"}
        keys = _settle(Material, values)
        material = Material.objects.prefetch_related("proofs").get(pk=row["key"])
        if sorted(fact.pk for fact in material.proofs.all()) != proofs:
            material.proofs.set(FactKind.objects.filter(pk__in=proofs))
            keys = [row["key"]]
        changed += keys
    if changed:
        record("materials.loaded", by.unit, by=by, note="材料目录", data={"keys": changed})


def _settle(model: type[FactKind] | type[Material], values: Row) -> list[str]:
    """Bring a row of a small catalogue to these values; its key, if anything changed."""
    row = model._default_manager.filter(pk=values["key"]).first()
    if row and all(getattr(row, name) == value for name, value in values.items()):
        return []
    row = row or model()
    for name, value in values.items():
        setattr(row, name, value)
    save(row)
    return [values["key"]]
