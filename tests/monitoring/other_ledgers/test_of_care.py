"""L8, L17 and the doubts: filings of kin, papers nobody had to bring, what was looked into."""

import pytest

from intake.models import Paper
from intake.transitions import demand_paper
from monitoring.other_ledgers import doubted, exempt, kin
from programs.models import Program
from referrals.names import forget
from tests.households.factories import HouseholdFactory, fact, head_of
from tests.intake.factories import ApplicationFactory
from tests.monitoring.doubting import doubt_of

from .reading import sheets

pytestmark = pytest.mark.django_db


def test_kin_declared_and_filed(clerk, neighbour_clerk, platform):
    waiting, filed = HouseholdFactory(with_kin=True), HouseholdFactory(kin_filed=True)
    HouseholdFactory(without_kin=True)
    [rows] = sheets(kin.LEDGER, clerk)
    told = {row["户编号"]: row for row in rows}
    assert {number: row["状态"] for number, row in told.items()} == {waiting.number: "待备案", filed.number: "已备案"}
    assert (told[filed.number]["工作人员"], told[filed.number]["备案意见"]) == ("甘晓窗", "已了解，由他人经办")
    assert [row["户编号"] for row in sheets(kin.LEDGER, platform, state="open")[0]] == [waiting.number]
    assert sheets(kin.LEDGER, neighbour_clerk) == [[]]
    assert len(sheets(kin.LEDGER, platform, in_clear=True, state="filed")[0]) == 1


def test_papers_nobody_had_to_bring(clerk, neighbour_clerk, platform):
    household = HouseholdFactory()
    fact(household, "household_register", True)
    application = ApplicationFactory(household=household, submitted=True)
    papers = list(application.papers.filter(is_required=True))
    by_place, by_material, demanded = sheets(exempt.LEDGER, clerk)
    expected = sum(paper.state == "exempt" for paper in papers)
    assert (by_place[0]["乡镇（街道）"], by_place[0]["申请"], by_place[0]["应提交材料"]) == ("忠州街道", 1, len(papers))
    assert by_place[0]["免提交"] == by_place[-1]["免提交"] == expected
    assert by_place[0]["免证率"] == f"{expected * 100 / len(papers):.1f}%"
    assert by_material[-1]["申请"] == 1
    assert sum(line["应提交材料"] for line in by_material[:-1]) == len(papers)
    assert demanded == []
    assert [sheets(exempt.LEDGER, post)[0][-1]["申请"] for post in (platform, neighbour_clerk)] == [1, 0]
    assert sheets(exempt.LEDGER, clerk, month="2026-08")[0][-1]["申请"] == 0


def test_what_was_demanded_all_the_same_stands_with_its_reason(clerk):
    household = HouseholdFactory()
    application = ApplicationFactory(household=household)
    paper = Paper.objects.filter(application=application, state="exempt", is_required=True).first()
    if paper is None:
        fact(household, "household_register", True)
        paper = Paper.objects.filter(application=application).first()
        Paper.objects.filter(pk=paper.pk).update(
            state="exempt", exempt_reason="平台已登记", settled_at=None, settled_by=None, is_required=True
        )
    demand_paper(paper_id=paper.pk, reason="登记有误，须看原件", by=clerk)
    Paper.objects.filter(pk=paper.pk).update(is_required=True)
    type(application).objects.filter(pk=application.pk).update(submitted_at=application.drafted_at, submitted_by=clerk)
    by_place, _, [row] = sheets(exempt.LEDGER, clerk)
    assert by_place[0]["能证明仍要求提交"] == 1
    assert (row["申请编号"], row["材料"], row["仍要求提交的理由"]) == (application.number, paper.name, "登记有误，须看原件")
    Paper.objects.filter(pk=paper.pk).update(is_confidential=True)
    less, by_material, rows = sheets(exempt.LEDGER, clerk)
    assert (rows, less[0]["应提交材料"]) == ([], by_place[0]["应提交材料"] - 1), "how many there are would tell what was asked for"
    assert paper.name not in str(by_material)


def test_doubts_and_what_became_of_them(clerk, neighbour_clerk, platform):
    opened, waiting = doubt_of("omitted"), doubt_of("kin", in_pool=True)
    rows, counts = sheets(doubted.LEDGER, clerk)
    assert {row["种类"]: row["状态"] for row in rows} == {"疑似遗漏": "待核查", "近亲属未备案": "待领取"}
    told = next(row for row in rows if row["种类"] == "疑似遗漏")
    assert (told["户编号"], told["户主或本人"]) == (opened.household.number, head_of(opened.household).name)
    assert [line["发现"] for line in counts] == [1, 1, 2]
    assert [row["户编号"] for row in sheets(doubted.LEDGER, platform, kind="kin", state="pool")[0]] == [waiting.household.number]
    assert sheets(doubted.LEDGER, neighbour_clerk)[0] == []
    Program.objects.filter(pk=opened.program_id).update(is_sensitive=True)
    forget()
    [row] = sheets(doubted.LEDGER, clerk, kind="omitted")[0]
    assert row["救助项目"] == "敏感项目"
