"""Whose papers somebody may read: asked of the subject's room, and of one room above it; closed where nobody speaks."""

import pytest
from django.http import Http404

from documents import gates
from documents.models import Attachment
from organization.models import Post

from . import factories

pytestmark = pytest.mark.django_db
LABEL = "organization.unit"


@pytest.fixture(autouse=True)
def _no_rooms(monkeypatch):
    for registry in ("_MAY_READ", "_MAY_ALSO_READ"):
        monkeypatch.setattr(gates, registry, {})


def own(post, pk):
    return str(post.unit_id) == pk


def test_papers_nobody_speaks_for_are_read_by_jobs_alone(clerk):
    row = factories.attachment_row(clerk)
    assert gates.fetch(Attachment, row.pk, Post.objects.the_system()) == row
    for post in (clerk, None):
        assert not gates.may_read(post, row)
        with pytest.raises(Http404):
            gates.fetch(Attachment, row.pk, post)


def test_the_subjects_room_says_who(clerk, second_clerk, neighbour_clerk):
    gates.register(LABEL, own)
    row = factories.attachment_row(clerk)
    assert [gates.may_read(post, row) for post in (clerk, second_clerk, neighbour_clerk)] == [True, True, False]
    for pk in (row.pk, "no id"):
        with pytest.raises(Http404):
            gates.fetch(Attachment, pk, neighbour_clerk)


def test_a_room_above_lets_further_posts_in_and_nobody_out(clerk, officer, neighbour_clerk):
    gates.register(LABEL, own)
    gates.widen(LABEL, lambda post, pk: post == officer and pk == str(clerk.unit_id))
    passed_on, other = factories.attachment_row(clerk), factories.paper_row(neighbour_clerk)
    assert [gates.may_read(post, passed_on) for post in (clerk, officer, neighbour_clerk)] == [True, True, False]
    assert [gates.may_read(post, other) for post in (clerk, officer, neighbour_clerk)] == [False, False, True]


@pytest.mark.parametrize("door", [gates.register, gates.widen])
def test_each_door_has_one_keeper(door):
    door(LABEL, own)
    door(LABEL, own)  # apps made ready twice
    with pytest.raises(ValueError, match=LABEL):
        door(LABEL, lambda post, pk: True)
