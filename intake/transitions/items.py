"""What an application asks for, picked by the clerk: program, track, beneficiary (DESIGN 5, TZ-15)."""

from decimal import Decimal
from typing import Any

from django.db import transaction

from audit.transitions import record
from config import clock
from config.verbs import TransitionError, save
from organization.models import Post
from programs.models import Program

from .. import choice, duplicates
from ..beneficiaries import name_beneficiary_of_household_aid, possible_beneficiaries
from ..models import Application, ApplicationItem
from .edges import S, take_up
from .papers import list_papers


@transaction.atomic
def add_item(
    *,
    application_id: Any,
    program_code: str,
    track_key: str,
    household_id: Any = None,
    resident_id: Any = None,
    amount_asked: Decimal | None = None,
    cause: str = "",
    by: Post,
) -> ApplicationItem:
    """Ask for a program for the household or for one of its people, by the version and track in force today. Its papers join the list.

    An amount above the township's ceiling or the cap is no error: it leads elsewhere (correction 2), and `warnings_of` says so.

    Raises:
        TransitionError: not applied for here or now, the wrong kind of beneficiary, asked for already, or being given.
    """
    program: Program = Program.objects.visible_to(by).get_or_404(program_code)
    application = take_up(application_id, "add_item", by)
    track = choice.pick(program, track_key, clock.today())
    item = ApplicationItem(
        application=application, program=program, version=track.version, track=track, amount_asked=amount_asked, cause=cause.strip(),
        added_at=clock.now(), added_by=by,
    )  # fmt: skip
    _name_beneficiary(item, household_id, resident_id)
    if refusal := duplicates.refusal(
        program=program, household=item.household, resident=item.resident, on=clock.today(), besides=application
    ):
        raise TransitionError(refusal)
    save(item)
    list_papers(application, by)
    _record("item.added", item, by)
    return item


def _name_beneficiary(item: ApplicationItem, household_id: Any, resident_id: Any) -> None:
    """The beneficiary the program is for: the household that applies (or who applies as one, XX-12), a living member or a ward of it."""
    application, program = item.application, item.program
    if program.beneficiary == Program.Beneficiary.HOUSEHOLD:
        if resident_id or str(household_id) != str(application.household_id):
            raise TransitionError(f"“{program}”救助的是家庭，救助对象请选择申请家庭。")
        name_beneficiary_of_household_aid(item)
        return
    if household_id or not resident_id:
        raise TransitionError(f"“{program}”救助的是个人，请选择家庭成员中的救助对象。")
    item.resident = possible_beneficiaries(application.household, clock.today()).filter(pk=resident_id).first()
    if item.resident is None:
        raise TransitionError("救助对象须是这个家庭在世的成员，或者由家庭成员监护的人。请先登记家庭关系。")


@transaction.atomic
def remove_item(*, item_id: Any, by: Post) -> Application:
    """Ask for it no longer. Nothing has been decided on it: the event remembers it, the row goes.

    Raises:
        TransitionError: the last item of an application that is submitted: then it is withdrawn.
    """
    item: ApplicationItem = ApplicationItem.objects.visible_to(by).get_or_404(item_id)
    application = take_up(item.application_id, "remove_item", by)
    item = ApplicationItem.objects.with_program().filter(application=application).get_or_404(item_id)
    if application.status != S.DRAFT and not application.items.exclude(pk=item.pk).exists():
        raise TransitionError("这是最后一个救助项目，不能删除。不再申请的，请撤回申请。")
    _record("item.removed", item, by)
    item.delete()
    list_papers(application, by)
    return application


def _record(verb: str, item: ApplicationItem, by: Post) -> None:
    """The beneficiary as label and id only."""
    whom = {"household": str(item.household_id)} if item.household_id else {"resident": str(item.resident_id)}
    record(
        verb, item, by=by, new=item.track.name, application_id=item.application_id, household_id=item.application.household_id,
        data={"program": item.program_id, "version": item.version.number, "track": item.track.key, **whom},
    )  # fmt: skip
