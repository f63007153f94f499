"""Facts of every kind that a rule in force asks, whole lists and identities, for the county of the measurements."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.db import connection

from config import clock
from config.county import Plan
from organization.models import Post, Staff
from programs.facts import catalogue_of_facts
from programs.figures import figures_on
from programs.models import FactKind, WholeList

from .models import IdentityTag
from .screening.county import rules_in_force
from .screening.snapshot import DERIVED

# Of so many in a hundred residents and households something is known of each fact that the rules ask.
SHARE_OF_RESIDENTS, SHARE_OF_HOUSEHOLDS, SHARE_WITH_IDENTITY = 5, 25, 8
VALUES = {
    "yes_no": "to_jsonb(random() < 0.9)",
    "number": "to_jsonb(floor(random() * 100)::text)",
    "money": "to_jsonb((floor(random() * 200000) / 100)::numeric(12, 2)::text)",
    "date": "to_jsonb((current_date - (random() * 700)::int)::text)",
    "text": "to_jsonb('有'::text)",
}
FACT = """
    INSERT INTO households_fact (id, kind_id, {column}_id, value, detail_sealed, detail_masked, how, source, found_on, valid_until,
        found_at, found_by_id)
    SELECT gen_random_uuid(), %s, id, {value}, '', '',
        (ARRAY['register', 'visit', 'declaration'])[1 + floor(random() * 2.2)::int], '', %s::date - 300,
        %s::date + (random() * 900)::int - 100, %s, %s
    FROM households_{column} TABLESAMPLE BERNOULLI ({share})
"""
IDENTITY = """
    INSERT INTO households_identitytag (id, kind, resident_id, unit_id, since, granted_at, granted_by_id)
    SELECT gen_random_uuid(), (%s::text[])[1 + floor(random() * %s)::int], id, (SELECT min(id) FROM organization_unit), %s, %s, %s
    FROM households_resident TABLESAMPLE BERNOULLI ({share})
"""


def fill(plan: Plan) -> Iterator[tuple[str, int]]:
    on = clock.today()
    yield "完整名单", _deliver_lists(plan.by, on)
    yield "事实", _note_facts(plan.by, on)
    kinds = list(IdentityTag.Kind.values)
    given = [kinds, len(kinds), on, clock.now(), plan.by.pk]
    yield "身份标签", _written(IDENTITY.format(share=SHARE_WITH_IDENTITY), given)


def _deliver_lists(by: Post, on: date) -> int:
    """Every list whole, as two people vouch for it."""
    other = Staff.objects.exclude(pk=by.staff_id).order_by("pk")[0]
    said = {"proposed_at": clock.now(), "proposed_by": by, "proposed_by_staff_id": by.staff_id}
    sure = {"confirmed_at": clock.now(), "confirmed_by": by, "confirmed_by_staff": other}
    kinds = FactKind.objects.filter(is_list=True)
    return len(WholeList.objects.bulk_create([WholeList(kind=kind, on=on, **said, **sure) for kind in kinds]))


def _note_facts(by: Post, on: date) -> int:
    catalogue, count = catalogue_of_facts(on), 0
    keys = {key for asked in rules_in_force(on, catalogue, figures_on(on)) for key in asked.rule.facts()} | {"income_12_months"}
    for key in sorted(keys - DERIVED):
        fact = catalogue[key]
        column, share = ("household", SHARE_OF_HOUSEHOLDS) if fact.is_of_household else ("resident", SHARE_OF_RESIDENTS)
        codes = ", ".join(f"'{code}'" for code, _ in fact.codes)
        value = VALUES.get(fact.value_type) or f"to_jsonb((ARRAY[{codes}])[1 + floor(random() * {len(fact.codes)})::int])"
        count += _written(FACT.format(column=column, value=value, share=share), [key, on, on, clock.now(), by.pk])
    return count


def _written(statement: str, given: list[Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        return int(cursor.rowcount)
