"""Reminder rules: a change is a new dated row, which ends the one before it; never an edit. Until its day it may be withdrawn."""

from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import transaction

from audit.transitions import record
from config import clock
from config.verbs import AlreadyHandled, TransitionError, recheck, save
from organization.models import Post

from ..models import ReminderRule, Stage
from ..permissions import can_change_reminders
from ..reminder_words import figures_text
from ..working_calendar import ONE_DAY


@transaction.atomic
def change_reminder_rule(
    *,
    stage: str,
    valid_from: date,
    is_urgent: bool,
    holds_for_promises: bool,
    source: str,
    working_days: int | None = None,
    full_days: int | None = None,
    by: Post,
) -> ReminderRule:
    """How a stage is told from a day on, tomorrow at the earliest: what was told today stands.

    Raises:
        TransitionError: a day too early, nothing changed, or the platform would hear before the unit's head.
    """
    if not can_change_reminders(by):
        raise PermissionDenied("提醒规则由系统管理员调整。")
    rows = {row.pk: row for row in ReminderRule.objects.select_for_update(of=("self",), no_key=True).order_by("pk")}
    last = max((row for row in rows.values() if row.stage == stage), key=lambda row: row.valid_from)
    if valid_from <= max(clock.today(), last.valid_from):
        raise TransitionError(f"新规则最早自{max(clock.today(), last.valid_from) + ONE_DAY:%Y-%m-%d}起，请改生效日期。")
    row = ReminderRule(
        stage=stage, working_days=working_days, full_days=full_days, is_urgent=is_urgent, holds_for_promises=holds_for_promises,
        valid_from=valid_from, source=source, made_at=clock.now(), made_by=by,
    )  # fmt: skip
    if figures_text(row) == figures_text(last):
        raise TransitionError("与现行规则相同，没有改动。")
    _refuse_platform_before_head(row, list(rows.values()))
    last.valid_until = valid_from - ONE_DAY
    last.save(update_fields=["valid_until"])
    save(row)
    record("reminder_rule.changed", row, by=by, old=figures_text(last), new=figures_text(row), note=source)
    return row


@transaction.atomic
def withdraw_reminder_rule(*, rule_id: int | str, reason: str, by: Post) -> ReminderRule:
    """Take back the last change of a stage before its day: the row goes, and the one before it, which is given back, holds on.

    Nothing was told by it yet, and what it said stands in the record.

    Raises:
        AlreadyHandled: somebody else has withdrawn it.
        TransitionError: it is in force, another change follows it, or the platform would hear before the unit's head.
    """
    rule: ReminderRule = ReminderRule.objects.visible_to(by).get_or_404(rule_id)
    rows = {row.pk: row for row in ReminderRule.objects.select_for_update(of=("self",), no_key=True).order_by("pk")}
    if rule.pk not in rows:
        raise AlreadyHandled("这项调整已由他人撤回，不用再办。")
    recheck(rule, can_change_reminders, by)
    rule = rows.pop(rule.pk)
    if rule.valid_from <= clock.today():
        raise TransitionError(f"这项规则自{rule.valid_from:%Y-%m-%d}起已经生效，不能撤回；如需改变，请另行调整。")
    last = max((row for row in rows.values() if row.stage == rule.stage), key=lambda row: row.valid_from, default=None)
    if last is None or last.valid_from > rule.valid_from:
        raise TransitionError("这项规则之后还有调整，请先撤回后面的。" if last else "这一环节只有这项规则，不能撤回。")
    record("reminder_rule.withdrawn", rule, by=by, old=figures_text(rule), new=figures_text(last), note=reason)
    rule.delete()
    last.valid_until = None
    _refuse_platform_before_head(last, [row for row in rows.values() if row.valid_until is None or row.valid_until >= rule.valid_from])
    last.save(update_fields=["valid_until"])
    return last


def _refuse_platform_before_head(row: ReminderRule, rows: list[ReminderRule]) -> None:
    """Escalation climbs: the unit's head first, then the platform, where it ends."""
    pairs = {Stage.TO_HEAD: Stage.TO_PLATFORM, Stage.TO_PLATFORM: Stage.TO_HEAD}
    other_stage = pairs.get(Stage(row.stage))
    if other_stage is None or row.working_days is None or row.full_days is None:
        return
    for other in rows:
        if other.stage != other_stage or (other.valid_until and other.valid_until < row.valid_from):
            continue
        head, platform = (row, other) if row.stage == Stage.TO_HEAD else (other, row)
        if (head.working_days or 0) >= (platform.working_days or 0) or (head.full_days or 0) >= (platform.full_days or 0):
            raise TransitionError("报单位负责人须早于报县级平台：两项天数都要更小。请先调整另一项。")
