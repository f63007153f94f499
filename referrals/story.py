"""An application told as a story for the township and the platform: what was asked, where each item stands, until when, what happened.

Departments never come here: they have their referral, and other programs are not named to them.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db.models import Q
from django.urls import reverse

from audit.models import Event
from audit.presenters import phrase, told
from config import clock
from config.templatetags.frame import money
from documents.models import Attachment, IssuedDocument
from households.showing import shown_name
from intake.models import Application, ApplicationItem, Paper, SupplementLine, SupplementNotice
from intake.permissions import can_work_on
from organization.models import Post
from verification.models import Verification

from .dossier import DateLine, PaperLine, Term, date_lines, decision_terms, paper_lines, papers_asked
from .models import Publicity, Referral, ReferralStage, WaitingItem
from .names import names
from .permissions import can_read_item, can_withdraw_application
from .steps import what_next, whose_turn
from .transitions import awaits_notice, waiting

ENTRIES = 40  # of the record on one page
ITEM_LABELS = frozenset({ApplicationItem._meta.label_lower, WaitingItem._meta.label_lower})
HIDDEN = "敏感项目（仅受理窗口和承办单位可见）"


@dataclass(frozen=True, slots=True)
class ItemLine:
    """One item: what was asked, and where its referral stands."""

    program: str
    beneficiary: str
    asked: str
    status: str
    tone: str
    where: str
    dates: list[DateLine]
    decision: list[Term]
    url: str
    withdraw_url: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    at: datetime
    who: str
    text: str


@dataclass(frozen=True, slots=True)
class Told:
    """A 一次性告知书, with the lines that this post reads."""

    notice: SupplementNotice
    lines: list[SupplementLine]


TONES = {"confirmed": "green", "withdrawn": "grey", "terminated": "grey", "returned": "amber"}


@dataclass(frozen=True)
class Story:
    application: Application
    post: Post
    before: int | None = None

    @cached_property
    def referrals(self) -> dict[Any, Referral]:
        related = ("stage", "unit", "handler__staff", "responsible__staff", "program", "track", "decided_by__unit", "decided_by__staff",
                   "fed_back_by__unit", "fed_back_by__staff", "feedback_returned_by__unit", "feedback_returned_by__staff",
                   "confirmed_by__unit", "confirmed_by__staff", "ended_by__unit", "ended_by__staff")  # fmt: skip
        rows = Referral.objects.visible_to(self.post).filter(application=self.application).select_related(*related)
        return {row.item_id: row for row in rows}

    @cached_property
    def _asked(self) -> list[ApplicationItem]:
        rows = ApplicationItem.objects.filter(application=self.application).with_program().select_related("waiting")
        return list(rows.order_by("added_at", "pk"))

    @cached_property
    def items(self) -> list[ItemLine]:
        units = self._units
        dates = date_lines(list(self.referrals.values()))
        return [self._item(item, self.referrals.get(item.pk), units, dates) for item in self._asked]

    @cached_property
    def _readable(self) -> list[Referral]:
        """Those whose papers and notices this post may see with the item."""
        units, window = self._units, self.application.unit_id
        rows = self.referrals.values()
        return [row for row in rows if can_read_item(self.post, row.program, window, units.get(row.pk, set()))]

    @cached_property
    def _units(self) -> dict[Any, set[int]]:
        """Which units each referral has been to, for what only they may see."""
        found: dict[Any, set[int]] = {}
        rows = ReferralStage.objects.filter(referral__in=list(self.referrals.values()))
        for referral, unit in rows.order_by().values_list("referral_id", "unit_id"):
            found.setdefault(referral, set()).add(unit)
        return found

    def _item(
        self, item: ApplicationItem, referral: Referral | None, units: dict[Any, set[int]], dates: dict[str, list[DateLine]]
    ) -> ItemLine:
        been = units.get(referral.pk, set()) if referral else set()
        if not can_read_item(self.post, item.program, self.application.unit_id, been):
            return ItemLine(HIDDEN, "", "", referral.get_status_display() if referral else "", "grey", "", [], [], "")
        asked = "，".join(part for part in (money(item.amount_asked), item.cause) if part)
        who = shown_name(item.resident.name, self.post) if item.resident else "全家"
        if referral is None:
            return self._unsent(item, who, asked)
        return ItemLine(
            str(item.program), who, asked, referral.get_status_display(), TONES.get(referral.status, "blue"),
            f"{whose_turn(referral)}，{what_next(referral)}" if referral.is_open else "已经结束", dates.get(str(referral.pk), []),
            decision_terms(referral), referral.get_absolute_url(),
        )  # fmt: skip

    def _unsent(self, item: ApplicationItem, who: str, asked: str) -> ItemLine:
        """Before it is sent out: not yet, waiting for its program to open, or given up meanwhile."""
        row = getattr(item, "waiting", None)
        if row is None:
            return ItemLine(str(item.program), who, asked, "未派单", "grey", "受理后派单", [], [], "")
        if row.outcome:
            said = [("原因", row.reason)]
            return ItemLine(str(item.program), who, asked, row.get_outcome_display(), "grey", "已经结束", [], said, "")
        where = f"{row.get_cause_display()}，{row.until}，承诺时限从派单那天起算"
        url = reverse("referrals:item_withdraw", args=[item.pk]) if self._may_withdraw else ""
        return ItemLine(str(item.program), who, asked, "待开放", "amber", where, [], [], "", withdraw_url=url)

    @cached_property
    def _may_withdraw(self) -> bool:
        return can_withdraw_application(self.post, self.application)

    @cached_property
    def can_be_sent(self) -> bool:
        """Accepted and not sent out, or something that waited has opened, or has a place now, and the job has not come yet."""
        status = self.application.status
        if status == Application.Status.IN_PROGRESS:
            waits = [row for item in self._asked if (row := getattr(item, "waiting", None)) is not None and not row.outcome]
            return bool(waiting.ready(waits, clock.today()))
        return bool(status == Application.Status.ACCEPTED)

    @property
    def can_void(self) -> bool:
        """Files and papers of the window: at any time, also when the case has ended."""
        return can_work_on(self.post, self.application)

    @property
    def applicant_name(self) -> str:
        return shown_name(self.application.applicant.name, self.post)

    @cached_property
    def who(self) -> list[Term]:
        application = self.application
        helper = f"{application.helper_name}（{application.helper_relation}）" if application.helper_name else ""
        alone = f"是（{application.get_single_person_reason_display()}）" if application.as_single_person else ""
        place = application.household.region.full_name
        terms = [("申请人", self.applicant_name), ("家庭", f"{application.household}，{place}"), ("受理窗口", application.unit.name),
                 ("首问责任人", application.first_responder.staff.name), ("申请渠道", application.get_channel_display()),
                 ("代办人", helper), ("按单人户申请", alone)]  # fmt: skip
        return [(term, text) for term, text in terms if text]

    @cached_property
    def assessment(self) -> list[Term]:
        found = getattr(self.application, "assessment", None)
        if found is None:
            return []
        kinds = dict(type(found).Difficulty.choices)
        terms = [
            ("困难类型", "、".join(str(kinds.get(value, value)) for value in found.difficulties)),
            ("初审", "属于困难群众" if found.in_difficulty else "不属于困难群众"),
            ("初审意见", found.opinion),
            ("综合救助意见", found.proposal),
            ("评估人", f"{clock.local(found.assessed_at):%Y-%m-%d %H:%M} {found.assessed_by.label}"),
        ]
        return [(term, text) for term, text in terms if text]

    @cached_property
    def papers(self) -> list[PaperLine]:
        rows = Paper.objects.filter(application=self.application).select_related("settled_by__staff").order_by("-is_required", "name")
        return paper_lines([row for row in rows if not row.is_confidential or row.pk in self._passed_on])

    @cached_property
    def _passed_on(self) -> set[Any]:
        """The confidential papers that this post sees: all at the window, those of its own item on a sensitive program's way."""
        if not self.is_in_part:
            return set(Paper.objects.filter(application=self.application).values_list("pk", flat=True))
        return {paper.pk for row in self._readable if row.program.is_sensitive for paper in papers_asked(row)}

    @cached_property
    def is_in_part(self) -> bool:
        """Some item is not named to this post, nor what would name it: its papers, and the notices that speak of all items at once."""
        units, window = self._units, self.application.unit_id
        been = {item: units.get(row.pk, set()) for item, row in self.referrals.items()}
        return not all(can_read_item(self.post, item.program, window, been.get(item.pk, set())) for item in self._asked)

    @cached_property
    def notices(self) -> list[Told]:
        rows = self.application.notices.prefetch_related("lines__unit", "lines__paper").select_related("issued_by__staff")
        return [Told(row, [line for line in row.lines.all() if self._is_told(line)]) for row in rows.order_by("sequence")]

    def _is_told(self, line: SupplementLine) -> bool:
        """What a unit asked for on an item that is not named here, or a confidential paper, stays with those it concerns."""
        if not self.is_in_part or line.unit_id == self.post.unit_id:
            return True
        return line.unit_id is None and not (line.paper and line.paper.is_confidential)

    @property
    def waits_for_a_notice(self) -> bool:
        """Something stands returned, and the applicant has not been told in writing what is missing."""
        is_returned = any(row.status == Referral.Status.RETURNED for row in self.referrals.values())
        return is_returned and awaits_notice(self.application)

    @cached_property
    def verifications(self) -> list[Verification]:
        """That of this application, and the one that is recognised in its place."""
        rows = Verification.objects.visible_to(self.post).for_household(self.application.household_id)
        own = Q(opened_for_label=self.application._meta.label_lower, opened_for_id=str(self.application.pk))
        return list((rows.filter(own) | rows.valid(clock.today()) | rows.unfinished()).order_by("-opened_at")[:3])

    @cached_property
    def publicities(self) -> list[Any]:
        rows = Publicity.objects.filter(referral__in=self._readable).select_related("referral__program", "unit")
        return list(rows.order_by("posted_at"))

    @cached_property
    def documents(self) -> list[IssuedDocument]:
        own, theirs = IssuedDocument.objects.about(self.application), IssuedDocument.objects.about(*self._readable)
        found = theirs if self.is_in_part else own | theirs
        return list(found.with_list_data().order_by("issued_at"))

    @cached_property
    def files(self) -> list[Attachment]:
        return list(Attachment.objects.about(self.application).standing())

    @cached_property
    def _events(self) -> list[Event]:
        rows: Any = told(Event.objects.filter(application_id=self.application.pk)).order_by("-pk")
        if self.before:
            rows = rows.filter(pk__lt=self.before)
        return list(rows[: ENTRIES + 1])

    @property
    def entries(self) -> list[Entry]:
        """What happened, newest first, in sentences. What came of a sensitive program is told to whoever may read its item alone."""
        named = [(event, self._program(event)) for event in self._events[:ENTRIES]]
        return [
            Entry(event.at, event.post_label or "系统", f"{program}：{sentence}" if program else sentence)
            for event, program in named
            if program is not None and (sentence := phrase(event, in_full=True))
        ]

    def _program(self, event: Event) -> str | None:
        """Which of the items a line is about: "" the application as a whole, None one that is not named to this post."""
        label, pk = event.subject_label, event.data.get("referral", event.subject_id)
        if label in {Referral._meta.label_lower, Publicity._meta.label_lower}:
            return self._named.get(pk)
        if pk in self._unread_papers:
            return None
        if event.is_confidential and self.post.unit_id != self.application.unit_id:
            return None
        code = event.data.get("program", "") if label in ITEM_LABELS else ""
        return names().programs.get(code, "")

    @cached_property
    def _named(self) -> dict[str, str]:
        return {str(row.pk): str(row.program) for row in self._readable}

    @cached_property
    def _unread_papers(self) -> set[str]:
        """The papers of the items that are not named to this post."""
        hidden = [row for row in self.referrals.values() if str(row.pk) not in self._named]
        return {str(pk) for pk in IssuedDocument.objects.about(*hidden).values_list("pk", flat=True)} if hidden else set()

    @property
    def older_url(self) -> str:
        if len(self._events) <= ENTRIES:
            return ""
        return f"{reverse('referrals:case_detail', args=[self.application.pk])}?before={self._events[ENTRIES - 1].pk}#story"
