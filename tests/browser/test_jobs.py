"""我的任务 in a browser: what was asked for is seen to move by itself, and can be cancelled."""

from playwright.sync_api import expect

from deadlines import jobs, transitions
from deadlines.models import Job
from deadlines.transitions import jobs as verbs

KIND = "deadlines.trial"


def test_a_department_watches_its_trial_run(visitor, officer, monkeypatch):
    # Given two runs that a department asked for, one of them at work
    monkeypatch.setitem(jobs._kinds, KIND, jobs.Kind(KIND, lambda context: jobs.Result(url="/programs/", text="符合1310户"), "规则试算"))
    monkeypatch.setattr(verbs, "wake", lambda: None)
    running, waiting = (transitions.ask_job(KIND, arguments={"draft": n}, by=officer, title=f"规则试算（草稿{n}）") for n in (1, 2))
    job = verbs.claim()
    Job.objects.filter(pk=job.pk).update(done=21, total=53, step="逐户逐人比对")
    # When the department opens its jobs
    page = visitor.sign_in_as(officer).open("jobs:job_list")
    expect(page.get_by_text("21 / 53")).to_be_visible()
    visitor.assert_accessible()
    visitor.picture("jobs")
    # Then what was done meanwhile shows itself, without a click
    verbs.finish(job, jobs.Result(url="/programs/", text="符合1310户"))
    expect(page.get_by_text("符合1310户")).to_be_visible()
    expect(page.get_by_role("link", name="查看结果")).to_be_visible()
    # And the other can be cancelled
    page.get_by_role("button", name="取消任务").click()
    expect(page.get_by_text("任务已取消。")).to_be_visible()
    visitor.picture("job")
