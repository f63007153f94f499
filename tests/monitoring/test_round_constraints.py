"""Each truth of a round, a delivery and its items, broken past form and verb."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from config import clock
from monitoring.models import Delivery, DeliveryItem, Round
from spreadsheets.models import Batch

pytestmark = pytest.mark.django_db
SEPTEMBER = date(2026, 9, 1)


def refused(row, constraint, **changed):
    for name, value in changed.items():
        setattr(row, name, value)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        row.save(force_insert=True)


def a_round(by, **changed):
    given = {
        "kind": "monthly", "month": SEPTEMBER, "opens_on": SEPTEMBER, "due_on": date(2026, 9, 5), "cut_off_on": date(2026, 8, 31),
        "opened_at": clock.now(), "opened_by": by,
    }  # fmt: skip
    return Round(**{**given, **changed})


@pytest.fixture
def opened(platform):
    row = a_round(platform)
    row.save()
    return row


def a_delivery(opened, officer, **changed):
    return Delivery(**{"round": opened, "unit": officer.unit, "opened_at": clock.now(), "opened_by": officer, **changed})


def handed_in(officer, **changed):
    now = clock.now()
    given = {
        "status": "submitted", "handed_in_at": now, "handed_in_by": officer, "submitted_at": now, "submitted_by": officer,
        "submitted_by_staff": officer.staff,
    }  # fmt: skip
    return {**given, **changed}


def accepted(by):
    return {"status": "accepted", "accepted_at": clock.now(), "accepted_by": by, "accepted_by_staff": by.staff}


def an_item(opened, officer, **changed):
    delivery = a_delivery(opened, officer)
    delivery.save()
    given = {"delivery": delivery, "part": "aid", "key": "households.roll:CL01", "title": "名册", "place": 1}
    return DeliveryItem(**{**given, **changed})


def a_batch(officer):
    given = {"template": "households.roll:CL01", "title": "名册", "unit": officer.unit, "as_of": SEPTEMBER, "file_name": "a.xlsx"}
    given |= {"file_digest": "0" * 32, "size": 1, "handed_in_at": clock.now(), "handed_in_by": officer, "handed_in_by_staff": officer.staff}
    return Batch.objects.create(**given)


def test_days_of_a_round(opened, platform):
    refused(a_round(platform), "one_round_per_kind_and_month")
    october = date(2026, 10, 1)
    refused(a_round(platform, month=date(2026, 10, 2)), "round_names_a_month")
    refused(a_round(platform, month=october, opens_on=date(2026, 9, 6)), "round_is_due_after_it_opens")
    refused(a_round(platform, month=october, paper_due_on=date(2026, 9, 25)), "paper_is_due_in_rounds_of_townships")
    refused(a_round(platform, kind="township", month=october), "paper_is_due_in_rounds_of_townships")


def test_who_handed_in_and_when(opened, officer):
    a_delivery(opened, officer).save()
    refused(a_delivery(opened, officer), "one_delivery_per_unit_and_round")
    refused(a_delivery(opened, officer), "handed_in_delivery_says_who_and_when", **handed_in(officer, handed_in_by=None))
    refused(a_delivery(opened, officer), "submitted_delivery_says_who_and_when", **handed_in(officer, submitted_by_staff=None))
    early = handed_in(officer, submitted_at=clock.now() - timedelta(days=1))
    refused(a_delivery(opened, officer), "submitted_delivery_says_who_and_when", **early)


def test_who_sent_it_back_and_why(opened, officer, platform):
    given = handed_in(officer, returned_at=clock.now(), returned_by=platform)
    refused(a_delivery(opened, officer), "returned_delivery_says_who_when_and_why", **given)
    refused(a_delivery(opened, officer), "delivery_sent_back_was_returned", **handed_in(officer, status="returned"))


def test_who_accepted_it(opened, officer, platform):
    given = handed_in(officer) | accepted(platform)
    refused(a_delivery(opened, officer), "accepted_delivery_says_who_and_when", **{**given, "accepted_by": None})
    refused(a_delivery(opened, officer), "nobody_accepts_a_delivery_of_their_own", **handed_in(officer) | accepted(officer))


def test_paper_of_a_delivery_says_when_and_who(opened, officer):
    refused(a_delivery(opened, officer), "paper_of_a_delivery_says_when_and_who", paper_on=SEPTEMBER)


def test_an_item_and_its_state(opened, officer):
    row = an_item(opened, officer)
    row.save()
    again = {"delivery": row.delivery, "title": "名册", "place": 2}
    marked = {"marked_at": clock.now(), "marked_by": officer}
    refused(DeliveryItem(**again, part="aid", key=row.key), "an_item_stands_once_in_a_delivery")
    refused(DeliveryItem(**again, part="policy", key="x"), "policy_part_has_no_template")
    refused(DeliveryItem(**again, part="shared", key="x", state="no_change"), "marked_item_says_who_and_when")
    refused(DeliveryItem(**again, part="shared", key="x", state="updated", **marked), "updated_list_names_its_file")
    batch = a_batch(officer)
    refused(DeliveryItem(**again, part="shared", key="x", state="no_change", batch=batch, **marked), "updated_list_names_its_file")
