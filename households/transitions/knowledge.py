"""Facts noted, leaned on, replaced; identities granted and ended. A fact is never edited: a newer one of the same way takes its place."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.views.decorators.debug import sensitive_variables

from audit.transitions import record
from config import clock
from config.protection.masks import mask_name
from config.protection.sealing import seal
from config.verbs import AlreadyHandled, ConstraintBroken, TransitionError, lock, recheck, save
from documents.models import Attachment
from organization.models import Post, Unit
from programs.models import FactKind

from ..family import remade_on
from ..knowledge import shown_value
from ..models import Fact, FactUse, Household, IdentityTag, Resident
from ..permissions import can_note_fact_of
from ..rules import FAMILY_MEANS, WrongValue, fact_value
from .lookup import household_of
from .settling import settle_by
from .standing import refuse_gone


@sensitive_variables()
@transaction.atomic
def note_fact(
    *,
    kind_key: str,
    household: Household | None = None,
    resident: Resident | None = None,
    value: Any,
    how: str,
    found_on: date,
    valid_until: date | None = None,
    source: str = "",
    detail: str = "",
    document: Attachment | None = None,
    decision_id: Any = None,
    is_answer: bool = False,
    yields: bool = False,
    by: Post,
) -> Fact:
    """Write down what was found of a person or a household (ZX-29, ZX-40). What was found the same way before is superseded,
    and a unit that was asked for it has answered.

    With `decision_id` the right to decide stood before, over somebody who may have left the household since: neither gate nor right is
    asked again; nor with `is_answer`, of the unit that was asked for it. Else `by` has to read more of the subject than the card, and
    may note facts of this kind: who was let in for one fact answers the request.

    The newer day wins, as of files and of what is merged. `yields`: what was found before the fact that stands is left out, which is
    returned: a visit that is written up late.

    Raises:
        TransitionError: one of a later day stands, or the family has parted or joined another since that day.
        Http404: the person or household does not exist for `by`.
        ValidationError: a value of another type, a wrong day, a fact of persons on a household, by field.
    """
    kind = FactKind.objects.filter(pk=kind_key).first()
    if kind is None:
        raise ValidationError({"kind": "没有这种事项。"})
    subject = _subject(kind, household, resident)
    subject = lock(subject) if decision_id or is_answer else _taken(subject, kind, by)
    fact = Fact(
        kind=kind, household=household, resident=resident, value=_value(kind, value), how=how, source=source.strip(), found_on=found_on,
        valid_until=valid_until, document=document, decision_id=decision_id, found_at=clock.now(), found_by=by,
    )  # fmt: skip
    _refuse_days(fact)
    _refuse_former_family(fact)
    seal(fact, detail=detail)
    standing = Fact.objects.standing().filter(kind=kind, household=household, resident=resident, how=how)
    former = standing.select_for_update(of=("self",), no_key=True).first()
    if former is not None and _is_newer(former, fact):
        if yields:
            return former
        told = f"“{kind.label}”已有{former.said_on}查得的记录，填写的查得日期{fact.found_on}更早，不能替代。"
        raise TransitionError(f"{told}请核对查得日期；现有记录有误的，请按现在查得的情况和日期登记。")
    if former is not None:
        former.superseded_at, former.superseded_by, former.successor_id = clock.now(), by, fact.pk
        former.save(update_fields=["superseded_at", "superseded_by", "successor"])
    save(fact)
    _record_fact(fact, former, subject, by)
    settle_by(fact, by)
    return fact


def _is_newer(former: Fact, fact: Fact) -> bool:
    """Of a later day and still valid: what has expired stands in nobody's way."""
    return former.said_on > fact.found_on and (former.valid_until is None or former.valid_until >= clock.today())


def _subject(kind: FactKind, household: Household | None, resident: Resident | None) -> Household | Resident:
    """The one the fact is about."""
    row = resident if kind.scope == FactKind.Scope.RESIDENT else household
    if row is None or (household is not None and resident is not None):
        word = "个人" if kind.scope == FactKind.Scope.RESIDENT else "家庭"
        raise ValidationError({"kind": f"“{kind.label}”是{word}的事项，请登记到{word}。"})
    return row


def _taken(subject: Household | Resident, kind: FactKind, by: Post) -> Household | Resident:
    """Gate, lock, gate and right again. Under the lock two clerks supersede one after the other."""
    gate: Any = type(subject)._default_manager.all()
    row: Household | Resident = lock(gate.beyond_the_card(by).get_or_404(subject.pk))
    recheck(row, lambda post, _: can_note_fact_of(post, kind), by)
    refuse_gone(row)
    return row


def _value(kind: FactKind, value: Any) -> Any:
    try:
        return fact_value(kind.value_type, value, kind.codes)
    except WrongValue as wrong:
        raise ValidationError({"value": str(wrong)}) from wrong


def _refuse_days(fact: Fact) -> None:
    if fact.found_on > clock.today():
        raise ValidationError({"found_on": "查得日期不能晚于今天。"})


def _refuse_former_family(fact: Fact) -> None:
    """A sum over the members of a day before some of them left is the former family's."""
    day = remade_on(fact.household_id) if fact.household_id and fact.kind_id in FAMILY_MEANS else None
    if day is not None and fact.found_on < day:
        told = f"这个家庭已于{day}分户、转户或并户，{fact.found_on}查得的“{fact.kind.label}”说的是变动以前的家庭，不能登记。"
        raise TransitionError(f"{told}请按现在的成员重新核查后登记。")


def lapse_means(households: Iterable[Household], by: Post) -> None:
    """The families are no longer those whose means were looked at: nothing is known of them until they are looked at again. Inner, under
    the locks of the households. Nothing takes the place of what goes, so that a file or a visit of a later day is new."""
    rows = Fact.objects.standing().filter(household__in=[row.pk for row in households], kind__in=FAMILY_MEANS)
    for fact in rows.select_related("kind", "household").select_for_update(of=("self",), no_key=True).order_by("pk"):
        fact.superseded_at, fact.superseded_by = clock.now(), by
        fact.save(update_fields=["superseded_at", "superseded_by"])
        record(
            "fact.lapsed", fact, by=by, old="" if fact.kind.is_sensitive else shown_value(fact.kind, fact.value),
            subject_text=f"{fact.kind.label}：{fact.household}", household_id=fact.household_id,
            data={"kind": fact.kind_id, "label": fact.kind.label, "uses": fact.uses.count()},
        )  # fmt: skip


def _record_fact(fact: Fact, former: Fact | None, subject: Household | Resident, by: Post) -> None:
    """A sensitive value stays out of the record, and so does what was written about where it comes from; whose it is stands masked."""
    old = shown_value(fact.kind, former.value) if former else ""
    new = shown_value(fact.kind, fact.value)
    is_open = not fact.kind.is_sensitive
    household = subject if isinstance(subject, Household) else household_of(subject)
    record(
        "fact.noted", fact, by=by, old=old if is_open else "", new=new if is_open else "",
        note=fact.source if is_open else "",
        subject_text=f"{fact.kind.label}：{mask_name(subject.name) if isinstance(subject, Resident) else subject}",
        data={
            "kind": fact.kind_id, "label": fact.kind.label, "how": fact.get_how_display(),
            "superseded": str(former.pk) if former else "", "uses": former.uses.count() if former else 0,
        },
        household_id=household.pk if household else None,
    )  # fmt: skip


@transaction.atomic
def lean_on(*, fact: Fact, subject: models.Model, by: Post) -> FactUse:
    """A fact is taken instead of a paper. Once for each subject; inner."""
    use, is_new = FactUse.objects.get_or_create(
        fact=fact, subject_label=subject._meta.label_lower, subject_id=str(subject.pk), defaults={"used_at": clock.now(), "used_by": by}
    )
    if is_new:
        record(
            "fact.leaned_on", fact, by=by, new=str(subject)[:80], subject_text=fact.kind.label,
            household_id=fact.household_id, application_id=getattr(subject, "application_id", None),
            data={"label": fact.kind.label, "subject": f"{use.subject_label}#{use.subject_id}"},
        )  # fmt: skip
    return use


@transaction.atomic
def grant_tag(
    *,
    kind: str,
    household: Household | None = None,
    resident: Resident | None = None,
    unit: Unit,
    since: date,
    until: date | None = None,
    decision_id: Any = None,
    by: Post,
) -> IdentityTag:
    """Vouch for an identity (ZX-40 身份认定). Inner: whoever may decide has decided.

    Raises:
        TransitionError: it stands already.
    """
    tag = IdentityTag(
        kind=kind, household=household, resident=resident, unit=unit, since=since, until=until, decision_id=decision_id,
        granted_at=clock.now(), granted_by=by,
    )  # fmt: skip
    if IdentityTag.objects.filter(kind=kind, household=household, resident=resident, until=None).exists():
        raise TransitionError(f"“{tag.get_kind_display()}”已经登记，且没有终止，不用重复认定。请核对家庭档案中的身份后再办理。")
    try:
        save(tag)
    except ConstraintBroken as clash:
        if clash.name == "one_open_tag_of_a_kind":
            raise TransitionError(f"“{tag.get_kind_display()}”刚刚由他人登记，不用重复认定。请在家庭档案中核对。") from clash
        raise
    _record_tag("tag.granted", tag, by, new=since.isoformat())
    return tag


@transaction.atomic
def end_tag(*, tag_id: Any, on: date, reason: str = "", by: Post) -> IdentityTag:
    """The identity no longer holds from the day after `on`. Inner.

    Raises:
        AlreadyHandled: it has ended.
    """
    tag = lock(IdentityTag.objects.visible_to(by).get_or_404(tag_id))
    if tag.ended_at is not None:
        who = tag.ended_by.label if tag.ended_by else "同事"
        raise AlreadyHandled(f"{who}已登记“{tag.get_kind_display()}”于{tag.until}终止。")
    if on < tag.since:
        raise ValidationError({"on": f"终止日期不能早于起始日期（{tag.since}）。"})
    tag.until, tag.ended_at, tag.ended_by = on, clock.now(), by
    tag.save(update_fields=["until", "ended_at", "ended_by"])
    _record_tag("tag.ended", tag, by, new=on.isoformat(), note=reason)
    return tag


def _record_tag(verb: str, tag: IdentityTag, by: Post, **said: Any) -> None:
    """A sensitive identity is not named in the record: who may not see the tag may read the line."""
    kind = "敏感身份" if tag.is_sensitive else tag.get_kind_display()
    household = tag.household or household_of(tag.resident)
    whose = mask_name(tag.resident.name) if tag.resident else str(tag.household)
    record(
        verb, tag, by=by, subject_text=f"{kind}：{whose}", household_id=household.pk if household else None,
        data={"kind": kind, "decision": str(tag.decision_id or "")}, **said,
    )  # fmt: skip
