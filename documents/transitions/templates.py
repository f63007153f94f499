"""Word templates: the delivered ones loaded, the county's own uploaded, confirmed by a second person, retired."""

from django.core.exceptions import PermissionDenied
from django.db import transaction

from audit.transitions import record
from config import clock
from config.verbs import AlreadyHandled, TransitionError, edge, lock, recheck, save
from organization.models import Post

from ..models import DocumentTemplate
from ..papers import PAPERS
from ..permissions import can_confirm_template, can_retire_template, can_upload_template
from ..word import examine

PROPOSED, IN_FORCE, RETIRED = DocumentTemplate.Status.PROPOSED, DocumentTemplate.Status.IN_FORCE, DocumentTemplate.Status.RETIRED
# A delivered template that was set aside for one of the county's own comes back when that one goes.
EDGES: dict[str, frozenset[str]] = {
    PROPOSED: frozenset({IN_FORCE, RETIRED}),
    IN_FORCE: frozenset({RETIRED}),
    RETIRED: frozenset({IN_FORCE}),
}
_SET_ASIDE = "改用县级模板"


@transaction.atomic
def upload_template(*, kind: str, octets: bytes, note: str, by: Post) -> DocumentTemplate:
    """Hand in a template of the county's own. It waits for a second person; the one in use stays in use.

    Raises:
        TemplateRefused: no plain .docx, a field the paper does not have, or it does not render.
        TransitionError: an unknown kind, or another one waits already.
    """
    if not can_upload_template(by):
        raise PermissionDenied("文书模板由县级平台上传。")
    if kind not in PAPERS:
        raise TransitionError("没有这种文书。")
    examine(kind, octets)
    versions = _held_versions(kind, by)
    if any(version.status == PROPOSED for version in versions):
        raise TransitionError("这种文书已有一个待确认的模板，请先确认或不予采用，再上传新的。")
    template = _add(kind, octets, versions, note=note.strip(), by=by)
    record("template.uploaded", template, by=by, note=template.note, subject_text=_text(template))
    return template


@transaction.atomic
def confirm_template(*, template_id: int, by: Post) -> DocumentTemplate:
    """Put an uploaded template into use; the one before it is retired. Papers issued from now on take it.

    Raises:
        AlreadyHandled: somebody has confirmed it, or turned it down.
        PermissionDenied: not the platform's approver, or the one who uploaded it.
    """
    template = _fetch_locked(template_id, by)
    if template.status != PROPOSED:
        raise AlreadyHandled(_told(template))
    edge(template.status, IN_FORCE, EDGES, refusal=_told(template))
    recheck(template, can_confirm_template, by)
    _retire_current(template.kind, reason=_SET_ASIDE, by=by)
    _put_in_force(template, by)
    record("template.confirmed", template, by=by, note=template.note, subject_text=_text(template))
    return template


@transaction.atomic
def turn_down_template(*, template_id: int, reason: str, by: Post) -> DocumentTemplate:
    """Not take an uploaded template.

    Raises:
        AlreadyHandled: it is in use, or gone.
        TransitionError: without a reason.
    """
    template = _fetch_locked(template_id, by)
    if template.status != PROPOSED:
        raise AlreadyHandled(_told(template))
    recheck(template, can_retire_template, by)
    if not reason.strip():
        raise TransitionError("请填写不予采用的原因。")
    _retire(template, reason=reason.strip(), by=by)
    record("template.turned_down", template, by=by, note=template.retire_reason, subject_text=_text(template))
    return template


@transaction.atomic
def restore_default_template(*, kind: str, reason: str, by: Post) -> DocumentTemplate:
    """Go back to the delivered template.

    Raises:
        AlreadyHandled: it is in use.
        TransitionError: without a reason, or there is none.
    """
    if not can_retire_template(by):
        raise PermissionDenied("恢复平台自带模板由县级平台审批岗办理。")
    versions = _held_versions(kind, by)
    default = next((version for version in versions if version.is_default), None)
    if default is None:
        raise TransitionError("这种文书没有平台自带的模板。")
    if default.status == IN_FORCE:
        raise AlreadyHandled("现在使用的就是平台自带的模板。")
    if not reason.strip():
        raise TransitionError("请填写恢复平台自带模板的原因。")
    _retire_current(kind, reason=reason.strip(), by=by)
    edge(default.status, IN_FORCE, EDGES, refusal=_told(default))
    _put_in_force(default, by)
    record("template.restored", default, by=by, note=reason.strip(), subject_text=_text(default))
    return default


@transaction.atomic
def deliver_template(*, kind: str, octets: bytes, fixture_digest: str, by: Post) -> DocumentTemplate | None:
    """Load a delivered template, when it differs from the last one delivered. A county's own stays in use; else the new one is taken.

    Not tried out here, as an uploaded one is: tests do that for the files that are delivered.
    """
    if not can_upload_template(by):
        raise PermissionDenied("平台自带模板由系统装入。")
    versions = _held_versions(kind, by)
    last = next((version for version in versions if version.is_default), None)
    if last and last.fixture_digest == fixture_digest:
        return None
    current = next((version for version in versions if version.status == IN_FORCE), None)
    template = _add(kind, octets, versions, note="平台自带", by=by, is_default=True, fixture_digest=fixture_digest)
    if current is None or current.is_default:
        _retire_current(kind, reason="平台更新了自带模板", by=by)
        _put_in_force(template, by)
    else:
        _retire(template, reason=_SET_ASIDE, by=by)
    record("template.delivered", template, by=by, subject_text=_text(template))
    return template


def _held_versions(kind: str, by: Post) -> list[DocumentTemplate]:
    """All templates of a kind, newest first, held until the transaction ends. Who adds the first two at once meets in a constraint."""
    rows = DocumentTemplate.objects.visible_to(by).without_content().filter(kind=kind).order_by("-number")
    return list(rows.select_for_update(of=("self",), no_key=True))


def _fetch_locked(template_id: int, by: Post) -> DocumentTemplate:
    """The siblings first, in their order, so that confirming and restoring never wait for each other in a circle."""
    template: DocumentTemplate = DocumentTemplate.objects.visible_to(by).without_content().get_or_404(template_id)
    _held_versions(template.kind, by)
    return lock(template)


def _add(kind: str, octets: bytes, versions: list[DocumentTemplate], *, note: str, by: Post, **more: object) -> DocumentTemplate:
    template = DocumentTemplate(
        kind=kind, number=versions[0].number + 1 if versions else 1, content=octets, size=len(octets), note=note,
        uploaded_at=clock.now(), uploaded_by=by, uploaded_by_staff_id=by.staff_id, **more,
    )  # fmt: skip
    save(template)
    return template


def _put_in_force(template: DocumentTemplate, by: Post) -> None:
    template.status, template.confirmed_at, template.confirmed_by = IN_FORCE, clock.now(), by
    template.confirmed_by_staff_id = by.staff_id
    template.retired_at, template.retired_by, template.retire_reason = None, None, ""
    save(template, "status", "confirmed_at", "confirmed_by", "confirmed_by_staff", "retired_at", "retired_by", "retire_reason")


def _retire_current(kind: str, *, reason: str, by: Post) -> None:
    if current := DocumentTemplate.objects.without_content().in_force(kind):
        _retire(current, reason=reason, by=by)


def _retire(template: DocumentTemplate, *, reason: str, by: Post) -> None:
    edge(template.status, RETIRED, EDGES, refusal=_told(template))
    template.status, template.retired_at, template.retired_by, template.retire_reason = RETIRED, clock.now(), by, reason
    save(template, "status", "retired_at", "retired_by", "retire_reason")


def _text(template: DocumentTemplate) -> str:
    return f"{PAPERS[template.kind].title}模板第{template.number}版"


def _told(template: DocumentTemplate) -> str:
    """What became of it, by whom and when."""
    if template.retired_at:
        return f"{_text(template)}已由{template.retired_by}于{clock.local(template.retired_at):%Y-%m-%d %H:%M}停用。"
    if template.confirmed_at:
        return f"{_text(template)}已由{template.confirmed_by}于{clock.local(template.confirmed_at):%Y-%m-%d %H:%M}确认使用。"
    return f"{_text(template)}还在等待确认。"
