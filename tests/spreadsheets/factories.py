"""Files on their way in, as their uploader brings them, and the runner of their jobs."""

import csv
import io
from collections.abc import Sequence
from datetime import date
from typing import Any
from unittest.mock import patch

from deadlines import running
from spreadsheets import transitions
from spreadsheets.models import Batch
from tests.households.factories import id_number
from tests.spreadsheets.people import FIELDS

HEADS = [field.label for field in FIELDS]
AS_OF = date(2026, 8, 31)


def line(name: str = "虚构甲", number: str = "", phone: str = "13800138000", **more: str) -> list[str]:
    """A row of the tests' template, in the order of its columns."""
    given = {"name": name, "id_number": number or id_number(), "phone": phone, "township": "忠州街道", "amount": "560.50", **more}
    return [given.get(field.key, "") for field in FIELDS]


def octets(rows: Sequence[Sequence[str]], heads: Sequence[str] = HEADS) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows([heads, *rows])
    return out.getvalue().encode("utf-8-sig")


def handed_in(rows: Sequence[Sequence[str]], *, by: Any, template: str = "test:added", heads: Sequence[str] = HEADS, **more: Any) -> Batch:
    given = {"file_name": "名册.csv", "octets": octets(rows, heads), "as_of": AS_OF, **more}
    return transitions.hand_in(template=template, by=by, **given)


def run() -> None:
    """Whatever waits is done, one after the other."""
    with patch("deadlines.transitions.jobs.wake"):
        while running.run_next():
            pass


def read(rows: Sequence[Sequence[str]], *, by: Any, **more: Any) -> Batch:
    """Handed in and read: at its preview, or refused."""
    batch = handed_in(rows, by=by, **more)
    run()
    batch.refresh_from_db()
    return batch


def entered(rows: Sequence[Sequence[str]], *, by: Any, **more: Any) -> Batch:
    """The same, entered by whoever handed it in."""
    batch = read(rows, by=by, **more)
    transitions.propose(batch_id=batch.pk, jump_reason="与上期核对无误", by=by)
    run()
    batch.refresh_from_db()
    return batch
