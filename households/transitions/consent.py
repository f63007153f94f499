"""What a household agrees to and declares: authorisations (TZ-19, 57号第9条), close relatives among staff (XX-16, K-10)."""

from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.urls import reverse
from django.views.decorators.debug import sensitive_variables

from audit.transitions import record
from config import clock
from config.protection.identity import guess_id_type
from config.protection.masks import mask_name
from config.protection.names import tidy_name
from config.protection.sealing import seal
from config.verbs import AlreadyHandled, TransitionError, lock, recheck, save
from deadlines.transitions import announce
from documents.models import Attachment, FormVersion
from organization.models import Post, Unit

from ..models import Authorisation, Household, KinDeclaration, Resident, StaffKin
from ..permissions import can_authorise, can_declare_own_kin, can_file_kin
from .residents import well_formed
from .standing import refuse_gone


def form_in_force(key: str) -> FormVersion:
    """The text that is signed today.

    Raises:
        TransitionError: none is in force: the platform has to publish it.
    """
    form = FormVersion.objects.in_force(key, clock.today())
    if form is None:
        raise TransitionError(f"“{FormVersion.Key(key).label}”还没有启用的版本，请联系县级平台发布。")
    return form


def _household(household_id: Any, by: Post) -> Household:
    """Gate, lock, gate and permission again: of every verb here that a page calls. Not for who was let in to visit, or for one fact."""
    household: Household = lock(Household.objects.beyond_the_card(by).get_or_404(household_id))
    recheck(household, can_authorise, by)
    refuse_gone(household)
    return household


@transaction.atomic
def authorise(
    *, household_id: Any, resident_id: Any, signed_on: date, signer_note: str = "", document: Attachment | None = None, by: Post
) -> Authorisation:
    """Somebody of the household has signed that the means may be checked; on which day, on which version of the form.

    Raises:
        AlreadyHandled: signed and registered before.
        TransitionError: not a member, or dead.
        ValidationError: a day to come.
    """
    household = _household(household_id, by)
    resident = Resident.objects.filter(pk=resident_id, memberships__household=household, memberships__until=None).first()
    if resident is None:
        raise TransitionError("授权人应是本户现有成员。请改选，或先在家庭档案中添加成员。")
    if resident.is_dead:
        raise TransitionError(f"{resident.name}已登记死亡，不需要授权。")
    _refuse_future(signed_on, "signed_on", "签署日期不能晚于今天。")
    standing = household.authorisations.standing().filter(resident=resident).select_related("registered_by__unit").first()
    if standing:
        raise AlreadyHandled(f"{resident.name}的授权已由{standing.registered_by.label}登记，签署日期{standing.signed_on}。")
    row = Authorisation(
        household=household, resident=resident, form=form_in_force("authorisation"), signed_on=signed_on, signer_note=signer_note.strip(),
        document=document, registered_at=clock.now(), registered_by=by,
    )  # fmt: skip
    save(row)
    _record(
        "authorisation.registered", row, household, by, subject_text=mask_name(resident.name), new=signed_on.isoformat(), note=str(row.form)
    )
    return row


@transaction.atomic
def revoke_authorisation(*, authorisation_id: int, by: Post) -> Authorisation:
    """The person takes the consent back (个人信息保护法第15条): what was checked stays, nothing more is checked.

    Raises:
        AlreadyHandled: taken back before.
    """
    fetched: Authorisation = Authorisation.objects.visible_to(by).get_or_404(authorisation_id)
    household = _household(fetched.household_id, by)
    row = lock(fetched)
    if row.revoked_at is not None:
        raise AlreadyHandled(f"{row.revoked_by}已于{clock.local(row.revoked_at):%Y-%m-%d %H:%M}登记撤回这份授权。")
    row.revoked_at, row.revoked_by = clock.now(), by
    row.save(update_fields=["revoked_at", "revoked_by"])
    _record("authorisation.revoked", row, household, by, subject_text=mask_name(row.resident.name))
    return row


@transaction.atomic
def declare_kin(
    *,
    household_id: Any,
    has_kin: bool,
    staff_name: str = "",
    staff_unit: str = "",
    relation: str = "",
    resident_id: Any = None,
    declared_on: date,
    by: Post,
) -> KinDeclaration:
    """Ask once per household whether anybody is a close relative of staff or village cadres; a later answer replaces the earlier.

    A yes goes to the platform, which files it before 低保 is decided.
    """
    household = _household(household_id, by)
    _refuse_future(declared_on, "declared_on", "申报日期不能晚于今天。")
    resident = None
    if has_kin and resident_id:
        resident = Resident.objects.filter(pk=resident_id, memberships__household=household, memberships__until=None).first()
        if resident is None:
            raise TransitionError("申报涉及的应是本户现有成员。请改选，或先在家庭档案中添加成员。")
    now = clock.now()
    for former in household.kin_declarations.standing().select_for_update(of=("self",), no_key=True):
        former.replaced_at, former.replaced_by = now, by
        former.save(update_fields=["replaced_at", "replaced_by"])
    row = KinDeclaration(
        household=household, has_kin=has_kin, resident=resident, staff_name=tidy_name(staff_name) if has_kin else "",
        staff_unit=staff_unit.strip() if has_kin else "", relation=relation if has_kin else "", form=form_in_force("kin_declaration"),
        declared_on=declared_on, declared_at=now, declared_by=by,
    )  # fmt: skip
    save(row)
    _record("kin.declared", row, household, by, subject_text=str(household), new=str(row), note=str(row.form))
    if has_kin:
        _tell_platform(row, household)
    return row


def _tell_platform(row: KinDeclaration, household: Household) -> None:
    platform = Unit.objects.filter(kind=Unit.Kind.PLATFORM, valid_until=None)
    title, url = f"近亲属申报待备案：{household}", reverse("households:kin_filing_list")
    announce("kin.declared", row, to=platform, title=title, body="低保作出决定前须备案。", url=url)


@transaction.atomic
def file_kin(*, declaration_id: int, note: str, by: Post) -> KinDeclaration:
    """备案: the platform has taken note of a close relative, with what follows from it.

    Raises:
        AlreadyHandled: filed before, or replaced by a later declaration.
        ValidationError: without a note.
    """
    fetched: KinDeclaration = KinDeclaration.objects.visible_to(by).get_or_404(declaration_id)
    household = lock(fetched.household)
    row = lock(fetched)
    if row.filed_at is not None:
        raise AlreadyHandled(f"{row.filed_by}已于{clock.local(row.filed_at):%Y-%m-%d %H:%M}备案。")
    if row.replaced_at is not None or not row.has_kin:
        raise AlreadyHandled("该户已重新申报，这份申报不用备案。")
    recheck(row, can_file_kin, by)
    if not note.strip():
        raise ValidationError({"note": "请填写备案意见。"})
    row.filed_at, row.filed_by, row.filing_note = clock.now(), by, note.strip()
    save(row, "filed_at", "filed_by", "filing_note")
    _record("kin.filed", row, household, by, subject_text=str(household), note=row.filing_note)
    announce("kin.filed", row, to=row.declared_by.unit, title=f"近亲属申报已备案：{household}", url=household.get_absolute_url())
    return row


@sensitive_variables()
@transaction.atomic
def declare_own_kin(*, name: str, relation: str, number: str, by: Post) -> StaffKin:
    """A member of staff names a close relative, by number: matched against households by digest, never by surname (SECURITY, Kin).

    Raises:
        ValidationError: a number that is wrong, or declared before.
    """
    if not can_declare_own_kin(by):
        raise PermissionDenied("您的岗位不经办救助，不用申报近亲属。")
    if not number.strip():
        raise ValidationError({"number": "请填写亲属的证件号码。"})
    row = StaffKin(staff_id=by.staff_id, name=name.strip(), relation=relation, declared_at=clock.now(), declared_by=by)
    seal(row, id_number=well_formed(number, guess_id_type(number)).normalised)
    save(row)
    record("own_kin.declared", row, by=by, new=row.get_relation_display(), subject_text=mask_name(row.name))
    return row


@transaction.atomic
def withdraw_own_kin(*, kin_id: Any, by: Post) -> StaffKin:
    """A declaration made in error, or a relation that has ended.

    Raises:
        AlreadyHandled: withdrawn before.
    """
    row = lock(StaffKin.objects.visible_to(by).get_or_404(kin_id))
    if row.withdrawn_at is not None:
        raise AlreadyHandled(f"这条申报已于{clock.local(row.withdrawn_at):%Y-%m-%d %H:%M}撤销。")
    row.withdrawn_at, row.withdrawn_by = clock.now(), by
    row.save(update_fields=["withdrawn_at", "withdrawn_by"])
    record("own_kin.withdrawn", row, by=by, subject_text=mask_name(row.name))
    return row


def _refuse_future(day: date, field: str, sentence: str) -> None:
    if day > clock.today():
        raise ValidationError({field: sentence})


def _record(verb: str, row: Any, household: Household, by: Post, **said: Any) -> None:
    record(verb, row, by=by, household_id=household.pk, **said)
