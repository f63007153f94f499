"""The workbook a unit fills in: heads, formats that keep digits, lists to choose from, notes, and the template's id where nobody sees it.

The same workbook carries what went wrong back to whoever handed it in: rows in full, the reason in the last column. Mended, it is handed in
again as it is; of a whole list the rows go back into the list, where all the others are. How many rows such a file was handed out with
stands beside the template's id: handed in with no more, it is not the list, whatever was done to its columns.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from .cells import Column, Kind, clean, letter
from .declaration import Field, Template, Type
from .ground import Ground
from .workbook import HEAD_ROWS, Sheet, workbook

ID_SHEET, NOTES_SHEET, LISTS_SHEET = "模板标识", "填表说明", "选项"  # the first two are known to reading/child.py
WRONG_ROWS = "错误行"  # and so is this
REASON = "错误原因"
FILLED_TO = 200_000 + HEAD_ROWS
FIRST = HEAD_ROWS + 1
_KINDS = {Type.DATE: Kind.DATE, Type.MONEY: Kind.NUMBER, Type.NUMBER: Kind.NUMBER, Type.WHOLE: Kind.NUMBER}
_WIDTHS = {Type.ID_NUMBER: 22, Type.BANK_ACCOUNT: 24, Type.TOWNSHIP: 16, Type.VILLAGE: 20, Type.MONEY: 12, Type.WHOLE: 10, Type.YES_NO: 10}
_FORMATS = {
    Type.TEXT: "文字，不超过{longest}字",
    Type.NAME: "与身份证一致的姓名",
    Type.ID_NUMBER: "18位证件号码，文本格式",
    Type.PHONE: "11位手机号，或带区号的座机",
    Type.BANK_ACCOUNT: "文本格式，不要空格",
    Type.NUMBER: "数字",
    Type.MONEY: "元，最多两位小数",
    Type.WHOLE: "整数",
    Type.DATE: "日期，如2026-09-24",
    Type.MONTH: "月份，如2026-09",
    Type.CODE: "从下拉列表选择",
    Type.YES_NO: "是或否",
    Type.TOWNSHIP: "乡镇（街道）全称，从下拉列表选择",
    Type.VILLAGE: "村（社区）全称；先填乡镇，再从下拉列表选择",
}
_HEAD_NOTE = "带*的列必填。请从第{first}行起填写，不要改动表头，不要合并单元格；证件号码等保持文本格式。填写要求见“填表说明”。"

_OF_A_WHOLE = "这些是整份名单中有错误的行。改好后补回原表，整份上传；只传这些行，其他人会当作已不在名单上。"


def blank(
    template: Template, ground: Ground, *, rows: Iterable[Mapping[str, Any]] = (), reasons: Sequence[str] | None = None, out_of: int = 0,
    empty: str = "",
) -> Iterator[bytes]:  # fmt: skip
    """The file, chunk by chunk. `rows`: by key, as cells are kept, or as they were typed; `empty`: why there are none, at its head. With
    `reasons`, one a row, the last column says what is wrong with it; `out_of` so many rows, which may be those very ones."""
    fields, note = template.fields, empty or _HEAD_NOTE.format(first=FIRST)
    columns = [Column(_heading(each), _KINDS.get(each.type, Kind.TEXT), _width(each)) for each in fields]
    filled: Iterator[list[Any]] = ([_shown(each, row.get(each.key), ground) for each in fields] for row in rows)
    if reasons is not None:
        columns.append(Column(REASON, width=50))
        note = _OF_A_WHOLE if template.is_whole else note
        filled = ([*row, reason] for row, reason in zip(filled, reasons, strict=True))
    lists = _Lists(template, ground)
    sheets = [
        Sheet(_tab(template.title), template.title, columns, filled, to_fill=True, rules=lists.rules()),
        _notes(template),
    ]
    if lists.columns:
        sheets.append(Sheet(LISTS_SHEET, LISTS_SHEET, [Column(head) for head, _ in lists.columns], lists.rows(), state="hidden"))
    marks = [[f"{WRONG_ROWS}{len(reasons)}"]] if template.is_whole and reasons and len(reasons) < out_of else []
    sheets.append(Sheet(ID_SHEET, template.key, [Column("标识", width=40)], marks, state="veryHidden"))
    return workbook(sheets, watermark=note)


def _heading(each: Field) -> str:
    return f"{each.label}*" if each.required else each.label


def _width(each: Field) -> int:
    return max(_WIDTHS.get(each.type, 14), len(each.label) * 2 + 4)


def _tab(title: str) -> str:
    return re.sub(r"[\[\]:*?/\\']", "", title)[:31] or "填报"


def _shown(each: Field, value: Any, ground: Ground) -> Any:
    """The value as people write it: a code's label, a division's name. What is none of them stands as it is."""
    if value is None or value == "":
        return None
    if each.type == Type.YES_NO and isinstance(value, bool):
        return "是" if value else "否"
    if each.type == Type.CODE:
        return dict(each.codes).get(value, value)
    if each.type in {Type.TOWNSHIP, Type.VILLAGE}:
        return ground.names.get(value, value)
    if each.type == Type.DATE and isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            return value
    if each.type in {Type.MONEY, Type.NUMBER, Type.WHOLE} and isinstance(value, str):
        return _number(value)
    return value


def _number(text: str) -> Any:
    return float(text) if re.fullmatch(r"-?\d{1,12}(\.\d{1,4})?", text) else text


def _notes(template: Template) -> Sheet:
    columns = [
        Column("列名", width=24),
        Column("必填", width=8),
        Column("格式", width=36),
        Column("说明", width=60),
        Column("示例", width=24),
    ]
    rows: list[list[str]] = [
        [each.label, "是" if each.required else "", _format(each), each.help, each.example] for each in template.fields
    ]  # fmt: skip
    whole = "请填报截止日的全部名单：表中没有的，视为已不在名单内。" if template.is_whole else ""
    rows += [["", "", "", note, ""] for note in (whole, *template.notes) if note]
    return Sheet(NOTES_SHEET, NOTES_SHEET, columns, rows)


def _format(each: Field) -> str:
    if each.type == Type.CODE:
        return "选填：" + "、".join(label for _, label in each.codes[:20])
    return _FORMATS[each.type].format(longest=each.longest)


class _Lists:
    """The drop-downs: what may be chosen stands on a hidden sheet, a column for each list, and the rules point there."""

    def __init__(self, template: Template, ground: Ground) -> None:
        self.fields = template.fields
        self.columns: list[tuple[str, list[str]]] = []
        self._rules: list[tuple[int, str, str]] = []
        townships = next((place for place, each in enumerate(self.fields) if each.type == Type.TOWNSHIP), None)
        by_township = sorted((code for code in ground.names if len(code) == 12), key=lambda code: code)
        for place, each in enumerate(self.fields):
            if each.type == Type.CODE:
                self._rule(place, self._column(each.label, [label for _, label in each.codes]), each)
            elif each.type == Type.YES_NO:
                self._rule(place, '"是,否"', each)
            elif each.type == Type.TOWNSHIP:
                self._rule(place, self._column(each.label, [ground.names[code] for code in sorted(ground.names) if len(code) == 9]), each)
            elif each.type == Type.VILLAGE and by_township:
                self._rule(place, self._village(each, by_township, ground, townships), each)

    def _column(self, head: str, words: list[str]) -> str:
        self.columns.append((head, words))
        name = letter(len(self.columns) - 1)
        return f"{LISTS_SHEET}!${name}${FIRST}:${name}${HEAD_ROWS + max(len(words), 1)}"

    def _village(self, each: Field, codes: list[str], ground: Ground, township: int | None) -> str:
        """The villages of the row's township; all of them, with their township's name, where there is no such column."""
        if township is None:
            return self._column(each.label, [f"{ground.names.get(code[:9], '')}{ground.names[code]}" for code in codes])
        self._column(each.label, [ground.names[code] for code in codes])
        villages = letter(len(self.columns) - 1)
        self._column(f"{each.label}所属", [ground.names.get(code[:9], "") for code in codes])
        owners = letter(len(self.columns) - 1)
        chosen, owner = f"${letter(township)}{FIRST}", f"{LISTS_SHEET}!${owners}:${owners}"
        start = f"{LISTS_SHEET}!${villages}$1"
        return f"OFFSET({start},MATCH({chosen},{owner},0)-1,0,COUNTIF({owner},{chosen}),1)"

    def _rule(self, place: int, formula: str, each: Field) -> None:
        self._rules.append((place, formula, each.label))

    def rows(self) -> Iterator[list[str]]:
        longest = max(len(words) for _, words in self.columns)
        return ([words[at] if at < len(words) else "" for _, words in self.columns] for at in range(longest))

    def rules(self) -> str:
        """Lists are a help and no fence: what is pasted is checked when the file is read. A word that is not listed is warned of."""
        written = [
            f'<dataValidation type="list" errorStyle="warning" allowBlank="1" showInputMessage="1" showErrorMessage="1" '
            f'errorTitle="{clean(label)[:30]}" error="不在下拉列表中，请核对。" sqref="{letter(place)}{FIRST}:{letter(place)}{FILLED_TO}">'
            f"<formula1>{clean(formula)}</formula1></dataValidation>"
            for place, formula, label in self._rules
        ]
        digits = [
            f'<dataValidation allowBlank="1" showInputMessage="1" promptTitle="{clean(each.label)[:30]}" '
            f'prompt="{clean(_FORMATS[each.type])}" sqref="{letter(place)}{FIRST}:{letter(place)}{FILLED_TO}"/>'
            for place, each in enumerate(self.fields)
            if each.type in {Type.ID_NUMBER, Type.PHONE, Type.BANK_ACCOUNT, Type.DATE, Type.MONTH}
        ]
        every = [*written, *digits]
        return f'<dataValidations count="{len(every)}">{"".join(every)}</dataValidations>' if every else ""
