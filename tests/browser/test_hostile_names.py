"""S6: a name that is a script stays a name, on every page that shows it."""

from organization.transitions import accounts
from tests.deadlines import factories

SCRIPT = "<script>alert(1)</script>"
IMAGE = '"><img src=x onerror=alert(1)>'


def test_hostile_names_are_shown_as_text(visitor, clerk, system_administrator, audit_administrator):
    # Given a person, a unit's address and a duty whose words are markup
    dialogs: list[str] = []
    visitor.page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    accounts.describe_staff(
        staff_id=clerk.staff_id, name=IMAGE, employment_type=clerk.staff.employment_type, phone=SCRIPT, by=system_administrator
    )
    duty = factories.open_duty(clerk, title=f"{SCRIPT}{IMAGE}")
    # When each page that shows them is opened
    for post, pages in [
        (clerk, [("monitoring:workbench", {}), ("deadlines:duty_explain", {"pk": duty.pk}), ("organization:account", {})]),
        (system_administrator, [("organization:staff_list", {}), ("organization:staff_detail", {"pk": clerk.staff_id})]),
        (audit_administrator, [("audit:event_list", {})]),
    ]:
        visitor.context.clear_cookies()
        visitor.sign_in_as(post)
        for url, kwargs in pages:
            page = visitor.open(url, **kwargs)
            # Then it is text: nothing ran, no element was born of it
            assert page.evaluate("document.querySelectorAll('img[src=x], script:not([src])').length") == 0, url
            shown = page.inner_text("body")
            assert IMAGE in shown or SCRIPT in shown, url
    assert dialogs == []
