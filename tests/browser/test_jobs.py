"""我的任务 in a browser: what was asked for is seen to move by itself, and can be cancelled."""

import re

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
    # at once, since the next look at the jobs would take the button away while the server is asked whether the session lives
    page.route("**/session-state/", lambda route: route.abort())
    page.get_by_role("button", name="取消任务").click()
    expect(page.get_by_text("任务已取消。")).to_be_visible()
    visitor.picture("job")


def test_a_page_that_looks_by_itself_says_once_that_the_session_ended(desktop, officer, monkeypatch):
    # Given a page that looks every other second, and a session that ended
    monkeypatch.setitem(jobs._kinds, KIND, jobs.Kind(KIND, lambda context: jobs.Result(url="/programs/", text=""), "规则试算"))
    monkeypatch.setattr(verbs, "wake", lambda: None)
    transitions.ask_job(KIND, arguments={"draft": 1}, by=officer, title="规则试算")
    desktop.refusals |= {401}
    page = desktop.sign_in_as(officer).open("jobs:job_list")
    looks: list[str] = []
    page.on("request", lambda request: looks.append(request.url) if "/rows/" in request.url else None)
    desktop.context.clear_cookies(name="sessionid")
    # Then it says so with the way back, opens nothing over the page, and asks no more
    expect(page.locator("#toasts")).to_contain_text("登录已过期，请重新登录。")
    expect(page.get_by_role("link", name="重新登录")).to_have_attribute("href", re.compile(r"\?next="))
    asked = len(looks)
    page.wait_for_timeout(4500)
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator("#toasts .message")).to_have_count(1)
    assert len(looks) == asked >= 1
