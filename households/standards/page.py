"""What the pages of standards show: the standards with what follows them, one change with its sums and lines."""

from collections.abc import Sequence
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import Count, F, Q, Sum
from django.db.models.functions import Substr

from config import clock
from deadlines.models import Job
from organization.kinds import COUNTY_WIDE
from organization.models import Parameter, Post, Region
from organization.wording import WORDS
from programs.models import Program

from ..funds.figures import short_sum
from ..models import StandardChange, StandardLine
from ..showing import shown_name
from ..small_counts import least_shown
from ..transitions.standards import APPLY, EDGES
from . import permissions
from .rules import rules_for

S = StandardChange.Status
ZERO = Decimal(0)
LINE_RELATED = ("record__program", "record__household", "record__resident", "successor")


def standards(post: Post) -> list[dict[str, Any]]:
    """Each standard that something visible follows: what it is today, which programs follow it and how."""
    found: dict[str, dict[str, Any]] = {}
    names = dict(Program.objects.values_list("pk", "seed_name"))
    for rule in rules_for(post):
        known = found.setdefault(rule.key, {"key": rule.key, "rules": [], "now": Parameter.objects.in_force(rule.key, on=clock.today())})
        known["rules"].append((names[rule.program], rule.how_label))
    return list(found.values())


class ChangePage:
    """One change before a post that sees it."""

    def __init__(self, change: StandardChange, post: Post) -> None:
        self.change, self.post = change, post

    def _may(self, target: str, predicate: Any) -> bool:
        return target in EDGES.get(self.change.status, frozenset()) and bool(predicate(self.post, self.change))

    @property
    def may_count(self) -> bool:
        return self._may(S.PROPOSED, permissions.can_count_standard)

    @property
    def may_answer(self) -> bool:
        return self._may(S.DECLINED, permissions.can_answer_standard) and self.change.proposed_by_staff_id != self.post.staff_id

    @property
    def may_withdraw(self) -> bool:
        return self.change.status == S.PROPOSED and self._may(S.WITHDRAWN, permissions.can_withdraw_standard)

    @cached_property
    def job(self) -> Job | None:
        """The carrying out last asked for; whoever sees the change may see how far it is."""
        return Job.objects.filter(kind=APPLY, arguments={"change": str(self.change.pk)}).order_by("-asked_at", "-id").first()

    @property
    def is_waiting(self) -> bool:
        return self.change.status == S.CONFIRMED and self.job is not None and self.job.is_open

    @property
    def is_stuck(self) -> bool:
        """Its month has come, and nobody is at it: the night takes it up, or somebody asks again."""
        return self.change.status == S.CONFIRMED and self.change.month <= clock.today() and not self.is_waiting

    @property
    def error(self) -> str:
        return self.job.error if self.is_stuck and self.job is not None else ""

    @property
    def may_resume(self) -> bool:
        return self.is_stuck and permissions.can_answer_standard(self.post, self.change)

    @property
    def tone(self) -> str:
        return self.change.TONES[S(self.change.status)]

    @cached_property
    def leaves_out_sensitive(self) -> bool:
        """To whoever is not of their department, where a number of them is so small that it may be known to be somebody."""
        if self.post.unit.kind not in COUNTY_WIDE:
            return False
        sensitive = StandardLine.objects.filter(change=self.change, record__program__is_sensitive=True)
        told = sums_of(sensitive)
        numbers = [told["computed"], told["less"], told["computed"] - told["less"], *(number for _, number in _problems_of(sensitive))]
        return any(0 < number < least_shown() for number in numbers)

    @property
    def _counted(self) -> Any:
        """The lines that the numbers are of, whoever sees which."""
        rows = StandardLine.objects.filter(change=self.change)
        return rows.filter(record__program__is_sensitive=False) if self.leaves_out_sensitive else rows

    @cached_property
    def sums(self) -> dict[str, Any]:
        return sums_of(self._counted)

    @property
    def tiles(self) -> list[tuple[str, str, str, str]]:
        sums = [("每月原金额", "former", "grey"), ("每月新金额", "amount", "grey"), ("每月差额", "more", "green")]
        return [(label, *short_sum(self.sums[name]), tone) for label, name, tone in sums]

    @cached_property
    def problems(self) -> list[tuple[str, int]]:
        return _problems_of(self._counted)

    @cached_property
    def townships(self) -> list[dict[str, Any]]:
        """By township, of what is not sensitive: how many, before and after."""
        names = dict(Region.objects.townships().values_list("code", "name"))
        rows = StandardLine.objects.filter(change=self.change, problem="", record__program__is_sensitive=False).order_by()
        rows = rows.annotate(place=Substr("record__region_code", 1, 9)).values("place")
        totals = rows.annotate(n=Count("pk"), reached=Sum("people"), former=Sum("former_amount"), fresh=Sum("amount")).order_by("place")
        return [{**row, "name": names.get(row["place"], row["place"]), "more": row["fresh"] - row["former"]} for row in totals]

    @property
    def grades(self) -> list[tuple[str, Any, Any]]:
        """Old and new of each entry, in the order of the entries."""
        old, new = self.change.former_value, self.change.value
        if not isinstance(new, dict):
            return [("标准", old, new)]
        return [(WORDS.get(key, key), old.get(key), new[key]) for key in sorted(new, key=lambda key: list(WORDS).index(key))]

    @property
    def terms(self) -> list[tuple[str, Any]]:
        change = self.change
        found = [
            ("执行月份", change.month_label), ("文号", change.document), ("说明", change.note),
            ("提出", f"{clock.local(change.proposed_at):%Y-%m-%d %H:%M} {change.proposed_by.label}"),
            ("测算", f"{clock.local(change.counted_at):%Y-%m-%d %H:%M}"),
        ]  # fmt: skip
        if change.answered_at and change.answered_by:
            act = "确认" if change.status in {"confirmed", "applied"} else change.get_status_display()
            found.append((act, f"{clock.local(change.answered_at):%Y-%m-%d %H:%M} {change.answered_by.label}"))
        if change.applied_at:
            found.append(("执行", f"{clock.local(change.applied_at):%Y-%m-%d %H:%M}"))
        return [*found, ("原因", change.reason)] if change.reason else found


def _problems_of(lines: Any) -> list[tuple[str, int]]:
    rows = lines.exclude(problem="").order_by().values_list("problem")
    return [(StandardLine.Problem(problem).label, n) for problem, n in rows.annotate(n=Count("pk")).order_by("-n", "problem")]


def sums_of(lines: Any) -> dict[str, Any]:
    computed = Q(problem="")
    found = lines.aggregate(
        computed=Count("pk", filter=computed), problems=Count("pk", filter=~computed),
        less=Count("pk", filter=computed & Q(amount__lt=F("former_amount"))), reached=Sum("people", filter=computed),
        former=Sum("former_amount", filter=computed), fresh=Sum("amount", filter=computed),
    )  # fmt: skip
    found |= {"people": found.pop("reached"), "amount": found.pop("fresh")}
    found |= {name: found[name] or ZERO for name in ("former", "amount")} | {"people": found["people"] or 0}
    return found | {"more": found["amount"] - found["former"]}


def lines_of(change: StandardChange, post: Post, tab: str) -> Any:
    rows = StandardLine.objects.visible_to(post).filter(change=change).select_related(*LINE_RELATED)
    return rows.exclude(problem="") if tab == "problems" else rows.computed()


def shown_lines(lines: Sequence[StandardLine], post: Post) -> list[dict[str, Any]]:
    names = dict(Region.objects.townships().values_list("code", "name"))
    heads = heads_of([line.record.household_id for line in lines if line.record.household_id])
    return [
        {
            "line": line,
            "who": shown_name(line.record.resident.name if line.record.resident else heads.get(line.record.household_id, ""), post),
            "home": line.record.household,
            "township": names.get(line.record.region_code[:9], ""),
            "more": line.amount - line.former_amount if line.amount is not None and line.former_amount is not None else None,
        }
        for line in lines
    ]


def heads_of(households: Sequence[Any]) -> dict[Any, str]:
    """The name of the head of each, or of whoever stands first."""
    from ..models import Membership

    rows = Membership.objects.open().filter(household__in=households).order_by("household", "-relation", "-pk")
    return dict(rows.values_list("household_id", "resident__name"))
