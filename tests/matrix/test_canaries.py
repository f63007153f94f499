"""What must not reach others: words of sensitive programs, and numbers of people, looked for in everything that can be opened (DESIGN 2).

One household asks for 低保, for the drugs of somebody with a mental illness (WJ02) and for an orphan's allowance (MZ09). Everybody opens every
address with whatever of this case it could name. Who does not work on an item reads neither its program nor its papers nor what it is
called in a line of the record; nobody reads a number in plain.
"""

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from config.protection.identity import Sex
from config.protection.synthetic import numbered_id
from deadlines.models import Duty, Notice
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
from tests.matrix.reading import addresses
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
PICKING = {"intake:item_add", "intake:application_new", "intake:application_edit", "intake:request_new"}


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
        word = name.partition(":")[2].partition("_")[0]
        return self.named.get(word, [])

    def _path(self, name: str, takes: set[str], key: Any) -> str:
        values = {"pk": key, "kind": "promise", "field": "id_number"}
        return reverse(name, kwargs={each: values[each] for each in takes})


@pytest.fixture
def case(db) -> Case:
    """低保 under way, the drugs granted and told, the allowance sent back for a paper that the window has asked for in a notice."""
    clerk, reviewer = cast.member("clerk"), cast.member("reviewer")
    unit = Unit.objects.get(kind="department", department__code="WJ")
    handler, approver = PostFactory(unit=unit, granted=True), PostFactory(unit=unit, rank=Post.Rank.APPROVER, granted=True)
    members = [person("02", number=NUMBER, phone=PHONE, sex=Sex.MALE), person("20", birth_on=date(2016, 3, 1))]
    household = family(members=members)
    head, child = people(household)
    tag(child, IdentityTag.Kind.ORPHAN)
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
    referrals = [rows["WJ02"].pk, rows["MZ09"].pk]
    subjects = [str(key) for key in (*referrals, application.pk, application.household_id)]
    papers = Paper.objects.filter(application=application).values_list("pk", flat=True)
    duties = Duty.objects.filter(subject_id__in=subjects).values_list("pk", flat=True)
    notices = Notice.objects.filter(subject_id__in=subjects).values_list("pk", flat=True)
    people_ids = list(application.household.memberships.values_list("resident_id", flat=True))
    return Case({
        "referral": referrals, "publicity": referrals, "application": [application.pk], "case": [application.pk],
        "supplement": [application.pk], "guide": [application.pk], "household": [application.household_id], "member": [application.household_id],
        "registry": [application.household_id], "fact": [application.household_id], "authorisation": [application.household_id],
        "kin": [application.household_id], "resident": people_ids, "relative": people_ids, "number": people_ids, "paper": list(papers),
        "item": list(application.items.values_list("pk", flat=True)), "verification": list(application.household.verifications.values_list("pk", flat=True)),
        "issued": list(IssuedDocument.objects.values_list("pk", flat=True)), "duty": list(duties), "notice": list(notices),
        "event": [],
    })  # fmt: skip


def text_of(client: Client, path: str) -> str:
    """What somebody reads there; nothing, where the door is closed."""
    response = client.get(path)
    if response.status_code != 200:
        return ""
    octets = b"".join(response.streaming_content) if response.streaming else response.content
    if octets[:2] == b"PK":  # a docx
        with zipfile.ZipFile(io.BytesIO(octets)) as parts:
            octets = b"".join(parts.read(name) for name in parts.namelist() if name.endswith(".xml"))
    return octets.decode(errors="ignore")


def leaks(case: Case, post: Post, words: tuple[str, ...]) -> list[str]:
    client = cast.sign_in(Client(), post.staff, post)
    found = []
    for name, path in case.paths():
        text = text_of(client, path)
        found += [f"{name} tells {post}: {word} …{text[max(at - 40, 0) : at + 20]!r}" for word in words if (at := text.find(word)) >= 0]
    return found


NOBODY_OF_BOTH = [
    "assistant", "other_assistant", "neighbour_clerk", "neighbour_approver", "officer", "department_approver", "neighbour_officer",
    "platform", "platform_approver", "convener", "supervision", "system_administrator", "security_administrator",
]  # fmt: skip


def test_sensitive_programs_reach_only_who_works_on_them(case):
    double = cast.member_of("double", cast.HOME) if hasattr(cast, "member_of") else None
    told = []
    for name in NOBODY_OF_BOTH:
        told += leaks(case, cast.member(name), ORPHAN + ILLNESS)
    for name in ("reviewer", "approver", "civil_officer"):
        told += leaks(case, cast.member(name), ILLNESS)
    assert not told, "\n".join(["", *sorted(set(told))])


def test_the_canaries_sing(case):
    """Who works on them reads them: so the words are the right ones, and the addresses are opened."""
    clerk, reviewer = cast.member("clerk"), cast.member("reviewer")
    heard = "\n".join(leaks(case, clerk, ORPHAN + ILLNESS))
    assert all(word in heard for word in ("孤儿", "精神病", "监护人证明", "监护人信息", "亲属抚养能力说明"))
    assert "孤儿" in "\n".join(leaks(case, reviewer, ORPHAN))


def test_no_number_stands_on_a_page(case):
    told = []
    for name in (*NOBODY_OF_BOTH, "clerk", "reviewer", "approver", "civil_officer", "audit_administrator"):
        told += leaks(case, cast.member(name), (NUMBER, PHONE))
    assert not told, "\n".join(["", *sorted(set(told))])


def test_no_line_for_everybody_names_a_sensitive_program_or_a_number(case):
    """Titles of duties, lines of the record, notices beyond the way, what waits to be sent: read by more than those who work on it."""
    on_the_way = set(ReferralStage._base_manager.filter(referral__program__is_sensitive=True).values_list("unit_id", flat=True))
    on_the_way.add(cast.member("clerk").unit_id)
    with connection.cursor() as cursor:
        told = []
        for table, where in (
            ("audit_event", "true"), ("deadlines_duty", "true"), ("deadlines_outboxmessage", "true"), ("django_session", "true"),
            ("deadlines_notice", f"unit_id NOT IN ({','.join(map(str, on_the_way))})"),
        ):  # fmt: skip
            cursor.execute(f"SELECT t::text FROM {table} t WHERE {where}")
            for (line,) in cursor.fetchall():
                told += [f"{table}: {word}: {line[:200]}" for word in (*ORPHAN[2:], *ILLNESS[2:], "孤儿", "精神病", NUMBER, PHONE) if word in line]
    assert not told, "\n".join(["", *told])
    assert AssistanceRecord.objects.filter(program_id="WJ02").exists()


def test_progress_page_names_neither(case):
    application = Application.objects.get()
    answer = Client().post(reverse("referrals:progress"), {"number": application.number, "tail": NUMBER[-4:], "code": application.query_code if hasattr(application, "query_code") else ""})
    assert not any(word in answer.content.decode() for word in (*ORPHAN, *ILLNESS, NUMBER, PHONE))
