"""Visits and applications behind the addresses of the matrix: own of the home township's window, town of the neighbour's."""

from datetime import date
from typing import Any

from config.protection.sealing import open_sealed
from documents.models import Attachment, IssuedDocument
from intake import transitions
from intake.models import Application, Paper
from organization.models import Post
from tests import cast
from tests.households.factories import form
from tests.intake.factories import ASSESSED, ApplicationFactory, VisitFactory, family, people, picture
from tests.matrix.objects import arguments_of, body_of, by_scope


def _clerk(scope: str) -> Post:
    return cast.member("neighbour_clerk" if scope == "town" else "clerk")


@arguments_of(*(f"intake:visit_{page}" for page in ("detail", "find", "identify", "take_on", "answer")), shared=by_scope)
def a_visit(scope: str, post: Post | None) -> dict[str, Any]:
    return {"pk": VisitFactory(known=True, by=_clerk(scope)).pk}


@arguments_of("intake:application_edit", "intake:application_withdraw", "intake:item_add", shared=by_scope)
def a_draft(scope: str, post: Post | None) -> dict[str, Any]:
    return {"pk": ApplicationFactory(drafted=True, by=_clerk(scope)).pk}


@arguments_of("intake:application_promise", "intake:application_authorise", "intake:application_declare_kin", shared=by_scope)
def a_draft_to_be_signed(scope: str, post: Post | None) -> dict[str, Any]:
    for key in ("promise", "authorisation", "kin_declaration"):
        form(key)
    return a_draft(scope, post)


@arguments_of("intake:application_submit", shared=by_scope)
def a_filled_application(scope: str, post: Post | None) -> dict[str, Any]:
    return {"pk": ApplicationFactory(filled=True, by=_clerk(scope)).pk}


@arguments_of("intake:application_accept", "intake:application_refuse", "intake:supplement_ask", shared=by_scope)
def a_submitted_application(scope: str, post: Post | None) -> dict[str, Any]:
    return {"pk": ApplicationFactory(submitted=True, by=_clerk(scope)).pk}


@arguments_of("intake:supplement_answer", shared=by_scope)
def an_application_that_waits(scope: str, post: Post | None) -> dict[str, Any]:
    return {"pk": ApplicationFactory(supplemented=True, by=_clerk(scope)).pk}


@arguments_of("intake:guide_card", shared=by_scope)
def an_accepted_application(scope: str, post: Post | None) -> dict[str, Any]:
    return {"pk": ApplicationFactory(accepted=True, by=_clerk(scope)).pk}


@arguments_of("intake:item_remove", shared=by_scope)
def an_item(scope: str, post: Post | None) -> dict[str, Any]:
    return {"pk": ApplicationFactory(filled=True, by=_clerk(scope)).items.get().pk}


@arguments_of("intake:paper_settle", "intake:paper_upload", shared=by_scope)
def a_paper(scope: str, post: Post | None) -> dict[str, Any]:
    return {"pk": ApplicationFactory(filled=True, by=_clerk(scope)).papers.get(material="cause_bills").pk}


@arguments_of("intake:paper_demand", shared=by_scope)
def a_proven_paper(scope: str, post: Post | None) -> dict[str, Any]:
    return {"pk": ApplicationFactory(filled=True, by=_clerk(scope)).papers.filter(state=Paper.State.EXEMPT).first().pk}


@arguments_of("intake:file_void", shared=by_scope)
def a_file_of_a_paper(scope: str, post: Post | None) -> dict[str, Any]:
    by = _clerk(scope)
    paper = ApplicationFactory(filled=True, by=by).papers.get(material="cause_bills")
    transitions.upload_paper(paper_id=paper.pk, file=picture(), by=by)
    return {"pk": Attachment.objects.about(paper).get().pk}


@arguments_of("intake:issued_void", shared=by_scope)
def a_receipt(scope: str, post: Post | None) -> dict[str, Any]:
    application = ApplicationFactory(accepted=True, by=_clerk(scope))
    return {"pk": IssuedDocument.objects.about(application).get().pk}


# ── bodies ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def _number() -> str:
    return open_sealed(people(family())[0], "id_number")


@body_of("intake:visit_arrive")
def an_arrival() -> dict[str, Any]:
    return {"number": _number(), "mode": "seated", "matter": "生活困难", "without_number": ""}


@body_of("intake:visit_find")
def a_number() -> dict[str, Any]:
    return {"wanted": _number()}


@body_of("intake:visit_identify")
def somebody() -> dict[str, Any]:
    return {"resident": people(family())[1].pk}


@body_of("intake:visit_answer")
def an_answer() -> dict[str, Any]:
    return {"text": "可以申请临时救助。", "programs": ["MZ04"]}


def _the_application() -> Application:
    """The one the address names: no other stands there."""
    return Application.objects.get()


@body_of("intake:application_new")
def a_new_application() -> dict[str, Any]:
    household = family()
    return {"household": household.pk, "visit": "", **_applicant(people(household)[0])}


def _applicant(resident: Any) -> dict[str, Any]:
    return {
        "applicant": resident.pk, "channel": "window", "helper_name": "钱虚助", "helper_relation": "邻居", "helper_phone": "13800138000",
        "single_person_reason": "major_illness", "as_single_person": "on",
    }  # fmt: skip


@body_of("intake:application_edit")
def all_that_was_asked() -> dict[str, Any]:
    return {**ASSESSED, "in_difficulty": "yes", "monthly_income": "800", "then": "", **_applicant(_the_application().applicant)}


@body_of("intake:item_add")
def a_program() -> dict[str, Any]:
    return {"program": "MZ04", "track": "ordinary", "beneficiary": "household", "amount_asked": "1500", "cause": "住院花费大"}


@body_of("intake:application_promise")
def a_day() -> dict[str, Any]:
    return {"signed_on": date(2026, 9, 24)}


@body_of("intake:application_authorise")
def a_signature() -> dict[str, Any]:
    return {"residents": [_the_application().applicant_id], "signed_on": date(2026, 9, 24), "signer_note": ""}


@body_of("intake:application_declare_kin")
def a_declaration() -> dict[str, Any]:
    given = {"staff_name": "甘晓窗", "staff_unit": "忠州街道窗口", "relation": "70", "resident": _the_application().applicant_id}
    return {"has_kin": "yes", "declared_on": date(2026, 9, 24), **given}


@body_of("intake:application_withdraw", "intake:file_void", "intake:issued_void")
def a_reason() -> dict[str, Any]:
    return {"reason": "不再需要"}


@body_of("intake:application_refuse")
def a_refusal() -> dict[str, Any]:
    return {"code": "not_here", "reason": "长期住在外县", "advice": "请到居住地窗口申请"}


@body_of("intake:supplement_ask")
def what_is_missing() -> dict[str, Any]:
    return {"other_1": "收入情况说明", "other_2": "", "other_3": ""}


@body_of("intake:paper_settle")
def a_state() -> dict[str, Any]:
    return {"state": "later"}


@body_of("intake:paper_upload")
def a_file() -> dict[str, Any]:
    return {"file": picture()}


@body_of("intake:paper_demand")
def a_reason_to_demand() -> dict[str, Any]:
    return {"reason": "数据与本人所说不一致"}
