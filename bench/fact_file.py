"""A department's facts from .xlsx to rows that stand: `python -m bench.fact_file [--rows 20000] [--peer-rows 400]`.

What twelve suppliers hand in each month. Here the medical costs of `households.facts:YB_costs`, half of them standing with another sum: the
whole road of the house as `bench/rolls.py` has it, and its peer by the same means: into the table of facts and nothing else, a sum written
over the one before; and once more with what the house writes beside a fact, the one that it takes the place of and the line of the record.
"""

import argparse
import sys
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from bench import rolls
from bench.county import county
from bench.harness import at_least, copied_database, machine, table
from bench.roll_peer import Peer, by_peers, in_the_middle, known_ones, refuse_wrong, whose_number

PEER_ROWS = 400
KIND, DETAIL = "medical_self_paid", {"detail_sealed": "", "detail_masked": ""}
HEADS = (
    "证件号码",
    "姓名",
    "乡镇（街道）",
    "年度医疗自付费用",
    "统计日期",
    "备注",
    "开户行",
    "残疾等级",
    "经办人",
)  # the last five nobody asks for


class Desk(rolls.Desk):
    template = "households.facts:YB_costs"


def of_facts(*, tuned: bool, all_of_it: bool = False, looks_up: bool = False) -> Any:
    """As `roll_peer.of_grants`; tuned, what stands is read once too, unless it `looks_up` each row."""
    from import_export import fields, resources, widgets

    from audit.transitions import record, record_many
    from config import clock
    from households.models import Fact, Membership
    from organization.models import Post, Region

    townships = set(Region.objects.townships().values_list("name", flat=True))
    system, written, before = Post.objects.the_system(), [], {}

    stand = Fact.objects.standing().filter(kind=KIND, how="import")

    class Sum(widgets.DecimalWidget):
        def clean(self, value: Any, row: Any = None, **rest: Any) -> Any:
            return str(super().clean(value, row, **rest))

        def render(self, value: Any, obj: Any = None, **rest: Any) -> str:
            return str(super().render(Decimal(value) if value else None, obj, **rest))

    class Facts(resources.ModelResource):
        resident = fields.Field("resident", HEADS[0], widget=whose_number(tuned=tuned))
        value = fields.Field("value", HEADS[3], widget=Sum())

        class Meta:
            model = Fact
            fields = ("resident", "value")
            import_id_fields = ("resident",)
            skip_unchanged, report_skipped = True, False
            use_bulk, batch_size, skip_diff = tuned, 1000 if tuned else None, tuned
            if tuned and not looks_up:
                instance_loader_class = known_ones({fact.resident: fact for fact in stand.select_related("resident")}, "resident")

        def get_queryset(self) -> Any:
            return stand

        def before_import_row(self, row: Any, **_rest: Any) -> None:
            refuse_wrong(row, HEADS, townships)

        def import_instance(self, instance: Any, row: Any, **rest: Any) -> None:
            if all_of_it and instance.value is not None:
                before[instance.pk] = Fact(resident_id=instance.resident_id, value=instance.value, **about(instance))
            super().import_instance(instance, row, **rest)

        def before_save_instance(self, instance: Any, row: Any, **_rest: Any) -> None:  # noqa: ARG002
            for name, given in told.items():
                setattr(instance, name, given)

        def after_save_instance(self, instance: Any, row: Any, **_rest: Any) -> None:  # noqa: ARG002
            if not all_of_it:
                return
            if tuned:
                written.append(instance)
                return
            if instance.pk in before:
                before[instance.pk].save()
            home = Membership.objects.filter(resident=instance.resident, until=None).values_list("household_id", flat=True).first()
            record("fact.noted", instance, by=system, new=f"{instance.value}元", household_id=home)

        def after_import(self, dataset: Any, result: Any, **_rest: Any) -> None:  # noqa: ARG002
            if written:
                Fact.objects.bulk_create([before[one.pk] for one in written if one.pk in before], batch_size=1000)
                record_many("fact.noted", ((one, "", f"{one.value}元") for one in written), by=system)

    told = {"kind_id": KIND, "how": "import", "source": "医疗费用个人自付", "found_on": clock.today(), "found_at": clock.now()}
    told |= {"found_by": system, **DETAIL}

    def about(fact: Any) -> dict[str, Any]:
        return {**told, "superseded_at": clock.now(), "superseded_by": system, "successor_id": fact.pk}

    return Facts()


def in_turn(
    desk: rolls.Desk, other: bytes, octets: bytes, then: date, peers: Callable[[], dict[str, Peer]]
) -> tuple[list[rolls.Took], list[rolls.Took], dict[str, Peer]]:
    """As `rolls.rounds`, and in each round the peers too, on a copy of the same database: a busy hour slows all alike."""
    from spreadsheets import transitions

    fresh, same, found = [], [], []
    for _ in range(rolls.ROUNDS):
        with copied_database():
            found.append(peers())
        with copied_database():
            transitions.drop(batch_id=desk.read(other, then).pk, reason="", by=desk.officer)
            fresh.append(rolls.by_the_house(desk, octets, then))
            same.append(rolls.by_the_house(desk, octets, then + timedelta(days=1)))
    return fresh, same, in_the_middle(found)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=rolls.ROWS)
    parser.add_argument("--peer-rows", type=int, default=PEER_ROWS, help="20000 for the whole file")
    asked = parser.parse_args()
    with county("bench_facts", asked.rows, referrals=0) as said, rolls.nobody_else_runs_jobs():
        from config import clock

        print(f"{machine()}\n{said}", flush=True)
        first, then = clock.today().replace(day=1) - timedelta(days=40), clock.today() - timedelta(days=1)
        who, desk, half, few = rolls.people(asked.rows), Desk(), asked.rows // 2, asked.peer_rows // 2

        def sheet(people: list[rolls.Person], *, spoil: bool = True, raised: int = 0) -> bytes:
            return rolls.sheet(people, first, spoil=spoil, raised=raised, heads=HEADS)

        desk.enter(desk.read(sheet(who[:half], spoil=False), first))
        smaller, octets = sheet([*who[:few], *who[half : half + few]], raised=5), sheet(who, raised=5)
        ways = partial(by_peers, smaller, of_facts, looking_up={"tuned": True, "looks_up": True})
        fresh, same, peers = in_turn(desk, sheet(who[:half], raised=3), octets, then, ways)
        memory = rolls.held_at_most(desk, octets, then)
        missed = rolls.results("A file of facts", asked.rows, asked.peer_rows, fresh, rolls.middle(same), peers, memory)
        ours, theirs = rolls.middle(fresh).whole, peers["looking_up"].road(asked.rows / asked.peer_rows)
        form = "django-import-export, bulk, people cached, each row looked up"
        return min(
            missed + table("The form that the goal was set by", [at_least("its road", f"{theirs:.0f} s", theirs / ours, 25, form)]), 1
        )


if __name__ == "__main__":
    sys.exit(main())
