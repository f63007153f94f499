"""Posts: proposed by one administrator, granted by another, dated, never incompatible (DESIGN 2, SECURITY #14)."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404

from audit.models import Event
from config.verbs import AlreadyHandled, TransitionError
from organization.figures import forget
from organization.models import Post, Unit
from organization.transitions import posts
from organization.transitions.parameters import set_parameter
from tests.cast import unit_of

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 22)


@pytest.fixture(autouse=True)
def _today(clock):
    from datetime import UTC, datetime

    clock.set(datetime(2026, 11, 22, 2, tzinfo=UTC))


@pytest.fixture
def propose(system_administrator, nobody):
    def proposed(kind: str, where: str = "", rank: str = "handler", *, since: date = TODAY, days: int = 100, staff=nobody) -> Post:
        return posts.propose(
            staff_id=staff.pk,
            unit=unit_of(kind, where),
            rank=rank,
            valid_from=since,
            valid_until=since + timedelta(days=days),
            by=system_administrator,
        )

    return proposed


def test_a_proposal_gives_no_right(propose, nobody):
    post = propose("township_window", "500233003")
    assert post.is_pending
    assert not Post.objects.effective(TODAY).filter(staff=nobody).exists()


def test_a_grant_makes_it_effective_within_its_dates(propose, security_administrator, nobody):
    post = propose("township_window", "500233003", days=10)
    posts.grant(post_id=post.pk, by=security_administrator)
    effective = [Post.objects.effective(TODAY + timedelta(days=n)).filter(staff=nobody).exists() for n in (-1, 0, 10, 11)]
    assert effective == [False, True, True, False]
    assert Event.objects.about(post).values_list("verb", flat=True)[0] == "post.granted"


def test_the_second_granter_is_told_who_was_first(propose, security_administrator):
    post = propose("township_window", "500233003")
    posts.grant(post_id=post.pk, by=security_administrator)
    with pytest.raises(AlreadyHandled, match="安全员 处理（已授权）"):
        posts.grant(post_id=post.pk, by=security_administrator)


@pytest.mark.parametrize("actor", ["system_administrator", "audit_administrator"])
def test_only_the_security_administrator_grants(propose, actor, request):
    post = propose("township_window", "500233003")
    with pytest.raises(PermissionDenied):
        posts.grant(post_id=post.pk, by=request.getfixturevalue(actor))


@pytest.mark.parametrize("actor", ["clerk", "platform_approver", "supervision"])
def test_a_proposal_does_not_exist_for_others(propose, actor, request):
    post = propose("township_window", "500233003")
    with pytest.raises(Http404):
        posts.grant(post_id=post.pk, by=request.getfixturevalue(actor))


@pytest.mark.parametrize("actor", ["security_administrator", "audit_administrator", "clerk"])
def test_only_the_system_administrator_proposes(actor, request, nobody):
    with pytest.raises(PermissionDenied):
        posts.propose(
            staff_id=nobody.pk,
            unit=unit_of("platform", ""),
            rank="handler",
            valid_from=TODAY,
            valid_until=TODAY,
            by=request.getfixturevalue(actor),
        )


def test_nobody_grants_to_themselves(propose, security_administrator):
    post = propose("security_administration", staff=security_administrator.staff, since=date(2028, 1, 1))
    with pytest.raises(PermissionDenied):
        posts.grant(post_id=post.pk, by=security_administrator)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (("system_administration", ""), ("security_administration", "")),
        (("system_administration", ""), ("audit_administration", "")),
        (("security_administration", ""), ("audit_administration", "")),
        (("system_administration", ""), ("township_window", "500233003")),
        (("audit_administration", ""), ("supervision", "")),
        (("supervision", ""), ("department", "CL")),
    ],
)
def test_nobody_holds_incompatible_posts(propose, first, second):
    propose(*first)
    with pytest.raises(ValidationError, match="不相容"):
        propose(*second)


def test_incompatible_posts_may_follow_one_another(propose):
    propose("supervision", "", days=9)
    assert propose("department", "CL", since=TODAY + timedelta(days=10)).pk


def test_several_casework_posts_are_one_person(propose):
    propose("township_window", "500233003")
    assert propose("department", "CL").pk


def test_a_grant_lasts_a_year_at_most(propose):
    with pytest.raises(TransitionError, match="最长12个月"):
        propose("township_window", "500233003", days=366)
    assert propose("township_window", "500233003", days=365).pk


def test_a_shorter_term_binds_as_soon_as_it_is_set(propose, security_administrator, platform_approver):
    change = {"key": "grant_term_max", "value": 6, "valid_from": TODAY, "origin": "assumed", "source": "安全检查"}
    with pytest.raises(PermissionDenied):
        set_parameter(**change, by=platform_approver)
    set_parameter(**change, by=security_administrator)
    forget()
    with pytest.raises(TransitionError, match="最长6个月，到期日期不能晚于2027-05-22"):
        propose("township_window", "500233003", days=182)
    assert propose("township_window", "500233003", days=181).pk


def test_nobody_is_posted_to_the_system_or_beyond_a_units_end(propose, clerk):
    with pytest.raises(TransitionError, match="不设人员岗位"):
        propose("system")
    Unit.objects.filter(pk=unit_of("township_window", "500233003").pk).update(valid_until=TODAY + timedelta(days=9))
    with pytest.raises(TransitionError, match="停用"):
        propose("township_window", "500233003", days=10)


def test_a_proposal_whose_dates_have_passed_is_not_granted(propose, security_administrator, clock):
    post = propose("township_window", "500233003", days=3)
    clock.forward(days=4)
    with pytest.raises(TransitionError, match="已过"):
        posts.grant(post_id=post.pk, by=security_administrator)
    assert posts.refuse(post_id=post.pk, reason="已过期", by=security_administrator).refused_at


def test_dates_the_wrong_way_round_blame_nothing_else(propose):
    with pytest.raises(ValidationError) as refused:
        propose("township_window", "500233003", since=TODAY + timedelta(days=9), days=-1)
    assert refused.value.message_dict == {"valid_until": ["到期日期不能早于生效日期。"]}


def test_a_grant_that_is_over_already_is_refused(propose):
    with pytest.raises(TransitionError, match="到期日期已过"):
        propose("township_window", "500233003", since=TODAY - timedelta(days=30), days=10)


def test_refuses_with_a_reason(propose, security_administrator, nobody):
    post = posts.refuse(post_id=propose("township_window", "500233003").pk, reason="编制未定", by=security_administrator)
    assert (post.state_on(TODAY), post.reason) == ("不予授权", "编制未定")
    with pytest.raises(AlreadyHandled, match="不予授权"):
        posts.grant(post_id=post.pk, by=security_administrator)
    assert propose("audit_administration").pk, "a refused post no longer stands in the way"


def test_ends_early_and_the_rows_are_gone_with_the_next_request(clerk, security_administrator, signed_in):
    client = signed_in(clerk)
    assert client.get("/organization/units/").status_code == 200
    posts.end(post_id=clerk.pk, reason="调离", by=security_administrator)
    assert client.get("/organization/units/").status_code == 403
    with pytest.raises(AlreadyHandled):
        posts.end(post_id=clerk.pk, reason="调离", by=security_administrator)


def test_does_not_end_ones_own(security_administrator):
    with pytest.raises(PermissionDenied):
        posts.end(post_id=security_administrator.pk, reason="离职", by=security_administrator)


def test_switches_among_ones_own_and_logs_it(double, clerk):
    first, second = double.posts
    assert posts.switch(post_id=second.pk, by=first) == second
    event = Event.objects.about(second).first()
    assert (event.verb, event.old, event.new) == ("post.switched", first.label, second.label)
    with pytest.raises(TransitionError, match="不是您的"):
        posts.switch(post_id=clerk.pk, by=first)


@pytest.mark.parametrize(
    ("kind", "rank", "role"),
    [
        ("village_window", "handler", "V"),
        ("township_office", "approver", "TA"),
        ("department", "approver", "DA"),
        ("platform", "handler", "B"),
        ("convener", "approver", "C"),
        ("supervision", "handler", "L"),
        ("audit_administration", "handler", "AU"),
    ],
)
def test_roles_are_rank_by_unit_kind(kind, rank, role):
    assert Post(unit=Unit(kind=kind), rank=rank).role == role


@pytest.mark.parametrize(
    ("kind", "where", "rank", "flag", "sentence"),
    [
        ("department", "CL", "handler", "is_assistant", "只设在村级窗口"),
        ("department", "CL", "handler", "is_dedicated", "只设在乡镇综合救助窗口"),
        ("village_window", "500233001991", "approver", "is_deputy", "不设审批岗"),
    ],
)
def test_flags_and_ranks_stand_only_where_they_mean_something(system_administrator, nobody, kind, where, rank, flag, sentence):
    with pytest.raises(TransitionError, match=sentence):
        posts.propose(
            staff_id=nobody.pk, unit=unit_of(kind, where), rank=rank, valid_from=TODAY, valid_until=TODAY + timedelta(days=9),
            flags=frozenset({flag}), by=system_administrator,
        )  # fmt: skip
