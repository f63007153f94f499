"""Who reads the window's papers because of a referral, where the room below has said no (`documents.gates.widen`).

What names a sensitive program goes to the units on its way, and to the county platform for the minutes after its reason (DESIGN 2): nobody
else of the township, no other township, no department that was not asked.
"""

from typing import Any

from households.models import Household
from intake.models import Application, Paper, SupplementNotice
from intake.permissions import can_read_papers
from organization.models import Post

from .dossier import materials_asked
from .models import Referral
from .story import Story


def reads_paper(post: Post, paper_id: str) -> bool:
    """A paper's files:
    - a department: what a referral of its own asks for, while it is let in
    - the township's offices and the county platform: what a sensitive referral asks for that they may open."""
    paper = Paper.objects.filter(pk=paper_id).select_related("application").first()
    if paper is None:
        return False
    rows = Referral.objects.readable_by(post).filter(application_id=paper.application_id)
    if post.unit.kind == "department":
        is_let_in = Household.objects.beyond_the_card(post).filter(pk=paper.application.household_id).exists()
    else:
        is_let_in = can_read_papers(post, paper.application.township_code)
        rows = rows.filter(program__is_sensitive=True)
    return is_let_in and any(materials_asked(row).filter(material_id=paper.material_id).exists() for row in rows)


def reads_application(post: Post, application_id: str) -> bool:
    """What speaks of all items at once (受理通知书, 明白卡): whoever in the township may read each of them by its name."""
    application: Any = Application.objects.visible_to(post).filter(pk=application_id).first()
    return application is not None and can_read_papers(post, application.township_code) and not Story(application, post).is_in_part


def reads_notice(post: Post, notice_id: str) -> bool:
    """一次性告知书: it names the programs of the application."""
    notice = SupplementNotice.objects.visible_to(post).filter(pk=notice_id).first()
    return notice is not None and reads_application(post, str(notice.application_id))
