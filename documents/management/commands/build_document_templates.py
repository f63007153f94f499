from typing import Any

from django.core.management.base import BaseCommand

from documents.papers import PAPERS
from documents.reference import TEMPLATES
from documents.word.layout import build


class Command(BaseCommand):
    """Rebuilds `fixtures/documents/*.docx` after a change of `documents/word/texts.py`; `load_reference` delivers them."""

    help = "按平台自带的文字重新生成Word模板（fixtures/documents）"

    def handle(self, *args: Any, **options: Any) -> None:
        for kind in PAPERS:
            (TEMPLATES / f"{kind}.docx").write_bytes(build(kind))
            self.stdout.write(f"{kind}.docx")
