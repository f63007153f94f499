"""Pages of data rounds: the board for the platform and supervision, the unit's own list, a delivery, its receipt."""

import re
from datetime import date
from importlib import import_module

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from monitoring import demo_rounds, round_board, standing
from monitoring.models import Delivery, Round
from monitoring.periods import last_complete
from monitoring.round_page import DeliveryPage
from monitoring.transitions import deliveries
from organization.figures import forget as forget_figures
from organization.models import Parameter, Post
from programs.models import Program
from referrals.names import forget
from spreadsheets.cells import Kind
from spreadsheets.models import Batch
from tests.monitoring import round_factories as rounds_of
from tests.monitoring.round_factories import at
from tests.programs.factories import next_version
from tests.spreadsheets import handing_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def opened(monkeypatch, clock):
    clock.set(at(2026, 9, 3, 9))
    with rounds_of.declared(monkeypatch):
        yield rounds_of.opened()


@pytest.fixture
def delivery(opened, officer):
    return rounds_of.delivery_of(opened, officer)


def test_the_board_names_who_keeps_the_data_of_a_unit(delivery, officer, platform, signed_in):
    """ZX-27: the 专人, or that there is none."""
    Post.objects.filter(pk=officer.pk).update(is_data_manager=True)
    page = signed_in(platform).get(reverse("monitoring:round_board"), {"month": "2026-09"}).content.decode()
    rows = page.partition("<tbody>")[2].split("</tr>")
    [row] = [row for row in rows if delivery.get_absolute_url() in row]
    assert officer.staff.name in row
    assert "未指定" not in row
    assert any("未指定" in other for other in rows if other != row)


def test_the_board_says_who_is_late_since_when_and_what_was_sent(
    opened, delivery, officer, neighbour_officer, platform, platform_approver, supervision, clock, signed_in, assert_queries
):
    rounds_of.applied(rounds_of.item_of(delivery, "households.roll:CL01"), officer)
    rounds_of.submitted(delivery, officer)
    deliveries.send_back(delivery_id=delivery.pk, reason="缺两个乡镇。", by=platform_approver)
    clock.set(at(2026, 9, 8, 9))
    rounds_of.submitted(rounds_of.delivery_of(opened, neighbour_officer), neighbour_officer)
    client = signed_in(platform)
    address = reverse("monitoring:round_board")
    client.get(address)
    with assert_queries(12):
        page = client.get(address, {"month": "2026-09"}).content.decode()
    rows = page.partition("<tbody>")[2]
    assert rows.index("缺报") < rows.index("已退回") < rows.index("超期报送")
    assert "9月6日起超期3日" in page
    assert "超期" not in rows.partition("已退回")[2].partition("</tr>")[0], "it came in time, and has a day to come again"
    assert "3／1／2" in page
    assert "93→94（+1.1%）" in page
    assert "退回：缺两个乡镇。" in page
    assert delivery.get_absolute_url() in page
    seen = signed_in(supervision).get(address).content.decode()
    assert delivery.get_absolute_url() not in seen
    assert "缺报" in seen
    assert "这个月没有报送轮次" in client.get(address, {"month": "2026-08"}).content.decode()
    for odd in ("9999-12", "0001-01", "2026-13", "x"):
        assert client.get(address, {"month": odd}).status_code == 200
    figures = standing.of_period(last_complete("month", date(2026, 10, 1)), at(2026, 10, 1))
    assert {figures[post.unit_id].get("deliveries", 0) for post in (officer, neighbour_officer)} == {0, 1}


def test_a_file_that_is_on_its_way_leads_to_where_it_is(delivery, officer, signed_in):
    item = rounds_of.item_of(delivery, "households.roll:CL01")
    url, client = reverse("monitoring:item_hand_in", args=[item.pk]), signed_in(officer)
    sent = [
        client.post(url, {"as_of": "2026-08-31", "file": SimpleUploadedFile("名册.csv", "身份证号\r\n".encode())}, follow=True)
        for _ in range(2)
    ]
    batch = Batch.objects.get()
    assert [page.redirect_chain[-1][0] for page in sent] == [batch.get_absolute_url()] * 2
    assert "同一个文件已经由" in sent[1].content.decode()


@pytest.mark.parametrize(("cut_off", "told"), [(date(2026, 8, 31), "2026-08-31"), (date(2026, 9, 14), "2026-09-03")])
def test_the_day_of_the_data_that_stands_there_can_be_taken(delivery, officer, signed_in, cut_off, told):
    """A round may be prepared before the day of which its data is to be: then they are of today at the latest."""
    Round.objects.filter(pk=delivery.round_id).update(cut_off_on=cut_off, due_on=date(2026, 9, 20))
    item = rounds_of.item_of(delivery, "households.roll:CL01")
    page = signed_in(officer).get(reverse("monitoring:item_hand_in", args=[item.pk])).content.decode()
    assert f'value="{told}"' in re.search(r'<input[^>]* name="as_of"[^>]*>', page)[0]


def test_the_file_of_the_board_tells_moments_as_moments(opened, delivery, officer):
    """So that who opens it can sort and count by them."""
    rounds_of.submitted(delivery, officer)
    delivery.refresh_from_db()
    [line] = [line for line in round_board.board(opened, at(2026, 9, 8, 9)) if line.delivery == delivery]
    told = dict(zip(round_board.SHEET, round_board.sheet_row(line), strict=True))
    assert {column.label: value for column, value in told.items() if column.kind == Kind.MOMENT} == {
        "首次报送时间": delivery.handed_in_at,
        "确认时间": None,
    }


def test_few_of_a_sensitive_list_are_told_on_its_units_own_page(opened, delivery, officer, platform):
    """Left out of the unit's sum too, from which the others' numbers could be taken."""
    Program.objects.filter(code="CL02").update(is_sensitive=True)
    forget()
    rounds_of.applied(rounds_of.item_of(delivery, "households.roll:CL01"), officer)
    rounds_of.applied(rounds_of.item_of(delivery, "households.roll:CL02"), officer, counts={"new": 1, "same": 40}, standing=40)
    [line] = [line for line in round_board.board(opened, at(2026, 9, 8, 9)) if line.delivery == delivery]
    assert line.difference.counts["new"] == 3
    [told] = [row for row in round_board.item_rows([line]) if row[2] == "CL02名册"]
    assert told[6:] == [*[None] * 7, "敏感项目，数目很小，不显示"]
    assert (DeliveryPage(delivery, officer).difference.counts["new"], DeliveryPage(delivery, platform).difference.counts["new"]) == (4, 3)
    forget()


def test_what_was_sent_back_and_does_not_come_again_is_late(opened, delivery, officer, platform, platform_approver, clock, signed_in):
    rounds_of.submitted(delivery, officer)
    deliveries.send_back(delivery_id=delivery.pk, reason="缺两个乡镇。", by=platform_approver)
    clock.set(at(2026, 9, 14, 9))
    for post, address in ((platform, "round_board"), (officer, "round_list")):
        page = signed_in(post).get(reverse(f"monitoring:{address}"), {"month": "2026-09"}).content.decode()
        told = page.partition("<tbody>")[2].partition("已退回")[2].partition("</tr>")[0]
        assert ("重报" in told, "超期" in told) == (True, True)
    late = next(line for line in round_board.board(opened, at(2026, 9, 14, 9)) if line.delivery == delivery)
    told = dict(zip((column.label for column in round_board.SHEET), round_board.sheet_row(late), strict=True))
    assert f"超期{told['重报超期天数']}日" == late.again.lamp["word"], "the file says what the board says"
    deliveries.submit(delivery_id=delivery.pk, remark="已核对。", as_returned=True, by=officer)
    clock.set(at(2026, 9, 30, 9))
    for post, address in ((platform, "round_board"), (officer, "round_list")):
        page = signed_in(post).get(reverse(f"monitoring:{address}"), {"month": "2026-09"}).content.decode()
        assert f"重报{late.again.lamp['word']}" in page, "and it stays so, however long ago it came"


@pytest.mark.parametrize("is_other_first", [True, False])
def test_what_is_longest_due_to_come_again_stands_first(opened, officer, neighbour_officer, platform_approver, clock, is_other_first):
    posts = [officer, neighbour_officer][:: -1 if is_other_first else 1]
    for day, post in enumerate(posts, 3):  # in time both, a day after one another
        clock.set(at(2026, 9, day, 9))
        delivery = rounds_of.submitted(rounds_of.delivery_of(opened, post), post)
        deliveries.send_back(delivery_id=delivery.pk, reason="缺两个乡镇。", by=platform_approver)
    back = [line for line in round_board.board(opened, at(2026, 9, 9, 9)) if line.delivery.status == "returned"]
    assert [line.delivery.unit_id for line in back] == [post.unit_id for post in posts]
    assert [line.again.lamp["word"] for line in back] == ["超期1日", "今日到期"]


@pytest.mark.parametrize(("day", "first", "again"), [(3, "", "重报超期10日"), (8, "超期3日", "重报超期7日")])
def test_its_own_page_says_by_when_what_was_sent_back_comes_again(
    delivery, officer, platform_approver, clock, signed_in, day, first, again
):
    """Handed in in time or late: what counts now is when it comes again."""
    clock.set(at(2026, 9, day, 9))
    assert "重报" not in signed_in(officer).get(delivery.get_absolute_url()).content.decode()
    rounds_of.submitted(delivery, officer)
    deliveries.send_back(delivery_id=delivery.pk, reason="缺两个乡镇。", by=platform_approver)

    def told():
        page = signed_in(officer).get(delivery.get_absolute_url()).content.decode()
        return "".join(re.sub("<[^>]*>", "", page.partition("已退回")[2].partition("退回原因")[0]).split())

    assert told() == f"{first}重报剩3个工作日"
    clock.set(at(2026, 9, 18, 9))
    assert told() == f"{first}{again}"


def test_a_unit_reads_its_own_deliveries(opened, delivery, officer, neighbour_officer, signed_in, assert_queries):
    client = signed_in(officer)
    client.get(reverse("monitoring:round_list"))
    with assert_queries(6):
        page = client.get(reverse("monitoring:round_list")).content.decode()
    assert str(delivery) in page
    assert "未报2" in page
    assert str(rounds_of.delivery_of(opened, neighbour_officer)) not in page


def test_who_owes_nothing_is_told_when_he_will(clerk, officer, signed_in):
    address = reverse("monitoring:round_list")
    assert "乡镇（街道）不用按月报送。新增、变更随时登记" in signed_in(clerk).get(address).content.decode()
    Parameter.objects.filter(key="township_cycle_enabled").update(value=True)
    forget_figures()
    assert "15日至20日报送" in signed_in(clerk).get(address).content.decode()
    assert "每月1日开放当月报送，5日前报完" in signed_in(officer).get(address).content.decode()
    forget_figures()


def test_from_the_page_to_the_receipt(delivery, officer, platform_approver, signed_in):
    client, page = signed_in(officer), delivery.get_absolute_url()
    text = client.get(page).content.decode()
    assert "确认：救助政策本月无变化" in text
    assert "（预警推送名单：重度残疾人）" in text
    assert "其余3项本月无变化" in text
    refused = client.post(reverse("monitoring:delivery_submit", args=[delivery.pk]), {"remark": "本月无增减。"})
    assert refused.status_code == 422
    assert "本月无增减。" in refused.content.decode()
    assert "还有4项没有更新" in refused.content.decode()
    assert client.get(reverse("monitoring:delivery_receipt", args=[delivery.pk])).status_code == 404
    client.post(reverse("monitoring:delivery_policy", args=[delivery.pk]))
    client.post(reverse("monitoring:delivery_no_change", args=[delivery.pk]))
    client.post(reverse("monitoring:delivery_submit", args=[delivery.pk]), {"remark": "本月无增减。"})
    signed_in(platform_approver).post(reverse("monitoring:delivery_accept", args=[delivery.pk]))
    receipt = signed_in(officer).get(reverse("monitoring:delivery_receipt", args=[delivery.pk])).content.decode()
    assert "2026年9月数据于2026年9月3日9时00分报送，按时；2026年9月3日经县级平台确认。" in "".join(receipt.split())
    assert Delivery.objects.get(pk=delivery.pk).status == "accepted"


def test_what_the_press_leaves_out_is_said_before_and_after(delivery, officer, signed_in):
    rounds_of.a_file(rounds_of.item_of(delivery, "households.roll:CL01"), officer)
    client, page = signed_in(officer), delivery.get_absolute_url()
    text = client.get(page).content.decode()
    assert "其余2项本月无变化" in text
    assert "“CL01名册”有文件还没有入库，不在其内" in text
    told = client.post(reverse("monitoring:delivery_no_change", args=[delivery.pk]), follow=True).content.decode()
    assert "已声明2项“本月无变化”。“CL01名册”有文件还没有入库，不在其内：先确认入库或作废。" in told.replace("&ldquo;", "“")
    assert "其余" not in told.partition("<h2>报送</h2>")[2]


def test_a_receipt_tells_of_the_policy_part_what_was_published(delivery, officer, signed_in, clock):
    """It has no file, nor has a list of which nothing changed: no row of noughts says what was in it."""
    rounds_of.filled(delivery, officer)
    clock.forward(hours=1)
    version = next_version("CL03", valid_from=date(2026, 10, 1))
    clock.forward(hours=1)
    deliveries.submit(delivery_id=delivery.pk, by=officer)
    assert delivery.items.get(part="policy").state == "updated"  # published since it was said that nothing was
    receipt = signed_in(officer).get(reverse("monitoring:delivery_receipt", args=[delivery.pk])).content.decode()
    assert f"发布1个版本：{version.program.seed_name}，2026-10-01起执行" in receipt
    assert receipt.count("没有上传文件") == 3
    assert "<td>0</td>" not in receipt


def test_a_receipt_says_that_it_came_again(delivery, officer, platform_approver, clock, signed_in):
    rounds_of.applied(rounds_of.item_of(delivery, "households.roll:CL01"), officer)
    rounds_of.submitted(delivery, officer)
    deliveries.send_back(delivery_id=delivery.pk, reason="缺两个乡镇。", by=platform_approver)
    clock.set(at(2026, 9, 8, 9))
    client, address = signed_in(officer), reverse("monitoring:delivery_submit", args=[delivery.pk])
    assert "各项和文件都与退回的相同，还没有改动" in client.get(delivery.get_absolute_url()).content.decode()
    asked = client.post(address, {"remark": ""}).content.decode()
    assert "没有改动。请按退回原因改好再报" in asked
    assert "请写明为什么不用改。" in asked
    longest = re.search(r'<textarea[^>]* maxlength="(\d+)"', asked)
    client.post(address, {"remark": "两个乡镇没有对象。".rjust(int(longest[1]), "字"), "as_returned": "on"})
    delivery.refresh_from_db()
    assert len(delivery.remark) == Delivery._meta.get_field("remark").max_length, "the page lets as much be typed as is kept"
    receipt = signed_in(officer).get(reverse("monitoring:delivery_receipt", args=[delivery.pk])).content.decode()
    assert "于2026年9月3日9时00分报送，按时；退回后于2026年9月8日9时00分重新报送；尚待" in "".join(receipt.split())


def test_the_demo_shows_every_state_and_is_loaded_once(monkeypatch, officer, neighbour_officer, civil_officer, platform, platform_approver):
    own = {post.unit_id for post in (officer, neighbour_officer, civil_officer)}
    kept = demo_rounds.rounds.units_of
    monkeypatch.setattr(demo_rounds.rounds, "units_of", lambda kind, units: kept(kind, [unit for unit in units if unit.pk in own]))
    demo_rounds.load(Post.objects.the_system())
    before = list(Delivery.objects.order_by("pk").values_list("status", flat=True))
    assert (Round.objects.count(), len(before)) == (2, 6)
    assert "accepted" in before
    demo_rounds.load(Post.objects.the_system())
    assert list(Delivery.objects.order_by("pk").values_list("status", flat=True)) == before


def test_headings_that_were_reworded_are_followed(officer):
    """A report and a form name their columns by the ledger's headings: 逾 became 超, and neither stops for it."""
    old, of = "逾" + "期天数", {"ledger": "monitoring.rounds"}
    report = handing_in.approval_of(officer, columns=["0:单位", f"0:{old}", "1:状态"], **of)
    form = handing_in.form_of(officer, columns={"1": {"label": old}, "2": {"constant": old}, "3": {"label": "单位"}}, **of)
    for _ in range(2):
        import_module("monitoring.migrations.0016_late_has_one_word").follow(apps, None)
        report.refresh_from_db(), form.refresh_from_db()
        assert report.columns == ["0:单位", "0:超期天数", "1:状态"]
        assert form.columns == {"1": {"label": "超期天数"}, "2": {"constant": old}, "3": {"label": "单位"}}
