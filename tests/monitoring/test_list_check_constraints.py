"""Each truth of a purpose and of a run, broken past form and verb."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from config import clock
from monitoring.models import CheckPurpose, ListCheck
from tests.monitoring.lists import PURPOSE

pytestmark = pytest.mark.django_db


def refused(row, constraint):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        row.save(force_insert=True)


def a_purpose(by, **changed):
    given = {
        "unit": by.unit, "program_id": "JW02", "purpose": PURPOSE, "tags": ["subsistence"],
        "proposed_at": clock.now(), "proposed_by": by, "proposed_by_staff": by.staff,
    }  # fmt: skip
    return CheckPurpose(**{**given, **changed})


def answered(by, **changed):
    return {"answered_at": clock.now(), "answered_by": by, "answered_by_staff": by.staff, **changed}


def test_one_standing_check_purpose_per_program_and_words(neighbour_officer):
    a_purpose(neighbour_officer).save()
    refused(a_purpose(neighbour_officer), "one_standing_check_purpose_per_program_and_words")


def test_check_purpose_says_for_what_and_which_identities(neighbour_officer):
    refused(a_purpose(neighbour_officer, tags=[]), "check_purpose_says_for_what_and_which_identities")
    refused(a_purpose(neighbour_officer, purpose=""), "check_purpose_says_for_what_and_which_identities")


def test_answered_check_purpose_says_who_and_when(neighbour_officer):
    refused(a_purpose(neighbour_officer, status="refused", answer="不清楚"), "answered_check_purpose_says_who_and_when")


def test_approved_check_purpose_has_its_last_day(neighbour_officer, platform_approver):
    refused(a_purpose(neighbour_officer, status="approved", **answered(platform_approver)), "approved_check_purpose_has_its_last_day")
    refused(a_purpose(neighbour_officer, status="refused", **answered(platform_approver)), "approved_check_purpose_has_its_last_day")


def test_check_purpose_is_not_answered_by_its_proposer(neighbour_officer):
    until = clock.today() + timedelta(days=30)
    row = a_purpose(neighbour_officer, status="approved", until=until, **answered(neighbour_officer))
    refused(row, "check_purpose_is_not_answered_by_its_proposer")


def test_ended_check_purpose_says_who_when_and_why(neighbour_officer, platform_approver):
    row = a_purpose(neighbour_officer, status="ended", until=clock.today(), **answered(platform_approver))
    refused(row, "ended_check_purpose_says_who_when_and_why")


def test_list_check_counts_what_it_asked(neighbour_officer):
    row = a_purpose(neighbour_officer)
    row.save()
    refused(ListCheck(purpose=row, rows=0, known=0, ran_at=clock.now(), ran_by=neighbour_officer), "list_check_counts_what_it_asked")
    refused(ListCheck(purpose=row, rows=1, known=2, ran_at=clock.now(), ran_by=neighbour_officer), "list_check_counts_what_it_asked")
