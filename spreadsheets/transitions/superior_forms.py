"""套表: the superior's blank workbook comes in, its headings are mapped once, and it is given up."""

from collections.abc import Mapping
from pathlib import PurePath
from uuid import UUID, uuid4

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.views.decorators.debug import sensitive_variables

from audit.transitions import record
from config import clock
from config.verbs import AlreadyHandled, TransitionError, lock, recheck, save
from config.words import without_numbers
from organization.models import Post

from .. import asking, layout, permissions, uploads
from ..ledgers import Asked
from ..models import SuperiorForm

LAST_ROW = 1_000


@sensitive_variables("octets")
@transaction.atomic
def keep_form(*, ledger: str, part: int, title: str, file_name: str, octets: bytes, by: Post) -> SuperiorForm:
    """Keep a blank workbook for a ledger. What its headings may mean is guessed, and mapped by `map_form`.

    Raises:
        PermissionDenied: from nobody who keeps forms.
        TransitionError: no blank .xlsx.
    """
    if not permissions.keeps_forms(by):
        raise PermissionDenied("您的岗位不能上传套表。")
    known = asking.ledger_for(ledger, by)
    labels = labels_of(ledger, part, by)
    book = layout.opened(octets)
    shown = layout.sheets_of(book)
    if not shown:
        raise TransitionError("这个文件里没有可见的工作表。")
    sheet = max(shown, key=lambda name: (_matches(book[name], labels), -shown.index(name)))
    pk = uuid4()
    form = SuperiorForm(
        pk=pk, title=without_numbers(title)[:80], unit=by.unit, ledger=ledger, part=part, file_sealed=uploads.seal(pk, octets),
        file_name=PurePath(file_name).name[-120:], sheet=sheet, first_row=layout.begin_of(book[sheet], labels), uploaded_at=clock.now(),
        uploaded_by=by,
    )  # fmt: skip
    save(form)
    record("form.kept", form, by=by, new=known.title, data={"size": len(octets)})
    return form


def labels_of(ledger: str, part: int, by: Post) -> list[str]:
    """The columns of a ledger's sheet, as that post has it.

    Raises:
        TransitionError: there is no such sheet.
    """
    known = asking.ledger_for(ledger, by)
    parts = known.parts(Asked(by, asking.defaults(known, by)))
    if part >= len(parts):
        raise TransitionError("台账没有这张表，请重新选择。")
    return [column.label for column in parts[part].columns]


def _matches(sheet: layout.Worksheet, labels: list[str]) -> int:
    found = layout.headings(sheet, layout.begin_of(sheet, labels))
    return sum(1 for heading in found if layout.guessed(heading.label, labels))


@transaction.atomic
def place_form(*, form_id: UUID | str, sheet: str, first_row: int, by: Post) -> SuperiorForm:
    """Say on which sheet and from which row on data stand, where the guess was wrong; what was mapped is mapped anew.

    Raises:
        TransitionError: no such sheet, no headings above that row; a 上报 fills it.
    """
    form = _taken_up(form_id, by)
    _refuse_standing(form)
    book = layout.opened(uploads.blank_form(form))
    if sheet not in layout.sheets_of(book):
        raise TransitionError("文件里没有这张工作表。")
    if not 2 <= first_row <= LAST_ROW or not layout.headings(book[sheet], first_row):
        raise TransitionError("这一行的上方没有表头。请填第一行数据所在的行号。")
    form.sheet, form.first_row, form.columns, form.mapped_at, form.mapped_by = sheet, first_row, {}, None, None
    save(form, "sheet", "first_row", "columns", "mapped_at", "mapped_by")
    record("form.placed", form, by=by, new=f"{sheet}第{first_row}行")
    return form


@transaction.atomic
def map_form(*, form_id: UUID | str, columns: Mapping[int, Mapping[str, str]], by: Post) -> SuperiorForm:
    """Say once what stands in each column: {"label": of the ledger, or #serial} or {"constant": text}.

    Raises:
        TransitionError: nothing of the ledger is mapped, or a label it has not; a 上报 fills it.
    """
    form = _taken_up(form_id, by)
    _refuse_standing(form)
    labels = {"#serial", *labels_of(form.ledger, form.part, by)}
    kept = {str(at): {kind: str(value)[:80] for kind, value in to.items()} for at, to in columns.items()}
    if any(to.get("label", "#serial") not in labels for to in kept.values()):
        raise TransitionError("选的栏目已不在台账里，请重新选择。")
    if not any(to.get("label", "#serial") != "#serial" for to in kept.values()):
        raise TransitionError("至少要有一列对应台账的栏目。")
    for to in kept.values():
        without_numbers(to.get("constant", ""))
    form.columns, form.mapped_at, form.mapped_by = kept, clock.now(), by
    save(form, "columns", "mapped_at", "mapped_by")
    record("form.mapped", form, by=by, new=f"{len(kept)}列")
    return form


@transaction.atomic
def withdraw_form(*, form_id: UUID | str, by: Post) -> SuperiorForm:
    """It is filled no more; a 上报 that fills it has to be ended first.

    Raises:
        TransitionError: one still stands.
    """
    form = _taken_up(form_id, by)
    _refuse_standing(form)
    form.withdrawn_at, form.withdrawn_by = clock.now(), by
    save(form, "withdrawn_at", "withdrawn_by")
    record("form.withdrawn", form, by=by)
    return form


def _refuse_standing(form: SuperiorForm) -> None:
    """What leaves each month was approved with this form as it was mapped then: a column put in afterwards would have nobody's word."""
    standing = form.approvals.filter(status__in=("proposed", "approved")).first()
    if standing is not None:
        raise TransitionError(f"“{standing}”还在使用这张套表，请先终止那项上报。")


def _taken_up(form_id: UUID | str, by: Post) -> SuperiorForm:
    form: SuperiorForm = lock(SuperiorForm.objects.visible_to(by).get_or_404(form_id))
    if form.withdrawn_at is not None:
        raise AlreadyHandled(f"这张套表已于{clock.local(form.withdrawn_at):%Y-%m-%d}停用。")
    recheck(form, lambda post, _: permissions.keeps_forms(post), by)
    return form
