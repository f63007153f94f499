"""裁定书: a ruling in force on paper, for the unit it names and the parties (ZX-34). No person stands on it."""

from config import clock
from documents import papers
from documents.models import IssuedDocument
from documents.transitions import issue as issue_paper
from documents.transitions import void_paper
from organization.figures import figure, figure_or
from organization.models import Post

from .models import Ruling


def issue(ruling: Ruling, by: Post) -> IssuedDocument:
    """In the transaction in which it comes into force. Under the ruling's own number, found with the ruling and with no household."""
    return issue_paper(kind=papers.RulingPaper.kind, subject=ruling, data=_said(ruling), number=ruling.number, by=by)


def void(former: Ruling, later: Ruling, by: Post) -> None:
    """What was printed of the former says from now on that it is replaced, and by which."""
    paper = of(former)
    if paper is not None and not paper.is_voided:
        void_paper(paper_id=paper.pk, reason=f"已由{later.number}替代", by=by)


def of(ruling: Ruling) -> IssuedDocument | None:
    """None while it waits for the convener. Behind the ruling's gate, which the caller has passed."""
    rows = IssuedDocument._base_manager.filter(subject_label=ruling._meta.label_lower, subject_id=str(ruling.pk))
    paper: IssuedDocument | None = rows.first()
    return paper


def _said(ruling: Ruling) -> papers.RulingPaper:
    claim, unit = ruling.dispute, ruling.ruled_by.unit
    referral, former = claim.referral, ruling.supersedes
    return papers.RulingPaper(
        addressee=ruling.named_unit.name,
        application_number=referral.number,
        issued_on=clock.today(),
        office=unit.name,
        office_phone=unit.phone,
        office_address=unit.address,
        complaint_phone=str(figure_or("complaint_phone", "")),
        program="敏感项目" if referral.program.is_sensitive else str(referral.program),  # the parties know which, the paper goes round
        stage=claim.stage.name,
        claimant=claim.unit.name,
        raised_on=clock.local(claim.raised_at).date(),
        proposed=claim.proposed_unit.name,
        window=referral.window.name,
        named_unit=ruling.named_unit.name,
        ruled_on=clock.local(ruling.ruled_at).date(),
        assessment=ruling.assessment,
        basis=ruling.basis,
        former=former.number if former else "",
        reason=ruling.supersede_reason,
        countersigned=f"联席会议召集人{ruling.countersigned_by.staff.name}会签" if ruling.countersigned_by else "",
        finality="承办单位不得再次推辞。" if figure("ruling_is_final") else "",
    )
