"""Every component on one page, at both widths, in ordinary and in large text."""

from playwright.sync_api import expect


def test_every_component_is_shown(visitor):
    page = visitor.open("styleguide")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    visitor.assert_accessible()
    visitor.picture("styleguide")


def test_large_text(visitor):
    page = visitor.open("text_size", size="large", query="?next=/sign-in/")
    expect(page).to_have_url(f"{visitor.address}/sign-in/")
    visitor.assert_accessible()
    visitor.picture("sign-in-large")
