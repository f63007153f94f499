"""A register's residents and households from .xlsx to rows that stand: `python -m bench.people_file [--rows 20000] [--peer-rows 400]`.

The sheet of the police, the townships or the county platform (`households.people:register`): half of its people stand and tell what the
register lacked, half of them are new, with their households. The whole road of the house as `bench/rolls.py` has it, and its peer by the
same means: django-import-export into the table of residents and nothing else, numbers sealed; and once more with what the house writes
beside: households, members, the line of the record.
"""

import argparse
import random
import sys
from collections.abc import Sequence
from datetime import date, timedelta
from functools import partial
from typing import Any, NamedTuple

from bench import rolls
from bench.county import county
from bench.fact_file import in_turn
from bench.harness import machine, saved
from bench.roll_peer import by_peers, known_ones

PEER_ROWS = 400
HEADS = ("户号", "与户主关系", "姓名", "证件号码", "乡镇（街道）", "村（社区）", "详细地址", "户籍地", "联系电话")


class Line(NamedTuple):
    home: str
    relation: str
    name: str
    number: str
    township: str
    village: str
    address: str
    registered: str = ""
    phone: str = ""


class Desk(rolls.Desk):
    """Of the county platform, which may hand in whatever a unit owes."""

    template = "households.people:register"

    def __init__(self) -> None:
        from config import clock
        from organization.models import Post
        from tests.cast import unit_of

        here = Post.objects.effective(clock.today()).filter(unit=unit_of("platform", "")).select_related("unit__department", "staff")
        self.approver = here.filter(rank=Post.Rank.APPROVER)[0]
        self.officer = here.filter(rank=Post.Rank.HANDLER).exclude(staff=self.approver.staff)[0]


def places() -> dict[str, tuple[str, str]]:
    """Township and village by the village's code."""
    from organization.models import Region

    return {each.pk: (each.parent.name, each.name) for each in Region.objects.villages().select_related("parent")}


def standing(count: int) -> list[Line]:
    """People of the county in their own households, who tell a telephone and where they are registered."""
    from config.protection.sealing import unseal
    from households.models import Membership, Resident

    known = places()
    rows = Membership.objects.open().order_by("household_id", "relation", "pk").values_list(
        "household__number", "household__region_id", "relation", "resident_id", "resident__name", "resident__id_number_sealed"
    )  # fmt: skip
    relations = dict(Membership.Relation.choices)
    return [
        Line(
            home, relations[relation], name, unseal(Resident, "id_number", pk, token), *known[place], "", "重庆市忠县",
            f"138{at:08}",
        )
        for at, (home, place, relation, pk, name, token) in enumerate(rows[:count])
    ]  # fmt: skip


def newcomers(count: int) -> list[Line]:
    """Households of three of whom the register knows nobody."""
    from config.protection.identity import SYNTHETIC_AREAS
    from config.protection.synthetic import numbered_id, synthetic_names

    everywhere, names, rows = sorted(places().values()), synthetic_names(count, random.Random(5)), []
    for at in range(count):
        nth = at % 3
        number = numbered_id(date(1950, 1, 1) + timedelta(days=at // 1000), at % 1000, SYNTHETIC_AREAS[0])
        relation = ("户主", "配偶", "子")[nth]
        rows.append(
            Line(f"新{at // 3}", relation, names[at], number, *everywhere[at // 3 % len(everywhere)], "虚构路9号", "", f"139{at:08}")
        )
    return rows


def sheet(lines: Sequence[Line], *, spoil: bool = True) -> bytes:
    """A workbook as it is saved; where spoilt, some members' numbers, places and telephones are wrong."""
    rng = random.Random(7)
    members = [at for at, line in enumerate(lines) if line.relation != "户主"]
    wrong = set(rng.sample(members, int(len(lines) * rolls.SHARE_WRONG))) if spoil else set()
    return saved("登记表", [HEADS, *(_spoilt(at % 3, line) if at in wrong else line for at, line in enumerate(lines))])


def _spoilt(how: int, line: Line) -> Line:
    if how == 0:
        return line._replace(number=line.number[:-1] + ("1" if line.number[-1] != "1" else "2"))
    return line._replace(township="没有的镇") if how == 1 else line._replace(phone="12")


def of_people(*, tuned: bool, all_of_it: bool = False) -> Any:
    """As `roll_peer.of_grants`: a resource on residents, the number looked up by its digest and sealed with the telephone."""
    from import_export import fields, resources, widgets

    from audit.transitions import record, record_many
    from config import clock
    from config.protection.cards import check_phone
    from config.protection.fields import ID_NUMBER
    from config.protection.identity import check_character, check_id_number
    from config.protection.names import name_keys
    from config.protection.sealing import digest_many, seal
    from households.models import Household, Membership, Resident
    from households.numbers import household_number
    from organization.models import Post, Region

    villages = {(each.parent.name, each.name): each for each in Region.objects.villages().select_related("parent")}
    relations = {label: code for code, label in Membership.Relation.choices}
    system, today, now = Post.objects.the_system(), clock.today(), clock.now()
    known = {row.id_number_digest: row for row in Resident.objects.all()} if tuned else {}
    homes: dict[str, Any] = dict(Household.objects.in_bulk(field_name="number")) if tuned and all_of_it else {}
    housed = set(Membership.objects.open().values_list("resident_id", flat=True)) if tuned and all_of_it else set()
    written: list[tuple[Any, Any]] = []

    class Digest(widgets.Widget):
        def clean(self, value: Any, row: Any = None, **_rest: Any) -> Any:  # noqa: ARG002
            return digest_many(ID_NUMBER, [value])[0]

    class Register(resources.ModelResource):
        id_number_digest = fields.Field("id_number_digest", HEADS[3], widget=Digest())
        name = fields.Field("name", HEADS[2])
        registered_place = fields.Field("registered_place", HEADS[7])

        class Meta:
            model = Resident
            fields = ("id_number_digest", "name", "registered_place")
            import_id_fields = ("id_number_digest",)
            skip_unchanged, report_skipped = True, False
            use_bulk, batch_size, skip_diff = tuned, 1000 if tuned else None, tuned
            if tuned:
                instance_loader_class = known_ones(known, "id_number_digest")

        def get_bulk_update_fields(self) -> list[str]:
            return ["name", "registered_place", "phone_sealed", "phone_digest", "phone_masked"]

        def before_import_row(self, row: Any, **_rest: Any) -> None:
            from django.core.exceptions import ValidationError

            if check_character(row[HEADS[3]][:17]) != row[HEADS[3]][17:]:
                raise ValidationError("号码不对")
            if (row[HEADS[4]], row[HEADS[5]]) not in villages:
                raise ValidationError("没有这个村")
            if row[HEADS[8]] and check_phone(row[HEADS[8]]).errors:
                raise ValidationError("电话不对")

        def before_save_instance(self, instance: Any, row: Any, **_rest: Any) -> None:
            if instance._state.adding:
                paper = check_id_number(row[HEADS[3]], "resident", on=today, allow_synthetic=True)
                keys = name_keys(instance.name)
                instance.name_pinyin, instance.name_initials, instance.name_order = keys.pinyin, keys.initials, keys.order
                instance.sex, instance.birth_on, instance.is_synthetic = str(paper.sex), paper.birth_on, True
                instance.region, instance.entered_at, instance.entered_by = villages[row[HEADS[4]], row[HEADS[5]]], now, system
                seal(instance, id_number=row[HEADS[3]])
            instance.registered_place = instance.registered_place or ""
            seal(instance, phone=row[HEADS[8]] or "")

        def after_save_instance(self, instance: Any, row: Any, **_rest: Any) -> None:
            if not all_of_it:
                return
            if tuned:
                written.append((instance, row))
                return
            home = homes.get(row[HEADS[0]]) or Household.objects.filter(number=row[HEADS[0]]).first() or opened(instance, row)
            homes[row[HEADS[0]]] = home
            _, is_new = Membership.objects.get_or_create(resident=instance, until=None, defaults=about(home, row))
            record("member.added" if is_new else "resident.revised", instance, by=system, household_id=home.pk)

        def after_import(self, dataset: Any, result: Any, **_rest: Any) -> None:  # noqa: ARG002
            if not written:
                return
            fresh = [(one, row) for one, row in written if one.pk not in housed]
            made = {row[HEADS[0]]: one for one, row in fresh if row[HEADS[0]] not in homes}
            for key, one in made.items():
                homes[key] = new_home(one, {HEADS[6]: "虚构路9号"})
            Household.objects.bulk_create([homes[key] for key in made], batch_size=1000)
            members = [Membership(resident=one, **about(homes[row[HEADS[0]]], row)) for one, row in fresh]
            Membership.objects.bulk_create(members, batch_size=1000)
            record_many("household.opened", ((homes[key], "", "") for key in made), by=system)
            record_many("resident.revised", ((one, "", "") for one, _ in written), by=system)

    def new_home(one: Any, row: Any) -> Any:
        number = household_number(one.region_id[:9])
        given = {"opened_at": now, "opened_by": system, "revised_at": now, "revised_by": system}
        return Household(number=number, region_id=one.region_id, setting="rural", address=row[HEADS[6]] or "", **given)

    def opened(one: Any, row: Any) -> Any:
        home = new_home(one, row)
        home.save()
        record("household.opened", home, by=system, household_id=home.pk)
        return home

    def about(home: Any, row: Any) -> dict[str, Any]:
        relation = relations[row[HEADS[1]]]
        return {"household": home, "relation": relation, "since": today, "added_at": now, "added_by": system}

    return Register()


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=rolls.ROWS)
    parser.add_argument("--peer-rows", type=int, default=PEER_ROWS, help="20000 for the whole file")
    asked = parser.parse_args()
    with county("bench_people", asked.rows, referrals=0) as said, rolls.nobody_else_runs_jobs():
        from config import clock

        print(f"{machine()}\n{said}", flush=True)
        then, desk, half, few = clock.today() - timedelta(days=1), Desk(), asked.rows // 2, asked.peer_rows // 2
        known, new = standing(asked.rows)[:half], newcomers(asked.rows - half)
        octets, ways = sheet([*known, *new]), partial(by_peers, sheet([*known[:few], *new[:few]]), of_people)
        fresh, same, peers = in_turn(desk, sheet(known, spoil=False), octets, then, ways)
        memory = rolls.held_at_most(desk, octets, then)
        title = "A register of residents and households"
        return min(rolls.results(title, asked.rows, asked.peer_rows, fresh, rolls.middle(same), peers, memory), 1)


if __name__ == "__main__":
    sys.exit(main())
