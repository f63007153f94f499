"""Names of files as they may be shown."""

import pytest

from documents.rules import tidy_name

JPEG, PDF = "image/jpeg", "application/pdf"


@pytest.mark.parametrize(
    ("name", "kind", "shown"),
    [
        ("身份证.jpg", JPEG, "身份证.jpg"),
        ("身份证.JPEG", JPEG, "身份证.jpg"),
        ("身份证.pdf.exe", JPEG, "身份证_pdf.jpg"),
        ("shell.php.jpg", JPEG, "shell_php.jpg"),
        ("../../etc/passwd", PDF, "passwd.pdf"),
        ("C:\\fakepath\\户口簿.png", JPEG, "户口簿.jpg"),
        ("收入证明 2026.05.01.pdf", PDF, "收入证明 2026.05.01.pdf"),
        ("a\u202egpj.exe", JPEG, "agpj.jpg"),
        ("行\r\nContent-Type: text/html.pdf", PDF, "html.pdf"),
        ("\x00\x1b[31m.jpg", JPEG, "[31m.jpg"),
        ('"><img src=x onerror=y>.jpg', JPEG, "img src_x onerror_y.jpg"),
        ("..", JPEG, "附件.jpg"),
        ("", PDF, "附件.pdf"),
        ("   .jpg", JPEG, "附件.jpg"),
        ("13800000000.jpg", JPEG, "138****0000.jpg"),
        ("李明 999999199003070011.jpg", JPEG, "李明 999999********0011.jpg"),
        ("𠮷田.jpg", JPEG, "𠮷田.jpg"),
        ("e\u0301.jpg", JPEG, "é.jpg"),
    ],
)
def test_tidy_name(name, kind, shown):
    assert tidy_name(name, kind) == shown


def test_long_name_fits():
    assert tidy_name("长" * 400 + ".jpg", JPEG) == "长" * 100 + ".jpg"
