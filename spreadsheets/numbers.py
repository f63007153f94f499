"""ID numbers in what people typed where none belongs: found however they were written, and masked. Pure functions.

The one home of what counts as such a number: the readers of cells, the staging table, file names and headings all ask here.
"""

import re

from django.views.decorators.debug import sensitive_variables

from config.protection.identity import check_character
from config.protection.masks import mask_id_number
from config.protection.typed import tidy_digits

SHORTEST = 15  # characters of an ID number
_BETWEEN = r"[\s\-－‐-―−\u00ad\u200b-\u200f\u2060\ufeff]"
_RUN = re.compile(rf"(?<!ZH)\d(?:{_BETWEEN}{{0,3}}\d){{14,}}(?:{_BETWEEN}{{0,3}}[XxＸｘ×])?")
_GAP = re.compile(rf"{_BETWEEN}+")
# 15 or 18 characters of an ID number, or more than 19 that begin with one (a disability card's). A credit code of 18 digits begins with 9
# and holds no date; after ZH stand the 15 digits of a household.
_DATED = r"\d{6}(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dX]"
_SOMEBODYS = re.compile(rf"[1-8]\d{{14}}|[0-8]\d{{16}}[\dX]|{_DATED}(?:\d{{2,}})?")
_BORN = re.compile(_DATED)


def without_id_numbers(text: str) -> str:
    """The text with whatever looks like an ID number masked, however it was typed; the same text where nothing does."""
    if len(text) < SHORTEST or not _RUN.search(text):
        return text
    hidden = _RUN.sub(_hide, text)
    return text if hidden == text else hidden


@sensitive_variables()
def _hide(found: re.Match[str]) -> str:
    """Digits that blanks and dashes alone stand between: one number, or several that were typed one after the other."""
    number = tidy_digits(found[0])
    if _SOMEBODYS.fullmatch(number):
        return mask_id_number(number)
    pieces = [tidy_digits(piece) for piece in _GAP.split(found[0])]
    if any(_SOMEBODYS.fullmatch(piece) for piece in pieces):
        return " ".join(mask_id_number(piece) if _SOMEBODYS.fullmatch(piece) else _within(piece, [piece]) for piece in pieces)
    hidden = _within(number, pieces)
    return found[0] if hidden == number else hidden


@sensitive_variables()
def _within(number: str, pieces: list[str]) -> str:
    """Eighteen characters with a date of birth amid others: where they begin and end with what was typed apart, or are checked right."""
    ends, at = {0}, 0
    for piece in pieces:
        at += len(piece)
        ends.add(at)
    told, at = "", 0
    while at < len(number):
        part = number[at : at + 18]
        is_number = _BORN.fullmatch(part) and ({at, at + 18} <= ends or check_character(part[:17]) == part[17])
        told += mask_id_number(part) if is_number else number[at]
        at += 18 if is_number else 1
    return told
