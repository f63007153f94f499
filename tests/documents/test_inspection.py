"""R12: what a file is, is seen from its content; what could act in it is refused or gone; and a hostile one harms nobody."""

import io
import json
import subprocess
import time

import pytest
from PIL import Image

from documents import inspection
from documents.inspection import FileRefused, inspect
from documents.inspection.sentences import _SENTENCES

from . import files


def look(octets, pixels_max=40_000_000, pages_max=300):
    return inspect(octets, pixels_max=pixels_max, pages_max=pages_max)


def refused(octets, **limits):
    with pytest.raises(FileRefused) as refusal:
        look(octets, **limits)
    return refusal.value


# ── taken ───────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("octets", "content_type", "mode"),
    [
        (files.picture("JPEG"), "image/jpeg", "RGB"),
        (files.picture("JPEG", mode="L"), "image/jpeg", "L"),
        (files.picture("JPEG", mode="CMYK"), "image/jpeg", "RGB"),
        (files.picture("PNG"), "image/png", "RGB"),
        (files.picture("PNG", mode="RGBA"), "image/png", "RGBA"),
        (files.picture("PNG", mode="P"), "image/png", "RGB"),
        (files.picture("PNG", mode="1"), "image/png", "L"),
        (files.picture("WEBP"), "image/jpeg", "RGB"),
        (files.picture("WEBP", mode="RGBA"), "image/jpeg", "RGB"),
    ],
)
def test_pictures_are_drawn_anew(octets, content_type, mode):
    found = look(octets)
    with Image.open(io.BytesIO(found.octets)) as drawn:
        drawn.load()
        assert (found.content_type, drawn.mode, drawn.size) == (content_type, mode, (64, 48))
    assert (found.width, found.height, found.pages) == (64, 48, None)


def test_sixteen_bit_greys_of_a_scanner_stay_grey():
    deep = Image.new("I;16", (4, 4), 0x8000)
    out = io.BytesIO()
    deep.save(out, "PNG")
    with Image.open(io.BytesIO(look(out.getvalue()).octets)) as drawn:
        assert drawn.mode == "L"
        assert abs(drawn.getpixel((1, 1)) - 0x80) <= 1


def test_place_and_camera_are_gone_and_the_picture_stands_upright():
    found = look(files.with_gps(size=(64, 48), orientation=6))
    assert (found.width, found.height) == (48, 64)
    assert b"CANARY" not in found.octets
    assert b"Exif" not in found.octets
    with Image.open(io.BytesIO(found.octets)) as drawn:
        assert not drawn.getexif()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_what_hangs_on_a_picture_is_gone(kind):
    """A polyglot: a picture and an archive, or a page with a script, in one."""
    tail = b"<html><script>CANARY</script></html>" + files.packed("CANARY.exe")
    assert b"CANARY" not in look(files.picture(kind) + tail).octets


def test_second_picture_of_a_telephone_is_left_out():
    out = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(out, "MPO", save_all=True, append_images=[Image.new("RGB", (4, 4), "blue")])
    assert look(out.getvalue()).width == 8


def test_pdf_is_kept_as_it_came():
    octets = files.pdf(3)
    found = look(octets)
    assert (found.octets, found.content_type, found.pages, found.width) == (octets, "application/pdf", 3, None)


def test_pdf_may_link_and_jump():
    link = files.names(S=files.NameObject("/URI"), URI=files.TextStringObject("https://example.org"))
    assert look(files.pdf_with("page:A", link)).pages == 1
    assert look(files.with_packed_objects(b"<</S /GoTo /D [3 0 R /Fit]>>")).pages == 1


# ── refused ─────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("octets", "code"),
    [
        (b"", "empty"),
        (b"\0" * 64, "unknown"),
        ("就是一段文字".encode(), "unknown"),
        (b"MZ\x90\0" + b"\0" * 64, "unknown"),
        (b"<!DOCTYPE html><script>alert(1)</script>", "markup"),
        (b"\xef\xbb\xbf  <?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "markup"),
        (b"  \n<svg/>", "markup"),
        (files.packed("word/document.xml"), "office"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 64, "office"),
        (b"Rar!\x1a\x07\0", "office"),
        (files.heic(), "heic"),
        (b"\0\0\0\x1cftypavif", "heic"),
        (files.moving("GIF"), "moving"),
        (files.moving("WEBP"), "moving"),
        (files.moving("PNG"), "moving"),
        (files.vast_png(), "too_many_pixels"),
        (files.picture("JPEG", size=(640, 480))[:-400], "broken_image"),
        (files.picture("PNG", size=(640, 480))[:300], "broken_image"),
        (files.picture("WEBP", size=(640, 480))[:60], "broken_image"),
        (b"\xff\xd8\xff<html>", "broken_image"),
        (b"\x89PNG\r\n\x1a\n<html>", "broken_image"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "broken_image"),
        (b"%PDF-1.4\n%%EOF", "broken_pdf"),
        (files.pdf()[:-20], "broken_pdf"),
        (files.pdf() + files.packed("x.exe"), "broken_pdf"),
        (b"GIF89a" + files.pdf(), "moving"),
        (b"\n" + files.pdf(), "unknown"),
        (files.pdf(0), "broken_pdf"),
        (files.nested(), "broken_pdf"),
        (files.encrypted_pdf(), "encrypted_pdf"),
    ],
)
def test_refused(octets, code):
    assert refused(octets).code == code


@pytest.mark.parametrize(
    "octets",
    [
        files.pdf_with("OpenAction", files.javascript()),
        files.pdf_with("page:AA", files.names(O=files.javascript())),
        files.pdf_with("OpenAction", files.launching()),
        files.pdf_with("Names", files.embedding()),
        files.pdf_with("AF", files.names(EF=files.names(F=files.NumberObject(1)))),
        files.pdf_with("AcroForm", files.names(XFA=files.TextStringObject("<xdp/>"))),
        files.pdf_with("OpenAction", files.names(S=files.NameObject("/GoToR"), F=files.TextStringObject("\\\\192.0.2.1\\share"))),
        files.pdf_with("OpenAction", files.names(S=files.NameObject("/SubmitForm"))),
        files.pdf_with("page:Annots", files.ArrayObject([files.names(Subtype=files.NameObject("/RichMedia"))])),
        files.with_packed_objects(),
        files.with_packed_objects(b"<</S /Java#53cript /J#53 (app.alert\\(1\\))>>"),
        files.with_packed_objects(listed=False),
        files.pdf().replace(b"/Type", b"/Java#53cript 1 /Type", 1),
    ],
    ids=["open", "page", "launch", "embedded", "associated", "xfa", "remote", "submit", "media", "packed", "escaped", "unlisted", "loose"],
)
def test_pdf_that_could_act_is_refused(octets):
    assert refused(octets).code == "active_pdf"


def test_limits_are_the_callers():
    assert refused(files.picture(size=(64, 48)), pixels_max=64 * 48 - 1).code == "too_many_pixels"
    assert look(files.picture(size=(64, 48)), pixels_max=64 * 48)
    assert refused(files.pdf(4), pages_max=3).code == "too_many_pages"
    assert str(refused(files.pdf(4), pages_max=3)) == "这个PDF有4页，超过3页的上限。请分成几个文件上传。"


@pytest.mark.parametrize("code", _SENTENCES)
def test_every_refusal_says_what_to_do(code):
    assert "请" in _SENTENCES[code]


# ── hostile to the parser itself ────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("octets", [files.bomb(), files.looping_pages()], ids=["bomb", "loop"])
def test_hostile_pdf_is_answered_in_seconds(octets):
    began = time.monotonic()
    assert refused(octets).code in {"broken_pdf", "unsafe"}
    assert time.monotonic() - began < 25


def test_parser_that_hangs_is_ended(monkeypatch, tmp_path):
    sleeper = tmp_path / "child.py"
    sleeper.write_text("import time\ntime.sleep(60)")
    monkeypatch.setattr(inspection, "_CHILD", sleeper)
    monkeypatch.setattr(inspection, "_SECONDS", 1)
    assert refused(b"x").code == "unsafe"


@pytest.mark.parametrize("script", ["import os; os.abort()", "print('no newline', end='')", "x = 1 / 0"])
def test_parser_that_dies_is_a_refusal(monkeypatch, tmp_path, script):
    dying = tmp_path / "child.py"
    dying.write_text(script)
    monkeypatch.setattr(inspection, "_CHILD", dying)
    assert refused(b"x").code == "unsafe"


def test_parser_has_no_files_sockets_processes_or_secrets(tmp_path):
    """Run with the child's own limits: whatever took over the parser finds its hands tied."""
    attempt = f"""
import sys, runpy, json, os, socket
sys.argv = ["child", "1", "1"]
child = runpy.run_path({str(inspection._CHILD)!r})
child["shut_the_door"]()
tried = {{}}
def attempt(name, what):
    try: what(); tried[name] = "done"
    except OSError: tried[name] = "refused"
attempt("read", lambda: open("/etc/passwd"))
attempt("write", lambda: open({str(tmp_path / "x")!r}, "w"))
attempt("socket", socket.socket)
tried["environment"] = sorted(os.environ)
print(json.dumps(tried))
"""
    done = subprocess.run([inspection.sys.executable, "-I", "-B", "-c", attempt], capture_output=True, env={}, check=True)
    tried = json.loads(done.stdout)
    assert tried.pop("environment") in ([], ["LC_CTYPE"])
    assert set(tried.values()) == {"refused"}
