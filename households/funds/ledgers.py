"""资金台账: budget, granted, due, paid and left of each program of a year, and each paper behind it (TZ-36, LY-31)."""

from collections.abc import Mapping
from typing import Any

from config import clock
from organization.models import Post
from spreadsheets.cells import Column, Kind
from spreadsheets.downloads import Part
from spreadsheets.ledgers import Asked, Ledger, register

from ..forms.funds import FundsForm
from ..models import Budget
from . import figures, permissions

SUMS = (
    ("预算（元）", "budget"), ("其中中央（元）", "central"), ("其中市级（元）", "municipal"), ("其中县级（元）", "county"),
    ("其中捐赠（元）", "donated"), ("已批全年需支（元）", "granted"), ("截至本月应发（元）", "due"), ("已发（元）", "paid"),
    ("结余（元）", "told_left"), ("全年预计（元）", "forecast"), ("预计结余（元）", "forecast_left"),
)  # fmt: skip
COLUMNS = (
    Column("部门", width=18), Column("救助项目", width=30),
    *(Column(label, Kind.NUMBER, 18) for label, _ in SUMS), Column("提示", width=16),
)  # fmt: skip
PAPERS = (
    Column("年度", Kind.NUMBER, 8), Column("部门", width=18), Column("救助项目", width=30), Column("资金来源", width=10),
    Column("金额（元）", Kind.NUMBER, 18), Column("文号", width=24), Column("说明", width=30), Column("确认日期", Kind.DATE, 12),
)  # fmt: skip


def years() -> list[int]:
    return list(range(clock.today().year + 1, 2020, -1))


def year_of(given: Mapping[str, Any]) -> int:
    """The year asked for, else the present one."""
    form = FundsForm(given, years=years())
    return (form.is_valid() and form.cleaned_data["year"]) or clock.today().year


def parts(asked: Asked) -> list[Part]:
    year = year_of(asked.given)
    rows = figures.lines(asked.by, year, clock.today())
    cells = [row_of(line) for line in [*rows, figures.total_of(rows, asked.by)]] if rows else []
    papers = [
        (
            row.year, row.department.name, "敏感项目" if hides_program(row, asked.by) else str(row.program or figures.WHOLE),
            row.get_source_display(), row.amount, row.document, "" if hides_program(row, asked.by) else row.note,
            clock.local(row.answered_at).date() if row.answered_at else None,
        )
        for row in Budget.objects.visible_to(asked.by).confirmed().of_year(year).with_list_data()
    ]  # fmt: skip
    return [Part(f"{year}年资金", COLUMNS, cells), Part("预算文件", PAPERS, papers)]


def row_of(line: figures.Line) -> tuple[Any, ...]:
    sums = [getattr(line, name) for _, name in SUMS]
    return (line.department, line.name, *sums, line.hint)


def hides_program(row: Budget, post: Post) -> bool:
    """A sensitive program is named to its department alone."""
    return bool(row.program and row.program.is_sensitive) and figures.leaves_out_sensitive(post)


def declare() -> None:
    register(
        Ledger(
            key="households.funds",
            title="资金台账",
            may=permissions.reads_funds,
            form=lambda given, post: FundsForm(given, years=years()),
            parts=parts,
            about="每个部门、每个项目一年的预算、已批、应发、已发和结余，和每份预算文件。",
            page="funds:fund_list",
        )  # fmt: skip
    )
