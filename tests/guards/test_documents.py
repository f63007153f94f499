"""The documents keep up with the code: links lead somewhere, pictures stay small, decisions are numbered, nouns are in the glossary."""

import re
from collections import Counter
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings

from tests.guards.tree import ROOMS, ROOT

LARGEST_PICTURE = 300 * 1024


def pages() -> list[Path]:
    return [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def broken_links(page: Path) -> list[str]:
    """Relative links and pictures of one page that lead nowhere."""
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.S)
    targets = re.findall(r"\]\(([^)#\s]+)[^)]*\)", text)
    return [target for target in targets if "://" not in target and not (page.parent / target).exists()]


def unnamed(models: list[str], glossary: str) -> list[str]:
    """Models whose name the glossary does not hold."""
    return [name for name in models if not re.search(rf"`{name}(\.\w+)?`", glossary)]


def test_every_link_leads_somewhere() -> None:
    assert {page.name: links for page in pages() if (links := broken_links(page))} == {}


def test_operations_name_what_beat_runs_and_nothing_else() -> None:
    text = (ROOT / "docs/operations.md").read_text(encoding="utf-8").split("## What beat runs")[1].split("\n## ")[0]
    assert re.findall(r"^\| `([a-z-]+)` \|", text, flags=re.M) == list(settings.CELERY_BEAT_SCHEDULE)


def test_a_broken_link_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "[here](page.md) [gone](away.md) ![picture](none.png) [out](https://example.org) [part](page.md#part)", encoding="utf-8"
    )
    assert broken_links(page) == ["away.md", "none.png"]


def test_pictures_are_small() -> None:
    pictures = sorted((ROOT / "docs").rglob("*.png"))
    assert [path.name for path in pictures if path.stat().st_size > LARGEST_PICTURE] == []


def test_decisions_are_numbered_once() -> None:
    numbers = Counter(path.name[:4] for path in (ROOT / "docs/adr").glob("[0-9]*.md"))
    assert [number for number, count in numbers.items() if count > 1] == []
    assert sorted(numbers) == [f"{n:04d}" for n in range(1, len(numbers) + 1)]


def test_every_decision_says_why_what_and_at_which_cost() -> None:
    for path in (ROOT / "docs/adr").glob("[0-9]*.md"):
        text = path.read_text(encoding="utf-8")
        assert text.startswith(f"# {path.name[:4]}. "), path.name
        assert all(f"## {part}" in text for part in ("Context", "Decision", "Consequence")), path.name


def test_every_model_has_its_word_in_the_glossary() -> None:
    glossary = (ROOT / "docs/glossary.md").read_text(encoding="utf-8")
    models = sorted(model.__name__ for model in apps.get_models() if model._meta.app_label in ROOMS)
    assert unnamed(models, glossary) == []


@pytest.mark.parametrize(("name", "missing"), [("Region", []), ("Zebra", ["Zebra"]), ("Regio", ["Regio"])])
def test_a_model_without_a_word_is_found(name: str, missing: list[str]) -> None:
    assert unnamed([name], "| 行政区划 | `Region` | `Region.level` |") == missing


def test_the_guides_say_the_name_of_the_system() -> None:
    assert settings.SYSTEM_NAME in (ROOT / "README.md").read_text(encoding="utf-8")
