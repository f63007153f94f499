"""A department's roll from .xlsx to rows that stand (PERFORMANCE 4): `python -m bench.rolls [--rows 20000] [--peer-rows 2000]`.

Grants of YB01, new ones and corrections, go the whole road of the house: handed in, read in a process apart, checked, sealed, staged,
compared, confirmed by a second person, entered with their events, what they cover and who may look. Beside it django-import-export, as it
comes and tuned, brings the same file into the same table and nothing else, by its own road: a dry run, which its preview shows, and the
import that somebody confirms; and once more with what the house writes beside each grant (whom it covers, who may look, the line of the
record), as its hooks are meant for. Its rows cost alike, so it is timed on fewer and extrapolated, but for what it reads once; its import
alone, which nobody has seen a preview of, stands beside it. Each tells how many rows it found wrong.
"""

import argparse
import io
import os
import random
import sys
import time
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple
from unittest.mock import patch

from bench.county import county
from bench.harness import Row, at_least, at_most, begin_to_hold, held_besides, machine, table

ROWS = int(os.environ.get("BENCH_ROLL_ROWS", "20000"))
PEER_ROWS = 2_000
PROGRAM, DEPARTMENT = "YB01", "YB"
HEADS = (
    "证件号码",
    "姓名",
    "乡镇（街道）",
    "救助金额（元）",
    "救助日期",
    "备注",
    "开户行",
    "残疾等级",
    "经办人",
)  # the last four nobody asks for
SHARE_WRONG = 0.019  # 380 of 20,000


class Person(NamedTuple):
    number: str
    name: str
    township: str


def people(count: int) -> list[Person]:
    """Residents of the county with their numbers in plain, as a department knows them."""
    from config.protection.sealing import unseal
    from households.models import Resident
    from organization.models import Region

    townships = {region.pk: region.name for region in Region.objects.townships()}
    rows = Resident.objects.order_by("pk").values_list("pk", "id_number_sealed", "name", "region_id")[:count]
    return [Person(unseal(Resident, "id_number", pk, token), name, townships[place[:9]]) for pk, token, name, place in rows]


def sheet(who: list[Person], since: date, *, spoil: bool, raised: int = 0) -> bytes:
    """A workbook as a department saves it; where spoilt, some numbers, places and sums are wrong."""
    from openpyxl import Workbook

    rng = random.Random(7)
    book = Workbook(write_only=True)
    page = book.create_sheet("名册")
    page.append(HEADS)
    wrong = set(rng.sample(range(len(who)), int(len(who) * SHARE_WRONG))) if spoil else set()
    for place, person in enumerate(who):
        number, township, amount = person.number, person.township, str(80 + place % 40 + raised)
        if place in wrong:
            number, township, amount = _spoilt(place % 3, number, township, amount)
        page.append([number, person.name, township, amount, since.isoformat(), "", "农商行", "二级", "经办员"])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _spoilt(how: int, number: str, township: str, amount: str) -> tuple[str, str, str]:
    if how == 0:
        return number[:-1] + ("1" if number[-1] != "1" else "2"), township, amount
    return (number, "没有的镇", amount) if how == 1 else (number, township, f"-{amount}")


class Desk:
    """The department's officer and approver, and the runner of the house's jobs."""

    def __init__(self) -> None:
        from config import clock
        from organization.models import Post
        from tests.cast import unit_of

        here = (
            Post.objects.effective(clock.today()).filter(unit=unit_of("department", DEPARTMENT)).select_related("unit__department", "staff")
        )
        self.approver = here.filter(rank=Post.Rank.APPROVER)[0]
        self.officer = here.filter(rank=Post.Rank.HANDLER).exclude(staff=self.approver.staff)[0]

    def read(self, octets: bytes, as_of: date) -> Any:
        from spreadsheets import transitions

        batch = transitions.hand_in(
            template=f"households.roll:{PROGRAM}", file_name="名册.xlsx", octets=octets, as_of=as_of, by=self.officer
        )
        return self._done(batch, "ready")

    def enter(self, batch: Any) -> Any:
        from spreadsheets import transitions

        transitions.propose(batch_id=batch.pk, jump_reason="已与科室核对", by=self.officer)
        batch.refresh_from_db()
        if batch.status == "proposed":
            transitions.confirm(batch_id=batch.pk, by=self.approver)
        return self._done(batch, "applied")

    @staticmethod
    def _done(batch: Any, status: str) -> Any:
        from deadlines import running

        while running.run_next():
            pass
        batch.refresh_from_db()
        if batch.status != status:
            raise RuntimeError(f"{batch.status}: {batch.refusal} {batch.remarks}")
        return batch


class Took(NamedTuple):
    looked_at: float  # seconds until the preview stands
    entered: float
    counts: dict[str, int]
    memory: int  # MiB of the worker

    @property
    def whole(self) -> float:
        return self.looked_at + self.entered


def by_the_house(desk: Desk, octets: bytes, as_of: date) -> Took:
    begin_to_hold()
    started = time.perf_counter()
    batch = desk.read(octets, as_of)
    looked_at = time.perf_counter() - started
    batch = desk.enter(batch)
    return Took(looked_at, time.perf_counter() - started - looked_at, batch.counts, held_besides())


def by_calamine(octets: bytes) -> float:
    """The limit: every row read and thrown away."""
    import python_calamine

    best = float("inf")
    for _ in range(3):
        started = time.perf_counter()
        for _ in python_calamine.load_workbook(io.BytesIO(octets)).get_sheet_by_index(0).iter_rows():
            pass
        best = min(best, time.perf_counter() - started)
    return best


class Peer(NamedTuple):
    """Of a sample. `begun`: what it reads once, however many rows follow. Both passes read the file anew, as its pages do."""

    begun: float  # seconds of both passes
    tried: float  # the dry run, which its preview shows
    entered: float
    wrong: int  # rows
    memory: int  # MiB

    def entry(self, times: float) -> float:
        """Seconds of the import alone, for a file `times` as long."""
        return self.begun / 2 + self.entered * times

    def road(self, times: float) -> float:
        """Seconds of its own road, from the file by its preview to rows that stand."""
        return self.begun + (self.tried + self.entered) * times


def by_import_export(octets: bytes, *, tuned: bool, all_of_it: bool = False) -> Peer:
    """Taken back afterwards. `all_of_it`: with the rows that the house writes beside a grant."""
    from django.db import transaction

    with transaction.atomic():
        begin_to_hold()
        first, second = (_pass(octets, is_dry=is_dry, tuned=tuned, all_of_it=all_of_it) for is_dry in (True, False))
        memory = held_besides()
        transaction.set_rollback(True)
    if first.wrong != second.wrong:
        raise RuntimeError("its two passes find different rows wrong")
    return Peer(first.begun + second.begun, first.took, second.took, len(second.wrong), memory)


class Pass(NamedTuple):
    begun: float  # seconds
    took: float
    wrong: list[int]  # rows


def _pass(octets: bytes, *, is_dry: bool, tuned: bool, all_of_it: bool) -> Pass:
    """One of its two requests: what it held is let go before the other."""
    from tablib import Dataset

    started = time.perf_counter()
    resource = _resource(tuned=tuned, all_of_it=all_of_it)
    begun, started = time.perf_counter() - started, time.perf_counter()
    rows = Dataset().load(io.BytesIO(octets), format="xlsx")
    found = resource.import_data(rows, dry_run=is_dry, raise_errors=False, use_transactions=True)
    took = time.perf_counter() - started
    if found.has_errors():
        raise RuntimeError(found.row_errors()[0][1][0].error)
    return Pass(begun, took, [row.number for row in found.invalid_rows])


def _resource(*, tuned: bool, all_of_it: bool) -> Any:
    """What one would write with it: a resource on the table, the person by number, each row checked, unchanged rows skipped."""
    from django.core.exceptions import ValidationError
    from import_export import fields, resources, widgets

    from audit.transitions import record, record_many
    from config import clock
    from config.protection.fields import ID_NUMBER
    from config.protection.identity import check_character
    from config.protection.sealing import digest_many
    from households.models import Access, AssistanceRecord, Coverage, Membership, Resident
    from organization.models import Post, Region, Unit
    from programs.models import ProgramVersion

    version = ProgramVersion.objects.in_force(clock.today()).get(program=PROGRAM)
    unit = Unit.objects.get(kind="department", department__code=DEPARTMENT)
    townships = {name: pk for pk, name in Region.objects.townships().values_list("pk", "name")}
    known: dict[Any, Any] = {row.id_number_digest: row for row in Resident.objects.all()} if tuned else {}

    class WhoseNumber(widgets.ForeignKeyWidget):
        def clean(self, value: Any, row: Any = None, **_rest: Any) -> Any:
            [digest] = digest_many(ID_NUMBER, [value])
            found = known.get(digest) if tuned else Resident.objects.filter(id_number_digest=digest).first()
            if found is None:
                raise ValueError("没有这个人")
            return found

        def render(self, value: Any, obj: Any = None, **_rest: Any) -> str:
            return value.id_number_masked if value else ""

    class Roll(resources.ModelResource):
        resident = fields.Field("resident", HEADS[0], widget=WhoseNumber(Resident))
        amount = fields.Field("amount", HEADS[3], widget=widgets.DecimalWidget())
        since = fields.Field("since", HEADS[4], widget=widgets.DateWidget("%Y-%m-%d"))

        class Meta:
            model = AssistanceRecord
            fields = ("resident", "amount", "since")
            import_id_fields = ("resident",)
            skip_unchanged, report_skipped = True, False
            use_bulk, batch_size, skip_diff = tuned, 1000 if tuned else None, tuned

        def get_queryset(self) -> Any:
            return AssistanceRecord.objects.filter(program=PROGRAM)

        def before_import_row(self, row: Any, **_rest: Any) -> None:
            if check_character(row[HEADS[0]][:17]) != row[HEADS[0]][17:]:
                raise ValidationError("号码不对")
            if row[HEADS[2]] not in townships:
                raise ValidationError("没有这个乡镇")
            try:
                wrong = Decimal(row[HEADS[3]]) < 0
            except InvalidOperation:
                wrong = True
            if wrong:
                raise ValidationError("金额不对")

        def before_save_instance(self, instance: Any, row: Any, **_rest: Any) -> None:
            given = {"program_id": PROGRAM, "version": version, "region_code": townships[row[HEADS[2]]], "cadence": "once"}
            given |= {
                "until": instance.since,
                "source": "roll",
                "unit": unit,
                "granted_at": clock.now(),
                "granted_by": system,
                "in_kind": "",
            }
            for name, value in given.items():
                setattr(instance, name, value)

        def after_save_instance(self, instance: Any, row: Any, **_rest: Any) -> None:
            if not all_of_it:
                return
            if tuned:
                written.append(instance)
                return
            Coverage.objects.get_or_create(
                record=instance, resident=instance.resident, defaults={"since": instance.since, "until": instance.until}
            )
            home = Membership.objects.filter(resident=instance.resident, until=None).values_list("household_id", flat=True).first()
            if home:
                Access.objects.get_or_create(household_id=home, unit=unit, **about(instance), defaults=opened)
            record("assistance_record.granted", instance, by=system, new=f"{instance.amount}元", household_id=home)

        def after_import(self, dataset: Any, result: Any, **_rest: Any) -> None:  # noqa: ARG002
            if not written:
                return
            homes = dict(Membership.objects.filter(until=None).values_list("resident_id", "household_id"))
            covered = set(Coverage.objects.filter(record__program=PROGRAM).values_list("record_id", flat=True))
            Coverage.objects.bulk_create(
                [
                    Coverage(record=one, resident_id=one.resident_id, since=one.since, until=one.until)
                    for one in written
                    if one.pk not in covered
                ],
                batch_size=1000,
            )
            Access.objects.bulk_create(
                [
                    Access(household_id=homes[one.resident_id], unit=unit, **about(one), **opened)
                    for one in written
                    if one.resident_id in homes
                ],
                batch_size=1000,
                ignore_conflicts=True,
            )
            record_many("assistance_record.granted", ((one, "", f"{one.amount}元") for one in written), by=system)

    written: list[Any] = []
    opened = {"reason": "roll", "program_id": PROGRAM, "opened_at": clock.now(), "opened_by": Post.objects.the_system()}

    def about(row: Any) -> dict[str, str]:
        return {"subject_label": row._meta.label_lower, "subject_id": str(row.pk)}

    system = Post.objects.the_system()
    return Roll()


@contextmanager
def nobody_else_runs_jobs() -> Any:
    with patch("deadlines.transitions.jobs.wake"):
        yield


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--peer-rows", type=int, default=PEER_ROWS, help="20000 for the whole file")
    asked = parser.parse_args()
    with county("bench_rolls", asked.rows, referrals=0) as said, nobody_else_runs_jobs():
        from config import clock

        print(f"{machine()}\n{said}", flush=True)
        _empty_roll()
        first, then = clock.today().replace(day=1) - timedelta(days=40), clock.today() - timedelta(days=1)
        who, desk = people(asked.rows), Desk()
        desk.enter(desk.read(sheet(who[: asked.rows // 2], first.replace(day=1), spoil=False), first))
        octets = sheet(who, first.replace(day=1), spoil=True, raised=5)
        half = asked.rows // 2
        sample = [*who[: asked.peer_rows // 2], *who[half : half + asked.peer_rows // 2]]
        smaller = sheet(sample, first.replace(day=1), spoil=True, raised=5)
        peers = {name: by_import_export(smaller, tuned=tuned) for name, tuned in (("default", False), ("tuned", True))}
        peers |= {f"{name}, all": by_import_export(smaller, tuned=name == "tuned", all_of_it=True) for name in ("default", "tuned")}
        ours = by_the_house(desk, octets, then)
        same = by_the_house(desk, sheet(who, first.replace(day=1), spoil=True, raised=5), then + timedelta(days=1))
        return min(_results(asked.rows, len(sample), octets, ours, same, peers), 1)


def _empty_roll() -> None:
    """What the county's seed put on this roll goes: the bench lays its own."""
    from django.db import connection, transaction

    from config.county import trusting_its_own_keys

    with transaction.atomic(), connection.cursor() as cursor:
        trusting_its_own_keys()
        mine = "SELECT id FROM households_assistancerecord WHERE program_id = %s"
        cursor.execute(f"DELETE FROM households_coverage WHERE record_id IN ({mine})", [PROGRAM])
        cursor.execute("DELETE FROM households_assistancerecord WHERE program_id = %s", [PROGRAM])


def _results(rows: int, sample: int, octets: bytes, ours: Took, same: Took, peers: dict[str, Any]) -> int:
    limit, times = by_calamine(octets), rows / sample
    slow, quick = peers["default"], peers["tuned"]
    goal = at_least if rows >= 20_000 else (lambda what, said, ratio, _goal, of: Row(what, said, f"{ratio:.0f} x {of}"))
    dry_run = "its dry run, which its preview shows, and its import"
    return table(
        f"A roll of {rows:,} rows x {len(HEADS)} columns, half of them standing, from .xlsx to rows that stand; counts {ours.counts}",
        [
            goal("the whole road", f"{ours.whole:.2f} s", slow.road(times) / ours.whole, 50, f"django-import-export: {dry_run}"),
            goal("-", "", quick.road(times) / ours.whole, 25, "the same, bulk, cached"),
            Row("its import alone, without a preview", f"{slow.entry(times):.0f} s", _ratio(slow.entry(times), ours.whole, "as it comes")),
            Row("-", f"{quick.entry(times):.0f} s", _ratio(quick.entry(times), ours.whole, "bulk, cached")),
            *(
                Row(f"the same rows written by it, {name}", f"{peer.road(times):.0f} s", _ratio(peer.road(times), ours.whole, "its road"))
                for name, peer in ((name, peers[f"{name}, all"]) for name in ("default", "tuned"))
            ),
            Row("- rows found wrong", f"{ours.counts['error']}", f"{slow.wrong} and {quick.wrong} of {sample:,} by it"),
            at_most("- of the limit", "", ours.whole / limit, 10, f"calamine reading alone ({limit:.2f} s)"),
            Row("- until the preview stands", f"{ours.looked_at:.2f} s", f"{ours.looked_at / limit:.1f} x calamine"),
            Row("- entered", f"{ours.entered:.2f} s"),
            Row("the same file a day later", f"{same.whole:.2f} s", f"counts {same.counts}"),
            Row("peak memory beside the start", f"worker {ours.memory} MiB", f"peers {slow.memory} and {quick.memory} MiB"),
        ],
    )


def _ratio(theirs: float, ours: float, how: str) -> str:
    return f"{theirs / ours:.1f} x ({how})"


if __name__ == "__main__":
    sys.exit(main())
