"""Stages that are no road are told by what is wrong with them (ZX-32, ZX-33)."""

from dataclasses import dataclass, field, replace

import pytest
from django.urls import reverse

from organization.models import Post
from programs import transitions
from programs.models import Track
from programs.rules import wrong_with_stages
from tests.matrix import objects_programs as bodies


@dataclass
class Step:
    act: str
    unit_kind: str = "department"
    name: str = "环节"
    department_id: int | None = None
    limit: int = 5
    limit_unit: str = "working_days"
    is_counted: bool = True
    counts_for: int = 5


@dataclass
class Road:
    route: str = "county"
    purposes: list[str] = field(default_factory=lambda: ["grant"])
    whole_limit: int = 10
    publicity_days: int = 0
    publicity_unit: str = "calendar_days"
    publicity_in_whole: bool = True


REVIEW, DECIDE, TOWN = Step("review"), Step("decide"), Step("review", "township_office")
PUT_UP = Step("publicise", limit=7, limit_unit="calendar_days")
WEEK = Road(publicity_days=7)


@pytest.mark.parametrize(
    ("road", "steps", "sentence"),
    [
        (Road(), [], "须有且只有一个“决定”"),
        (Road(), [DECIDE, REVIEW], "排在最后"),
        (Road(), [DECIDE, DECIDE], "须有且只有一个"),
        (Road(route="town"), [TOWN, DECIDE], "应由乡镇（街道）决定"),
        (Road(), [TOWN, Step("decide", "township_office")], "应由县级部门决定"),
        (Road(route="town_county"), [REVIEW, DECIDE], "须有乡镇（街道）的“审核”"),
        (Road(), [REVIEW, Step("register", "township_window"), DECIDE], "只能是第一个"),
        (Road(), [Step("register"), DECIDE], "只能是第一个"),
        (Road(), [Step("co_review"), DECIDE], "须选协审部门"),
        (Road(), [replace(REVIEW, department_id=3), DECIDE], "其他环节不选"),
        (WEEK, [REVIEW, DECIDE], "没有“公示”环节"),
        (Road(), [PUT_UP, DECIDE], "不设公示"),
        (WEEK, [PUT_UP, PUT_UP, DECIDE], "只能有一个"),
        (WEEK, [replace(PUT_UP, limit=5), DECIDE], "须与公示天数"),
        (Road(), [DECIDE], "合计5，与全程时限10不符"),
        (Road(), [REVIEW, DECIDE], ""),
        (WEEK, [PUT_UP, DECIDE], ""),
        (Road(route="town_county"), [TOWN, DECIDE], ""),
        (Road(route="town_county", purposes=["stop"]), [REVIEW, DECIDE], ""),
    ],
)
def test_what_a_road_must_be(road: Road, steps: list[Step], sentence: str):
    found = wrong_with_stages(road, steps)
    assert sentence in found if sentence else found == ""


@pytest.mark.django_db
def test_every_track_of_the_county_is_a_road():
    tracks = Track.objects.prefetch_related("stages")
    assert {str(track): wrong for track in tracks if (wrong := wrong_with_stages(track, list(track.stages.all())))} == {}


@pytest.mark.django_db
def test_the_page_shows_the_road_before_it_is_saved(signed_in, officer: Post):
    draft = transitions.begin(code="CL02", note="加环节", by=officer)
    client, page = signed_in(officer), reverse("programs:draft_track", args=[draft.pk, draft.main_track.key])
    assert "现在的办理流程" in client.get(page).content.decode()
    body = bodies.track()
    last = int(body["stage-TOTAL_FORMS"])
    new = {"place": 2, "act": "review", "unit_kind": "township_office", "name": "乡镇查看", "limit": 2, "limit_unit": "working_days"}
    body |= {f"stage-{last}-{name}": value for name, value in {**new, "is_counted": "on", "counts_for": 2}.items()}
    body |= {"stage-TOTAL_FORMS": last + 1, "do": "preview", "stage-0-stage": "", "seen_revision": 0}
    seen = client.post(page, body)
    assert seen.status_code == 200
    words = seen.content.decode()
    for shown in ("按所填的办理流程", "乡镇查看", "还不能保存", "与全程时限"):
        assert shown in words
    draft.refresh_from_db()
    assert draft.revision == 0
