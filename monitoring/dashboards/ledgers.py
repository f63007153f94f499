"""The dashboard's figures as one workbook, a sheet for each."""

from collections.abc import Sequence

from spreadsheets.downloads import Part
from spreadsheets.ledgers import Asked, Ledger

from . import of_aid, of_data, of_work
from .forms import DashboardForm
from .page import part_of
from .questions import reads
from .registry import declare, figures_for


def parts(asked: Asked) -> Sequence[Part]:
    form = DashboardForm(asked.given, asked.by)
    form.full_clean()
    return [part_of(figure, form.question) for figure in figures_for(asked.by)]


LEDGER = Ledger(
    "monitoring.dashboard", "数据看板指标表", may=reads, form=DashboardForm, parts=parts,
    about="看板上每个图的数据，一个指标一张表；只有数，没有人员。", page="monitoring:dashboard",
)  # fmt: skip


def declare_figures() -> None:
    declare(*of_aid.FIGURES, *of_work.FIGURES, *of_data.FIGURES)
