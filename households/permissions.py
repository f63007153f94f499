"""Who may do what to people and households (SECURITY, 权限表; DESIGN 2). The gate is asked first; none of these reads a list."""

from config import clock
from organization.lineage import departments, desks
from organization.models import Post
from programs.models import FactKind, Program

from .models import Fact, FactRequest, Household, IdentityTag, KinDeclaration, RegistryChange, Resident
from .rules import PROVEN_BY_TAG

CASEWORK = frozenset({"V", "T", "TA", "D", "DA", "B", "BA"})
COUNTY = frozenset({"B", "BA"})
# Proven by an identity that is itself sensitive (DESIGN 2), or known only of who has it.
_OF_SENSITIVE_TAGS = frozenset({*(PROVEN_BY_TAG[tag] for tag in IdentityTag.SENSITIVE if tag in PROVEN_BY_TAG), "unsupported_child_full"})


def can_search(post: Post) -> bool:
    """Everybody who does casework looks for people within the own gate."""
    return post.role in CASEWORK


def can_look_up(post: Post) -> bool:
    """An exact number beyond the own gate, logged and capped: townships. The platform sees the county anyway; a department sees a person
    only once it was let in (abuse case 10), a village only its own."""
    return post.role in {"T", "TA"}


def can_take_on(post: Post) -> bool:
    """Somebody registered elsewhere applies here: the township's window, which accepts."""
    return post.role == "T" and post.unit.kind == "township_window"


def can_enter(post: Post) -> bool:
    """Register people and households: the township's handlers (家庭/人员档案 新建)."""
    return post.role == "T"


def can_see_changes(post: Post) -> bool:
    """Proposals and what became of them: townships and the platform."""
    return post.role in {"T", "TA"} | COUNTY


def can_propose_change(post: Post) -> bool:
    """家庭变动 is proposed by a township's handlers; of which township, the verb asks."""
    return post.role == "T"


def can_answer_change(post: Post, change: RegistryChange) -> bool:
    """- a handler or approver
    - of the township where it is confirmed
    that it is another person than the proposer, the verb and a constraint ask."""
    return post.role in {"T", "TA"} and post.unit.region_id == change.confirming_code


def can_withdraw_change(post: Post, change: RegistryChange) -> bool:
    """- a handler
    - of the township that proposed it."""
    return post.role == "T" and post.unit.region_id == change.township_code


def _is_of_place(post: Post, region_code: str) -> bool:
    return region_code.startswith(post.region_code)


def can_revise(post: Post, household: Household) -> bool:
    """- a handler
    - of the township where the household lives: an open Access lets read, not write."""
    return can_enter(post) and _is_of_place(post, household.region_id)


def can_revise_resident(post: Post, resident: Resident) -> bool:
    """- a handler
    - of the township where the person lives."""
    return can_enter(post) and _is_of_place(post, resident.region_id)


def can_note_fact_of(post: Post, kind: FactKind) -> bool:
    """- the township's handlers, any fact, of people within their gate (ZX-29)
    - a department, the facts it holds, of people whom it was let in to see
    - jobs."""
    if post.unit.kind == "department":
        return kind.holder_id is not None and kind.holder_id == post.unit.department_id
    return post.role in {"T", "SYS"}


def can_note_facts(post: Post) -> bool:
    """Whether the page is for this post at all; the kind is asked again."""
    return post.role in {"T", "D", "DA"}


def can_see_fact(post: Post, kind: FactKind) -> bool:
    """- village: nothing sensitive (health, income)
    - township: all
    - department: what it holds itself
    - platform: what is not sensitive; the rest after a reason (`can_open_fact`)."""
    if post.unit.kind == "department":
        return kind.holder_id is not None and kind.holder_id == post.unit.department_id
    if post.role in {"T", "TA", "SYS"}:
        return True
    return post.role in {"V", *COUNTY} and not kind.is_sensitive


def can_know_value(post: Post, kind: FactKind) -> bool:
    """What a condition over it found, and how it came out:
    - what the register says of age and place: whoever reads the card
    - what proves a sensitive identity: in a township the window alone (DESIGN 2)
    - the others as the fact itself."""
    if kind.is_derived and not kind.is_sensitive:
        return True
    if kind.pk in _OF_SENSITIVE_TAGS and post.unit.kind not in {"township_window", "department"}:
        return False
    return can_see_fact(post, kind)


def can_open_fact(post: Post, fact: Fact) -> bool:
    """A sensitive value or the sealed detail, recorded: township and platform, and the department that holds it."""
    return post.role in COUNTY or (post.role != "V" and can_see_fact(post, fact.kind))


def can_authorise(post: Post, household: Household) -> bool:  # noqa: ARG001
    """Consent and declarations are taken where the household applies: the handlers of its township, or of the one it was taken on by."""
    return can_enter(post)


def can_file_kin(post: Post, declaration: KinDeclaration | None = None) -> bool:  # noqa: ARG001
    """备案 is the county platform's (XX-16)."""
    return post.role in COUNTY


def can_declare_own_kin(post: Post) -> bool:
    """Everybody who does casework, assistants included (SECURITY, Kin)."""
    return post.role in CASEWORK


def can_screen_county(post: Post) -> bool:
    """Counts over the whole register: the platform, and departments of their own programs; the rows stay behind each post's gate."""
    return post.role in {"D", "DA", "SYS", *COUNTY}


def can_see_places_of(post: Post, program: Program) -> bool:
    """Counts by township, where one or two may be known to be somebody:
    - a department: of its own programs
    - the others: of what is not sensitive."""
    return counts_program(post, program) and (not program.is_sensitive or post.unit.kind == "department")


def counts_program(post: Post, program: Program) -> bool:
    """Its counts over the county:
    - a department: its own programs
    - whoever else screens the county."""
    return post.unit.kind != "department" or program.department_id in departments(post)


_SEE_FULL = {
    "id_number": CASEWORK - {"V"},
    "phone": CASEWORK - {"V"},
    "bank_account": frozenset({"TA", "DA", "BA"}),
}


def can_see_number(post: Post, field: str) -> bool:
    """- ID number and telephone: casework but the village, which sees masks
    - account: approvers only; who types it sees its last four digits afterwards
    each look recorded (SECURITY D12)."""
    return post.role in _SEE_FULL.get(field, frozenset())


def can_see_screening(post: Post) -> bool:
    """- townships: window and offices
    - departments: their own programs
    - the platform, without sensitive values
    - a village reads no values."""
    return post.role in CASEWORK - {"V"}


def screens(post: Post) -> bool:
    """Whether the post screens at all; of which household, `can_screen` says."""
    return post.role in {"T", "B"}


def can_screen(post: Post, household: Household) -> bool:
    """- a handler of the township where the household lives, or that it was taken on by
    - the platform's handlers."""
    if not screens(post) or post.role == "B" or _is_of_place(post, household.region_id):
        return screens(post)
    return household.accesses.open(clock.today()).of_place(post).filter(reason="accepted").exists()


def can_ask_fact(post: Post, household: Household) -> bool:
    """As `can_screen`: whoever screens asks for what is missing."""
    return can_screen(post, household)


def reads_requests(post: Post) -> bool:
    """请单位核实: who asks and who answers, and their approvers."""
    return post.role in CASEWORK - {"V"}


def can_answer_fact(post: Post, request: FactRequest) -> bool:
    """- of the unit that was asked: handlers and approvers."""
    return post.role in {"D", "DA"} and request.unit_id in desks(post)


def can_withdraw_request(post: Post, request: FactRequest) -> bool:
    """- handlers of the unit that asked, or of the one that works on for it."""
    return screens(post) and request.asked_by.unit_id in desks(post)


def can_name_fact(post: Post, request: FactRequest) -> bool:
    """What a request is about:
    - the unit that asked, and the one that is asked
    - whoever may know the value."""
    return can_know_value(post, request.kind) or not {request.unit_id, request.asked_by.unit_id}.isdisjoint(desks(post))


def can_see_program(post: Post, department_id: int, *, is_sensitive: bool) -> bool:
    """In a screening (DESIGN 2):
    - a department: its own programs
    - sensitive ones: their department and the accepting window
    - the others: townships and the platform."""
    if post.unit.kind == "department":
        return post.unit.department_id == department_id
    return not is_sensitive or post.unit.kind == "township_window"


def can_look_into(post: Post) -> bool:
    """Sensitive programs and facts in a screening or a dry run, with a reason: - the county platform (DESIGN 2: the bureau)."""
    return post.role in COUNTY
