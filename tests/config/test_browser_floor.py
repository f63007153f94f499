"""Our own CSS and JavaScript stay within Chromium 86, the CSP and good contrast (UI)."""

import re
from pathlib import Path

import pytest

STATIC = Path(__file__).resolve().parents[2] / "static"
TEMPLATES = Path(__file__).resolve().parents[2] / "templates"

# What UI.md forbids, and more that Chromium 86 does not know: a part of a stylesheet or script that matches is a fault.
CSS_TOO_NEW = {
    "has": r":has\(",
    "is": r":is\(",
    "where": r":where\(",
    "not with a list": r":not\([^)]*,",
    "inset": r"(?<![\w-])inset\s*:",
    "aspect-ratio": r"(?<![\w-])aspect-ratio\s*:",
    "logical shorthand": r"(?:margin|padding|inset|border)-(?:inline|block)\s*:",
    "color-mix": r"color-mix\(",
    "layer": r"@layer",
    "container": r"@container|container-type\s*:",
    "nesting": r"&[\s.:>~+\[#]",
    "accent-color": r"accent-color\s*:",
    "dynamic viewport": r"\d[dsl]v[hw]\b",
    "overflow clip": r"overflow(?:-[xy])?\s*:\s*clip",
    "media range": r"@media[^{]*[<>]",
    "text-wrap": r"text-wrap\s*:",
    "unprefixed print colours": r"(?<!-)print-color-adjust\s*:",
}
JS_TOO_NEW = {
    "at": r"\.at\(",
    "structuredClone": r"structuredClone",
    "Object.hasOwn": r"Object\.hasOwn\(",
    "randomUUID": r"randomUUID",
    "findLast": r"\.findLast(?:Index)?\(",
    "toSorted and kin": r"\.to(?:Sorted|Reversed|Spliced)\(|\.with\(",
    "private methods": r"^\s*#\w+\s*\(",
    "class static block": r"static\s*\{",
    "array grouping": r"(?:Object|Map)\.groupBy\(",
    "abort timeout": r"AbortSignal\.timeout",
    "regex indices": r"/[gimsuy]*d[gimsuy]*[.;)]",
    "secure context only": r"navigator\.(?:clipboard|serviceWorker|mediaDevices)",
    "evaluation": r"\beval\(|new Function\(|setTimeout\(\s*[\"'`]",
    "other hosts": r"https?://",
    "markup from text": r"\.(?:innerHTML|outerHTML)\s*=|insertAdjacentHTML|document\.write",
}
MARKUP_AGAINST_CSP = {
    "style attribute": r"\sstyle\s*=",
    "style element": r"<style[\s>]",
    "handler attribute": r"\son[a-z]+\s*=\s*[\"']",
    "htmx handler": r"hx-on",
    "htmx script values": r"hx-(?:vals|headers)=[\"']js:",
    "inline script": r"<script(?![^>]*\bsrc=)",
    "javascript address": r"javascript:",
    "other hosts": r"(?:src|href|action)=[\"'](?:https?:)?//",
}


def without_comments(text: str) -> str:
    return re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)


def faults(folder: Path, pattern: str, forbidden: dict[str, str]) -> list[str]:
    files = [file for file in folder.rglob(pattern) if "vendor" not in file.parts]
    assert files
    return [
        f"{file.name}: {name}"
        for file in files
        for name, expression in forbidden.items()
        if re.search(expression, without_comments(file.read_text()), re.MULTILINE)
    ]


def test_stylesheets_keep_to_what_chromium_86_knows() -> None:
    assert faults(STATIC, "*.css", CSS_TOO_NEW) == []


def test_scripts_keep_to_what_chromium_86_knows() -> None:
    assert faults(STATIC, "*.js", JS_TOO_NEW) == []


def test_templates_hold_nothing_the_csp_forbids() -> None:
    assert faults(TEMPLATES, "*.html", MARKUP_AGAINST_CSP) == []


@pytest.mark.parametrize(
    ("text", "forbidden", "found"),
    [
        ("a:has(b) {}", CSS_TOO_NEW, ["has"]),
        ("a { inset: 0 }", CSS_TOO_NEW, ["inset"]),
        (".x { & b { color: red } }", CSS_TOO_NEW, ["nesting"]),
        ("a { margin-inline: 0 }", CSS_TOO_NEW, ["logical shorthand"]),
        ("list.at(-1)", JS_TOO_NEW, ["at"]),
        ("crypto.randomUUID()", JS_TOO_NEW, ["randomUUID"]),
        ('<p onclick="x()">', MARKUP_AGAINST_CSP, ["handler attribute"]),
        ("<script>x()</script>", MARKUP_AGAINST_CSP, ["inline script"]),
        ('<p style="color: red">', MARKUP_AGAINST_CSP, ["style attribute"]),
    ],
)
def test_the_search_finds_what_it_looks_for(text: str, forbidden: dict[str, str], found: list[str]) -> None:
    assert [name for name, expression in forbidden.items() if re.search(expression, text, re.MULTILINE)] == found


def colours() -> dict[str, str]:
    """The palette's names and values as theme.css declares them."""
    return dict(re.findall(r"--office-([\w-]+):\s*(#[0-9a-f]{6});", (STATIC / "css" / "theme.css").read_text()))


def luminance(colour: str) -> float:
    """Relative luminance of WCAG 2.1."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_is_computed_as_wcag_does() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


TEXT_ON_GROUND = [
    *[(text, ground) for text in ("ink", "muted", "blue", "red", "green", "amber", "grey") for ground in ("white", "ground")],
    *[("white", ground) for ground in ("navy", "blue", "sky", "red", "green")],
    ("blue", "pale"),
    ("green", "green-pale"),
    ("amber", "amber-pale"),
    ("red", "red-pale"),
    ("grey", "grey-pale"),
    ("muted", "head"),
    ("ink", "head"),
]


@pytest.mark.parametrize(("text", "ground"), TEXT_ON_GROUND)
def test_text_stands_out_from_its_ground_by_aa(text: str, ground: str) -> None:
    palette = {**colours(), "white": "#ffffff"}
    assert contrast(palette[text], palette[ground]) >= 4.5


def test_borders_of_fields_stand_out_as_parts_must() -> None:
    """WCAG 1.4.11: 3 to 1 for what one has to see to use a control."""
    assert contrast(colours()["field-line"], "#ffffff") >= 3
