"""The harness sees what it says it sees: each complaint is provoked once, on a page of our own making."""

import hashlib
import re
import time

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import AXE, PATIENCE
from tests.guards.tree import ROOT


def provoke(visitor, script: str, complaint: str) -> list[str]:
    """What was heard until it was what is looked for, or the patience was over."""
    page: Page = visitor.open("organization:sign_in")
    visitor.leave()
    page.evaluate(script)
    until = time.monotonic() + PATIENCE / 1000
    while not any(re.search(complaint, told) for told in visitor.complaints) and time.monotonic() < until:
        page.wait_for_timeout(50)
    complaints, visitor.complaints = visitor.complaints, []
    return complaints


@pytest.mark.parametrize(
    ("script", "complaint"),
    [
        ("console.error('broken')", "console error: broken"),
        ("setTimeout(() => { throw new Error('thrown') }, 0)", "script error: thrown"),
        ("fetch('http://192.0.2.1/').catch(() => {})", "Content Security Policy|another host"),
        ("document.body.insertAdjacentHTML('beforeend', '<p style=\"color: red\">x</p>')", "Content Security Policy"),
        ("fetch('/nowhere/').then(() => {})", "404 at"),
    ],
)
def test_complaint_is_seen(desktop, script, complaint):
    assert any(re.search(complaint, told) for told in provoke(desktop, script, complaint))


def test_inaccessible_page_fails(desktop):
    page = desktop.open("organization:sign_in")
    page.evaluate("document.querySelector('main').insertAdjacentHTML('beforeend', '<input type=\"text\">')")
    with pytest.raises(AssertionError, match="label"):
        desktop.assert_accessible()


def test_page_that_scrolls_sideways_fails(phone):
    page = phone.open("organization:sign_in")
    page.evaluate(
        "document.querySelector('main').insertAdjacentHTML('beforeend', '<table><tr><td>' + 'x'.repeat(900) + '</td></tr></table>')"
    )
    with pytest.raises(AssertionError, match="sideways"):
        phone.assert_accessible()


def test_server_keeps_the_tests_time(desktop, clock, clerk):
    """A session left idle past the limit ends: the server's threads follow the clock of the test."""
    page = desktop.sign_in_as(clerk).open("organization:account")
    assert page.url.endswith("/account/")
    clock.forward(hours=9)
    desktop.open("organization:account")
    assert "/sign-in/" in page.url


def test_axe_is_the_file_that_was_vendored():
    digest, name = (ROOT / "tests/browser/vendor/SHA256SUMS").read_text().split()
    assert name == AXE.name
    assert hashlib.sha256(AXE.read_bytes()).hexdigest() == digest
