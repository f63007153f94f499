"""Everyone can register, the window receives: what is written down, for whom, and whose turn it is then (ZX-15, ZX-19, ZX-46)."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from config import clock as house_clock
from config.protection.sealing import open_sealed
from config.verbs import TransitionError
from deadlines.models import Duty, Notice
from intake import transitions
from intake.models import Request
from organization.models import Unit
from tests import cast
from tests.intake.factories import RequestFactory, family, people
from tests.intake.verbs import events, fail, the_event

pytestmark = pytest.mark.django_db


def register(by, **changed):
    given = {"name": "乔虚求", "region_code": cast.VILLAGE, "causes": ["illness"], "matter": "住院花费大。", **changed}
    return transitions.register_request(**given, by=by)


def test_it_works(assistant, clerk):
    head = people(family())[0]
    request = register(
        assistant, name=head.name, number=open_sealed(head, "id_number"), phone="13800138000", is_urgent=True, wanted=["MZ04", "MZ04"],
        helper_name="甘雨村", helper_relation="协理员", consent="spoken",
    )  # fmt: skip
    assert (request.status, request.source, request.registered_by, request.registered_unit) == (
        "pushed",
        "village",
        assistant,
        assistant.unit,
    )
    assert (request.window, request.pushed_by, request.pushed_at) == (clerk.unit, assistant, house_clock.now())
    assert (request.resident, request.household, request.wanted) == (head, head.memberships.get().household, ["MZ04"])
    assert (str(request.phone), open_sealed(request, "phone")) == ("138****8000", "13800138000")
    event = the_event("request.registered", request)
    assert (event.by, event.household_id, event.data) == (assistant.staff, request.household_id, {"urgent": True})
    duty = Duty.objects.open().get()
    assert (duty.kind, duty.unit, duty.limit, duty.rule) == ("request", clerk.unit, 1, "working_days")
    assert head.name not in duty.title
    notice = Notice.objects.get()
    assert (notice.unit, notice.is_urgent) == (clerk.unit, True)
    assert head.name not in notice.title


def test_names_are_written_one_way_however_they_were_pasted(clerk):
    """As in the register: whoever goes on with the request finds the person by this name."""
    row = register(clerk, name=" 乔 虚\u3000求 ", source="phone", helper_name="甘 雨村", helper_relation="协理员", consent="spoken")
    assert (row.name, row.helper_name) == ("乔虚求", "甘雨村")


@pytest.mark.parametrize(
    ("who", "source"), [("officer", "department"), ("platform", "county"), ("reviewer", "township"), ("approver", "township")]
)
def test_everyone_can_register_and_only_a_village_may_keep_it_back(who, source):
    by = cast.member(who)
    request = register(by, push=False)
    assert (request.source, request.status, request.registered_unit) == (source, "pushed", by.unit)


def test_at_the_window_it_is_said_whether_somebody_rang_or_came(clerk):
    with pytest.raises(ValidationError) as refused:
        register(clerk)
    assert refused.value.message_dict["source"]
    assert register(clerk, source="phone").source == "phone"
    assert not Notice.objects.exists()  # nobody is told of their own call


def test_kept_back_the_village_owes_the_push(assistant):
    request = register(assistant, push=False)
    duty = Duty.objects.open().get()
    assert (request.status, duty.kind, duty.unit, duty.limit) == ("registered", "push_request", assistant.unit, 1)


@pytest.mark.parametrize("who", ["department_approver", "supervision", "convener", "audit_administrator"])
def test_who_may_not(who):
    with pytest.raises(PermissionDenied):
        register(cast.member(who))


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"matter": "号码11010519491231002X，住院"}, "证件号码"),
        ({"name": "11010519491231002X"}, "证件号码"),
        ({"region_code": cast.OTHER_VILLAGE}, "只能登记本村"),
        ({"region_code": "500233"}, "请选择求助人住"),
        ({"name": " "}, "不能为空"),
        ({"causes": []}, "不能为空"),
        ({"wanted": ["XX99"]}, "没有这个项目"),
        ({"helper_name": "甘雨村"}, "代办的"),
    ],
)
def test_what_is_refused_in_a_sentence(assistant, changed, words):
    with pytest.raises((TransitionError, ValidationError), match=words):
        register(assistant, **changed)
    assert not Request.objects.exists()


def test_who_died_is_told_only_to_those_who_may_know(assistant, officer):
    head = people(family())[0]
    type(head).objects.filter(pk=head.pk).update(died_on=house_clock.today())
    number = open_sealed(head, "id_number")
    with pytest.raises(TransitionError, match="已经死亡"):
        register(assistant, number=number)
    assert register(officer, number=number).resident is None


def test_a_number_beyond_the_gate_is_kept_sealed_and_a_used_up_cap_turns_nobody_away(clerk, monkeypatch):
    from tests.households.factories import HouseholdFactory, head_of

    number = open_sealed(head_of(HouseholdFactory(in_neighbour=True)), "id_number")
    request = register(clerk, source="person", number=number)
    assert (request.resident, open_sealed(request, "id_number")) == (None, number)
    assert len(events("resident.looked_up")) == 1
    monkeypatch.setattr("households.transitions.lookup.figure", lambda key: 0)
    assert register(clerk, source="person", number=number).resident is None


def test_the_event_fails_and_nothing_has_happened(assistant, monkeypatch):
    monkeypatch.setattr("intake.transitions.requests.record", fail)
    with pytest.raises(RuntimeError):
        RequestFactory()
    assert not Request.objects.exists()
    assert not Duty.objects.exists()


def test_a_township_without_a_window_is_told_in_words(officer):
    window = cast.unit_of("township_window", cast.NEIGHBOUR)
    Unit.objects.filter(pk=window.pk).update(valid_until=house_clock.today() - timedelta(days=1))
    with pytest.raises(TransitionError, match="还没有综合救助窗口"):
        register(officer, region_code=cast.NEIGHBOUR)
