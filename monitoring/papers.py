"""督办单 and 书面提醒 on paper: A4, numbered, to a unit. Neither names a person whose case it is; supervision reads and prints its own."""

from collections.abc import Callable
from datetime import date

from config import clock
from deadlines.models import Duty
from deadlines.rules import due_on
from documents import papers
from documents.models import IssuedDocument
from documents.transitions import issue as issue_paper
from documents.transitions import void_own_paper
from organization.figures import figure, figure_or
from organization.models import Post, Unit

from . import permissions
from .models import SupervisionOrder, WrittenReminder

ORDER, REMINDER = papers.SupervisionOrderPaper.kind, papers.WrittenReminderPaper.kind
REMINDER_SCOPE = "提醒"


def scope_of(issuer: Unit) -> str:
    """Whose series an order is numbered in: 忠督办〔2026〕001号 of the supervision office, 忠民督〔2026〕001号 of the platform."""
    if issuer.kind == Unit.Kind.SUPERVISION:
        return str(figure("supervision_number_prefix"))
    return f"{figure('document_number_prefix')}督"


def issue_order(order: SupervisionOrder, duty: Duty, by: Post) -> IssuedDocument:
    """In the transaction in which it is issued, under the order's own number."""
    said = papers.SupervisionOrderPaper(
        addressee=order.unit.name, issued_on=clock.today(), office=order.issuer.name, office_phone=order.issuer.phone,
        office_address=order.issuer.address, complaint_phone=str(figure_or("complaint_phone", "")), matter=order.matter,
        demand=order.demand, due_on=_day(duty),
    )  # fmt: skip
    return issue_paper(kind=ORDER, subject=order, data=said, number=order.number, by=by)


def issue_reminder(reminder: WrittenReminder, by: Post) -> IssuedDocument:
    """In the transaction in which it is issued, under the reminder's own number."""
    office = by.unit
    said = papers.WrittenReminderPaper(
        addressee=reminder.unit.name, issued_on=clock.today(), office=office.name, office_phone=office.phone,
        office_address=office.address, complaint_phone=str(figure_or("complaint_phone", "")), matter=reminder.matter,
        demand=reminder.demand, due_on=reminder.due_on,
    )  # fmt: skip
    return issue_paper(kind=REMINDER, subject=reminder, data=said, number=reminder.number, by=by)


def of(row: SupervisionOrder | WrittenReminder) -> IssuedDocument | None:
    """None for a draft. Behind the row's gate, which the caller has passed."""
    rows = IssuedDocument._base_manager.filter(subject_label=row._meta.label_lower, subject_id=str(row.pk))
    paper: IssuedDocument | None = rows.first()
    return paper


def may_read(row: SupervisionOrder | WrittenReminder, post: Post) -> bool:
    """The paper of a row that the post sees. One that names a sensitive matter by its number or step, issued before papers kept both back,
    is final: - its unit reads it, since it was handed that paper; - nobody else."""
    if row.duty is None or permissions.opens_matter(post, row.duty):
        return True
    paper = of(row)
    return paper is None or paper.data.get("matter") == row.matter


def lets_read(model: type[SupervisionOrder] | type[WrittenReminder]) -> Callable[[Post, str], bool]:
    """The same for the gate of papers, by the row's key."""

    def may(post: Post, pk: str) -> bool:
        row = model.objects.visible_to(post).filter(pk=pk).select_related("duty__unit").first()
        return row is not None and may_read(row, post)

    return may


def void(order: SupervisionOrder, reason: str, by: Post) -> None:
    """What was printed says from now on that it no longer holds, also where the issuing side may no longer read it."""
    paper = of(order)
    if paper is not None and not paper.is_voided:
        void_own_paper(paper=paper, reason=reason[:200], by=by)


def _day(duty: Duty) -> date:
    """A limit of working days never stands, so it has its date."""
    if duty.due_at is None:
        raise ValueError("an order's clock has a date")
    return due_on(duty.due_at)
