"""L1 as what may be taken out of the house (`spreadsheets.ledgers`)."""

from spreadsheets import ledgers

from .forms import LedgerForm
from .permissions import has_household_ledger
from .sheets import TITLE, parts

KEY = "households"


def register() -> None:
    ledgers.register(
        ledgers.Ledger(
            key=KEY,
            title=TITLE,
            number="L1",
            about="每人每项救助一行，每户一行汇总，另附对上月的更正；已月结的月份不再变动。",
            may=has_household_ledger,
            form=LedgerForm,
            parts=_parts,
            may_in_clear=True,
            page="monitoring:household_ledger",
        )
    )


def _parts(asked: ledgers.Asked) -> list[ledgers.Part]:
    form = LedgerForm(asked.given, asked.by)
    if not form.is_valid():
        raise ValueError(f"no ledger of {sorted(form.errors)}")
    return parts(form.book(), in_clear=asked.in_clear)
