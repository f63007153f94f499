"""Masked texts (SECURITY D12, abuse case 18): what lists, titles and notices show instead of the value. Pure functions."""

import re

_COMPOUND = """
欧阳 太史 端木 上官 司马 东方 独孤 南宫 万俟 闻人 夏侯 诸葛 尉迟 公羊 赫连 澹台 皇甫 宗政 濮阳 公冶 太叔 申屠 公孙 慕容
仲孙 钟离 长孙 宇文 司徒 鲜于 司空 闾丘 子车 亓官 司寇 巫马 公西 颛孙 壤驷 公良 漆雕 乐正 宰父 谷梁 拓跋 夹谷 轩辕 令狐
段干 百里 呼延 东郭 南门 羊舌 微生 公户 公玉 梁丘 左丘 东门 西门 第五 单于 耶律 完颜 纳兰 哥舒 叱干 贺兰
"""
COMPOUND_SURNAMES = frozenset(_COMPOUND.split())
_STAR = "*"


def mask_id_number(number: str) -> str:
    """`500233********1234`. Other papers: the first three and the last four characters. A disability card keeps its holder's ID mask."""
    if len(number) == 18:
        return f"{number[:6]}{_STAR * 8}{number[14:]}"
    if len(number) >= 20:
        return f"{number[:6]}{_STAR * 8}{number[14:18]}{_STAR * (len(number) - 18)}"
    kept = 6 if len(number) >= 18 or number[:1].isdigit() else 3
    return _middle(number, kept, 4)


def mask_phone(number: str) -> str:
    """`138****1234`; a landline keeps its area code and last four digits."""
    if len(number) == 11 and number.isdigit():
        return f"{number[:3]}{_STAR * 4}{number[7:]}"
    area, dash, local = number.rpartition("-")
    return f"{area}{dash}{_middle(local, 0, 4)}" if dash else _middle(number, 3 if len(number) >= 11 else 0, 4)


def mask_bank_account(number: str) -> str:
    """`尾号1234`."""
    return f"尾号{number[-4:]}" if len(number) > 4 else _STAR * len(number)


def mask_text(text: str) -> str:
    """Free text has no part that may be shown: only that it is there."""
    return "已填写" if text else ""


def mask_name(name: str) -> str:
    """`张*芳`, `张*`, `欧阳*`, `欧阳*芳`; parts of a minority name stay apart: `买**·吐**`."""
    if not name.isalpha() and re.search(r"[·\s]", name):
        return re.sub(r"[^·\s]+", lambda part: part[0][0] + _STAR * (len(part[0]) - 1), name)
    if name.isascii():
        return name[:1] + _STAR * (len(name) - 1)
    surname = 2 if len(name) > 2 and name[:2] in COMPOUND_SURNAMES else 1
    if len(name) <= 1:
        return _STAR * len(name)
    given = name[surname:]
    return name[:surname] + (_STAR if len(given) == 1 else _STAR * (len(given) - 1) + given[-1])


def _middle(text: str, first: int, last: int) -> str:
    """Keep both ends and star the middle; what is too short to have a middle is starred whole."""
    if len(text) <= first + last:
        return _STAR * len(text)
    return text[:first] + _STAR * (len(text) - first - last) + text[-last:]
