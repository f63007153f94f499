"""Files as people, and others, send them: each made here, none from anywhere."""

import io
import struct
import zipfile
import zlib
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from pypdf import PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, NumberObject, StreamObject, TextStringObject


def incoming(octets: bytes, name: str = "身份证.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, octets, content_type="image/jpeg")


def picture(kind: str = "JPEG", size: tuple[int, int] = (64, 48), mode: str = "RGB", **how: Any) -> bytes:
    out = io.BytesIO()
    picture = Image.linear_gradient("L").resize(size).convert(mode)
    if mode == "RGBA":
        picture.putalpha(Image.linear_gradient("L").resize(size))
    picture.save(out, kind, **how)
    return out.getvalue()


def with_gps(size: tuple[int, int] = (64, 48), orientation: int = 6) -> bytes:
    """A photograph that says where it was taken, and that the camera was held upright."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "CANARY-CAMERA"
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[29] = "2026:CANARY"
    return picture(size=size, exif=exif.tobytes(), comment=b"CANARY-COMMENT")


def moving(kind: str = "WEBP") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(out, kind, save_all=True, append_images=[Image.new("RGB", (8, 8), "blue")])
    return out.getvalue()


def vast_png(side: int = 10_000) -> bytes:
    """A few kilobytes that say they are a hundred million pixels."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    rows = zlib.compress(b"\0" * ((side // 8 + 1) * side), 9)
    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def packed(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return out.getvalue()


def heic() -> bytes:
    return b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 64


# ── PDF ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
def writer(pages: int = 1) -> PdfWriter:
    made = PdfWriter()
    for _ in range(pages):
        made.add_blank_page(595, 842)
    return made


def written(made: PdfWriter) -> bytes:
    out = io.BytesIO()
    made.write(out)
    return out.getvalue()


def pdf(pages: int = 1) -> bytes:
    return written(writer(pages))


def names(**values: Any) -> DictionaryObject:
    return DictionaryObject({NameObject(f"/{key}"): value for key, value in values.items()})


def javascript() -> DictionaryObject:
    return names(S=NameObject("/JavaScript"), JS=TextStringObject("app.alert(1)"))


def pdf_with(place: str, what: Any) -> bytes:
    """Something put into the root, or into the first page (`page:AA`)."""
    made = writer()
    where, _, key = place.rpartition(":")
    holder = made.pages[0] if where else made._root_object
    holder[NameObject(f"/{key}")] = made._add_object(what)
    return written(made)


def encrypted_pdf() -> bytes:
    made = writer()
    made.encrypt("", owner_password="x", algorithm="RC4-128")
    return written(made)


def launching() -> DictionaryObject:
    return names(S=NameObject("/Launch"), F=TextStringObject("cmd.exe"))


def embedding() -> DictionaryObject:
    held = StreamObject()
    held.set_data(b"MZ")
    held[NameObject("/Type")] = NameObject("/EmbeddedFile")
    return names(EmbeddedFiles=names(Names=ArrayObject([TextStringObject("x.exe"), names(EF=names(F=held))])))


def with_packed_objects(hidden: bytes = b"<</S /JavaScript /JS (app.alert\\(1\\))>>", *, listed: bool = True) -> bytes:
    """A PDF 1.5 whose catalogue and action lie in a compressed object stream; not `listed`: the file's table leaves the action out."""
    objects = [b"<</Type /Catalog /Pages 2 0 R /OpenAction 4 0 R>>", b"<</Type /Pages /Kids [3 0 R] /Count 1>>",
               b"<</Type /Page /Parent 2 0 R /MediaBox [0 0 9 9]>>", hidden]  # fmt: skip
    offsets, body = [], b""
    for number, octets in enumerate(objects, 1):
        offsets.append(f"{number} {len(body)}")
        body += octets + b" "
    head = " ".join(offsets).encode() + b" "
    stream = zlib.compress(head + body)
    out = b"%PDF-1.5\n"
    place = len(out)
    out += b"5 0 obj<</Type /ObjStm /N 4 /First %d /Filter /FlateDecode /Length %d>>stream\n%s\nendstream endobj\n" % (
        len(head), len(stream), stream,
    )  # fmt: skip
    table = len(out)
    packed_ones = range(4) if listed else range(3)
    rows = [b"\0" + bytes(4)] + [b"\2" + struct.pack(">HH", 5, index) for index in packed_ones]
    rows += [] if listed else [b"\0" + bytes(4)]
    rows += [b"\1" + struct.pack(">HH", place, 0), b"\1" + struct.pack(">HH", table, 0)]
    xref = zlib.compress(b"".join(rows))
    out += b"6 0 obj<</Type /XRef /Size 7 /W [1 2 2] /Root 1 0 R /Filter /FlateDecode /Length %d>>stream\n%s\nendstream endobj\n" % (
        len(xref), xref,
    )  # fmt: skip
    return out + b"startxref\n%d\n%%%%EOF\n" % table


def blanks(pieces: int, length: int = 16 * 1024 * 1024) -> bytes:
    """So many times `length` blanks, deflated. One piece is packed and repeated: packing five gigabytes takes half a minute."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    piece = packer.compress(b" " * length) + packer.flush(zlib.Z_FULL_FLUSH)  # nothing behind it refers to what stands before it
    count = pieces * length
    checksum = (1 + 32 * count) % 65521, (count + 16 * count * (count + 1)) % 65521  # Adler-32 of that many blanks
    return b"\x78\xda" + piece * pieces + packer.flush() + struct.pack(">HH", *reversed(checksum))


def bomb() -> bytes:
    """A PDF whose object stream is five gigabytes of blanks."""
    made = writer()
    held = StreamObject()
    held._data = blanks(320)
    held[NameObject("/Filter")] = NameObject("/FlateDecode")
    held[NameObject("/Type")] = NameObject("/ObjStm")
    held[NameObject("/N")] = NumberObject(1)
    held[NameObject("/First")] = NumberObject(4)
    made._root_object[NameObject("/Odd")] = made._add_object(held)
    return written(made)


def nested(depth: int = 5_000) -> bytes:
    """Arrays in arrays, until a parser falls."""
    body = b"[" * depth + b"]" * depth
    out = b"%PDF-1.4\n"
    places = []
    for number, octets in enumerate(
        [
            b"<</Type/Catalog/Pages 2 0 R/Odd 4 0 R>>",
            b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>",
            body,
        ],
        1,
    ):
        places.append(len(out))
        out += b"%d 0 obj%s endobj\n" % (number, octets)
    table = len(out)
    out += b"xref\n0 5\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % place for place in places)
    return out + b"trailer<</Size 5/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % table


def looping_pages() -> bytes:
    """A page tree that holds itself."""
    made = writer()
    tree = made._root_object["/Pages"]
    tree[NameObject("/Kids")].append(tree.indirect_reference)
    tree[NameObject("/Count")] = NumberObject(9)
    return written(made)
