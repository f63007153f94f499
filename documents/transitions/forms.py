"""Texts that are signed or told: drafted by the platform, published by its approver, never changed afterwards."""

from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import transaction

from audit.transitions import record
from config import clock
from config.verbs import AlreadyHandled, TransitionError, lock, recheck, save
from organization.models import Post

from ..models import FormVersion
from ..permissions import can_draft_form, can_publish_form


@transaction.atomic
def draft_form(*, key: str, title: str, text: str, origin: str, source: str, fixture_digest: str = "", by: Post) -> FormVersion:
    """Write the next version of a text. Nobody signs it yet.

    Raises:
        TransitionError: another draft of the text waits already.
    """
    if not can_draft_form(by):
        raise PermissionDenied("告知承诺文本由县级平台起草。")
    versions = FormVersion.objects.visible_to(by).filter(key=key)
    # The newest version is held while the next number is taken; a text's first two meet in the unique constraint.
    newest = versions.select_for_update(of=("self",), no_key=True).order_by("-number").first()
    if newest and not newest.is_published and not fixture_digest:
        raise TransitionError(f"“{newest.title}”第{newest.number}版还没有发布，请先发布，再起草下一版。")
    form = FormVersion(
        key=key, number=newest.number + 1 if newest else 1, title=title.strip(), text=text.strip(), origin=origin, source=source.strip(),
        fixture_digest=fixture_digest, drafted_at=clock.now(), drafted_by=by, drafted_by_staff_id=by.staff_id,
    )  # fmt: skip
    save(form)
    record("form.drafted", form, by=by, note=form.source)
    return form


@transaction.atomic
def publish_form(*, form_id: int, valid_from: date, by: Post) -> FormVersion:
    """Let a version be in force from a day on. What was signed before keeps its own version.

    Raises:
        AlreadyHandled: it has been published.
        TransitionError: a day before the version in force, or in the past once there is one.
    """
    form = lock(FormVersion.objects.visible_to(by).get_or_404(form_id))
    if form.is_published:
        raise AlreadyHandled(f"{form}已由{form.published_by}于{clock.local(form.published_at):%Y-%m-%d %H:%M}发布。")
    recheck(form, can_publish_form, by)
    before = FormVersion.objects.published().filter(key=form.key).order_by("-valid_from").first()
    if before and valid_from < max(clock.today(), before.valid_from or clock.today()):
        raise TransitionError(f"启用日期不能早于今天，也不能早于现行版本的启用日期{before.valid_from}。")
    form.valid_from, form.published_at, form.published_by = valid_from, clock.now(), by
    form.published_by_staff_id = by.staff_id
    save(form, "valid_from", "published_at", "published_by", "published_by_staff")
    record("form.published", form, by=by, new=f"{valid_from:%Y-%m-%d}")
    return form
