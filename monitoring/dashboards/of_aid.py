"""Aid: who has it, what it costs, who came and went. Read from the months' summary cells, a village's from its rows."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from config import clock
from config.dates import add_months
from config.navigation import address
from households.small_counts import HIDDEN
from organization.figures import figure
from organization.models import Post, Region
from referrals.names import names

from ..household_ledger.permissions import has_household_ledger
from ..summaries import counting, read
from ..summaries.read import Cell
from .questions import Question, is_of_department, is_of_township, is_overseeing, month_word, reads
from .registry import Figure
from .tables import NOTHING, Column, Row, Table, Value

HOUSEHOLDS, PEOPLE = Column("户数", "户"), Column("人数", "人")
MONEY = Column("月标准合计", "元", is_drawn=False)


def _cells(question: Question, months: Iterable[date], by: str = read.ALL) -> list[Cell]:
    """Those of all months asked about are read once for the figures of a page; a township's, of the last alone."""
    wanted = set(months)
    every = [question.month] if by == read.TOWNSHIPS else question.firsts
    if by not in question.known:
        question.known[by] = _read(question, every, by)
    return [cell for cell in question.known[by] if cell.month in wanted]


def _read(question: Question, months: list[date], by: str) -> list[Cell]:
    department = names().department_ids.get(question.department) if question.department else None
    if question.department and department is None:
        return []
    return read.rolls(question.post, months, by=by, township=question.township, program=question.program, department=department)


def _value(number: int | Decimal | None) -> Value:
    return HIDDEN if number is None else number


def _counted(question: Question) -> dict[date, datetime]:
    if "counted" not in question.known:
        question.known["counted"] = read.counted_at(question.post, question.firsts)
    found: dict[date, datetime] = question.known["counted"]
    return found


def _table(question: Question, months: list[date], head: str, columns: tuple[Column, ...], rows: Any, **said: Any) -> Table:
    counted = _counted(question)
    found, missing = [counted[month] for month in months if month in counted], [month for month in months if month not in counted]
    said = {"leaves_out": _leaves_out(question), **said}
    return Table(head, columns, tuple(rows), min(found, default=clock.now()), note=_uncounted(missing, some=bool(found)), **said)


def _leaves_out(question: Question, *, of_total: bool | None = None) -> str:
    """`of_total`: of a table by program, whether it has one; over the county such a table names what is sensitive."""
    if is_of_department(question.post) or question.program:
        return ""
    if of_total is None or question.township or not is_overseeing(question.post):
        return "不含敏感项目"
    return "合计不含敏感项目" if of_total else ""


def _uncounted(missing: list[date], *, some: bool) -> str:
    """A month is counted within minutes of its beginning, and after an upgrade that counts anew; those before the first count never were.
    `some`: others of the table have been."""
    if not missing:
        return ""
    back = int(figure("summary_months")) - 1
    if missing[-1] >= add_months(read.month_of(clock.today()), -back):
        return f"有的月份正在汇总，几分钟后可看，表里先写“{NOTHING}”。" if some else "正在汇总，几分钟后可看。"
    kept = f"看板从启用前{back}个月起汇总"
    return f"{kept}，更早的月份没有数，表里写“{NOTHING}”。" if some else f"{kept}，这段时间没有数。"


def _rolls(cell: Any) -> tuple[Value, ...]:
    return (_value(cell.households), _value(cell.people), _value(cell.amount))


def by_program(question: Question) -> Table:
    """Households and people of several programs count once in the total."""
    cells = [cell for cell in _cells(question, [question.month], read.PROGRAM) if cell.records != 0]
    order = sorted(cells, key=lambda cell: (-(cell.households or 0), cell.program_id or ""))
    rows = [_of_program(cell, question, _rolls(cell)) for cell in order]
    whole = _cells(question, [question.month])
    total = _rolls(whole[0]) if len(whole) == 1 and len(rows) > 1 else None
    left = _leaves_out(question, of_total=total is not None)
    return _table(question, [question.month], "救助项目", (HOUSEHOLDS, PEOPLE, MONEY), rows, total=total, leaves_out=left)


def _of_program(cell: Cell, question: Question, values: tuple[Value, ...]) -> Row:
    """The ledger of a sensitive program is its department's alone."""
    code = cell.program_id or ""
    url = "" if cell.with_sensitive and not is_of_department(question.post) else _behind(question, program=code)
    return Row(code, names().programs.get(code, code), values, url)


def by_township(question: Question) -> Table:
    cells = [cell for cell in _cells(question, [question.month], read.TOWNSHIPS) if cell.records != 0]
    words = names().townships
    rows = [Row(cell.township_code, words.get(cell.township_code, cell.township_code), _rolls(cell)) for cell in cells]
    listed = [Row(row.key, row.label, row.values, _behind(question, township=row.key)) for row in rows]
    whole = _cells(question, [question.month])
    total = _rolls(whole[0]) if len(whole) == 1 and len(rows) > 1 else None
    return _table(question, [question.month], "乡镇（街道）", (HOUSEHOLDS, PEOPLE, MONEY), listed, total=total)


def by_village(question: Question) -> Table:
    """Of one township, counted from its rows."""
    columns = (HOUSEHOLDS, PEOPLE, MONEY)
    place = question.post.region_code if is_of_township(question.post) else question.township
    if not place:
        return Table("村（社区）", columns, (), clock.now(), note="请先选一个乡镇（街道）。")
    department = names().department_ids.get(question.department)
    level = counting.BY_PROGRAM if question.program else counting.BY_DEPARTMENT if question.department else counting.OF_PLACES
    found = counting.counted(question.month, (level,), prefix=place, digits=12)
    words = dict(Region.objects.filter(code__startswith=place, level=Region.Level.VILLAGE).values_list("code", "name"))
    rows = tuple(
        Row(row["township_code"], words.get(row["township_code"], "（村不详）"),
            (int(row["households"]), int(row["people"]), Decimal(row["amount"])), _behind(question, village=row["township_code"]))
        for row in sorted(found, key=lambda row: str(row["township_code"]))
        if row["records"] and not row["with_sensitive"]
        and row["program_id"] in {None, question.program} and department in {None, row["department_id"]}
    )  # fmt: skip
    return Table("村（社区）", columns, rows, clock.now(), leaves_out=_leaves_out(question))


def _by_month(question: Question, columns: tuple[Column, ...], told: Any, cadence: str | None = None) -> Table:
    """`cadence`: of the rows that lie behind these numbers; None: no list holds just them, so that nothing leads there."""
    cells = {cell.month: cell for cell in _cells(question, question.firsts)}
    nought = tuple(Decimal(0) if column.unit == "元" else 0 for column in columns)
    unknown = tuple(None for _ in columns)
    empty = {first: nought if first in _counted(question) else unknown for first in question.firsts}
    rows = [_of_month(first, told(cells[first]) if first in cells else empty[first], question, cadence) for first in question.firsts]
    return _table(question, question.firsts, "月份", columns, rows)


def _of_month(first: date, values: tuple[Value, ...], question: Question, cadence: str | None) -> Row:
    url = "" if cadence is None else _behind(question, cadence=cadence, month=f"{first:%Y-%m}")
    return Row(f"{first:%Y-%m}", month_word(first), values, url)


def by_month(question: Question) -> Table:
    return _by_month(question, (HOUSEHOLDS, PEOPLE, MONEY), _rolls, "regular")


def spending(question: Question) -> Table:
    columns = (
        Column("定期救助", "元"), Column("一次性救助", "元"),
        Column("合计", "元", is_drawn=False), Column("项次", "项", is_drawn=False),
    )  # fmt: skip
    return _by_month(question, columns, _spent)


def _spent(cell: Cell) -> tuple[Value, ...]:
    if cell.paid is None or cell.once_amount is None or cell.records is None or cell.once_records is None:
        return (HIDDEN,) * 4
    return (cell.paid - cell.once_amount, cell.once_amount, cell.paid, cell.records + cell.once_records)


def spending_by_program(question: Question) -> Table:
    """Of the period. A program of which one month is not told is not told."""
    sums: dict[str, Decimal | None] = {}
    for cell in _cells(question, question.firsts, read.PROGRAM):
        code, former = cell.program_id or "", sums.get(cell.program_id or "", Decimal(0))
        sums[code] = None if former is None or cell.paid is None else former + cell.paid
    order = sorted((code for code, paid in sums.items() if paid != 0), key=lambda code: (-(sums[code] or 0), code))
    rows = [Row(code, names().programs.get(code, code), (_value(sums[code]),)) for code in order]
    left = _leaves_out(question, of_total=False)
    return _table(question, question.firsts, "救助项目", (Column("应发金额", "元"),), rows, leaves_out=left)


def comings(question: Question) -> Table:
    columns = (
        Column("新增户数", "户"), Column("停发户数", "户"),
        Column("新增人数", "人", is_drawn=False), Column("停发人数", "人", is_drawn=False),
    )  # fmt: skip
    return _by_month(question, columns, _came)


def _came(cell: Cell) -> tuple[Value, ...]:
    return (_value(cell.new_households), _value(cell.stopped_households), _value(cell.new_people), _value(cell.stopped_people))


def once(question: Question) -> Table:
    columns = (HOUSEHOLDS, PEOPLE, Column("项次", "项", is_drawn=False), Column("金额", "元", is_drawn=False))
    return _by_month(question, columns, _once, "once")


def _once(cell: Cell) -> tuple[Value, ...]:
    return (_value(cell.once_households), _value(cell.once_people), _value(cell.once_records), _value(cell.once_amount))


def _behind(question: Question, *, village: str = "", cadence: str = "regular", **given: str) -> str:
    """The rows, where the asker has the ledger by household; else the same dashboard narrowed to what was clicked."""
    asked = {"month": f"{question.month:%Y-%m}"}
    asked |= {name: value for name in ("township", "department", "program") if (value := getattr(question, name))} | given
    ledger = address("monitoring:household_ledger")
    if not ledger or not has_household_ledger(question.post):
        return "" if village else f"{address('monitoring:dashboard')}?{question.asked(**asked)}"
    department = names().department_ids.get(asked.get("department", ""))
    found = {"month": asked["month"], "place": village or asked.get("township", ""), "program": asked.get("program", "")}
    found |= {"department": str(department) if department else "", "cadence": cadence}
    return f"{ledger}?{urlencode({name: value for name, value in found.items() if value})}"


def _names_townships(post: Post) -> bool:
    return reads(post) and read.reads_townships(post)


SENSITIVE = (
    "敏感项目（名单只有承办部门可看）不计入各月、各乡镇（街道）、各部门的数和合计，与点开看到的名单一致；"
    "只按项目在全县单列，数很小的不显示；应发金额里有少数人当月停发的，也不显示。部门看本部门的数，含本部门的敏感项目。"
)
ROLLS = (
    "数月末仍在享受的定期救助：起始日不晚于该月最后一天，没有终止日或终止日不早于该月最后一天；一次性救助另列。",
    "户数按家庭去重：给个人的救助按当时所在家庭计（登记入户以前的，按最早登记的家庭）；人数按救助实际覆盖的人去重。同时享受几项的，每项各计一次，合计只计一次，所以各行相加可能大于合计。",
    "乡镇（街道）按救助时登记的所在地计。月标准合计是按月发放项目的标准之和，不含按年和一次性的。",
    SENSITIVE,
)
OF_EACH_MONTH = "每月的数是当月月末的数；进行中的月份按已经登记的起止日期计。"
FIGURES = (
    Figure("rolls_by_program", "各项目在享人员", "aid", "bar", ROLLS, by_program, reads, over_months=False),
    Figure("rolls_by_township", "各乡镇（街道）在享人员", "aid", "bar", ROLLS, by_township, _names_townships, over_months=False),
    Figure(
        "rolls_by_village", "各村（社区）在享人员", "aid", "bar", (*ROLLS, "选定一个乡镇（街道）后可看。村的数小，不上大屏。"), by_village,
        lambda post: is_of_township(post) or (is_overseeing(post) and post.role in {"B", "BA"}), over_months=False, on_screen=False,
    ),
    Figure("rolls_by_month", "在享人员变化", "aid", "line", (*ROLLS, OF_EACH_MONTH), by_month, reads),
    Figure(
        "spending", "每月应发金额", "aid", "piled",
        (
            "定期救助：按月的计入每个在享月份，当月中途开始的计入、终止日在当月的计入，暂缓整月的不计；按年的计入与起始日同一个月份。",
            "一次性救助计入起始日所在的月份。合计是两者之和。项次是月末在享的定期救助和当月的一次性救助的条数。",
            "这是按救助记录应发的金额，不是银行实际到账的金额；实物和服务没有金额，不计。", SENSITIVE,
        ),
        spending, reads,
    ),
    Figure(
        "spending_by_program", "各项目应发金额", "aid", "bar",
        ("所选各月应发金额之和，算法同“每月应发金额”。一户的金额看得出是谁，不上大屏。", SENSITIVE), spending_by_program, reads,
        on_screen=False,
    ),
    Figure(
        "comings", "新增与停发", "aid", "columns",
        (
            "新增：本月末在享、上月末不在享的户（人）；停发：上月末在享、本月末不在享的户（人）。",
            "调整标准、换一条记录继续享受的，既不算新增也不算停发。", SENSITIVE,
        ),
        comings, reads,
    ),
    Figure(
        "once", "一次性救助", "aid", "columns", ("起始日在当月的一次性救助，户、人在一个月里去重；项次是记录条数。", SENSITIVE),
        once, reads,
    ),
)  # fmt: skip
