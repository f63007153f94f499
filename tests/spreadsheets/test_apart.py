"""Rows lie in a table of the transaction until they are compared; then they join the others', or nothing is left of them."""

import pytest
from django.db import connection

from config.verbs import TransitionError
from spreadsheets import declaration
from spreadsheets.apart import tell
from spreadsheets.models import Batch, StagedRow
from spreadsheets.transitions import comparing, reading
from tests.spreadsheets import people
from tests.spreadsheets.factories import line, read

pytestmark = pytest.mark.django_db
HOME = "SELECT nspname FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE relname = 'spreadsheets_stagedrow'"


@pytest.fixture(autouse=True)
def owner(monkeypatch):
    monkeypatch.setattr(declaration, "_owners", dict(declaration._owners))
    return people.register()


def asked(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return [value for (value,) in cursor.fetchall()]


def test_rows_join_the_others_once_they_are_compared(clerk, monkeypatch):
    first, seen, compare = read([line("虚构乙")], by=clerk), [], reading.compare

    def looked_at(batch, *of_whom):
        [home] = [name for name in asked(HOME) if not name.startswith("pg_temp")]
        seen.append((StagedRow.objects.count(), asked(f"SELECT count(*) FROM {home}.spreadsheets_stagedrow")[0]))
        return compare(batch, *of_whom)

    monkeypatch.setattr(reading, "compare", looked_at)
    second = read([line("虚构丙"), line("虚构丁")], by=clerk)
    assert seen == [(2, 1)], "apart, two beside the one of another file"
    assert len(asked(HOME)) == 1, "the table of the transaction is gone"
    assert sorted(StagedRow.objects.values_list("batch", "number")) == sorted([(first.pk, 2), (second.pk, 2), (second.pk, 3)])
    assert len(set(StagedRow.objects.values_list("pk", flat=True))) == 3
    assert set(StagedRow.objects.values_list("outcome", flat=True)) == {"new"}


def test_what_is_refused_leaves_no_table(clerk, monkeypatch):
    def refuse(*_):
        raise TransitionError("名单已有更新的")

    monkeypatch.setattr(reading, "compare", refuse)
    batch = read([line("虚构乙")], by=clerk)
    assert (batch.status, batch.refusal) == (Batch.Status.REFUSED, "名单已有更新的")
    assert (len(asked(HOME)), StagedRow.objects.count()) == (1, 0)


TOLD = """
    SELECT s.id, 'new' AS outcome, NULL::uuid AS subject_id, s.new_id AS person_id, NULL::uuid AS household_id, '{"a": 1}'::jsonb AS before,
        '{told}'::varchar[] AS marks, '[]'::jsonb AS problems
    FROM spreadsheets_stagedrow s WHERE s.number = 2
"""


def test_rows_are_told_what_came_of_them_apart_and_among_the_others(clerk, owner, monkeypatch):
    compare = owner.compare

    def told(batch, template):
        found = compare(batch, template)
        places.append(len(asked(HOME)))
        tell(TOLD)
        places.append(len(asked(HOME)))
        return found

    places = []
    other = read([line("虚构乙")], by=clerk)
    monkeypatch.setattr(owner, "compare", told)
    batch = read([line("虚构丙"), line("虚构丁")], by=clerk)
    assert places == [2, 1], "brought over as soon as it is told"
    first, second = batch.staged.order_by("number")
    assert (first.person_id, first.before, first.marks, first.name) == (first.new_id, {"a": 1}, ["told"], "虚构丙")
    assert (second.person_id, second.before, second.marks, second.outcome) == (None, {}, [], "new"), "of whom nothing was told: as it was"
    comparing.compare(batch, owner, people.ADDED)
    assert places == [2, 1, 1, 1]
    assert [row.marks for row in StagedRow.objects.filter(number=2).order_by("pk")] == [["told"], ["told"]], "all that it speaks of"
    assert other.staged.get().name == "虚构乙"
