"""Templates of the county's own: uploaded by one, confirmed by another, and back to the delivered one."""

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404

from audit.models import Event
from config.verbs import AlreadyHandled, TransitionError
from documents import gates, transitions
from documents.models import DocumentTemplate
from documents.papers import PAPERS
from documents.transitions.templates import EDGES
from documents.word import TemplateRefused
from tests.cast import member

from . import words

pytestmark = pytest.mark.django_db
KIND = "refusal_notice"


def upload(by, octets=None, kind=KIND):
    own = octets if octets is not None else words.saying("{{ addressee }}：", "{{ reason }}")
    return transitions.upload_template(kind=kind, octets=own, note="按县局格式", by=by)


def in_force():
    return DocumentTemplate.objects.in_force(KIND)


def verbs():
    return [event.verb for event in Event.objects.filter(verb__startswith="template.").exclude(verb="template.delivered").order_by("id")]


def confirmed(platform, platform_approver):
    return transitions.confirm_template(template_id=upload(platform).pk, by=platform_approver)


def test_uploaded_waits_and_confirmed_is_used(platform, platform_approver, clerk):
    default = in_force()
    own = upload(platform)
    assert (own.status, own.number, in_force()) == ("proposed", default.number + 1, default)
    transitions.confirm_template(template_id=own.pk, by=platform_approver)
    assert in_force() == own
    default.refresh_from_db()
    assert (default.status, default.retire_reason, default.retired_by) == ("retired", "改用县级模板", platform_approver)
    paper = transitions.issue(kind=KIND, subject=clerk.unit, data=PAPERS[KIND].sample(), by=clerk)
    assert paper.template == own
    assert verbs() == ["template.uploaded", "template.confirmed"]


def test_paper_keeps_the_template_it_was_issued_by(platform, platform_approver, clerk):
    before = transitions.issue(kind=KIND, subject=clerk.unit, data=PAPERS[KIND].sample(), by=clerk)
    own = confirmed(platform, platform_approver)
    before.refresh_from_db()
    assert before.template != own
    assert before.template.is_default


def test_back_to_the_delivered_one(platform, platform_approver):
    own = confirmed(platform, platform_approver)
    with pytest.raises(TransitionError, match="原因"):
        transitions.restore_default_template(kind=KIND, reason=" ", by=platform_approver)
    default = transitions.restore_default_template(kind=KIND, reason="格式有误", by=platform_approver)
    assert default.is_default
    assert in_force() == default
    own.refresh_from_db()
    assert (own.status, own.retire_reason) == ("retired", "格式有误")
    with pytest.raises(AlreadyHandled, match="就是平台自带"):
        transitions.restore_default_template(kind=KIND, reason="再来", by=platform_approver)
    assert verbs()[-1] == "template.restored"


def test_turned_down_with_a_reason(platform, platform_approver):
    own = upload(platform)
    with pytest.raises(TransitionError, match="原因"):
        transitions.turn_down_template(template_id=own.pk, reason="", by=platform_approver)
    turned_down = transitions.turn_down_template(template_id=own.pk, reason="落款不对", by=platform_approver)
    assert (turned_down.status, turned_down.confirmed_at) == ("retired", None)
    assert in_force().is_default
    with pytest.raises(AlreadyHandled, match="停用"):
        transitions.confirm_template(template_id=own.pk, by=platform_approver)
    with pytest.raises(AlreadyHandled, match="停用"):
        transitions.turn_down_template(template_id=own.pk, reason="再来", by=platform_approver)
    assert upload(platform).number == own.number + 1


def test_second_to_confirm_is_told_who_was_first(platform, platform_approver):
    own = confirmed(platform, platform_approver)
    with pytest.raises(AlreadyHandled, match=f"{platform_approver}于2026-09-24 10:00确认使用"):
        transitions.confirm_template(template_id=own.pk, by=platform_approver)
    with pytest.raises(AlreadyHandled, match="确认使用"):
        transitions.turn_down_template(template_id=own.pk, reason="晚了", by=platform_approver)


def test_who_may(platform, platform_approver, clerk, department_approver, system_administrator):
    for post in (clerk, department_approver, system_administrator):
        with pytest.raises(PermissionDenied):
            upload(post)
        with pytest.raises(PermissionDenied):
            transitions.restore_default_template(kind=KIND, reason="x", by=post)
    own = upload(platform)
    for post in (clerk, department_approver, system_administrator):
        with pytest.raises(Http404):
            transitions.confirm_template(template_id=own.pk, by=post)
    for verb in (transitions.confirm_template, lambda **about: transitions.turn_down_template(reason="x", **about)):
        with pytest.raises(PermissionDenied):
            verb(template_id=own.pk, by=platform)


def test_nobody_confirms_their_own(platform_approver):
    own = upload(platform_approver)
    with pytest.raises(PermissionDenied):
        transitions.confirm_template(template_id=own.pk, by=platform_approver)


def test_one_waits_at_a_time_and_only_for_known_papers(platform):
    upload(platform)
    with pytest.raises(TransitionError, match="待确认"):
        upload(platform)
    with pytest.raises(TransitionError, match="没有这种文书"):
        upload(platform, kind="poem")
    with pytest.raises(TemplateRefused, match="nobody"):
        upload(platform, words.saying("{{ nobody }}"), kind="guide_card")


def test_event_fails_and_nothing_has_changed(platform, platform_approver, monkeypatch):
    own = upload(platform)

    def fails(*args, **kwargs):
        raise RuntimeError("no event")

    monkeypatch.setattr("documents.transitions.templates.record", fails)
    with pytest.raises(RuntimeError):
        transitions.confirm_template(template_id=own.pk, by=platform_approver)
    own.refresh_from_db()
    assert own.status == "proposed"
    assert in_force().is_default


def test_every_other_pair_of_state_and_verb_raises(platform, platform_approver):
    """The table of edges, and nothing beside it."""
    acts = {
        "in_force": lambda pk: transitions.confirm_template(template_id=pk, by=platform_approver),
        "retired": lambda pk: transitions.turn_down_template(template_id=pk, reason="x", by=platform_approver),
    }
    assert set(EDGES) == {"proposed", *acts}
    own = confirmed(platform, platform_approver)
    transitions.restore_default_template(kind=KIND, reason="x", by=platform_approver)
    for act in acts.values():
        with pytest.raises(AlreadyHandled):
            act(own.pk)


# ── delivered ───────────────────────────────────────────────────────────────────────────────────────────────────────
def deliver(octets, digest):
    return transitions.deliver_template(kind=KIND, octets=octets, fixture_digest=digest, by=member("system"))


def test_newer_delivered_one_takes_the_place_of_the_older():
    before = in_force()
    assert deliver(b"not read", before.fixture_digest) is None
    newer = deliver(words.saying("{{ reason }}"), "new")
    assert in_force() == newer
    before.refresh_from_db()
    assert before.status == "retired"


def test_newer_delivered_one_waits_behind_the_countys_own(platform, platform_approver):
    own = confirmed(platform, platform_approver)
    newer = deliver(words.saying("{{ reason }}"), "new")
    assert in_force() == own
    assert newer.status == "retired"
    assert transitions.restore_default_template(kind=KIND, reason="用新的", by=platform_approver) == newer


def test_reading_a_template_of_a_paper_needs_no_platform(clerk, monkeypatch):
    monkeypatch.setitem(gates._MAY_READ, "organization.unit", lambda post, pk: True)
    paper = transitions.issue(kind=KIND, subject=clerk.unit, data=PAPERS[KIND].sample(), by=clerk)
    assert gates.fetch(type(paper), paper.pk, clerk).template.content
