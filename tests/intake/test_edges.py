"""Every (status, verb) of an application: the legal ones work and leave a line, all others raise and leave nothing."""

import pytest
from django.db import transaction

from audit.models import Event
from config import clock
from config.verbs import AlreadyHandled, TransitionError
from documents import transitions as documents
from documents.papers import PAPERS
from intake import transitions
from intake.models import Application, Paper
from intake.transitions.edges import EDGES, VERBS
from tests import cast
from tests.intake.factories import ASSESSED, TRAITS, ApplicationFactory, picture
from tests.intake.verbs import fresh

pytestmark = pytest.mark.django_db
S = Application.Status


def paper_of(application, state=Paper.State.SEEN):
    return application.papers.filter(state=state).exclude(material__in=["promise", "authorisation"]).first()


def call(verb, application, by):
    """The verb with everything it may rightly be given."""
    of_application = {"application_id": application.pk, "by": by}
    if verb == "revise":
        return transitions.revise(applicant_id=application.applicant_id, channel="village", **of_application)
    if verb == "add_item":
        return transitions.add_item(program_code="CS01", track_key="ordinary", household_id=application.household_id, **of_application)
    if verb == "remove_item":
        return transitions.remove_item(item_id=application.items.order_by("added_at").last().pk, by=by)
    if verb == "assess":
        return transitions.assess(fields={**ASSESSED, "opinion": "另行评估"}, **of_application)
    if verb == "keep_assessment":
        return transitions.keep_assessment(fields={"opinion": "还要问一问"}, **of_application)
    if verb == "promise":
        return transitions.promise(signed_on=clock.today().replace(day=1), **of_application)
    if verb == "demand_paper":
        return transitions.demand_paper(paper_id=paper_of(application, Paper.State.EXEMPT).pk, reason="照片不清楚", by=by)
    if verb == "settle_paper":
        Paper.objects.filter(pk=paper_of(application).pk).update(state="later")
        return transitions.settle_paper(paper_id=paper_of(application, Paper.State.LATER).pk, state="seen", by=by)
    if verb == "upload_paper":
        return transitions.upload_paper(paper_id=paper_of(application).pk, file=picture(), by=by)
    if verb == "void_file":
        paper = application.papers.first()
        about = {"subject": paper, "kind": "cause_bills", "application_id": application.pk, "household_id": application.household_id}
        return transitions.void_file(attachment_id=documents.upload(file=picture(), by=by, **about).pk, reason="传错了人", by=by)
    if verb == "void_issued":
        card = PAPERS["guide_card"].sample()
        about = {"subject": application, "application_id": application.pk, "household_id": application.household_id}
        issued = documents.issue(kind="guide_card", data=card, by=by, **about)
        return transitions.void_issued(paper_id=issued.pk, reason="打错了", by=by)
    if verb == "relist_papers":
        Paper.objects.filter(application=application, is_required=False).update(is_required=True)
        Paper.objects.filter(application=application, state="exempt").update(state="missing")
        return transitions.relist_papers(**of_application)
    if verb == "refuse_acceptance":
        return transitions.refuse_acceptance(code="duplicate", reason="已在他处申请", advice="请联系原窗口", **of_application)
    if verb == "withdraw":
        return transitions.withdraw(reason="不再需要", **of_application)
    if verb == "ask_supplement":
        return transitions.ask_supplement(lines=[(None, "收入情况说明")], **of_application)
    if verb == "answer_supplement":
        if application.status in {S.ACCEPTED, S.IN_PROGRESS}:
            transitions.ask_supplement(lines=[(None, "收入情况说明")], **of_application)
        return transitions.answer_supplement(**of_application)
    if verb in {"submit", "accept"}:
        return getattr(transitions, verb)(**of_application)
    if verb == "stop":
        return transitions.stop(application=application, status="terminated", reason="不配合核查", by=by)
    return getattr(transitions, verb)(application=application, by=by)


def lines_of(application):
    return Event.objects.filter(application_id=application.pk).count()


@pytest.mark.parametrize("status", S.values)
def test_every_pair(status, clerk):
    """Each verb is tried on the same application, and taken back."""
    application = ApplicationFactory(**{TRAITS[status]: True}, programs=[("MZ04", "ordinary"), ("MZ01", "ordinary")])
    assert application.status == status
    before = lines_of(application)
    for verb, steps in VERBS.items():
        with transaction.atomic():
            if status in steps:
                call(verb, fresh(application), clerk)
                assert (fresh(application).status, verb) == (steps[status] or status, verb)
                assert lines_of(application) > before, verb
            else:
                with pytest.raises(AlreadyHandled, match=application.number), transaction.atomic():
                    call(verb, fresh(application), clerk)
                assert (fresh(application).status, lines_of(application), verb) == (status, before, verb)
            transaction.set_rollback(True)


def test_every_step_is_some_verbs():
    led = {(source, target) for steps in VERBS.values() for source, target in steps.items() if target}
    led |= {(source, S.WITHDRAWN) for source in VERBS["stop"]}
    assert led == {(source, target) for source, targets in EDGES.items() for target in targets}


def test_stop_may_also_withdraw(clerk):
    stopped = transitions.stop(application=ApplicationFactory(in_progress=True), status="withdrawn", reason="申请人撤回", by=clerk)
    assert stopped.status == S.WITHDRAWN
    with pytest.raises(TransitionError):
        transitions.stop(application=ApplicationFactory(in_progress=True), status="closed", reason="x", by=clerk)


@pytest.mark.parametrize(
    ("trait", "words"),
    [
        ("filled", "还是草稿"),
        ("submitted", "甘晓窗"),
        ("supplemented", "一次性告知书"),
        ("accepted", "受理"),
        ("in_progress", "办理中"),
        ("closed", "已办结"),
        ("withdrawn", "已撤回"),
        ("not_accepted", "不予受理"),
    ],
)
def test_who_is_late_is_told_where_it_stands(trait, words):
    application = ApplicationFactory(**{trait: True})
    with pytest.raises(AlreadyHandled, match=words):
        transitions.start_progress(application=application, by=cast.member("clerk")) if trait != "accepted" else transitions.accept(
            application_id=application.pk, by=cast.member("clerk")
        )
