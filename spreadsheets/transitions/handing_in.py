"""A file comes in, is mapped, resumed or dropped (DESIGN 7, SECURITY D9)."""

import io
import re
import struct
from collections.abc import Mapping as MappingOf
from datetime import date
from pathlib import PurePath
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import connection, models, transaction
from django.http import Http404
from django.views.decorators.debug import sensitive_variables

from audit.transitions import record
from config import clock
from config.protection.numbers import without_id_numbers
from config.verbs import AlreadyHandled, TransitionError, lock, recheck, save
from config.words import without_numbers
from deadlines.models import Job
from deadlines.transitions import ask_job
from organization.figures import figure
from organization.models import Post, Unit

from .. import permissions, uploads
from ..declaration import Template, template_of
from ..headings import unused
from ..models import Batch, Mapping, StagedRow, Upload
from .edges import APPLY, READ, S, known, taken_up

ENDING = re.compile(r"\.[A-Za-z][A-Za-z0-9]{1,8}")  # of a file's name
HAND_IN_ANEW = "列的对应已按新的选择记住。原文件读完即不再保存，请重新上传这个文件，平台按新的选择读取。"
FORGOTTEN = "这一列刚刚由他人改过，请看现在记住的。"
KEPT = "COPY spreadsheets_upload (batch_id, sealed) FROM STDIN (FORMAT binary)"
COPIED_HEAD, COPIED_LINE, COPIED_TAIL = b"PGCOPY\n\xff\r\n\0" + bytes(8), struct.Struct("!hi16si"), b"\xff\xff"  # of two columns


class FileOnItsWay(AlreadyHandled):
    """The same file is being worked on: `batch` is where."""

    def __init__(self, batch: Batch) -> None:
        self.batch = batch
        super().__init__(
            f"同一个文件已经由{batch.handed_in_by.label}上传，现为“{batch.get_status_display()}”。请到那一批次继续办理，不要重复上传。"
        )


@sensitive_variables()
@transaction.atomic
def hand_in(
    *, template: str, file_name: str, octets: bytes, as_of: date, by: Post, unit: Unit | None = None, door: str = "",
    subject: models.Model | None = None,
) -> Batch:  # fmt: skip
    """Keep the file sealed and ask for it to be read. `unit` answers for the rows: by the county platform another's (代录, ZX-22),
    else one that `by` stands for.

    Raises:
        FileOnItsWay: the same file of the unit for the template is being worked on.
        TransitionError: empty, too large, of a day that has not come, for a unit that has no business with the template.
    """
    declared, unit = template_of(template), unit or by.unit
    if declared is None:
        raise Http404("没有这个模板。")
    if not permissions.can_hand_in(by, declared) or not permissions.may_stand_for(by, unit):
        raise PermissionDenied("您的岗位不能报送这个模板。")
    if unit.pk != by.unit_id and permissions.chooses_unit(by) and not permissions.owes(unit, declared):
        raise TransitionError(f"“{declared.title}”不由{unit.short_name}报送。请选择负责这份数据的单位。")
    _refuse(octets, as_of)
    digest = uploads.digest(octets)
    alike = Batch.objects.on_their_way().filter(unit=unit, template=template, file_digest=digest).select_related("handed_in_by__unit")
    if (standing := alike.first()) is not None:
        raise FileOnItsWay(standing)
    batch = Batch(
        template=template, title=declared.title[:80], unit=unit, as_of=as_of, door=door, file_name=_name(file_name), file_digest=digest,
        size=len(octets), handed_in_at=clock.now(), handed_in_by=by, handed_in_by_staff=by.staff,
    )  # fmt: skip
    batch.declared = declared  # asked for once
    if subject is not None:
        batch.subject_label, batch.subject_id = subject._meta.label_lower, str(subject.pk)
    save(batch)
    _keep(batch, octets)
    record("batch.handed_in", batch, by=by, new=f"{len(octets) / 1024:.0f}KB", data={"template": template, "unit": unit.short_name})
    _ask_for_reading(batch, by)
    return batch


@sensitive_variables()
def _keep(batch: Batch, octets: bytes) -> None:
    """Until the file is read; as the octets they are: in the text of a statement each would be two, which the server reads again."""
    sealed = uploads.seal(batch.pk, octets)
    line = COPIED_LINE.pack(2, 16, batch.pk.bytes, len(sealed))
    with connection.cursor() as cursor, connection.wrap_database_errors:  # of a COPY Django leaves the driver's own errors as they are
        cursor.copy_expert(KEPT, io.BytesIO(b"".join((COPIED_HEAD, line, sealed, COPIED_TAIL))), len(sealed))


@transaction.atomic
def set_mapping(*, batch_id: UUID | str, headings: MappingOf[str, str], by: Post) -> Batch:
    """Say for what the file's headings stand, key by heading ("" for none): the unit's next file is read the same way, and this one is read
    again, from its beginning. What was said before of headings that are not asked about now stands.

    Of a file that is read already as long as nobody asked for its entry. Where its octets went with its reading it is refused instead, and
    has to be handed in again: no file is kept longer for the sake of what somebody may say of it later.

    Raises:
        TransitionError: one heading for two columns; nothing is said that is not so already; a refused file is not kept any more.
    """
    batch = taken_up(batch_id, S.READING, permissions.can_mend, by)
    _, template = known(batch)
    keys = {field.key for field in template.fields}
    said = {heading: key if key in keys else "" for heading, key in headings.items() if without_id_numbers(heading) == heading}
    chosen = {heading: key for heading, key in said.items() if key}
    if len(set(chosen.values())) < len(chosen):
        raise TransitionError("模板的一列只能由文件的一列填写，请检查重复选择的列。")
    is_kept = Upload.objects.filter(pk=batch.pk).exists()
    if not is_kept and batch.status == S.REFUSED:
        raise TransitionError("原文件已不再保存，请重新上传。")
    if not is_kept and all(key == batch.columns.get("found", {}).get(heading, "") for heading, key in said.items()):
        raise TransitionError("没有改动任何一列。认对了的，请返回继续办理。")
    _remember(batch, template, said, chosen, by)
    StagedRow.objects.filter(batch=batch).delete()
    batch.status, batch.refusal = (S.READING, "") if is_kept else (S.REFUSED, HAND_IN_ANEW)
    batch.rows, batch.counts, batch.remarks, batch.jump_reason = 0, {}, [], ""
    batch.columns = batch.columns if is_kept else {}
    batch.compared_at = None  # as if never: of rows that are read, the numbers are sealed once they were compared
    save(batch, "status", "refusal", "rows", "counts", "remarks", "jump_reason", "columns", "compared_at")
    record("batch.mapped", batch, by=by, note=batch.refusal, data={"columns": len(said)})
    if is_kept:
        _ask_for_reading(batch, by)
    return batch


def _remember(batch: Batch, template: Template, said: MappingOf[str, str], chosen: dict[str, str], by: Post) -> None:
    mapping = Mapping.objects.select_for_update().filter(unit=batch.unit, template=template.remembered_as).first()
    mapping = mapping or Mapping(unit=batch.unit, template=template.remembered_as)
    taken = set(chosen.values())
    kept = {heading: key for heading, key in mapping.headings.items() if heading not in said and key not in taken}
    mapping.headings, mapping.set_at, mapping.set_by = kept | chosen | unused(said, kept, template), clock.now(), by
    if mapping.headings:
        save(mapping)
    elif mapping.pk:
        mapping.delete()


@transaction.atomic
def forget_heading(*, mapping_id: int, heading: str, by: Post) -> None:
    """For what a heading stands is asked anew of the unit's next file that has it. What was read by it stays as it is.

    Raises:
        AlreadyHandled: it was forgotten, or said otherwise, meanwhile.
    """
    found: Mapping = Mapping.objects.visible_to(by).get_or_404(mapping_id)
    try:
        mapping = lock(found)
    except Mapping.DoesNotExist:  # its last heading, while this one waited
        raise AlreadyHandled(FORGOTTEN) from None
    recheck(mapping, permissions.can_forget, by)
    if heading not in mapping.headings:
        raise AlreadyHandled(FORGOTTEN)
    label = mapping.labels[mapping.headings.pop(heading)]
    record("mapping.forgotten", mapping, by=by, old=f"“{heading}”→{label}", data={"unit": mapping.unit.short_name})
    if mapping.headings:
        mapping.set_at, mapping.set_by = clock.now(), by
        save(mapping, "headings", "set_at", "set_by")
    else:
        mapping.delete()


@transaction.atomic
def resume(*, batch_id: UUID | str, by: Post) -> Job:
    """Ask again for the work of a file whose job ended without doing it.

    Raises:
        TransitionError: nothing is wanting: it is read, or entered.
    """
    batch: Batch = Batch.objects.visible_to(by).get_or_404(batch_id)
    if not (permissions.can_mend(by, batch) or permissions.can_confirm(by, batch)):
        raise PermissionDenied("您的岗位不能做这一步。")
    if batch.status == S.READING:
        return _ask_for_reading(batch, by)
    if batch.status == S.APPLYING:
        return ask_job(APPLY, arguments={"batch": str(batch.pk)}, by=by, title=f"入库：{batch.title}")
    raise TransitionError(f"这个文件现为“{batch.get_status_display()}”，没有中断的步骤，不用再试。")


@transaction.atomic
def drop(*, batch_id: UUID | str, reason: str, by: Post) -> Batch:
    """Give the file up before it is entered: its rows are gone, that it was there stays.

    Raises:
        TransitionError: a number of somebody in the reason.
    """
    batch = taken_up(batch_id, S.DROPPED, permissions.can_mend, by)
    batch.reason = without_numbers(reason)[:200]
    return drop_taken(batch, by)


def drop_taken(batch: Batch, by: Post) -> Batch:
    """Inner: of a batch that the caller holds."""
    StagedRow.objects.filter(batch=batch).delete()
    Upload.objects.filter(batch=batch).delete()
    batch.status, batch.dropped_at, batch.dropped_by, batch.refusal = S.DROPPED, clock.now(), by, ""
    save(batch, "status", "dropped_at", "dropped_by", "reason", "refusal")
    record("batch.dropped", batch, by=by, note=batch.reason)
    return batch


def _refuse(octets: bytes, as_of: date) -> None:
    most = int(figure("import_size_max"))
    if not octets:
        raise TransitionError("文件是空的，请选择填好的表格。")
    if len(octets) > most * 1024 * 1024:
        raise TransitionError(f"文件超过{most}MB。请删去图片和不用的工作表，或分成几个文件；整份名单不能拆开。")
    if as_of > clock.today():
        raise TransitionError("数据截止日不能晚于今天。")


def _ask_for_reading(batch: Batch, by: Post) -> Job:
    return ask_job(READ, arguments={"batch": str(batch.pk)}, by=by, title=f"读取：{batch.title}")


def _name(file_name: str) -> str:
    """Without folders, and without a number of anybody; the ending stays. An ending is looked at apart: the x of .xlsx ends no number. What
    else stands behind the last dot may be the rest of one."""
    path = PurePath(PurePath(file_name.replace("\\", "/").replace("\0", "")).name)
    ending = path.suffix if ENDING.fullmatch(path.suffix) else ""
    return f"{without_id_numbers(path.name.removesuffix(ending))[: 120 - len(ending)]}{ending}" or "文件"
