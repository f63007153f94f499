"""Every state of every other noun that somebody waits for, with every verb on it: allowed as the edges say, or refused in a sentence.

Referrals, changes and stops stand in `test_edges`, rulings in `test_supersede`, applications and requests in `tests/intake`, verifications
in their own room. A state or a verb that is added here or there without its row fails.
"""

import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import ModuleType
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction

from audit.models import Event
from config.clock import today
from config.verbs import AlreadyHandled
from households.models import RegistryChange
from households.transitions import registry, reject_change, withdraw_change
from referrals import transitions
from referrals.models import ChangeReport, ListEntry, UrgentAid, WaitingItem
from referrals.tasks import send_opened_items
from referrals.transitions import ending, listing, reporting, urgent
from tests import cast
from tests.households.factories import HouseholdFactory, head_of
from tests.intake.factories import ApplicationFactory
from tests.referrals import registering
from tests.referrals.changing import aid
from tests.referrals.factories import accepted
from tests.referrals.test_change_report import reported
from tests.referrals.test_monthly_lists import prepared, tag
from tests.referrals.test_urgent import agree, propose, whole

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Noun:
    """`states`: how each is reached; `verbs`: how each is called and from where it may be; `refusal`: what everything else is told."""

    model: Any
    column: str
    states: dict[str, Callable[[Any], Any]]
    verbs: dict[str, tuple[Callable[[Any], Any], set[str]]]
    refusal: str
    modules: tuple[ModuleType, ...]
    key: str


def leading_to(edges: dict[Any, Any], target: str) -> set[str]:
    return {str(state) for state, targets in edges.items() if target in targets}


# ── urgent aid ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _aid(_clock: Any, *, by_telephone: bool = False) -> UrgentAid:
    home = HouseholdFactory()
    ApplicationFactory(drafted=True, household=home)
    aid = propose(resident_id=head_of(home).pk)
    if by_telephone:
        transitions.note_telephone_consent(aid_id=aid.pk, leader=cast.member("approver"), by=cast.member("clerk"))
    return aid


def _whole(aid: UrgentAid) -> Any:
    return whole(aid, number="", identity_note="见到本人")


def _link(aid: UrgentAid) -> Any:
    application = aid.resident.applications.get()
    return transitions.link_application(aid_id=aid.pk, application_id=application.pk, by=cast.member("clerk"))


URGENT = Noun(
    UrgentAid,
    "status",
    {
        "proposed": _aid,
        "given": lambda clock: _aid(clock, by_telephone=True),
        "completed": lambda clock: _whole(agree(_aid(clock))),
        "declined": lambda clock: transitions.decline_urgent(aid_id=_aid(clock).pk, reason="不急", by=cast.member("approver")),
    },
    {
        "agree_urgent": (agree, leading_to(urgent.EDGES, "given")),
        "note_telephone_consent": (
            lambda aid: transitions.note_telephone_consent(aid_id=aid.pk, leader=cast.member("approver"), by=cast.member("clerk")),
            leading_to(urgent.EDGES, "given"),
        ),
        "decline_urgent": (
            lambda aid: transitions.decline_urgent(aid_id=aid.pk, reason="不急", by=cast.member("approver")),
            leading_to(urgent.EDGES, "declined"),
        ),
        "add_papers": (_whole, leading_to(urgent.EDGES, "completed")),
        "confirm_consent": (
            lambda aid: transitions.confirm_consent(aid_id=aid.pk, agreed=True, by=cast.member("approver")),
            leading_to(urgent.EDGES, "completed"),
        ),
        "link_application": (_link, set(UrgentAid.Status.values)),
    },
    r"先行救助 ?JN.+(已处理，现为|现为|没有待确认的电话同意)",
    (urgent,),
    "aid_id",
)  # fmt: skip


# ── reports of change, changes of the register ──────────────────────────────────────────────────────────────────────


def _answer(verb: Callable[..., Any]) -> Callable[[Any], Any]:
    return lambda report: verb(report_id=report.pk, answer="已核实。", by=cast.member("clerk"))


def _report(_clock: Any = None) -> ChangeReport:
    """Of a family with aid in force: once it is confirmed, what follows waits to be opened or closed."""
    return reported(aid().household, kind="work", resident=None)


REPORTS = Noun(
    ChangeReport,
    "status",
    {
        "reported": _report,
        "confirmed": lambda clock: _answer(transitions.confirm_report)(_report()),
        "unchanged": lambda clock: _answer(transitions.decline_report)(_report()),
    },
    {
        "confirm_report": (_answer(transitions.confirm_report), leading_to(reporting.EDGES, "confirmed")),
        "decline_report": (_answer(transitions.decline_report), leading_to(reporting.EDGES, "unchanged")),
        "close_report": (
            lambda report: transitions.close_report(report_id=report.pk, note="不用变更。", by=cast.member("clerk")),
            {"confirmed"},
        ),
    },
    r"(忠州街道窗口 .+已于2026-.+登记“|这份变化报告没有待办的变更)",
    (reporting,),
    "report_id",
)


def _move(_clock: Any = None) -> RegistryChange:
    return registering.proposed(HouseholdFactory(), "move")


def _reject(change: RegistryChange) -> RegistryChange:
    return reject_change(change_id=change.pk, reason="不同意", by=cast.member("second_clerk"))


def _withdraw(change: RegistryChange) -> RegistryChange:
    return withdraw_change(change_id=change.pk, by=cast.member("clerk"))


REGISTRY = Noun(
    RegistryChange,
    "status",
    {
        "proposed": _move,
        "confirmed": lambda clock: registering.confirmed(_move()),
        "rejected": lambda clock: _reject(_move()),
        "withdrawn": lambda clock: _withdraw(_move()),
    },
    {
        "confirm_registry": (registering.confirmed, set(map(str, registry.EDGES["confirm"]))),
        "reject_change": (_reject, set(map(str, registry.EDGES["reject"]))),
        "withdraw_change": (_withdraw, set(map(str, registry.EDGES["withdraw"]))),
    },
    r"忠州街道窗口 .+已于2026-.+办理：",
    (registry, transitions.registry),
    "change_id",
)


# ── items that wait, entries of a monthly list ──────────────────────────────────────────────────────────────────────


def _waiting(_clock: Any = None) -> WaitingItem:
    application = accepted([("MZ04", "ordinary"), ("TX02", "ordinary")], verified=False)
    transitions.dispatch(application_id=application.pk, by=application.accepted_by)
    return WaitingItem.objects.get(item__application=application)


def _give_up(row: WaitingItem) -> WaitingItem:
    transitions.withdraw_item(item_id=row.item_id, reason="孩子不读了。", by=cast.member("clerk"))
    return row


def _opened(clock: Any) -> WaitingItem:
    row = _waiting()
    clock.set(datetime(2027, 8, 1, 0, 20, tzinfo=ZoneInfo("Asia/Shanghai")))
    send_opened_items()
    clock.set(datetime(2027, 7, 1, 10, tzinfo=ZoneInfo("Asia/Shanghai")))  # the posts of the cast end with that July
    return row


def _ended(_clock: Any) -> WaitingItem:
    row = _waiting()
    application = row.item.application
    transitions.terminate_application(application_id=application.pk, reason="不配合核查。", by=cast.member("approver"))
    return row


WAITING = Noun(
    WaitingItem,
    "outcome",
    {"": _waiting, "sent": _opened, "withdrawn": lambda clock: _give_up(_waiting()), "terminated": _ended},
    {"withdraw_item": (_give_up, {""})},
    "这个事项不在等待开放",
    (ending,),
    "item_id",
)


def _entry(_clock: Any = None) -> ListEntry:
    tag("orphan", head_of(HouseholdFactory(alone=True)))
    return prepared("MZ06").entries.get()


def _of_entry(verb: str, **said: Any) -> Callable[[Any], Any]:
    return lambda entry: getattr(transitions, verb)(entry_id=entry.pk, by=cast.member("civil_approver"), **said)


def _leaving(clock: Any) -> ListEntry:
    """Next month the identity has ended, and the aid runs on."""
    entry = _of_entry("confirm_entry")(_entry())
    clock.forward(days=30)
    entry.resident.tags.update(until=today() - timedelta(days=1))
    return prepared("MZ06").entries.get()


ENTRIES = Noun(
    ListEntry,
    "state",
    {
        "proposed": _entry,
        "confirmed": lambda clock: _of_entry("confirm_entry")(_entry()),
        "set_aside": lambda clock: _of_entry("set_entry_aside", reason="待核实")(_entry()),
        "leaving": _leaving,
    },
    {
        "confirm_entry": (_of_entry("confirm_entry"), {"proposed"}),
        "set_entry_aside": (_of_entry("set_entry_aside", reason="待核实"), {"proposed"}),
        "take_entry_back": (_of_entry("take_entry_back"), {"set_aside"}),
    },
    "名单中的这一行已",
    (listing,),
    "entry_id",
)

NOUNS = {noun.model.__name__: noun for noun in (URGENT, REPORTS, REGISTRY, WAITING, ENTRIES)}


@pytest.mark.parametrize("name", NOUNS)
def test_no_state_and_no_verb_is_forgotten(name):
    noun = NOUNS[name]
    choices = {value for value, _ in noun.model._meta.get_field(noun.column).choices}
    assert set(noun.states) - {""} == choices
    public = {
        found.__name__
        for module in noun.modules
        for found in vars(module).values()
        if inspect.isfunction(found) and not found.__name__.startswith("_") and found.__module__ == module.__name__
        and noun.key in inspect.signature(found).parameters
    }  # fmt: skip
    assert public == set(noun.verbs)


PAIRS = [(name, state) for name, noun in NOUNS.items() for state in noun.states]


@pytest.mark.parametrize(("name", "state"), PAIRS)
def test_every_pair(name, state, clock):
    """Each verb is tried on the same row, and taken back."""
    noun = NOUNS[name]
    row = noun.states[state](clock)
    for verb, (call, begins) in noun.verbs.items():
        fresh = noun.model.objects.get(pk=row.pk)
        assert getattr(fresh, noun.column) == state
        before = Event.objects.count()
        with transaction.atomic():
            if state in begins:
                call(fresh)
                assert Event.objects.count() > before, verb
            else:
                with pytest.raises(AlreadyHandled) as refused, transaction.atomic():
                    call(fresh)
                assert re.search(noun.refusal, str(refused.value)), (verb, str(refused.value))
                assert Event.objects.count() == before, verb
            transaction.set_rollback(True)
