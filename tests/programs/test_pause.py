"""Pausing and resuming a program (SECURITY: 暂缓 is the platform approver's)."""

import pytest
from django.core.exceptions import PermissionDenied

from audit import transitions as audit
from audit.models import Event
from config import clock as house
from organization.models import Post
from programs import transitions
from programs.models import Program, ProgramVersion
from tests.programs.factories import draft_version

pytestmark = pytest.mark.django_db


def accepting(code: str) -> bool:
    return Program.objects.accepting(house.today()).filter(code=code).exists()


def test_pausing_stops_acceptance_and_says_who_and_why(platform_approver: Post):
    assert accepting("TX01")
    transitions.pause(code="TX01", reason="本年度名额已满", by=platform_approver)
    program = Program.objects.get(code="TX01")
    assert (program.is_paused, program.paused_by, program.pause_reason) == (True, platform_approver, "本年度名额已满")
    assert not accepting("TX01")
    event = Event.objects.filter(verb="program.paused").get()
    assert (event.subject_id, event.note, event.post_id) == ("TX01", "本年度名额已满", platform_approver.pk)


def test_resuming_takes_applications_again(platform_approver: Post):
    transitions.pause(code="TX01", reason="名额已满", by=platform_approver)
    transitions.resume(code="TX01", by=platform_approver)
    assert accepting("TX01")
    assert Event.objects.filter(verb="program.resumed", subject_id="TX01").count() == 1


def test_pausing_twice_says_who_was_first(platform_approver: Post):
    transitions.pause(code="TX01", reason="名额已满", by=platform_approver)
    with pytest.raises(transitions.AlreadyHandled, match="裁定之"):
        transitions.pause(code="TX01", reason="再停", by=platform_approver)


def test_resuming_what_is_open_is_refused(platform_approver: Post):
    with pytest.raises(transitions.AlreadyHandled):
        transitions.resume(code="TX01", by=platform_approver)


def test_a_pause_needs_its_reason(platform_approver: Post):
    with pytest.raises(transitions.TransitionError, match="原因"):
        transitions.pause(code="TX01", reason="  ", by=platform_approver)


@pytest.mark.parametrize("name", ["clerk", "approver", "officer", "department_approver", "platform", "system_administrator", "supervision"])
def test_nobody_else_pauses(name: str, request: pytest.FixtureRequest):
    with pytest.raises(PermissionDenied):
        transitions.pause(code="CL02", reason="停", by=request.getfixturevalue(name))
    assert not Program.objects.get(code="CL02").is_paused


def test_a_pause_whose_event_fails_did_not_happen(platform_approver: Post, monkeypatch: pytest.MonkeyPatch):
    def fail(*args: object, **kwargs: object) -> None:
        raise RuntimeError("no record")

    monkeypatch.setattr(transitions.programs, "record", fail)
    with pytest.raises(RuntimeError, match="no record"):
        transitions.pause(code="TX01", reason="名额已满", by=platform_approver)
    assert not Program.objects.get(code="TX01").is_paused
    assert audit.record is not fail


def test_the_placeholder_never_accepts():
    assert not accepting("WJ03")
    assert Program.objects.accepting(house.today()).count() == 53


# ── drafts: whose they are, who publishes ───────────────────────────────────────────────────────────────────────────
def test_a_draft_is_seen_by_its_department_and_the_platform_alone(
    officer: Post, neighbour_officer: Post, platform: Post, clerk: Post, supervision: Post
):
    draft = draft_version("CL02", by=officer)
    seen = {name: ProgramVersion.objects.visible_to(post).filter(pk=draft.pk).exists() for name, post in {
        "own": officer, "platform": platform, "neighbour": neighbour_officer, "clerk": clerk, "supervision": supervision, "public": None,
    }.items()}  # fmt: skip
    assert seen == {"own": True, "platform": True, "neighbour": False, "clerk": False, "supervision": False, "public": False}


def test_a_department_drafts_and_its_approver_publishes(officer: Post, department_approver: Post):
    draft = draft_version("CL02", by=officer, note="放宽年级")
    published = transitions.publish(version_id=draft.pk, valid_from=house.today(), by=department_approver)
    assert (published.drafted_by, published.published_by) == (officer, department_approver)
    event = Event.objects.filter(verb="program_version.published").latest("id")
    assert (event.note, event.new) == ("放宽年级", "2026-09-24")


def test_the_drafter_does_not_publish(department_approver: Post):
    draft = draft_version("CL02", by=department_approver)
    with pytest.raises(Exception, match="不能是同一人"):
        transitions.publish(version_id=draft.pk, valid_from=house.today(), by=department_approver)


def test_another_department_neither_drafts_nor_publishes(officer: Post, neighbour_officer: Post, neighbour_department_approver: Post):
    with pytest.raises(PermissionDenied):
        draft_version("CL02", by=neighbour_officer)
    draft = draft_version("CL02", by=officer)
    with pytest.raises(Exception, match="没有找到"):
        transitions.publish(version_id=draft.pk, valid_from=house.today(), by=neighbour_department_approver)
