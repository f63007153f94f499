"""The parts of a workbook that stay the same whatever it holds (ECMA-376): types, relations, styles, a sheet's beginning and end."""

from collections.abc import Sequence

from .cells import STYLES, Column, clean, letter

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
SHEETS = "application/vnd.openxmlformats-officedocument.spreadsheetml"
HEADER = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
RELATIONS = (
    f'{HEADER}<Relationships xmlns="{PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
)
# cellXfs: 0 plain, 1 title, 2 watermark, 3 head, then the kinds of `cells.STYLES`. A named style Normal, or readers complain.
STYLESHEET = (
    f'{HEADER}<styleSheet xmlns="{MAIN}">'
    '<numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/>'
    '<numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd\\ hh:mm"/></numFmts>'
    '<fonts count="4"><font><sz val="11"/><name val="宋体"/></font><font><b/><sz val="16"/><name val="宋体"/></font>'
    '<font><sz val="9"/><color rgb="FF595959"/><name val="宋体"/></font><font><b/><sz val="11"/><name val="宋体"/></font></fonts>'
    '<fills count="3"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    '<fill><patternFill patternType="solid"><fgColor rgb="FFE8EEF5"/><bgColor indexed="64"/></patternFill></fill></fills>'
    '<borders count="2"><border><left/><right/><top/><bottom/><diagonal/></border><border><left style="thin"><color rgb="FFBFBFBF"/></left>'
    '<right style="thin"><color rgb="FFBFBFBF"/></right><top style="thin"><color rgb="FFBFBFBF"/></top>'
    '<bottom style="thin"><color rgb="FFBFBFBF"/></bottom><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="8"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="49" fontId="1" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1" applyAlignment="1">'
    '<alignment horizontal="center" vertical="center"/></xf>'
    '<xf numFmtId="49" fontId="2" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1"/>'
    '<xf numFmtId="49" fontId="3" fillId="2" borderId="1" xfId="0" applyNumberFormat="1" applyFont="1" applyFill="1" applyBorder="1" '
    'applyAlignment="1"><alignment horizontal="center" vertical="center" wrapText="1"/></xf>'
    '<xf numFmtId="49" fontId="0" fillId="0" borderId="1" xfId="0" applyNumberFormat="1" applyBorder="1"/>'
    '<xf numFmtId="0" fontId="0" fillId="0" borderId="1" xfId="0" applyBorder="1"/>'
    '<xf numFmtId="164" fontId="0" fillId="0" borderId="1" xfId="0" applyNumberFormat="1" applyBorder="1"/>'
    '<xf numFmtId="165" fontId="0" fillId="0" borderId="1" xfId="0" applyNumberFormat="1" applyBorder="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)


def content_types(sheets: int) -> str:
    overrides = "".join(
        f'<Override PartName="/xl/worksheets/sheet{number}.xml" ContentType="{SHEETS}.worksheet+xml"/>' for number in range(1, sheets + 1)
    )
    return (
        f'{HEADER}<Types xmlns="{PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{SHEETS}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{SHEETS}.styles+xml"/>{overrides}</Types>'
    )


def book(sheets: Sequence[tuple[str, str]], head_rows: int) -> str:
    """The sheets by name and state, and the rows that are printed again on every page."""
    named = "".join(
        f'<sheet name="{clean(name)}" sheetId="{number}"{_state(state)} r:id="rId{number}"/>'
        for number, (name, state) in enumerate(sheets, 1)
    )
    titles = "".join(
        f'<definedName name="_xlnm.Print_Titles" localSheetId="{number}">\'{clean(name)}\'!$1:${head_rows}</definedName>'
        for number, (name, _) in enumerate(sheets)
    )
    return (
        f'{HEADER}<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><bookViews><workbookView/></bookViews>'
        f"<sheets>{named}</sheets><definedNames>{titles}</definedNames></workbook>"
    )


def _state(state: str) -> str:
    return f' state="{state}"' if state else ""


def book_relations(sheets: int) -> str:
    each = "".join(
        f'<Relationship Id="rId{number}" Type="{OFFICE}/worksheet" Target="worksheets/sheet{number}.xml"/>'
        for number in range(1, sheets + 1)
    )
    styles = f'<Relationship Id="rId{sheets + 1}" Type="{OFFICE}/styles" Target="styles.xml"/>'
    return f'{HEADER}<Relationships xmlns="{PACKAGE}/relationships">{each}{styles}</Relationships>'


def sheet_head(columns: Sequence[Column], head_rows: int, *, to_fill: bool = False) -> str:
    """`to_fill`: blank cells have the format of their column, so that a number that is a name stays text as it is typed."""
    styles = [f' style="{STYLES[column.kind]}"' if to_fill else "" for column in columns]
    widths = "".join(
        f'<col min="{place}" max="{place}" width="{column.width}"{style} customWidth="1"/>'
        for place, (column, style) in enumerate(zip(columns, styles, strict=True), 1)
    )
    return (
        f'{HEADER}<worksheet xmlns="{MAIN}"><sheetPr><pageSetUpPr fitToPage="1"/></sheetPr><sheetViews><sheetView workbookViewId="0">'
        f'<pane ySplit="{head_rows}" topLeftCell="A{head_rows + 1}" activePane="bottomLeft" state="frozen"/>'
        f'<selection pane="bottomLeft"/></sheetView></sheetViews><sheetFormatPr defaultRowHeight="15"/><cols>{widths}</cols><sheetData>'
    )


def sheet_tail(columns: int, head_rows: int, last_row: int, watermark: str, *, rules: str = "") -> str:
    """`watermark` is plain text; in a foot & begins a code and && stands for itself, and a foot holds 255 characters."""
    first, last = head_rows + 1, max(last_row, head_rows + 1)
    end, foot = letter(columns - 1), clean(watermark[:120].replace("&", "&&"))
    merged = f'<mergeCells count="1"><mergeCell ref="A1:{end}1"/></mergeCells>' if columns > 1 else ""
    return (
        f'</sheetData><autoFilter ref="A{head_rows}:{end}{last_row}"/>{merged}{rules}'
        '<pageMargins left="0.4" right="0.4" top="0.5" bottom="0.6" header="0.3" footer="0.3"/>'
        '<pageSetup paperSize="9" orientation="landscape" fitToHeight="0"/>'
        f"<headerFooter><oddFooter>&amp;L{foot}&amp;R第&amp;P页 共&amp;N页</oddFooter></headerFooter>"
        f'<ignoredErrors><ignoredError sqref="A{first}:{end}{last}" numberStoredAsText="1"/></ignoredErrors>'
        "</worksheet>"
    )
