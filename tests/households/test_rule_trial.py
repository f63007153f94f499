"""A dry run of a draft's rule: counts for whoever drafts, rows within one's gate, and nothing of it binds anybody (issue 5)."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.urls import reverse

from config import clock as house_clock
from config.verbs import TransitionError
from deadlines import jobs
from deadlines.models import Job
from households import tasks
from households.models import ScreeningRun
from households.small_counts import changes_hidden
from households.transitions import let_in, look_into_trial
from households.transitions.rule_trial import try_rule
from organization.models import Department, Parameter, Post
from programs import transitions as programs
from programs.models import FactKind, ProgramVersion
from tests.households.factories import fact
from tests.intake.factories import family, member, people

pytestmark = pytest.mark.django_db
NEED = {
    "label": "残疾或孤独症",
    "any": [{"fact": "disability_card", "op": "is", "value": True}, {"fact": "rehabilitation_need", "op": "is", "value": True}],
}
RULE = {
    "language": 1,
    "eligible": {"all": [{"fact": "age", "op": "le", "value": "9"}, NEED]},
}


@pytest.fixture
def draft(officer: Post) -> ProgramVersion:
    """年龄 6 to 9, and a child of eight who enters."""
    child = people(family(members=[member("02"), member("20", birth_on=date(2018, 9, 1))]))[-1]
    fact(child, "rehabilitation_need", True)
    started = programs.begin(code="CL04", note="放宽到9周岁", by=officer)
    return programs.revise_draft_rule(version_id=started.pk, rule=RULE, source="会议纪要", seen_revision=0, by=officer)


class Reports:
    def __init__(self, *, is_cancelled: bool = False) -> None:
        self.cancelled = is_cancelled

    def tell(self, done: int, total: int | None, step: str) -> bool:
        return self.cancelled

    def is_cancelled(self) -> bool:
        return self.cancelled


def named(client, url: str) -> bool:
    """Whether the page names somebody of the household for which the answer changes."""
    page = client.get(url).content.decode()
    return any(m.resident.name in page for m in ScreeningRun.objects.get().differences.get().household.memberships.all())


def test_a_draft_is_tried_by_the_figures_of_its_first_day(signed_in, officer: Post, platform: Post, draft: ProgramVersion):
    """Raised from next year: the draft counts by what will stand then, the rule in force by what stands today."""
    value = {"parameter": "rehabilitation_age_max_cl04"}
    rule = {"language": 1, "eligible": {"all": [{"fact": "age", "op": "le", "value": value}, NEED]}}
    revised = programs.revise_draft_rule(version_id=draft.pk, rule=rule, source="会议纪要", seen_revision=1, by=officer)
    today = Parameter.objects.get(key="rehabilitation_age_max_cl04")
    first = date(2027, 1, 1)
    Parameter.objects.bulk_create([copied(today, valid_from=first, value=9)])
    assert try_rule(version_id=revised.pk, by=officer).differences.count() == 0
    run = try_rule(version_id=revised.pk, day=first, by=officer)
    assert (run.differences.count(), run.rules[1]["day"], "day" in run.rules[0]) == (1, "2027-01-01", False)
    client = signed_in(officer)
    assert "草稿按2027-01-01的参数标准试算" in client.get(reverse("households:rule_trial_detail", args=[run.pk])).content.decode()
    early = client.post(reverse("households:rule_trial_begin", args=[draft.pk]), {"day": "2020-01-01"})
    assert (early.status_code, "不能早于今天" in early.content.decode()) == (422, True)
    with pytest.raises(TransitionError, match="启用日期"):
        try_rule(version_id=revised.pk, day=date(2099, 1, 1), by=officer)


def test_dry_runs_go_after_their_days_but_for_the_one_decided_by(clock, officer: Post, platform_approver: Post, draft: ProgramVersion):
    """Whom a dry run named is not kept for ever; what a second person published by is."""
    first = try_rule(version_id=draft.pk, by=officer)
    clock.forward(minutes=1)
    last = try_rule(version_id=draft.pk, by=officer)
    programs.publish(version_id=draft.pk, valid_from=house_clock.today(), by=platform_approver)
    clock.forward(days=Parameter.objects.county_wide(house_clock.today())["job_kept_days"] + 1)
    other = programs.begin(code="CL04", note="再改", by=officer)
    young = try_rule(version_id=other.pk, by=officer)
    tasks.forget_trials()
    tasks.forget_trials()
    job = Job.objects.get(kind=tasks.DROP_TRIALS)
    assert tasks.trials_dropped(jobs.Context(job.pk, job.arguments, job.asked_by, Reports())).data == {"count": 1}
    assert not ScreeningRun.objects.filter(pk=first.pk).exists()
    assert last.differences.count() == 1
    assert ScreeningRun.objects.filter(pk=young.pk).exists()


def copied(row: Parameter, **otherwise: object) -> Parameter:
    row.pk = None
    for name, value in otherwise.items():
        setattr(row, name, value)
    return row


def test_the_page_asks_for_a_job_and_shows_who_enters(signed_in, officer: Post, platform: Post, draft: ProgramVersion):
    client = signed_in(officer)
    listed = reverse("households:rule_trial_list", args=[draft.pk])
    assert "还没有试运行过" in client.get(listed).content.decode()
    answer = client.post(reverse("households:rule_trial_begin", args=[draft.pk]))
    job = Job.objects.get()
    assert (job.kind, job.arguments, answer["Location"]) == (tasks.TRIAL, {"version": draft.pk, "revision": 1}, job.get_absolute_url())
    result = tasks.rule_trial(jobs.Context(job.pk, job.arguments, officer, Reports()))
    assert result.text.endswith("少于5条结果有变化")
    page = client.get(result.url).content.decode()
    assert "0 → 1" in page
    assert "忠州街道" in page
    assert "您有权查看的家庭里没有" in page  # a department sees counts, no household that it has no access to
    assert result.url in client.get(listed).content.decode()
    assert not named(signed_in(platform), result.url), "the platform may not know who needs rehabilitation"
    look_into_trial(run_id=ScreeningRun.objects.get().pk, reason="核对规则修改的影响", by=platform)
    assert named(signed_in(platform), result.url)
    assert ProgramVersion.objects.get(pk=draft.pk).is_open_draft


def test_a_run_of_a_draft_that_changed_since_says_so(signed_in, officer: Post, draft: ProgramVersion):
    run = try_rule(version_id=draft.pk, by=officer)
    rule = {"language": 1, "anyone": "不设条件"}
    programs.revise_draft_rule(version_id=draft.pk, rule=rule, source="再议", seen_revision=1, by=officer)
    assert "请重新试运行" in signed_in(officer).get(reverse("households:rule_trial_detail", args=[run.pk])).content.decode()


def test_a_draft_that_asks_what_its_writer_may_not_read_tells_no_place_and_no_name(signed_in, officer: Post, draft: ProgramVersion):
    rule = {"language": 1, "eligible": {"any": [RULE["eligible"], {"fact": "mental_disorder", "op": "is", "value": True}]}}
    programs.revise_draft_rule(version_id=draft.pk, rule=rule, source="再议", seen_revision=1, by=officer)
    run = try_rule(version_id=draft.pk, by=officer)
    page = signed_in(officer).get(reverse("households:rule_trial_detail", args=[run.pk])).content.decode()
    assert "全县" in page
    assert "0 → 1" not in page, "one is somebody"
    assert "不显示" in page
    assert "忠州街道" not in page
    assert "不列名单" in page


def test_a_moved_limit_of_what_the_rule_asked_before_names_nobody(
    signed_in, officer: Post, platform: Post, clerk: Post, draft: ProgramVersion
):
    """医保局's rule asks of illness: whoever may read it is named the family, others not, whatever the limit was before."""
    run = try_rule(version_id=draft.pk, by=officer)
    let_in(household=run.differences.get().household, unit=officer.unit, reason="referral", subject=run, by=clerk)
    url = reverse("households:rule_trial_detail", args=[run.pk])
    client = signed_in(officer)
    assert named(client, url), "a department's own fact, of a family that it was let in to"
    FactKind.objects.filter(pk="rehabilitation_need").update(holder=Department.objects.get(code="WJ"))
    page = client.get(url).content.decode()
    assert not named(client, url)
    assert "忠州街道" in page, "age alone was changed"
    assert "0 → 1" not in page, "age with all that isolates one child would ask the illness of that child"
    assert "0 → 不显示" in page, "what the rule in force says is told as on the page of the county"
    assert "不列名单" in page
    moved = {
        "language": 1,
        "eligible": {"all": [{"fact": "age", "op": "le", "value": "9"}, {"fact": "rehabilitation_need", "op": "known"}]},
    }
    ScreeningRun.objects.filter(pk=run.pk).update(rules=[run.rules[0], {**run.rules[1], "rule": moved}])
    assert "忠州街道" not in client.get(url).content.decode()


def test_the_rule_in_force_tried_as_it_stands_says_that_nothing_changes(signed_in, officer: Post, draft: ProgramVersion):
    """Its figures are those of the county's page, whatever the rule asks; a draft that changes nobody's answer tells no more than few."""
    FactKind.objects.filter(pk="rehabilitation_need").update(holder=Department.objects.get(code="WJ"))
    run = try_rule(version_id=draft.pk, by=officer)
    url, client = reverse("households:rule_trial_detail", args=[run.pk]), signed_in(officer)
    before = ProgramVersion.objects.get(program_id="CL04", number=1).screening_rule
    counts = {"counts": run.counts_before, "rules": [run.rules[0], {**run.rules[1], "rule": before}]}
    ScreeningRun.objects.filter(pk=run.pk).update(**counts)
    run.differences.all().delete()
    page = client.get(url).content.decode()
    assert ("没有变化" in page, "不显示" in page) == (True, False)
    ScreeningRun.objects.filter(pk=run.pk).update(rules=run.rules)
    page = client.get(url).content.decode()
    assert ("没有变化" in page, "0 → 不显示" in page) == (False, True)


@pytest.mark.parametrize(
    ("rows", "hidden"),
    [
        ({"a": [0, 0], "b": [7, 9], "c": [8, 9]}, {"a", "b"}),
        ({"a": [0, 0], "b": [0, 1], "c": [8, 8]}, {"a", "b"}),
        ({"a": [6, 1], "b": [7, 9], "c": [8, 8]}, {"a", "b"}),
        ({"a": [6, 0], "b": [7, 9]}, set()),
        ({"a": []}, {"a"}),
    ],
)
def test_few_changes_and_none_stay_out(rows: dict[str, list[int]], hidden: set[str]):
    assert changes_hidden(rows, 5) == hidden
    assert not changes_hidden(rows, 0)


def test_a_cancelled_run_leaves_nothing(officer: Post, draft: ProgramVersion):
    job = {"version": draft.pk, "revision": 1}
    with pytest.raises(jobs.Cancelled):
        tasks.rule_trial(jobs.Context(draft.program.pk, job, officer, Reports(is_cancelled=True)))  # type: ignore[arg-type]
    assert not ScreeningRun.objects.exists()


def test_who_may_not_draft_tries_nothing(neighbour_officer: Post, clerk: Post, draft: ProgramVersion):
    for post in (neighbour_officer, clerk):
        with pytest.raises(Http404):
            try_rule(version_id=draft.pk, by=post)
    published = ProgramVersion.objects.get(program_id="CL04", number=1)
    with pytest.raises(PermissionDenied):
        try_rule(version_id=published.pk, by=neighbour_officer)


def test_a_program_without_a_rule_cannot_be_compared(platform: Post):
    version = ProgramVersion.objects.get(program_id="WJ03")
    with pytest.raises(TransitionError, match="没有执行中的规则"):
        try_rule(version_id=version.pk, by=platform)
