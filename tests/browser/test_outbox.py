"""消息发送 in a browser: the system administrator finds what was parked, sends one anew and drops another with a reason."""

from playwright.sync_api import expect

from config import clock
from deadlines.models import OutboxMessage
from tests.browser.road import stand


def test_an_administrator_mends_what_was_parked(visitor, system_administrator):
    # Given two texts that had their tries
    now = clock.now()
    for number in (1, 2):
        OutboxMessage.objects.create(
            kind="duty.overdue", channel="sms", dedupe_key=f"sms:{number}", payload={"notice": f"of-the-walk-{number}"}, created_at=now,
            tries=10, parked_at=now, last_error="短信网关10秒内没有答复",
        )  # fmt: skip
    # When the administrator sends the newer one anew
    page = visitor.sign_in_as(system_administrator).open("deadlines:outbox_list")
    visitor.assert_accessible()
    visitor.picture("outbox")
    page.get_by_role("checkbox", name="号消息").first.check()
    # When the reason is ended with Enter, nothing is sent yet: the button beside it comes next
    page.get_by_label("理由").fill("网关已恢复")
    page.get_by_label("理由").press("Enter")
    expect(page.get_by_role("button", name="重发勾选的")).to_be_focused()
    assert not OutboxMessage.objects.filter(parked_at=None).exists()
    page.get_by_role("button", name="重发勾选的").click()
    expect(page.get_by_text("已重发1条")).to_be_visible()
    stand(page)
    # And drops the other, after a question
    page.get_by_role("checkbox", name="号消息").check()
    page.get_by_label("理由").fill("人已调离")
    page.get_by_role("button", name="放弃勾选的").click()
    page.get_by_role("dialog").get_by_role("button", name="确定").click()
    # Then nothing is parked any more, and the reason stands beside what was dropped
    expect(page.get_by_text("没有搁置的消息。")).to_be_visible()
    page.get_by_role("link", name="已放弃").click()
    expect(page.get_by_text("人已调离")).to_be_visible()
    visitor.open("deadlines:period_list")
    visitor.assert_accessible()
    visitor.picture("periods")
