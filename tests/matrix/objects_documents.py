"""Files, papers, templates and texts behind the addresses of `documents`.

This floor knows no cases, so the subject here is a region, and its gate stands for that of a room above: whose region it is may read.
"""

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from documents import gates, storage, transitions
from documents.models import FormVersion
from documents.papers import PAPERS
from organization.models import Post, Region
from tests import cast
from tests.documents import factories, words
from tests.matrix.objects import arguments_of, body_of, by_scope

KIND = "refusal_notice"
OWN = words.saying("{{ addressee }}", "{{ reason }}")
gates.register("organization.region", lambda post, pk: post.region_code == pk)


def _region(scope: str, post: Post | None) -> Region:
    """own: that of the one who knocks. town: another township's."""
    return Region.objects.get(pk=post.region_code if scope == "own" and post else cast.NEIGHBOUR)


@arguments_of("documents:attachment_open")
def a_file(scope: str, post: Post | None) -> dict[str, Any]:
    region = _region(scope, post)
    row = factories.attachment_row(cast.member("clerk"), subject_label="organization.region", subject_id=region.pk, storage_name="-")
    row.storage_name, row.key_name = storage.write(row.pk, b"\xff\xd8\xff made up")
    row.digest = storage.digest(b"\xff\xd8\xff made up")
    row.save()
    return {"pk": row.pk}


@arguments_of("documents:issued_print", "documents:issued_docx")
def a_paper(scope: str, post: Post | None) -> dict[str, Any]:
    region = _region(scope, post)
    return {"pk": transitions.issue(kind=KIND, subject=region, data=PAPERS[KIND].sample(), by=cast.member("clerk")).pk}


@arguments_of("documents:template_detail")
def a_kind(scope: str, post: Post | None) -> dict[str, Any]:
    return {"kind": "poem" if scope == "absent" else KIND}


@arguments_of("documents:template_restore", shared=by_scope)
def a_kind_with_a_template_of_the_countys_own(scope: str, post: Post | None) -> dict[str, Any]:
    transitions.confirm_template(template_id=_uploaded("platform"), by=cast.member("platform_approver"))
    return {"kind": KIND}


@arguments_of("documents:template_download", "documents:template_sample", "documents:template_turn_down", shared=by_scope)
def a_template(scope: str, post: Post | None) -> dict[str, Any]:
    return {"pk": _uploaded("platform")}


@arguments_of("documents:template_confirm", shared=by_scope)
def a_template_that_waits(scope: str, post: Post | None) -> dict[str, Any]:
    """other: uploaded by a colleague. self: by the approver."""
    return {"pk": _uploaded("platform_approver" if scope == "self" else "platform")}


def _uploaded(by: str) -> int:
    """As the verb leaves it, without its trial of the file: that costs half a second, and every cell asks for one."""
    return factories.template_row(cast.member(by), kind=KIND, content=OWN, size=len(OWN)).pk


@arguments_of("documents:form_print", shared=by_scope)
def a_text(scope: str, post: Post | None) -> dict[str, Any]:
    return {"pk": _drafted() if scope == "draft" else FormVersion.objects.published().get(key="promise").pk}


@arguments_of("documents:form_publish", shared=by_scope)
def a_draft(scope: str, post: Post | None) -> dict[str, Any]:
    return {"pk": _drafted()}


@arguments_of("documents:form_draft")
def a_key(scope: str, post: Post | None) -> dict[str, Any]:
    return {"key": "promise"}


def _drafted() -> int:
    text = {"key": "promise", "title": "诚信承诺书", "text": "如实申报。", "origin": "assumed", "source": "县民政局修订"}
    return transitions.draft_form(**text, by=cast.member("platform")).pk


@body_of("documents:template_detail")
def a_template_file() -> dict[str, Any]:
    return {"file": SimpleUploadedFile("own.docx", OWN), "note": "按县局格式"}


@body_of("documents:template_turn_down", "documents:template_restore")
def a_reason() -> dict[str, Any]:
    return {"reason": "格式不合要求"}


@body_of("documents:form_draft")
def a_next_version() -> dict[str, Any]:
    return {"title": "诚信承诺书", "text": "如实申报。", "origin": "assumed", "source": "县民政局修订"}


@body_of("documents:form_publish")
def a_day() -> dict[str, Any]:
    return {"valid_from": "2026-10-01"}
