"""All ledgers of this room, declared from `apps.ready`."""

from spreadsheets import ledgers

from . import acts, declared, doubted, exempt, fading, key_people, kin, newly_aided, refusals

LEDGERS = (
    key_people.LEDGER, refusals.LEDGER, newly_aided.LEDGER, fading.LEDGER, kin.LEDGER, exempt.LEDGER, doubted.LEDGER, *acts.ALL,
    *declared.ALL,
)  # fmt: skip


def register() -> None:
    for ledger in LEDGERS:
        ledgers.register(ledger)
