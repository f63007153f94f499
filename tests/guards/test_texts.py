"""What no file of the project may hold, and what every template keeps (SECURITY S6, S9)."""

import re
import tomllib
from datetime import date

import pytest
from django.conf import settings

from config.reference import FLOORS
from tests.guards.tree import ROOMS, ROOT, templates, texts

# Spelt apart, so that this file does not find itself.
MACHINE = re.compile(r"(?<![\w.~-])/(?:wo" r"rk|fa" r"rm|ro" r"ot)/|bash_" r"jobs|/home/[a-z]+/")
REGISTRY = re.compile(
    r"index-" r"url|find-" r"links|\"resolved\": *\"http|https?://[\w.-]*(?:pypi|npmmirror|registry\.npmjs)[\w.-]*", re.IGNORECASE
)
WORKERS = re.compile(r"\b(?:sub" r"agent|cla" r"ude|chat" r"gpt|developer sess" r"ion)\b", re.IGNORECASE)
# First two digits of GB/T 2260 codes in use; a number that begins otherwise belongs to nobody. Residence permits (81, 82, 83) know one
# code each, so their tests have no unassigned one to choose.
PROVINCES = {*range(11, 16), *range(21, 24), *range(31, 38), *range(41, 47), *range(50, 55), *range(61, 66), 71, 91}
IDENTITY = re.compile(r"(?<!\d)(\d{17}[\dXx])(?!\d)")
# The example printed in the standard itself, which belongs to nobody.
PUBLISHED = {"11010519491231002X"}
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def could_be_somebody(number: str) -> bool:
    """An ID number with a code in use, a real birthday and the right check digit (GB 11643)."""
    if int(number[:2]) not in PROVINCES or number.upper() in PUBLISHED:
        return False
    try:
        date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    return check_digit(number) == number[-1].upper()


def check_digit(number: str) -> str:
    return "10X98765432"[sum(int(d) * w for d, w in zip(number, WEIGHTS, strict=False)) % 11]


def lines(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{name}:{n}: {line.strip()[:120]}" for name, text in texts() for n, line in enumerate(text.splitlines(), 1) if pattern.search(line)
    ]


@pytest.mark.parametrize("pattern", [MACHINE, REGISTRY, WORKERS], ids=["machine", "registry", "workers"])
def test_no_file_speaks_of_where_it_was_made(pattern):
    assert not lines(pattern)


def test_no_file_holds_a_number_that_could_be_somebodys():
    found = [
        f"{name}: {number[:6]}…{number[-4:]}" for name, text in texts() for number in IDENTITY.findall(text) if could_be_somebody(number)
    ]
    assert not found


def test_no_sentence_asks_to_refresh_a_page_that_is_fresh():
    """Whoever comes second is led to the page as it stands now (`config.submit.late`): he is told what to do next."""
    rooms = {f"{room}/" for room in ROOMS}
    asking = [
        name for name, text in texts()
        if name.endswith(".py") and name.startswith(tuple(rooms)) and "/migrations/" not in name and "请刷新页面" in text
    ]  # fmt: skip
    assert not asking


def test_late_has_one_word():
    """超期, and 日 for its days (glossary): 逾期 stood beside it for the same thing. The sources' words and old migrations keep theirs."""
    kept = ("/migrations/", "docs/requirements.csv", "docs/glossary.md", "tests/guards/test_texts.py")
    ours = [(name, text) for name, text in texts() if not any(part in name for part in kept)]
    assert not [name for name, text in ours if "逾期" in text or re.search(r"超期\d*(?:\{\{[^}]*\}\}|\{[^}]*\})?天(?!数)", text)]


def test_guards_of_texts_find():
    assert MACHINE.search("cd /wo" + "rk/main")
    assert REGISTRY.search("--index-" + "url x")
    assert WORKERS.search("a sub" + "agent")
    first = "110105" + "19900307003"
    assert could_be_somebody(first + check_digit(first))
    assert not could_be_somebody("999999199003070011")


def test_every_floor_is_known_everywhere():
    """The rooms stand in the settings, in the layers contract and in the loading order: the same ones, in the same order."""
    contract = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    layers = contract["contracts"][0]["layers"]
    assert sorted(layers) == ROOMS == sorted(contract["root_packages"])
    assert [app for app in settings.INSTALLED_APPS if app in ROOMS] == layers[::-1]
    assert [room for room in layers[::-1] if room in FLOORS] == list(FLOORS)


# ── templates ───────────────────────────────────────────────────────────────────────────────────────────────────────
INLINE = {
    "an inline handler": re.compile(r"<[^>]*\son[a-z]+\s*=", re.IGNORECASE),
    "an inline style": re.compile(r"<[^>]*\sstyle\s*=|<style\b", re.IGNORECASE),
    "an inline script": re.compile(r"<script\b(?![^>]*\bsrc=)(?![^>]*type=[\"']application/json)", re.IGNORECASE),
    "a javascript address": re.compile(r"javascript:", re.IGNORECASE),
    "hx-on": re.compile(r"\bhx-on"),
    "another host": re.compile(r"(?:src|href|action|srcset|data)\s*=\s*[\"'](?:https?:)?//", re.IGNORECASE),
    "unescaped text": re.compile(r"\|\s*safe\b|\{%\s*autoescape\s+off"),
    "unfinished work": re.compile(r"\b(?:TODO|FIXME)\b|lorem ipsum", re.IGNORECASE),
}
FORM = re.compile(r"<form\b(?=[^>]*method=[\"']post[\"']).*?</form>", re.IGNORECASE | re.DOTALL)


def complaints(text: str) -> list[str]:
    bare = re.sub(r"\{#.*?#\}|\{% comment %\}.*?\{% endcomment %\}", "", text, flags=re.DOTALL)
    found = [what for what, pattern in INLINE.items() if pattern.search(bare)]
    found += ["a comment that does not end on its line"] if re.search(r"\{#(?!.*#\})", text) else []
    found += ["a form without csrf_token" for form in FORM.findall(bare) if "csrf_token" not in form]
    return found


@pytest.mark.parametrize("name", [name for name, _ in templates()])
def test_template_is_inert(name):
    assert not complaints(dict(templates())[name])


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('<a onclick="x()">', "an inline handler"),
        ('<p style="color: red">', "an inline style"),
        ("<style>p {}</style>", "an inline style"),
        ("<script>x()</script>", "an inline script"),
        ('<a href="javascript:x()">', "a javascript address"),
        ('<img src="//example.org/x.png">', "another host"),
        ("{{ name|safe }}", "unescaped text"),
        ("{# name:\n who #}", "a comment that does not end on its line"),
        ('<form method="post"><button>x</button></form>', "a form without csrf_token"),
    ],
)
def test_guard_of_templates_finds(text, complaint):
    assert complaints(text) == [complaint]


def test_template_lines_fit_the_budget():
    assert not [f"{name}: {n} lines" for name, text in templates() if (n := len(text.splitlines())) > 200]
