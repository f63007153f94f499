"""Debian's Chromium, where there is one. Without it the browser tests are deselected, in one line; REQUIRE_BROWSER=1 forbids that.

The headless shell goes first: the same engine without the window round it, which takes half the processor time of all browser tests.
"""

import os
import shutil

import pytest

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = [
    "--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-gpu", "--disable-dev-shm-usage", "--font-render-hinting=none",
]  # fmt: skip
# Fewer processes: what a Chromium with its window gains by it, the headless shell has already.
WITH_WINDOW = ["--in-process-gpu", "--no-zygote", "--disable-extensions"]
SENTENCE = "no Chromium on this machine: the browser tests are deselected (apt-get install chromium runs them)"


def chromium() -> str | None:
    """The executable: $CHROMIUM, or the first known name on the path."""
    return os.environ.get("CHROMIUM") or next((found for name in NAMES if (found := shutil.which(name))), None)


def arguments() -> list[str]:
    return ARGUMENTS if "headless" in (chromium() or "") else [*ARGUMENTS, *WITH_WINDOW]


def demand() -> None:
    if os.environ.get("REQUIRE_BROWSER") and not chromium():
        raise pytest.UsageError(f"REQUIRE_BROWSER is set, but there is {SENTENCE}")


def deselect_without_chromium(config: pytest.Config, items: list[pytest.Item]) -> None:
    if chromium():
        return
    gone = [item for item in items if item.get_closest_marker("browser")]
    if gone:
        items[:] = [item for item in items if item not in gone]
        config.hook.pytest_deselected(items=gone)
