"""A ledger becomes a file: asked for, made by a job, fetched, and gone after some days (DESIGN 6, SECURITY abuse 6)."""

from collections.abc import Mapping
from contextlib import ExitStack
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F
from django.views.decorators.debug import sensitive_variables

from audit.transitions import record
from config import clock
from config.protection.keys import SealBroken
from config.verbs import TransitionError, lock, save
from deadlines.models import Job
from deadlines.transitions import announce, ask_job
from organization.figures import figure
from organization.models import Post

from .. import asking, filling, making, storage
from ..downloads import filter_words
from ..ledgers import Asked, Ledger, ledger_of
from ..models import Export, SuperiorForm
from .handing_out import tell_platform

MAKE = "spreadsheets.export"
OPEN_AT_ONCE = 5  # files of one post that are under way
GONE = "这个文件已打不开，请重新导出。"


@sensitive_variables()
@transaction.atomic
def ask_export(*, ledger: str, given: Mapping[str, str], form: SuperiorForm | None = None, reason: str = "", by: Post) -> Export:
    """Ask for a ledger as a file. `reason`: what so many rows are wanted for, said together with the password; `form`: filled into it.

    Raises:
        PermissionDenied: more than 500 rows without it.
        TransitionError: what narrows the ledger is no valid form; too many are under way.
    """
    known = asking.ledger_for(ledger, by)
    asked = Asked(by, asking.of_form(known.form(given, by), given))
    filled = asking.valid_form(known, asked)
    if not reason and asking.is_large(known.parts(asked)):
        raise PermissionDenied(f"超过{figure('export_rows_max')}行的导出，须再次输入密码并写明用途。")
    if Job.objects.open().filter(kind=MAKE, asked_by=by).count() >= OPEN_AT_ONCE:
        raise TransitionError(f"您已有{OPEN_AT_ONCE}个导出正在生成，请等其中一个完成或取消后再导出。")
    words = filter_words(filled, personal=known.personal)
    export = new_export(known, asked.given, words, eyes=by, by=by, form=form, reason=reason)
    record("export.asked", export, by=by, note=words[:200], data={"ledger": export.title, "reason": reason})
    return export


def new_export(ledger: Ledger, given: Mapping[str, str], words: str, *, eyes: Post, by: Post, **more: Any) -> Export:
    """The row and its job. Inner: `by` is the system for what runs each month."""
    pk = uuid4()
    form = more.get("form")
    title = f"{ledger.title}（{form.title}）" if form else ledger.title
    job = ask_job(MAKE, arguments={"export": str(pk)}, by=by, title=f"导出：{title}"[:120])
    export = Export(
        pk=pk, ledger=ledger.key, title=title[:120], given_sealed=asking.seal(pk, given), filters=words[:300], unit=eyes.unit, eyes=eyes,
        asked_at=clock.now(), asked_by=by, job=job, **more,
    )  # fmt: skip
    save(export)
    return export


@transaction.atomic
def make_export(*, export_id: UUID | str, told: making.Told) -> Export:
    """Write the file. Inner, of the job: its transaction marks both done, and a file of a try that broke off is nobody's and swept.

    Raises:
        TransitionError: the ledger is not to be had any more; no room on the disk; rows past the mark that nobody gave a reason for; the
            上报 was ended while it waited.
    """
    export: Export = lock(Export.objects.get(pk=export_id))
    if export.storage_name or export.removed_on:
        return export
    if export.approval is not None and export.approval.ended_at is not None:
        raise TransitionError("这项上报已经终止，不再生成文件。")
    ledger = ledger_of(export.ledger)
    if ledger is None or not ledger.may(export.eyes):
        raise TransitionError("这份台账已不提供，或不在取数岗位的权限范围内。")
    asked = Asked(export.eyes, _given(export), in_clear=export.in_clear)
    asking.valid_form(ledger, asked)
    parts = making.chosen(ledger.parts(asked), export.approval.columns if export.approval else [])
    if export.form:
        parts = [filling.part_of(export.form, parts)]
    mark = int(figure("export_rows_max"))
    with ExitStack() as kept:
        work = making.Making(export, told)
        work.hold(parts, kept)
        if not export.reason and not export.approval_id and work.largest > mark:
            raise TransitionError(f"数据已超过{mark}行，须写明用途并输入密码。请重新导出。")
        octets = filling.filled(export.form, parts[0], work) if export.form else work.chunks(making.watermark_of(export))
        stored = storage.write(export.pk, octets)
    _keep(export, work, stored)
    return export


def _given(export: Export) -> dict[str, str]:
    try:
        return asking.unseal(export.pk, export.given_sealed)
    except SealBroken:
        raise TransitionError("暂存的筛选内容打不开了，请重新导出。") from None


def _month_told(given: dict[str, str]) -> str:
    """Of which month the rows are, so that two months' files bear two names."""
    year, _, month = given.get("month", "").partition("-")
    return f" {year}年{int(month)}月" if year.isdecimal() and month.isdecimal() else ""


def _keep(export: Export, work: making.Making, stored: storage.Stored) -> None:
    today = clock.today()
    export.storage_name, export.size, export.sha256 = stored
    export.rows, export.is_cut = work.rows, work.is_cut
    export.expires_on = today + timedelta(days=int(figure("export_keep_days")))
    export.file_name = f"{export.title}{_month_told(_given(export))} {today:%Y-%m-%d}.xlsx"[-160:]
    save(export, "storage_name", "size", "sha256", "rows", "is_cut", "expires_on", "file_name")
    said = "；".join(
        filter(None, (export.filters[:120], export.reason and f"用途：{export.reason}", "含完整号码" if export.in_clear else ""))
    )
    record(
        "export.made",
        export,
        by=export.asked_by,
        new=f"{export.rows}行",
        note=said[:200],
        data={"ledger": export.title, "sha256": export.sha256},
    )
    if export.approval is None:
        tell_platform(title=export.title, rows=work.largest, said=said, by=export.asked_by)
        return
    announce(
        "export.made", export, to=export.eyes.staff, title=f"上报文件已生成：{export.approval}"[:120],
        body=f"{export.period}，{export.rows}行，保留至{export.expires_on:%Y-%m-%d}，请下载后报送。", url=export.get_absolute_url(),
    )  # fmt: skip


def asks_reason(export: Export) -> bool:
    """Of numbers in clear each time; of many rows where whoever fetches them did not say it when he asked for them (SECURITY abuse 6)."""
    return export.in_clear or (export.approval_id is not None and export.rows > int(figure("export_rows_max")))


@transaction.atomic
def hand_out_export(*, export_id: UUID | str, reason: str = "", by: Post) -> Export:
    """Fetch the file: each time has its line before the first octet leaves. `reason`: what it is fetched for, where that is asked.

    Raises:
        PermissionDenied: numbers in clear, or many rows of a 上报, without it.
        TransitionError: it is not made yet, or was cleared away.
    """
    export: Export = lock(Export.objects.visible_to(by).get_or_404(export_id))
    if not export.storage_name:
        then = "生成好了再下载" if export.state == "making" else "还需要的请重新导出"
        raise TransitionError(f"这个文件现在是“{export.state_label}”，不能下载，{then}。")
    if asks_reason(export) and not reason:
        raise PermissionDenied("含完整号码，或超过一次导出行数的上报文件，须再次输入密码并写明用途。")
    Export.objects.filter(pk=export.pk).update(downloaded=F("downloaded") + 1)
    clear = "，含完整号码" if export.in_clear else ""
    record("export.handed_out", export, by=by, new=f"{export.rows}行{clear}", note=reason, data={"ledger": export.title})
    return export


@transaction.atomic
def remove_expired() -> int:
    """Clear away what has stood for its days, what it was asked by, and what lies about without a row. By the system, each night."""
    today, removed = clock.today(), 0
    old = clock.now() - timedelta(days=int(figure("export_keep_days")))
    own = Export.objects.filter(asked_at__lt=old, approval=None)  # a 上报 has no name in it, and may be tried for the whole month
    own.exclude(given_sealed=b"").update(given_sealed=b"")  # a name somebody filtered by
    for export in Export.objects.expired(today).select_for_update(of=("self",), no_key=True, skip_locked=True):
        name, export.storage_name, export.removed_on = export.storage_name, "", today
        save(export, "storage_name", "removed_on")
        transaction.on_commit(lambda name=name: storage.remove(name), robust=True)  # type: ignore[misc]
        removed += 1
    known = set(Export.objects.exclude(storage_name="").values_list("storage_name", flat=True))
    yesterday = clock.now().timestamp() - 86_400
    for name, written in storage.stored():
        if name not in known and written < yesterday:
            transaction.on_commit(lambda name=name: storage.remove(name), robust=True)  # type: ignore[misc]
    return removed
