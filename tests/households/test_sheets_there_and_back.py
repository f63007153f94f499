"""Files on the whole road and the register they meet: again they change nothing, taken back they leave nothing (SECURITY D9)."""

import random
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit.models import Event
from audit.presenters import phrase
from config import clock
from config.protection.sealing import open_sealed
from config.verbs import TransitionError
from deadlines.models import Notice
from households.models import Fact, FactRequest, FactUse, Household, Membership
from households.sheets.facts import Facts
from households.sheets.residents import REGISTER
from households.transitions import ask_for_fact
from spreadsheets import holders, transitions
from spreadsheets.blank import blank
from spreadsheets.declaration import template_of
from spreadsheets.ground import ground
from spreadsheets.models import Batch, Effect
from tests import cast
from tests.spreadsheets.factories import run

from . import factories
from .factories import HouseholdFactory, ResidentFactory

pytestmark = pytest.mark.django_db
TABLES = (
    "households_resident", "households_household", "households_membership", "households_fact", "households_factrequest",
    "households_access", "programs_wholelist", "deadlines_duty",
)  # fmt: skip
S = Batch.Status


def dumped():
    """Every row that a sheet could touch, octet by octet."""
    with connection.cursor() as cursor:
        said = {}
        for table in TABLES:
            cursor.execute(f"SELECT to_jsonb(t)::text FROM {table} t ORDER BY id")  # noqa: S608 - above
            said[table] = [text for (text,) in cursor.fetchall()]
    return said


def written(template, rows):
    return b"".join(blank(template, ground(clock.today()), rows=rows))


def read(template, rows, by, as_of=None):
    batch = transitions.hand_in(
        template=template.key, file_name="报送.xlsx", octets=written(template, rows), as_of=as_of or clock.today(), by=cast.member(by)
    )
    run()
    batch.refresh_from_db()
    assert batch.status == S.READY, batch.refusal
    assert not batch.counts.get("error"), list(batch.staged.values_list("problems", flat=True))
    return batch


def entered(template, rows, by, as_of=None):
    batch = read(template, rows, by, as_of)
    transitions.propose(batch_id=batch.pk, jump_reason="核对无误", by=cast.member(by))
    run()
    batch.refresh_from_db()
    assert batch.status == S.APPLIED, batch.remarks
    return batch


def taken_back(batch, by):
    transitions.ask_undo(batch_id=batch.pk, reason="报错了", by=cast.member(by))
    run()
    batch.refresh_from_db()
    assert batch.status == S.UNDONE


def held(asked):
    """What is locked by name, in order."""
    return [each["sql"].replace("_shared", "") for each in asked if "pg_advisory_xact_lock" in each["sql"] and "hashtext" in each["sql"]]


def register_rows():
    """The register in the form of its sheet."""
    rows = []
    for member in Membership.objects.open().select_related("household", "resident").order_by("household", "relation", "pk"):
        person, home = member.resident, member.household
        rows.append({
            "home": home.number, "relation": member.relation, "name": person.name, "id_number": open_sealed(person, "id_number"),
            "township": home.township_code, "village": home.region_id, "address": home.address, "setting": home.setting,
            "registered_place": person.registered_place, "phone": open_sealed(person, "phone"), "lives_together": member.lives_together,
        })  # fmt: skip
    return rows


def fact_rows(template):
    """What stands of a sheet's facts in the sheet's form."""
    keys = [field.key for field in template.fields]
    rows = {}
    for fact in Fact.objects.standing().filter(how="import", kind__in=keys).select_related("resident").order_by("resident"):
        row = rows.setdefault(fact.resident_id, {"name": fact.resident.name, "id_number": open_sealed(fact.resident, "id_number")})
        row |= {fact.kind_id: fact.value, "valid_until": fact.valid_until and fact.valid_until.isoformat()}
    return list(rows.values())


def some_people(rng):
    rows = []
    for home in range(3):
        village = rng.choice([cast.VILLAGE, cast.OTHER_VILLAGE])
        for nth in range(rng.randint(1, 3)):
            relation = rng.choice(["10", "20", "97"]) if nth else "02"
            rows.append({
                "home": str(home), "relation": relation, "name": "虚" + rng.choice("强军芳兰") + "甲乙丙"[nth],
                "id_number": factories.id_number(), "township": cast.HOME, "village": village, "address": rng.choice(["", "虚构路2号"]),
                "phone": rng.choice(["", "023-01234567"]), "lives_together": rng.random() < 0.8,
            })  # fmt: skip
    return rows


def some_cards(rng, people):
    return [
        {
            "name": person["name"], "id_number": person["id_number"], "township": cast.HOME, "disability_kind": rng.choice("1234567"),
            "disability_level": rng.choice("1234"), "valid_until": rng.choice([None, "2031-05-06"]),
        }
        for person in people
    ]  # fmt: skip


@pytest.mark.parametrize("seed", [1, 2])
def test_people_exported_and_imported_again_change_nothing_and_are_taken_back_exactly(seed):
    rng = random.Random(seed)
    HouseholdFactory()
    before = dumped()
    batch = entered(REGISTER, some_people(rng), "clerk")
    assert batch.counts["new"] == batch.rows
    after = dumped()
    rows = register_rows()
    again = entered(REGISTER, rows, "clerk")
    assert (again.counts["same"], again.rows, again.remarks) == (len(rows), len(rows), [])
    assert not Effect.objects.filter(batch=again).exists()
    assert dumped() == after
    taken_back(batch, "clerk")
    assert dumped() == before


def test_what_a_later_file_said_again_is_not_taken_away_with_the_first():
    """Both of one afternoon: the first is taken back after the second alone, and then nothing is left."""
    rng = random.Random(5)
    template, today = Facts().template("CL_cards"), clock.today()
    cards = some_cards(rng, some_people(rng))
    before = dumped()
    first = entered(template, cards, "officer", as_of=today - timedelta(days=40))
    between = dumped()
    second = entered(template, cards, "officer")
    assert second.counts["same"] == second.rows
    with pytest.raises(TransitionError, match="入库之后已有变动"):
        transitions.undo(batch_id=first.pk, by=cast.member("officer"))
    taken_back(second, "department_approver")
    assert dumped() == between
    taken_back(first, "department_approver")
    assert dumped() == before


def test_what_somebody_known_lacked_comes_with_the_household_he_joins():
    """The telephone of the row is shown as new: entered, it stands, and the same file again has nothing to fill."""
    loose = ResidentFactory(name="虚无户", number=(number := factories.id_number()))
    before = dumped()
    row = {
        "home": "1", "relation": "02", "name": loose.name, "id_number": number, "township": cast.HOME, "village": cast.VILLAGE,
        "phone": "023-01234567", "registered_place": "重庆市忠县",
    }  # fmt: skip
    batch = entered(REGISTER, [row], "clerk")
    assert batch.counts["new"] == 1
    loose.refresh_from_db()
    assert (open_sealed(loose, "phone"), loose.registered_place) == ("023-01234567", "重庆市忠县")
    assert Event.objects.get(verb="resident.revised", subject_id=str(loose.pk)).new == "户籍地、联系电话"
    after = dumped()
    again = entered(REGISTER, [row], "clerk")
    assert again.counts["same"] == 1
    assert dumped() == after
    taken_back(batch, "clerk")
    assert dumped() == before


@pytest.mark.parametrize("seed", [3, 4])
def test_facts_exported_and_imported_again_change_nothing_and_are_taken_back_exactly(seed):
    rng = random.Random(seed)
    template = Facts().template("CL_cards")
    people = some_people(rng)
    entered(REGISTER, people[: len(people) // 2 + 1], "clerk")
    entered(template, some_cards(rng, people), "officer")
    before = dumped()
    rows = fact_rows(template)
    again = entered(template, rows, "officer")
    assert again.counts["same"] == len(rows) == len(people)
    assert dumped() == before, "what is exported and imported again changes nothing"
    clock_rows = some_cards(rng, [*rng.sample(people, len(people) - 1), {"name": "虚新来", "id_number": factories.id_number()}])
    batch = entered(template, clock_rows, "officer")
    assert batch.counts["gone"] == 1
    assert dumped() != before
    taken_back(batch, "department_approver")
    assert dumped() == before


@pytest.fixture
def asked_card(clerk):
    """Somebody of whom the township asked for the card, and the row that answers it."""
    home = HouseholdFactory()
    head = factories.head_of(home)
    request = ask_for_fact(household_id=home.pk, kind_key="disability_card", resident_id=head.pk, by=clerk)
    row = {"name": head.name, "id_number": open_sealed(head, "id_number"), "disability_kind": "4", "disability_level": "1"}
    return request, row


def test_a_request_that_the_file_answered_waits_again_once_it_is_taken_back(asked_card):
    request, row = asked_card
    before = dumped()
    batch = entered(Facts().template("CL_cards"), [row], "officer")
    request.refresh_from_db()
    assert request.status == "answered"
    taken_back(batch, "department_approver")
    assert dumped() == before, "the request, its clock and its look are as they were"
    event = Event.objects.get(verb="fact_request.reopened", subject_id=str(request.pk))
    assert phrase(event) == "答复所凭的入库已撤销，重新待县残联核实"
    assert Event.objects.filter(verb="duty.reopened").count() == 1
    notice = Notice.objects.get(kind="fact_request.reopened")
    assert (notice.unit, "答复已收回" in notice.title) == (request.asked_by.unit, True)
    again = entered(Facts().template("CL_cards"), [row], "officer")
    request.refresh_from_db()
    assert (request.status, again.status) == ("answered", S.APPLIED), "asked still, it is answered anew"


def _leant_on(request, fact):
    FactUse.objects.create(fact=fact, subject_label="intake.application", subject_id="1", used_at=clock.now(), used_by=request.asked_by)


def _asked_again(request, fact):
    FactRequest.objects.create(
        household=request.household, resident=request.resident, kind=request.kind, unit=request.unit, asked_at=clock.now(),
        asked_by=request.asked_by,
    )  # fmt: skip


def _home_gone(request, fact):
    Household.objects.filter(pk=request.household_id).update(closed_at=clock.now(), closed_by=request.asked_by)


@pytest.mark.parametrize(
    ("since", "sentence"),
    [(_leant_on, "1项已被后来的办理用作依据"), (_asked_again, "1项后来又重新请单位核实"), (_home_gone, "1项的家庭后来已注销")],
)
def test_an_answer_that_was_acted_on_keeps_the_entry(asked_card, since, sentence, department_approver):
    request, row = asked_card
    batch = entered(Facts().template("CL_cards"), [row], "officer")
    request.refresh_from_db()
    assert holders.holds(batch) == ""
    since(request, request.fact)
    assert sentence in holders.holds(batch)
    with pytest.raises(TransitionError, match=sentence):
        transitions.ask_undo(batch_id=batch.pk, reason="报错了", by=department_approver)


@pytest.mark.parametrize("template", ["households.people:register", "households.facts:CL_cards"])
def test_what_is_entered_and_what_is_taken_back_hold_the_same(template):
    rng = random.Random(5)
    people = some_people(rng)
    rows, by = (people, "clerk") if template == REGISTER.key else (some_cards(rng, people), "officer")
    batch = read(template_of(template), rows, by)
    with CaptureQueriesContext(connection) as entering:
        transitions.propose(batch_id=batch.pk, jump_reason="核对无误", by=cast.member(by))
        run()
    with CaptureQueriesContext(connection) as undoing:
        taken_back(batch, "clerk" if by == "clerk" else "department_approver")
    assert held(undoing) == held(entering) != []
