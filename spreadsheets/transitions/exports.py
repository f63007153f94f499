"""What left the house in a file."""

from django.db import transaction
from django.urls import reverse

from audit.transitions import record
from deadlines.transitions import announce
from organization.figures import figure
from organization.kinds import COUNTY_WIDE
from organization.models import Post, Unit


@transaction.atomic
def export(*, title: str, rows: int, filters: str, by: Post) -> None:
    """Write down that rows are handed out, before the first leaves: a download that breaks off has its line too (SECURITY abuse 6).

    `filters` are the words of the filters, without a name or a number. Past `export_rows_max` rows the platform is told.
    """
    record("spreadsheet.exported", by.unit, by=by, new=f"{rows}行", note=filters[:200], data={"sheet": title, "rows": rows})
    mark = int(figure("export_rows_max"))
    if rows > mark and by.unit.kind not in COUNTY_WIDE:
        announce(
            "spreadsheet.exported", by.unit, to=Unit.objects.filter(kind=Unit.Kind.PLATFORM, valid_until=None),
            title=f"{by.label}导出{title}{rows}行", body=f"一次导出超过{mark}行，请了解用途；导出没有中断。{filters}",
            url=reverse("audit:event_list"),
        )  # fmt: skip
