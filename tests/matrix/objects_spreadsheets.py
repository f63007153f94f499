"""Behind the addresses of files on their way in: laid down, nothing of them is read here."""

import uuid
from typing import Any

from config import clock
from organization.models import Post
from spreadsheets import declaration, uploads
from spreadsheets.forms import field_of
from spreadsheets.models import Batch, Mapping, StagedRow, Upload
from tests import cast
from tests.matrix.objects import arguments_of, body_of, by_scope
from tests.spreadsheets import people

OF = {"town": "clerk", "department": "officer"}
STAGES: dict[str, dict[str, Any]] = {
    "ready": {"counts": {"new": 1, "error": 1, "jump": 0, "unknown": 0}},
    "proposed": {"counts": {"new": 1, "jump": 0, "unknown": 0}},
    "refused": {"refusal": "缺少必填的列。", "columns": {"missing": ["name"], "unknown": ["名字"]}},
    "reading": {},
    "applied": {"counts": {"new": 1, "jump": 0, "unknown": 0}},
}


def batch_of(scope: str, status: str = "ready") -> Batch:
    """A file of that unit at that step, with a row that is new and one that is wrong."""
    declaration.register("testtown", TownPeople())
    by, now = cast.member(OF[scope]), clock.now()
    post = {"handed_in_by": by, "handed_in_by_staff": by.staff, "handed_in_at": now}
    given: dict[str, Any] = {"rows": 2, "compared_at": now, **STAGES[status]}
    if status == "proposed":
        given |= {"proposed_at": now, "proposed_by": by}
    if status == "applied":
        given |= {"applied_at": now, "applied_by": by, "confirmed_at": now, "confirmed_by": by, "confirmed_by_staff": by.staff}
    file = {"template": "testtown:added", "title": "测试名册", "file_name": "名册.csv", "file_digest": uuid.uuid4(), "size": 100}
    batch = Batch.objects.create(status=status, unit=by.unit, as_of=clock.today(), **file, **post, **given)
    wrong: dict[str, Any] = {
        "outcome": "error",
        "problems": [["amount", "请填写数字。"]],
        "marks": ["unread"],
        "cells": {"?amount": "三百"},
    }
    StagedRow.objects.create(batch=batch, number=2, outcome="new", new_id=uuid.uuid4(), name="虚构乙", cells={"name": "虚构乙"})
    StagedRow.objects.create(batch=batch, number=3, new_id=uuid.uuid4(), name="虚构丙", **wrong)
    if status == "refused":
        Upload.objects.create(batch=batch, sealed=uploads.seal(batch.pk, b"a,b"))
    return batch


class TownPeople(people.People):
    """The owner of the tests' template, for townships and the platform alone."""

    def template(self, name: str) -> declaration.Template | None:
        return TOWN if name == "added" else None

    def may_hand_in(self, post: Any, template: declaration.Template) -> bool:
        return post.role in {"T", "TA", "B", "BA"}

    def compare(self, batch: Any, template: declaration.Template) -> declaration.Comparison:
        StagedRow.objects.filter(batch=batch, outcome="").update(outcome="new")
        return declaration.Comparison()


TOWN = declaration.Template(key="testtown:added", title="测试名册", fields=people.FIELDS, key_fields=("id_number",))


@arguments_of("spreadsheets:template_blank", "spreadsheets:batch_new")
def a_template(scope: str, post: Post | None) -> dict[str, Any]:
    declaration.register("testtown", TownPeople())
    return {"key": TOWN.key}


@arguments_of(*(f"spreadsheets:batch_{page}" for page in ("detail", "progress", "errors", "confirm", "drop")), shared=by_scope)
def a_batch(scope: str, post: Post | None) -> dict[str, Any]:
    return {"pk": batch_of(scope).pk}


@arguments_of("spreadsheets:batch_send_back", shared=by_scope)
def a_proposed_batch(scope: str, post: Post | None) -> dict[str, Any]:
    return {"pk": batch_of(scope, "proposed").pk}


@arguments_of("spreadsheets:batch_undo", shared=by_scope)
def an_applied_batch(scope: str, post: Post | None) -> dict[str, Any]:
    return {"pk": batch_of(scope, "applied").pk}


@arguments_of("spreadsheets:batch_mapping", shared=by_scope)
def a_refused_batch(scope: str, post: Post | None) -> dict[str, Any]:
    return {"pk": batch_of(scope, "refused").pk}


@arguments_of("spreadsheets:mapping_forget", shared=by_scope)
def a_mapping_remembered(scope: str, post: Post | None) -> dict[str, Any]:
    declaration.register("testtown", TownPeople())
    by = cast.member(OF[scope])
    row = Mapping.objects.create(unit=by.unit, template=TOWN.key, headings={"名字": "name"}, set_at=clock.now(), set_by=by)
    return {"pk": row.pk}


@arguments_of("spreadsheets:batch_resume", shared=by_scope)
def a_stuck_batch(scope: str, post: Post | None) -> dict[str, Any]:
    return {"pk": batch_of(scope, "reading").pk}


@arguments_of("spreadsheets:row_mend", "spreadsheets:row_take_out", shared=by_scope)
def a_row(scope: str, post: Post | None) -> dict[str, Any]:
    batch = batch_of(scope)
    return {"pk": batch.pk, "row": StagedRow.objects.get(batch=batch, outcome="error").pk}


@body_of("spreadsheets:batch_send_back", "spreadsheets:batch_drop", "spreadsheets:batch_undo")
def a_reason() -> dict[str, Any]:
    return {"reason": "报错了月份"}


@body_of("spreadsheets:batch_mapping")
def a_mapping() -> dict[str, Any]:
    return {field_of("名字"): "name"}


@body_of("spreadsheets:mapping_forget")
def a_heading() -> dict[str, Any]:
    return {"heading": "名字"}


@body_of("spreadsheets:row_mend")
def a_mended_row() -> dict[str, Any]:
    return {
        "name": "虚构丙", "amount": "300", "phone": "", "card": "", "township": "忠州街道", "since": "", "is_farmer": "", "note": "",
    }  # fmt: skip
