"""An application as the clerk works through it: the paper form's parts in order, what stands in each, and what is still lacking."""

from functools import cached_property
from typing import Any

from django.urls import reverse

from audit.models import Event
from config import clock
from documents.models import Attachment, FormVersion
from households.knowledge import missing_authorisations
from households.models import Authorisation, KinDeclaration, Resident
from organization.models import Post
from programs.models import Program, Track

from .beneficiaries import possible_applicants
from .duplicates import warnings_of
from .models import Application, ApplicationItem, Assessment, Paper, Request
from .permissions import can_work_on
from .readiness import lacks_for_submission
from .transitions.edges import EDITABLE
from .transitions.papers import SIGNED

TAPS = {Paper.State.SEEN: "已看原件", Paper.State.LATER: "后补"}
# What the form of the page writes.
CHANGES = ("application.drafted", "application.revised", "application.assessed", "application.assessment_kept")
PARTS = {
    "applicant": "申请人",
    "assessment": "评估和初审",
    "items": "申请项目",
    "consent": "承诺和授权",
    "papers": "材料",
    "submit": "提交",
}


class Worksheet:
    """Reads each part once, when the page asks for it."""

    def __init__(self, application: Application, post: Post) -> None:
        self.application, self.post, self.today = application, post, clock.today()

    @property
    def is_editable(self) -> bool:
        return self.application.status in EDITABLE and can_work_on(self.post, self.application)

    @property
    def takes_papers(self) -> bool:
        """What was promised for later, or what a unit has sent back for, is brought after acceptance as well."""
        return self.application.is_open and can_work_on(self.post, self.application)

    # ── whose hand was last ─────────────────────────────────────────────────────────────────────────────────────────
    @cached_property
    def _last_change(self) -> Event | None:
        rows = Event.objects.filter(application_id=self.application.pk, verb__in=CHANGES)
        return rows.select_related("by").order_by("-pk").first()

    @property
    def stamp(self) -> str:
        """What the page was made from; a form that brings an older one is stale."""
        return str(self._last_change.pk) if self._last_change else "0"

    def staleness(self, stamp: str | None) -> str:
        """Who wrote since the page was opened, and when; empty when nobody did. A page without a stamp is not asked."""
        last = self._last_change
        if stamp is None or stamp == self.stamp or last is None:
            return ""
        who, when = last.post_label or "同事", clock.local(last.at)
        return f"{who}已于{when:%Y-%m-%d %H:%M}改过这份申请，您打开的页面已过时。您填写的还在下面，请核对；再存一次以您的为准。"

    # ── where it came from ──────────────────────────────────────────────────────────────────────────────────────────
    @property
    def request(self) -> Request | None:
        """The request that the window made it of."""
        return self.application.request

    @cached_property
    def suggested(self) -> list[Program]:
        """What was wished for there and is not asked for yet."""
        if self.request is None:
            return []
        asked = self.application.items.values("program")
        return list(Program.objects.visible_to(self.post).filter(pk__in=self.request.wanted).exclude(pk__in=asked))

    # ── who ─────────────────────────────────────────────────────────────────────────────────────────────────────────
    @cached_property
    def applicants(self) -> list[Resident]:
        return list(possible_applicants(self.application.household, self.today).order_by("name_order", "pk"))

    @cached_property
    def assessment(self) -> Assessment | None:
        return Assessment.objects.visible_to(self.post).filter(application=self.application).select_related("assessed_by__staff").first()

    @property
    def assessment_note(self) -> str:
        """Who assessed and when; or what the form still lacks."""
        row = self.assessment
        if row is None:
            return ""
        if row.assessed_at is None or row.assessed_by is None:
            return "还没有填完"
        return f"{row.assessed_by.staff.name} {clock.local(row.assessed_at):%m-%d %H:%M}，{row}"

    # ── what ────────────────────────────────────────────────────────────────────────────────────────────────────────
    @cached_property
    def items(self) -> list[ApplicationItem]:
        return list(ApplicationItem.objects.visible_to(self.post).filter(application=self.application).with_program())

    @cached_property
    def item_rows(self) -> list[dict[str, Any]]:
        rows = []
        for item in self.items:
            item.application = self.application
            rows.append(
                {
                    "item": item,
                    "whom": item.resident.name if item.resident else "全家",
                    "warnings": warnings_of(item),
                    "remove_url": reverse("intake:item_remove", args=[item.pk]),
                    "question": f"从申请中删除“{item.program.seed_name}”？",
                }
            )
        return rows

    @cached_property
    def papers(self) -> list[Paper]:
        """The forms that are settled by signing them stand under 承诺和授权; here are the others, required ones first."""
        rows = Paper.objects.visible_to(self.post).filter(application=self.application).exclude(material__in=SIGNED)
        return list(rows.select_related("material", "settled_by__staff", "demanded_by__staff").order_by("-is_required", "name"))

    @cached_property
    def paper_rows(self) -> dict[str, list[dict[str, Any]]]:
        """What is asked for, and what is not since the platform knows it."""
        files = self._files()
        rows = [_paper_row(paper, files.get(str(paper.pk), []), self.is_editable) for paper in self.papers]
        exempt = [row for row in rows if row["paper"].state == Paper.State.EXEMPT]
        return {"asked": [row for row in rows if row not in exempt], "exempt": exempt}

    def _files(self) -> dict[str, list[dict[str, str]]]:
        """What was uploaded, by paper, each with the address that shows it; of a voided one who struck it out and why."""
        found: dict[str, list[dict[str, str]]] = {}
        can_void = can_work_on(self.post, self.application)
        for file in Attachment.objects.about(*self.papers).select_related("voided_by__staff").order_by("uploaded_at", "pk"):
            url = reverse("documents:attachment_open", args=[file.pk])
            void_url = reverse("intake:file_void", args=[file.pk]) if can_void and not file.is_voided else ""
            found.setdefault(file.subject_id, []).append({"name": file.name, "url": url, "void_url": void_url, "voided": file.voided_text})
        return found

    # ── consent ─────────────────────────────────────────────────────────────────────────────────────────────────────
    @cached_property
    def texts(self) -> dict[str, str]:
        """The texts in force today, each by its key with the address that prints it."""
        found = dict.fromkeys(FormVersion.Key.values, "")
        for form in FormVersion.objects.visible_to(self.post).all_in_force(self.today):
            found[form.key] = reverse("documents:form_print", args=[form.pk])
        return found

    @cached_property
    def authorisations(self) -> list[Authorisation]:
        rows = Authorisation.objects.visible_to(self.post).standing().for_household(self.application.household_id)
        return list(rows.select_related("resident", "form", "registered_by__staff").order_by("signed_on", "pk"))

    @cached_property
    def unsigned(self) -> list[Resident]:
        return list(missing_authorisations(self.application.household, self.today))

    @cached_property
    def needs_authorisation(self) -> bool:
        return any(item.track.verification == Track.Verification.BEFORE for item in self.items)

    @cached_property
    def kin(self) -> KinDeclaration | None:
        rows = KinDeclaration.objects.visible_to(self.post).standing().for_household(self.application.household_id)
        return rows.select_related("declared_by__staff", "filed_by__staff").first()

    @cached_property
    def asks_about_kin(self) -> bool:
        return any(item.version.asks_about_kin for item in self.items)

    # ── on to submission ────────────────────────────────────────────────────────────────────────────────────────────
    @cached_property
    def lacks(self) -> list[str]:
        """What keeps it from being submitted, as the verb would say."""
        return lacks_for_submission(self.application, self.today, self.post)

    @cached_property
    def steps(self) -> list[dict[str, str]]:
        """The parts with their state; the first that is not done is the current one."""
        done = {
            "applicant": True,
            "assessment": self.assessment is not None and self.assessment.assessed_at is not None,
            "items": bool(self.items),
            "consent": self._is_consented,
            "papers": bool(self.papers) and not any(p.is_required and not p.is_settled for p in self.papers),
            "submit": self.application.status != Application.Status.DRAFT,
        }
        current = next((part for part in PARTS if not done[part]), "")
        states = {part: "done" if done[part] else "current" if part == current else "waiting" for part in PARTS}
        return [{"label": label, "state": states[part], "note": "", "anchor": part} for part, label in PARTS.items()]

    @property
    def _is_consented(self) -> bool:
        if self.application.promised_on is None or (self.asks_about_kin and self.kin is None):
            return False
        return not (self.needs_authorisation and self.unsigned)


def _paper_row(paper: Paper, files: list[dict[str, str]], is_editable: bool) -> dict[str, Any]:
    """A paper with its taps; tapping the state it is in takes it back. After acceptance nothing is taken back or put off."""
    taps = [
        {
            "label": label,
            "state": Paper.State.MISSING.value if paper.state == state else state.value,
            "pressed": str(paper.state == state).lower(),
        }
        for state, label in TAPS.items()
        if is_editable or (state == Paper.State.SEEN and paper.state != state)
    ]
    return {
        "paper": paper,
        "tone": paper.tone,
        "files": files,
        "taps": taps,
        "settle_url": reverse("intake:paper_settle", args=[paper.pk]),
        "upload_url": reverse("intake:paper_upload", args=[paper.pk]),
        "demand_url": reverse("intake:paper_demand", args=[paper.pk]),
    }
