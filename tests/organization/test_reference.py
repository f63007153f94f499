"""Reference data: safe to load again; what administrators changed stays."""

import pytest

from audit.models import Event
from organization import reference
from organization.models import Parameter, Post, Region, Unit

pytestmark = pytest.mark.django_db


def test_loading_again_changes_nothing():
    before = reference._counts()
    reference.load(by=Post.objects.the_system())
    assert reference._counts() == before
    assert Event.objects.filter(verb="reference.loaded").count() == 1 or Event.objects.filter(note="机构参考数据").count() == 1


def test_what_an_administrator_changed_stays():
    Unit.objects.filter(kind="platform").update(phone="023-0000")
    reference.load(by=Post.objects.the_system())
    assert Unit.objects.get(kind="platform").phone == "023-0000"


def test_codes_are_those_of_the_county_and_never_counted_up():
    codes = set(Region.objects.townships().values_list("code", flat=True))
    assert all(code.startswith("500233") for code in codes)
    assert not codes & {"500233103", "500233121", "500233202", "500233205", "500233207", "500233209"}


def test_figures_of_the_demo_are_not_loaded_into_an_installation():
    assert not Parameter.objects.filter(is_demo=True).exists()


def test_the_demo_loads_a_value_for_each_figure_left_open_and_says_so():
    reference.load_parameters(by=Post.objects.the_system(), demo=True)
    demo = Parameter.objects.filter(is_demo=True)
    assert demo.exists()
    assert set(demo.values_list("origin", flat=True)) == {"assumed"}


def test_the_system_post_cannot_sign_in(client):
    system = Post.objects.the_system()
    assert not system.staff.has_usable_password()
    assert system.role == "SYS"
