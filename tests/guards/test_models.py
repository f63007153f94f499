"""What every model of the house keeps (STYLE habits 1 and 2)."""

import re
from collections.abc import Iterator

from django.apps import apps
from django.db import models
from django.db.models.constraints import BaseConstraint

from config.verbs import GatedQuerySet
from tests.guards.tree import ROOMS, ROOT

CHINESE = re.compile(r"[\u4e00-\u9fff]")
# Moments that nobody brings about: the clock's own, the machine's, or a person's acts upon themselves, where the row already names who.
MOMENTS = {
    "audit.Event.at",
    "config.FormToken.used_at",  # its owner's
    "config.Heartbeat.at",  # a machine's sign of life
    "deadlines.Duty.starts_at",  # from when the clock counts
    "deadlines.Duty.due_at",  # computed
    "deadlines.Duty.amber_at",  # computed
    "deadlines.Job.heartbeat_at",  # a machine's sign of life
    "deadlines.Job.started_at",  # the runner's
    "deadlines.Job.finished_at",  # the runner's, or the cancelling's
    "deadlines.Notice.created_at",  # with its cause, whose event names the actor
    "deadlines.Notice.delivered_at",  # the drain's
    "deadlines.OutboxMessage.created_at",
    "deadlines.OutboxMessage.next_try_at",
    "deadlines.OutboxMessage.delivered_at",
    "deadlines.OutboxMessage.parked_at",
    "deadlines.Reminder.due_at",  # the duty's, computed
    "deadlines.Reminder.made_at",  # the sweep's
    "deadlines.Reminder.told_at",  # the sweep's
    "deadlines.Reminder.lapsed_at",  # the sweep's
    "monitoring.Bulletin.as_of_at",  # the periodic work's
    "monitoring.DoubtRun.finished_at",  # the machine's
    "monitoring.WrittenReminder.due_at",  # computed
    "deadlines.PeriodRun.starts_at",  # the period's first moment
    "deadlines.PeriodRun.tried_at",  # the runner's
    "deadlines.PeriodRun.next_try_at",  # computed
    "deadlines.PeriodRun.finished_at",  # the runner's
    "organization.Staff.password_changed_at",  # one's own act
    "organization.Mobile.set_at",  # its owner's
    "organization.Phrase.kept_at",  # its owner's
    "referrals.Ruling.in_force_at",  # with the ruling, or with the convener's countersigning
    "referrals.ProgressTry.at",  # somebody unknown at the public page
    "organization.PasswordRecord.replaced_at",  # one's own act
    "referrals.Rescreening.next_try_at",  # the machine's
    "referrals.Rescreening.done_at",  # the machine's
    "households.ScreeningRun.finished_at",  # the machine's
    "spreadsheets.Batch.compared_at",  # the machine's
    "monitoring.SummaryMonth.checked_at",  # the night's work
    "monitoring.SummaryMonth.computed_at",  # the minute's work
}
# Pairs whose `_at` and `_by` are both filled, or `_by` is empty for a reason the constraint itself cannot say.
ALWAYS_PAIRED: set[str] = set()
# Constraints that no form can break: the verb fills all their columns.
BEHIND_VERBS = {
    "a_ledger_holds_a_person_of_a_record_once",
    "one_ledger_correction_per_place",
    "one_ledger_line_per_place",
    "numbers_leave_in_clear_by_an_approval",
    "removed_file_was_made",
    "mapping_of_a_form_has_its_mapper",
    "one_run_of_an_approval_in_its_period",
    "decided_approval_has_its_decider",
    "kept_file_has_its_digest_and_its_last_day",
    "run_of_an_approval_has_its_period",
    "ended_approval_says_who_and_why",
    "refused_approval_says_why",
    "withdrawn_form_has_its_withdrawer",
    "applied_batch_was_confirmed",
    "confirmed_batch_has_its_confirmer",
    "dropped_batch_has_its_dropper",
    "proposed_batch_has_its_proposer",
    "assessment_has_its_assessor",
    "grant_has_its_granter",
    "refusal_of_a_post_has_its_refuser",
    "end_of_a_post_has_its_ender",
    "return_from_absence_has_its_registrar",
    "one_system_account",
    "revision_of_a_resident_has_its_reviser",
    "end_of_a_tag_has_its_ender",
    "superseded_fact_has_its_superseder",
    "a_subject_leans_on_a_fact_once",
    "a_record_is_absent_once_from_the_rolls_of_a_day",
    "revoked_authorisation_has_its_revoker",
    "replaced_kin_declaration_has_its_replacer",
    "withdrawn_kin_has_its_withdrawer",
    "started_verification_has_its_starter",
    "saved_verification_has_its_saver",
    "submission_has_its_submitter",
    "acceptance_has_its_accepter",
    "settled_paper_has_its_settler",
    "answered_notice_has_its_answerer",
    "signing_for_has_its_signer",
    "ruling_of_a_stage_has_its_ruler",
    "ended_publicity_has_its_ender",
    "revision_of_a_draft_has_its_reviser",
}


def our_models() -> list[type[models.Model]]:
    return [m for m in apps.get_models(include_auto_created=False) if m._meta.app_label in ROOMS]


def label(model: type[models.Model], name: str) -> str:
    return f"{model._meta.app_label}.{model.__name__}.{name}"


def constraints() -> Iterator[tuple[type[models.Model], BaseConstraint]]:
    for model in our_models():
        for constraint in model._meta.constraints:
            yield model, constraint


def columns_of(constraint: BaseConstraint) -> set[str]:
    """The columns a constraint speaks of."""
    condition = getattr(constraint, "condition", None)
    return set(re.findall(r"[a-z_]+", str(condition))) if condition is not None else set()


def moments() -> list[tuple[type[models.Model], models.Field]]:
    return [
        (m, f)
        for m in our_models()
        for f in m._meta.get_fields()
        if isinstance(f, models.DateTimeField) and (f.name.endswith("_at") or f.name == "at")
    ]


def test_every_moment_has_its_person():
    alone = {label(m, f.name) for m, f in moments() if f"{f.name[:-3]}_by" not in {o.name for o in m._meta.get_fields()}}
    assert alone - MOMENTS == set(), "an _at without its _by, not named as a moment of the clock"
    assert MOMENTS - alone == set(), "named as a moment of the clock, but it has its _by or is gone"


def test_every_moment_that_may_be_empty_is_bound_to_its_person():
    """Where `_at` may be empty, a constraint binds it to `_by`: both or neither."""
    unbound = set()
    for model, field in moments():
        pair = f"{field.name[:-3]}_by"
        if label(model, field.name) in MOMENTS or not field.null:
            continue
        if not any({field.name, pair} <= columns_of(c) for c in model._meta.constraints if isinstance(c, models.CheckConstraint)):
            unbound.add(label(model, field.name))
    assert unbound == ALWAYS_PAIRED


def test_every_model_with_a_household_has_its_gate():
    open_models = []
    for model in our_models():
        names = {f.name for f in model._meta.get_fields()}
        queryset = type(model._default_manager.get_queryset())
        own_gate = issubclass(queryset, GatedQuerySet) and queryset.visible_to is not GatedQuerySet.visible_to
        if {"household", "household_id", "resident", "resident_id"} & names and not own_gate:
            open_models.append(model.__name__)
    assert not open_models


def test_gate_is_closed_to_nobody(db):
    """Whoever has no post sees no row, in any room."""
    gated = [m for m in our_models() if hasattr(m._default_manager.all(), "visible_to")]
    assert gated
    assert [m.__name__ for m in gated if m._default_manager.all().visible_to(None).exists()] == PUBLIC_ROWS


# Rows that the public catalogue shows without sign-in.
PUBLIC_ROWS = ["Program", "ProgramVersion"]


def test_every_model_has_a_chinese_name():
    assert not [m.__name__ for m in our_models() if not CHINESE.search(str(m._meta.verbose_name))]


def test_every_constraint_says_its_truth_by_name():
    names = [c.name for _, c in constraints()]
    assert not [n for n in names if not re.fullmatch(r"[a-z][a-z0-9_]+", n) or re.search(r"_check$|_uniq|_chk|^unique_|constraint", n)]


def test_every_constraint_a_form_can_break_says_so_in_chinese():
    default = BaseConstraint.default_violation_error_message
    silent = {
        c.name for _, c in constraints() if c.violation_error_message == default or not CHINESE.search(str(c.violation_error_message))
    }
    assert silent == BEHIND_VERBS, "left: constraints without a sentence; right: those that no form can break"


def test_every_constraint_is_broken_by_a_test():
    """Some test outside the guards names it, or the first words of a family of them; the recipe is in docs/testing.md."""
    text = "".join(p.read_text() for p in (ROOT / "tests").rglob("test_*.py") if p.parent.name != "guards")
    named = {words for words in re.findall(r'"([a-z][a-z0-9_]+)"', text) if words.count("_") >= 2}
    assert not sorted(c.name for _, c in constraints() if not any(c.name.startswith(words) for words in named))
