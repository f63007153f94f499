"""The delivered texts and Word templates. Loading twice changes nothing; what the county has published since stays in force.

Every text says where it comes from; all are `assumed`: drafted for the platform after the sources named, to be approved by 县民政局.
"""

import csv
import hashlib
from datetime import date
from pathlib import Path

from django.conf import settings
from django.db import transaction

from config import clock
from organization.models import Post

from . import transitions
from .models import FormVersion
from .papers import PAPERS

FORMS = Path(settings.BASE_DIR) / "fixtures" / "forms"
TEMPLATES = Path(settings.BASE_DIR) / "fixtures" / "documents"


@transaction.atomic
def load(*, by: Post, forms: Path = FORMS, templates: Path = TEMPLATES) -> None:
    with (forms / "forms.csv").open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            _load_form(row, (forms / row["file"]).read_text(encoding="utf-8"), by)
    for kind in PAPERS:
        octets = (templates / f"{kind}.docx").read_bytes()
        transitions.deliver_template(kind=kind, octets=octets, fixture_digest=hashlib.sha256(octets).hexdigest(), by=by)


def _load_form(row: dict[str, str], text: str, by: Post) -> None:
    """A changed file is the next version. It is published where the last published one was a delivered one, else it is a draft."""
    digest = hashlib.sha256(f"{row['title']}\n{text}".encode()).hexdigest()
    versions = list(FormVersion.objects.visible_to(by).filter(key=row["key"]).order_by("-number"))
    if any(version.fixture_digest == digest for version in versions):
        return
    form = transitions.draft_form(
        key=row["key"], title=row["title"], text=text, origin=row["origin"], source=row["source"], fixture_digest=digest, by=by
    )
    published = next((version for version in versions if version.is_published), None)
    if published is None:
        transitions.publish_form(form_id=form.pk, valid_from=date.fromisoformat(row["valid_from"]), by=by)
    elif published.fixture_digest:
        transitions.publish_form(form_id=form.pk, valid_from=clock.today(), by=by)
