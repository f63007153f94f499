"""The demo's files: lists of two months, entered by two people, one with errors to look at, one that waits for its second person, and a
township's own. All through the verbs of `spreadsheets`, which read workbooks as a unit brings them.
"""

from collections.abc import Iterable
from contextlib import nullcontext
from datetime import date, timedelta
from itertools import islice
from random import Random
from typing import Any

from django.db import transaction
from django.views.decorators.debug import sensitive_variables

from config import clock
from config.dates import add_months
from config.protection.identity import SYNTHETIC_AREAS
from config.protection.sealing import open_sealed
from config.protection.synthetic import numbered_id, synthetic_names
from organization.models import Post, Region
from spreadsheets import transitions
from spreadsheets.blank import blank
from spreadsheets.declaration import template_of
from spreadsheets.ground import ground
from spreadsheets.models import Batch

from ..models import Fact, Membership, Resident

STREETS, SEAT = "5002330", "500233001"
CARDS, SCHOOL, COSTS, REGISTER = (
    "households.facts:CL_cards", "households.facts:JW_school", "households.facts:YB_costs", "households.people:register",
)  # fmt: skip
Rows = list[dict[str, Any]]


@transaction.atomic
def load() -> None:
    """Safe to repeat: a list that was handed in once is not handed in again. A demo with few people may lack some of them."""
    known = set(Batch.objects.filter(template__in=(CARDS, SCHOOL, COSTS, REGISTER)).values_list("template", flat=True))
    desk, today = _Desk(), clock.today()
    if not {"disabled", "disabled_lead", "education", "medical", "clerk", "approver"} <= set(desk.posts):
        return
    if CARDS not in known:
        desk.two_months_of_cards()
    if SCHOOL not in known:
        desk.waiting(SCHOOL, desk.pupils(), today.replace(day=1), "education")
    if COSTS not in known:
        desk.read(COSTS, desk.costs(), today.replace(day=1), "medical")
    if REGISTER not in known:
        desk.entered(REGISTER, desk.newcomers(), today, "clerk", "approver")


class _Desk:
    """Who hands in what: people of the county seat, and some whom the register does not know yet."""

    def __init__(self) -> None:
        self.posts = self.found()
        self.rng = Random(SEAT)  # noqa: S311 - chance, not secrecy
        self.village = Region.objects.villages().filter(code__startswith=SEAT).order_by("code").first()
        self.names = iter(synthetic_names(40, self.rng))
        self.serial = 0

    def found(self) -> dict[str, Post]:
        """By the name of their account; of several posts, the first."""
        rows = Post.objects.effective(clock.today()).select_related("unit__department", "unit__region", "staff")
        return {post.staff.username: post for post in rows.order_by("-pk")}

    def read(self, template: str, rows: Rows, as_of: date, by: str) -> Batch:
        declared: Any = template_of(template)
        octets = b"".join(blank(declared, ground(clock.today()), rows=rows))
        post = self.posts[by]
        batch = transitions.hand_in(template=template, file_name=f"{declared.title}.xlsx", octets=octets, as_of=as_of, by=post)
        return transitions.read(batch_id=batch.pk, by=post)

    def waiting(self, template: str, rows: Rows, as_of: date, by: str) -> Batch:
        batch = self.read(template, rows, as_of, by)
        return transitions.propose(batch_id=batch.pk, jump_reason="已与上月名册核对", by=self.posts[by])

    def entered(self, template: str, rows: Rows, as_of: date, by: str, second: str, *, days_ago: int = 0) -> None:
        with clock.set_clock(clock.now() - timedelta(days=days_ago)) if days_ago else nullcontext():
            batch = self.waiting(template, rows, as_of, by)
            if batch.status == Batch.Status.PROPOSED:
                transitions.confirm(batch_id=batch.pk, by=self.posts[second])
            transitions.apply(batch_id=batch.pk)

    @sensitive_variables()
    def two_months_of_cards(self) -> None:
        """Somebody leaves the list in the second month, somebody comes, a grade changes: of three people at least."""
        cards, today = self.cards(), clock.today()
        if len(cards) > 2:
            last = add_months(today.replace(day=1), -1)
            self.entered(CARDS, cards[:-1], last, "disabled", "disabled_lead", days_ago=25)
            later = [self.regraded(cards[0]), *cards[2:], self.stranger()]
            self.entered(CARDS, later, today.replace(day=1), "disabled", "disabled_lead", days_ago=2)

    @sensitive_variables()
    def cards(self) -> Rows:
        facts = (
            Fact.objects.standing().filter(kind="disability_level", resident__region__code__startswith=STREETS).select_related("resident")
        )
        kinds = dict(Fact.objects.standing().filter(kind="disability_kind").values_list("resident", "value"))
        found = facts.order_by("resident_id").distinct("resident_id")
        return [
            {**_said(fact.resident), "disability_kind": kinds.get(fact.resident_id, "4"), "disability_level": fact.value} for fact in found
        ]

    def regraded(self, row: dict[str, Any]) -> dict[str, Any]:
        return {**row, "disability_level": "2" if row["disability_level"] == "1" else "1"}

    @sensitive_variables()
    def stranger(self) -> dict[str, Any]:
        return {
            "name": next(self.names), "id_number": self._number(date(1968, 4, 5)), "township": SEAT, "village": self._code(),
            "disability_kind": "1", "disability_level": "3",
        }  # fmt: skip

    @sensitive_variables()
    def pupils(self) -> Rows:
        """More than two people's worth."""
        since = add_months(clock.today(), -12 * 18)
        young = Resident.objects.filter(birth_on__gte=since, birth_on__lt=add_months(clock.today(), -12 * 6), died_on=None)
        people = young.filter(region__code__startswith=STREETS, id_type="resident").order_by("pk")[:140]
        return [{**_said(person), "school_kind": "compulsory"} for person in people]

    @sensitive_variables()
    def costs(self) -> Rows:
        """A good part, and each kind of what is often wrong: another name, a digit lost, an amount in words, somebody twice."""
        rows: Rows = [
            {**_said(person), "medical_self_paid": f"{self.rng.randrange(8, 600) * 100}.00"} for person in islice(self._people(), 24)
        ]
        if len(rows) > 6:
            rows[1]["name"] = "误写名"
            rows[2]["id_number"] = rows[2]["id_number"][:17]
            rows[3]["medical_self_paid"] = "三千元"
            rows.append(dict(rows[4]))
        return rows

    @sensitive_variables()
    def newcomers(self) -> Rows:
        """Two families that moved in; somebody of another household is said to live with the second: a doubt."""
        rows = []
        for home, members in (("1", ("02", "10", "20")), ("2", ("02",))):
            for nth, relation in enumerate(members):
                born = date(2012 if relation == "20" else 1979 + 2 * nth, 3, 9)
                rows.append({
                    "home": home, "relation": relation, "name": next(self.names), "id_number": self._number(born), "township": SEAT,
                    "village": self._code(), "address": f"虚构路{90 + int(home)}号",
                })  # fmt: skip
        elsewhere = next(islice(self._people(), 4, None), None)
        if elsewhere is not None:
            rows.append({**_said(elsewhere), "home": "2", "relation": "97", "village": self._code()})
        return rows

    def _people(self) -> Iterable[Resident]:
        rows = Membership.objects.open().filter(household__region__code__startswith=SEAT, resident__id_type="resident")
        return (row.resident for row in rows.select_related("resident").order_by("household__number", "relation"))

    def _code(self) -> str:
        return self.village.code if self.village else ""

    def _number(self, birth_on: date) -> str:
        """Of an area that no family of the demo is of."""
        self.serial += 2
        return numbered_id(birth_on, self.serial, SYNTHETIC_AREAS[1])


@sensitive_variables()
def _said(person: Resident) -> dict[str, Any]:
    return {"name": person.name, "id_number": open_sealed(person, "id_number"), "township": person.region_id[:9]}
