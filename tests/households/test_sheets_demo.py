"""The demo's files: entered, waiting and wrong ones, whoever looks at them."""

from datetime import date

import pytest

from households.sheets import demo
from organization.models import Post
from spreadsheets.models import Batch

from . import factories
from .factories import HouseholdFactory

pytestmark = pytest.mark.django_db
CAST = {
    "disabled": "officer", "disabled_lead": "department_approver", "education": "neighbour_officer", "medical": "platform",
    "clerk": "clerk", "approver": "approver",
}  # fmt: skip


def test_files_stand_in_every_state_once(monkeypatch):
    posts = {
        name: Post.objects.select_related("unit__region", "unit__department", "staff").get(staff__username=who)
        for name, who in CAST.items()
    }
    monkeypatch.setattr(demo._Desk, "found", lambda self: posts)
    for _ in range(3):
        home = HouseholdFactory()
        for key, value in (("disability_card", True), ("disability_kind", "4"), ("disability_level", "1")):
            factories.fact(factories.head_of(home), key, value)
    for _ in range(2):
        demo.load()
    batches = Batch.objects.order_by("handed_in_at", "pk")
    assert [(batch.template, batch.status) for batch in batches.filter(template=demo.CARDS)] == [(demo.CARDS, "applied")] * 2
    assert batches.filter(template=demo.CARDS).last().counts["gone"] == 1
    assert batches.get(template=demo.COSTS).counts["error"] == 4
    assert batches.get(template=demo.SCHOOL).status in {"proposed", "applying"}
    newcomers = batches.get(template=demo.REGISTER)
    assert (newcomers.status, newcomers.counts["new"]) == ("applied", 4)
    assert newcomers.staged.get(outcome="error").marks == ["two_households"]
    assert newcomers.as_of == date(2026, 9, 24)


def test_a_demo_that_had_too_few_cards_is_started_again(monkeypatch):
    """The other lists stand from its first start: they are not handed in twice."""
    posts = {
        name: Post.objects.select_related("unit__region", "unit__department", "staff").get(staff__username=who)
        for name, who in CAST.items()
    }
    monkeypatch.setattr(demo._Desk, "found", lambda self: posts)
    HouseholdFactory()
    for _ in range(2):
        demo.load()
    assert sorted(Batch.objects.values_list("template", flat=True)) == sorted((demo.SCHOOL, demo.COSTS, demo.REGISTER))
