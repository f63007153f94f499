"""Workbooks that mean harm, and some that merely went wrong: octets made by hand, small where the harm is large."""

import io
import struct
import zipfile

MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
HEADS = ("姓名", "证件号码", "金额", "日期")


def cell(place, value, kind=""):
    """A text, a number, or XML as it is."""
    if kind:
        return f'<c r="{place}" {kind}>{value}</c>'
    if isinstance(value, str):
        return f'<c r="{place}" t="inlineStr"><is><t>{value}</t></is></c>'
    return f'<c r="{place}"><v>{value}</v></c>'


def row(number, *values):
    """A line of a sheet."""
    return f'<row r="{number}">' + "".join(cell(f"{chr(65 + at)}{number}", value) for at, value in enumerate(values)) + "</row>"


def sheet(*rows, after="", before=""):
    return f'<?xml version="1.0" encoding="UTF-8"?>{before}<worksheet {MAIN}><sheetData>{"".join(rows)}</sheetData>{after}</worksheet>'


def parts(*sheets, names=("名单", "第二张", "第三张"), book="", book_before="", extra=None):
    """The parts of a workbook with these sheets; `extra` adds parts or puts others in their place."""
    listed = "".join(f'<sheet name="{names[at]}" sheetId="{at + 1}" r:id="rId{at + 1}"/>' for at in range(len(sheets)))
    related = "".join(
        f'<Relationship Id="rId{at + 1}" Type="{OFFICE}/worksheet" Target="worksheets/sheet{at + 1}.xml"/>' for at in range(len(sheets))
    )
    package = "http://schemas.openxmlformats.org/package/2006"
    found = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types"/>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships">'
        f'<Relationship Id="rId1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'{book_before}<workbook {MAIN} xmlns:r="{OFFICE}">{book}<sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships">{related}</Relationships>',
    }
    return found | {f"xl/worksheets/sheet{at + 1}.xml": xml for at, xml in enumerate(sheets)} | (extra or {})


def packed(found):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, text in found.items():
            package.writestr(name, text)
    return out.getvalue()


def book(*sheets, **given):
    return packed(parts(*sheets, **given))


def plain(*rows, **given):
    return book(sheet(row(1, *HEADS), *rows, **given))


def bomb(size=32 << 20):
    """A sheet that unpacks to a thousand times its size of spaces."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, text in parts(sheet()).items():
            if "sheet1" not in name:
                package.writestr(name, text)
        with package.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as member:
            for _ in range(size >> 20):
                member.write(b" " * (1 << 20))
    return out.getvalue()


def lying(octets, part, *, size):
    """The same file, which says that one part is smaller than it is."""
    with zipfile.ZipFile(io.BytesIO(octets)) as package:
        true = package.getinfo(part).file_size
    return octets.replace(struct.pack("<L", true), struct.pack("<L", size))


def longer_than_said(*rows):
    """Behind the second line the sheet goes on, beyond what is said of its length; and the check sum is that of what is said."""
    octets, part = plain(row(2, "张某", "x"), *rows), "xl/worksheets/sheet1.xml"
    with zipfile.ZipFile(io.BytesIO(octets)) as package:
        text, true = package.read(part), package.getinfo(part).CRC
    said = text[: text.index(b'<row r="3"')]
    return lying(octets, part, size=len(said)).replace(struct.pack("<L", true), struct.pack("<L", zipfile.crc32(said)))


LAUGHS = '<!DOCTYPE l [<!ENTITY a "哈哈哈哈哈哈哈哈哈哈">' + "".join(
    f'<!ENTITY {chr(98 + at)} "{f"&{chr(97 + at)};" * 10}">' for at in range(8)
) + "]>"  # fmt: skip


def amplified():
    """A megabyte of text, once in the file and in thirty thousand cells."""
    long = "长" * 350_000
    shared = f'<sst {MAIN} count="1" uniqueCount="1"><si><t>{long}</t></si></sst>'
    rows = [f'<row r="{line}"><c r="A{line}" t="s"><v>0</v></c></row>' for line in range(1, 30_000)]
    found = parts(sheet(*rows), extra={"xl/sharedStrings.xml": shared})
    related = found["xl/_rels/workbook.xml.rels"].replace(
        "</Relationships>", f'<Relationship Id="rId9" Type="{OFFICE}/sharedStrings" Target="sharedStrings.xml"/></Relationships>'
    )
    return packed(found | {"xl/_rels/workbook.xml.rels": related})


def compound(*names, stream=b""):
    """The old container of Excel and Word: a directory of streams, of which the first holds `stream` (at least 4,096 octets are kept)."""
    stream = stream.ljust(4_096, b"\0")
    stream += b"\0" * (-len(stream) % 512)
    sectors = len(stream) // 512
    end = 0xFFFFFFFE
    # sector 0: allocation table, 1: directory, 2...: the stream
    table = [0xFFFFFFFD, end, *range(3, 2 + sectors), end]
    table += [0xFFFFFFFF] * (128 - len(table))

    def entry(name, kind, start=end, size=0, child=0xFFFFFFFF, right=0xFFFFFFFF):
        written = (name + "\0").encode("utf-16-le") if name else b""
        tree = struct.pack("<LLL", 0xFFFFFFFF, right, child)
        return (
            written.ljust(64, b"\0") + struct.pack("<HBB", len(written), kind, 1) + tree + b"\0" * 36 + struct.pack("<LLL", start, size, 0)
        )

    entries = entry("Root Entry", 5, child=1)
    for at, name in enumerate(names):
        right = at + 2 if at + 1 < len(names) else 0xFFFFFFFF
        entries += entry(name, 2, 2 if not at else end, len(stream) if not at else 0, right=right)
    entries += entry("", 0) * (-(len(names) + 1) % 4)
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16 + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + b"\0" * 6
    head += struct.pack("<LLLLLLLLL", 0, 1, 1, 0, 4_096, end, 0, end, 0) + struct.pack("<L", 0) + b"\xff\xff\xff\xff" * 108
    return head + struct.pack("<128L", *table) + entries + stream


def xls(*rows, days=b"", name="名单"):
    """An .xls of the years of Excel 97: texts and numbers, one sheet. `days` are records among the workbook's own."""

    def record(kind, data=b""):
        return struct.pack("<HH", kind, len(data)) + data

    def text(value, length="<H"):
        return struct.pack(length, len(value)) + b"\1" + value.encode("utf-16-le")

    cells = b""
    for line, values in enumerate(rows):
        for at, value in enumerate(values):
            place = struct.pack("<HHH", line, at, 0)
            if isinstance(value, str):
                cells += record(0x0204, place + text(value))
            else:
                cells += record(0x0203, place + struct.pack("<d", value))
    begin = record(0x0809, struct.pack("<HHHHLL", 0x0600, 0x0005, 0, 0, 0, 0))
    own = record(0x0042, struct.pack("<H", 1_200)) + days
    ends = record(0x000A)
    listed = 4 + 6 + len(text(name, "<B"))
    start = len(begin) + len(own) + listed + len(ends)
    book = begin + own + record(0x0085, struct.pack("<LH", start, 0) + text(name, "<B")) + ends
    page = record(0x0809, struct.pack("<HHHHLL", 0x0600, 0x0010, 0, 0, 0, 0))
    page += record(0x0200, struct.pack("<LLHHH", 0, len(rows), 0, max(map(len, rows), default=0), 0)) + cells + ends
    return compound("Workbook", stream=book + page)


SINCE_1904 = struct.pack("<HHH", 0x22, 2, 1) + struct.pack("<HHH", 0x0E, 2, 1)
