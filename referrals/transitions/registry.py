"""家庭变动 with the cases in view: proposed by one, confirmed by another (DESIGN 3; docs/adr/0020).

A case that runs stays with the window that accepted it (首问负责, TZ-14): the household moves or is split, the case does not.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import models, transaction
from django.db.models import Q

from audit.transitions import record
from config.verbs import TransitionError
from households.models import Access, Household, RegistryChange, Resident
from households.transitions import Wish, begin_confirm, let_in, propose_change, registry
from households.transitions.carrying import carry
from households.transitions.joining import merge_residents
from households.transitions.lookup import household_of
from households.transitions.moving import merge, move, split, transfer, void
from intake.models import Application, ApplicationItem, Request
from organization.models import Post, Region
from verification.models import Verification
from verification.transitions import follow_family

from ..models import ChangeReport, Referral, UrgentAid
from .relocating import follow_families
from .reporting import report_leavers

K = RegistryChange.Kind
ROOMS = ("verification", "intake", "referrals")


@transaction.atomic
def propose_registry(
    *,
    kind: str,
    reason: str,
    household_id: Any = None,
    target_number: str = "",
    resident_id: Any = None,
    survivor_id: Any = None,
    region: Region | None = None,
    setting: str = "",
    address: str = "",
    members: Mapping[UUID, str] | None = None,
    by: Post,
) -> RegistryChange:
    """What shall be done to a household or to two rows of one person; a second person confirms it.

    The household that stays is named by its whole number and may lie beyond the gate: the other township, which sees it, confirms.

    Raises:
        TransitionError: what stands in the way, and what to do first.
        AlreadyHandled: a proposal waits already.
    """
    household = Household.objects.beyond_the_card(by).get_or_404(household_id) if household_id else None
    target = _target(target_number) if target_number else None
    resident = Resident.objects.beyond_the_card(by).get_or_404(resident_id) if resident_id else None
    survivor = Resident.objects.beyond_the_card(by).get_or_404(survivor_id) if survivor_id else None
    wish = Wish(kind, reason, household, target, resident, survivor, region, setting, address, members or {})
    _lock_cases(wish)
    registry.lock_rows([row for row in (household, target) if row], [row for row in (resident, survivor) if row])
    refuse_cases(wish)
    return propose_change(wish=wish, by=by)


def _target(number: str) -> Household:
    row: Household | None = Household.objects.of_number(number.strip().upper()).select_related("successor").first()
    if row is None:
        raise TransitionError("没有这个户编号的家庭，请核对后填写（以 ZH 开头）。")
    return row


@transaction.atomic
def confirm_registry(*, change_id: Any, seen_at: datetime | None, by: Post) -> RegistryChange:
    """The second person agrees, and it is done: one transaction, an event for each row that it touches.

    Raises:
        AlreadyHandled: answered by somebody, or the household was changed since the page was opened.
        TransitionError: one's own proposal; or something stands in the way by now, and what to do first.
    """
    fetched = RegistryChange.objects.visible_to(by).with_page_data().get_or_404(change_id)
    _lock_cases(registry.wish_of(fetched))
    change = begin_confirm(fetched, seen_at, by)
    refuse_cases(registry.wish_of(change))
    _DO[K(change.kind)](change, by)
    homes, people = (change.household, change.target), [change.survivor] if change.survivor else []  # a survivor may have no home
    follow_families([home for home in homes if home is not None], by, people=people)
    registry.finish(change, RegistryChange.Status.CONFIRMED, by)
    if change.remakes_families:
        for home in homes:
            if home is not None and not home.is_closed:
                follow_family(home, by)
    return change


def cases_of(households: list[Any], residents: list[Any]) -> Any:
    """Applications that touch these households or people."""
    items = ApplicationItem.objects.filter(resident__in=residents).order_by().values("application_id")
    return Application.objects.filter(Q(household__in=households) | Q(applicant__in=residents) | Q(pk__in=items))


def _touched(wish: Wish) -> tuple[list[Any], list[Any]]:
    households = [row.pk for row in (wish.household, wish.target) if row is not None]
    residents = [row.pk for row in (wish.resident, wish.survivor) if row is not None]
    return households, residents


def _lock_cases(wish: Wish) -> None:
    """Parents first: applications, referrals, verifications; households and people follow."""
    households, residents = _touched(wish)
    for rows in (
        cases_of(households, residents).open(),
        Referral.objects.filter(Q(case_household__in=households) | Q(resident__in=residents)).open(),
        Verification.objects.filter(household__in=households).unfinished(),
    ):
        list(rows.order_by("pk").select_for_update(of=("self",), no_key=True).values_list("pk", flat=True))


# ── what stands in the way ──────────────────────────────────────────────────────────────────────────────────────────


def refuse_cases(wish: Wish) -> None:
    """Raises TransitionError: open cases that would meet, with what to do first."""
    if wish.kind == K.MERGE and wish.household is not None and wish.target is not None:
        _refuse_both([wish.household], [wish.target])
        _refuse_double_report("household", wish.household, wish.target)
    elif wish.kind == K.VOID and wish.household is not None:
        _refuse_cases_of_void(wish.household)
    elif wish.kind == K.MERGE_RESIDENTS and wish.resident is not None and wish.survivor is not None:
        _refuse_people(wish.resident, wish.survivor)
        _refuse_double_report("resident", wish.resident, wish.survivor)


def _refuse_both(gone: list[Any], stays: list[Any]) -> None:
    mine, theirs = (cases_of([row.pk for row in rows], []).open().order_by("pk").first() for rows in (gone, stays))
    if mine is not None and theirs is not None:
        raise TransitionError(f"两户都有在办的申请（{mine.number}、{theirs.number}），不能并户。请先办结或撤回其中一户的申请。")
    if all(Verification.objects.filter(household=rows[0]).unfinished().exists() for rows in (gone, stays)):
        raise TransitionError("两户都有没完成的核查，不能并户。请先完成其中一项核查。")


def _refuse_cases_of_void(household: Household) -> None:
    row = household.applications.order_by("-drafted_at").filter(Q(accepted_at__isnull=False) | Q(status__in=Application.OPEN)).first()
    if row is not None:
        advice = "请先撤回这件申请" if row.accepted_at is None else "与另一户重复的，请办理并户"
        raise TransitionError(f"该户有申请{row.number}，不能注销。{advice}。")

    if ChangeReport.objects.filter(household=household).open().exists():
        raise TransitionError("该户有待核实的变化报告，不能注销。请先核实这份报告。")
    if UrgentAid.objects.filter(household=household, status__in=UrgentAid.OPEN).exists():
        raise TransitionError("该户有正在办理的先行救助，不能注销。请先办结，或办理并户。")
    if Request.objects.filter(household=household).open().exists():
        raise TransitionError("该户有待处理的求助，不能注销。请先处理这件求助。")


def _refuse_double_report(column: str, gone: Any, stays: Any) -> None:
    """Two reports of the same change, which after the joining would be of one household or person: one of them is answered first."""
    other = "resident_id" if column == "household" else "household_id"
    mine, theirs = (set(ChangeReport.objects.filter(**{column: row}).open().values_list(other, "kind")) for row in (gone, stays))
    if mine & theirs:
        raise TransitionError("两份档案都有同一变化的待核实报告，不能合并。请先核实其中一份。")


def _refuse_people(gone: Resident, stays: Resident) -> None:
    mine, theirs = _open_case_of(gone), _open_case_of(stays)
    if mine and theirs:
        raise TransitionError(f"两份档案都有在办的申请（{mine}、{theirs}），不能合并。请先办结或撤回其中一件。")
    home, other = household_of(gone), household_of(stays)
    if mine and home is not None and other is not None and home.pk != other.pk:
        raise TransitionError(f"要合并的档案有在办的申请（{mine}），而且两份档案分属两户。请先办结这件申请，或先把两户并户。")


def _open_case_of(resident: Resident) -> str:
    """The number of a case in which the person applies or is to be helped."""
    row = cases_of([], [resident.pk]).open().order_by("pk").first()
    if row is not None:
        return str(row.number)
    referral = Referral.objects.filter(resident=resident).open().order_by("pk").first()
    return str(referral.number) if referral else ""


# ── what is done ────────────────────────────────────────────────────────────────────────────────────────────────────


def _move(change: RegistryChange, by: Post) -> None:
    household = move(change, by)
    for application in household.applications.open().select_related("unit").order_by("pk"):
        _keep(application, household, f"家庭迁至{household.region.full_name}，本申请由原受理窗口继续办理", by)
    _keep_changes(household, by)


def _split(change: RegistryChange, by: Post) -> None:
    split(change, by)
    _follow(change, by)


def _transfer(change: RegistryChange, by: Post) -> None:
    transfer(change, by)
    _follow(change, by)


def _follow(change: RegistryChange, by: Post) -> None:
    """Whoever left is still reached: the units at work on the person's referral see the new household, and so does the window. What aid
    of the former household still reaches them is somebody's duty."""
    people = [line.resident_id for line in change.members.all()]
    target: Any = change.target
    for referral in Referral.objects.filter(resident__in=people).open().order_by("pk"):
        for access in Access.objects.about(referral).standing().exclude(household=target).select_related("unit", "program"):
            let_in(household=target, unit=access.unit, reason=access.reason, subject=referral, program=access.program, by=by)
    home: Any = change.household
    said = f"{change.get_kind_display()}：{len(people)}人转入{target}，本申请仍由原户办理"
    about = Application.objects.filter(pk__in=cases_of([home.pk], people).order_by().values("pk")).open()
    for application in about.select_related("unit").order_by("pk"):
        reaches = application.applicant_id in people or application.items.filter(resident__in=people).exists()
        _keep(application, target if reaches else home, said, by)
    report_leavers(change, by)


def _keep(application: Application, household: Household, said: str, by: Post) -> None:
    """The window that accepted goes on with the case and sees the household for it; the line stands in the case."""
    if household.township_code != application.township_code:
        let_in(household=household, unit=application.unit, reason=Access.Reason.ACCEPTED, subject=application, by=by)
    record("application.kept", application, by=by, note=said, household_id=household.pk, application_id=application.pk)


def _keep_changes(household: Household, by: Post) -> None:
    """A change or stop has no application: the window that opened it sees the household until it is told."""
    for referral in Referral.objects.filter(case_household=household, application=None).open().select_related("window", "program"):
        if household.township_code != referral.township_code:
            let_in(
                household=household, unit=referral.window, reason=Access.Reason.REFERRAL, subject=referral, program=referral.program, by=by
            )


def _merge(change: RegistryChange, by: Post) -> None:
    gone: Any = change.household
    running = list(gone.applications.open().order_by("pk").values_list("pk", flat=True))
    target = merge(change, by)
    _carry(gone, target, by, household_id=target.pk)
    for application in Application.objects.filter(pk__in=running).select_related("unit").order_by("pk"):
        _keep(application, target, f"家庭并入{target}，本申请由原受理窗口继续办理", by)
    _keep_changes(target, by)


def _void(change: RegistryChange, by: Post) -> None:
    void(change, by)


def _merge_residents(change: RegistryChange, by: Post) -> None:
    gone: Any = change.resident
    stays = merge_residents(change, by)
    _carry(gone, stays, by)


def keys_to(model: type[models.Model]) -> Iterator[tuple[type[models.Model], str]]:
    """Every table of the rooms above the register that points at a household or a person, with its column: none can be forgotten."""
    for room in ROOMS:
        for holder in apps.get_app_config(room).get_models():
            for field in holder._meta.concrete_fields:
                if field.is_relation and field.related_model is model:
                    yield holder, field.name


def _carry(gone: models.Model, stays: models.Model, by: Post, *, household_id: Any = None) -> None:
    for holder, column in keys_to(type(gone)):
        rows = holder._base_manager.filter(**{column: gone}).order_by("pk")
        carry(rows, column, stays, f"{holder._meta.model_name}.carried", by, household_id=household_id)


_DO = {
    K.MOVE: _move, K.SPLIT: _split, K.TRANSFER: _transfer, K.MERGE: _merge, K.VOID: _void, K.MERGE_RESIDENTS: _merge_residents,
}  # fmt: skip
