"""The documents keep up with the code: links lead somewhere, pictures stay small, decisions are numbered, nouns are in the glossary."""

import re
from collections import Counter
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import get_commands

from config.navigation import ENTRIES
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


# ── The documents say of the code what it is ────────────────────────────────────────────────────────────────────────
def states_told(noun: str, glossary: str) -> list[tuple[str, str]]:
    """The table of states under a noun: value and label, in order."""
    table = glossary.partition(f"\n{noun}:\n\n")[2].partition("\n\n")[0]
    return re.findall(r"^\| `(\w+)` \| (\S+) \|$", table, flags=re.M)


def code_words(glossary: str) -> set[str]:
    """Names of the code in the second column of the tables; patterns and event names are none."""
    cells = re.findall(r"^\|[^|]*\|([^|]*)\|", glossary, flags=re.M)
    spans = [span for cell in cells for span in re.findall(r"`([^`*]+)`", cell) if "." not in span or span[0].isupper()]
    return {word for span in spans for word in re.findall(r"[A-Za-z_]{3,}", span)}


@pytest.mark.parametrize(("noun", "label"), [("Application", "intake.Application"), ("Referral", "referrals.Referral")])
def test_states_in_the_glossary_are_those_of_the_code(noun: str, label: str) -> None:
    glossary = (ROOT / "docs/glossary.md").read_text(encoding="utf-8")
    assert states_told(noun, glossary) == [tuple(choice) for choice in apps.get_model(label).Status.choices]


def test_every_name_in_the_glossary_is_one_of_the_code() -> None:
    """A word of what is still to come stands without the marks of code."""
    files = [
        path for room in (*ROOMS, "config", "fixtures") for path in (ROOT / room).rglob("*") if path.suffix in {".py", ".csv", ".json"}
    ]
    known = {word for path in files for word in re.findall(r"[A-Za-z_]{3,}", path.read_text(encoding="utf-8"))}
    assert sorted(code_words((ROOT / "docs/glossary.md").read_text(encoding="utf-8")) - known) == []


def test_every_command_that_is_named_exists() -> None:
    text = "\n".join(page.read_text(encoding="utf-8") for page in pages())
    named = set(re.findall(r"manage\.py ([a-z_]+)", text))
    assert sorted(named - set(get_commands())) == []
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.M))
    assert sorted(set(re.findall(r"`(?:[A-Z_]+=\S+ )*make ([a-z-]+)", text)) - targets) == []


def test_every_variable_of_the_handbook_is_read_and_every_one_read_stands_there() -> None:
    text = (ROOT / "docs/operations.md").read_text(encoding="utf-8").split("## Environment")[1].split("\n## ")[0]
    told = {name for cell in re.findall(r"^\| (`[A-Z][^|]*) \|", text, flags=re.M) for name in re.findall(r"`([A-Z_]+)`", cell)}
    sources = [path for room in ("config", "deadlines") for path in (ROOT / room).rglob("*.py")]
    code = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    read = set(re.findall(r"\benv\.\w+\(\s*[\"']([A-Z_]+)[\"']", code))
    assert sorted(read - told) == []
    assert sorted(name for name in told if not re.search(rf"[\"']{name}[\"']", code)) == []


@pytest.mark.parametrize("page", sorted((ROOT / "docs/guides").glob("*.md")), ids=lambda page: page.stem)
def test_menu_entries_that_a_guide_names_exist(page: Path) -> None:
    labels = {entry.label for entry in ENTRIES}
    named = re.findall(r"菜单(?:里)?(?:的)?“([^”]+)”", page.read_text(encoding="utf-8"))
    assert sorted(set(named) - labels) == []
