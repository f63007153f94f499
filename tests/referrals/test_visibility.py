"""Who sees a referral (DESIGN 2): the township it came to, every unit that has held it, the platform and jobs. Nobody else."""

import pytest

from documents import gates
from documents.models import IssuedDocument
from households.transitions import find_by_number, open_household, take_on
from organization.models import Post, Region
from referrals.models import ExtensionRequest, ProgressTry, Publicity, Referral, ReferralStage
from tests import cast
from tests.intake.factories import ApplicationFactory, member
from tests.referrals.acting import perform
from tests.referrals.factories import ReferralFactory, verify

pytestmark = pytest.mark.django_db
SEE = ["clerk", "second_clerk", "reviewer", "approver", "platform", "platform_approver", "system"]
DO_NOT = [
    "assistant", "other_assistant", "neighbour_clerk", "neighbour_approver", "officer", "neighbour_officer", "convener", "supervision",
    "system_administrator", "security_administrator", "audit_administrator",
]  # fmt: skip
CHILDREN = [ReferralStage, Publicity, ExtensionRequest]


def post_of(who):
    return Post.objects.the_system() if who == "system" else cast.member(who)


@pytest.fixture
def walked(db):
    """低保 at the window's publicity, with an extension asked for: a row of every kind."""
    referral = ReferralFactory(program="MZ01", publicising=True)
    perform("request_extension", referral, cast.member("clerk"), reason="人户分离。")
    return referral


def test_they_see_it_and_all_its_rows(walked):
    assert [(who, m.__name__) for who in SEE for m in [Referral, *CHILDREN] if not m.objects.visible_to(post_of(who)).exists()] == []


def test_others_see_nothing_of_it(walked):
    """A department neither, before it arrives there."""
    others = [*DO_NOT, "civil_officer", "civil_approver"]
    assert [(who, m.__name__) for who in others for m in [Referral, *CHILDREN] if m.objects.visible_to(post_of(who)).exists()] == []


def test_department_sees_it_from_its_arrival_on_for_good(civil_officer, clerk):
    referral = ReferralFactory(program="MZ01", publicised=True)
    seen = Referral.objects.filter(pk=referral.pk)
    assert not (seen & Referral.objects.visible_to(civil_officer)).exists()
    perform("forward", referral, clerk)
    assert (seen & Referral.objects.visible_to(civil_officer)).exists()
    perform("take", referral, civil_officer)
    perform("send_back", referral, cast.member("civil_approver"))
    assert (seen & Referral.objects.visible_to(civil_officer)).exists(), "what it has held it may look up"


def test_neighbouring_department_sees_its_own_alone(officer, civil_officer):
    own = ReferralFactory(program="CL01")
    other = ReferralFactory(program="MZ01", to_decide=True)
    assert list(Referral.objects.visible_to(officer)) == [own]
    assert list(Referral.objects.visible_to(civil_officer)) == [other]


def test_whoever_was_taken_on_elsewhere_is_seen_there(neighbour_clerk, clerk):
    """Accepted by another township's window: its referrals are that township's."""
    person = member("02")
    household = open_household(region=Region.objects.get(pk=cast.VILLAGE), setting="rural", address="一组1号", members=[person], by=clerk)
    take_on(token=find_by_number(number=person.number, by=neighbour_clerk).outside_token, by=neighbour_clerk)
    application = ApplicationFactory(accepted=True, household=household, by=neighbour_clerk)
    verify(household)
    referral = ReferralFactory(application=application)
    assert referral.township_code == cast.NEIGHBOUR
    assert list(Referral.objects.visible_to(neighbour_clerk)) == [referral]
    assert not Referral.objects.visible_to(clerk).exists()


def test_papers_are_read_by_whoever_sees_the_referral():
    paper = IssuedDocument.objects.about(ReferralFactory(approved=True)).get()
    assert [who for who in [*SEE, *DO_NOT] if gates.may_read(post_of(who), paper)] == SEE


def test_wrong_tries_are_nobodys(walked, platform):
    assert not ProgressTry.objects.visible_to(platform).exists()


def test_nobody_is_nobody(walked):
    assert not any(m.objects.visible_to(None).exists() for m in [Referral, *CHILDREN, ProgressTry])
