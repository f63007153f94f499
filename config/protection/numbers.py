"""ID numbers in what people typed where none belongs: found however they were written, and masked. Pure functions.

The one home of what counts as such a number: free text on its way into the record (`config.words`), the readers of cells, the staging
table, file names and headings all ask here.
"""

import re
from itertools import accumulate

from django.views.decorators.debug import sensitive_variables

from .identity import check_character
from .masks import mask_id_number
from .typed import tidy_digits

SHORTEST = 15  # characters of an ID number
_BETWEEN = r"[\s\-－‐-―−.．·・•_\u00ad\u200b-\u200f\u2060\ufeff]"
# After ZH stand the 15 digits of a household, after HC the 18 of a verification, its year first: no other series of the house is as long.
# People write ZH for 证号 too, before the 18 of a person.
_OURS = r"(?:(?<=[Zz][Hh])\d{15}|(?:(?<=[Hh][Cc])|(?<=[Hh][Cc]\s))20\d{16})(?![\dXxＸｘ])"
_RUN = re.compile(rf"(?!{_OURS})\d(?:{_BETWEEN}{{0,3}}\d){{14,}}(?:{_BETWEEN}{{0,3}}[XxＸｘ×])?")
_GAP = re.compile(rf"{_BETWEEN}+")
_DAY = r"(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
_DATED = rf"\d{{6}}(?:18|19|20)\d{{2}}{_DAY}\d{{3}}[\dX]"
# The old 15 digits: a province, and a day of birth without its century. So two dates beside each other are none, nor most other numbers.
_OLD = rf"(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3])\d{{6}}{_DAY}\d{{3}}"
# In one piece 18 characters are a number whatever stands in them, or more than 19 that begin with one (a disability card's); a credit code
# begins with 9 and holds no date. In several pieces it is told by its date of birth: amounts, dates and telephones stand side by side too.
_WHOLE = re.compile(rf"{_OLD}|[0-8]\d{{16}}[\dX]|{_DATED}(?:\d{{2,}})?")
_PIECED = re.compile(rf"{_OLD}|{_DATED}(?:\d{{2,}})?")
_BORN, _BORN_BEFORE = re.compile(_DATED), re.compile(_OLD)
_MOBILE = re.compile(r"1[3-9]\d{9}")


def without_id_numbers(text: str) -> str:
    """The text with whatever looks like an ID number masked, however it was typed; the same text where nothing does."""
    if len(text) < SHORTEST or not _RUN.search(text):
        return text
    hidden = _RUN.sub(_hide, text)
    return text if hidden == text else hidden


@sensitive_variables()
def _hide(found: re.Match[str]) -> str:
    """Digits that blanks, dashes and dots alone stand between: one number, or several that were typed one after the other."""
    gaps, pieces = [gap.strip() for gap in _GAP.findall(found[0])], [tidy_digits(piece) for piece in _GAP.split(found[0])]
    # Dots and other gaps are amounts beside dates: what begins and ends where tells nothing.
    ends = set() if len(set(gaps)) > 1 and {".", "．"} & set(gaps) else {0, *accumulate(map(len, pieces))}
    number, shape = "".join(pieces), _PIECED if gaps else _WHOLE
    if ends and shape.fullmatch(number) and not (gaps and any(map(_MOBILE.fullmatch, pieces))):
        return mask_id_number(number)
    if any(map(_WHOLE.fullmatch, pieces)):
        return " ".join(mask_id_number(piece) if _WHOLE.fullmatch(piece) else _within(piece, {0, len(piece)}) for piece in pieces)
    hidden = _within(number, ends)
    return found[0] if hidden == number else hidden


@sensitive_variables()
def _within(number: str, ends: set[int]) -> str:
    """A number amid others: where it begins and ends with what was typed apart, or its eighteen characters are checked right."""
    told, at = "", 0
    while at < len(number):
        part, old = number[at : at + 18], number[at : at + SHORTEST]
        if _BORN.fullmatch(part) and ({at, at + 18} <= ends or check_character(part[:17]) == part[17]):
            told, at = told + mask_id_number(part), at + 18
        elif _BORN_BEFORE.fullmatch(old) and {at, at + SHORTEST} <= ends:
            told, at = told + mask_id_number(old), at + SHORTEST
        else:
            told, at = told + number[at], at + 1
    return told
