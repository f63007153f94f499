"""Names: how they are written, ordered, and found by one, two or three characters anywhere or by pinyin (PERFORMANCE 6). Pure functions.

One reading is kept per name: a given name with a character of several readings (乐, 行, 朝) is found by the dictionary's one, and always by
its characters.
"""

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from .surnames import surname_reading

# What people leave out or write differently when they look for 买买提·吐尔逊 or O'Brien. The same in `operations.NAME_GRAMS`.
SKIPPED = "·•‧・．. 　-'’"
_DOTS = str.maketrans(dict.fromkeys("•‧・．∙⋅●", "·"))
_HALF_WIDTH = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)}
_NO_SKIPPED = str.maketrans(dict.fromkeys(SKIPPED))
_NO_TONES = str.maketrans(dict.fromkeys("12345"))
_HAN = re.compile(r"[㐀-鿿豈-﫿𠀀-𳿿〇]")


class NameKeys(NamedTuple):
    """What is stored beside a name: letters for prefix search, initials, and the key that orders it as an office would."""

    pinyin: str
    initials: str
    order: str


def tidy_name(text: str) -> str:
    """One way of writing: half width, one kind of dot, single spaces in foreign names and none in Chinese ones."""
    name = " ".join(unicodedata.normalize("NFC", text).translate(_DOTS).translate(_HALF_WIDTH).split())
    return re.sub(r"\s*·\s*", "·", name.replace(" ", "") if _HAN.search(name) else name)


def name_key(text: str) -> str:
    """What is compared: lower case, without dots, spaces and dashes."""
    return text.lower().translate(_NO_SKIPPED)


def name_keys(name: str) -> NameKeys:
    """Keys of a tidy name: `张小芳` gives zhangxiaofang, zxf and an order key of syllable, tone and character for each character."""
    words = re.split(r"[·\s]+", name)
    read = [pair for number, word in enumerate(words) for pair in _read(word, is_whole=number == 0 == len(words) - 1)]
    letters = [(syllable.translate(_NO_TONES), character) for syllable, character in read]
    return NameKeys(
        pinyin="".join(letter or character for letter, character in letters),
        initials="".join((letter or character)[:1] for letter, character in letters),
        order="".join(syllable + character for syllable, character in read),
    )


def _read(word: str, *, is_whole: bool) -> list[tuple[str, str]]:
    """Pairs of toned syllable and what it reads; a foreign word is one pair without syllable, an unreadable character too."""
    if not _HAN.search(word):
        return [("", name_key(word))] if name_key(word) else []
    surname = surname_reading(word) if is_whole else ()
    given = word[len(surname) :]
    return list(zip(surname, word, strict=False)) + list(zip(_dictionary(given), given, strict=True))


@lru_cache(maxsize=200_000)
def _dictionary(characters: str) -> tuple[str, ...]:
    """A toned syllable per character, "" where the dictionary has none. Given names repeat, so most imports find theirs here."""
    from pypinyin import Style, pinyin  # a second and 56 MiB: only where names are written

    read = pinyin(characters, style=Style.TONE3, errors=list, neutral_tone_with_five=True)  # type: ignore[arg-type]
    return tuple(syllable if syllable.isascii() and syllable[-1].isdigit() else "" for [syllable] in read)


def grams(key: str) -> list[str]:
    """Single characters and neighbouring pairs of a name key: what the index holds (`operations.NAME_GRAMS` in SQL)."""
    return [*key, *(key[i : i + 2] for i in range(len(key) - 1))]


def pinyin_term(text: str) -> str:
    """Typed letters as stored: ü and the passports' yu as v, no spaces."""
    return re.sub(r"([ln])yu", r"\1v", name_key(text).replace("ü", "v"))
