"""Has this been asked for already, or is it being given? (TZ-02 重复救助; issue: the same program for the same beneficiary)"""

from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Q

from config import clock
from config.dates import add_months
from config.protection.masks import mask_name
from households.models import AssistanceRecord, Coverage, Household, IdentityTag, Membership, Resident
from households.rules import TAG_OF_PROGRAM
from organization.figures import figure_at
from organization.models import Region
from programs.models import Program

from . import choice
from .beneficiaries import members
from .models import Application, ApplicationItem
from .rules import waits

NAMED = 5  # people that one sentence names


def refusal(
    *, program: Program, household: Household | None, resident: Resident | None, on: date, besides: Application | None = None
) -> str:
    """Why the program is not asked for again for this beneficiary; "" when it may be. Names the window and the day, people masked."""
    same = _same(program, household, resident)
    told = _running(program, same, besides) or _in_force(program, same, on, is_for_all=household is not None)
    return told or _covered(program, household, resident, on, besides)


def _same(program: Program, household: Household | None, resident: Resident | None) -> Q:
    """Rows for the same beneficiary. Aid for a household and the same aid for one of its people alone (XX-12) would help somebody twice."""
    if program.beneficiary != Program.Beneficiary.HOUSEHOLD:
        return Q(household=household, resident=resident)
    if household is not None:
        return Q(household=household) | Q(resident__in=members(household).values("pk"))
    home = Membership.objects.open().filter(resident=resident).values("household")
    return Q(resident=resident) | Q(household__in=home)


def _running(program: Program, same: Q, besides: Application | None) -> str:
    rows = ApplicationItem.objects.filter(same, program=program).under_way().select_related("application__unit")
    other = rows.exclude(application=besides).order_by("application__submitted_at").first() if besides else rows.first()
    if other is None:
        return ""
    application = other.application
    since = f"{clock.local(application.submitted_at):%Y-%m-%d}" if application.submitted_at else ""
    return f"“{program}”已于{since}在{application.unit.name}申请（申请编号{application.number}），正在办理，不能重复申请。"


def _in_force(program: Program, same: Q, on: date, *, is_for_all: bool) -> str:
    """A regular record that has not ended, or an identity that stands; one that begins next month counts as given."""
    going_on = Q(until=None) | Q(until__gte=on)
    given = AssistanceRecord.objects.regular().filter(going_on, same, program=program).order_by("since").first()
    if given is None and program.pk in TAG_OF_PROGRAM:
        given = IdentityTag.objects.filter(going_on, same, kind=TAG_OF_PROGRAM[program.pk]).order_by("since").first()
    if given is None:
        return ""
    if is_for_all and given.household_id is None:
        return f"这个家庭有成员自{given.since:%Y-%m-%d}起按单人户享受“{program}”。改为全家申请的，请先由经办单位停止单人户救助。"
    return f"“{program}”自{given.since:%Y-%m-%d}起已在享受，不必再次申请。需要调整的，由经办单位办理变更。"


def _covered(program: Program, household: Household | None, resident: Resident | None, on: date, besides: Application | None) -> str:
    """Somebody it would reach is still reached by this aid of a household that they have left: a split changes no aid (ADR 0020), and the
    approval would be refused. What ends with the month is over before the other begins.

    The other household is named by its number where it lies in the township that reads this, elsewhere by its township alone.
    """
    people = [resident.pk] if resident else _counted(household)
    rows = Coverage.objects.regular_from(add_months(on.replace(day=1), 1)).filter(resident__in=people, record__program=program)
    rows = rows.filter(record__household__isnull=False).exclude(record__household=household)
    reached = list(rows.select_related("resident", "record__household__region").order_by("since", "pk")[:NAMED])
    if not reached:
        return ""
    home: Any = reached[0].record.household
    place = Region.objects.get(pk=home.township_code).name
    is_near = besides is not None and besides.township_code == home.township_code
    names = "、".join(dict.fromkeys(mask_name(row.resident.name) for row in reached))
    where = f"{place}的另一户（户编号{home.number}）" if is_near else f"{place}的另一户"
    told = f"{names}自{reached[0].since:%Y-%m-%d}起仍随{where}享受“{program}”，不能重复救助。"
    return f"{told}请先由{place}窗口对那一户的这项救助办理调整（不再包括已离开的人）或停止，再申请。"


def _counted(household: Household | None) -> Any:
    """Whom aid for the household would reach (`beneficiaries.covered_residents`)."""
    rows = Membership.objects.open().filter(household=household, is_counted=True, resident__died_on=None)
    return rows.order_by().values("resident")


def warnings_of(item: ApplicationItem) -> list[str]:
    """What the clerk should look at before going on. Nothing here blocks (C-38, correction 2)."""
    on = clock.today()
    return [text for text in (_same_cause(item, on), *_amounts(item), _waits(item, on)) if text]


def _waits(item: ApplicationItem, on: date) -> str:
    """Outside the open months the item waits, unless it was accepted within them (待开放)."""
    accepted_at = item.application.accepted_at
    return waits(choice.opens_on(item.version, clock.local(accepted_at).date() if accepted_at else on))


def _same_cause(item: ApplicationItem, on: date) -> str:
    """One-off aid that was given not long ago: for the same cause it is not given again without good reason (C-38)."""
    months = _figure(f"same_cause_repeat_{item.program_id.lower()}", item)
    if months is None:
        return ""
    rows = AssistanceRecord.objects.filter(
        _same_family(item), program_id=item.program_id, cadence=AssistanceRecord.Cadence.ONCE, since__gt=add_months(on, -int(months))
    )
    last = rows.order_by("-since").first()
    if last is None:
        return ""
    whose = "" if (last.household_id, last.resident_id) == (item.household_id, item.resident_id) else "申请家庭或其成员"
    told = f"{months}个月内（{last.since:%Y-%m-%d}）{whose}已得到过“{item.program}”。"
    return f"{told}同一事由无正当理由的不再救助，请核对申请事由；这里只作提示。"


def _same_family(item: ApplicationItem) -> Q:
    """Rows for the same beneficiary; of what is a household's, for its people too: 先行救助 is given to one person on the spot, 临时救助 is
    asked for by all. Whoever has died since counts, who had left before the aid was given does not."""
    same = _same(item.program, item.household, item.resident)
    if item.program.beneficiary != Program.Beneficiary.HOUSEHOLD:
        return same
    home = item.application.household_id
    people = Membership.objects.filter(resident=OuterRef("resident"), household=home)
    return same | Q(household=home) | Q(Exists(people.filter(Q(until=None) | Q(until__gt=OuterRef("since")))))


def _amounts(item: ApplicationItem) -> list[str]:
    """Above the township's ceiling the county decides; above the cap the approver gives a reason (correction 2). Neither is an error."""
    if item.amount_asked is None:
        return []
    cap, ceiling = _figure(item.track.cap_parameter, item), _figure(item.track.ceiling_parameter, item)
    texts = []
    if ceiling is not None and item.amount_asked > ceiling:
        texts.append(f"金额超过乡镇（街道）审批限额{ceiling}元，将转县级审批。")
    if cap is not None and item.amount_asked > cap:
        texts.append(f"金额超过封顶线{cap}元，须经个案会商，审批时写明理由。")
    return texts


def _figure(key: str, item: ApplicationItem) -> Any:
    return figure_at(key, region_code=item.application.township_code, department_id=item.program.department_id)
