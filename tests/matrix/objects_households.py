"""People and households behind the addresses of the matrix."""

from datetime import date
from typing import Any

from config import clock
from config.protection.synthetic import numbered_id
from households.models import Household
from households.transitions import authorise, declare_own_kin, let_in, note_relative, put_aside
from organization.models import Post
from tests import cast
from tests.households import factories
from tests.households.factories import HouseholdFactory, ResidentFactory
from tests.matrix.objects import arguments_of, body_of, by_scope

NEWCOMER = numbered_id(date(1971, 1, 1), 1)  # nobody whom a builder makes
# own: of the village that the assistant keeps, and so of the home township. village: of the next village of that township.
# town: of the neighbouring township. granted: as town, opened to the office that tries departments out; asked: to it for one fact alone.
_PLACES = {
    "own": cast.VILLAGE,
    "village": cast.OTHER_VILLAGE,
    "town": cast.NEIGHBOUR,
    "granted": cast.NEIGHBOUR,
    "asked": cast.NEIGHBOUR,
    "stale": cast.VILLAGE,
}


def _household(scope: str) -> Household:
    factories.begin()
    household = HouseholdFactory(region=factories.place(_PLACES[scope]))
    if scope in {"granted", "asked"}:
        reason, by = "referral" if scope == "granted" else "fact", cast.member("neighbour_clerk")
        let_in(household=household, unit=cast.member("officer").unit, reason=reason, subject=household, by=by)
    return household


@arguments_of(
    "households:household_detail",
    "households:household_revise",
    "households:member_add",
    "households:fact_note",
    "households:kin_declare",
    "profile:profile",
    "profile:booklet",
    "profile:booklet_docx",
    shared=by_scope,
)
def a_household(scope: str, post: Post | None) -> dict[str, Any]:
    factories.form("kin_declaration")
    return {"pk": _household(scope).pk}


@arguments_of("households:authorisation_add", shared=by_scope)
def a_household_that_has_not_signed(scope: str, post: Post | None) -> dict[str, Any]:
    global _adult
    factories.form("authorisation")
    household = _household(scope)
    _adult = factories.head_of(household).pk
    return {"pk": household.pk}


_adult: Any = None


@arguments_of("households:member_revise", "households:member_end", shared=by_scope)
def a_member(scope: str, post: Post | None) -> dict[str, Any]:
    global _seen_at
    household = _household(scope)
    _seen_at = household.revised_at.isoformat()
    return {"pk": household.memberships.get(relation="10").pk}


_seen_at = ""


@arguments_of(
    "households:resident_detail", "households:resident_revise", "households:relative_note", "households:resident_settle", shared=by_scope
)
def a_resident(scope: str, post: Post | None) -> dict[str, Any]:
    """loose: of the home township, without household."""
    if scope == "loose":
        factories.begin()
        return {"pk": ResidentFactory().pk}
    return {"pk": factories.head_of(_household(scope)).pk}


@arguments_of("households:number_reveal", shared=by_scope)
def a_number(scope: str, post: Post | None) -> dict[str, Any]:
    return {**a_resident(scope, post), "field": "id_number"}


@arguments_of("households:relative_end", shared=by_scope)
def a_relative(scope: str, post: Post | None) -> dict[str, Any]:
    head = factories.head_of(_household(scope))
    by = factories.clerk_of(head.region)
    outside = ResidentFactory(region=head.region)
    row = note_relative(resident_id=head.pk, relative_id=outside.pk, role="obligor", relation="20", since=clock.today(), by=by)
    return {"pk": row.pk}


@arguments_of("households:fact_open", shared=by_scope)
def a_sensitive_fact(scope: str, post: Post | None) -> dict[str, Any]:
    """Held by 县残联, which the officer belongs to."""
    household = _household(scope)
    by = factories.clerk_of(household.region)
    return {"pk": factories.fact(factories.head_of(household), "disability_level", "2", by=by).pk}


@arguments_of("households:authorisation_revoke", shared=by_scope)
def a_signature(scope: str, post: Post | None) -> dict[str, Any]:
    factories.form("authorisation")
    household = _household(scope)
    by = factories.clerk_of(household.region)
    head = factories.head_of(household)
    return {"pk": authorise(household_id=household.pk, resident_id=head.pk, signed_on=clock.today(), by=by).pk}


@arguments_of("households:kin_file", shared=by_scope)
def a_declaration(scope: str, post: Post | None) -> dict[str, Any]:
    return {"pk": factories.declared(_household(scope), has_kin=True).pk}


@arguments_of("households:own_kin_withdraw")
def own_kin(scope: str, post: Post | None) -> dict[str, Any]:
    """self: declared by the one who knocks. other: by somebody else."""
    able = post is not None and post.role in {"V", "T", "TA", "D", "DA", "B", "BA"}
    by = post if scope == "self" and able and post else cast.member("neighbour_clerk")
    return {"pk": declare_own_kin(name="虚亲", relation="70", number=factories.id_number(), by=by).pk}


@arguments_of("households:draft_drop", shared=by_scope)
def a_draft(scope: str, post: Post | None) -> dict[str, Any]:
    """What is not one's own is left alone, without a word about it."""
    row = put_aside(content={"address": {}, "members": [{"name": "虚人"}]}, by=cast.member("clerk"))
    return {"pk": row.pk}


@body_of("households:household_search")
def somebody_looked_for() -> dict[str, Any]:
    return {"wanted": "虚构"}


@body_of("households:take_on")
def a_token() -> dict[str, Any]:
    return {"token": "forged"}


def _person(prefix: str = "") -> dict[str, Any]:
    said = {
        "name": "虚新人", "id_type": "resident", "number": NEWCOMER, "sex": "", "birth_on": "", "phone": "023-54230000",
    }  # fmt: skip
    return {f"{prefix}{name}": value for name, value in said.items()}


@body_of("households:household_open")
def a_new_household() -> dict[str, Any]:
    counts = {"members-TOTAL_FORMS": "1", "members-INITIAL_FORMS": "1", "members-MIN_NUM_FORMS": "0", "members-MAX_NUM_FORMS": "20"}
    head = {**_person("members-0-"), "members-0-relation": "02", "members-0-lives_together": "on", "members-0-DELETE": ""}
    address = {"region": cast.VILLAGE, "setting": "rural", "address": "虚构组1号", "step": "open", "draft": ""}
    return {**counts, **head, **address}


@body_of("households:household_revise")
def a_better_address() -> dict[str, Any]:
    return {
        "region": cast.OTHER_VILLAGE, "setting": "urban", "address": "虚构组2号",
        "seen_at": Household.objects.latest("opened_at").revised_at.isoformat(),
    }  # fmt: skip


@body_of("households:member_add")
def a_new_member() -> dict[str, Any]:
    return {**_person(), "relation": "20", "lives_together": "on"}


@body_of("households:member_revise")
def a_better_relation() -> dict[str, Any]:
    return {"relation": "97", "former_head_relation": "", "lives_together": "on", "is_counted": "on", "seen_at": _seen_at}


@body_of("households:member_end")
def a_leaving() -> dict[str, Any]:
    return {"on": "2026-09-24", "reason": "外嫁"}


@body_of("households:resident_revise")
def a_better_name() -> dict[str, Any]:
    return {
        "name": "虚改名", "id_type": "resident", "number": "", "sex": "", "birth_on": "", "phone": "", "registered_place": "虚构县",
        "bank_name": "", "bank_account": "", "died_on": "", "seen_at": clock.now().isoformat(),
    }  # fmt: skip


@body_of("households:relative_note")
def a_new_relative() -> dict[str, Any]:
    return {**_person(), "role": "obligor", "relation": "20", "since": "2026-09-24"}


@body_of("households:relative_end")
def an_end() -> dict[str, Any]:
    return {"on": "2026-09-24"}


@body_of("households:fact_note")
def a_new_fact() -> dict[str, Any]:
    return {
        "whose": "household", "kind": "household_register", "value": "虚构户籍", "how": "register", "source": "户籍库",
        "found_on": "2026-09-24", "valid_until": "", "detail": "",
    }  # fmt: skip


@body_of("households:number_reveal", "households:fact_open")
def no_reason() -> dict[str, Any]:
    return {}


@body_of("households:authorisation_add")
def a_new_signature() -> dict[str, Any]:
    return {"resident": _adult, "signed_on": "2026-09-24", "signer_note": ""}


@body_of("households:kin_declare")
def a_no() -> dict[str, Any]:
    return {"has_kin": "no", "resident": "", "staff_name": "", "staff_unit": "", "relation": "", "declared_on": "2026-09-24"}


@body_of("households:kin_file")
def a_note() -> dict[str, Any]:
    return {"note": "已了解，由他人经办"}


@body_of("households:own_kin_declare")
def a_relative_of_ones_own() -> dict[str, Any]:
    return {"name": "虚亲", "relation": "70", "number": NEWCOMER}


@body_of("households:resident_settle")
def where_somebody_lives() -> dict[str, Any]:
    return {"region": cast.VILLAGE, "setting": "", "address": "虚构组1号"}


@body_of("households:resident_enter")
def somebody_without_papers() -> dict[str, Any]:
    return {
        "region": cast.VILLAGE, "name": "", "id_type": "none", "number": "", "sex": "2", "birth_on": "", "phone": "",
        "registered_place": "", "born_about": "1950", "description": "外地口音", "found_at_place": "汽车站", "found_on": "2026-09-24",
    }  # fmt: skip
