"""What people type and what spreadsheets hand over, brought to one way of writing. Pure functions."""

import re

_PLAIN: dict[int, int | str | None] = {
    **dict.fromkeys([*range(0x200B, 0x2010), 0x2060, 0xFEFF, 0x00AD]),  # invisible
    **{wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)},
    **dict.fromkeys(map(ord, "‐‑‒–—―−ー"), "-"),
}


def tidy(text: str) -> str:
    """Full width to half width, no white space, nothing invisible, one kind of dash."""
    if text.isascii() and text.isalnum():
        return text  # most are: a hundred thousand of a file pass here
    return "".join(text.translate(_PLAIN).split())


def tidy_identifier(text: str) -> str:
    """Also upper case, `×` as X, without the apostrophe that spreadsheets use to keep a number as text."""
    if text.isascii() and text.isalnum():
        return text.upper()
    return tidy(text.replace("×", "X")).lstrip("'‘’`").upper()


def tidy_digits(text: str) -> str:
    """Also without dashes: account numbers are printed in groups."""
    return tidy_identifier(text).replace("-", "")


def tidy_phone(text: str) -> str:
    """A mobile number as 11 digits, a landline as `023-54231234`; anything else as typed."""
    if len(text) == 11 and text[0] == "1" and text.isascii() and text.isdigit():
        return text  # as most are written
    number = re.sub(r"^(\+?86|0086)-?(?=1\d{10}$)", "", re.sub(r"[-()]", "", tidy_identifier(text)))
    landline = re.fullmatch(r"(0(?:10|2\d|[3-9]\d{2}))(\d{7,8})", number)
    return f"{landline[1]}-{landline[2]}" if landline else number
