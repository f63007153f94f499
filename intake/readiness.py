"""What an application still lacks, in sentences: the page shows them as a list, the verbs refuse with all of them at once.

Read without a lock for the page; the verbs read again under the locks of the application and of the households it is for.
"""

from datetime import date
from typing import Any

from config.protection.names import tidy_name
from households.knowledge import kin_matches, missing_authorisations
from households.models import Household, KinDeclaration, Resident
from organization.models import Post, Region
from programs.models import Track

from . import choice, duplicates
from .beneficiaries import applies_here, possible_beneficiaries
from .models import Application, ApplicationItem, Assessment, Paper


def lacks_for_submission(application: Application, on: date, by: Post) -> list[str]:
    """Why it cannot be submitted yet (RULES B2, TZ-13, TZ-19, XX-16); nothing when it can."""
    items = list(application.items.with_program())
    return [
        *_persons(application, items, on, by),
        *_forms(application, items, on),
        *[text for item in items if (text := _outdated(item, on))],
        *_duplicates(application, items, on),
    ]


def lacks_for_acceptance(application: Application, on: date, by: Post) -> list[str]:
    """Why it cannot be accepted yet: all that held for submission holds still, and every paper that is required is settled.

    The version of an item stays the one in force when it was asked for; a program that was paused since is not accepted.
    """
    items = list(application.items.with_program())
    return [
        *_persons(application, items, on, by),
        *_forms(application, items, on),
        *[text for item in items if item.program.is_paused and (text := choice.why_not(item.program, item.version))],
        *_duplicates(application, items, on),
        *_papers(application),
    ]


def refuse_kin(household: Household, helper_name: str, by: Post, *, applicant_id: Any, application: Application | None = None) -> str:
    """Nobody takes in or helps with the application of his own kin (SECURITY, Kin): of the household, of a guardian who applies from
    elsewhere, of a ward who is helped elsewhere. Matched by declared numbers, never by surname.

    A space or a full-width letter in the helper's name makes nobody somebody else.
    """
    items = ApplicationItem.objects.filter(application=application).exclude(resident=None)
    people = Resident.objects.filter(pk=applicant_id), Resident.objects.filter(pk__in=items.values("resident_id"))
    for kin in kin_matches(household, *people):
        if kin.staff_id == by.staff_id:
            return "您申报过与这个家庭的成员、申请人或救助对象有近亲属关系，请由同事办理。"
        if helper_name and tidy_name(kin.staff.name) == tidy_name(helper_name):
            return f"{helper_name}申报过与这个家庭的成员、申请人或救助对象有近亲属关系，不能代办，请换人代办。"
    return ""


def _persons(application: Application, items: list[ApplicationItem], on: date, by: Post) -> list[str]:
    """Everybody is alive and still belongs there; the household is still within the window's reach."""
    if not Household.objects.beyond_the_card(by).filter(pk=application.household_id).exists():
        place = Region.objects.get(pk=application.household.township_code)
        return [f"这个家庭已迁到{place}，不在您的辖区。请按证件号码查找后登记异地受理，再继续办理。"]
    applicant = application.applicant
    texts = []
    if applicant.is_dead:
        texts.append(f"申请人{applicant.name}已登记死亡，请更换申请人。")
    elif not applies_here(application, on):
        texts.append(f"{applicant.name}已不是这个家庭的成员，请更换申请人。")
    present = set(possible_beneficiaries(application.household, on).values_list("pk", flat=True))
    for item in items:
        if item.resident is not None and item.resident_id not in present:
            why = "已登记死亡" if item.resident.is_dead else "已不是这个家庭的成员，也没有监护关系"
            texts.append(f"“{item.program}”的救助对象{item.resident.name}{why}，请删除该事项。")
    return texts


def _forms(application: Application, items: list[ApplicationItem], on: date) -> list[str]:
    """Programs picked, assessment and 初审, promise, authorisations, kin question."""
    texts = []
    if not items:
        texts.append("还没有选择救助项目。")
    if not Assessment.objects.whole().filter(application=application).exists():
        texts.append("还没有填完需求评估和初审意见。")
    if application.promised_on is None:
        texts.append("还没有登记诚信承诺书。")
    if any(item.track.verification == Track.Verification.BEFORE for item in items):
        unsigned = missing_authorisations(application.household, on)
        if unsigned:
            texts.append(f"需要核查的项目，成年家庭成员都要签核对授权书，还没有登记：{'、'.join(person.name for person in unsigned)}。")
    asking = [item.program.seed_name for item in items if item.version.asks_about_kin]
    if asking and not KinDeclaration.objects.standing().filter(household=application.household_id).exists():
        texts.append(f"“{asking[0]}”须申报与经办人员、村（社区）干部有无近亲属关系，还没有登记。")
    return texts


def _outdated(item: ApplicationItem, on: date) -> str:
    """A draft is submitted by the rules of the day: what changed since the item was added is chosen anew."""
    version = choice.version_in_force(item.program, on)
    if refusal := choice.why_not(item.program, version):
        return refusal
    if version is not None and version.pk != item.version_id:
        return f"“{item.program}”自{version.valid_from:%Y-%m-%d}起启用了新的规则，请删除该事项后重新添加。"
    return choice.why_not_by(item.track)


def _duplicates(application: Application, items: list[ApplicationItem], on: date) -> list[str]:
    refusals = (
        duplicates.refusal(program=item.program, household=item.household, resident=item.resident, on=on, besides=application)
        for item in items
    )
    return [text for text in refusals if text]


def _papers(application: Application) -> list[str]:
    missing = [paper.name for paper in application.papers.filter(is_required=True, state=Paper.State.MISSING)]
    if not missing:
        return []
    return [f"以下材料还没有登记：{'、'.join(missing)}。已看原件、已上传、免提交或后补的，请先登记；缺少的，出具一次性告知书。"]
