"""The papers of an application: one list for all its items; what the platform can prove is never asked for (ZX-30, TZ-20, TZ-27)."""

from collections.abc import Iterable
from functools import cached_property
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q

from audit.transitions import record
from config import clock
from config.verbs import TransitionError, save
from config.words import without_numbers
from documents import transitions as documents
from documents.gates import fetch
from documents.models import Attachment
from documents.transitions.attachments import IncomingFile
from households.knowledge import Evidence, Proof, missing_authorisations
from households.transitions import lean_on
from organization.models import Post
from programs.models import Material, MaterialRequirement

from ..beneficiaries import covered_residents
from ..models import Application, ApplicationItem, Paper, SupplementLine
from ..rules import Demand, Wanted, merged
from .edges import EDITABLE, seize, take_up

State = Paper.State
# Forms that are settled by signing them: the promise here, the authorisations at the household.
SIGNED = {"promise", "authorisation"}
HERE = frozenset({State.SEEN, State.UPLOADED})
SETTLED = HERE | {State.LATER}


def list_papers(application: Application, by: Post) -> list[Paper]:
    """Inner: the list anew, after items, people or what is known have changed. What the clerk has settled stays settled."""
    application = seize(application)
    items = list(application.items.with_program())
    wanted = merged(_demands(items))
    known = {paper.material_id: paper for paper in application.papers.all()}
    before = _states(known.values())
    grounds = Grounds(application, items, wanted)
    papers = []
    for want in wanted:
        paper = known.pop(want.material, None) or Paper(material_id=want.material)
        paper.application, stood = application, _content(paper)
        paper.name, paper.condition, paper.is_required = want.name, want.condition, want.is_required
        paper.is_confidential = all(item.program.is_sensitive for item in want.items)
        _place(paper, want, grounds, by)
        if not paper._state.adding and _content(paper) != stood:
            save(paper)
        papers.append(paper)
    Paper.objects.bulk_create([paper for paper in papers if paper._state.adding])
    _drop(list(known.values()))
    if before != _states(papers):
        exempt = sum(paper.state == State.EXEMPT for paper in papers)
        data = {"listed": len(papers), "exempt": exempt}
        record(
            "application.papers_listed", application, by=by, new=f"{len(papers)}份，免提交{exempt}份", data=data,
            application_id=application.pk, household_id=application.household_id,
        )  # fmt: skip
    return papers


def _states(papers: Iterable[Paper]) -> dict[str, tuple[str, bool]]:
    return {paper.material_id: (paper.state, paper.is_required) for paper in papers}


def _content(paper: Paper) -> tuple[Any, ...]:
    """All that a listing may change of a paper: what stands as it was is not written again."""
    return tuple(getattr(paper, field.attname) for field in paper._meta.concrete_fields)


def _demands(items: list[ApplicationItem]) -> list[Demand]:
    """What each item's version and track ask for, in the catalogue's order."""
    asked = Q(pk__in=[])
    for item in items:
        asked |= Q(version=item.version_id) & (Q(track=None) | Q(track=item.track_id))
    rows = list(MaterialRequirement.objects.filter(asked).order_by("version", "order", "pk"))
    return [
        Demand(
            item=item, material=row.material_id, name=row.name, condition=row.condition, need=row.need,
            basis=row.origins.get("need", {}).get("source", ""), is_of_track=row.track_id is not None,
        )
        for item in items
        for row in rows
        if row.version_id == item.version_id and row.track_id in {None, item.track_id}
    ]  # fmt: skip


def asked_for(application: Application) -> set[str]:
    """The materials that its items ask for now, in every case or in a certain one."""
    return {demand.material for demand in _demands(list(application.items.all()))}


class Grounds:
    """Why a paper need not be brought, by what is known of the people of each item.

    Looked up once, and only for the items whose papers ask: in a list that is settled, as at acceptance, none does.
    """

    def __init__(self, application: Application, items: list[ApplicationItem], wanted: list[Wanted]) -> None:
        self._household, self._on = application.household, clock.today()
        self._items, self._wanted = {item.pk: item for item in items}, wanted
        self._evidence: dict[Any, Evidence] = {}

    @cached_property
    def _materials(self) -> dict[str, Material]:
        return Material.objects.prefetch_related("proofs").in_bulk([want.material for want in self._wanted])

    def _evidence_for(self, item: Any) -> Evidence:
        if item not in self._evidence:
            self._evidence[item] = Evidence(self._household, covered_residents(self._items[item]), self._on)
        return self._evidence[item]

    @cached_property
    def is_authorised(self) -> bool:
        """Whether everybody who must has signed the authorisation."""
        return not missing_authorisations(self._household, self._on)

    def of(self, want: Wanted) -> tuple[str, list[Proof]]:
        """The reason with its proofs; ("", []) when the paper is needed.

        Proven for every item that wants it: two disabled children are two cards. Without a proof the catalogue's own 免提交 stands.
        """
        if want.need == MaterialRequirement.Need.REQUIRED:
            return "", []
        found = [self._evidence_for(item.pk).proof_of(self._materials[want.material]) for item in want.items]
        proofs = [proof for proof in found if proof]
        if len(proofs) == len(found):
            return "；".join(dict.fromkeys(proof.text for proof in proofs))[:120], proofs
        if want.need == MaterialRequirement.Need.EXEMPT:
            return (want.basis or "项目目录规定免提交")[:120], []
        return "", []


def _place(paper: Paper, want: Wanted, grounds: Grounds, by: Post) -> None:
    """The state that follows from what is known; what a person has settled or demanded is left alone."""
    if want.material in SIGNED:
        _settle(paper, State.SEEN if _is_signed(paper, grounds) else State.MISSING, by)
    elif paper.state not in SETTLED and not paper.demanded_at:
        reason, proofs = grounds.of(want)
        if not reason:
            _settle(paper, State.MISSING, by)
        paper.state = State.EXEMPT if reason else State.MISSING
        _lean(paper, reason, proofs, by)


def _lean(paper: Paper, reason: str, proofs: list[Proof], by: Post) -> None:
    """Write down what proves it, and at each fact who leaned on it: a corrected fact then lists the papers it stood for."""
    paper.exempt_reason = reason
    paper.fact = next((proof.fact for proof in proofs if proof.fact), None)
    paper.record = next((proof.record for proof in proofs if proof.record), None)
    for fact in {fact.pk: fact for proof in proofs for fact in proof.facts}.values():
        lean_on(fact=fact, subject=paper, by=by)


def _is_signed(paper: Paper, grounds: Grounds) -> bool:
    if paper.material_id == "promise":
        return paper.application.promised_on is not None
    return grounds.is_authorised


def _drop(papers: list[Paper]) -> None:
    """No longer asked for: gone, unless somebody has settled it or a notice has named it; then it stays, and holds nothing up."""
    named = set(SupplementLine.objects.filter(paper__in=papers).values_list("paper", flat=True))
    for paper in papers:
        if paper.state in HERE or paper.demanded_at or paper.pk in named:
            if paper.is_required:
                paper.is_required = False
                paper.save(update_fields=["is_required"])
        else:
            paper.delete()


@transaction.atomic
def relist_papers(*, application_id: Any, by: Post) -> bool:
    """Look again at what is known now: a fact that came in since, or one that ran out, an authorisation that was signed.

    Returns:
        whether the list differs from what the clerk has looked at.
    """
    application = take_up(application_id, "relist_papers", by)
    before = _states(application.papers.all())
    list_papers(application, by)
    return _states(application.papers.all()) != before  # what is no longer asked for and stays, since it was settled, is no difference


@transaction.atomic
def settle_paper(*, paper_id: Any, state: str, by: Post) -> Paper:
    """已看原件, 后补, 免提交 on what the platform proves, or back to 未提交. The same state again changes nothing.

    Raises:
        TransitionError: 免提交 without a proof; a proven paper taken all the same without a reason; a form that is settled by signing it.
    """
    paper, application = _taken(paper_id, "settle_paper", by)
    if state not in State.values:
        raise ValidationError({"state": "请选择提交情况。"})
    if state == paper.state:
        return paper
    _refuse_settling(paper, state, is_accepted=application.status not in EDITABLE)
    old = paper.get_state_display()
    if state == State.EXEMPT:
        _exempt(paper, application, by)
    else:
        _settle(paper, state, by)
    _save(paper)
    _record("paper.settled", paper, by, old=old, new=paper.get_state_display())
    return paper


def _refuse_settling(paper: Paper, state: str, *, is_accepted: bool) -> None:
    _refuse_signed(paper)
    _refuse_proven(paper)
    if is_accepted and state not in HERE:
        raise TransitionError("申请已受理，材料只能登记为已看原件或已上传。")
    if state == State.UPLOADED and not Attachment.objects.about(paper).standing().exists():
        raise TransitionError("还没有上传这份材料，请先上传文件。")


def _refuse_signed(paper: Paper) -> None:
    if paper.material_id in SIGNED:
        raise TransitionError(f"{paper.name}请在签署处登记（何人、何日签署），材料清单随之更新。")


def _refuse_proven(paper: Paper) -> None:
    """ZX-30: what the database proves is not asked for; an override gives its reason and is counted."""
    if paper.state == State.EXEMPT:
        raise TransitionError(f"{paper.name}免提交（{paper.exempt_reason}），不用收。确需群众提交的，请先填写仍要求提交的理由。")


def _exempt(paper: Paper, application: Application, by: Post) -> None:
    """By what the platform proves now, even where it was demanded before."""
    items = list(application.items.with_program())
    want = next((want for want in merged(_demands(items)) if want.material == paper.material_id), None)
    reason, proofs = Grounds(application, items, [want]).of(want) if want else ("", [])
    if not reason:
        raise TransitionError(f"平台没有查到能证明“{paper.name}”的有效信息，不能免提交。请登记已看原件、上传文件，或登记后补。")
    _settle(paper, State.EXEMPT, by)
    paper.demanded_at, paper.demanded_by, paper.demand_reason = None, None, ""
    _lean(paper, reason, proofs, by)


@transaction.atomic
def upload_paper(*, paper_id: Any, file: IncomingFile, by: Post) -> Paper:
    """Take the file in; the paper is 已上传. More pages are more files of the same paper.

    Raises:
        FileRefused: what is wrong with the file and what to do instead.
    """
    paper, application = _taken(paper_id, "upload_paper", by)
    _refuse_signed(paper)
    _refuse_proven(paper)
    documents.upload(
        subject=paper, kind=paper.material_id, file=file, household_id=application.household_id, application_id=application.pk, by=by
    )
    if paper.state != State.UPLOADED:
        old = paper.get_state_display()
        _settle(paper, State.UPLOADED, by)
        _save(paper)
        _record("paper.settled", paper, by, old=old, new=paper.get_state_display())
    return paper


@transaction.atomic
def void_file(*, attachment_id: Any, reason: str, by: Post) -> Paper:
    """A file that does not belong there, above all another family's: struck out with its reason, and passed on to no unit any more.

    At any time, also when the case has ended. A paper that had no other file is missing again: before acceptance it holds that up, after
    it the units on the way read that it was voided, and the window takes the right one in.

    Raises:
        AlreadyHandled: somebody was first.
        TransitionError: no reason, or an ID number in it.
    """
    file = fetch(Attachment, attachment_id, by)
    if file.subject_label != Paper._meta.label_lower:
        raise PermissionDenied("这个附件不是申请材料，不能在这里作废。")
    paper, _ = _taken(file.subject_id, "void_file", by)
    documents.void(attachment_id=file.pk, reason=without_numbers(reason), by=by, is_confidential=paper.is_confidential)
    if paper.state == State.UPLOADED and not Attachment.objects.about(paper).standing().exists():
        old = paper.get_state_display()
        _settle(paper, State.MISSING, by)
        _save(paper)
        _record("paper.settled", paper, by, old=old, new=paper.get_state_display())
    return paper


@transaction.atomic
def demand_paper(*, paper_id: Any, reason: str, by: Post) -> Paper:
    """Ask for a paper all the same although the platform proves it: with a reason, by name, counted (ZX-30, 免证率).

    Raises:
        TransitionError: it is asked for already.
    """
    paper, _ = _taken(paper_id, "demand_paper", by)
    if paper.state != State.EXEMPT:
        raise TransitionError(f"{paper.name}本来就要提交，不必填写理由。")
    if not reason.strip():
        raise ValidationError({"reason": "请写明平台已能证明、仍要求群众提交的理由。"})
    paper.state = State.MISSING
    paper.demanded_at, paper.demanded_by, paper.demand_reason = clock.now(), by, without_numbers(reason)
    _save(paper)
    _record("paper.demanded", paper, by, old=paper.exempt_reason, note=paper.demand_reason)
    return paper


def _taken(paper_id: Any, verb: str, by: Post) -> tuple[Paper, Application]:
    """The paper, under its application's lock."""
    found: Paper = Paper.objects.visible_to(by).get_or_404(paper_id)
    application = take_up(found.application_id, verb, by)
    paper = Paper.objects.select_related("material").filter(application=application).get_or_404(paper_id)
    paper.application = application
    return paper, application


def _settle(paper: Paper, state: str, by: Post) -> None:
    if paper.state == state and (paper.settled_at is not None) == (state != State.MISSING):
        return
    paper.state = state
    paper.settled_at, paper.settled_by = (None, None) if state == State.MISSING else (clock.now(), by)


def _save(paper: Paper) -> None:
    save(paper)


def _record(verb: str, paper: Paper, by: Post, **about: Any) -> None:
    application = paper.application
    record(
        verb, paper, by=by, application_id=application.pk, household_id=application.household_id,
        data={"material": paper.material_id, "paper": paper.name}, **about,
    )  # fmt: skip
