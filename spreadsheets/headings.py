"""Which column of a sheet is which, by the headings alone: what is known, what is wanting, what could be either of two. Pure."""

import re
from collections.abc import Callable, Iterable, Mapping

from config.protection.numbers import without_id_numbers
from config.protection.typed import tidy

from .cells import letter
from .declaration import Field, Template
from .reading import FileRefused

LONGEST = 80  # characters of a heading that pages name and a unit's memory keeps
_HINT = re.compile(r"\(.*?\)|\[.*?\]|【.*?】")


class ColumnsRefused(FileRefused):
    """The heads were found, but not all of them: what is `missing` (fields) and what is `unknown` (headings), for the page of columns.

    `chosen`: headings that somebody has said what they stand for. He may have been wrong, and is asked again. `found`: what was taken for
    what, key by heading: the template's own words may be wrong of this file.
    """

    found: Mapping[str, str]

    def __init__(self, missing: list[Field], unknown: list[str], chosen: list[str]) -> None:
        labels = "、".join(f"“{each.label}”" for each in missing[:8])
        others = "、".join(f"“{heading[:12]}”" for heading in unknown[:6])
        super().__init__("missing_columns", columns=labels, unknown=f"表中没有认出的列：{others}。" if others else "")
        self.missing = missing
        self.unknown = unknown + chosen


class ColumnsAmbiguous(ColumnsRefused):
    """Several columns, by different headings, could be one field's: which of them is, he is asked on the same page."""

    def __init__(self, meant: Field, headings: list[str], ignored: list[str]) -> None:
        named = "、".join(f"“{heading[:12]}”" for heading in headings[:4])
        FileRefused.__init__(self, "ambiguous_columns", label=meant.label, columns=named)
        self.missing = [meant] if meant.required else []
        self.unknown = headings + ignored


def heading_keys(text: object) -> tuple[str, str]:
    """What is compared of a heading: without white space, stars and colons; and that without what stands in brackets (必填, 元)."""
    whole = tidy(str(text)).casefold().replace("*", "").replace(":", "")
    return whole, _HINT.sub("", whole) or whole


def shown(heading: str) -> str:
    """As it is named and remembered: without numbers of anybody. With its brackets, which alone may tell one column from another."""
    return without_id_numbers(heading)[:LONGEST]


def looks_for(template: Template, mapping: Mapping[str, str] | None = None) -> list[str]:
    """The headings by which the sheet is found, for `reading.read`."""
    return sorted(known(template, mapping))


def known(template: Template, mapping: Mapping[str, str] | None) -> dict[str, str]:
    """Key by heading. A field's own label stands before another's alias, the unit's words before both; what is left of a heading without
    its brackets counts where it is one field's alone."""
    keys = {each.key for each in template.fields}
    words = [(word, each.key) for each in template.fields for word in each.aliases]
    words += [(each.label, each.key) for each in template.fields]
    words += [(heading, key) for heading, key in (mapping or {}).items() if key in keys or not key]
    short: dict[str, set[str]] = {}
    for word, key in words:
        short.setdefault(heading_keys(word)[1], set()).add(key)
    return {word: min(found) for word, found in short.items() if len(found) == 1} | {heading_keys(word)[0]: key for word, key in words}


def meant(heading: str, known: Mapping[str, str]) -> str | None:
    """As it stands, then as far as it is remembered: both with what is in brackets, which may be all that tells it from another; without
    last. "" is an answer too."""
    (whole, short), (cut, cut_short) = heading_keys(heading), heading_keys(shown(heading))
    return next((known[word] for word in (whole, cut, short, cut_short) if word in known), None)


def remembered(taken: Mapping[str, str], ignored: Iterable[str], template: Template, mapping: Mapping[str, str]) -> list[str]:
    """Of the columns that were taken, key by heading as it stands in the file, and of those that were left, as they are named, the ones
    that the unit's own words alone explain, as they are named: of a long one the beginning tells less than the whole."""
    if not mapping:
        return []
    plain, said = known(template, None), {heading_keys(heading)[0] for heading, key in mapping.items() if key}
    unused = {heading_keys(heading)[0] for heading, key in mapping.items() if not key}
    by_name = {shown(heading): meant(heading, plain) != key for heading, key in taken.items()}
    found = [name for name, is_unknown in by_name.items() if is_unknown or heading_keys(name)[0] in said]
    return found + [name for name in ignored if heading_keys(name)[0] in unused]


def unused(answers: Mapping[str, str], kept: Mapping[str, str], template: Template) -> dict[str, str]:
    """Of the headings of which it was said that they are no column, those that the template's own words would take all the same.

    Of one whose column another heading has, nothing need be kept: where both stand, the one that was named is taken.
    """
    plain, named = known(template, None), {key for key in (*answers.values(), *kept.values()) if key}
    return {heading: "" for heading, key in answers.items() if not key and (own := meant(heading, plain)) and own not in named}


def one_of(field: Field, rivals: list[int], shown: list[str], mapping: Mapping[str, str], ignored: list[str]) -> int | None:
    """Of columns that could all be one field's the one that is: the one that the unit named, or whose heading says so. None where there is
    but one, and its heading says that it is somebody else's.

    Raises:
        FileRefused: two by the same heading. ColumnsAmbiguous: nothing tells them apart.
    """
    named = {heading_keys(heading)[0] for heading, key in mapping.items() if key == field.key}
    headings = [heading_keys(shown[place])[0] for place in rivals]
    tests: tuple[Callable[[str], bool], ...] = (
        lambda heading: heading in named,
        lambda heading: any(word in heading for word in field.ours),
        lambda heading: not any(word in heading for word in field.others),
    )
    if len(rivals) == 1:
        return rivals[0] if any(fits(headings[0]) for fits in tests) else None
    for fits in tests:
        chosen = [place for place, heading in zip(rivals, headings, strict=True) if fits(heading)]
        if len(chosen) == 1:
            return chosen[0]
    if len(set(headings)) < len(rivals):
        raise FileRefused("doubled_columns", label=field.label, first=letter(rivals[0]), second=letter(rivals[1]))
    raise ColumnsAmbiguous(field, [shown[place] for place in rivals], ignored)
