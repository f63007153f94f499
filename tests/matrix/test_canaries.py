"""What must not reach others: words of sensitive programs, and numbers of people, looked for in everything that can be opened (DESIGN 2).

One household asks for 低保, for the drugs of somebody with a mental illness (WJ02) and for an orphan's allowance (MZ09). Everybody opens
every address with whatever of this case it could name. Who does not work on an item reads neither its program nor its papers nor what it
is called in a line of the record; nobody reads a number in plain.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.forms.models import model_to_dict
from django.test import Client
from django.urls import NoReverseMatch, reverse

from audit.models import Event
from config.protection.identity import Sex
from config.protection.synthetic import numbered_id
from deadlines.models import Duty, Notice, OutboxMessage
from documents.models import IssuedDocument
from households.models import AssistanceRecord, IdentityTag
from intake.models import Application, Paper
from organization.models import Post, Unit
from referrals import transitions
from referrals.models import Referral, ReferralStage
from tests import cast
from tests.households.factories import person, tag
from tests.intake.factories import ApplicationFactory, add, family, fill_in, people
from tests.intake.factories import accept as accept_at_window
from tests.matrix.reading import addresses, rows
from tests.organization.factories import PostFactory
from tests.referrals.factories import decision, verify

pytestmark = pytest.mark.django_db

# The program, its alias, its papers, the identity that goes with it, what its unit asked for.
ORPHAN = ("孤儿", "MZ09", "父母死亡", "监护人证明", "亲属抚养能力说明")
ILLNESS = ("精神病", "WJ02", "抗精神", "监护人信息", "奥氮平用药记录")
NUMBER, PHONE = numbered_id(date(1980, 3, 4), 999), "13800135791"
# Forms and lists of the whole catalogue name every program to everybody; the record's own pages are the audit administrator's.
OPEN_TO_ALL = ("programs:", "api:", "documents:template", "documents:form", "styleguide", "organization:")
# Addresses that pick from the catalogue: they name each program whether or not the case asks for it.
# The list of standards says which program follows which figure: of the catalogue, not of anybody.
PICKING = {"intake:item_add", "intake:application_new", "intake:request_new", "spreadsheets:template_list", "standards:change_list"}
MATRIX = rows()
# A list to choose from offers the whole catalogue.
OPTION = re.compile("<option.*?</option>", re.DOTALL)


@dataclass(frozen=True)
class Case:
    """What the addresses can name, by the first word of the address."""

    named: dict[str, list[Any]]

    def paths(self) -> Iterator[tuple[str, str]]:
        """Every address of the house, with everything of the case that it could name."""
        for name, takes in addresses().items():
            if name.startswith(OPEN_TO_ALL) or name in PICKING:
                continue
            if not takes:
                yield name, reverse(name)
            elif takes <= {"pk", "kind", "field"}:
                yield from ((name, path) for key in self._keys(name) if (path := self._path(name, takes, key)))

    def _keys(self, name: str) -> list[Any]:
        word = re.split("[_-]", name.partition(":")[2])[0]
        return self.named.get(word, [])

    def _path(self, name: str, takes: set[str], key: Any) -> str:
        values = {"pk": key, "kind": "promise", "field": "id_number"}
        try:
            return reverse(name, kwargs={each: values[each] for each in takes})
        except NoReverseMatch:  # an address of the same first word that names another kind of row
            return ""


@pytest.fixture
def case(db) -> Case:
    """低保 under way, the drugs granted and told, the allowance sent back for a paper that the window has asked for in a notice."""
    clerk, reviewer = cast.member("clerk"), cast.member("reviewer")
    unit = Unit.objects.get(kind="department", department__code="WJ")
    handler, approver = PostFactory(unit=unit, granted=True), PostFactory(unit=unit, rank=Post.Rank.APPROVER, granted=True)
    members = [person("02", number=NUMBER, phone=PHONE, sex=Sex.MALE), person("20", birth_on=date(2016, 3, 1))]
    household = family(members=members)
    head, child = people(household)
    civil = cast.member("civil_officer")
    tag(child, IdentityTag.Kind.ORPHAN, unit=civil.unit, by=civil)
    application = ApplicationFactory(household=household, applicant=head, drafted=True)
    add(application, "MZ01")
    add(application, "WJ02", resident=head)
    add(application, "MZ09", resident=child)
    accept_at_window(fill_in(application), clerk)
    verify(household)
    transitions.dispatch(application_id=application.pk, by=clerk)
    rows = {row.program_id: row for row in Referral.objects.filter(application=application)}
    for code, by in (("WJ02", handler), ("MZ09", reviewer)):
        if rows[code].status == "dispatched":
            transitions.receive(referral_id=rows[code].pk, by=by)
        transitions.take(referral_id=rows[code].pk, by=by)
    drugs = rows["WJ02"]
    transitions.propose(referral_id=drugs.pk, proposal="符合发放条件。", outcome="approved", by=handler)
    transitions.decide(referral_id=drugs.pk, by=approver, **decision(Referral.objects.select_related("program").get(pk=drugs.pk)))
    transitions.feed_back(referral_id=drugs.pk, text="按月到县精神卫生中心领取。", by=handler)
    transitions.return_for_supplement(referral_id=rows["MZ09"].pk, lines=["亲属抚养能力说明"], by=reviewer)
    transitions.gather_supplement(application_id=application.pk, by=clerk)
    return _case(Application.objects.get(pk=application.pk), rows)


def _case(application: Application, rows: dict[str, Referral]) -> Case:
    home, sheet = [application.household_id], [application.pk]
    referrals = [rows["WJ02"].pk, rows["MZ09"].pk]
    subjects = [str(key) for key in (*referrals, *home, *sheet)]
    members = list(application.household.memberships.values_list("resident_id", flat=True))
    return Case({
        "referral": referrals, "application": sheet, "case": sheet, "supplement": sheet, "household": home, "resident": members,
        "paper": _keys(Paper.objects.filter(application=application)), "verification": _keys(application.household.verifications),
        "issued": _keys(IssuedDocument.objects), "duty": _keys(Duty.objects.filter(subject_id__in=subjects)),
        "record": _keys(AssistanceRecord.objects),
        "event": _keys(Event.objects.filter(application_id=application.pk, is_confidential=True)),
    })  # fmt: skip


def _keys(rows: Any) -> list[Any]:
    return list(rows.values_list("pk", flat=True))


def text_of(response: Any) -> str:
    """What somebody reads there; nothing, where the door is closed."""
    if response.status_code != 200:
        return ""
    octets = b"".join(response.streaming_content) if response.streaming else response.content
    if octets[:2] == b"PK":  # a docx
        with zipfile.ZipFile(io.BytesIO(octets)) as parts:
            octets = b"".join(parts.read(name) for name in parts.namelist() if name.endswith(".xml"))
    return OPTION.sub("", octets.decode(errors="ignore"))


def read_by(name: str, case: Case, unread: set[str]) -> dict[str, str]:
    """Everything this person of the cast reads of the case: address -> text.

    unread: addresses that have answered 405. They know no GET, whoever asks and for whatever row, so nobody after the first asks them.
    """
    post = cast.member(name)
    client = cast.sign_in(Client(), post.staff, post)
    read = {}
    for address, path in case.paths():
        if address in unread:
            continue
        response = client.get(path)
        if response.status_code == 405:
            unread.add(address)
        elif text := text_of(response):
            read[f"{name} {path}"] = text
    return read


def told(read: dict[str, str], words: tuple[str, ...]) -> list[str]:
    return [f"{where}: …{text[max(at - 60, 0) : at + 30]!r}" for where, text in read.items() for w in words if (at := text.find(w)) >= 0]


# Who works on neither, and who on the allowance alone.
NEITHER = ["assistant", "neighbour_clerk", "officer", "platform", "audit_administrator"]
ON_THE_ALLOWANCE = ["reviewer"]


def test_what_is_sensitive_reaches_only_who_works_on_it(case):
    leaks, heard, unread = [], {}, set()
    for name in (*NEITHER, *ON_THE_ALLOWANCE, "clerk"):
        read = read_by(name, case, unread)
        heard[name] = read
        leaks += told(read, (NUMBER, PHONE))
        if name in NEITHER:
            leaks += told(read, ORPHAN + ILLNESS)
        if name in ON_THE_ALLOWANCE:
            leaks += told(read, ILLNESS)
    assert not leaks, "\n".join(["", *sorted(set(leaks))])
    # And the canaries do sing: who works on them reads them, so the words are the right ones and the doors were opened.
    everything = "".join(heard["clerk"].values())
    assert all(word in everything for word in ("孤儿", "精神病", "监护人证明", "监护人信息", "亲属抚养能力说明"))
    assert "孤儿" in "".join(heard["reviewer"].values())
    assert len(heard["platform"]) > 20
    assert not unread & {address for address, found in MATRIX.items() if any(row.method == "GET" for row in found)}
    _no_duty_message_or_session_names_it()


def _no_duty_message_or_session_names_it():
    """Titles of duties and what waits to be sent are read by more than those who work on it; notices by their own unit."""
    on_the_way = set(ReferralStage._base_manager.filter(referral__program__is_sensitive=True).values_list("unit_id", flat=True))
    elsewhere = [row for row in Notice._base_manager.all() if row.unit_id not in {*on_the_way, cast.member("clerk").unit_id}]
    rows = [*Duty._base_manager.all(), *OutboxMessage._base_manager.all(), *Session.objects.all(), *elsewhere]
    shown = [{**model_to_dict(row), "topic_code": ""} for row in rows]  # a code to filter by, shown to nobody
    leaks = [word for row in shown for word in (*ORPHAN, *ILLNESS, NUMBER, PHONE) if word in str(row.values())]
    assert len(rows) > 10
    assert not leaks
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM audit_event e WHERE e::text LIKE ANY(%s)", [[f"%{NUMBER}%", f"%{PHONE}%"]])
        assert cursor.fetchone() == (0,)
    application = Application.objects.get()
    answer = Client().post(reverse("referrals:progress"), {"number": application.number, "tail": NUMBER[-6:], "code": ""})
    text = answer.content.decode()
    assert application.number in text
    assert not any(word in text for word in (*ORPHAN, *ILLNESS, NUMBER, PHONE))
