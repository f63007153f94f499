"""What a year's aid comes to, by program: one statement over the records, one over what was paid (TZ-36, LY-31).

Of a monthly record each month counts in which it stands, from that of its first day to that of its last, but those in which it was held;
of a yearly one the month of its first day, each year; of one that is given once its own. Goods and services without a sum count nothing.

- granted: what the records that stand today bring in the whole year, as far as their days reach
- due: the same up to the present month
- forecast: granted; of what is given once, as much again a month for the months to come as in those that have gone
- paid: what the lists of payment say was paid, where the program is paid by lists
- left: the budget less what was paid, less what was due in months before the program's first list, and less what was handed out on the spot
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection

from config.dates import add_months
from deadlines.rules import ONE_DAY
from organization.models import Department, Post
from programs.models import Program

from ..holds import covers, last_day
from ..models import Budget
from ..payments.entitlement import handed_out
from .querysets import is_finance

ZERO = Decimal(0)
TOTAL, WITHOUT_SENSITIVE = "合计", "合计（不含敏感项目）"
WHOLE = "本部门统筹（不分项目）"

# Months between two days, both counted: `n` of a stretch. Held months are taken out of the same stretch.
RECORDS = """
WITH bounds AS (SELECT %(first)s::date AS first, %(last)s::date AS last, %(now)s::date AS now),
standing AS (
    SELECT t.id, t.program_id, t.amount, t.cadence, t.since, LEAST(COALESCE(t.until, b.last), b.last) AS until, b.first, b.last, b.now
    FROM households_assistancerecord t CROSS JOIN bounds b
    WHERE t.program_id = ANY (%(programs)s) AND t.amount IS NOT NULL AND t.since <= b.last AND (t.until IS NULL OR t.until >= b.first)
), counted AS (
    SELECT s.*,
        CASE s.cadence
            WHEN 'monthly' THEN GREATEST({to_last} - {from_first} + 1, 0) - COALESCE(h.all_held, 0)
            WHEN 'yearly' THEN ({anniversary} BETWEEN s.first AND s.until)::int
            WHEN 'once' THEN (s.since >= s.first)::int
            ELSE 0 END AS months,
        CASE s.cadence
            WHEN 'monthly' THEN GREATEST(LEAST({to_last}, {to_now}) - {from_first} + 1, 0) - COALESCE(h.held, 0)
            WHEN 'yearly' THEN ({anniversary} BETWEEN s.first AND LEAST(s.until, s.now))::int
            WHEN 'once' THEN (s.since >= s.first AND s.since <= s.now)::int
            ELSE 0 END AS months_now
    FROM standing s LEFT JOIN LATERAL (
        SELECT sum(GREATEST(LEAST({to_last}, {hold_to}) - GREATEST({from_first}, {hold_from}) + 1, 0)) AS all_held,
            sum(GREATEST(LEAST({to_last}, {to_now}, {hold_to}) - GREATEST({from_first}, {hold_from}) + 1, 0)) AS held
        FROM households_recordchange c
        WHERE c.record_id = s.id AND {covers_a_month} AND s.cadence = 'monthly'
    ) h ON s.cadence = 'monthly'
)
SELECT program_id, sum(amount * months), sum(amount * months_now), COALESCE(sum(amount * months_now) FILTER (WHERE cadence = 'once'), 0)
FROM counted GROUP BY program_id
"""


def _ordinal(day: str) -> str:
    """The running number of a day's month."""
    return f"(EXTRACT(year FROM {day})::int * 12 + EXTRACT(month FROM {day})::int)"


STATEMENT = RECORDS.format(
    from_first=_ordinal("GREATEST(s.since, s.first)"), to_last=_ordinal("s.until"), to_now=_ordinal("s.now"),
    hold_from=_ordinal("c.since"), hold_to=_ordinal("COALESCE(c.until, s.last)"),
    covers_a_month=covers("c", "c.since", last_day("c.since")),
    anniversary="(s.since + make_interval(years => EXTRACT(year FROM s.first)::int - EXTRACT(year FROM s.since)::int))::date",
)  # fmt: skip
PAID = """
    SELECT l.program_id, COALESCE(sum(p.payable) FILTER (WHERE p.state = 'paid' AND l.month >= %(first)s), 0), min(l.month)
    FROM households_paymentlist l LEFT JOIN households_paymentline p ON p.list_id = l.id
    WHERE l.program_id = ANY (%(programs)s) AND l.status <> 'draft' AND l.month <= %(last)s GROUP BY 1
"""


HANDED_OUT = """
    SELECT t.program_id, sum(t.amount) FROM households_assistancerecord t
    WHERE t.program_id = ANY (%(programs)s) AND t.cadence = 'once' AND t.amount > 0 AND t.since BETWEEN %(since)s AND %(now)s
      AND ({handed_out}) GROUP BY 1
"""


@dataclass
class Line:
    """A row of the page and of its file: one program, what a department has for all its programs together, or the total."""

    department: str
    name: str
    code: str = ""
    is_whole: bool = False
    is_total: bool = False
    budget: Decimal = ZERO
    central: Decimal = ZERO
    municipal: Decimal = ZERO
    county: Decimal = ZERO
    donated: Decimal = ZERO
    granted: Decimal = ZERO
    due: Decimal = ZERO
    forecast: Decimal = ZERO
    paid: Decimal | None = None
    unlisted: Decimal = ZERO  # due where no list of payment says what was paid

    @property
    def spent(self) -> Decimal:
        return (self.paid or ZERO) + self.unlisted

    @property
    def left(self) -> Decimal:
        return self.budget - self.spent

    @property
    def told_left(self) -> Decimal | None:
        """None where no budget was handed in; the total is less by what such programs spent."""
        return self.left if self.budget or self.is_total else None

    @property
    def forecast_left(self) -> Decimal | None:
        return self.budget - self.forecast if self.budget or self.is_total else None

    @property
    def is_short(self) -> bool:
        """The year's forecast exceeds what there is; where there is a budget at all."""
        return self.budget > 0 and self.forecast > self.budget

    @property
    def share(self) -> int | None:
        return round(self.spent * 100 / self.budget) if self.budget > 0 else None

    @property
    def hint(self) -> str:
        if self.is_total:
            return ""
        return "预计超出预算" if self.is_short else "未填预算" if self.share is None else f"已用{self.share}%"

    def add(self, other: "Line") -> None:
        for name in ("budget", "central", "municipal", "county", "donated", "granted", "due", "forecast", "unlisted"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        if other.paid is not None:
            self.paid = (self.paid or ZERO) + other.paid


def programs_of(post: Post) -> list[Program]:
    """- a department: its own
    - the platform and the finance bureau: the county's."""
    from organization.kinds import COUNTY_WIDE
    from organization.lineage import departments

    rows = Program.objects.filter(is_placeholder=False).select_related("department").order_by("department__number", "code")
    if post.unit.kind in COUNTY_WIDE or is_finance(post):
        return list(rows)
    return list(rows.filter(department_id__in=departments(post))) if post.unit.kind == "department" else []


def leaves_out_sensitive(post: Post) -> bool:
    """Whoever sees more than a department's own: beside the lists of its aid, which others do not see, a sum would tell whose it is."""
    return post.unit.kind != "department" or is_finance(post)


def lines(post: Post, year: int, today: date) -> list[Line]:
    """What the post sees of a year: its programs with a budget or with aid, each department's whole after its programs."""
    programs, papers = programs_of(post), Budget.objects.visible_to(post).confirmed().of_year(year)
    if leaves_out_sensitive(post):
        programs = [program for program in programs if not program.is_sensitive]
        papers = papers.exclude(program__is_sensitive=True)
    sums, paid = _sums(programs, year, today), _paid(programs, year)
    unlisted = _unlisted(programs, {code: first for code, (_, first) in paid.items()}, year, today)
    budgets: dict[tuple[int, str | None], dict[str, Decimal]] = {}
    for row in papers:
        known = budgets.setdefault((row.department_id, row.program_id), {})
        known[row.source] = known.get(row.source, ZERO) + row.amount
    found: list[Line] = []
    for program in programs:
        line = Line(program.department.name, str(program), program.code, paid=paid.get(program.code, (None,))[0])
        _fill(line, budgets.pop((program.department_id, program.code), {}))
        line.granted, line.due, line.forecast = sums.get(program.code, (ZERO, ZERO, ZERO))
        line.unlisted = unlisted.get(program.code, ZERO) if program.code in paid else line.due
        if line.budget or line.granted or line.paid is not None:
            found.append(line)
    names = dict(Department.objects.values_list("pk", "name"))
    for (department, _), sources in budgets.items():
        whole = Line(names.get(department, ""), WHOLE, is_whole=True)
        _fill(whole, sources)
        found.append(whole)
    places = {program.department.name: place for place, program in enumerate(programs)}
    found.sort(key=lambda line: (places.get(line.department, len(places)), line.is_whole, line.code))
    return found


def short_sum(value: Decimal) -> tuple[str, str]:
    """A sum as it fits a tile of a phone's page, and its unit."""
    return (f"{value / 10_000:,.2f}", "万元") if abs(value) >= 100_000 else (f"{value:,.2f}", "元")


def total_of(rows: Sequence[Line], post: Post) -> Line:
    total = Line("", WITHOUT_SENSITIVE if leaves_out_sensitive(post) else TOTAL, is_total=True)
    for row in rows:
        total.add(row)
    return total


def _fill(line: Line, sources: dict[str, Decimal]) -> None:
    for source, amount in sources.items():
        setattr(line, source, getattr(line, source) + amount)
        line.budget += amount


def _sums(programs: list[Program], year: int, today: date) -> dict[str, tuple[Decimal, Decimal, Decimal]]:
    """Granted, due and forecast of each."""
    gone = _months_gone(year, today)
    return {
        code: (granted, due, granted + (once / gone * (12 - gone) if gone else ZERO).quantize(Decimal("0.01")))
        for code, granted, due, once in _asked(STATEMENT, programs, year, today)
    }


def _paid(programs: list[Program], year: int) -> dict[str, tuple[Decimal, date]]:
    """Of each that is paid by lists: how much in the year, and the month of its first list."""
    return {code: (paid, first) for code, paid, first in _asked(PAID, programs, year, date(year, 12, 31))}


def _unlisted(programs: list[Program], firsts: dict[str, date], year: int, today: date) -> dict[str, Decimal]:
    """What no list pays: due in the year before the first list, paid outside as far as the house knows; since then handed out on the spot.
    Two statements for each such month."""
    found: dict[str, Decimal] = {}
    for first in {month for month in firsts.values() if month <= today}:
        theirs = [program for program in programs if firsts.get(program.code) == first]
        if first > date(year, 1, 1):
            found |= {code: due for code, _, due, _ in _asked(STATEMENT, theirs, year, first - ONE_DAY)}
        statement = HANDED_OUT.format(handed_out=handed_out())
        for code, amount in _asked(statement, theirs, year, today, since=max(first, date(year, 1, 1))):
            found[code] = found.get(code, ZERO) + amount
    return found


def _asked(statement: str, programs: list[Program], year: int, today: date, **more: Any) -> list[Any]:
    first, last = date(year, 1, 1), date(year, 12, 31)
    now = min(max(add_months(today.replace(day=1), 1) - ONE_DAY, first - ONE_DAY), last)
    with connection.cursor() as cursor:
        cursor.execute(statement, {"first": first, "last": last, "now": now, "programs": [program.code for program in programs], **more})
        return list(cursor.fetchall())


def _months_gone(year: int, today: date) -> int:
    """The present month counted."""
    return 12 if today.year > year else today.month if today.year == year else 0
