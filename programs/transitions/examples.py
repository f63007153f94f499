"""Worked examples of a rule: written, rewritten and retired, each with why (issue 5)."""

from typing import Any

from django.db import transaction
from django.utils.timezone import localtime

from audit.transitions import record
from config import clock
from config.verbs import AlreadyHandled, TransitionError, lock, recheck, save
from organization.models import Post

from ..models import Program, RuleExample
from ..permissions import can_keep_examples


@transaction.atomic
def write_example(*, code: str, name: str, situation: dict[str, Any], expected: str, why: str, by: Post) -> RuleExample:
    program = lock(Program.objects.visible_to(by).get_or_404(code))
    recheck(program, can_keep_examples, by)
    example = RuleExample(
        program=program, name=name, situation=situation, expected=expected, why=why, written_at=clock.now(), written_by=by
    )
    save(example)
    record("rule_example.written", example, by=by, new=example.get_expected_display(), note=why, data={"program": code})
    return example


@transaction.atomic
def rewrite_example(
    *, example_id: int, name: str, situation: dict[str, Any], expected: str, why: str, seen_revision: int, by: Post
) -> RuleExample:
    """Change what is known or what must come out. `why` says the reason, also of the change.

    Raises:
        AlreadyHandled: retired, or rewritten by somebody else since its form was opened.
    """
    example = _in_use(example_id, by)
    if seen_revision != example.revision:
        at = f"{localtime(example.written_at):%Y-%m-%d %H:%M}"
        raise AlreadyHandled(f"您打开之后，{example.written_by}于{at}修改过这个样例，您的改动没有保存。请核对最新内容，再把要改的填上。")
    before = {"expected": example.expected, "situation": example.situation}
    example.name, example.situation, example.expected, example.why = name, situation, expected, why
    example.written_at, example.written_by, example.revision = clock.now(), by, example.revision + 1
    old = RuleExample.Expected(before["expected"]).label
    save(example)
    record("rule_example.rewritten", example, by=by, old=old, new=example.get_expected_display(), note=why, data=before)
    return example


@transaction.atomic
def retire_example(*, example_id: int, reason: str, by: Post) -> RuleExample:
    """Ask it no more. It stays readable in the record."""
    example = _in_use(example_id, by)
    if not reason.strip():
        raise TransitionError("停用样例必须说明原因。")
    example.retired_at, example.retired_by, example.retire_reason = clock.now(), by, reason.strip()
    save(example, "retired_at", "retired_by", "retire_reason")
    record("rule_example.retired", example, by=by, note=example.retire_reason, data={"program": example.program_id})
    return example


def _in_use(example_id: int, by: Post) -> RuleExample:
    example = lock(RuleExample.objects.visible_to(by).get_or_404(example_id))
    if example.is_retired:
        raise AlreadyHandled(f"样例“{example}”已由{example.retired_by}停用：{example.retire_reason}。")
    recheck(example, lambda post, row: can_keep_examples(post, row.program), by)
    return example
