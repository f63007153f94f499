"""What left the house in a file."""

from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.urls import reverse

from audit.transitions import record
from deadlines.transitions import announce
from organization.figures import figure
from organization.kinds import COUNTY_WIDE
from organization.models import Post, Unit

from .. import permissions
from ..models import Batch


@transaction.atomic
def export(*, title: str, rows: int, filters: str, reason: str = "", by: Post) -> None:
    """Write down that rows are handed out, before the first leaves: a download that breaks off has its line too (SECURITY abuse 6).

    `filters` are the words of the filters, without a name or a number; `reason` is what somebody wants so many
    for. Past `export_rows_max` rows the platform is told.
    """
    said = f"{filters[:120]}；用途：{reason}" if reason else filters
    record("spreadsheet.exported", by.unit, by=by, new=f"{rows}行", note=said[:200], data={"sheet": title, "rows": rows})
    tell_platform(title=title, rows=rows, said=said, by=by)


def tell_platform(*, title: str, rows: int, said: str, by: Post) -> None:
    """Inner: past the mark the county platform hears of it."""
    mark = int(figure("export_rows_max"))
    if rows > mark and by.unit.kind not in COUNTY_WIDE:
        announce(
            "spreadsheet.exported", by.unit, to=Unit.objects.filter(kind=Unit.Kind.PLATFORM, valid_until=None),
            title=f"{by.label}导出{title}{rows}行", body=f"一次导出超过{mark}行，请了解用途；导出没有中断。{said}"[:500],
            url=reverse("audit:event_list"),
        )  # fmt: skip


@transaction.atomic
def hand_out_blank(*, title: str, rows: int, by: Post) -> None:
    """A workbook to fill in; with rows in it already, it is handed out like an export."""
    record("spreadsheet.blank_handed_out", by.unit, by=by, new=f"{rows}行" if rows else "", data={"sheet": title, "rows": rows})


@transaction.atomic
def hand_out_errors(*, batch_id: UUID | str, by: Post) -> None:
    """The wrong rows of a file go back to its unit, the numbers in full to whoever handed it in.

    Raises:
        PermissionDenied: to nobody else.
    """
    batch: Batch = Batch.objects.visible_to(by).get_or_404(batch_id)
    if not permissions.can_mend(by, batch):
        raise PermissionDenied("您的岗位不能下载错误行。")
    full = permissions.can_read_numbers(by, batch)
    rows = int(batch.counts.get("error", 0))
    record("batch.errors_handed_out", batch, by=by, new=f"{rows}行", note="含完整号码" if full else "号码脱敏", data={"rows": rows})
