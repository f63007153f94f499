"""A line for each row that a statement changed, in one statement."""

import pytest

from audit.models import Event
from audit.transitions import record_from, record_many
from organization.models import Region

pytestmark = pytest.mark.django_db


def test_the_same_lines_as_one_by_one(clerk, assert_queries):
    regions = list(Region.objects.order_by("code")[:5])
    codes = [region.pk for region in regions]
    with assert_queries(1):
        told = record_from(
            "region.renamed", Region, "organization_region AS t WHERE t.code = ANY (%s) ORDER BY t.code", [codes], by=clerk,
            subject_id="t.code", subject_text="t.name", old="t.name", new="'新名'", note="'区划调整'",
        )  # fmt: skip
    assert told == 5
    record_many("region.renamed", ((region, region.name, "新名") for region in regions), by=clerk, note="区划调整")
    of_one, of_many = (
        Event.objects.filter(verb="region.renamed").order_by("id")[:5],
        Event.objects.filter(verb="region.renamed").order_by("id")[5:],
    )
    same = [field.attname for field in Event._meta.concrete_fields if field.attname not in {"id", "subject_text"}]
    assert [[getattr(line, name) for name in same] for line in of_one] == [[getattr(line, name) for name in same] for line in of_many]


def test_what_is_too_long_is_cut_as_elsewhere(clerk):
    record_from("region.renamed", Region, "(VALUES ('1')) AS t (id)", by=clerk, old="repeat('长', 300)", note="repeat('长', 900)")
    line = Event.objects.get(verb="region.renamed")
    assert (len(line.old), len(line.note)) == (200, 500)


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_it_is_refused():
    with pytest.raises(RuntimeError, match="in the transaction of its change"):
        record_from("region.renamed", Region, "organization_region AS t", by=None, subject_id="t.code")
