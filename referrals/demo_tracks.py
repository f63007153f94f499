"""The demo's other tracks: urgent aid in every state, an item that waits for its opening, and this month's lists."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import transaction

from config import clock
from deadlines.rules import start_of
from households.transitions import declare_kin
from intake import transitions as window
from intake.models import Assessment, Paper
from organization.demo import share_of
from organization.models import Post, Region

from . import monthly, transitions
from .models import MonthlyList, UrgentAid, WaitingItem

if TYPE_CHECKING:
    from .demo import Desk

HOME = "500233001"
CONFIRMED = 3  # of each list whose unit has an approver
# How many days ago, what happened, how much, and where it stands.
URGENT = (
    (0, "fire", "灶房起火，床铺和口粮被烧，一家人暂住邻居家。", 800, "proposed"),
    (1, "accident", "骑车摔伤送医，身上没有钱，家属在外地。", 600, "telephone"),
    (6, "illness", "突发脑梗送县医院，住院押金凑不齐。", 1000, "given"),
    (40, "stranded", "外地务工人员钱物被盗，滞留街道。", 300, "given"),
    (25, "fire", "租住房屋电线起火，衣物全部烧毁。", 500, "completed"),
    (3, "other", "称手头紧，想先领一笔。", 400, "declined"),
)
NAMES = ("虚阿公", "虚小满", "虚春生", "无名男", "虚立秋", "虚谷雨")
ASSESSED = {
    "difficulties": [Assessment.Difficulty.SCHOOLING], "labour": Assessment.Labour.PARTIAL, "in_difficulty": True,
    "cause": "孩子今年考上大学，学费和生活费凑不齐。", "opinion": "家庭困难，建议申请助学。", "monthly_income": Decimal(2600),
    "proposal": "申请圆梦行动；开学前联系学校资助。",
}  # fmt: skip


def load_share(share: int, desk: "Desk") -> None:
    """Safe to repeat: what stands is not made again."""
    if share_of(HOME) != share:
        return
    clerk = desk.person(desk.window(HOME), Post.Rank.HANDLER)
    if not UrgentAid.objects.exists():
        for name, plan in zip(NAMES, URGENT, strict=True):
            with transaction.atomic():
                _urgent(name, *plan, desk, clerk)
    if not WaitingItem.objects.exists() and (family := desk.family(HOME)):
        with transaction.atomic():
            _waiting(family, clerk)
    if not MonthlyList.objects.exists():
        transitions.prepare_all(by=Post.objects.the_system())
        _confirm_some(desk)


def _urgent(name: str, days_ago: int, event: str, story: str, amount: int, until: str, desk: "Desk", clerk: Post) -> None:
    """The day is the moment's: in the first minutes after midnight what was proposed a while ago was proposed yesterday."""
    morning = start_of(clock.today() - timedelta(days=days_ago)) + timedelta(hours=9)
    moment = min(morning, clock.now() - timedelta(minutes=10))
    with clock.set_clock(moment):
        place = Region.objects.villages().within(HOME).order_by("code").first() or Region.objects.get(pk=HOME)
        aid = transitions.propose_urgent(
            program_code="MZ04", person_name=name, region=place, event=event, happened_on=clock.today(), story=story,
            voucher="村（社区）主任在场", amount=Decimal(amount), by=clerk,
        )  # fmt: skip
        leader = desk.person(aid.deciding_unit, Post.Rank.APPROVER, but=frozenset({clerk.staff_id}))
        if until == "declined":
            transitions.decline_urgent(aid_id=aid.pk, reason="情况不紧急，请申请支出型临时救助。", by=leader)
        elif until == "telephone":
            transitions.note_telephone_consent(aid_id=aid.pk, leader=leader, by=clerk)
        elif until != "proposed":
            transitions.agree_urgent(aid_id=aid.pk, by=leader)
    if until == "completed":
        _paper(aid, moment + timedelta(days=6), clerk)


def _paper(aid: UrgentAid, moment: datetime, clerk: Post) -> None:
    with clock.set_clock(moment):
        day = clock.today()
        note, finding = "派出所核实，证件补办中", "起火属实，救助用于添置衣物。"
        transitions.add_papers(aid_id=aid.pk, identity_note=note, promised_on=day, authorised_on=day, finding=finding, by=clerk)


def _waiting(family: object, clerk: Post) -> None:
    """圆梦行动 asked for outside August: accepted, and waiting."""
    with clock.set_clock(clock.now() - timedelta(days=2)):
        today = clock.today()
        head = family.memberships.get(relation="02").resident  # type: ignore[attr-defined]
        pk = window.draft(household_id=family.pk, applicant_id=head.pk, by=clerk).pk  # type: ignore[attr-defined]
        window.assess(application_id=pk, fields=ASSESSED, by=clerk)
        window.add_item(application_id=pk, program_code="TX02", track_key="ordinary", resident_id=head.pk, by=clerk)
        declare_kin(household_id=family.pk, has_kin=False, declared_on=today, by=clerk)  # type: ignore[attr-defined]
        window.promise(application_id=pk, signed_on=today, by=clerk)
        for paper in list(Paper.objects.filter(application=pk, state=Paper.State.MISSING, is_required=True)):
            window.settle_paper(paper_id=paper.pk, state=Paper.State.SEEN, by=clerk)
        window.submit(application_id=pk, by=clerk)
        window.accept(application_id=pk, by=clerk)
        transitions.dispatch(application_id=pk, by=clerk)


def _confirm_some(desk: "Desk") -> None:
    """The first few of each list, by the unit's approver where the demo has one."""
    for listed in MonthlyList.objects.select_related("unit"):
        approver = next((post for post in desk.by_unit.get(listed.unit_id, []) if post.rank == Post.Rank.APPROVER), None)
        ids = list(listed.entries.proposed().values_list("pk", flat=True)[:CONFIRMED])
        if approver is not None and ids:
            monthly.confirm_each(ids, approver)
