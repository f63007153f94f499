"""The narrow Markdown of texts that are signed or told: headings, numbered points, paragraphs. Blocks of plain text come out, no HTML."""

import re


def blocks(text: str) -> list[tuple[str, str]]:
    """(heading | point | text, its words) for each block; blocks are parted by blank lines, points stand a line each."""
    found: list[tuple[str, str]] = []
    for paragraph in re.split(r"\n\s*\n", text.replace("\r\n", "\n").strip()):
        for line in paragraph.split("\n"):
            words = line.strip()
            if not words:
                continue
            if words.startswith("# "):
                found.append(("heading", words[2:].strip()))
            else:
                found.append(("point" if re.match(r"\d+[.、．]\s*", words) else "text", words))
    return found
