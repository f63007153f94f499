"""What a ledger gives, read as its file writes it."""

from typing import Any

from organization.models import Post
from spreadsheets.ledgers import Asked, Ledger


def sheets(ledger: Ledger, by: Post, *, in_clear: bool = False, **given: str) -> list[list[dict[str, Any]]]:
    """The rows of each sheet, by the labels of its columns. The form is held to be valid, as the page and the job do."""
    form = ledger.form(given, by)
    assert form.is_valid(), form.errors
    found = []
    for part in ledger.parts(Asked(by, given, in_clear)):
        rows = part.held(10_000)
        labels = [column.label for column in part.columns]
        assert len(labels) == len(set(labels)), part.title
        found.append([dict(zip(labels, row, strict=True)) for row in rows])
    return found
