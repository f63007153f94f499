"""An application that was handed in, in one view: what is asked for, what came with it, what the window can do now."""

from decimal import Decimal
from functools import cached_property
from typing import Any

from django.urls import reverse

from config import clock
from config.navigation import address
from config.templatetags.frame import money
from deadlines import counting
from deadlines.lamps import Lamp
from deadlines.models import Duty
from documents.models import IssuedDocument
from organization.models import Post

from .handed_out import HandedOut, handed_out
from .models import Application, Assessment, Paper, SupplementNotice
from .permissions import can_work_on
from .readiness import lacks_for_acceptance
from .worksheet import Worksheet

STATUS_TONES = {
    "draft": "grey", "submitted": "blue", "supplement": "amber", "accepted": "blue", "in_progress": "blue", "closed": "green",
    "not_accepted": "red", "withdrawn": "grey", "terminated": "grey",
}  # fmt: skip


class AcceptancePage:
    def __init__(self, application: Application, post: Post) -> None:
        self.application, self.post, self.sheet = application, post, Worksheet(application, post)

    @property
    def tone(self) -> str:
        return STATUS_TONES[self.application.status]

    @property
    def _can_work(self) -> bool:
        return can_work_on(self.post, self.application)

    # ── what can be done now: the verb's edge and the permission, nothing more ──────────────────────────────────────
    @property
    def can_decide(self) -> bool:
        """受理, 一次性告知, 不予受理."""
        return self._can_work and self.application.status == Application.Status.SUBMITTED

    @property
    def can_answer(self) -> bool:
        """补正完成; with the application's end nobody waits any more."""
        return self._can_work and self.application.is_open and self.open_notice is not None

    @property
    def can_withdraw(self) -> bool:
        return self._can_work and self.application.status in {Application.Status.SUBMITTED, Application.Status.SUPPLEMENT}

    @property
    def can_hand_out(self) -> bool:
        """The card with everything on it, once it is clear who decides what by when."""
        return self._can_work and self.application.status in {Application.Status.ACCEPTED, Application.Status.IN_PROGRESS}

    @property
    def takes_papers(self) -> bool:
        """后补 and what units sent back for; before acceptance papers are settled where the application is filled in."""
        return self.sheet.takes_papers and not self.sheet.is_editable and bool(self.sheet.papers)

    @property
    def dispatch_url(self) -> str:
        """The room above sends the items on; without it the page says nothing of it."""
        is_due = self._can_work and self.application.status == Application.Status.ACCEPTED
        return address("referrals:application_dispatch", self.application.pk) if is_due else ""

    @property
    def has_steps(self) -> bool:
        """Whether anything stands in the card of steps for this reader."""
        return bool(self._can_work or self.whose_turn or self.application.end_reason or self.documents)

    @property
    def whose_turn(self) -> str:
        """For readers who have nothing to do here: with whom it is, and what comes next. A draft is filled in on another page."""
        if self._can_work:
            is_draft = self.application.status == Application.Status.DRAFT
            return "还没有提交。请点“修改内容、登记材料”，填好、材料登记齐以后提交。" if is_draft else ""
        unit, status = self.application.unit.short_name, Application.Status
        return {
            status.DRAFT: f"由{unit}填写，尚未提交。",
            status.SUBMITTED: f"现在由{unit}核对材料，决定是否受理。",
            status.SUPPLEMENT: f"等申请人补正材料，由{unit}登记。",
            status.ACCEPTED: f"已受理，由{unit}转给承办单位。",
            status.IN_PROGRESS: "已转给承办单位办理，进展见“办理过程”。",
        }.get(status(self.application.status), "")

    @property
    def case_url(self) -> str:
        return address("referrals:case_detail", self.application.pk)

    @property
    def edit_url(self) -> str:
        if not self.sheet.is_editable:
            return ""
        return reverse("intake:application_edit", args=[self.application.pk]) + "?amend=1"

    # ── what stands there ───────────────────────────────────────────────────────────────────────────────────────────
    @cached_property
    def lamp(self) -> Lamp | None:
        duty = Duty.objects.open().about(self.application).most_urgent_first().first()
        return counting.lamp_of(duty, clock.now(), counting.calendar_for(duty)) if duty else None

    @cached_property
    def lacks(self) -> list[str]:
        """What keeps it from being accepted, as the verb would say."""
        return lacks_for_acceptance(self.application, clock.today(), self.post) if self.can_decide else []

    @cached_property
    def notices(self) -> list[SupplementNotice]:
        rows = SupplementNotice.objects.visible_to(self.post).filter(application=self.application)
        return list(rows.select_related("issued_by__staff", "answered_by__staff").prefetch_related("lines__paper").order_by("-sequence"))

    @cached_property
    def open_notice(self) -> SupplementNotice | None:
        return next((notice for notice in self.notices if notice.answered_at is None), None)

    @property
    def handed_in(self) -> list[tuple[str, str]]:
        """Papers by what became of them, in the order of the states; then what was signed."""
        sheet, rows = self.sheet, []
        for state in Paper.State:
            papers = [paper for paper in sheet.papers if paper.state == state]
            if state == Paper.State.EXEMPT:
                rows += [(str(state.label), f"{'、'.join(names)}（{reason}）") for reason, names in _by_reason(papers).items()]
            elif papers:
                rows.append((str(state.label), "、".join(paper.name for paper in papers)))
        promised = f"{self.application.promised_on:%Y-%m-%d} 签署" if self.application.promised_on else "没有登记"
        signed = "、".join(f"{row.resident.name}（{row.signed_on}）" for row in sheet.authorisations)
        rows += [("诚信承诺书", promised), ("核对授权书", signed or "没有登记")]
        return rows + ([("近亲属申报", str(sheet.kin) if sheet.kin else "没有登记")] if sheet.asks_about_kin else [])

    @property
    def assessed(self) -> list[tuple[str, str]]:
        row = self.sheet.assessment
        if row is None:
            return []
        names = ("cause", "family_structure", "health", "labour_note", "rigid_spending", "monthly_income", "opinion", "proposal")
        words = dict(Assessment.Difficulty.choices)
        first = [("困难类型", "、".join(str(words[kind]) for kind in row.difficulties)), ("劳动能力和条件", row.get_labour_display())]
        rest = [(str(Assessment._meta.get_field(name).verbose_name), _said(getattr(row, name))) for name in names]  # type: ignore[union-attr]
        return [(term, text) for term, text in first + rest if text]

    @cached_property
    def documents(self) -> list[HandedOut]:
        """Everything handed out for this application, notices included: they name it."""
        rows = IssuedDocument.objects.of_application(self.application.pk).with_list_data()
        return handed_out(rows, may_void=self._can_work)

    @property
    def summary(self) -> list[tuple[str, Any]]:
        application = self.application
        helper = f"{application.helper_name}（{application.helper_relation}）{application.helper_phone}" if application.helper_name else ""
        single = application.get_single_person_reason_display() if application.as_single_person else ""
        said = [
            ("申请人", application.applicant.name),
            ("户编号", application.household.number),
            ("申请渠道", application.get_channel_display()),
            ("代办人", helper),
            ("按单人户", single),
            ("首问责任人", application.first_responder.staff.name),
            ("提交", _when(application.submitted_at, application.submitted_by)),
            ("受理", _when(application.accepted_at, application.accepted_by)),
            ("查询码", application.query_code),
        ]
        return [(term, text) for term, text in said if text]


def _said(value: Any) -> str:
    return money(value) if isinstance(value, Decimal) else str(value or "")


def _by_reason(papers: list[Paper]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for paper in papers:
        found.setdefault(paper.exempt_reason, []).append(paper.name)
    return found


def _when(moment: Any, post: Post | None) -> str:
    return f"{clock.local(moment):%Y-%m-%d %H:%M} {post.staff.name}" if moment and post else ""
