"""Duties and notices of the demo: standing tasks of the rules in every state of the lamp, until the rooms above bring their own work."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction

from audit.transitions import together
from config import clock
from organization.models import Post, Unit
from organization.transitions.mobiles import text_me

from . import gateways
from .models import Duty
from .rules import Limit, Rule, add_months
from .transitions import announce, close_duty, drain, open_duty, pause, sending, take

K = Unit.Kind
SOURCE = "演示用常规工作"
UNASSIGNED = "15400000001"  # 154 is nobody's


@dataclass(frozen=True)
class Task:
    """A standing task of a kind of unit, opened so many days ago; `then` is what became of it."""

    kind: str
    kind_name: str
    title: str
    limit: Limit
    days_ago: int
    then: str = ""


def tasks(today: date) -> dict[str, list[Task]]:
    """By unit kind. The monthly data are due on the 5th, the others count from the day they were handed out."""
    fifth = add_months(today.replace(day=5), 0 if today.day <= 5 else 1)
    return {
        K.TOWNSHIP_WINDOW: [
            Task("township_meeting", "会议", "召开本月乡镇（街道）联席会议", Limit(Rule.MONTHS, 1, shifts=True), 28),
            Task("check_roster", "核对", "核对窗口值班人员名单并公示", Limit(Rule.WORKING_DAYS, 5), 12),
            Task("read_guide", "学习", "学习救助项目清单并向村（社区）讲解", Limit(Rule.WORKING_DAYS, 20), 6, "take"),
            Task("box_open", "开箱", "开启举报信息箱并登记", Limit(Rule.CALENDAR_DAYS, 7), 3),
            Task("sign_board", "公示", "更新窗口公示栏的项目和时限", Limit(Rule.WORKING_DAYS, 10), 9, "pause"),
            Task("hand_over", "交接", "办理窗口人员交接", Limit(Rule.WORKING_DAYS, 3), 15, "close"),
        ],
        K.DEPARTMENT: [
            Task("data_round", "报送", "更新本部门救助数据（每月5日以前）", Limit(Rule.FIXED_DATE, until=fifth), 2),
            Task("check_catalogue", "核对", "核对本部门救助项目清单", Limit(Rule.WORKING_DAYS, 10), 10),
        ],
        K.PLATFORM: [
            Task("quarterly_meeting", "会议", "召开本季度县联席会议", Limit(Rule.MONTHS, 3, shifts=True), 70),
            Task("answer_hotline", "答复", "答复12345热线转来的咨询", Limit(Rule.HOURS, 72), 2),
        ],
        K.VILLAGE_WINDOW: [
            Task("monthly_visits", "走访", "本月重点对象走访（每户不少于1次）", Limit(Rule.CALENDAR_DAYS, 30), 25),
        ],
    }


@together()
def load(*, by: Post) -> None:
    """Through the verbs, at the clock's time of each; safe to repeat."""
    if Duty.objects.open().exists() or Duty.objects.closed().exists():
        return
    now, given = clock.now(), tasks(clock.today())
    staffed = Post.objects.effective(clock.today()).select_related("unit", "staff").order_by("unit_id", "pk")
    first = {post.unit_id: post for post in reversed(staffed)}
    for post in first.values():
        for task in given.get(post.unit.kind, []):
            with clock.set_clock(now - timedelta(days=task.days_ago)):
                _open(task, post, by)
    _text_somebody()
    drain()


@transaction.atomic
def _text_somebody() -> None:
    """One of the cast wants texts: one is refused by the gateway and waits for the system administrator, the next goes out as a file."""
    reader = Post.objects.effective(clock.today()).filter(staff__username="clerk").select_related("staff", "unit").first()
    if reader is None or not gateways.is_configured():
        return
    text_me(number=UNASSIGNED, by=reader)
    announce("duty.opened", reader.unit, to=reader.staff, title="紧急：演示用短信，网关答复空号", is_urgent=True)
    refused = sending.claim()
    if refused is not None:
        sending.fail(refused, "空号", is_final=True)
    announce("duty.opened", reader.unit, to=reader.staff, title="紧急：今晚有强降雨，请核对值班安排", is_urgent=True)


def _open(task: Task, post: Post, by: Post) -> None:
    unit, when = post.unit, clock.now()
    duty = open_duty(
        subject=unit, kind=task.kind, kind_name=task.kind_name, unit=unit, title=task.title, limit=task.limit, by=by,
        region_code=unit.region_id, basis=SOURCE,
    )  # fmt: skip
    announce("duty.opened", duty, to=unit, title=f"新事项：{task.title}", url=duty.get_absolute_url())
    with clock.set_clock(when + timedelta(hours=30)):
        if task.then == "take":
            take(duty_id=duty.pk, by=post)
        elif task.then == "pause":
            pause(subject=unit, kind=task.kind, reason="等待县级平台下发新清单", by=post)
        elif task.then == "close":
            close_duty(subject=unit, kind=task.kind, by=post)
