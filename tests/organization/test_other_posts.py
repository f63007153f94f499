"""One inbox over all posts (DESIGN 2): what another of one's own posts may open is no dead end, and the switch is logged."""

import pytest

from audit.models import Event
from tests import cast
from tests.cast import sign_in
from tests.intake import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def rescued(neighbour_clerk):
    """Pushed to the window of one post; the other one's unit knows nothing of it."""
    return factories.RequestFactory(by=neighbour_clerk, region_code=cast.NEIGHBOUR)


def test_a_page_of_another_own_post_is_offered_and_opened_there(double, client, rescued):
    window, other = sorted(double.posts, key=lambda post: post.unit.kind != "township_window")
    page = f"/intake/requests/{rescued.pk}/"
    sign_in(client, double.staff, other)
    refused = client.get(page)
    assert refused.status_code in {403, 404}
    assert f"以“{window.label}”身份打开" in refused.text
    assert f'value="{page}"' in refused.text
    answer = client.post(f"/account/posts/{window.pk}/switch/", {"next": page})
    assert answer.url == page
    assert client.get(page).status_code == 200
    assert Event.objects.filter(verb="post.switched", new=window.label).count() == 1


def test_whoever_has_one_post_is_offered_none(clerk, signed_in):
    assert "身份打开" not in signed_in(clerk).get("/nowhere/").text


def test_leads_to_no_other_host(double, client):
    first, second = double.posts
    sign_in(client, double.staff, first)
    assert client.post(f"/account/posts/{second.pk}/switch/", {"next": "https://elsewhere.example/"}).url == "/"
