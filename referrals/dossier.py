"""What the unit that holds a referral needs on one page: who, what is asked, papers, verification, publicity, the way walked, two dates.

Asked for a referral that the caller has fetched through its gate: the household card, the papers of this program and recognised conclusions
go along with it (DESIGN 2). Other programs of the same application are never named here.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db.models import OuterRef, Q, Subquery
from django.urls import reverse

from config import clock
from config.navigation import address
from config.protection.masks import mask_name
from config.templatetags.frame import money
from deadlines import counting, lamps
from deadlines.models import Duty, DutyExtension
from deadlines.rules import date_of
from documents.models import Attachment, IssuedDocument
from households.models import AssistanceRecord, Household, IdentityTag, Membership
from households.showing import shown_name
from intake.models import Paper
from organization.models import Post
from programs.models import MaterialRequirement, Stage
from verification.models import Verification
from verification.reading import recognised

from . import disputes
from .changes import change_terms, decided_text
from .models import Dispute, Referral, ReferralStage
from .permissions import can_answer_extension
from .routing import walked

DATES = {"promise": "承诺办结", "receive": "签收", "stage": "本环节", "resubmit": "补正后送回", "feedback": "反馈", "tell": "告知申请人",
         "settle": "处理争议", "rule": "裁定", "countersign": "会签裁定"}  # fmt: skip
Term = tuple[str, Any]


@dataclass(frozen=True, slots=True)
class PaperLine:
    """`voided`: why a file that hung there was struck out. Its name is left out, it may be another family's."""

    name: str
    state: str
    tone: str
    note: str
    files: list[Attachment]
    voided: list[str]


@dataclass(frozen=True, slots=True)
class MemberLine:
    """One of the household. The number is masked; one logged click shows it."""

    resident: Any
    name: str
    relation: str
    tags: list[str]
    is_applicant: bool
    reveal_url: str
    phone_url: str


@dataclass(frozen=True, slots=True)
class DateLine:
    """`extended`: why the limit was lengthened, where it was."""

    label: str
    lamp: lamps.Lamp
    due: str
    extended: str = ""


@dataclass(frozen=True, slots=True)
class StayLine:
    """One stay at one unit: who did what there."""

    stage: str
    unit: str
    result: str
    entries: list[Term]


@dataclass(frozen=True)
class Dossier:
    referral: Referral
    post: Post
    stays: list[ReferralStage] = field(default_factory=list)

    @cached_property
    def sees_household(self) -> bool:
        """A department sees the family while it has been let in: until some days after the referral's end (SECURITY #10)."""
        return Household.objects.beyond_the_card(self.post).filter(pk=self.referral.case_household_id).exists()

    @cached_property
    def claims(self) -> list[Dispute]:
        return disputes.claims(self.referral)

    @property
    def applicant(self) -> Any:
        return self.referral.applicant

    @property
    def applicant_name(self) -> str:
        return self._shown(str(self.applicant.name)) if self.applicant else ""

    def _shown(self, name: str) -> str:
        """In full on one's own work, masked where the county is only watched, and after one's time (SECURITY, D12)."""
        return shown_name(name, self.post) if self.sees_household else mask_name(name)

    @cached_property
    def asked(self) -> list[Term]:
        referral = self.referral
        terms: list[Term] = [("救助项目", referral.program), ("办理情形", referral.track.name), ("救助对象", self._beneficiary)]
        if referral.is_grant:
            terms += [("拟救助金额", money(referral.amount_asked)), ("申请事由", referral.cause)]
        else:
            terms += change_terms(referral, shown=self._shown)
        terms.append(("受理" if referral.is_grant else "提出", _hand(referral.accepted_at, referral.accepted_by)))
        return terms

    @property
    def _beneficiary(self) -> str:
        resident, application = self.referral.resident, self.referral.application
        if resident is None:
            return "全家"
        is_alone = application is not None and self.referral.is_for_one_alone
        alone = f"（单人户，{application.get_single_person_reason_display()}）" if application and is_alone else ""
        return f"{self._shown(str(resident.name))}{alone}"

    @cached_property
    def members(self) -> list[MemberLine]:
        if not self.sees_household:
            return []
        rows = list(
            Membership.objects.open()
            .filter(household_id=self.referral.case_household_id)
            .select_related("resident")
            .order_by("relation", "pk")
        )
        tags = self._tags([row.resident_id for row in rows])
        applicant = self.applicant
        return [
            MemberLine(
                row.resident, self._shown(row.resident.name), row.get_relation_display(), tags.get(row.resident_id, []),
                applicant is not None and row.resident_id == applicant.pk,
                _reveal(row.resident, "id_number"), _reveal(row.resident, "phone"),
            )
            for row in rows
        ]  # fmt: skip

    def _tags(self, residents: Sequence[Any]) -> dict[Any, list[str]]:
        found: dict[Any, list[str]] = {}
        rows = IdentityTag.objects.standing(clock.today()).shown_to(self.post)
        for tag in rows.filter(Q(resident_id__in=residents)).order_by("kind"):
            found.setdefault(tag.resident_id, []).append(tag.get_kind_display())
        return found

    @cached_property
    def household_tags(self) -> list[str]:
        if not self.sees_household:
            return []
        rows = IdentityTag.objects.standing(clock.today()).shown_to(self.post).filter(household_id=self.referral.case_household_id)
        return [tag.get_kind_display() for tag in rows.order_by("kind")]

    @cached_property
    def papers(self) -> list[PaperLine]:
        return paper_lines(papers_asked(self.referral)) if self.sees_household else []

    @cached_property
    def verification(self) -> Verification | None:
        return recognised(self.referral.case_household, clock.today())

    @cached_property
    def publicities(self) -> list[Any]:
        return list(self.referral.publicities.select_related("unit", "photo", "posted_by__staff").order_by("posted_at"))

    @cached_property
    def walked(self) -> list[StayLine]:
        return [_stay(stay) for stay in self.stays]

    @cached_property
    def steps(self) -> list[dict[str, str]]:
        """The stages of the track, for the stepper."""
        return steps_of(self.referral, list(walked(self.referral.track, self.referral.purpose)))

    @cached_property
    def dates(self) -> list[DateLine]:
        return date_lines([self.referral]).get(str(self.referral.pk), [])

    @cached_property
    def extensions(self) -> list[Any]:
        return list(
            self.referral.extensions.select_related(
                "requested_by__staff", "requested_by__unit", "answered_by__staff", "answered_by__unit", "stay__stage"
            )
        )

    @cached_property
    def record_id(self) -> Any:
        """The aid that was given by it, or that it changes, as far as this post may see it."""
        if self.referral.is_grant and self.referral.outcome != Referral.Outcome.APPROVED:
            return None
        rows: Any = AssistanceRecord.objects.visible_to(self.post).shown_to(self.post)
        mine = rows.filter(pk=self.referral.record_id) if self.referral.record_id else rows.filter(decision_id=self.referral.pk)
        return mine.values_list("pk", flat=True).first()

    @property
    def death(self) -> str:
        """Somebody has died while it runs: the person's own is ended, the family's goes on with another (C-17, C-19)."""
        referral, person = self.referral, self.applicant
        if person is None or not person.is_dead or not referral.is_grant or not self.is_undecided:
            return ""
        told = f"{self._shown(str(person.name))}已登记于{person.died_on:%Y-%m-%d}死亡。"
        if referral.resident_id == person.pk:
            return f"{told}本事项应当终止，请由审批人员办理“终止”，原因写死亡；家庭其他事项不受影响。"
        return f"{told}这是为家庭申请的：家庭仍需要的继续办理，不再需要的终止。"

    @property
    def is_undecided(self) -> bool:
        return self.referral.status in Referral.UNDECIDED

    @cached_property
    def can_answer_extension(self) -> bool:
        return self.is_undecided and any(row.answered_at is None and can_answer_extension(self.post, row) for row in self.extensions)

    @cached_property
    def documents(self) -> list[IssuedDocument]:
        return list(IssuedDocument.objects.about(self.referral).with_list_data())

    @cached_property
    def decision(self) -> list[Term]:
        return decision_terms(self.referral)


def papers_asked(referral: Referral) -> "list[Paper]":
    """The papers of the application that this program's version asks for on this track; those of other programs stay out."""
    if referral.application_id is None:
        return []
    asked = materials_asked(referral).order_by().values("material_id")
    rows = Paper.objects.filter(application_id=referral.application_id, material_id__in=asked)
    return list(rows.select_related("settled_by__staff").order_by("-is_required", "name"))


def materials_asked(referral: Referral) -> Any:
    return MaterialRequirement.objects.filter(version_id=referral.version_id).filter(Q(track=None) | Q(track_id=referral.track_id))


def paper_lines(papers: "Sequence[Paper]") -> list[PaperLine]:
    """With their files: one query for all of them."""
    files: dict[str, list[Attachment]] = {}
    voided: dict[str, list[str]] = {}
    for file in Attachment.objects.about(*papers).select_related("voided_by__staff"):
        if file.is_voided:
            voided.setdefault(file.subject_id, []).append(file.voided_text)
        else:
            files.setdefault(file.subject_id, []).append(file)
    lines = [(p, str(p.pk)) for p in papers]
    return [PaperLine(p.name, p.get_state_display(), p.tone, _note(p), files.get(pk, []), voided.get(pk, [])) for p, pk in lines]


def _note(paper: "Paper") -> str:
    if paper.state == Paper.State.EXEMPT:
        return str(paper.exempt_reason)
    if paper.demand_reason:
        return f"平台已能证明，仍要求提交：{paper.demand_reason}"
    if paper.settled_at and paper.settled_by:
        return f"{clock.local(paper.settled_at):%m-%d} {paper.settled_by.staff.name}登记"
    return "" if paper.is_required else "非必交"


def date_lines(referrals: "Sequence[Referral]") -> dict[str, list[DateLine]]:
    """The promise and what runs now, by referral: each with its lamp, which leads to why it is this day. Two queries and a calendar."""
    if not referrals:
        return {}
    now = clock.now()
    ids = [str(referral.pk) for referral in referrals]
    rows = Duty.objects.filter(subject_label=referrals[0]._meta.label_lower, subject_id__in=ids).filter(
        Q(closed_at=None) | Q(is_promise=True)
    )
    reasons = DutyExtension.objects.filter(duty=OuterRef("pk")).order_by("-extended_at", "-pk").values("reason")
    duties = list(rows.annotate(extended_for=Subquery(reasons[:1])).order_by("-is_promise", "opened_at"))
    if not duties:
        return {}
    calendar = counting.calendar_since(date_of(now))
    found: dict[str, list[DateLine]] = {}
    for duty in duties:
        why = reverse("referrals:referral_why", args=[duty.subject_id, duty.kind])
        lamp: Any = counting.lamp_of(duty, now, calendar) | {"url": why}
        found.setdefault(duty.subject_id, []).append(
            DateLine(
                DATES.get(duty.kind, duty.kind_name), lamp, counting.due_text(duty) if duty.due_at else "", duty.extended_for or "",
            )
        )  # fmt: skip
    return found


def steps_of(referral: Referral, stages: Sequence[Stage]) -> list[dict[str, str]]:
    """Done, current, waiting; the end is telling the applicant."""
    places = [stage.pk for stage in stages]
    here = places.index(referral.stage_id) if referral.stage_id in places else 0
    status = referral.Status
    is_decided = referral.status in {status.DECIDED, status.FED_BACK, status.CONFIRMED}
    steps = []
    for place, stage in enumerate(stages):
        state = "done" if place < here or is_decided else "current" if place == here and referral.is_open else "waiting"
        steps.append({"label": stage.name, "state": state})
    told = "done" if referral.status == status.CONFIRMED else "current" if is_decided else "waiting"
    return [{"label": "受理" if referral.is_grant else "提出", "state": "done"}, *steps, {"label": "反馈告知", "state": told}]


def _stay(stay: ReferralStage) -> StayLine:
    entries: list[Term] = [("到达", _hand(stay.arrived_at, stay.arrived_by))]
    if stay.received_at:
        entries.append(("签收", _hand(stay.received_at, stay.received_by)))
    if stay.proposed_at:
        wish = dict(Referral.Outcome.choices).get(stay.proposed_outcome, "")
        said = "，".join(part for part in (f"建议{wish}" if wish else "", money(stay.proposed_amount)) if part)
        entries.append(("拟办", f"{_hand(stay.proposed_at, stay.proposed_by)}：{stay.proposal}{f'（{said}）' if said else ''}"))
    if stay.opinion:
        entries.append(("意见", stay.opinion))
    if stay.left_at:
        entries.append((stay.get_result_display(), _hand(stay.left_at, stay.left_by)))
    return StayLine(stay.stage.name, stay.unit.name, stay.get_result_display() if stay.result else "在此办理", entries)


def decision_terms(referral: Referral) -> list[Term]:
    """What was decided, and what became of it."""
    if not referral.outcome:
        ended = referral.ended_at and [
            (referral.get_status_display(), f"{_hand(referral.ended_at, referral.ended_by)}：{referral.end_reason}")
        ]
        return ended or []
    terms: list[Term] = [("决定", referral.get_outcome_display())]
    if referral.outcome == Referral.Outcome.APPROVED and not referral.is_grant:
        terms = [("决定", decided_text(referral)), ("理由", referral.cause), ("救济途径", referral.version.remedies)]
    elif referral.outcome == Referral.Outcome.APPROVED:
        terms += [("金额", money(referral.amount)), ("实物或服务", referral.in_kind), ("起始日期", referral.start_on)]
        terms += [("超过封顶线的理由", referral.cap_reason)] if referral.is_above_cap else []
    else:
        terms += [("情形", referral.get_refusal_code_display()), ("理由", referral.refusal_reason), ("救济途径", referral.remedies)]
    terms.append(("决定人", _hand(referral.decided_at, referral.decided_by)))
    if referral.feedback_returned_at:
        terms.append(
            ("反馈被退回", f"{_hand(referral.feedback_returned_at, referral.feedback_returned_by)}：{referral.feedback_return_reason}")
        )
    if referral.fed_back_at:
        terms.append(("反馈", f"{_hand(referral.fed_back_at, referral.fed_back_by)}：{referral.feedback}"))
    if referral.confirmed_at:
        how = f"{referral.get_told_how_display()}{f'，{referral.told_note}' if referral.told_note else ''}"
        terms.append(("告知申请人", f"{_hand(referral.confirmed_at, referral.confirmed_by)}：{how}"))
    return [(term, text) for term, text in terms if text]


def stays_of(referral: Referral) -> list[ReferralStage]:
    people = ("arrived_by", "received_by", "proposed_by", "decided_by", "left_by")
    related = [f"{person}__{part}" for person in people for part in ("staff", "unit")]
    return list(referral.walked.select_related("stage", "unit", *related).order_by("arrived_at", "pk"))


def _hand(moment: datetime | None, person: Post | None) -> str:
    """Who and when."""
    when = f"{clock.local(moment):%Y-%m-%d %H:%M}" if moment else ""
    return " ".join(part for part in (when, f"{person.unit.short_name} {person.staff.name}" if person else "") if part)


def _reveal(resident: Any, field_name: str) -> str:
    if not getattr(resident, f"{field_name}_masked"):
        return ""
    return address("households:number_reveal", resident.pk, field_name)
