"""What a foreign key would refuse is refused by the triggers that stand for it (`config.references`)."""

import uuid

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction

from audit.models import Event
from config import clock
from households.models import Access, AssistanceRecord, Coverage, Fact, Household, Membership, Resident
from organization.models import Post
from spreadsheets.models import Batch, StagedRow
from tests.households.factories import HouseholdFactory, ResidentFactory
from tests.organization.factories import PostFactory
from tests.racing import race

ABSENT = {
    "programs_program": "没有", "programs_programversion": 10**9, "organization_post": 10**9, "organization_unit": 10**9,
    "spreadsheets_batch": uuid.UUID(int=9), "households_household": uuid.UUID(int=9), "households_resident": uuid.UUID(int=9),
    "households_assistancerecord": uuid.UUID(int=9), "programs_factkind": "没有", "organization_region": "没有",
}  # fmt: skip
WORDS = {
    "audit_event": "event",
    "households_access": "access",
    "households_assistancerecord": "record",
    "households_fact": "fact",
    "households_household": "household",
    "households_membership": "member",
    "households_resident": "resident",
    "spreadsheets_stagedrow": "staged_row",
}
# What differs from row to row, which is asked for all of them together.
TOGETHER = {
    "households_access.household_id": "access_home",
    "households_assistancerecord.former_id": "record_former",
    "households_assistancerecord.household_id": "record_holder",
    "households_assistancerecord.resident_id": "record_holder",
    "households_coverage.record_id": "coverage",
    "households_coverage.resident_id": "coverage",
    "households_fact.household_id": "fact_holder",
    "households_fact.resident_id": "fact_holder",
    "households_membership.household_id": "membership",
    "households_membership.resident_id": "membership",
}
ASKED = [
    (model, field)
    for model in apps.get_models()
    for field in model._meta.concrete_fields
    if isinstance(field, models.ForeignKey) and not field.db_constraint
]


def column_of(pair):
    model, field = pair
    return f"{model._meta.db_table}.{field.column}"


ASKED_ONCE = [pair for pair in ASKED if column_of(pair) not in TOGETHER]
ASKED_TOGETHER = [pair for pair in ASKED if column_of(pair) in TOGETHER]


def opened(by, **given):
    household = given.pop("household", None) or HouseholdFactory()
    given = {"unit": by.unit, "opened_by": by, "program_id": "YB01"} | given
    return Access.objects.create(
        household=household, reason="roll", subject_label="tests.matter", subject_id=str(household.pk), opened_at=clock.now(), **given
    )


def granted(by):
    given = {"program_id": "YB01", "unit": by.unit, "granted_by": by, "granted_at": clock.now()}
    return AssistanceRecord.objects.create(
        household=HouseholdFactory(), region_code="0", amount=1, cadence="once", since=clock.today(), source="roll", **given
    )


def covered(by):
    return Coverage.objects.create(record=granted(by), resident=ResidentFactory(), since=clock.today(), until=clock.today())


def known(by):
    given = {"value": True, "how": "import", "found_on": clock.today(), "found_at": clock.now(), "found_by": by}
    return Fact.objects.create(kind_id="disability_card", resident=ResidentFactory(), **given)


def belonging(_by):
    """Of a household that has nobody else."""
    row = HouseholdFactory().memberships.get(relation="02")
    row.household.memberships.exclude(pk=row.pk).delete()
    return row


def staged(by):
    batch = Batch.objects.create(
        template="tests:list", title="名单", unit=by.unit, as_of=clock.today(), file_name="a.xlsx", file_digest=uuid.uuid4(), size=1,
        handed_in_at=clock.now(), handed_in_by=by, handed_in_by_staff=by.staff,
    )  # fmt: skip
    return StagedRow.objects.create(batch=batch, number=1, new_id=uuid.uuid4())


def not_of_the_other(model, field):
    """What is of a household or of a person, and is given to one, is the other's no more."""
    other = {"household": "resident_id", "resident": "household_id"}.get(field.name)
    return {other: None} if model in {AssistanceRecord, Fact} and other else {}


MADE = {
    Access: opened, AssistanceRecord: granted, Coverage: covered, Fact: known, StagedRow: staged,
    Household: lambda _by: HouseholdFactory(), Resident: lambda _by: ResidentFactory(),
    Membership: belonging,
}  # fmt: skip


def test_what_is_asked_once_is_written_down():
    found = set(map(column_of, ASKED_ONCE))
    access = {f"households_access.{name}_id" for name in ("unit", "program", "opened_by", "closed_by")}
    records = {f"households_assistancerecord.{name}_id" for name in ("program", "version", "unit", "granted_by")}
    facts = {f"households_fact.{name}_id" for name in ("kind", "found_by", "superseded_by")}
    residents = {f"households_resident.{name}_id" for name in ("region", "entered_by", "revised_by", "merged_by")}
    households = {f"households_household.{name}_id" for name in ("region", "opened_by", "revised_by", "closed_by")}
    members = {f"households_membership.{name}_id" for name in ("added_by", "ended_by")}
    rest = {"audit_event.by_id", "spreadsheets_stagedrow.batch_id"}
    assert found == rest | access | records | facts | residents | households | members
    assert set(map(column_of, ASKED_TOGETHER)) == set(TOGETHER)


# What a row says besides, where it says so much.
TOLD_WITH = {
    "households_access.closed_by_id": {"closed_at": lambda _row: clock.now(), "until": lambda _row: clock.today()},
    "households_fact.superseded_by_id": {"superseded_at": lambda _row: clock.now()},
    "households_household.closed_by_id": {"closed_at": lambda _row: clock.now()},
    "households_membership.ended_by_id": {
        "ended_at": lambda _row: clock.now(), "until": lambda row: row.since, "end_reason": lambda _row: "迁出",
    },
    "households_resident.revised_by_id": {"revised_at": lambda _row: clock.now()},
    "households_resident.merged_by_id": {"merged_at": lambda _row: clock.now(), "survivor_id": lambda _row: ResidentFactory().pk},
}  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize(("model", "field"), [pair for pair in ASKED if pair[0] is not Event], ids=str)
def test_nothing_names_what_is_not_there(officer, model, field):
    row = MADE[model](officer)
    more = {name: value(row) for name, value in TOLD_WITH.get(column_of((model, field)), {}).items()} | not_of_the_other(model, field)
    with pytest.raises(IntegrityError, match="no row of"), transaction.atomic():
        model.objects.filter(pk=row.pk).update(**more | {field.attname: ABSENT[field.related_model._meta.db_table]})


@pytest.mark.django_db
def test_nothing_is_made_that_names_what_is_not_there(officer):
    with pytest.raises(IntegrityError, match="no row of organization_staff"), transaction.atomic():
        Event.objects.create(at=clock.now(), verb="tests.done", subject_label="tests.matter", subject_id="1", by_id=10**9)
    with pytest.raises(IntegrityError, match="no row of organization_unit"), transaction.atomic():
        opened(officer, unit=None, unit_id=10**9)


@pytest.mark.django_db
@pytest.mark.parametrize(("model", "field"), ASKED_TOGETHER, ids=str)
def test_of_rows_that_come_together_none_names_what_is_not_there(officer, model, field):
    """One of two does, and neither is written."""
    row, other = MADE[model](officer), MADE[model](officer)
    model.objects.filter(pk__in=[row.pk, other.pk]).delete()
    for column, nobody in not_of_the_other(model, field).items():
        setattr(other, column, nobody)
    setattr(other, field.attname, ABSENT[field.related_model._meta.db_table])
    with pytest.raises(IntegrityError, match=f"no row of {field.related_model._meta.db_table}"), transaction.atomic():
        model.objects.bulk_create([row, other])
    model.objects.bulk_create([row])


@pytest.mark.django_db
@pytest.mark.parametrize(("model", "field"), ASKED_TOGETHER, ids=str)
def test_whose_it_is_stays(officer, model, field):
    """Nobody is deleted whom a row still names when the transaction ends; who is named no more may go."""
    row, parent = MADE[model](officer), field.related_model._meta.db_table
    if getattr(row, field.attname) is None:
        made = {"household": HouseholdFactory, "resident": ResidentFactory, "former": lambda: granted(officer)}
        holder = made[field.name]()
        model.objects.filter(pk=row.pk).update(**not_of_the_other(model, field) | {field.attname: holder.pk})
        row.refresh_from_db()
    whose, its = getattr(row, field.attname), f"{TOGETHER[column_of((model, field))]}_keeps_its_{field.column}"
    delete = f"SET CONSTRAINTS ALL DEFERRED; DELETE FROM {parent} WHERE id = %s"  # noqa: S608 - of ours
    with connection.cursor() as cursor, pytest.raises(IntegrityError, match=f"{model._meta.db_table} name a row"), transaction.atomic():
        cursor.execute(delete, [whose])
        cursor.execute(f"SET CONSTRAINTS {its} IMMEDIATE")
    with connection.cursor() as cursor, transaction.atomic():
        cursor.execute(delete, [whose])
        model.objects.filter(pk=row.pk).delete()
        cursor.execute(f"SET CONSTRAINTS {its} IMMEDIATE")
        transaction.set_rollback(True)


@pytest.mark.django_db
@pytest.mark.parametrize(("model", "field"), ASKED_ONCE, ids=str)
def test_what_is_named_is_not_deleted(model, field):
    """As the foreign key would: by the end of the transaction nobody may name it."""
    parent = field.related_model._meta.db_table
    word = WORDS[model._meta.db_table]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgdeferrable, tginitdeferred, pg_get_triggerdef(oid) FROM pg_trigger WHERE tgname = %s AND tgrelid = %s::regclass",
            [f"{word}_keeps_its_{field.column}", parent],
        )
        [(deferrable, deferred, said)] = cursor.fetchall()
    assert deferrable
    assert deferred
    assert f"('{field.target_field.column}', '{model._meta.db_table}', '{field.column}')" in said
    assert f"AFTER DELETE OR UPDATE OF {field.target_field.column} ON public.{parent}" in said


@pytest.mark.django_db
def test_a_post_that_opened_something_stays(officer):
    row = opened(officer, opened_by=PostFactory())
    with connection.cursor() as cursor, pytest.raises(IntegrityError, match="households_access name a row"), transaction.atomic():
        cursor.execute("SET CONSTRAINTS ALL DEFERRED; DELETE FROM organization_post WHERE id = %s", [row.opened_by_id])
        cursor.execute("SET CONSTRAINTS access_keeps_its_opened_by_id IMMEDIATE")
    free = PostFactory()
    with connection.cursor() as cursor, transaction.atomic():
        cursor.execute("DELETE FROM organization_post WHERE id = %s", [free.pk])
        cursor.execute("SET CONSTRAINTS access_keeps_its_opened_by_id IMMEDIATE")


@pytest.mark.django_db(transaction=True)
def test_of_one_that_deletes_and_one_that_names_only_one_goes_through(officer):
    post, household = PostFactory(), HouseholdFactory()

    def delete():
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("DELETE FROM organization_post WHERE id = %s", [post.pk])

    answers = race(delete, lambda: opened(officer, opened_by_id=post.pk, opened_by=post, household=household))
    assert sum(isinstance(answer, IntegrityError) for answer in answers) == 1, answers
    assert Post.objects.filter(pk=post.pk).exists() == Access.objects.filter(household=household).exists()
    Access.objects.all().delete()


@pytest.mark.django_db(transaction=True)
def test_of_one_that_deletes_a_household_and_one_that_opens_it_only_one_goes_through(officer):
    household = HouseholdFactory()

    def delete():
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("DELETE FROM households_household WHERE id = %s", [household.pk])

    answers = race(delete, lambda: opened(officer, household=household))
    assert sum(isinstance(answer, IntegrityError) for answer in answers) == 1, answers
    assert Household.objects.filter(pk=household.pk).exists() == Access.objects.filter(household=household).exists()
    Access.objects.all().delete()
