"""The road of django-import-export, beside which `bench/rolls.py` puts the house's: the same file into the same table by what one would
write with it, as it comes and tuned, with and without the rows that the house writes beside a grant."""

import io
import time
from collections.abc import Callable, Collection, Sequence
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import Any, NamedTuple

from bench.harness import begin_to_hold, held_besides

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


def by_import_export(octets: bytes, resource: Callable[[], Any]) -> Peer:
    """Taken back afterwards. `resource` reads what it needs once."""
    from django.db import transaction

    with transaction.atomic():
        begin_to_hold()
        first, second = (_pass(octets, resource, is_dry=is_dry) for is_dry in (True, False))
        memory = held_besides()
        transaction.set_rollback(True)
    if first.wrong != second.wrong:
        raise RuntimeError("its two passes find different rows wrong")
    return Peer(first.begun + second.begun, first.took, second.took, len(second.wrong), memory)


def by_peers(octets: bytes, resource: Callable[..., Any], **more: dict[str, bool]) -> dict[str, Peer]:
    """As it comes and tuned; and once more with all that the house writes beside. `more`: other ways of the resource, by name."""
    ways = {"default": {"tuned": False}, "tuned": {"tuned": True}}
    ways |= {f"{name}, all": {**way, "all_of_it": True} for name, way in ways.items()} | more
    return {name: by_import_export(octets, partial(resource, **way)) for name, way in ways.items()}


def in_the_middle(found: list[dict[str, Peer]]) -> dict[str, Peer]:
    """Of several rounds, for each way the one in the middle by its road."""
    return {name: sorted((each[name] for each in found), key=lambda peer: peer.road(1))[len(found) // 2] for name in found[0]}


def known_ones(known: dict[Any, Any], field: str) -> Any:
    """Its loader of what stands, from among all that was read once, by the field that names a row: what its own cached loader does, which
    stops at the first row that is wrong."""
    from import_export.instance_loaders import BaseInstanceLoader

    class KnownOnes(BaseInstanceLoader):  # type: ignore[misc]
        def get_instance(self, row: Any) -> Any:
            return known.get(self.resource.fields[field].clean(row))

    return KnownOnes


class Pass(NamedTuple):
    begun: float  # seconds
    took: float
    wrong: list[int]  # rows


def _pass(octets: bytes, made: Callable[[], Any], *, is_dry: bool) -> Pass:
    """One of its two requests: what it held is let go before the other."""
    from tablib import Dataset

    started = time.perf_counter()
    resource = made()
    begun, started = time.perf_counter() - started, time.perf_counter()
    rows = Dataset().load(io.BytesIO(octets), format="xlsx")
    found = resource.import_data(rows, dry_run=is_dry, raise_errors=False, use_transactions=True)
    took = time.perf_counter() - started
    if found.has_errors():
        raise RuntimeError(found.row_errors()[0][1][0].error)
    return Pass(begun, took, [row.number for row in found.invalid_rows])


def whose_number(*, tuned: bool) -> Any:
    """The widget that finds a person by number: each anew, or among all of them, read once."""
    from import_export import widgets

    from config.protection.fields import ID_NUMBER
    from config.protection.sealing import digest_many
    from households.models import Resident

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

    return WhoseNumber(Resident)


def refuse_wrong(row: Any, heads: Sequence[str], townships: Collection[str]) -> None:
    """Number, place and sum of a row, which the first four columns hold."""
    from django.core.exceptions import ValidationError

    from config.protection.identity import check_character

    if check_character(row[heads[0]][:17]) != row[heads[0]][17:]:
        raise ValidationError("号码不对")
    if row[heads[2]] not in townships:
        raise ValidationError("没有这个乡镇")
    try:
        wrong = Decimal(row[heads[3]]) < 0
    except InvalidOperation:
        wrong = True
    if wrong:
        raise ValidationError("金额不对")


def of_grants(*, tuned: bool, all_of_it: bool = False) -> Any:
    """What one would write with it: a resource on the table, the person by number, each row checked, unchanged rows skipped. `all_of_it`:
    with the rows that the house writes beside a grant."""
    from import_export import fields, resources, widgets

    from audit.transitions import record, record_many
    from config import clock
    from households.models import Access, AssistanceRecord, Coverage, Membership
    from organization.models import Post, Region, Unit
    from programs.models import ProgramVersion

    version = ProgramVersion.objects.in_force(clock.today()).get(program=PROGRAM)
    unit = Unit.objects.get(kind="department", department__code=DEPARTMENT)
    townships = {name: pk for pk, name in Region.objects.townships().values_list("pk", "name")}

    class Roll(resources.ModelResource):
        resident = fields.Field("resident", HEADS[0], widget=whose_number(tuned=tuned))
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
            refuse_wrong(row, HEADS, townships)

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

    homes: dict[Any, Any] = {}
    covered: set[Any] = set()
    if tuned and all_of_it:  # read once, however many rows follow: here, where it is not extrapolated
        homes = dict(Membership.objects.filter(until=None).values_list("resident_id", "household_id"))
        covered = set(Coverage.objects.filter(record__program=PROGRAM).values_list("record_id", flat=True))
    written: list[Any] = []
    opened = {"reason": "roll", "program_id": PROGRAM, "opened_at": clock.now(), "opened_by": Post.objects.the_system()}

    def about(row: Any) -> dict[str, str]:
        return {"subject_label": row._meta.label_lower, "subject_id": str(row.pk)}

    system = Post.objects.the_system()
    return Roll()
