"""What is known of a household, read: nothing is asked for that stands here (ZX-30, TZ-17, TZ-20)."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from organization.figures import figure
from organization.models import Post
from programs.models import FactKind, Material

from .models import AssistanceRecord, Fact, Household, IdentityTag, KinDeclaration, Membership, Resident, StaffKin
from .permissions import can_note_fact_of, can_open_fact, can_see_fact
from .rules import NOT_PROVEN_BESIDE, PROVEN_BY_RECORD, PROVEN_BY_TAG, affirms, is_of_age, value_text

REASON_LENGTH = 120


@dataclass(frozen=True, slots=True)
class Proof:
    """Why a paper need not be brought. `facts` are all that speak for it (of two applicants, two); `fact` is the first of them."""

    kind: str
    text: str
    facts: tuple[Fact, ...] = ()
    record: AssistanceRecord | None = None
    tag: IdentityTag | None = None

    @property
    def fact(self) -> Fact | None:
        return self.facts[0] if self.facts else None


class Evidence:
    """All that can prove a paper for some people of a household on a day: three queries, whatever the number of papers.

    A declaration of the applicant proves nothing; neither does a fact that says no.
    """

    def __init__(self, household: Household, residents: Iterable[Resident], on: date) -> None:
        self.household, self.people, self.on = household, [person.pk for person in residents], on
        mine = Q(household=household) | Q(resident__in=self.people)
        facts = Fact.objects.filter(mine).valid(on).exclude(how=Fact.How.DECLARATION).select_related("kind")
        self.facts = [fact for fact in facts.order_by("kind", "-found_on", "pk") if affirms(fact.value)]
        self.tags = list(IdentityTag.objects.filter(mine).standing(on).select_related("unit").order_by("since", "pk"))
        records = AssistanceRecord.objects.filter(mine, program__in=list(PROVEN_BY_RECORD)).in_force(on)
        self.records = list(records.select_related("program", "unit").prefetch_related("coverage").order_by("since", "pk"))

    def proof_of(self, material: Material) -> Proof | None:
        for kind in material.proofs.all():
            proof = self._by_facts(kind) or self._by_tag(kind) or self._by_record(kind)
            if proof is not None:
                return proof
        return None

    def _by_facts(self, kind: FactKind) -> Proof | None:
        facts = [fact for fact in self.facts if fact.kind_id == kind.pk]
        if kind.scope == FactKind.Scope.HOUSEHOLD:
            found = facts[:1]
        else:
            by_person = {fact.resident_id: fact for fact in reversed(facts)}
            found = [by_person[pk] for pk in self.people if pk in by_person]
            if len(found) < len(self.people):
                return None
        return Proof("fact", _cut(fact_text(found[0])), tuple(found)) if found else None

    def _by_tag(self, kind: FactKind) -> Proof | None:
        tags = [tag for tag in self.tags if PROVEN_BY_TAG.get(tag.kind) == kind.pk]
        of_people = {tag.resident_id for tag in tags}
        if not tags or not (any(tag.household_id for tag in tags) or set(self.people) <= of_people) or not self.people:
            return None
        tag = tags[0]
        name = "身份" if tag.is_sensitive else tag.get_kind_display()
        return Proof("tag", _cut(f"平台已登记：{name}（{tag.unit.short_name}认定，自{tag.since}）"), tag=tag)

    def _by_record(self, kind: FactKind) -> Proof | None:
        known = {PROVEN_BY_TAG.get(tag.kind) for tag in self.tags} | {fact.kind_id for fact in self.facts}
        for row in self.records:
            if PROVEN_BY_RECORD.get(row.program_id) != kind.pk or NOT_PROVEN_BESIDE.get(row.program_id, "") in known:
                continue
            reached = {c.resident_id for c in row.coverage.all() if c.since <= self.on and (c.until is None or c.until >= self.on)}
            if row.resident_id:
                reached.add(row.resident_id)
            if self.people and set(self.people) <= reached:
                return Proof("record", _cut(f"平台已登记：{row.program}在享受中（{row.unit.short_name}，自{row.since}）"), record=row)
        return None


def _cut(text: str) -> str:
    return text if len(text) <= REASON_LENGTH else f"{text[: REASON_LENGTH - 1]}…"


def proof_of(material: Material, *, household: Household, residents: Iterable[Resident], on: date) -> Proof | None:
    """What proves this paper for these people; for a list of papers make one `Evidence`."""
    return Evidence(household, residents, on).proof_of(material)


def shown_value(kind: FactKind, value: Any) -> str:
    return value_text(kind.value_type, value, kind.codes, kind.measure)


def fact_text(fact: Fact) -> str:
    """A fact as a paper's line names it: what, whence, when; a sensitive value is not repeated."""
    value = "已登记" if fact.kind.is_sensitive else shown_value(fact.kind, fact.value)
    return f"{fact.kind.label}：{value}（{fact.source or fact.get_how_display()}，{fact.found_on}查得）"


# ── what a page shows ───────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class FactLine:
    """`text` is empty where the value stays hidden until a reason is given; `can_open` says that it may be."""

    fact: Fact
    text: str
    can_open: bool


@dataclass(slots=True)
class Known:
    """Of one member, or of the household itself (`membership` None)."""

    membership: Membership | None = None
    facts: list[FactLine] = field(default_factory=list)
    tags: list[IdentityTag] = field(default_factory=list)
    records: list[AssistanceRecord] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Knowledge:
    household: Known
    members: list[Known]

    @property
    def all(self) -> list[Known]:
        return [self.household, *self.members]

    @property
    def tags(self) -> list[tuple[IdentityTag, Membership | None]]:
        return [(tag, known.membership) for known in self.all for tag in known.tags]

    @property
    def records(self) -> list[AssistanceRecord]:
        return [row for known in self.all for row in known.records]

    @property
    def has_facts(self) -> bool:
        return any(known.facts for known in self.all)


def known_about(household: Household, on: date, post: Post | None = None) -> Knowledge:
    """Valid facts, identities and assistance in force of a household and its members, as `post` may see them (None: nothing sensitive).

    The caller fetched the household through its gate.
    """
    members = list(household.memberships.open().select_related("resident").order_by("relation", "pk"))
    known: dict[Any, Known] = {None: Known(), **{m.resident_id: Known(m) for m in members}}
    mine = Q(household=household) | Q(resident__in=[m.resident_id for m in members])
    facts = Fact.objects.filter(mine).valid(on).select_related("kind__holder", "found_by__unit")
    for fact in facts.order_by("kind__label", "-found_on", "pk"):
        line = _line(fact, post)
        if line is not None:
            known[fact.resident_id].facts.append(line)
    for tag in IdentityTag.objects.filter(mine).standing(on).shown_to(post).select_related("unit").order_by("kind", "pk"):
        known[tag.resident_id].tags.append(tag)
    for row in AssistanceRecord.objects.filter(mine).in_force(on).shown_to(post).with_list_data().order_by("-since", "pk"):
        known[row.resident_id].records.append(row)
    return Knowledge(known.pop(None), list(known.values()))


def known_of_person(resident: Resident, on: date, post: Post) -> Known:
    """The same of one person, whatever the household."""
    facts = Fact.objects.filter(resident=resident).valid(on).select_related("kind__holder", "found_by__unit")
    lines = (_line(fact, post) for fact in facts.order_by("kind__label", "-found_on", "pk"))
    tags = IdentityTag.objects.filter(resident=resident).standing(on).shown_to(post).select_related("unit")
    records = AssistanceRecord.objects.filter(resident=resident).in_force(on).shown_to(post).with_list_data()
    return Known(None, [line for line in lines if line], list(tags), list(records.order_by("-since", "pk")))


def fact_kinds_for(post: Post) -> list[FactKind]:
    """The kinds of facts that a post may note, those of persons first."""
    return [kind for kind in FactKind.objects.order_by("-scope", "label") if can_note_fact_of(post, kind)]


def _line(fact: Fact, post: Post | None) -> FactLine | None:
    sees = can_see_fact(post, fact.kind) if post else not fact.kind.is_sensitive
    can_open = can_open_fact(post, fact) if post else False
    if not sees and not can_open:
        return None
    text = shown_value(fact.kind, fact.value) if sees else ""
    return FactLine(fact, text, can_open and (not sees or bool(fact.detail)))


# ── consent and kin ─────────────────────────────────────────────────────────────────────────────────────────────────


def missing_authorisations(household: Household, on: date) -> list[Resident]:
    """Living adults who count as the household and have not signed that its means may be checked (57号第9条: 共同生活的成年家庭成员)."""
    signed = set(household.authorisations.standing().values_list("resident_id", flat=True))
    members = household.memberships.open().filter(is_counted=True).select_related("resident").order_by("relation", "pk")
    full_age = figure("full_age")
    return [
        m.resident for m in members
        if m.resident_id not in signed and not m.resident.is_dead and is_of_age(m.resident.birth_on, on, full_age)
    ]  # fmt: skip


def kin_matches(household: Household, *people: QuerySet[Resident]) -> list[StaffKin]:
    """Staff whose declared relatives belong to the household, by keyed digest (SECURITY, Kin: never by surname).

    `people`: whom a case is about beside its household. A ward lives elsewhere, a guardian applies from elsewhere, and whoever has moved
    out since is still who is helped. One statement, whatever is asked.
    """
    whose = Q(id_number_digest__in=household.memberships.open().values("resident__id_number_digest"))
    for rows in people:
        whose |= Q(id_number_digest__in=rows.order_by().values("id_number_digest"))
    return list(StaffKin.objects.standing().filter(whose).select_related("staff").order_by("pk"))


def standing_declaration(household: Household) -> KinDeclaration | None:
    return household.kin_declarations.standing().select_related("resident", "declared_by__unit", "filed_by__unit").first()


def kin_is_cleared(household: Household) -> str:
    """Why 低保 may not be decided yet on account of close relatives (XX-16); "" where nothing stands against it."""
    declaration = standing_declaration(household)
    if declaration is None:
        return "该户尚未作近亲属申报，请先登记申报。"
    if declaration.has_kin:
        return "" if declaration.filed_at else "该户申报有近亲属是经办人员或村（社区）干部，须先由县级平台备案。"
    if kin_matches(household):
        return "有工作人员申报与该户成员是近亲属，而该户申报为“无”。请重新登记申报，并由县级平台备案。"
    return ""
