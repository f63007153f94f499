"""Who sees what lies at the window: the township it came to, the county platform, jobs. Nobody else, by row or by paper."""

import pytest

from documents import gates
from documents.models import IssuedDocument
from documents.transitions import upload
from households.open_cases import has_open_case
from intake import transitions
from intake.models import Application, ApplicationItem, Assessment, Paper, Request, SupplementLine, SupplementNotice, Visit
from intake.permissions import can_follow
from organization.models import Post
from tests import cast
from tests.intake.factories import ApplicationFactory, RequestFactory, VisitFactory, picture

pytestmark = pytest.mark.django_db
SEE = ["clerk", "second_clerk", "reviewer", "approver", "platform", "platform_approver"]
DO_NOT = [
    "assistant", "other_assistant", "neighbour_clerk", "neighbour_approver", "officer", "department_approver", "civil_officer", "convener",
    "supervision", "system_administrator", "security_administrator", "audit_administrator",
]  # fmt: skip
MODELS = [Application, ApplicationItem, Assessment, Paper, SupplementNotice, SupplementLine, Visit]


@pytest.fixture
def waiting(clerk):
    """An application with a row of every kind beside it."""
    visit = VisitFactory(known=True)
    application = ApplicationFactory(supplemented=True, visit_id=visit.pk)
    paper = application.papers.get(material="cause_bills")
    transitions.upload_paper(paper_id=paper.pk, file=picture(), by=clerk)
    upload(subject=visit, kind="photo", file=picture(), by=clerk)
    return application


def post_of(who):
    return Post.objects.the_system() if who == "system" else cast.member(who)


@pytest.mark.parametrize("who", [*SEE, "system"])
def test_they_see_every_row(who, waiting):
    assert [model.__name__ for model in MODELS if not model.objects.visible_to(post_of(who)).exists()] == []


@pytest.mark.parametrize("who", DO_NOT)
def test_they_see_none(who, waiting):
    assert [model.__name__ for model in MODELS if model.objects.visible_to(post_of(who)).exists()] == []


@pytest.mark.parametrize("who", [*SEE, *DO_NOT])
def test_papers_are_read_by_whoever_sees_the_application(who, waiting):
    post = post_of(who)
    files = [gates.may_read(post, paper) for paper in waiting_papers(waiting)]
    assert files == [who in SEE] * len(files)
    assert len(files) == 3


def waiting_papers(application):
    """The notice, the file of a paper, the file of the visit."""
    from documents.models import Attachment

    return [*IssuedDocument.objects.filter(application_id=application.pk), *Attachment.objects.all()]


def test_the_receipt_too(accepted, clerk, neighbour_clerk, officer):
    paper = IssuedDocument.objects.about(accepted).get()
    assert [gates.may_read(post, paper) for post in (clerk, neighbour_clerk, officer, None)] == [True, False, False, False]


def test_whose_household_has_an_open_case(draft, household):
    assert has_open_case(draft.household_id)
    assert not has_open_case(household.pk)
    transitions.withdraw(application_id=draft.pk, reason="不再需要", by=draft.drafted_by)
    assert not has_open_case(draft.household_id)


def test_lists_bring_what_they_show(waiting, clerk):
    [row] = Application.objects.visible_to(clerk).with_list_data()
    assert [item.program.pk for item in row.listed_items] == ["MZ04"]
    visit = VisitFactory(known=True)
    assert Visit.objects.visible_to(clerk).unanswered().with_list_data().get().resident == visit.resident
    assert set(Application.objects.open()) == {waiting}
    owed = waiting.papers.owed()
    assert {paper.state for paper in owed} <= {"missing", "later"}


def test_a_request_is_its_units_its_windows_and_the_countys():
    """The village of somebody whom a department registered does not hear of it; nor does any other office of the township."""
    from intake.models import RequestHandover

    village, department = RequestFactory(), RequestFactory(by=cast.member("officer"), handed_over=True)
    kept = RequestFactory(kept=True)
    sees = {
        "assistant": {village, kept}, "other_assistant": set(), "clerk": {village, department}, "approver": set(),
        "neighbour_clerk": {department}, "officer": {department}, "department_approver": {department}, "neighbour_officer": set(),
        "platform": {village, department, kept}, "convener": set(), "supervision": set(), "system_administrator": set(),
    }  # fmt: skip
    for name, rows in sees.items():
        assert set(Request.objects.visible_to(cast.member(name))) == rows, name
    assert not RequestHandover.objects.visible_to(cast.member("assistant")).exists()
    assert RequestHandover.objects.visible_to(cast.member("officer")).count() == 1


def test_an_assistant_whose_village_changed_keeps_what_they_registered_and_sees_the_new_village():
    from organization.models import Post

    mine, colleague = RequestFactory(), RequestFactory(by=cast.member("other_assistant"), region_code=cast.OTHER_VILLAGE)
    post = cast.member("assistant")
    Post.objects.filter(pk=post.pk).update(unit=cast.unit_of("village_window", cast.OTHER_VILLAGE))
    moved = cast.member("assistant")
    assert set(Request.objects.visible_to(moved)) == {mine, colleague}
    assert not can_follow(moved, mine)
    assert can_follow(moved, colleague)
