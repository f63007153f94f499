"""The file around a template: a plain .docx of sensible size, without macros, foreign parts and links to elsewhere."""

import io
import re
import zipfile
from collections.abc import Iterator

from config.verbs import TransitionError

OCTETS_MAX = 2 * 1024 * 1024
UNPACKED_MAX = 20 * 1024 * 1024
PARTS_MAX = 300
_MAIN = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_FOREIGN = re.compile(r"vba|activex|embeddings/|oleobject|afchunk|customui|\.bin$|\.docm$|\.exe$", re.IGNORECASE)
_EXTERNAL = re.compile(rb"TargetMode\s*=\s*[\"']External", re.IGNORECASE)
_INSTRUCTION = re.compile(rb"<w:instrText[^>]*>([^<]*)</w:instrText>|w:instr\s*=\s*\"([^\"]*)\"")
_FETCHING = re.compile(
    rb"\b(?:DDE|DDEAUTO|INCLUDE|INCLUDETEXT|INCLUDEPICTURE|LINK|IMPORT|DATABASE|MACROBUTTON|RD|HYPERLINK)\b", re.IGNORECASE
)
_DECLARED = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)


def check_package(octets: bytes, *, refuse: type[TransitionError]) -> None:
    """Raises `refuse` with the first thing that is wrong."""
    if complaint := next(_complaints(octets), None):
        raise refuse(complaint)


def _complaints(octets: bytes) -> Iterator[str]:
    if not octets:
        yield "这个文件是空的，请重新选择。"
    if len(octets) > OCTETS_MAX:
        yield f"模板文件超过{OCTETS_MAX // 1024 // 1024} MB。请删去大图片后再上传。"
    if octets.startswith(b"\xd0\xcf\x11\xe0"):
        yield "这是旧的 .doc 文件或加了密码的文件。请去掉密码，另存为 .docx 后再上传。"
    if not zipfile.is_zipfile(io.BytesIO(octets)):
        yield "这不是Word文件。请上传 .docx 格式的模板。"
    try:
        with zipfile.ZipFile(io.BytesIO(octets)) as archive:
            yield from _complaints_of(archive)
    except (zipfile.BadZipFile, EOFError):
        yield "模板文件已损坏或加了密码。请另存为 .docx 后再上传。"


def _complaints_of(archive: zipfile.ZipFile) -> Iterator[str]:
    parts = archive.infolist()
    names = {part.filename for part in parts}
    if len(parts) > PARTS_MAX or sum(part.file_size for part in parts) > UNPACKED_MAX:
        yield "模板文件展开后过大。请删去大图片后再上传。"
    if any(part.flag_bits & 1 or part.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED} for part in parts):
        yield "模板文件加了密码，或不是Word存的。请去掉密码，另存为 .docx 后再上传。"
    if not {"[Content_Types].xml", "word/document.xml"} <= names:
        yield "这不是Word文件。请上传 .docx 格式的模板。"
    if any(_FOREIGN.search(name) for name in names):
        yield "模板里有宏、控件或嵌入的文件，不能使用。请删去后另存为 .docx 再上传。"
    kinds = archive.read("[Content_Types].xml")
    if b"macroEnabled" in kinds:
        yield "这是带宏的Word文件。请另存为不带宏的 .docx 再上传。"
    if _MAIN not in kinds:
        yield "这不是Word文件。请上传 .docx 格式的模板。"
    for name in sorted(names):
        if name.endswith((".xml", ".rels")):
            yield from _complaints_of_part(archive.read(name))


def _complaints_of_part(text: bytes) -> Iterator[str]:
    if text[:2] in {b"\xff\xfe", b"\xfe\xff"} or b"\0" in text[:200] or _DECLARED.search(text):
        yield "模板文件的内部结构异常。请用Word或WPS新建文档，把内容粘贴进去后再上传。"
    if _EXTERNAL.search(text):
        yield "模板里有指向外部网址或文件的链接，不能使用。请取消超链接、改用嵌入的图片后再上传。"
    if _FETCHING.search(b" ".join(b"".join(found) for found in _INSTRUCTION.findall(text))):
        yield "模板里有会读取其他文件的域，不能使用。请删去后再上传。"
