"""上报: proposed by a data manager, approved by a second person of the platform, run each month in clear for its unit."""

import io
import re
from datetime import date

import openpyxl
import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.urls import reverse

from audit.models import Event
from config import clock as house_clock
from config.verbs import AlreadyHandled, TransitionError
from deadlines import transitions as deadlines
from deadlines.models import Job, Notice
from organization.models import Post
from spreadsheets import asking, storage, transitions
from spreadsheets.ledgers import Asked
from spreadsheets.models import Export, ReportApproval
from tests.cast import PASSWORD
from tests.spreadsheets import ledgers
from tests.spreadsheets.factories import run
from tests.spreadsheets.handing_in import approval_of, form_of

pytestmark = pytest.mark.django_db
KEY = ledgers.TEST.key


@pytest.fixture(autouse=True)
def ledger(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return ledgers.declare()


def proposed(by, **more):
    given = {
        "ledger": KEY, "given": {"kind": "platform", "month": "2020-01"}, "recipient": "市民政局", "address": "政务邮箱",
        "purpose": "按月报送", "in_clear": True, "day": 5, "of_month": "last", "until": date(2027, 6, 30), "by": by,
    }  # fmt: skip
    return transitions.propose_report(**{**given, **more})


def approved(by, decider, **more):
    return transitions.approve_report(approval_id=proposed(by, **more).pk, by=decider)


def rows(export):
    book = openpyxl.load_workbook(io.BytesIO(b"".join(storage.read(export.pk, export.storage_name))))
    return book, [[cell.value for cell in line] for line in book.worksheets[0].iter_rows(min_row=4)]


def test_what_was_approved_once_runs_each_month_in_clear(clock, platform, platform_approver, monkeypatch):
    monkeypatch.setattr("spreadsheets.making.most_rows", lambda post: 0)  # the cap of the post does not hold for it
    approval = approved(platform, platform_approver, columns=["0:单位", "0:证件号码"])
    assert (approval.given, approval.filters) == ({"kind": "platform"}, "类别：平台")
    run()
    export = Export.objects.get(approval=approval)  # the day of September has passed: at once
    assert (export.state, export.period, export.in_clear, export.asked_by.unit.kind) == ("ready", "2026-09", True, "system")
    assert export.filters == "月份：2026年8月；类别：平台"
    assert asking.unseal(export.pk, export.given_sealed) == {"kind": "platform", "month": "2026-08"}
    book, found = rows(export)
    assert found == [[unit, ledgers.NUMBER] for unit, *_ in asking.first_rows(ledgers.parts(Asked(platform, {"kind": "platform"}))[0], 50)]
    assert "上报市民政局" in book.worksheets[0]["A2"].value
    assert "含完整号码" in book.worksheets[0]["A2"].value
    assert Notice.objects.filter(title__startswith="上报文件已生成").count() == 1
    assert transitions.run_reports() == 0
    clock.forward(days=10)  # 4 October
    assert transitions.run_reports() == 0
    clock.forward(days=2)
    assert transitions.run_reports() == 1
    assert set(approval.runs.values_list("period", flat=True)) == {"2026-09", "2026-10"}


def test_nothing_is_approved_for_many_years(platform, signed_in):
    """The day a year from now is the last one; a later one is told by how far one may go, and the page keeps what was typed."""
    assert proposed(platform, until=date(2027, 9, 24)).until == date(2027, 9, 24)
    with pytest.raises(TransitionError, match="最长批准12个月，“执行至”请填2027-09-24或以前"):
        proposed(platform, until=date(2027, 9, 25))
    body = {
        "recipient": "市民政局",
        "address": "光盘",
        "purpose": "按月报送",
        "day": 5,
        "of_month": "last",
        "until": "2040-01-01",
        "kind": "platform",
    }
    refused = signed_in(platform).post(reverse("exports:report_propose", args=[KEY]), body)
    assert refused.status_code == 422
    assert "最长批准12个月" in refused.content.decode()
    assert "2040-01-01" in refused.content.decode()


def test_what_was_proposed_before_the_limit_is_not_approved_and_what_runs_on_is_shown(platform, platform_approver, officer, signed_in):
    waiting, running = (proposed(platform, recipient=name) for name in ("市民政局一", "市民政局二"))
    transitions.approve_report(approval_id=running.pk, by=platform_approver)
    ReportApproval.objects.filter(pk__in=[waiting.pk, running.pk]).update(until=date(2040, 1, 1))  # as before there was a limit
    with pytest.raises(TransitionError, match="最长批准12个月.*提出时填的是2040-01-01，请选择不批准"):
        transitions.approve_report(approval_id=waiting.pk, by=platform_approver)
    waiting.refresh_from_db()
    assert (waiting.status, waiting.decided_at) == ("proposed", None)
    page = signed_in(platform_approver).get(reverse("exports:report_list")).content.decode()
    told = page.partition("alert-warning")[2].partition("</ul>")[0]
    assert ("执行至2040-01-01" in told, "市民政局二" in told, "市民政局一" in told) == (True, True, False)
    transitions.end_report(approval_id=running.pk, reason="改按规定的期限再提", by=platform_approver)
    assert "alert-warning" not in signed_in(platform_approver).get(reverse("exports:report_list")).content.decode()


def test_of_many_that_run_on_too_long_the_first_few_are_named_and_all_are_paged(
    platform, platform_approver, signed_in, assert_queries
):  # fmt: skip
    decided = {"decided_at": house_clock.now(), "decided_by": platform_approver, "decided_by_staff": platform_approver.staff}
    for number in range(22):
        approval_of(platform, status="approved", recipient=f"市局{number}", until=date(2040, 1, 1), **decided)
    client, address = signed_in(platform), reverse("exports:report_list")
    client.get(address)
    with assert_queries(6):
        page = client.get(address).content.decode()
    told = page.partition("alert-warning")[2].partition("</ul>")[0]
    assert (told.count("执行至2040-01-01"), "还有更多，逐项核对" in page) == (5, True)
    with assert_queries(5):
        first = client.get(address, {"tab": "beyond"}).content.decode()
    assert (first.count('data-label="执行至"'), "返回全部上报" in first) == (20, True)
    onward = re.search(r'href="([^"]*after=[^"]*)"', first)[1].replace("&amp;", "&")
    assert client.get(onward).content.decode().count('data-label="执行至"') == 2
    ReportApproval.objects.update(until=date(2027, 1, 1))
    assert "没有执行期过长的上报" in client.get(address, {"tab": "beyond"}).content.decode()


def test_who_may_and_who_decides(clerk, officer, platform, platform_approver, department_approver, civil_officer):
    with pytest.raises(PermissionDenied):
        proposed(clerk)
    with pytest.raises(PermissionDenied):
        proposed(platform_approver)  # no data manager
    approval = proposed(platform)
    with pytest.raises(Http404):
        transitions.approve_report(approval_id=approval.pk, by=department_approver)
    with pytest.raises(PermissionDenied):
        transitions.approve_report(approval_id=approval.pk, by=platform)
    transitions.approve_report(approval_id=approval.pk, by=platform_approver)
    with pytest.raises(AlreadyHandled, match="执行中"):
        transitions.refuse_report(approval_id=approval.pk, reason="不报", by=platform_approver)
    assert Event.objects.filter(verb__startswith="report.", subject_id=str(approval.pk)).values_list("verb", flat=True).count() == 3


def test_what_is_refused_or_ended_says_why_and_does_not_run(clock, platform, platform_approver):
    refused = transitions.refuse_report(approval_id=proposed(platform).pk, reason="接收单位有误", by=platform_approver)
    assert (refused.status, refused.reason) == ("refused", "接收单位有误")
    ended = approved(platform, platform_approver, day=28)
    with pytest.raises(TransitionError, match="原因"):
        transitions.end_report(approval_id=ended.pk, reason=" ", by=platform)
    transitions.end_report(approval_id=ended.pk, reason="改由系统直报", by=platform)
    clock.forward(days=5)
    assert transitions.run_reports() == 0


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"given": {"name": "某人"}}, "不能有姓名"),
        ({"columns": ["0:不存在"]}, "没有这些栏目"),
        ({"until": date(2026, 1, 1)}, "不能早于今天"),
        ({"purpose": "电话13800000000"}, "手机号码"),
    ],
)
def test_what_cannot_be_proposed(platform, more, words):
    with pytest.raises(TransitionError, match=words):
        proposed(platform, **more)
    assert not ReportApproval.objects.exists()


def test_its_file_is_fetched_by_its_unit_with_the_password(signed_in, platform, platform_approver, officer):
    approval = approved(platform, platform_approver)
    run()
    export = Export.objects.get(approval=approval)
    url = reverse("exports:export_download", args=[export.pk])
    assert signed_in(officer).post(url).status_code == 404
    client = signed_in(platform_approver)
    assert client.post(url).status_code == 403
    said = {"step_up_reason": "报送市局", "step_up_password": PASSWORD}
    answer = client.post(url, said)
    assert answer.status_code == 200
    assert b"".join(answer.streaming_content)[:2] == b"PK"
    assert Event.objects.get(verb="export.handed_out").note == "报送市局"
    with pytest.raises(PermissionDenied):
        transitions.hand_out_export(export_id=export.pk, by=platform)
    page = client.get(approval.get_absolute_url()).content.decode()
    assert "2026-09" in page
    assert export.get_absolute_url() in page


def test_what_failed_is_tried_again_the_next_night(clock, platform, platform_approver, monkeypatch):
    approval = approved(platform, platform_approver)

    def full(*args):
        raise storage.NoRoom("磁盘空间不足")

    with monkeypatch.context() as patch:
        patch.setattr("spreadsheets.storage.write", full)
        run()
    assert Export.objects.get(approval=approval).state == "failed"
    clock.forward(days=1)
    assert transitions.run_reports() == 1
    run()
    assert Export.objects.get(approval=approval).state == "ready"


def test_somebody_else_of_the_unit_stands_in_and_nobody_is_told(clock, platform, platform_approver, monkeypatch):
    approval = approved(platform, platform_approver, day=28)
    clock.forward(days=4)
    type(platform).objects.filter(pk=platform.pk).update(ended_at=house_clock.now(), ended_by=platform_approver)
    assert transitions.run_reports() == 1
    assert Export.objects.get(approval=approval).eyes == platform_approver
    type(platform).objects.filter(pk=platform_approver.pk).update(ended_at=house_clock.now(), ended_by=platform_approver)
    clock.forward(days=30)
    assert transitions.run_reports() == 0
    assert Notice.objects.filter(title__startswith="上报没有生成").count() == 1


def test_it_is_filled_into_the_superiors_form(platform, platform_approver):
    form = form_of(platform)
    approval = approved(platform, platform_approver, form=form)
    run()
    export = Export.objects.get(approval=approval)
    book = openpyxl.load_workbook(io.BytesIO(b"".join(storage.read(export.pk, export.storage_name))))
    assert book["月报"]["C6"].value == ledgers.NUMBER
    with pytest.raises(TransitionError, match="先终止"):
        transitions.withdraw_form(form_id=form.pk, by=platform)


def test_the_proposal_by_its_page(signed_in, platform):
    client, url = signed_in(platform), reverse("exports:report_propose", args=[KEY])
    page = client.get(url).content.decode()
    assert 'name="kind"' in page
    assert 'name="month"' not in page
    assert '<p class="choices-group">编号</p>' in page  # the columns stand under their sheets
    assert 'name="name"' not in page
    assert client.post(url, {"kind": "platform", "recipient": "市局"}).status_code == 422
    body = {
        "kind": "platform", "recipient": "市局", "address": "邮箱", "purpose": "月报", "day": "5", "of_month": "this",
        "until": "2027-01-31", "columns": ["0:单位"],
    }  # fmt: skip
    assert client.post(url, body).status_code == 302
    approval = ReportApproval.objects.get()
    assert (approval.columns, approval.in_clear, approval.given) == (["0:单位"], False, {"kind": "platform"})


def test_a_cancelled_job_of_the_house_is_not_fetched(platform, platform_approver):
    approval = approved(platform, platform_approver)
    export = Export.objects.get(approval=approval)
    deadlines.cancel_job(job_id=export.job_id, by=platform)
    run()
    assert Export.objects.get(approval=approval).state == "cancelled"


def test_who_owes_a_cancelled_run_is_told_once_and_asks_for_it_again(clock, signed_in, platform, platform_approver, officer):
    approval = approved(platform, platform_approver)
    export = Export.objects.get(approval=approval)
    client, again = signed_in(platform_approver), reverse("exports:report_again", args=[approval.pk])
    assert "重新生成" not in client.get(approval.get_absolute_url()).content.decode()
    deadlines.cancel_job(job_id=export.job_id, by=platform)
    for _ in range(2):
        clock.forward(days=1)
        assert transitions.run_reports() == 0
    [told] = Notice.objects.filter(title__startswith="上报没有生成")
    assert (told.staff_id, told.url) == (platform.staff_id, approval.get_absolute_url())
    assert "2026-09的文件在生成时被取消" in told.body
    client = signed_in(platform_approver)
    assert again in client.get(approval.get_absolute_url()).content.decode()
    assert client.post(again).status_code == 302
    run()
    export.refresh_from_db()
    assert (export.state, Event.objects.get(verb="report.asked_again").new) == ("ready", "1份")
    assert again not in client.get(approval.get_absolute_url()).content.decode()
    with pytest.raises(TransitionError, match="没有要重新生成的"):
        transitions.make_report_again(approval_id=approval.pk, by=platform_approver)
    with pytest.raises(Http404):
        transitions.make_report_again(approval_id=approval.pk, by=officer)


def test_what_has_ended_is_not_asked_for_again(platform, platform_approver):
    approval = approved(platform, platform_approver)
    deadlines.cancel_job(job_id=Export.objects.get(approval=approval).job_id, by=platform)
    transitions.end_report(approval_id=approval.pk, reason="改由系统直报", by=platform)
    with pytest.raises(TransitionError, match="已不再执行"):
        transitions.make_report_again(approval_id=approval.pk, by=platform_approver)


def test_a_run_that_nothing_began_in_its_month_is_made_in_the_next(clock, platform, platform_approver):
    """The worker is down from the 28th to the 30th."""
    approval = approved(platform, platform_approver, day=28)
    clock.forward(days=8)  # 2 October
    assert not approval.runs.exists()
    later = approved(platform, platform_approver, day=1)  # owes nothing for the month before it was approved
    assert (transitions.run_reports(), transitions.run_reports()) == (1, 0)
    export = approval.runs.get()
    assert export.period == "2026-09"
    assert asking.unseal(export.pk, export.given_sealed)["month"] == "2026-08"
    assert list(later.runs.values_list("period", flat=True)) == ["2026-10"]


def test_what_failed_is_told_and_follows_its_unit_when_people_leave(clock, platform, platform_approver, monkeypatch):
    approval = approved(platform, platform_approver)
    export = Export.objects.get(approval=approval)
    _job_failed(export, "磁盘空间不足。")
    Post.objects.filter(pk=platform.pk).update(valid_until=house_clock.today())
    clock.forward(days=8)  # what own exports were narrowed by is forgotten by now
    transitions.remove_expired()
    assert transitions.run_reports() == 1
    export.refresh_from_db()
    assert export.eyes.pk != platform.pk
    assert export.eyes.unit_id == platform.unit_id
    told = Notice.objects.get(title__startswith="上报没有生成")
    assert (told.staff_id, "磁盘空间不足" in told.body) == (export.eyes.staff_id, True)
    run()
    export.refresh_from_db()
    assert export.state == "ready"


def _job_failed(export, error):
    Job.objects.filter(pk=export.job_id).update(status="failed", error=error, finished_at=house_clock.now())


def test_ended_while_it_waits_it_leaves_no_file(platform, platform_approver):
    approval = approved(platform, platform_approver)
    transitions.end_report(approval_id=approval.pk, reason="改由系统直报", by=platform)
    run()
    export = Export.objects.get(approval=approval)
    assert (export.state, export.storage_name) == ("failed", "")
    assert "已经终止" in export.job.error


def test_many_rows_of_a_masked_report_ask_for_the_password_too(signed_in, platform, platform_approver):
    approval = approved(platform, platform_approver, in_clear=False)
    run()
    url = reverse("exports:export_download", args=[Export.objects.get(approval=approval).pk])
    client = signed_in(platform_approver)
    assert client.post(url).status_code == 200
    Export.objects.update(rows=501)
    assert client.post(url).status_code == 403
    assert client.post(url, {"step_up_reason": "报送市局", "step_up_password": PASSWORD}).status_code == 200
