"""What people write in their own words, on its way into the record and onto papers."""

import re

from config.verbs import TransitionError

_ID_NUMBER = re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)")


def names_a_number(text: str) -> bool:
    """Whether a free text holds somebody's ID number: the record and the papers carry none (SECURITY S9)."""
    return bool(_ID_NUMBER.search(text))


def without_numbers(text: str) -> str:
    """What somebody wrote, which holds nobody's ID number.

    Raises:
        TransitionError: it does.
    """
    if names_a_number(text):
        raise TransitionError("文字里不要写证件号码，请删去后再提交；需要核对号码的，在家庭成员资料中查看。")
    return text.strip()
