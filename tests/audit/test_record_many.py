"""Many lines of one verb in few statements."""

import pytest
from django.db import transaction

from audit.models import Event
from audit.transitions import record_many
from organization.models import Region

pytestmark = pytest.mark.django_db


def test_a_line_for_each_with_its_own_values(clerk, assert_queries):
    regions = list(Region.objects.order_by("code")[:5])
    with assert_queries(1):
        assert record_many("region.renamed", ((region, region.name, "新名") for region in regions), by=clerk, note="区划调整") == 5
    lines = Event.objects.filter(verb="region.renamed").order_by("id")
    assert [(line.subject_id, line.old, line.new, line.note) for line in lines] == [(r.pk, r.name, "新名", "区划调整") for r in regions]
    assert {(line.by_id, line.post_id, line.unit_id) for line in lines} == {(clerk.staff_id, clerk.pk, clerk.unit_id)}


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_it_is_refused():
    with pytest.raises(RuntimeError, match="in the transaction of its change"):
        record_many("region.renamed", [(Region.objects.first(), "", "")], by=None)


def test_nothing_to_tell_tells_nothing(clerk):
    with transaction.atomic():
        assert record_many("region.renamed", [], by=clerk) == 0
