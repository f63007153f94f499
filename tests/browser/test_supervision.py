"""An order of the supervision office (ZX-48): issued from the late matters, answered by the unit's two people, sent back, accepted."""

from playwright.sync_api import expect

from organization.models import Post
from tests.browser import road
from tests.browser.conftest import Visitor
from tests.monitoring.factories import DEMAND, REPLY, late_duty

AGAIN = "请写明责任人和整改时间。"


def test_an_order_of_supervision_is_answered_sent_back_and_accepted(
    visitor: Visitor, supervision: Post, officer: Post, department_approver: Post
):
    # Given a matter of the department that is late
    late_duty()
    # When supervision, who lands on its overview, ticks it among the late matters and issues an order
    page = visitor.sign_in_as(supervision).open("organization:home")
    expect(page.get_by_role("heading", level=1)).to_have_text("督查总览")
    visitor.assert_accessible()
    page.get_by_role("link", name="全县超期事项").click()
    page.get_by_role("checkbox", name="选择县残联").check()
    visitor.assert_accessible()
    visitor.picture("late-matters")
    road.press(page, "对勾选的发督办单")
    page.get_by_label("督办要求").fill(DEMAND)
    page.get_by_role("button", name="签发", exact=True).dblclick()
    expect(page.get_by_text("已签发1份督办单。")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text("督办单 忠督办〔2026〕001号")
    # Then the officer drafts, and the head of the unit sends
    _reply(visitor, officer, REPLY, "保存，交负责人报送")
    _reply(visitor, department_approver, "", "报送")
    # And supervision sends it back with its reason, and reads the second answer
    page = _open(visitor, supervision)
    road.follow(page, "退回重新回复")
    page.get_by_label("退回原因").fill(AGAIN)
    visitor.assert_accessible()
    road.press(page, "退回回复")
    expect(page.get_by_text("已退回，承办单位重新回复。")).to_be_visible()
    _reply(visitor, department_approver, "责任人已约谈，本周内整改完毕。", "报送")
    page = _open(visitor, supervision)
    expect(page.get_by_text(AGAIN)).to_be_visible()
    visitor.picture("supervision-order")
    road.press(page, "审核通过")
    page.get_by_role("dialog").get_by_role("button", name="确定").click()
    expect(page.get_by_text("已审核通过，督办单忠督办〔2026〕001号办结。")).to_be_visible()
    visitor.assert_accessible()


def _open(visitor: Visitor, post: Post):
    page = visitor.sign_in_as(post).open("monitoring:order_list")
    road.follow(page, "忠督办〔2026〕001号")
    return page


def _reply(visitor: Visitor, post: Post, text: str, button: str) -> None:
    """The words of the draft stand in the form already; other words are typed over them."""
    page = _open(visitor, post)
    page.get_by_role("link", name="回复", exact=True).or_(page.get_by_role("link", name="审看草稿并报送")).click()
    if text:
        page.get_by_label("办理情况").fill(text)
    else:
        expect(page.get_by_label("办理情况")).to_have_value(REPLY)
    road.press(page, button)
    expect(page.get_by_text("已保存，请单位负责人报送。").or_(page.get_by_text("已报送，等待发出单位审核。"))).to_be_visible()
