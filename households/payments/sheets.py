"""Payment lists as sheets: the roll for finance or the bank, what changed, and the two ledgers (发放花名册, 变动清单)."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.db.models import QuerySet

from config.protection.masks import mask_name
from config.protection.sealing import unseal
from organization.models import Post, Region
from programs.models import Program
from spreadsheets.cells import Column, Kind
from spreadsheets.downloads import Part
from spreadsheets.ledgers import Asked, Ledger, register

from ..forms.payments import PaymentLedgerForm, month_of
from ..models import PaymentLine, PaymentList, Resident
from ..models.payment import code_of
from .permissions import reads_payments
from .querysets import CLOSED

C = PaymentLine.Change
S = PaymentLine.State
ROLL = (
    Column("行号", Kind.NUMBER, 8), Column("救助项目", width=20), Column("发放月份", width=10), Column("乡镇（街道）", width=14),
    Column("村（社区）", width=16), Column("领款人", width=12), Column("证件号码", width=22), Column("开户银行", width=20),
    Column("银行账号", width=24), Column("保障人数", Kind.NUMBER, 10), Column("变动", width=8), Column("本月金额（元）", Kind.NUMBER, 12),
    Column("补发（元）", Kind.NUMBER, 12), Column("重发（元）", Kind.NUMBER, 12), Column("扣回（元）", Kind.NUMBER, 12),
    Column("应发（元）", Kind.NUMBER, 12), Column("发放结果", width=10), Column("发放日期", Kind.DATE, 12), Column("失败原因", width=24),
    Column("名册编号", width=16),
)  # fmt: skip
CHANGES = (
    Column("变动", width=8), Column("救助项目", width=20), Column("发放月份", width=10), Column("乡镇（街道）", width=14),
    Column("村（社区）", width=16), Column("领款人", width=12), Column("证件号码", width=22), Column("保障人数", Kind.NUMBER, 10),
    Column("上月金额（元）", Kind.NUMBER, 12), Column("本月金额（元）", Kind.NUMBER, 12), Column("增减（元）", Kind.NUMBER, 12),
    Column("变动原因", width=24),
)  # fmt: skip
CORRECTIONS = (
    Column("救助项目", width=20), Column("列入名册", width=12), Column("更正月份", width=10), Column("乡镇（街道）", width=14),
    Column("村（社区）", width=16), Column("领款人", width=12), Column("证件号码", width=22), Column("原列（元）", Kind.NUMBER, 12),
    Column("应列（元）", Kind.NUMBER, 12), Column("差额（元）", Kind.NUMBER, 12),
)  # fmt: skip
BY_LIST = ("list__program_id", "list__month", "list__serial", "number")
SHEETS = ((C.NEW, "新增"), (C.MORE, "增发"), (C.LESS, "减发"), (C.STOPPED, "停发"), (C.HELD, "暂缓"), (C.BACK, "恢复"))


def roll(lines: "QuerySet[PaymentLine]", *, title: str, in_clear: bool) -> Part:
    """Who is paid how much on which account. The account is the one that was copied when the list was closed."""
    columns = (
        "pk", "number", "list__program__seed_name", "list__month", "region_code", "payee_id", "payee__name", "payee__id_number_masked",
        "payee__id_number_sealed", "bank_name", "account_masked", "account_sealed", "persons", "change", "amount", "arrears", "resent",
        "deduction", "payable", "state", "paid_on", "failure", "list__program_id", "list__serial",
    )  # fmt: skip
    return Part(title, ROLL, lines.filter(payable__gt=0).order_by(*BY_LIST).values_list(*columns), _roll_cells(in_clear))


def _roll_cells(in_clear: bool) -> Callable[[Any], Sequence[Any]]:
    places, changes = places_of(), dict(C.choices)
    results = {S.PAID: "成功", S.FAILED: "失败"}

    def cells(row: Any) -> Sequence[Any]:
        (pk, number, program, month, region, payee, name, id_masked, id_sealed, bank, masked, sealed, persons, change, *sums) = row
        *money, state, paid_on, failure, program_code, serial = sums
        who = (name or "", unseal(Resident, "id_number", payee, id_sealed) if id_sealed else "") if in_clear else (
            mask_name(name or ""), id_masked or "")  # fmt: skip
        account = unseal(PaymentLine, "account", pk, sealed) if in_clear and sealed else masked
        return (
            number, program, f"{month:%Y-%m}", *places(region), *who, bank, account, persons, changes[change], *money,
            results.get(state, ""), paid_on, failure, code_of(program_code, month, serial),
        )  # fmt: skip

    return cells


def changes(lines: "QuerySet[PaymentLine]", *, in_clear: bool = False) -> list[Part]:
    """新增, 增发, 减发, 停发, 暂缓, 恢复: a sheet each; and what of closed months is made good, 更正以前月份."""
    columns = (
        "change", "list__program__seed_name", "list__month", "region_code", "payee_id", "payee__name", "payee__id_number_masked",
        "payee__id_number_sealed", "persons", "former_amount", "amount", "reason",
    )  # fmt: skip
    ordered = lines.order_by(*BY_LIST)
    places, labels = places_of(), dict(C.choices)

    def cells(row: Any) -> Sequence[Any]:
        change, program, month, region, payee, name, masked, sealed, persons, former, amount, reason = row
        who = _who(in_clear, payee, name, masked, sealed)
        return (
            labels[change], program, f"{month:%Y-%m}", *places(region), *who, persons, former, amount, amount - former, reason,
        )  # fmt: skip

    parts = [Part(title, CHANGES, ordered.filter(change=change).values_list(*columns), cells) for change, title in SHEETS]
    return [*parts, corrections(lines, in_clear=in_clear)]


def corrections(lines: "QuerySet[PaymentLine]", *, in_clear: bool) -> Part:
    columns = (
        "list__program__seed_name", "list__month", "corrections__month", "region_code", "payee_id", "payee__name",
        "payee__id_number_masked", "payee__id_number_sealed", "corrections__listed", "corrections__rightful",
    )  # fmt: skip
    places = places_of()

    def cells(row: Any) -> Sequence[Any]:
        program, listed_in, month, region, payee, name, masked, sealed, listed, rightful = row
        who = _who(in_clear, payee, name, masked, sealed)
        return (program, f"{listed_in:%Y-%m}", f"{month:%Y-%m}", *places(region), *who, listed, rightful, rightful - listed)

    rows = lines.exclude(corrections=None).order_by(*BY_LIST, "corrections__month").values_list(*columns)
    return Part("更正以前月份", CORRECTIONS, rows, cells)


def _who(in_clear: bool, payee: Any, name: str | None, masked: str | None, sealed: str | None) -> tuple[str, str]:
    if not in_clear:
        return mask_name(name or ""), masked or ""
    return name or "", unseal(Resident, "id_number", payee, sealed) if sealed else ""


def places_of() -> Callable[[str], tuple[str, str]]:
    """Township and village by the code of either."""
    names = dict(Region._base_manager.order_by().values_list("code", "name"))
    return lambda code: (names.get(code[:9], ""), names.get(code, "") if len(code) > 9 else "")


# ── ledgers ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def programs_for(post: Post) -> list[tuple[str, str]]:
    """Programs of which the post sees any closed list."""
    seen = PaymentList.objects.visible_to(post).filter(status__in=CLOSED).order_by().values("program_id")
    return [(row.pk, row.seed_name) for row in Program.objects.visible_to(post).filter(pk__in=seen).order_by("code")]


def _form(given: Mapping[str, str], post: Post) -> PaymentLedgerForm:
    return PaymentLedgerForm(given or None, programs=programs_for(post))


def _lines(asked: Asked) -> "QuerySet[PaymentLine]":
    lines = PaymentLine.objects.visible_to(asked.by).counted().filter(list__month=month_of(asked.given["month"]))
    program = asked.given.get("program", "")
    return lines.filter(list__program_id=program) if program else lines


def register_ledgers() -> None:
    register(Ledger(
        key="payments.roll", title="发放花名册", about="已月结的发放名册：每人（户）本月金额、补发、扣回、应发和发放结果。",
        may=reads_payments, form=_form, parts=lambda asked: [roll(_lines(asked), title="发放花名册", in_clear=asked.in_clear)],
        may_in_clear=True,
    ))  # fmt: skip
    register(Ledger(
        key="payments.changes", title="发放变动清单",
        about="与上月相比新增、增发、减发、停发、暂缓、恢复的对象和原因，以及对已月结月份的更正。",
        may=reads_payments, form=_form, parts=lambda asked: changes(_lines(asked), in_clear=asked.in_clear), may_in_clear=True,
    ))  # fmt: skip
