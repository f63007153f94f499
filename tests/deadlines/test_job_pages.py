"""我的任务: one's own, the platform's look over all, and a page that looks again without keeping the session alive."""

import re
from html import unescape

import pytest

from config import keyset
from deadlines import jobs, running, transitions
from deadlines.models import Job
from deadlines.transitions import jobs as verbs
from tests.fragments import without_tokens

pytestmark = pytest.mark.django_db
KIND = "deadlines.trial"


@pytest.fixture(autouse=True)
def _work(monkeypatch):
    def count(context):
        return jobs.Result(url="/programs/", text="12户符合")

    monkeypatch.setitem(jobs._kinds, KIND, jobs.Kind(KIND, count, "试算一号规则"))
    monkeypatch.setattr(verbs, "wake", lambda: None)


def ask(by):
    return transitions.ask_job(KIND, arguments={}, by=by)


def test_own_jobs_with_progress_cancel_and_result(officer, neighbour_officer, signed_in, assert_queries):
    job, client = ask(officer), signed_in(officer)
    client.get("/jobs/")
    with assert_queries(4):  # session, account, posts, rows; the header's counts are for pages with a menu
        page = client.get("/jobs/rows/").content.decode()
    assert "试算一号规则" in page
    assert 'hx-trigger="every 2s"' in page
    assert f"/jobs/{job.pk}/cancel/" in page
    assert without_tokens(client.get("/jobs/rows/")) in without_tokens(client.get("/jobs/"))
    assert '个未结束">1<' in client.get("/jobs/").content.decode()
    assert "还没有后台任务" in signed_in(neighbour_officer).get("/jobs/").content.decode()
    running.run_next()
    page = client.get("/jobs/").content.decode()
    assert ("12户符合" in page, 'href="/programs/"' in page, "every 2s" in page, "个未结束" in page) == (True, True, False, False)


def test_a_later_page_stays_while_it_looks_again(officer, signed_in, monkeypatch):
    """The rows come from an address of their own; their links are the list's, and the list's are theirs."""
    monkeypatch.setattr(keyset, "SIZES", (1,))
    asked, client = [transitions.ask_job(KIND, arguments={"rule": str(n)}, by=officer) for n in range(3)], signed_in(officer)
    addresses, query, seen = ["/jobs/", "/jobs/rows/"], "", []
    for at in range(3):
        first, second = (client.get(f"{addresses[(at + turn) % 2]}?{query}").content.decode() for turn in (0, 1))
        keys = [re.findall(r"/jobs/([0-9a-f-]{36})/cancel/", page) for page in (first, second)]
        assert keys[0] == keys[1]
        seen += keys[0]
        following = re.search(r'rel="next" href="/jobs/\?([^"]+)"', first)
        query = unescape(following[1]) if following else ""
    assert sorted(seen) == sorted({str(job.pk) for job in asked})
    assert len(seen) == 3


def test_the_platform_sees_that_it_ran_and_not_what_came_of_it(officer, platform, signed_in):
    job = ask(officer)
    running.run_next()
    client = signed_in(platform)
    assert "试算一号规则" not in client.get("/jobs/").content.decode()
    for address in ("/jobs/?tab=all", f"/jobs/{job.pk}/", f"/jobs/{job.pk}/progress/"):
        page = client.get(address).content.decode()
        assert officer.staff.name in page
        assert "12户符合" not in page
        assert "查看结果" not in page


def test_cancel_by_its_page(officer, signed_in):
    job, client = ask(officer), signed_in(officer)
    assert "任务已取消" in client.post(f"/jobs/{job.pk}/cancel/", follow=True).content.decode()
    assert Job.objects.get().status == "cancelled"
    assert "已取消" in client.get(f"/jobs/{job.pk}/").content.decode()


def test_failure_says_why_and_what_to_do(officer, signed_in, monkeypatch):
    def fall(context):
        raise jobs.JobFailed("草稿已撤下，请重新起草。")

    monkeypatch.setitem(jobs._kinds, KIND, jobs.Kind(KIND, fall, "试算一号规则"))
    job = ask(officer)
    running.run_next()
    page = signed_in(officer).get(f"/jobs/{job.pk}/").content.decode()
    assert "草稿已撤下，请重新起草。" in page
    assert "every 2s" not in page


def test_looking_again_by_itself_keeps_no_session_alive(officer, signed_in, clock):
    job, client = ask(officer), signed_in(officer)
    client.get("/jobs/")
    for _ in range(3):
        clock.forward(minutes=9)
        assert client.get(f"/jobs/{job.pk}/progress/").status_code == 200
    clock.forward(minutes=9)
    assert client.get("/jobs/rows/", headers={"HX-Request": "true"}).status_code == 401
