"""Every truth the organization's tables keep, by breaking it past the forms and verbs."""

from datetime import UTC, date, datetime

import pytest
from django.db import IntegrityError, transaction

from organization.models import Absence, Department, Mobile, Parameter, Phrase, Post, Region, ReviewOffice, Staff, Unit
from organization.transitions import mobiles
from tests.cast import HOME

pytestmark = pytest.mark.django_db
DAY, EARLIER, MOMENT = date(2026, 1, 1), date(2025, 1, 1), datetime(2026, 1, 1, tzinfo=UTC)


def refuses(constraint: str, make) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        make()


def region(**over):
    return lambda: Region.objects.create(
        **{"code": "500233301", "name": "试", "level": "township", "parent_id": "500233", "valid_from": DAY, **over}
    )


def unit(**over):
    return lambda: Unit.objects.create(
        **{"kind": "township_office", "name": "试", "short_name": "试", "region_id": HOME, "valid_from": DAY, **over}
    )


def post(clerk, **over):
    values = {
        "staff": clerk.staff, "unit": clerk.unit, "family": "casework", "rank": "approver", "valid_from": date(2030, 1, 1),
        "valid_until": date(2030, 6, 1), "proposed_at": MOMENT, "proposed_by": clerk, **over,
    }  # fmt: skip
    return lambda: Post.objects.create(**values)


def test_regions():
    refuses("region_code_length_fits_level", region(code="50023330"))
    refuses("region_below_county_has_parent", region(parent_id=None))
    refuses("region_ends_after_it_begins", region(valid_until=EARLIER))


def test_departments():
    mz = Department.objects.get(code="MZ")
    refuses("department_with_successor_has_ended", lambda: Department.objects.filter(code="XC").update(successor=mz))
    refuses("department_ends_after_it_begins", lambda: Department.objects.filter(code="XC").update(valid_until=date(2000, 1, 1)))


def test_units():
    refuses("township_office_says_which", unit(office=""))
    refuses("department_unit_names_its_department", unit(kind="department"))
    refuses("one_window_per_region", unit(kind="township_window"))
    refuses("one_office_of_a_kind_per_township", unit(office="justice"))
    refuses("one_unit_per_department", unit(kind="department", department=Department.objects.get(code="CL")))
    refuses("one_county_desk_of_a_kind", unit(kind="platform"))
    refuses("unit_ends_after_it_begins", unit(kind="village_window", valid_until=EARLIER))
    refuses("unit_with_successor_has_ended", lambda: Unit.objects.filter(office="justice").update(successor=Unit.objects.first()))


def test_review_offices():
    row = ReviewOffice.objects.filter(valid_until=None).first()
    refuses(
        "one_review_office_per_department_and_township",
        lambda: ReviewOffice.objects.create(department=row.department, township=row.township, office=row.office, valid_from=DAY),
    )


def test_staff(clerk):
    refuses(
        "one_system_account", lambda: Staff.objects.create(username="s2", name="二", is_system=True, created_at=MOMENT, created_by=clerk)
    )
    refuses("only_the_system_has_no_creator", lambda: Staff.objects.create(username="s3", name="三", created_at=MOMENT))


def test_posts(clerk, system_administrator):
    refuses("grant_has_its_granter", post(clerk, granted_at=MOMENT))
    refuses("refusal_of_a_post_has_its_refuser", post(clerk, refused_at=MOMENT))
    refuses("end_of_a_post_has_its_ender", post(clerk, ended_by=clerk))
    granted = {"granted_at": MOMENT, "granted_by": system_administrator, "granted_by_staff": system_administrator.staff}
    refuses("refused_post_was_never_granted", post(clerk, refused_at=MOMENT, refused_by=clerk, **granted))
    refuses("grant_is_dated_within_a_year", post(clerk, valid_until=date(2032, 1, 1)))
    refuses("nobody_grants_a_post_to_themselves", post(clerk, granted_at=MOMENT, granted_by=clerk, granted_by_staff=clerk.staff))
    refuses("granter_is_not_the_proposer", post(clerk, proposed_by_staff=system_administrator.staff, **granted))
    post(clerk)()
    refuses("nobody_holds_incompatible_posts", post(clerk, family="supervision"))
    refuses("one_post_per_person_unit_and_rank_at_a_time", post(clerk))


def test_parameters(clerk):
    old = Parameter.objects.first()
    refuses(
        "one_value_per_parameter_scope_and_day",
        lambda: Parameter.objects.create(
            key=old.key, name=old.name, value=1, valid_from=old.valid_from, region=old.region, department=old.department, origin="assumed",
            set_at=MOMENT, set_by=clerk,
        ),
    )  # fmt: skip


def test_phrases(clerk):
    def phrase(text="同意。"):
        return lambda: Phrase.objects.create(staff=clerk.staff, text=text, kept_at=MOMENT)

    phrase()()
    refuses("a_phrase_is_kept_once", phrase())
    refuses("a_phrase_has_words", phrase(text=""))


def test_absences(clerk):
    def absence(**over):
        days = {"first_on": date(2030, 1, 1), "last_on": date(2030, 1, 5)}
        return lambda: Absence.objects.create(**{"staff": clerk.staff, "noted_at": MOMENT, "noted_by": clerk, **days, **over})

    absence()()
    refuses("absence_ends_after_it_begins", absence(first_on=date(2031, 1, 2), last_on=date(2031, 1, 1)))
    refuses("return_from_absence_has_its_registrar", absence(first_on=date(2032, 1, 1), last_on=date(2032, 1, 1), ended_at=MOMENT))
    refuses("one_absence_per_person_at_a_time", absence(first_on=date(2030, 1, 5), last_on=date(2030, 1, 9)))


def test_a_mobile_is_sealed_whole(clerk):
    mobile = mobiles.text_me(number="138" + "0000" + "1234", by=clerk)
    with pytest.raises(IntegrityError, match="mobile_number_is_sealed_whole"), transaction.atomic():
        Mobile.objects.filter(pk=mobile.pk).update(number_masked="")
