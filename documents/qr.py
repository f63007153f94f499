"""QR codes of addresses, for paper."""

import io

import segno


def qr_data_uri(text: str) -> str:
    """An SVG for an `img` (the CSP allows data: pictures)."""
    return segno.make(text, error="m", micro=False).svg_data_uri(scale=4, border=2)


def qr_png(text: str) -> bytes:
    """For Word."""
    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(out, kind="png", scale=8, border=2)
    return out.getvalue()
