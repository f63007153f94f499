"""One record of aid on one page: what was given, what decisions changed, what is under way, when it is reviewed (DESIGN 5, XX-25)."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from config import clock
from deadlines import counting, lamps
from deadlines.models import Duty
from households.models import AssistanceRecord, RecordChange, Resident, StandardChange, StandardLine
from households.payments.corrected import told_before_recovery
from households.showing import shown_name
from organization.models import Post

from .changes import effect_text, standing_text
from .deaths import Left, left_on
from .models import Change, Referral
from .permissions import can_open_change
from .steps import acting, whose_turn
from .transitions.clocks import REVIEW

Term = tuple[str, Any]
Kind = Change.Kind


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """What a decision did; `url` leads to the referral where the post sees it."""

    at: Any
    text: str
    reason: str
    url: str


@dataclass(frozen=True, slots=True)
class Running:
    referral: Referral
    deed: str
    whose: str


@dataclass(frozen=True)
class RecordPage:
    record: AssistanceRecord
    post: Post
    posts: Sequence[Post]

    @property
    def is_in_force(self) -> bool:
        today = clock.today()
        return self.record.since <= today and (self.record.until is None or self.record.until >= today)

    @property
    def _state(self) -> str:
        if self.record.since > clock.today():
            return "尚未开始"
        if self.record.cadence == AssistanceRecord.Cadence.ONCE:
            return "已给予"
        return "享受中" if self.is_in_force else "已结束"

    @cached_property
    def terms(self) -> list[Term]:
        record = self.record
        whose = shown_name(record.resident.name, self.post) if record.resident else f"{record.household}（全家）"
        held = f"自{self.hold.since:%Y年%m月}起暂缓" if self.hold else ""
        state = held or self._state
        people = "、".join(shown_name(person.name, self.post) for person in self.covered)
        return [
            ("救助项目", record.program), ("对象", whose), ("覆盖人员", people), ("标准或内容", standing_text(record)), ("现在", state),
            ("救助单位", record.unit.name), ("来源", record.get_source_display()),
        ]  # fmt: skip

    @cached_property
    def covered(self) -> list[Resident]:
        rows = self.record.coverage.select_related("resident").order_by("pk")
        return [row.resident for row in rows if row.until is None or row.until >= clock.today() or not self.is_in_force]

    @property
    def people(self) -> Any:
        """The same to choose from: read with the record, also who has left for another township by now."""
        return Resident.objects.filter(pk__in=[person.pk for person in self.covered])

    @cached_property
    def hold(self) -> RecordChange | None:
        return RecordChange.objects.filter(record=self.record).holding().first()

    @cached_property
    def changes(self) -> list[ChangeLine]:
        rows = list(RecordChange.objects.filter(record=self.record).order_by("made_at"))
        seen = {row.pk: row for row in Referral.objects.readable_by(self.post).filter(pk__in=[row.decision_id for row in rows])}
        found = []
        for row in rows:
            referral = seen.get(row.decision_id)
            months = (row.until.year - row.since.year) * 12 + row.until.month - row.since.month + 1 if row.until else 0
            text = effect_text(row.kind, since=row.since, amount=row.amount, months=months)
            found.append(ChangeLine(row.made_at, text, row.reason, referral.get_absolute_url() if referral else ""))
        return sorted([*found, *self._standards], key=lambda line: line.at)

    @property
    def _standards(self) -> list[ChangeLine]:
        """Changes of standard that cut this record, or put its sum right."""
        rows = StandardLine.objects.filter(record=self.record, problem="", change__status=StandardChange.Status.APPLIED)
        return [
            ChangeLine(row.change.applied_at, f"自{row.change.month_label}起{row.amount}元", f"标准调整（{row.change.document}）", "")
            for row in rows.select_related("change")
        ]

    @cached_property
    def running(self) -> list[Running]:
        rows = Referral.objects.readable_by(self.post).filter(record=self.record).open()
        rows = rows.select_related("unit", "change", "handler__staff", "responsible__staff")
        return [Running(row, row.deed, whose_turn(row)) for row in rows]

    @cached_property
    def review(self) -> dict[str, Any] | None:
        """The review that stands, with its lamp."""
        duty = Duty.objects.open().about(self.record, REVIEW).select_related("unit").first()
        if duty is None:
            return None
        lamp: lamps.Lamp = counting.lamp_of(duty, clock.now(), counting.calendar_for(duty))
        return {"lamp": lamp, "unit": duty.unit.name, "due": counting.due_text(duty)}

    @cached_property
    def dead(self) -> list[Left]:
        """Who of those it reaches has died and is not taken out of it yet, and what was paid too long (C-19)."""
        return left_on(self.record)

    @property
    def after_death(self) -> str:
        """What one click opens on account of a death: 停止, 调整 where others alive have it too, 追回; "" where nothing is to be."""
        return next((row.verb for row in self.dead if row.can_begin), "") if self.actor is not None else ""

    def dead_lines(self) -> list[str]:
        return [f"{shown_name(row.person.name, self.post)}已于{row.person.died_on:%Y-%m-%d}死亡：{row.state}" for row in self.dead]

    @cached_property
    def actor(self) -> Post | None:
        return acting(self.posts, self.record, can_open_change)

    @property
    def can_review(self) -> bool:
        is_regular = self.record.cadence in {"monthly", "yearly"}
        return self.actor is not None and self.is_in_force and is_regular and not self.running

    @property
    def corrected(self) -> str:
        """What lists have kept back by themselves, before somebody claims it again."""
        return told_before_recovery(self.record) if Kind.RECOVER in self.kinds else ""

    @cached_property
    def kinds(self) -> list[str]:
        """How it may be changed now."""
        if self.actor is None:
            return []
        purposes = {row.referral.purpose for row in self.running}
        found = []
        over = self.record.until is not None and self.record.until < clock.today()
        if not over and self.record.cadence != AssistanceRecord.Cadence.ONCE:
            found = [Kind.STOP] if Referral.Purpose.STOP not in purposes else []
            if Referral.Purpose.CHANGE not in purposes:
                found += [Kind.RESUME] if self.hold else [Kind.ADJUST, Kind.HOLD, Kind.FADE]
        if Referral.Purpose.CHANGE not in purposes:
            found.append(Kind.RECOVER)
        return [str(kind.value) for kind in found]
