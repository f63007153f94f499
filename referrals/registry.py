"""What stands with a household or a person before it is moved, split, merged or closed, and what will happen: read by both people."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from config import clock
from deadlines.models import Duty
from households.models import AssistanceRecord, Authorisation, Fact, Household, IdentityTag, Membership, RegistryChange, Resident
from households.showing import shown_name
from intake.models import Application
from organization.models import Post
from verification.models import Verification

from .models import Referral
from .transitions.registry import cases_of

K = RegistryChange.Kind
Term = tuple[str, str]

# The means of every family concerned are to be looked at anew (`households.family`).
AFRESH = (
    "变动以前核查的收入、支出、财产等家庭情况自确认起不再有效，已完成的核查不再互认：须按变动后的成员重新核查。"
    "在办的申请由系统另行建立核查；核查完成前，筛查显示“数据不足”。"
)
WILL = {
    K.MOVE: (
        "家庭和现有成员的居住地改为新址，户编号不变。",
        "在办的申请仍由原受理窗口办到结束（首问负责），原窗口在此期间可以查看这个家庭。",
        "已有的救助记录、身份、已知事项、核对授权随户不变。迁出的乡镇（街道）还可以查看一段时间。",
    ),
    K.SPLIT: (
        "所选成员组成新户，得到新的户编号；原户的成员记录保留离开日期和原因。",
        "在办的申请留在原户办理，申请对象是分出成员的，承办单位照常看得到本人。",
        "以原户名义享受的救助不自动变更，仍包括离开的人的，列入救助所在乡镇（街道）的待办，由其办理调整；个人的救助、身份、已知事项随人。新户的核对授权和近亲属申报要重新登记。",
        AFRESH,
    ),
    K.TRANSFER: (
        "所选成员转入另一户；原户的成员记录保留离开日期和原因。",
        "在办的申请留在原户办理，申请对象是转出成员的，承办单位照常看得到本人。",
        "以原户名义享受的救助不自动变更，仍包括离开的人的，列入救助所在乡镇（街道）的待办，由其办理调整；个人的救助、身份、已知事项随人。",
        AFRESH,
    ),
    K.MERGE: (
        "全部成员、申请、转办、核查、救助记录、身份、已知事项、核对授权转到保留的家庭。",
        "同一事项两户都有的，保留较新的一条；近亲属申报保留有申报内容的一份。",
        AFRESH,
        "被并的户编号不再使用，打开时转到保留的家庭。",
    ),
    K.VOID: ("家庭注销，现有成员转为未归户，人员档案和办理记录保留。", "户编号不再使用。"),
    K.MERGE_RESIDENTS: (
        "申请、转办、救助记录、身份、已知事项、授权、户外关系转到保留的档案。",
        "被合并的档案保留原证件号码的登记，按姓名、号码查找只找到保留的档案。",
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Side:
    """One household or person, with what stands there now."""

    label: str
    title: str
    url: str
    terms: list[Term]


def sides_of(change: RegistryChange, post: Post) -> list[Side]:
    if change.resident is not None and change.survivor is not None:
        return [side_of_person("重复的档案", change.resident, post), side_of_person("保留的档案", change.survivor, post)]
    household: Any = change.household
    sides = [side_of_household("本户", household, post)]
    if change.target is not None:
        sides.append(side_of_household("转入的家庭", change.target, post))
    return sides


def side_of_household(label: str, household: Household, post: Post) -> Side:
    """All of it for who reads more of the household than its card; to others its number and township alone."""
    sees = Household.objects.beyond_the_card(post).filter(pk=household.pk).exists()
    place = household.region.full_name
    title = f"户编号 {household.number}（{place}）"
    if not sees:
        return Side(label, title, "", [])
    members = list(household.memberships.open().select_related("resident").order_by("relation", "pk"))
    people = [row.resident_id for row in members]
    terms = [("现有成员", _members(members, post)), *_cases([household.pk], people)]
    terms += _known(household=household, people=people, post=post)
    signed = Authorisation.objects.standing().filter(household=household).count()
    terms += [("核对授权", f"{signed}人已签署" if signed else "没有")]
    return Side(label, title, household.get_absolute_url(), terms)


def side_of_person(label: str, resident: Resident, post: Post) -> Side:
    home = Membership.objects.open().filter(resident=resident).select_related("household").first()
    terms = [
        ("证件", f"{resident.get_id_type_display()} {resident.id_number}"),
        ("性别、出生日期", f"{resident.get_sex_display()} {resident.birth_on or ''}".strip()),
        ("居住地", resident.region.full_name),
        ("所在家庭", f"{home.household}，{home.get_relation_display()}" if home else "未归户"),
        *_cases([], [resident.pk]),
        *_known(household=None, people=[resident.pk], post=post),
    ]
    return Side(label, shown_name(resident.name, post), resident.get_absolute_url(), terms)


def _members(rows: Iterable[Membership], post: Post) -> str:
    return "、".join(f"{shown_name(row.resident.name, post)}（{row.get_relation_display()}）" for row in rows) or "没有"


def _cases(households: list[Any], people: list[Any]) -> list[Term]:
    """Open cases by number, without their programs: who may read those opens the case."""
    applications = list(cases_of(households, people).open().order_by("pk"))
    referrals = list(Referral.objects.filter(application__in=applications).open().order_by("pk"))
    verifications = list(Verification.objects.filter(household__in=households).unfinished())
    subjects = [
        *((Application._meta.label_lower, row.pk) for row in applications),
        *((Referral._meta.label_lower, row.pk) for row in referrals),
        *((Verification._meta.label_lower, row.pk) for row in verifications),
    ]
    duties = sum(Duty.objects.open().filter(subject_label=label, subject_id=str(pk)).count() for label, pk in subjects)
    return [
        ("在办申请", "、".join(f"{row.number}（{row.get_status_display()}）" for row in applications) or "没有"),
        ("在办转办单", f"{len(referrals)}件，{duties}项期限在计" if referrals or duties else "没有"),
        ("未完成的核查", "、".join(row.number for row in verifications) or "没有"),
    ]


def _known(*, household: Household | None, people: list[Any], post: Post) -> list[Term]:
    today = clock.today()
    mine: dict[str, Any] = {"household": household} if household else {"resident__in": people}
    records = list(AssistanceRecord.objects.filter(**mine).in_force(today).shown_to(post).select_related("program"))
    tags = list(IdentityTag.objects.filter(**mine).standing(today).shown_to(post))
    theirs = AssistanceRecord.objects.filter(resident__in=people).in_force(today).count() if household else 0
    facts = Fact.objects.filter(**mine).standing().count()
    terms = [("正在享受的救助", "、".join(str(row.program) for row in records) or "没有")]
    if household:
        terms.append(("成员个人的救助", f"{theirs}项" if theirs else "没有"))
    return [*terms, ("身份", "、".join(str(tag) for tag in tags) or "没有"), ("已知事项", f"{facts}条" if facts else "没有")]
