"""The owner of the rolls: one template per program, compared and applied set by set (see `records`, `statuses`)."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.db.models import Max, Q

from config.verbs import TransitionError
from organization.kinds import TOWNSHIP
from spreadsheets.declaration import Comparison, Template

from ..month_lock import lock_shared
from ..transitions.entering_records import enter_records
from ..transitions.entering_statuses import enter_statuses
from ..transitions.entering_strangers import enter_strangers
from . import laying, people, records, statuses
from .people import asked, take_turn
from .roll_templates import Roll, among, handed_in_by, roll, rolls

if TYPE_CHECKING:
    from organization.models import Post
    from spreadsheets.models import Batch

# Counted, so that ten thousand keys need not be handed on.
LOCKED = """
    SELECT count(*) FROM (
        SELECT t.id FROM households_assistancerecord t WHERE t.id IN (SELECT subject_id FROM spreadsheets_stagedrow WHERE batch_id = %s)
        ORDER BY t.id FOR NO KEY UPDATE
    ) held
"""


class Rolls:
    def template(self, name: str) -> Template | None:
        known = roll(name)
        return known.template if known else None

    def templates(self, names: "Sequence[str]") -> "Sequence[Template]":
        return [each.template for each in rolls(program__in=names)]

    def listed_for(self, post: "Post") -> Sequence[Template]:
        return [each.template for each in handed_in_by(post)]

    def may_hand_in(self, post: "Post", template: Template) -> bool:
        return bool(handed_in_by(post, program=template.name))

    def among(self, templates: "Sequence[Template]", posts: "Sequence[Post]") -> dict[str, list["Post"]]:
        return among({template.name: template.key for template in templates}, posts)

    def compare(self, batch: "Batch", template: Template) -> Comparison:
        _refuse_older(batch, template)
        known = _roll(template)
        compared = (statuses if known.is_status else records).compare(batch, known)
        laying.write_back(batch)
        return compared

    def apply(self, batch: "Batch", template: Template, by: "Post") -> None:
        """What it meets is locked, compared once more, and refused where it would come out otherwise.

        Raises:
            TransitionError: something has changed since the comparison.
        """
        known = _roll(template)
        self.hold(template)
        _refuse_older(batch, template)
        if not known.is_status:
            asked(LOCKED, [batch.pk])
        (statuses if known.is_status else records).lay(batch, known)
        moved = laying.moved_since(batch)
        if moved:
            raise TransitionError(f"比对之后有{moved}行对应的人员或救助已变动。")
        enter_strangers(batch=batch, template=template, by=by)
        if known.is_status:
            enter_statuses(batch=batch, roll=known, by=by)
        else:
            enter_records(batch=batch, roll=known, by=by)

    def hold(self, template: Template) -> None:
        """One roll of a program at a time is entered or taken back; no month is closed meanwhile."""
        lock_shared(template.name)
        take_turn("pg_advisory_xact_lock(hashtext(%s))", template.key)

    def rows_for(self, post: "Post", template: Template) -> Sequence[dict[str, Any]]:  # noqa: ARG002 - a roll is the department's to write
        return []


def _roll(template: Template) -> Roll:
    known = roll(template.name)
    if known is None:
        raise TransitionError(f"“{template.title}”对应的救助项目目前没有启用的版本，不能导入。")
    return known


def _refuse_older(batch: "Batch", template: Template) -> None:
    """The newer day wins: an older roll would end and change back what a newer one says of the same people.

    Raises:
        TransitionError: a roll of a later day stands for the county, or for the same township.
    """
    if not template.is_whole:
        return
    newer = type(batch).objects.standing().filter(template=template.key, as_of__gt=batch.as_of)
    if township := people.township_of(batch):
        newer = newer.exclude(Q(unit__kind__in=TOWNSHIP) & ~Q(unit__region_id=township))
    day = newer.aggregate(day=Max("as_of"))["day"]
    if day is not None:
        raise TransitionError(f"平台已有截至{day}的“{template.title}”，这份截至{batch.as_of}，更早，不能入库。请核对数据截止日和文件。")
