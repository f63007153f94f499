"""Accepted, told what is missing, not accepted: the page of the application that was handed in."""

from datetime import date
from uuid import uuid4

import pytest
from django.urls import reverse

from documents.models import IssuedDocument
from intake import transitions
from intake.models import Paper, SupplementNotice
from tests.households.factories import fact
from tests.intake.factories import ApplicationFactory, add, fill_in, submit
from tests.intake.verbs import fresh

pytestmark = pytest.mark.django_db
QUERIES_OF_THE_PAGE = 27


def once():
    """The token that the page's form brings."""
    return {"once": uuid4()}


def url(name, application):
    return reverse(f"intake:{name}", args=[application.pk])


def test_the_page_offers_what_can_be_done_now(clerk, approver, signed_in, submitted):
    page = signed_in(clerk).get(url("application_accept", submitted)).content.decode()
    for offered in (">受理</button>", "一次性告知补正", "不予受理", "撤回申请", "剩5个工作日", submitted.query_code):
        assert offered in page
    reader = signed_in(approver).get(url("application_accept", submitted)).content.decode()
    for offered in (">受理</button>", "一次性告知补正", "撤回申请"):
        assert offered not in reader
    assert submitted.applicant.name in reader
    assert f"现在由{submitted.unit.short_name}核对材料" in reader
    assert "返回救助申请" in reader


def test_accepted_with_its_receipt(clerk, signed_in, submitted):
    client = signed_in(clerk)
    assert client.post(url("application_accept", submitted)).url == url("application_accept", submitted)
    assert fresh(submitted).status == "accepted"
    receipt = IssuedDocument.objects.get(kind="acceptance_notice")
    page = client.get(url("application_accept", submitted)).content.decode()
    assert receipt.number in page
    assert ">受理</button>" not in page
    assert "出明白卡" in page


def test_what_is_lacking_is_said_before_anybody_presses(clerk, signed_in, submitted):
    paper = submitted.papers.get(material="cause_bills")
    transitions.settle_paper(paper_id=paper.pk, state=Paper.State.MISSING, by=clerk)
    client = signed_in(clerk)
    page = client.get(url("application_accept", submitted)).content.decode()
    assert "现在还不能受理" in page
    assert "事由票据" in page
    response = client.post(
        url("application_accept", submitted), headers={"referer": "http://testserver" + url("application_accept", submitted)}
    )
    assert response.status_code == 302
    assert fresh(submitted).status == "submitted"


@pytest.fixture
def run_out(clerk, clock):
    """Handed in while the household register proved the 户口簿; the proof has run out since."""
    application = ApplicationFactory(drafted=True)
    fact(application.household, "household_register", "农业家庭户", valid_until=date(2026, 9, 25))
    add(application)
    application = submit(fill_in(application), clerk)
    assert application.papers.get(material="household_book").state == "exempt"
    clock.forward(days=3)
    return application


def test_a_proof_that_has_run_out_leaves_its_paper_on_the_list(clerk, signed_in, run_out):
    client, accept = signed_in(clerk), url("application_accept", run_out)
    assert client.post(accept, once()).url == accept
    assert fresh(run_out).status == "submitted"
    page = client.get(accept).content.decode()
    assert "还不能受理：以下材料还没有登记：户口簿" in page  # said once by the refusal
    assert "现在还不能受理" in page  # and by the page from now on
    book = run_out.papers.get(material="household_book")
    transitions.settle_paper(paper_id=book.pk, state="seen", by=clerk)
    assert client.post(accept, once()).url == accept
    assert fresh(run_out).status == "accepted"


def test_and_is_asked_for_with_the_rest(clerk, signed_in, run_out):
    """There is one notice: the list is looked at anew before it is written."""
    client, ask = signed_in(clerk), url("supplement_ask", run_out)
    assert client.post(ask, {"other_1": "收入说明", **once()}).url == ask
    assert not SupplementNotice.objects.exists()
    page = client.get(ask).content.decode()
    book = run_out.papers.get(material="household_book")
    assert "材料清单已按最新信息更新" in page
    assert f'name="paper_{book.pk}"' in page
    assert client.post(ask, {f"paper_{book.pk}": "on", "other_1": "收入说明", **once()}).url == url("application_accept", run_out)
    assert [line.text for line in SupplementNotice.objects.get().lines.all()] == ["户口簿", "收入说明"]


def test_a_paper_that_is_kept_though_nobody_asks_for_it_is_no_new_list(clerk, signed_in):
    application = ApplicationFactory(submitted=True, programs=[("MZ04", "ordinary"), ("MZ02", "ordinary")])
    transitions.remove_item(item_id=application.items.get(program="MZ04").pk, by=clerk)
    assert application.papers.get(material="cause_bills").is_required is False
    response = signed_in(clerk).post(url("supplement_ask", application), {"other_1": "收入说明", **once()})
    assert response.url == url("application_accept", application)


def test_nobody_waits_for_papers_of_an_application_that_has_ended(clerk, signed_in):
    application = ApplicationFactory(supplemented=True)
    client, page = signed_in(clerk), url("application_accept", application)
    assert ">补正完成</button>" in client.get(page).content.decode()
    transitions.withdraw(application_id=application.pk, reason="不再需要", by=clerk)
    assert ">补正完成</button>" not in client.get(page).content.decode()


def test_the_second_to_accept_is_told_who_was_first(clerk, second_clerk, signed_in, submitted):
    transitions.accept(application_id=submitted.pk, by=clerk)
    response = signed_in(second_clerk).post(url("application_accept", submitted))
    assert response.status_code == 409
    assert "甘晓窗" in response.content.decode()


def test_not_accepted_with_code_reason_and_advice(clerk, signed_in, submitted):
    client, refuse = signed_in(clerk), url("application_refuse", submitted)
    half = client.post(refuse, {"code": "not_here", "reason": "长期住在外县", "advice": ""})
    assert half.status_code == 422
    assert "长期住在外县" in half.content.decode()
    whole = {"code": "not_here", "reason": "长期住在外县", "advice": "请到居住地窗口申请"}
    assert client.post(refuse, {**whole, "code": "poor"}).status_code == 422
    assert client.post(refuse, whole).status_code == 302
    page = client.get(url("application_accept", submitted)).content.decode()
    for said in ("不予受理", "长期住在外县", "请到居住地窗口申请"):
        assert said in page
    assert IssuedDocument.objects.filter(kind="not_accepted_notice").exists()


def test_everything_missing_is_told_at_once(clerk, signed_in, submitted):
    client, ask = signed_in(clerk), url("supplement_ask", submitted)
    paper = submitted.papers.get(material="cause_bills")
    nothing = client.post(ask, {"other_1": ""})
    assert nothing.status_code == 422
    assert "请勾选缺少的材料" in nothing.content.decode()
    typed = {f"paper_{paper.pk}": "on", f"text_{paper.pk}": "发票原件", "other_1": "收入说明", "other_2": ""}
    assert client.post(ask, typed).url == url("application_accept", submitted)
    notice = SupplementNotice.objects.get()
    assert [line.text for line in notice.lines.all()] == ["发票原件", "收入说明"]
    page = client.get(url("application_accept", submitted)).content.decode()
    for said in (notice.number, "发票原件", "收入说明", "补正完成"):
        assert said in page


def test_a_second_notice_needs_a_reason_and_somebody_elses_consent(clerk, approver, signed_in):
    application = ApplicationFactory(supplemented=True)
    transitions.answer_supplement(application_id=application.pk, by=clerk)
    client, ask = signed_in(clerk), url("supplement_ask", application)
    page = client.get(ask).content.decode()
    assert "再次告知须写明理由" in page
    assert approver.staff.name in page
    alone = client.post(ask, {"other_1": "还缺一份"})
    assert alone.status_code == 422
    assert "同意" in alone.content.decode()
    assert client.post(ask, {"other_1": "还缺一份", "repeat_reason": "上次遗漏", "approver": approver.pk}).status_code == 302
    assert SupplementNotice.objects.get(sequence=2).approved_by == approver


def test_what_was_brought_goes_back_to_acceptance(clerk, signed_in):
    application = ApplicationFactory(supplemented=True)
    client = signed_in(clerk)
    assert "补正完成" in client.get(reverse("intake:application_edit", args=[application.pk])).content.decode()
    assert client.post(url("supplement_answer", application)).status_code == 302
    assert fresh(application).status == "submitted"


def test_the_card_of_an_application_names_days_and_papers_to_come(clerk, signed_in, accepted):
    client = signed_in(clerk)
    assert client.post(url("guide_card", accepted)).status_code == 302
    card = IssuedDocument.objects.get(kind="guide_card").data
    [item] = card["items"]
    assert item["program"] == "临时救助"
    assert item["by_date"].endswith("前办结")
    assert "在读证明" in item["do_not_bring"]
    assert card["query_code"] == accepted.query_code


def test_no_card_before_acceptance(clerk, signed_in, submitted):
    assert signed_in(clerk).post(url("guide_card", submitted)).status_code == 409
    assert not IssuedDocument.objects.exists()


def test_the_neighbour_finds_nothing(neighbour_clerk, signed_in, submitted):
    client = signed_in(neighbour_clerk)
    for name in ("application_accept", "application_refuse", "supplement_ask"):
        assert client.get(url(name, submitted)).status_code == 404


def test_queries_of_the_page_are_pinned(clerk, signed_in, assert_queries, submitted):
    client = signed_in(clerk)
    client.get(url("application_accept", submitted))
    with assert_queries(QUERIES_OF_THE_PAGE):
        client.get(url("application_accept", submitted))
