"""People without papers are registered with what is known, and known at last (RULES C4)."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F

from config import clock as house_clock
from config.protection.sealing import open_sealed
from config.verbs import TransitionError
from households.models import Household, Resident, Unidentified
from households.transitions import Signs, find_by_number, register_unidentified, revise_resident
from households.transitions import unidentified as verbs
from tests import cast
from tests.households import factories
from tests.households.factories import ResidentFactory

pytestmark = pytest.mark.django_db


def registered(by, **changed):
    signs = {"description": "身高约一米六，外地口音", "found_on": house_clock.today(), "born_about": 1950, **changed}
    return register_unidentified(sex="2", signs=Signs(**signs), region=factories.place(), by=by)


def test_somebody_unknown_has_a_temporary_number_that_finds_nobody(clerk, lines, neighbour_clerk):
    resident = registered(clerk, found_at_place="汽车站")
    assert (resident.name, resident.id_type, str(resident.id_number)[:2]) == ("无名氏", "none", "WZ")
    row = resident.unidentified
    assert (row.born_about, row.noted_by, row.identified_at) == (1950, clerk, None)
    assert lines("unidentified.registered")[0].subject_text
    assert find_by_number(number=open_sealed(resident, "id_number"), by=clerk).resident is None
    assert list(Resident.objects.named("无名氏", clerk)) == [resident]
    assert not Unidentified.objects.visible_to(neighbour_clerk).exists()


def test_the_number_is_entered_once_it_is_known(clerk):
    resident, number, held = registered(clerk), factories.id_number(sex="2"), factories.id_number(sex="2")
    ResidentFactory(number=held)
    fields = {"name": "虚查明", "id_type": "resident"}
    with pytest.raises(ValidationError, match="合并重复"), transaction.atomic():
        revise_resident(resident_id=resident.pk, fields=fields, number=held, seen_at=resident.changed_at, by=clerk)
    revise_resident(resident_id=resident.pk, fields=fields, number=number, seen_at=resident.changed_at, by=clerk)
    row = Unidentified.objects.get()
    assert (row.identified_by, row.resident.name) == (clerk, "虚查明")
    assert find_by_number(number=number, by=clerk).resident == resident


def test_what_is_asked(clerk, approver, assistant):
    for changed, field in (
        ({"description": " "}, "description"),
        ({"found_on": house_clock.today() + timedelta(days=1)}, "found_on"),
        ({"born_about": 2030}, "born_about"),
    ):
        with pytest.raises(ValidationError) as wrong:
            registered(clerk, **changed)
        assert list(wrong.value.message_dict) == [field]
    with pytest.raises(TransitionError, match="证件号码"):
        registered(clerk, description=f"自称{factories.id_number()}")
    for post in (approver, assistant):
        with pytest.raises(PermissionDenied):
            registered(post)
    with pytest.raises(TransitionError, match="不在本辖区"):
        registered(cast.member("neighbour_clerk"))


def test_the_event_fails_and_nobody_is_registered(clerk, failing_record):
    failing_record(verbs)
    with pytest.raises(RuntimeError):
        registered(clerk)
    assert not Resident.objects.exists()


@pytest.mark.parametrize(
    ("constraint", "changed"),
    [
        ("somebody_unknown_is_described", {"description": ""}),
        ("estimated_birth_is_possible", {"born_about": 1800}),
        ("identification_says_who_and_when", {"identified_at": F("noted_at")}),
    ],
)
def test_constraints(clerk, constraint, changed):
    row = registered(clerk).unidentified
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Unidentified.objects.filter(pk=row.pk).update(**changed)


def test_by_its_pages_and_a_household_of_ones_own(signed_in, clerk):
    client = signed_in(clerk)
    said = {
        "region": cast.VILLAGE, "name": "", "id_type": "none", "number": "", "sex": "2", "birth_on": "", "phone": "",
        "registered_place": "", "born_about": "1950", "description": "", "found_at_place": "汽车站", "found_on": "2026-09-24",
    }  # fmt: skip
    refused = client.post("/households/residents/enter/", said)
    assert refused.status_code == 422
    assert "汽车站" in refused.content.decode()
    answer = client.post("/households/residents/enter/", {**said, "description": "外地口音"})
    page = client.get(answer.url).content.decode()
    assert "身份待查" in page
    resident = Resident.objects.get()
    settled = client.post(f"{answer.url}settle/", {"region": cast.VILLAGE, "setting": "", "address": "救助站"})
    assert settled.url == Household.objects.get(memberships__resident=resident).get_absolute_url()
    number = factories.id_number()
    entered = client.post(
        "/households/residents/enter/", {**said, "name": "虚有证", "id_type": "resident", "number": number, "sex": "1", "born_about": ""}
    )
    assert entered.status_code == 302
