"""Before a unit is ended: how much lies open there, in numbers alone. The system administrator who ends it sees no person and no case."""

from datetime import date

from deadlines.models import Duty
from households.models import Access, AssistanceRecord, Household, IdentityTag
from intake.models import Request
from organization.models import Parameter, Post, ReviewOffice, Unit
from programs.models import FactKind, Program

from .models import Dispute, Referral
from .transitions.succession import lists_of, urgent_of

Count = tuple[str, int]


def moving(unit: Unit, on: date) -> list[Count]:
    """What its successor takes over, the day after its last; what is none is left out."""
    counts = [
        ("在办转办单", Referral.objects.open().filter(unit=unit).count()),
        ("未办事项期限", Duty.objects.open().filter(unit=unit).count()),
        ("未办结的先行救助", urgent_of(unit).count()),
        ("免申请名单", lists_of(unit, on).count()),
        ("登记后还没有结果的求助", Request.objects.open().filter(registered_unit=unit).count()),
        ("建议由它承办的争议", Dispute.objects.open().filter(proposed_unit=unit).count()),
        ("可以查看的家庭", Access.objects.filter(unit=unit).open(on).count()),
        ("正在给予的救助", AssistanceRecord.objects.in_force(on).filter(unit=unit).count()),
        ("认定的身份", IdentityTag.objects.standing(on).filter(unit=unit).count()),
        *_of_kind(unit),
    ]
    return [count for count in counts if count[1]]


def _of_kind(unit: Unit) -> list[Count]:
    match unit.kind:
        case Unit.Kind.DEPARTMENT:
            led = Program.objects.filter(department=unit.department_id).count()
            return [("牵头的救助项目", led), ("掌握的事项种类", FactKind.objects.filter(holder=unit.department_id).count())]
        case Unit.Kind.VILLAGE_WINDOW:
            return [("本村（社区）家庭（承接单位是另一个村时改属该村）", Household.objects.filter(region=unit.region_id).count())]
    return [("由它审核的部门", ReviewOffice.objects.filter(office=unit, valid_until=None).count())]


def ending(unit: Unit, on: date) -> list[Count]:
    """What ends with it and somebody must see to: its people's posts, and figures set for this department alone."""
    counts = [("在岗岗位", Post.objects.effective(on).filter(unit=unit).count())]
    if unit.kind == Unit.Kind.DEPARTMENT:
        counts.append(("只对本部门设定的参数", Parameter.objects.filter(department=unit.department_id).count()))
    return [count for count in counts if count[1]]
