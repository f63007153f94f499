"""Behind the addresses of what leaves the house: laid down, no file is made."""

import io
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from organization.models import Post
from spreadsheets import storage
from tests import cast
from tests.matrix.objects import arguments_of, at_work, body_of, by_scope_at_work, nothing
from tests.spreadsheets import ledgers
from tests.spreadsheets.handing_in import approval_of, blank, export_of, form_of

OWNERS = {"town": "clerk", "department": "officer", "platform": "platform"}


@arguments_of("exports:ledger_detail", "exports:ledger_export", "exports:report_propose", "exports:form_keep")
def a_ledger(scope: str, post: Post | None) -> dict[str, Any]:
    return {"key": ledgers.declare().key}


@arguments_of("exports:export_detail", "exports:export_progress", "exports:export_download")
def a_file(scope: str, post: Post | None) -> dict[str, Any]:
    """own: of who knocks. other: of a person of another township."""
    by = post if scope == "own" and post else cast.member("neighbour_clerk")
    export = export_of(by)
    name, size, digest = storage.write(export.pk, [b"PK"])
    type(export).objects.filter(pk=export.pk).update(storage_name=name, size=size, sha256=digest, expires_on=cast.UNTIL)
    return {"pk": export.pk}


@arguments_of(*(f"exports:report_{page}" for page in ("detail", "approve", "refuse", "end", "again")), shared=by_scope_at_work)
def a_report(scope: str, post: Post | None) -> dict[str, Any]:
    """department: of 县残联. platform: of the county platform."""
    ledgers.declare()
    return (
        {"pk": approval_of(cast.member("department_approver" if scope == "department" else "platform")).pk} if at_work(post) else nothing()
    )


@arguments_of(*(f"exports:form_{page}" for page in ("detail", "place", "map", "fill", "withdraw")), shared=by_scope_at_work)
def a_form(scope: str, post: Post | None) -> dict[str, Any]:
    ledgers.declare()
    return {"pk": form_of(cast.member(OWNERS[scope])).pk} if at_work(post) else nothing()


@body_of("exports:ledger_export", "exports:ledger_detail", "exports:form_fill")
def a_filter() -> dict[str, Any]:
    return {"month": "2026-09", "kind": "platform", "name": ""}


@body_of("exports:report_propose")
def a_proposal() -> dict[str, Any]:
    return {
        "kind": "platform", "recipient": "市民政局", "address": "政务邮箱", "purpose": "每月报送", "in_clear": "on", "day": "5",
        "of_month": "last", "until": "2027-06-30", "form": "", "columns": ["0:单位", "0:证件号码"],
    }  # fmt: skip


@body_of("exports:report_refuse", "exports:report_end")
def a_reason_of_it() -> dict[str, Any]:
    return {"reason": "接收单位有误"}


@body_of("exports:form_keep")
def a_blank_form() -> dict[str, Any]:
    return {"file": SimpleUploadedFile("月报.xlsx", io.BytesIO(blank()).getvalue()), "title": "市局月报", "part": "0"}


@body_of("exports:form_place")
def a_place() -> dict[str, Any]:
    return {"sheet": "月报", "first_row": "6"}


@body_of("exports:form_map")
def a_mapping_of_a_form() -> dict[str, Any]:
    return {f"{kind}_{at}": ("单位" if kind == "column" and at == 2 else "") for at in range(1, 7) for kind in ("column", "constant")}
