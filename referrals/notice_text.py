"""What a public notice may say: pure functions on values (C-05, C-61; RULES C3: 57号第24条, 个人信息保护法第25条).

The version's own words (`publicity_masking`) say what is shown: name, number of members and aid only where they are named there, and never
a number, an illness, an address, or the name of a minor. Closed by default: what the words do not name is left out.
"""

import re
from dataclasses import dataclass

from config.protection.masks import mask_name

NOT_AT_ALL = "不公示"
MEMBERS, AID = "家庭人数", "拟救助内容"
UNNAMED = "未成年人，姓名不公示"
_INSTEAD = re.compile("只写“(.+?)”")


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom the notice is about, in plain; `mask` decides what of it is said."""

    applicant: str
    is_applicant_minor: bool
    beneficiary: str  # empty: the household of the applicant
    is_beneficiary_minor: bool
    members: int
    place: str
    program: str
    aid: str
    deed: str = ""  # of a change or stop: 停止


def is_published(masking: str) -> bool:
    """Some programs are never put up (孤儿, 社区矫正, 精神障碍): their words say so."""
    return NOT_AT_ALL not in masking


def program_name(name: str, masking: str) -> str:
    """The name of the program; where it tells an illness, the words the version puts in its place."""
    instead = _INSTEAD.search(masking)
    return instead[1] if instead else name


def lines(subject: Subject, masking: str) -> list[str]:
    """The notice, line by line."""
    who = "救助对象" if subject.deed else "申请人"
    said = [f"{who}：{_named(subject.applicant, is_minor=subject.is_applicant_minor)}"]
    if subject.beneficiary and subject.beneficiary != subject.applicant:
        said.append(f"受助人：{_named(subject.beneficiary, is_minor=subject.is_beneficiary_minor)}")
    said.append(f"村（社区）：{subject.place}")
    if MEMBERS in masking:
        said.append(f"家庭人数：{subject.members}人")
    said.append(f"{'救助项目' if subject.deed else '申请项目'}：{program_name(subject.program, masking)}")
    if subject.deed:
        said.append(f"拟作变更：{subject.aid}")
    elif AID in masking and subject.aid:
        said.append(f"拟救助内容：{subject.aid}")
    return said


def _named(name: str, *, is_minor: bool) -> str:
    return UNNAMED if is_minor else mask_name(name)


def republished(days: int, again: int, *, is_second: bool, is_subsistence: bool) -> int:
    """A second notice after a founded objection: of 低保 it is up for fewer days (C-12), of all others for as many as the first (C-26)."""
    return min(days, again) if is_second and is_subsistence else days
