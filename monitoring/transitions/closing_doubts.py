"""疑点 closed, one by one, by its township, each with an outcome that does something (ZX-26); there is no verb for several.

`aid` begins an application, `stop` a change or stop of aid, `correct` rests on a correction that was made, `dismiss` leaves things as they
are: it stays dismissed until the facts change.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import models, transaction
from django.urls import reverse

from audit.models import Event
from audit.transitions import record
from config import clock
from config.verbs import AlreadyHandled, TransitionError, lock, recheck, save
from deadlines.models import Duty
from deadlines.transitions import announce, close_duty
from households.knowledge import kin_matches
from households.models import AssistanceRecord, Resident, StaffKin
from households.transitions.lookup import household_of
from intake import transitions as intake
from intake.models import Application
from intake.transitions.picks import Pick, Taken, draft_of, take_picks
from organization.models import Post
from referrals.conditions import words
from referrals.models import Change, Referral
from referrals.transitions import open_change
from spreadsheets.models import Batch

from ..doubt_permissions import can_close_doubt, can_draft_from_doubt
from ..models import Doubt
from .doubts import REVIEW

S, Outcome = Doubt.Status, Doubt.Outcome
REASON = 200
DISMISSALS = (Outcome.KEPT, Outcome.WRONG_DATA)
# What a township may have done about the facts since it was given the doubt.
CORRECTIONS = frozenset({
    "resident.revised", "resident.died", "resident.merged", "unidentified.identified", "household.opened", "household.revised",
    "household.moved", "household.split_off", "household.closed", "registry.proposed", "registry.confirmed", "member.added",
    "member.revised", "member.ended", "kin.declared", "kin.filed", "fact.noted", "tag.ended", "assistance_record.changed",
})  # fmt: skip

GIVEN = ("doubt.opened", "doubt.pulled")


@transaction.atomic
def aid(*, doubt_id: UUID | str, applicant_id: Any, picks: Sequence[Pick], reason: str, by: Post) -> tuple[Doubt, Taken]:
    """确定实施救助: an application of the household with the programs ticked, in the window's draft where it has one begun already.

    Raises:
        AlreadyHandled: closed, by whom and when.
        TransitionError: somebody without a household, nobody who may apply, or nothing of it can be asked for.
    """
    doubt = _taken_up(doubt_id, can_draft_from_doubt, by)
    if doubt.household is None:
        raise TransitionError("此人还没有归户，不能直接申请。请先在人员档案中立户，或加入家庭。")
    application: Application = draft_of(doubt.household, by) or intake.draft(
        household_id=doubt.household_id, applicant_id=applicant_id, channel=Application.Channel.DISCOVERED, by=by
    )
    taken = take_picks(application_id=application.pk, picks=picks, by=by)
    if picks and not taken.added and not application.items.exists():
        raise TransitionError(f"没有可以申请的项目：{'；'.join(taken.refused)}")
    _close(doubt, Outcome.AIDED, words(reason, "请写明核查情况。", REASON), by, led_to=application, told=f"申请{application.number}")
    return doubt, taken


@transaction.atomic
def stop(*, doubt_id: UUID | str, record_id: Any, change: Mapping[str, Any], by: Post) -> tuple[Doubt, Referral]:
    """取消资格: a stop, a hold or an adjustment of aid that the doubt is about, opened 疑点复核 and walked like every other.

    `change`: what `referrals.transitions.open_change` is told of it.

    Raises:
        AlreadyHandled: the doubt is closed, or such a change is on its way.
        TransitionError: the record cannot be changed that way.
    """
    doubt = _taken_up(doubt_id, can_close_doubt, by)
    if not records_of(doubt).filter(pk=record_id).exists():
        raise TransitionError("这项救助不在疑点的依据中，请从所列的救助中选择。")
    referral = open_change(record_id=record_id, **{**change, "origin": Change.Origin.DOUBT}, by=by)
    _close(
        doubt,
        Outcome.STOPPED,
        words(change["reason"], "请写明核查情况。", 500)[:REASON],
        by,
        led_to=referral,
        told=f"转办单{referral.number}",
    )
    return doubt, referral


@transaction.atomic
def correct(*, doubt_id: UUID | str, reason: str, by: Post) -> Doubt:
    """更正信息: what was wrong in the register has been set right, or its change proposed, since the township was given the doubt.

    Raises:
        TransitionError: nothing of it was corrected yet.
    """
    doubt = _taken_up(doubt_id, can_close_doubt, by)
    reason = words(reason, "请写明更正了什么。", REASON)
    done = corrections_of(doubt)
    if not done:
        raise TransitionError(
            "疑点交办以后，这户（人）的档案还没有更正过。请先更正人员、家庭资料或提出家庭变动，再回来办结；是部门数据错了的，选“数据有误”。"
        )
    _close(doubt, Outcome.CORRECTED, reason, by, led_to=doubt.household or doubt.resident, told="更正档案")
    return doubt


@transaction.atomic
def dismiss(*, doubt_id: UUID | str, outcome: str, reason: str, by: Post) -> Doubt:
    """维持现状, or 数据有误: the unit whose file or records of aid they are is told. It does not come back before its facts change.

    Raises:
        TransitionError: no reason, or none of the two.
    """
    doubt = _taken_up(doubt_id, can_close_doubt, by)
    if outcome not in DISMISSALS:
        raise TransitionError("请选择“维持现状”或“数据有误”。")
    _close(doubt, outcome, words(reason, "请写明核查情况和理由。", REASON), by)
    if outcome == Outcome.WRONG_DATA:
        _tell_whose_data(doubt, by)
    return doubt


# ── what a doubt is about ───────────────────────────────────────────────────────────────────────────────────────────
def ids_in(doubt: Doubt, *names: str) -> list[str]:
    """Ids that the evidence names under these keys, each once, in order."""
    found: list[str] = []
    for item in doubt.evidence:
        for name in names:
            value = item.get(name)
            found += [str(each) for each in (value if isinstance(value, list) else [value]) if each]
    return list(dict.fromkeys(found))


def records_of(doubt: Doubt) -> Any:
    """Records of aid that it is about."""
    return AssistanceRecord.objects.filter(pk__in=ids_in(doubt, "record", "records"))


def people_of(doubt: Doubt) -> list[Any]:
    """Ids of the people it is about; without any, of the whole household."""
    found = [*ids_in(doubt, "people"), *([str(doubt.resident_id)] if doubt.resident_id else [])]
    if found or doubt.household is None:
        return list(dict.fromkeys(found))
    return [str(pk) for pk in doubt.household.memberships.open().values_list("resident_id", flat=True)]


def batches_of(doubt: Doubt) -> Iterable[Batch]:
    return Batch.objects.filter(pk__in=ids_in(doubt, "batch")).select_related("unit").order_by("pk")


def corrections_of(doubt: Doubt) -> list[Event]:
    """Lines of the record since it was given out, about the household or its people; somebody who was alone has a household now."""
    people = Event.objects.filter(subject_label="households.resident", subject_id__in=people_of(doubt))
    rows = people if doubt.household_id is None else people | Event.objects.filter(household_id=doubt.household_id)
    given = Event.objects.about(doubt).filter(verb__in=GIVEN).order_by("-id").values_list("id", flat=True).first() or 0
    found = list(rows.filter(verb__in=CORRECTIONS, id__gt=given).order_by("-id")[:10])
    if not found and doubt.resident is not None and (home := household_of(doubt.resident)) is not None:
        found = list(Event.objects.filter(household_id=home.pk, verb__in=CORRECTIONS).order_by("-id")[:1])
    return found


# ── parts of the verbs ──────────────────────────────────────────────────────────────────────────────────────────────
def _taken_up(doubt_id: UUID | str, may: Any, by: Post) -> Doubt:
    """The beats before the change: gate, lock, edge, gate and permission again; nobody closes a doubt about his own kin."""
    doubt: Doubt = lock(Doubt.objects.visible_to(by).get_or_404(doubt_id))
    if doubt.closed_by is not None and doubt.closed_at is not None:
        at = clock.local(doubt.closed_at)
        raise AlreadyHandled(f"这条疑点已由{doubt.closed_by.label}于{at:%Y-%m-%d %H:%M}办结（{doubt.get_outcome_display()}）。")
    if doubt.status != S.OPEN:
        raise AlreadyHandled("这条疑点还没有领取，请先领取再核查。")
    recheck(doubt, may, by)
    if by.staff_id in _kin_of(doubt):
        raise TransitionError("已登记与该家庭成员为近亲属，应当回避，请由其他同事办理。")
    return doubt


def _kin_of(doubt: Doubt) -> set[int]:
    """Staff with a relative in the household, or whose relative somebody without one is."""
    if doubt.household is not None:
        return {kin.staff_id for kin in kin_matches(doubt.household)}
    kin = StaffKin.objects.standing().filter(id_number_digest__in=Resident.objects.filter(doubts=doubt).values("id_number_digest"))
    return set(kin.values_list("staff_id", flat=True))


def _tell_whose_data(doubt: Doubt, by: Post) -> None:
    """Once for each file, with its rows; a unit without one once for its records. Of the county's own register nobody is told: its pages
    are at hand. What the township wrote is not sent: it may name people.
    """
    said = f"{by.unit.short_name}核查“{doubt.get_kind_display()}”疑点后反馈"
    body = f"{said}，请在下次报送前核对。"
    told = set()
    for batch in batches_of(doubt):
        told.add(batch.unit_id)
        title = f"数据有误，请核对：{batch.title}"
        rows = sorted({int(item["row"]) for item in doubt.evidence if item.get("batch") == str(batch.pk) and item.get("row")})
        where = f"，涉及第{'、'.join(map(str, rows))}行" if rows else ""
        announce(
            "doubt.data_wrong", doubt, to=batch.unit, title=title, body=f"{said}{where}，请在下次报送前核对。", url=batch.get_absolute_url()
        )
    for record_ in records_of(doubt).exclude(unit__in=told).select_related("unit", "program").order_by("unit", "since", "pk"):
        if record_.unit_id not in told:
            told.add(record_.unit_id)
            title, url = f"数据有误，请核对：{record_.program}", reverse("referrals:record_detail", args=[record_.pk])
            announce("doubt.data_wrong", doubt, to=record_.unit, title=title, body=body, url=url)


def _close(doubt: Doubt, outcome: str, reason: str, by: Post, *, led_to: models.Model | None = None, told: str = "") -> None:
    doubt.status, doubt.outcome, doubt.reason = S.CLOSED, outcome, reason
    doubt.closed_at, doubt.closed_by = clock.now(), by
    if led_to is not None:
        doubt.led_to_label, doubt.led_to_id = led_to._meta.label_lower, str(led_to.pk)
    save(doubt, "status", "outcome", "reason", "closed_at", "closed_by", "led_to_label", "led_to_id")
    if Duty.objects.open().about(doubt, REVIEW).exists():
        close_duty(subject=doubt, kind=REVIEW, by=by)
    what = str(Outcome(outcome).label)
    record(
        "doubt.closed", doubt, by=by, new=f"{what}，{told}" if told else what, note=reason, household_id=doubt.household_id,
        data={"kind": doubt.kind, "outcome": str(outcome), "led_to": doubt.led_to_label},
    )  # fmt: skip
