"""The county screened as a whole: counts of every program by township, a rule compared with its successor, and who sees what of it."""

import uuid
from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.models import Event
from config import clock
from deadlines import jobs
from deadlines.models import Job
from households import tasks
from households.models import ScreeningDifference, ScreeningRun
from households.screening.county import Cancelled, asked_on, rules_in_force
from households.transitions import compare, county_screening, screen_county
from organization.models import Parameter
from programs.facts import catalogue_of_facts
from programs.figures import figures_on
from programs.models import ProgramVersion
from tests.cast import HOME, NEIGHBOUR, VILLAGE
from tests.conftest import NOW

from .registers import Register
from .rule_strategies import parameter

pytestmark = pytest.mark.django_db
TODAY = NOW.date()
BORN = date(1980, 3, 4)
IN_FORCE = "MZ01"


def families(by):
    """At home one below the line of the country (515) and one between it and 600; next door one above both; nothing known of a fourth."""
    register = Register(by)
    homes = [register.household(place) for place in (VILLAGE, VILLAGE, NEIGHBOUR, NEIGHBOUR)]
    for home, income in zip(homes, ("500.00", "560.00", "2000.00", None), strict=True):
        register.person(home, born=BORN)
        register.person(home, "30", born=date(2015, 6, 7))
        if income:
            register.fact(home, "income_per_head", income)
            register.fact(home, "assets_within_limits", True)
            for member in register.residents[-2:]:
                register.fact(member, "dibao", False)
                register.fact(member, "tekun", False)
                register.fact(member, "disability_level", "4")
                register.fact(member, "major_illness", False)
    register.write()
    return homes


def version(code=IN_FORCE):
    return ProgramVersion.objects.in_force(TODAY).select_related("program").get(program_id=code)


def asked():
    """低保 as it is, and with 600 for the country."""
    now = asked_on(version(), TODAY)
    raised = Parameter(key="subsistence_standard", name="最低生活保障标准", value={"urban": 636, "rural": 600})
    figures = figures_on(TODAY, instead=[raised]).of_department(version().program.department_id)
    return now, replace(now, figures=figures)


@pytest.fixture
def homes(platform):
    Parameter.objects.bulk_create([parameter("subsistence_standard", {"urban": 636, "rural": 515}, date(2026, 1, 1), platform)])
    return families(platform)


def test_counts_of_every_program_by_township(homes, platform):
    said = []
    run = screen_county(by=platform, progress=lambda *step: said.append(step))
    run.refresh_from_db()
    assert (run.households, run.residents, run.screened_on, run.begun_by) == (4, 8, TODAY, platform)
    assert [rule["program"] for rule in run.rules] == sorted(run.counts[HOME])
    assert len(run.rules) == 53
    assert run.counts[HOME]["MZ01"] == {"eligible": 1, "ineligible": 1}
    assert run.counts[NEIGHBOUR]["MZ01"] == {"ineligible": 1, "unknown": 1}
    assert run.totals()["MZ01"] == {"eligible": 1, "ineligible": 2, "unknown": 1}
    homes_or_people = {sum(counts.values()) for counts in run.totals().values()}
    assert homes_or_people == {4, 8}
    assert [step[:2] for step in said] == [(0, 4), (1, 4), (2, 4), (3, 4)]
    [event] = Event.objects.filter(verb="screening_run.finished")
    assert (event.by_id, event.note) == (platform.pk, "4户8人")


def test_run_takes_the_same_number_of_statements_whatever_the_size(platform, civil_officer):
    def statements():
        with CaptureQueriesContext(
            connection,
        ) as seen:
            screen_county(by=platform)
        return len(seen)

    statements()  # what is fetched once and remembered
    families(platform)
    few = statements()
    for _ in range(3):
        families(civil_officer)
    assert statements() == few


def test_comparison_counts_both_and_keeps_who_enters_and_leaves(homes, civil_officer, civil_approver, platform, neighbour_officer, clerk):
    before, after = asked()
    run = compare(before, after, TODAY, by=civil_officer)
    run.refresh_from_db()
    assert run.counts_before[HOME] == {"MZ01": {"eligible": 1, "ineligible": 1}}
    assert run.counts[HOME] == {"MZ01": {"eligible": 2}}
    assert run.counts[NEIGHBOUR] == run.counts_before[NEIGHBOUR] == {"MZ01": {"ineligible": 1, "unknown": 1}}
    assert [rule["figures"][""]["subsistence_standard"]["rural"] for rule in run.rules] == [515, 600]
    [row] = run.differences.visible_to(platform).entering()
    assert (row.household, row.resident, row.before, row.after) == (homes[1], None, "ineligible", "eligible")
    assert not run.differences.visible_to(platform).leaving().exists()
    # Counts for the unit that asked; rows only of households that a post sees.
    assert list(ScreeningRun.objects.visible_to(civil_approver)) == [run]
    assert not ScreeningRun.objects.visible_to(neighbour_officer).exists()
    assert not ScreeningRun.objects.visible_to(clerk).exists()
    assert not run.differences.visible_to(civil_officer).exists()
    # The other way round the same household leaves.
    back = compare(after, before, TODAY, by=platform)
    assert [row.household for row in back.differences.visible_to(platform).leaving()] == [homes[1]]


def test_rules_of_people_name_the_person(platform):
    register = Register(platform)
    home = register.household(VILLAGE)
    people = [register.person(home, "30", born=BORN), register.person(home, born=BORN)]
    for someone, level in zip(people, ("1", "4"), strict=True):
        register.fact(someone, "disability_card", True)
        register.fact(someone, "disability_level", level)
        for kind in ("tekun", "work_injury_care"):
            register.fact(someone, kind, False)
    register.write()
    now = asked_on(version("MZ03"), TODAY)
    stored = {**version("MZ03").screening_rule, "requires": ["MZ01"]}
    draft = version("MZ03")
    draft.screening_rule, draft.published_at = stored, None
    after = asked_on(draft, TODAY)
    run = compare(now, after, TODAY, by=platform)
    [row] = run.differences.all()
    assert (row.household, row.resident, row.before, row.after) == (home, people[0], "eligible", "ineligible")
    assert run.rules[1]["rule"]["requires"] == ["MZ01"]
    assert "rule" not in run.rules[0]


def test_cancelled_between_the_steps_leaves_nothing(homes, platform):
    answers = iter([False, False, True])
    with pytest.raises(Cancelled, match="没有留下结果"):
        screen_county(by=platform, is_cancelled=lambda: next(answers))
    with pytest.raises(ZeroDivisionError):
        compare(*asked(), TODAY, by=platform, progress=lambda done, *_: 1 / (3 - done))
    assert not ScreeningRun.objects.exists()
    assert not ScreeningDifference.objects.exists()
    assert not Event.objects.filter(verb__startswith="screening_run.").exists()
    screen_county(by=platform)  # and nothing stands in the way of the next


def test_only_platform_and_departments(clerk, assistant, officer):
    for post in (clerk, assistant):
        with pytest.raises(PermissionDenied):
            screen_county(by=post)
    assert screen_county(by=officer).households == 0
    with pytest.raises(ValueError, match="one program"):
        compare(asked_on(version("MZ01"), TODAY), asked_on(version("MZ03"), TODAY), TODAY, by=officer)


def test_event_and_run_stand_or_fall_together(homes, platform, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError("no record")

    monkeypatch.setattr(county_screening, "record", fail)
    with pytest.raises(RuntimeError):
        compare(*asked(), TODAY, by=platform)
    assert not ScreeningRun.objects.exists()
    assert not ScreeningDifference.objects.exists()


def test_past_day_asks_what_was_known_then(homes, platform):
    """Facts found since are not known; the day before the first rule nothing was asked."""
    yesterday = screen_county(on=TODAY - timedelta(days=1), by=platform)
    assert yesterday.totals()["MZ01"] == {"unknown": 4}
    assert rules_in_force(date(2000, 1, 1), catalogue_of_facts(TODAY), figures_on(TODAY)) == []


def test_constraints(platform, homes):
    run = compare(*asked(), TODAY, by=platform)
    whole = ScreeningRun.objects.filter(pk=screen_county(by=platform).pk)
    for constraint, rows, changed in [
        ("screening_run_ends_after_it_begins", whole, {"finished_at": clock.now() - timedelta(days=1)}),
        ("only_a_comparison_counts_twice", whole, {"counts_before": {HOME: {}}}),
        ("a_difference_is_one", run.differences.all(), {"before": F("after")}),
    ]:
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            rows.update(**changed)
    row = run.differences.get()
    row.pk = None
    with pytest.raises(IntegrityError, match="a_run_differs_once_for_each"), transaction.atomic():
        row.save(force_insert=True)
    assert str(uuid.UUID(str(run.pk))) == str(run.pk)
    assert "规则试算" in str(run)


def test_run_as_a_job_and_its_pages(homes, civil_officer, signed_in):
    client = signed_in(civil_officer)
    empty = client.get(reverse("households:screening_run_list"))
    assert "还没有筛查过" in empty.content.decode()
    asked_for = client.post(reverse("households:screening_run_begin"))
    job = Job.objects.get()
    assert (job.kind, job.arguments, asked_for.url) == (tasks.COUNTY, {"on": TODAY.isoformat()}, job.get_absolute_url())
    result = tasks.county_screening(jobs.Context(job.pk, job.arguments, civil_officer, Silent()))
    run = ScreeningRun.objects.get()
    assert (result.url, result.text) == (run.get_absolute_url(), "已按53个项目的规则比对4户8人")
    assert run.get_absolute_url() in client.get(reverse("households:screening_run_list")).content.decode()
    page = client.get(result.url).content.decode()
    assert "数据不足" in page
    assert str(version().program) in page
    townships = client.get(f"{result.url}?program=MZ01").content.decode()
    assert "忠州街道" in townships
    assert "白公街道" in townships
    # Of a sensitive program one or two in a township may be known to be somebody: by township for its department alone.
    assert ("忠州街道" in client.get(f"{result.url}?program=MZ09").content.decode(), "?program=MZ09" in page) == (True, True)
    assert ("忠州街道" in client.get(f"{result.url}?program=SF02").content.decode(), "?program=SF02" in page) == (False, False)
    assert "残疾人康复" not in page, "others' programs are theirs"
    with pytest.raises(jobs.Cancelled):
        tasks.county_screening(jobs.Context(job.pk, job.arguments, civil_officer, Silent(is_cancelled=True)))
    assert ScreeningRun.objects.count() == 1


class Silent:
    """What a runner would pass on."""

    def __init__(self, *, is_cancelled=False):
        self.cancelled = is_cancelled

    def tell(self, *step):
        return self.cancelled

    def is_cancelled(self):
        return self.cancelled
