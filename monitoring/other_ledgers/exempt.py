"""免提交统计 (L17, ZX-30, LY-17): how many papers nobody had to bring since the platform could prove them, and where one was demanded all
the same, with the reason. Of applications that came in in a month, drafts aside.

Papers of sensitive programs alone are not counted: how many they are in a village or township would tell which program was asked for.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Count, Q

from deadlines.rules import date_of, end_of, start_of
from intake.models import Paper
from organization.models import Post
from spreadsheets.cells import Column, Kind
from spreadsheets.downloads import Part
from spreadsheets.ledgers import Asked, Ledger

from .asking import TOGETHER, TOWNSHIP_COLUMN, SpanForm, of_place, township_of
from .permissions import works_on_people

FIGURES = {
    "papers": ("应提交材料", Q()),
    "exempt": ("免提交", Q(state="exempt")),
    "demanded": ("能证明仍要求提交", Q(demanded_at__isnull=False)),
    "seen": ("看原件", Q(state="seen")),
    "uploaded": ("上传", Q(state="uploaded")),
    "later": ("后补", Q(state="later")),
    "missing": ("未提交", Q(state="missing")),
}
NUMBERS = (*(Column(label, Kind.NUMBER, 12) for label, _ in FIGURES.values()), Column("免证率", width=10))
BY_PLACE = (TOWNSHIP_COLUMN, Column("申请", Kind.NUMBER, 10), *NUMBERS)
BY_MATERIAL = (Column("材料", width=26), Column("申请", Kind.NUMBER, 10), *NUMBERS)
DEMANDED = (
    TOWNSHIP_COLUMN, Column("申请编号", width=24), Column("材料", width=26), Column("仍要求提交的理由", width=40),
    Column("要求日期", Kind.DATE, 12), Column("要求人", width=20),
)  # fmt: skip


def rows(asked: Asked, form: SpanForm) -> Any:
    """The papers of what came in in these months."""
    span = {"application__submitted_at__gte": start_of(form.first), "application__submitted_at__lt": end_of(form.last)}
    found = Paper.objects.visible_to(asked.by).filter(**span, is_required=True, is_confidential=False)
    return of_place(found, "application__household__region__code", form.place).order_by()


def figures(papers: Any, key: str) -> list[Sequence[Any]]:
    """A line for each value of `key`: applications, papers by what became of them, the share that nobody had to bring."""
    counts = {name: Count("pk", filter=part) if part else Count("pk") for name, (_, part) in FIGURES.items()}
    grouped = papers.values_list(key).annotate(applications=Count("application_id", distinct=True), **counts)
    return [(*line, _rate(line[3], line[2])) for line in grouped.order_by(key)]


def _rate(exempt: int, papers: int) -> str:
    return f"{exempt * 100 / papers:.1f}%" if papers else "—"


def _with_total(lines: Sequence[Sequence[Any]], papers: Any) -> list[Sequence[Any]]:
    """The applications of the whole are counted once, whatever the number of their lines."""
    sums = [sum(line[column] for line in lines) for column in range(2, 2 + len(FIGURES))]
    applications = papers.aggregate(number=Count("application_id", distinct=True))["number"]
    return [*lines, (TOGETHER, applications, *sums, _rate(sums[1], sums[0]))]


def by_place(papers: Any) -> list[Sequence[Any]]:
    lines = [(township_of(line[0]), *line[1:]) for line in figures(papers, "application__township_code")]
    return _with_total(lines, papers)


def by_material(papers: Any) -> list[Sequence[Any]]:
    return _with_total(figures(papers, "material__name"), papers)


def _demanded(row: Any) -> Sequence[Any]:
    code, number, name, reason, at, who = row
    return township_of(code), number, name, reason, date_of(at), who


def _form(given: Mapping[str, str], post: Post) -> SpanForm:
    return SpanForm(given, post=post)


def _parts(asked: Asked) -> Sequence[Part]:
    form = _form(asked.given, asked.by)
    form.is_valid()
    papers = rows(asked, form)
    demanded = papers.filter(demanded_at__isnull=False).order_by("application__township_code", "demanded_at", "pk").values_list(
        "application__township_code", "application__number", "name", "demand_reason", "demanded_at",
        "demanded_by__unit__short_name",
    )  # fmt: skip
    return (
        Part("免提交统计", BY_PLACE, by_place(papers)),
        Part("按材料", BY_MATERIAL, by_material(papers)),
        Part("仍要求提交的材料", DEMANDED, demanded, shape=_demanded),
    )


LEDGER = Ledger(
    "monitoring.exempt",
    "免提交统计",
    works_on_people,
    _form,
    _parts,
    number="L17",
    about="平台能够证明、没有让群众提交的材料有多少；能证明仍要求提交的，逐件列出理由。不含敏感项目的材料。",
)
