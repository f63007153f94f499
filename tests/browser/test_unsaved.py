"""What was typed into one form of a page is not thrown away by another one without a question; whoever stays finds the page at work."""

from playwright.sync_api import Dialog, expect

from organization.models import Phrase, Post
from organization.transitions import phrases
from tests.browser.conftest import Visitor
from tests.documents.files import picture
from tests.intake.factories import ApplicationFactory

ASKED = "beforeunload"


def test_another_form_of_the_page_asks_before_it_takes_words_along(desktop: Visitor, officer: Post):
    # Given a phrase that stands, and another half written
    phrases.keep(text="请补充说明。", by=officer)
    page = desktop.sign_in_as(officer).open("organization:phrase_list")
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    page.get_by_label("内容").fill("材料齐全，")
    # When the old one is to be discarded, then the browser asks; whoever stays keeps the words, and finds the buttons alive
    discard = page.get_by_role("button", name="删除", exact=True)
    for times in (1, 2):
        discard.click()
        page.get_by_role("dialog").get_by_role("button", name="确定").click()
        expect(discard).to_be_enabled()
        page.wait_for_timeout(300)
        assert asked == [ASKED] * times
    expect(page.get_by_label("内容")).to_have_value("材料齐全，")
    assert Phrase.objects.count() == 1
    # And a form that has left the page while it was looked at whether the session lives says that nothing was sent
    page.evaluate("form => { form.querySelector('button').click(); form.remove(); }", page.locator("form.form-narrow").element_handle())
    expect(page.locator("#toasts")).to_contain_text("页面刚刚更新，没有提交。请再点一次。")
    # With nothing typed beside it the act goes its way without a question, and so does a form that is itself what was typed
    desktop.open("organization:phrase_list")
    page.get_by_label("内容").fill("材料齐全，符合条件。")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("cell", name="材料齐全，符合条件。")).to_be_visible()
    discard.first.click()
    page.get_by_role("dialog").get_by_role("button", name="确定").click()
    expect(discard).to_have_count(1)
    assert asked == [ASKED] * 2


def test_a_paper_that_did_not_go_up_may_be_chosen_again(desktop: Visitor, clerk: Post):
    # Given a paper that was chosen when the network was away
    application = ApplicationFactory(filled=True)
    page = desktop.sign_in_as(clerk).open("intake:application_edit", pk=application.pk)
    page.route("**/*", lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    field = page.locator("[data-upload]").first
    field.set_input_files({"name": "票据.jpg", "mimeType": "image/jpeg", "buffer": picture(size=(64, 48))})
    expect(page.locator("#toasts")).to_contain_text("内容没有送出")
    # When the picker opens again, the field holds nothing: the same file is a choice once more
    with page.expect_file_chooser():
        field.click()
    expect(field).to_have_js_property("value", "")
    desktop.complaints = [said for said in desktop.complaints if "ERR_FAILED" not in said and "htmx:" not in said]
