"""What the record says of closed ledgers."""

PHRASES = {"ledger_month.closed": "按户统计台账月结：{new}，{note}"}
SUBJECTS = {"monitoring.ledgermonth": "台账月结"}
