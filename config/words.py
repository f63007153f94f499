"""What people write in their own words, on its way into the record and onto papers."""

import re
from unicodedata import normalize

from config.protection.numbers import without_id_numbers
from config.verbs import TransitionError

# A mobile number as people write it: with or without the country's code, in one piece or 3-4-4.
_MOBILE = re.compile(r"(?<!\d)(?:(?:\+|00)?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)")


def names_a_number(text: str) -> bool:
    """Whether a free text holds somebody's ID number, however it was typed: the record and the papers carry none (SECURITY S9)."""
    shown = normalize("NFKC", text)
    return without_id_numbers(shown) != shown


def names_a_mobile(text: str) -> bool:
    """Whether a free text holds a mobile number: somebody's own. An office's telephone is none, and may be named anywhere.

    Digits typed by a Chinese keyboard (１３８) are digits too."""
    return bool(_MOBILE.search(normalize("NFKC", text)))


def without_numbers(text: str, *, may_name_mobile: bool = False) -> str:
    """What somebody wrote, which holds nobody's ID number nor mobile number.

    `may_name_mobile`: what the office tells the resident, who may have to ring whoever is on duty.

    Raises:
        TransitionError: it does.
    """
    if names_a_number(text):
        raise TransitionError("文字里不要写证件号码，请删去后再提交；需要核对号码的，在家庭成员资料中查看。")
    if not may_name_mobile and names_a_mobile(text):
        raise TransitionError("文字里不要写手机号码，请删去后再提交；联系电话填在人员资料或登记表的“联系电话”栏。")
    return text.strip()
