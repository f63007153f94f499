"""What the county's data stand on: the months' deliveries, and what somebody has to look at."""

from collections import Counter
from urllib.parse import urlencode

from django.db.models import Count, Q

from config import clock
from config.navigation import address
from deadlines.rules import end_of, start_of

from ..models import Delivery, Doubt, Round
from ..permissions import sees_doubts
from ..round_permissions import reads_board
from .questions import Question, is_of_department, is_of_township, is_overseeing, month_word, place_of, programs_of
from .registry import Figure
from .tables import Column, Row, Table, sums


def rounds(question: Question) -> Table:
    """Of the departments' monthly rounds: how each delivery came. A row for each month."""
    now = clock.now()
    rows = Delivery.objects.counted_for(question.post).filter(
        round__kind=Round.Kind.MONTHLY, round__month__gte=question.since, round__month__lte=question.month
    )
    if question.department:
        rows = rows.filter(unit__department__code=question.department)
    counted = {first: Counter[str]() for first in question.firsts}
    for month, due_on, handed_in_at in rows.order_by().values_list("round__month", "round__due_on", "handed_in_at"):
        due = end_of(due_on)
        state = ("late" if handed_in_at >= due else "in_time") if handed_in_at else ("missing" if now >= due else "awaited")
        counted[month][state] += 1
    columns = (
        Column("按时报送", "个单位", tone="green"), Column("超期报送", "个单位", tone="amber"),
        Column("缺报", "个单位", tone="red"), Column("未到截止日", "个单位", tone="grey"),
    )  # fmt: skip
    leads_on = reads_board(question.post)
    listed = []
    for first, states in counted.items():
        url = f"{address('monitoring:round_board')}?{urlencode({'month': f'{first:%Y-%m}'})}" if leads_on and states else ""
        values = tuple(states[state] for state in ("in_time", "late", "missing", "awaited"))
        listed.append(Row(f"{first:%Y-%m}", month_word(first), values, url))
    return Table("报送月份", columns, tuple(listed), now, total=sums(listed, len(columns)))


def doubts(question: Question) -> Table:
    """Standing now by kind, and what was closed in the period."""
    rows = Doubt.objects.counted_for(question.post)
    if (place := place_of(question)) and not is_of_township(question.post):
        rows = rows.filter(township_code=place)
    if question.program or question.department:
        rows = rows.filter(program_id__in=sorted(programs_of(question) or ()))
    closed = Q(status="closed", closed_at__gte=start_of(question.since), closed_at__lt=end_of(question.until))
    parts = {
        "waiting": Q(status="open"), "pooled": Q(status="pool"),
        "closed": closed & ~Q(outcome="disproved"), "disproved": closed & Q(outcome="disproved"),
    }  # fmt: skip
    counted = {name: Count("pk", filter=part) for name, part in parts.items()}
    found = rows.order_by().values("kind").annotate(**counted).values_list("kind", *counted)
    labels = {str(value): str(label) for value, label in Doubt.Kind.choices}
    counts = sorted((row for row in found if any(row[1:])), key=lambda row: (-row[1] - row[2], labels[row[0]]))
    listed = tuple(Row(kind, labels[kind], tuple(values), urls=_urls(kind, values, question)) for kind, *values in counts)
    columns = (
        Column("待核查", "条", tone="amber"), Column("待领取", "条", tone="grey"), Column("本期核查办结", "条", is_drawn=False),
        Column("本期自动消除", "条", is_drawn=False),
    )  # fmt: skip
    return Table("疑点种类", columns, listed, clock.now(), total=sums(listed, len(columns)))


def _urls(kind: str, values: list[int], question: Question) -> tuple[str, ...]:
    """The list of doubts, where the asker has one; it is not narrowed by a department."""
    if not sees_doubts(question.post) or question.department:
        return ()
    narrowed = {name: value for name in ("township", "program") if (value := getattr(question, name))}
    page = address("monitoring:doubt_list")
    tabs = ("open", "pool", "", "")
    asked = ({"tab": tab, "kind": kind} | narrowed if tab and value else {} for tab, value in zip(tabs, values, strict=True))
    return tuple(f"{page}?{urlencode(one)}" if one else "" for one in asked)


FIGURES = (
    Figure(
        "rounds", "部门数据报送", "data", "piled",
        (
            "数每月应报送数据的部门：首次报送在截止日24点以前为按时，以后为超期；截止日已过还没有报送的为缺报。",
            "退回重报的，仍按首次报送时间算。部门只看到自己的报送。",
        ),
        rounds, lambda post: is_overseeing(post) or is_of_department(post), narrowed_by=frozenset({"department"}),
        counts_people=False,
    ),
    Figure(
        "doubts", "疑点核查", "data", "stack",
        (
            "待核查、待领取是打开页面时没有办结的疑点，按种类分；办结和自动消除数的是所选月份内的。",
            "同一户同一种疑点没有办结以前只算一条。自动消除是新数据表明疑点已不存在。",
            "按项目或部门缩小范围时，只数依据里第一个项目属于它的疑点。",
        ),
        doubts, lambda post: is_overseeing(post) or is_of_township(post),
    ),
)  # fmt: skip
