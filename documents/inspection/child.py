"""The process that opens files of strangers. Run as a script by `documents.inspection`, never imported; stands alone on purpose.

Octets come on standard input, the answer goes to standard output: one line of JSON, then the image drawn anew (nothing for a PDF, which is
kept as it came). Before the first octet is read the process gives up what it does not need: memory above a bound, processor time, new
files and sockets, new processes.
"""

import io
import json
import re
import resource
import sys
import warnings
import zlib
from typing import Any

Answer = dict[str, Any]

MEMORY = 1_200 * 1024 * 1024
PROCESSOR_SECONDS = 20
OBJECTS_MAX = 300_000
DEPTH_MAX = 60
UNPACKED_MAX = 64 * 1024 * 1024

# Names that make a PDF do something, or carry something, wherever they stand. Links to other pages and addresses are let be.
ACTIVE = {
    "/JavaScript", "/JS", "/Launch", "/EmbeddedFile", "/EmbeddedFiles", "/EF", "/RichMedia", "/RichMediaExecute", "/XFA", "/SubmitForm",
    "/ImportData", "/GoToE", "/GoToR", "/Rendition", "/Movie", "/Sound", "/Screen", "/3D", "/Trans3D",
}  # fmt: skip
# Looked for in the octets too, whatever the parser makes of them; long enough not to occur in compressed data by chance.
LONG_NAMES = ("JavaScript", "EmbeddedFile", "RichMedia", "SubmitForm", "ImportData")


class Refused(Exception):
    def __init__(self, code: str, **values: Any) -> None:
        super().__init__(code)
        self.answer = {"refused": code, **values}


def main() -> None:
    pixels_max, pages_max = int(sys.argv[1]), int(sys.argv[2])
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_SECONDS, PROCESSOR_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    octets = sys.stdin.buffer.read()
    try:
        answer, drawn = examine(octets, pixels_max, pages_max)
    except Refused as refused:
        answer, drawn = refused.answer, b""
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n" + drawn)


def shut_the_door() -> None:
    """No file and no socket from here on, and no other process: all that is needed has been imported."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))


def examine(octets: bytes, pixels_max: int, pages_max: int) -> tuple[Answer, bytes]:
    """By content: the name and what the browser said of the type count for nothing."""
    if octets.startswith(b"%PDF-"):
        return examine_pdf(octets, pages_max), b""
    if octets.startswith(b"\xff\xd8\xff"):
        return redraw(octets, "JPEG", pixels_max)
    if octets.startswith(b"\x89PNG\r\n\x1a\n"):
        return redraw(octets, "PNG", pixels_max)
    if octets[:4] == b"RIFF" and octets[8:12] == b"WEBP":
        return redraw(octets, "WEBP", pixels_max)
    raise Refused(what_it_looks_like(octets[:1024]))


def what_it_looks_like(head: bytes) -> str:
    if head[4:8] == b"ftyp" and head[8:12] in {b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1", b"avif", b"avis"}:
        return "heic"
    if head[:4] in {b"PK\x03\x04", b"PK\x05\x06", b"Rar!", b"7z\xbc\xaf"} or head.startswith(b"\xd0\xcf\x11\xe0"):
        return "office"
    if head[:4] == b"GIF8":
        return "moving"
    if re.match(rb"\s*(?:\xef\xbb\xbf)?\s*<", head):
        return "markup"
    return "unknown"


# ── pictures ────────────────────────────────────────────────────────────────────────────────────────────────────────
def redraw(octets: bytes, kind: str, pixels_max: int) -> tuple[Answer, bytes]:
    """The picture drawn anew: turned as the camera was held, and nothing left of EXIF, GPS, comments and what hung on its end."""
    from PIL import Image, ImageOps, MpoImagePlugin, TiffImagePlugin, WebPImagePlugin  # noqa: F401 - all before the door is shut

    Image.preinit()
    Image.MAX_IMAGE_PIXELS = None  # our own bound is asked below, before a pixel is decoded
    shut_the_door()
    warnings.simplefilter("error")
    try:
        with Image.open(io.BytesIO(octets), formats=[kind]) as picture:
            pixels = picture.width * picture.height
            if pixels > pixels_max:
                raise Refused("too_many_pixels", pixels=pixels // 10_000, limit=pixels_max // 10_000)
            if kind != "JPEG" and getattr(picture, "is_animated", False):
                raise Refused("moving")
            picture.load()
            upright = ImageOps.exif_transpose(picture)
    except (OSError, SyntaxError, ValueError, EOFError, Warning, Image.DecompressionBombError):
        raise Refused("broken_image") from None
    return encode(upright, "PNG" if kind == "PNG" else "JPEG")


def encode(picture: Any, kind: str) -> tuple[Answer, bytes]:
    from PIL import Image

    if kind == "JPEG" and picture.mode in {"RGBA", "LA", "PA"}:
        paper = Image.new("RGB", picture.size, "white")
        paper.paste(picture, mask=picture.convert("RGBA").getchannel("A"))
        picture = paper
    has_alpha = kind == "PNG" and ("A" in picture.getbands() or "transparency" in picture.info)
    if picture.mode.startswith("I;16"):
        picture = picture.point(lambda value: value / 256).convert("L")
    mode = "RGBA" if has_alpha else "L" if picture.mode in {"1", "L"} else "RGB"
    plain = picture.convert(mode) if picture.mode != mode else picture
    plain.info = {}
    out = io.BytesIO()
    if kind == "JPEG":
        plain.save(out, "JPEG", quality=90)
    else:
        plain.save(out, "PNG", compress_level=4)
    return {"content_type": f"image/{kind.lower()}", "width": plain.width, "height": plain.height}, out.getvalue()


# ── PDF ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
def examine_pdf(octets: bytes, pages_max: int) -> Answer:
    """Kept as it came, since a signature on it must hold; so nothing in it may act, and nothing may hang on it."""
    import encodings.latin_1, encodings.utf_16, encodings.utf_16_be, encodings.utf_16_le  # noqa: E401, F401, I001 - before the door is shut

    import pypdf._configuration, pypdf.filters, pypdf.generic  # noqa: E401, F401
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    end = octets.rfind(b"%%EOF")
    if end < 0 or octets[end + 5 :].strip(b"\r\n\t \0"):
        raise Refused("broken_pdf")
    refuse_long_names(octets)
    refuse_packed_names(octets)
    shut_the_door()
    try:
        reader = PdfReader(io.BytesIO(octets), strict=False)
        if reader.is_encrypted or "/Encrypt" in reader.trailer:
            raise Refused("encrypted_pdf")
        refuse_active(reader)
        pages = len(reader.pages)
    except (PyPdfError, RecursionError):
        raise Refused("broken_pdf") from None
    except (OSError, ValueError, TypeError, KeyError, IndexError, AttributeError, AssertionError, OverflowError):
        raise Refused("broken_pdf") from None  # the parser's own stumbles over what is no PDF
    if not pages:
        raise Refused("broken_pdf")
    if pages > pages_max:
        raise Refused("too_many_pages", pages=pages, limit=pages_max)
    return {"content_type": "application/pdf", "pages": pages}


def spelt(name: str) -> re.Pattern[bytes]:
    """A PDF name, also written with escapes (`/Java#53cript`)."""
    return re.compile(b"/" + b"".join(b"(?:%s|#%02x|#%02X)" % (bytes([c]), c, c) for c in name.encode()))


def refuse_long_names(octets: bytes) -> None:
    """`/JavaScript` and its like anywhere in the octets."""
    if any(spelt(name).search(octets) for name in LONG_NAMES):
        raise Refused("active_pdf")


def refuse_packed_names(octets: bytes) -> None:
    """The same within object streams, found by their name and not by the file's own table, which may leave one out."""
    for found in spelt("ObjStm").finditer(octets):
        start = octets.find(b"stream", found.end(), found.end() + 4_000)
        if start < 0:
            continue
        packed = octets[start + 6 :].lstrip(b"\r\n")
        try:
            refuse_long_names(zlib.decompressobj().decompress(packed, UNPACKED_MAX))
        except zlib.error:
            continue  # not packed this way: the parser unpacks it, or nobody can


def refuse_active(reader: Any) -> None:
    """Every object of the file, also those no page refers to, and those packed into object streams."""
    from pypdf.generic import IndirectObject

    numbers: set[tuple[int, int]] = {(number, generation) for generation, table in reader.xref.items() for number in table}
    numbers |= {(number, 0) for number in reader.xref_objStm}
    if len(numbers) > OBJECTS_MAX:
        raise Refused("broken_pdf")
    left = [OBJECTS_MAX * 10]
    look(reader.trailer, 0, left)
    for number, generation in sorted(numbers):
        if number:
            found = reader.get_object(IndirectObject(number, generation, reader))
            look(found, 0, left)


def look(thing: Any, depth: int, left: list[int]) -> None:
    """A value and what it holds, references not followed: each object is looked at once, on its own."""
    from pypdf.generic import ArrayObject, DictionaryObject, NameObject, StreamObject

    left[0] -= 1
    if depth > DEPTH_MAX or left[0] < 0:
        raise Refused("broken_pdf")
    if isinstance(thing, NameObject):
        if str(thing) in ACTIVE:
            raise Refused("active_pdf")
    elif isinstance(thing, ArrayObject):
        for index in range(len(thing)):
            look(list.__getitem__(thing, index), depth + 1, left)
    elif isinstance(thing, DictionaryObject):
        if isinstance(thing, StreamObject) and thing.get("/Type") == "/ObjStm":
            refuse_long_names(thing.get_data())
        for key, value in thing.items():
            look(key, depth + 1, left)
            look(value, depth + 1, left)


if __name__ == "__main__":
    main()
