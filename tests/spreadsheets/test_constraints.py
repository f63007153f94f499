"""Every truth of the room's tables, broken once past form and verb."""

import uuid

import pytest
from django.db import IntegrityError, transaction

from config import clock
from spreadsheets.models import Batch, Mapping, StagedRow
from tests.spreadsheets.handing_in import approval_of, export_of, form_of

pytestmark = pytest.mark.django_db
DIGEST = uuid.UUID(int=7)


def broken(row, constraint, **changed):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        type(row)._base_manager.filter(pk=row.pk).update(**changed)


def batch_of(clerk, **more):
    given = {
        "template": "test:added", "title": "测试名册", "unit": clerk.unit, "as_of": clock.today(), "file_name": "名册.csv",
        "file_digest": DIGEST, "size": 1, "handed_in_at": clock.now(), "handed_in_by": clerk, "handed_in_by_staff": clerk.staff,
    }  # fmt: skip
    return Batch.objects.create(**{**given, **more})


@pytest.fixture
def batch(clerk):
    return batch_of(clerk)


def test_a_file_is_on_its_way_once(batch, clerk):
    with pytest.raises(IntegrityError, match="a_file_is_on_its_way_once"), transaction.atomic():
        batch_of(clerk)
    batch_of(clerk, status="dropped", dropped_at=clock.now(), dropped_by=clerk)


def test_a_refusal_says_why_and_nothing_else_does(batch):
    broken(batch, "refused_batch_says_why", status="refused")
    broken(batch, "refused_batch_says_why", refusal="没有表头")


def test_moments_have_their_people(batch, clerk):
    broken(batch, "proposed_batch_has_its_proposer", proposed_at=clock.now())
    broken(batch, "confirmed_batch_has_its_confirmer", confirmed_at=clock.now(), confirmed_by=clerk)
    broken(batch, "applied_batch_was_confirmed", applied_at=clock.now(), applied_by=clerk)
    broken(batch, "dropped_batch_has_its_dropper", dropped_at=clock.now())
    broken(batch, "undone_batch_says_who_and_why", undone_at=clock.now(), undone_by=clerk, reason="报错了")


def test_much_is_confirmed_by_somebody_else(batch, clerk):
    Batch.objects.filter(pk=batch.pk).update(needs_second=True)
    confirmed = {"confirmed_at": clock.now(), "confirmed_by": clerk, "confirmed_by_staff": clerk.staff}
    broken(batch, "large_batch_is_confirmed_by_a_second", **confirmed)


def test_a_unit_has_one_mapping_for_a_template(clerk):
    given = {"unit": clerk.unit, "template": "test:added", "set_at": clock.now(), "set_by": clerk}
    Mapping.objects.create(**given)
    with pytest.raises(IntegrityError, match="one_mapping_per_unit_and_template"), transaction.atomic():
        Mapping.objects.create(**given)


def test_a_wrong_row_says_what_is_wrong(batch):
    row = StagedRow.objects.create(batch=batch, number=2, new_id=uuid.uuid4())
    broken(row, "wrong_row_says_what_is_wrong", outcome="error")


def test_a_kept_file_has_its_digest_and_its_last_day(clerk):
    export = export_of(clerk)
    broken(export, "kept_file_has_its_digest_and_its_last_day", storage_name="ab/cd")
    broken(export, "removed_file_was_made", removed_on=clock.today())


def test_numbers_leave_in_clear_by_an_approval_in_its_period(platform):
    export, approval = export_of(platform), approval_of(platform)
    broken(export, "numbers_leave_in_clear_by_an_approval", in_clear=True)
    broken(export, "run_of_an_approval_has_its_period", approval=approval)
    export_of(platform, approval=approval, period="2026-09")
    broken(export, "one_run_of_an_approval_in_its_period", approval=approval, period="2026-09")


def test_an_approval_has_its_people_and_reasons(platform, platform_approver):
    approval, now = approval_of(platform), clock.now()
    broken(approval, "decided_approval_has_its_decider", status="approved")
    decided = {"status": "approved", "decided_at": now, "decided_by": platform_approver}
    broken(approval, "approval_is_decided_by_a_second", **decided, decided_by_staff=platform.staff)
    broken(approval, "ended_approval_says_who_and_why", status="ended", ended_at=now, ended_by=platform)
    by = {"decided_by_staff": platform_approver.staff, **decided, "status": "refused"}
    broken(approval, "refused_approval_says_why", **by)
    broken(approval, "approval_runs_on_a_day_of_every_month", day=31)


def test_a_form_has_its_people(clerk):
    form = form_of(clerk, mapped_at=None, mapped_by=None)
    broken(form, "mapping_of_a_form_has_its_mapper", mapped_at=clock.now())
    broken(form, "withdrawn_form_has_its_withdrawer", withdrawn_at=clock.now())
