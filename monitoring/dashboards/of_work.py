"""How work goes: days per step, lamps, decisions, what was in time. Read when asked, through the gates of referrals and duties."""

from collections import Counter
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, DateField, QuerySet
from django.db.models.functions import TruncMonth

from config import clock
from config.navigation import address
from deadlines.models import Duty
from deadlines.rules import SHANGHAI, end_of, start_of
from intake.models import Application
from referrals.models import Referral
from referrals.names import UNNAMED, names

from .. import on_time
from ..summaries import work
from ..supervision_filters import NAMED, SENSITIVE
from .questions import Question, is_of_department, is_of_township, is_overseeing, month_word, place_of, programs_of, reads_work
from .registry import Figure
from .tables import Column, Row, Table, sums

STEPS = ("受理→转出", "转出→签收", "签收→审批", "审批→反馈", "反馈→告知", "全程（受理→告知）")


def _referrals(question: Question) -> "QuerySet[Referral]":
    """Behind the gate, narrowed to place and programs: what the ledger of referrals lists."""
    rows = Referral.objects.ledgered_for(question.post)
    if (place := place_of(question)) and not is_of_township(question.post):
        rows = rows.filter(township_code=place)
    return _of_programs(rows, question, "program_id")


def _of_programs(rows: "QuerySet[Any]", question: Question, field: str) -> "QuerySet[Any]":
    """A department works on referrals of others' programs too, where its unit is on their way: its own gate is by its units."""
    if not (question.program or question.department):
        return rows
    return rows.filter(**{f"{field}__in": sorted(programs_of(question) or ())})


def flow(question: Question) -> Table:
    programs = sorted(programs_of(question) or ()) if question.program or question.department else None
    found = work.steps(question.post, _referrals(question), question.firsts, township=place_of(question), programs=programs)
    columns = (Column("用时中位数", "工作日"), Column("件数", "件", is_drawn=False), Column("最长用时", "工作日", is_drawn=False))
    listed = tuple(_step(place, found.get((str(place), "")), question) for place in range(len(STEPS)))
    return Table("环节", columns, listed, clock.now())


def _step(place: int, found: work.Days | None, question: Question) -> Row:
    """The ledger goes by the day of dispatch or of decision: these two steps lead to their rows."""
    if not found or not found.times:
        return Row(str(place), STEPS[place], (None, 0, None))
    dated = {0: "dispatched_at", 2: "decided_at"}.get(place, "")
    url = _ledger(question, dated=dated) if dated and not question.department else ""
    return Row(str(place), STEPS[place], (found.median, found.times, found.longest), url)


def channels(question: Question) -> Table:
    """Accepted in the period, month by month: how many came by themselves and how many were found (XX-28)."""
    rows = Application.objects.counted_for(question.post).filter(
        accepted_at__gte=start_of(question.since), accepted_at__lt=end_of(question.until)
    )
    if (place := place_of(question)) and not is_of_township(question.post):
        rows = rows.filter(township_code=place)
    counted = {first: Counter[bool]() for first in question.firsts}
    by_month = rows.order_by().annotate(first=TruncMonth("accepted_at", output_field=DateField(), tzinfo=SHANGHAI))
    for first, channel, times in by_month.values_list("first", "channel").annotate(Count("pk")):
        counted[first][channel == Application.Channel.DISCOVERED] += times
    listed = tuple(Row(f"{first:%Y-%m}", month_word(first), _came_by(found[False], found[True])) for first, found in counted.items())
    columns = (Column("依申请", "件"), Column("主动发现", "件", tone="green"), Column("主动发现占比", "%", is_drawn=False))
    return Table("受理月份", columns, listed, clock.now(), total=_came_by(*sums(listed, 2)))


def _came_by(asked: Any, found: Any) -> tuple[Any, ...]:
    whole = asked + found
    return (asked, found, found * 1000 // whole / 10 if whole else None)


LAMPS = {"green": "正常", "amber": "临近到期", "red": "超期", "grey": "暂停计时"}


def lamps(question: Question) -> Table:
    """Open steps of referrals by the unit that holds them: the reddest first."""
    rows = Duty.objects.measured_for(question.post).open().filter(is_promise=False, subject_label="referrals.referral")
    if place := place_of(question):
        rows = rows if is_of_township(question.post) else rows.filter(region_code__startswith=place)
    rows = _of_programs(rows, question, "topic_code").with_lamp(clock.now())  # type: ignore[attr-defined]
    rows = rows.order_by().annotate(key=on_time.unit_key(question.post, by_place=bool(question.township)))
    counted: dict[str, Counter[str]] = {}
    for key, colour, times in rows.values_list("key", "lamp_colour").annotate(Count("pk")):
        counted.setdefault(key, Counter())[colour] = times
    columns = tuple(Column(word, "件", tone=colour) for colour, word in LAMPS.items())
    order = sorted(counted, key=lambda key: (-counted[key]["red"], -counted[key]["amber"], on_time.name_of("unit", key)))
    listed = tuple(_held(key, counted[key], question) for key in order)
    return Table("承办单位", columns, listed, clock.now(), total=sums(listed, len(columns)))


def _held(key: str, counted: Counter[str], question: Question) -> Row:
    """Supervision and the platform are led to what is late, of these steps alone; a unit to its own inbox. No list is by department, and no
    list of a township has sensitive ones."""
    post = question.post
    if post.role in {"B", "BA", "L"}:
        is_apart = key == on_time.SENSITIVE
        is_named = bool(question.township) or on_time.reads_persons(post)
        program = SENSITIVE if is_apart else question.program or (NAMED if is_named else "")
        asked = {"unit": "" if is_apart else key, "referrals": "on", "township": question.township, "program": program}
        late = f"{address('monitoring:late_list')}?{urlencode({name: value for name, value in asked.items() if value})}"
        is_listed = not (question.department or (is_apart and question.township))
        urls = tuple(late if colour == "red" and counted[colour] else "" for colour in LAMPS) if is_listed else ()
    elif key == str(post.unit_id):
        inbox = address("referrals:referral_list")
        urls = tuple(f"{inbox}?{urlencode({'lamp': colour})}" if counted[colour] else "" for colour in LAMPS)
    else:
        urls = ()
    return Row(key, on_time.name_of("unit", key), tuple(counted[colour] for colour in LAMPS), urls=urls)


def decisions(question: Question) -> Table:
    """Approved and refused of what was decided in the period, by program, the most refused first."""
    rows = _referrals(question).filter(decided_at__gte=start_of(question.since), decided_at__lt=end_of(question.until)).order_by()
    counted: dict[str, Counter[str]] = {}
    for program, outcome, times in rows.values_list("program_id", "outcome").annotate(Count("pk")):
        counted.setdefault(_told(program, question), Counter())[outcome] += times
    order = sorted(counted, key=lambda code: (code == on_time.SENSITIVE, -counted[code]["refused"], -counted[code]["approved"], code))
    listed = tuple(_decided(code, counted[code], question) for code in order)
    columns = (Column("批准", "件", tone="green"), Column("不予批准", "件", tone="red"), Column("不予批准比例", "%", is_drawn=False))
    return Table("救助项目", columns, listed, clock.now(), total=_shared(sums(listed, 2)))


def _told(program: str, question: Question) -> str:
    return on_time.SENSITIVE if program in names().sensitive and not is_of_department(question.post) else program


def _decided(code: str, counted: Counter[str], question: Question) -> Row:
    url = "" if code == on_time.SENSITIVE else _ledger(question, program=code, dated="decided_at")
    label = UNNAMED if code == on_time.SENSITIVE else names().programs.get(code, code)
    return Row(code, label, _shared((counted["approved"], counted["refused"])), url)


def _shared(counts: Any) -> tuple[Any, ...]:
    approved, refused = counts
    whole = approved + refused
    return (approved, refused, refused * 1000 // whole / 10 if whole else None)


def _ledger(question: Question, **given: str) -> str:
    """The ledger of referrals, narrowed as the figure is; not for the convener, who has none."""
    if question.post.role == "C":
        return ""
    asked = {"since": question.since.isoformat(), "until": question.until.isoformat()} | given
    asked |= {name: value for name in ("township", "program") if (value := getattr(question, name))}
    return f"{address('monitoring:ledger_referrals')}?{urlencode(asked)}"


def kept(question: Question) -> Table:
    """按期率 by township, of a township by its desks, of a department by its programs: the same groups as the page of its own.

    What belongs to no township is of the county, more than that of all townships together: it is told below, lest it dwarf them.
    """
    by = "program" if is_of_department(question.post) else "unit" if is_of_township(question.post) else "township"
    groups, total = _groups(question, by)
    shown = [group for group in groups if by != "township" or group.key in names().townships]
    listed = [_group(group, by, question) for group in shown if group.stage.counted or group.stage.open_late]
    columns = (
        Column("按期", "件", tone="green"), Column("超期", "件", tone="red"), Column("按期率", "%", is_drawn=False),
        Column("用时中位数", "工作日", is_drawn=False), Column("超期未办", "件", is_drawn=False),
    )  # fmt: skip
    own = [group.stage for group in shown]
    rest = [getattr(total, name) - sum(getattr(stage, name) for stage in own) for name in ("in_time", "late", "open_late")]
    note = f"合计里另有不属于某个乡镇的县级事项：按期{rest[0]}件，超期{rest[1]}件，超期未办{rest[2]}件。" if any(rest) else ""
    return Table(on_time.WAYS[by].removeprefix("按"), columns, tuple(listed), clock.now(), total=_timely(total), note=note)


def _groups(question: Question, by: str) -> tuple[list[on_time.Group], on_time.Figures]:
    """And the total. Of the county from the night's cells and the rows of today, of others from their own rows."""
    now = clock.now()
    asked = on_time.Question(
        question.post, question.since, question.until, program=question.program, township="" if by == "unit" else question.township
    )
    if by != "township":
        groups = on_time.groups(asked, by, now)
        return groups[:-1], groups[-1].stage if groups else on_time.Figures()
    found = work.kept(question.post, on_time.narrowed(asked), question.firsts, township=question.township, program=question.program)
    late = on_time.open_late(asked, by, now)
    places = {place for _, place in found} | set(late)
    figures = {place: _figures(found.get((work.KEPT, place)), late.get(place, 0)) for place in sorted(places - {""})}
    total = _figures(found.get((work.KEPT, "")), sum(late.values()))
    return [on_time.Group(place, on_time.name_of(by, place), stage, on_time.Figures()) for place, stage in figures.items()], total


def _figures(days: work.Days | None, open_late: int) -> on_time.Figures:
    days = days or work.Days()
    return on_time.Figures(days.times, days.late, days.median, days.longest, open_late)


def _group(group: on_time.Group, by: str, question: Question) -> Row:
    asked = {"by": by, "since": question.since.isoformat(), "until": question.until.isoformat(), "key": group.key}
    if question.program:
        asked["program"] = question.program
    listing = address("monitoring:on_time_list") if question.post.role != "C" else ""

    def behind(figure: str, count: int) -> str:
        return f"{listing}?{urlencode(asked | {'figure': figure, 'half': 'stage'})}" if listing and count else ""

    stage = group.stage
    urls = (behind("in_time", stage.in_time), behind("late", stage.late), "", "", behind("open_late", stage.open_late))
    return Row(group.key, group.name, _timely(stage), urls=urls)


def _timely(stage: on_time.Figures) -> tuple[Any, ...]:
    rate = stage.in_time * 1000 // stage.counted / 10 if stage.counted else None
    return (stage.in_time, stage.late, rate, stage.median, stage.open_late)


NIGHTLY = "全县的数，昨天以前的每天夜里汇总，今天的随时统计；以前的事项有更正的，第二天看得到。"
FIGURES = (
    Figure(
        "flow", "各环节用时", "work", "bar",
        (
            "数转办单（给予、变更、停止），每个环节算在它完成的那一天所在的月份；没有走完的环节不计。",
            "用时是两个时刻所在日期之间的工作日数（起算当天不计，按工作日历，调休上班日计入），暂停计时的天数不扣除。",
            "签收取第一次签收。中位数是按用时排序排在中间的一件；件数为偶数时取中间两件的平均。",
            NIGHTLY,
        ),
        flow, reads_work, counts_people=False, is_slow=True,
    ),
    Figure(
        "channels", "依申请与主动发现", "work", "piled",
        (
            "数所选月份内受理的申请，按受理的月份和申请渠道分：渠道为“主动发现”的算主动发现，窗口、掌上、网格员协助和村（社区）代办的算依申请。",
            "主动发现占比＝主动发现÷两者之和，只舍不入到0.1%。",
        ),
        channels, lambda post: is_overseeing(post) or is_of_township(post), narrowed_by=frozenset({"township"}),
    ),
    Figure(
        "lamps", "在办事项的时限", "work", "stack",
        (
            "数现在没有办结的转办环节，记在承办单位名下；对群众的承诺不重复计。",
            "敏感项目合并为一行，不列承办单位；督查室看到的记在承办单位名下。",
            "绿灯：离到期日还早；黄灯：临近到期；红灯：已过到期日；灰灯：暂停计时。与工作台上的灯是同一个算法。",
            "这是打开页面时的情况，不随所选月份变化。",
        ),
        lamps, reads_work, over_months=False, is_now=True, counts_people=False,
    ),
    Figure(
        "on_time", "按期办结", "work", "stack",
        (
            "数所选月份内办完或退回的环节：到期日当天24点以前办结为按期，以后为超期。撤回、终止的不算。",
            "按期率＝按期÷（按期＋超期），只舍不入到0.1%。超期未办是现在已经超期、还没有办结的，不在按期率里。",
            "与“按期率”页的环节时限一栏是同一个数。按乡镇看时，不属于某个乡镇的县级事项不画，在表下说明，并计入合计。",
            NIGHTLY,
        ),
        kept, reads_work, narrowed_by=frozenset({"township", "program"}), counts_people=False, is_slow=True,
    ),
    Figure(
        "decisions", "审批结果", "work", "stack",
        (
            "数所选月份内作出决定的转办单（给予、变更、停止），按决定结果分。",
            "不予批准比例＝不予批准÷（批准＋不予批准），只舍不入到0.1%。",
            "敏感项目合并为一行，不列名称；主管部门自己看得到名称。",
        ),
        decisions, reads_work,
    ),
)  # fmt: skip
