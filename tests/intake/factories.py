"""Families at the window and their applications, in every state before dispatch. States are reached by the verbs alone.

    ApplicationFactory(accepted=True, programs=[("MZ01", "ordinary")])

Traits: `drafted` (nothing filled in), `filled` (ready to be submitted), `submitted`, `supplemented` (waits for the applicant), `accepted`,
`not_accepted`, `withdrawn`. `in_progress` and `closed` go through the inner verbs that dispatch and the last referral call.
"""

import io
from datetime import date
from typing import Any

import factory
from PIL import Image

from config import clock
from config.protection.identity import Sex
from config.protection.sealing import open_sealed
from households.knowledge import standing_declaration
from households.models import Household, Resident
from households.transitions import MemberInput
from intake import transitions
from intake.models import Application, ApplicationItem, Paper, Request, Visit
from organization.models import Post
from programs.models import Program, Track
from tests import cast
from tests.households.factories import HouseholdFactory, declared, form, person, place, sign_all
from tests.replay import remembered

CHILD = date(2016, 3, 1)
ASSESSED = {
    "difficulties": ["illness"],
    "cause": "户主患病住院，家中没有其他收入。",
    "family_structure": "夫妻二人",
    "health": "户主慢性病",
    "labour": "partial",
    "labour_note": "配偶打零工",
    "rigid_spending": "医药费每月约600元",
    "monthly_income": None,
    "in_difficulty": True,
    "opinion": "属于困难群众，建议申请救助。",
    "proposal": "临时救助，同时申请低保。",
}


def member(relation: str = "02", **changed: Any) -> MemberInput:
    """Somebody who does not exist; relation 02 is the head."""
    return person(relation, **{"sex": Sex.FEMALE if relation == "10" else Sex.MALE, **changed})


@remembered
def family(*, by: Post | None = None, children: int = 0, members: list[MemberInput] | None = None) -> Household:
    """A couple, and children where asked for, in the township where `by` works (default: the home township's clerk)."""
    code = cast.VILLAGE if by is None or by.region_code == cast.HOME else by.region_code
    couple = [member("02"), member("10")]
    return HouseholdFactory(region=place(code), members=members or [*couple, *(member("20", birth_on=CHILD) for _ in range(children))])


def people(household: Household) -> list[Resident]:
    """Members, the head first."""
    return [row.resident for row in household.memberships.filter(until=None).select_related("resident").order_by("relation", "pk")]


class VisitFactory(factory.Factory):
    """Somebody came. Traits: `known` (the head of a new family, unless a resident is given), `answered`."""

    class Meta:
        model = Visit

    mode = Visit.Mode.SEATED
    matter = "生活困难"

    @classmethod
    @remembered
    def _create(cls, model_class: type[Visit], *args: Any, known: bool = False, answered: bool = False, **kwargs: Any) -> Visit:
        by = kwargs.pop("by", None) or cast.member("clerk")
        if known and not kwargs.get("resident_id"):
            kwargs["resident_id"] = people(family(by=by))[0].pk
        visit = transitions.arrive(by=by, **kwargs)
        return transitions.answer(visit_id=visit.pk, text="可以申请临时救助。", by=by) if answered else visit


class ApplicationFactory(factory.Factory):
    """An application of a family at the home township's window, for MZ04 unless `programs` says otherwise."""

    class Meta:
        model = Application

    @classmethod
    @remembered
    def _create(
        cls,
        model_class: type[Application],
        *args: Any,
        household: Household | None = None,
        applicant: Resident | None = None,
        programs: list[tuple[str, str]] | None = None,
        amount: Any = None,
        by: Post | None = None,
        **kwargs: Any,
    ) -> Application:
        by = by or cast.member("clerk")
        states = {state: kwargs.pop(state, False) for state in STATES}
        household = household or family(by=by)
        applicant = applicant or people(household)[0]
        application = transitions.draft(household_id=household.pk, applicant_id=applicant.pk, by=by, **kwargs)
        if states["drafted"]:
            return application
        for code, track in programs or [("MZ04", "ordinary")]:
            add(application, code, track, amount=amount, by=by)
        application = fill_in(application, by=by)
        for state, reach in STATES.items():
            if states[state] and reach:
                return reach(application, by)
        return application


def add(application: Application, code: str = "MZ04", track: str = "ordinary", *, amount: Any = None, resident: Resident | None = None,
        by: Post | None = None) -> ApplicationItem:  # fmt: skip
    """An item for the household or, where the program is a resident's, for the applicant."""
    is_of_household = Program.objects.get(pk=code).beneficiary == Program.Beneficiary.HOUSEHOLD
    whom = {"household_id": application.household_id} if is_of_household else {"resident_id": (resident or application.applicant).pk}
    by = by or cast.member("clerk")
    return transitions.add_item(application_id=application.pk, program_code=code, track_key=track, amount_asked=amount, by=by, **whom)


def fill_in(application: Application, *, by: Post | None = None) -> Application:
    """Everything that submission and acceptance ask for, the papers seen. The promise comes last: it lists the papers by what is signed."""
    by = by or cast.member("clerk")
    form("promise")
    transitions.assess(application_id=application.pk, fields=ASSESSED, by=by)
    if application.items.filter(track__verification=Track.Verification.BEFORE).exists():
        sign_all(application.household)
    if application.items.filter(version__asks_about_kin=True).exists() and standing_declaration(application.household) is None:
        declared(application.household, has_kin=False)
    transitions.promise(application_id=application.pk, signed_on=clock.today(), by=by)
    settle_all(application, by=by)
    return Application.objects.get(pk=application.pk)


def settle_all(application: Application, *, by: Post) -> None:
    for paper in application.papers.filter(state=Paper.State.MISSING, is_required=True).exclude(material__in=["promise", "authorisation"]):
        transitions.settle_paper(paper_id=paper.pk, state=Paper.State.SEEN, by=by)


def submit(application: Application, by: Post) -> Application:
    return transitions.submit(application_id=application.pk, by=by)


def accept(application: Application, by: Post) -> Application:
    return transitions.accept(application_id=submit(application, by).pk, by=by)


def _supplement(application: Application, by: Post) -> Application:
    transitions.ask_supplement(application_id=submit(application, by).pk, lines=[(None, "近12个月收入情况说明")], by=by)
    return Application.objects.get(pk=application.pk)


def _refuse(application: Application, by: Post) -> Application:
    given = {"code": "not_here", "reason": "长期居住在外县", "advice": "请到居住地乡镇申请"}
    return transitions.refuse_acceptance(application_id=submit(application, by).pk, by=by, **given)


def _withdraw(application: Application, by: Post) -> Application:
    return transitions.withdraw(application_id=submit(application, by).pk, reason="不再需要", by=by)


def _start(application: Application, by: Post) -> Application:
    return transitions.start_progress(application=accept(application, by), by=by)


def _close(application: Application, by: Post) -> Application:
    return transitions.close(application=_start(application, by), by=by)


def _terminate(application: Application, by: Post) -> Application:
    return transitions.stop(application=_start(application, by), status="terminated", reason="申请人去世", by=by)


STATES: dict[str, Any] = {
    "drafted": None, "filled": None, "submitted": submit, "supplemented": _supplement, "accepted": accept, "not_accepted": _refuse,
    "withdrawn": _withdraw, "in_progress": _start, "closed": _close, "terminated": _terminate,
}  # fmt: skip
# Status of an application -> the trait that reaches it.
TRAITS = {
    "draft": "filled", "submitted": "submitted", "supplement": "supplemented", "accepted": "accepted", "in_progress": "in_progress",
    "closed": "closed", "not_accepted": "not_accepted", "withdrawn": "withdrawn", "terminated": "terminated",
}  # fmt: skip


def picture(name: str = "证明.png", colour: str = "white") -> Any:
    """A file as a form gives it: a small picture."""
    octets = io.BytesIO()
    Image.new("RGB", (8, 8), colour).save(octets, "PNG")
    octets.seek(0)
    octets.name = name
    return octets


class RequestFactory(factory.Factory):
    """Somebody of the home township needs help, registered by the village's assistant and pushed. Traits: `kept` (not pushed), `known`
    (the head of a new family, by number), `answered`, `returned`, `withdrawn`, `handed_over` (to the neighbour), `accepted`."""

    class Meta:
        model = Request

    @classmethod
    def _create(cls, model_class: type[Request], *args: Any, kept: bool = False, known: bool = False, **kwargs: Any) -> Request:
        by = kwargs.pop("by", None) or cast.member("assistant")
        states = [state for state in REQUEST_STATES if kwargs.pop(state, False)]
        given = {"name": "乔虚求", "region_code": cast.VILLAGE, "causes": ["illness"], "matter": "住院花费大，家里没有收入。", **kwargs}
        if by.unit.kind == "township_window":
            given.setdefault("source", "phone")
        if known:
            head = people(family())[0]
            given |= {"name": head.name, "number": open_sealed(head, "id_number")}
        request = transitions.register_request(**given, push=not (kept or "withdrawn" in states), by=by)
        for state in states:
            REQUEST_STATES[state](request)
        return Request.objects.get(pk=request.pk)


def _at_the_window(request: Request) -> Post:
    return Post.objects.select_related("unit", "staff").get(unit=request.window, rank="handler", is_dedicated=True)


def _accept_request(request: Request) -> None:
    household = request.household or family()
    head = request.resident or people(household)[0]
    by = _at_the_window(request)
    transitions.accept_request(request_id=request.pk, household_id=household.pk, applicant_id=head.pk, by=by)


def _hand_over(request: Request) -> None:
    to = cast.unit_of("township_window", cast.NEIGHBOUR)
    transitions.hand_over_request(request_id=request.pk, to_unit_id=to.pk, reason="住在白公街道。", by=_at_the_window(request))


REQUEST_STATES: dict[str, Any] = {
    "accepted": _accept_request,
    "answered": lambda r: transitions.answer_request(request_id=r.pk, text="带身份证和票据来窗口。", by=_at_the_window(r)),
    "returned": lambda r: transitions.return_request(request_id=r.pk, reason="请补充联系电话。", by=_at_the_window(r)),
    "withdrawn": lambda r: transitions.withdraw_request(request_id=r.pk, reason="登记重复。", by=r.registered_by),
    "handed_over": _hand_over,
}  # fmt: skip
