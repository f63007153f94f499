"""Many rows of one kind, for what must stay flat: copies of a referral and its duties, of an event. Rolled back with the test."""

from django.db import connection

from audit.models import Event
from deadlines.models import Duty
from referrals.models import Referral


def copy_referral(referral: Referral, count: int) -> None:
    """`count` more like it, each with its duties. They share item and household, which two real ones never do: the rule steps aside."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # what waits for the commit would keep the table from being altered
        for name in ("one_open_referral_per_program_and_household", "one_open_referral_per_program_and_resident"):
            cursor.execute(f"DROP INDEX IF EXISTS {name}")
        cursor.execute("ALTER TABLE referrals_referral DROP CONSTRAINT IF EXISTS referrals_referral_item_id_key")
        changed = {"id": "gen_random_uuid()", "number": "r.number || '-' || n"}
        names, values = _columns(Referral, changed, "r")
        duty_names, duty_values = _columns(Duty, {"id": "gen_random_uuid()", "subject_id": "copies.id::text"}, "d")
        cursor.execute(
            f"WITH copies AS (INSERT INTO referrals_referral ({names}) SELECT {values} FROM referrals_referral r, generate_series(1, %s) n"
            " WHERE r.id = %s RETURNING id)"
            f" INSERT INTO deadlines_duty ({duty_names}) SELECT {duty_values} FROM deadlines_duty d, copies WHERE d.subject_id = %s",
            [count, str(referral.pk), str(referral.pk)],
        )


def copy_events(referral: Referral, count: int) -> None:
    """`count` more lines of the record about its application."""
    line = Event.objects.filter(application_id=referral.application_id).latest("pk")
    Event.objects.bulk_create([_again(line) for _ in range(count)])


def _again(line: Event) -> Event:
    given = {field.attname: getattr(line, field.attname) for field in Event._meta.concrete_fields if field.name != "id"}
    return Event(**given)


def _columns(model: type, changed: dict[str, str], alias: str) -> tuple[str, str]:
    names = [field.column for field in model._meta.concrete_fields]  # type: ignore[attr-defined]
    return ", ".join(f'"{name}"' for name in names), ", ".join(changed.get(name, f'{alias}."{name}"') for name in names)
