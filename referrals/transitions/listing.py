"""The monthly lists of programs without application (DESIGN 4): prepared set-based, confirmed one by one. Nobody is refused in bulk."""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from audit.transitions import record
from config import clock
from config.verbs import AlreadyHandled, TransitionError, lock, recheck, save
from deadlines.models import Duty
from deadlines.rules import Limit, Rule
from deadlines.transitions import announce, close_duty, open_duty
from households.models import Access, Household, Resident
from households.transitions import grant_record, let_in
from households.transitions.lookup import household_of
from intake.beneficiaries import members
from intake.duplicates import refusal
from organization.models import Post, Unit
from programs.models import Program, ProgramVersion, Track

from .. import conditions, roll, routing, rules
from ..models import ListEntry, MonthlyList
from ..permissions import can_confirm_list, can_prepare_list

State = ListEntry.State
CONFIRM = "confirm_list"
BATCH = 2000
REASON = 300


@transaction.atomic
def prepare(*, program_code: str, by: Post) -> MonthlyList:
    """This month's list: who is entitled and has it not yet, and who has it and is entitled no longer. Done again it adds what is new.

    Whoever was confirmed or set aside on it stays as he was. The unit's clock runs from the first who waits.

    Raises:
        TransitionError: not a program without application, or without a rule or unit of its own.
    """
    program: Program = Program.objects.visible_to(by).get_or_404(program_code)
    version = _version(program)
    track = version.main_track
    unit = routing.unit_of(routing.deciding_stage(track), program=program, window=by.unit, on=clock.today())
    if not can_prepare_list(by, unit):
        raise PermissionDenied("由该项目的主管部门或县级平台生成名单。")
    listed, is_new = _listed(program, version, unit, by)
    added = _add(listed, is_new, by)
    _run_clock(listed, track, added, by)
    return listed


def _version(program: Program) -> ProgramVersion:
    version = ProgramVersion.objects.in_force(clock.today()).filter(program=program).prefetch_related("tracks").first()
    if version is None or version.obtained != ProgramVersion.Obtained.WITHOUT_APPLICATION:
        raise TransitionError(f"“{program}”不是免申请项目，不生成名单。")
    if program.pk not in roll.CHOICES:
        raise TransitionError(f"“{program}”按哪些身份生成名单还没有设定，请联系县级平台。")
    return version


def _listed(program: Program, version: ProgramVersion, unit: Unit, by: Post) -> tuple[MonthlyList, bool]:
    """This month's row under its lock, and whether it is new: whoever comes second waits and adds to it."""
    month = clock.today().replace(day=1)
    row = MonthlyList(program=program, version=version, unit=unit, month=month, prepared_at=clock.now(), prepared_by=by)
    MonthlyList.objects.bulk_create([row], ignore_conflicts=True)
    found: MonthlyList = lock(MonthlyList.objects.get(program=program, month=month))
    return found, found.pk == row.pk


def _add(listed: MonthlyList, is_new: bool, by: Post) -> int:
    """The rows that are new, and the line in the record that says how many."""
    today, program = clock.today(), listed.program
    column = f"{roll.holder(program)}_id"
    entitled = roll.entitled(program, today)
    known = set(listed.entries.values_list(column, flat=True))
    given = roll.having(program, today)
    rows = [
        ListEntry(monthly_list=listed, region_code=who.region_code, identities=sorted(who.identities), **{column: pk})
        for pk, who in entitled.items()
        if pk not in given and pk not in known
    ]
    waiting = len(rows)
    for row in roll.records(program, today).exclude(**{f"{column}__in": known}).only("pk", column, "region_code"):
        if getattr(row, column) not in entitled:
            rows.append(
                ListEntry(
                    monthly_list=listed, region_code=row.region_code, record=row, state=State.LEAVING, **{column: getattr(row, column)}
                )
            )
    ListEntry.objects.bulk_create(rows, batch_size=BATCH, ignore_conflicts=True)
    if rows or is_new:
        data = {"program": program.pk, "proposed": waiting, "leaving": len(rows) - waiting}
        record("monthly_list.prepared", listed, by=by, new=f"新列入{waiting}，不再符合{len(rows) - waiting}", data=data)
    return waiting


def _run_clock(listed: MonthlyList, track: Track, added: int, by: Post) -> None:
    if not added:
        return
    if not Duty.objects.open().about(listed, CONFIRM).exists():
        open_duty(
            subject=listed, kind=CONFIRM, kind_name="确认名单", unit=listed.unit, title=str(listed),
            limit=Limit(Rule(track.limit_unit), track.whole_limit), url=listed.get_absolute_url(), topic_code=listed.program_id,
            basis=str(track.origins.get("whole_limit", {}).get("source", ""))[:100], by=by,
        )  # fmt: skip
    title = f"{listed}待确认：{added}{'户' if roll.holder(listed.program) == 'household' else '人'}"
    announce(
        "monthly_list.prepared", listed, to=listed.unit, title=title, body="按身份自动列入，请逐批核对确认。", url=listed.get_absolute_url()
    )


def prepare_all(*, by: Post) -> int:
    """The job: every program without application that has a rule. Idempotent; how many lists there are."""
    codes = [code for code in roll.CHOICES if Program.objects.accepting(clock.today()).filter(pk=code).exists()]
    done = 0
    for code in codes:
        try:
            prepare(program_code=code, by=by)
            done += 1
        except TransitionError:
            continue
    return done


@transaction.atomic
def confirm_entry(*, entry_id: Any, by: Post) -> ListEntry:
    """The unit agrees: the record is written as an approval would, on the roll of the unit, which sees the family while it stands.

    Raises:
        AlreadyHandled: somebody settled it first.
        TransitionError: since the list was made they left the identities, or have the program already.
    """
    entry = _take_up(entry_id, {State.PROPOSED}, by)
    listed = entry.monthly_list
    _refuse_outdated(entry)
    home = entry.household or household_of(entry.resident)
    entry.record = _grant(entry, by)
    entry.state, entry.settled_at, entry.settled_by = State.CONFIRMED, clock.now(), by
    save(entry, "state", "settled_at", "settled_by", "record")
    if home is not None:
        let_in(household=home, unit=listed.unit, reason=Access.Reason.ROLL, subject=entry.record, program=listed.program, by=by)
    _note("monthly_list.confirmed", entry, by)
    _close_if_settled(listed, by)
    return entry


def _refuse_outdated(entry: ListEntry) -> None:
    program, today = entry.monthly_list.program, clock.today()
    pk = entry.household_id or entry.resident_id
    if pk not in roll.entitled(program, today, among=[pk]):
        raise TransitionError("已不再具备列入名单的身份，不能确认。可以写明理由暂不列入。")
    told = refusal(program=program, household=entry.household, resident=entry.resident, on=today)
    if told or pk in roll.having(program, today, among=[pk]):
        raise TransitionError(told or f"已有“{program}”，不必重复列入。可以写明理由暂不列入。")


def _grant(entry: ListEntry, by: Post) -> Any:
    listed, version = entry.monthly_list, entry.monthly_list.version
    since = rules.starts_on(version.pay_start, decided_on=clock.today(), applied_on=listed.month)
    cadence = rules.cadence(mode=version.benefit_mode, kind=listed.program.kind)
    until = rules.ends_on(since=since, cadence=cadence, valid_months=version.result_valid_months)
    return grant_record(
        program=listed.program, version=version, household=entry.household, resident=entry.resident, covered=_covered(entry),
        region_code=entry.region_code, in_kind=version.main_track.name, cadence=cadence, since=since, until=until, unit=listed.unit,
        decision_id=None, by=by,
    )  # fmt: skip


def _covered(entry: ListEntry) -> Iterable[Resident]:
    if entry.household is None:
        return [entry.resident] if entry.resident else []
    home: Household = entry.household
    counted = members(home).filter(memberships__household=home, memberships__until=None, memberships__is_counted=True)
    return list(counted.order_by("memberships__relation", "pk"))


@transaction.atomic
def set_entry_aside(*, entry_id: Any, reason: str, by: Post) -> ListEntry:
    """One who is not confirmed this month, with the reason: nobody has applied, so nothing is refused (C-58). Never in bulk."""
    entry = _take_up(entry_id, {State.PROPOSED}, by)
    entry.reason = conditions.words(reason, "请写明暂不列入的理由。", REASON)
    entry.state, entry.settled_at, entry.settled_by = State.SET_ASIDE, clock.now(), by
    save(entry, "state", "settled_at", "settled_by", "reason")
    _note("monthly_list.set_aside", entry, by, note=entry.reason)
    _close_if_settled(entry.monthly_list, by)
    return entry


@transaction.atomic
def take_entry_back(*, entry_id: Any, by: Post) -> ListEntry:
    """Somebody set aside waits again: what stood in the way is settled."""
    entry = _take_up(entry_id, {State.SET_ASIDE}, by)
    entry.state, entry.settled_at, entry.settled_by, entry.reason = State.PROPOSED, None, None, ""
    save(entry, "state", "settled_at", "settled_by", "reason")
    _note("monthly_list.taken_back", entry, by)
    _run_clock(entry.monthly_list, entry.monthly_list.version.main_track, 1, by)
    return entry


def _take_up(entry_id: Any, states: set[str], by: Post) -> ListEntry:
    """Gate, the list's lock and then the row's, legal step, gate and permission again."""
    entry: ListEntry = ListEntry.objects.visible_to(by).get_or_404(entry_id)
    listed = lock(MonthlyList(pk=entry.monthly_list_id))
    entry = lock(entry)
    entry.monthly_list = listed
    if entry.state not in states:
        who = (
            f"已由{entry.settled_by.label}于{clock.local(entry.settled_at):%Y-%m-%d %H:%M}处理"
            if entry.settled_by and entry.settled_at
            else "已处理"
        )
        raise AlreadyHandled(f"名单中的这一行{who}（{entry.get_state_display()}）。请按现在的情况办理。")
    recheck(entry, can_confirm_list, by)
    return entry


def _close_if_settled(listed: MonthlyList, by: Post) -> None:
    """Under the list's lock: with the last who waited the unit's clock stops."""
    if not listed.entries.proposed().exists() and Duty.objects.open().about(listed, CONFIRM).exists():
        close_duty(subject=listed, kind=CONFIRM, by=by)


def _note(verb: str, entry: ListEntry, by: Post, **about: Any) -> None:
    home = entry.household or household_of(entry.resident)
    record(
        verb, entry, by=by, household_id=home.pk if home else None, subject_text=str(entry.monthly_list),
        data={"program": entry.monthly_list.program_id, "list": str(entry.monthly_list_id)}, **about,
    )  # fmt: skip
