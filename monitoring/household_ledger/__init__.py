"""按户统计台账 (L1, ZX-25): every assistance with everybody whom it reaches, by household, as of a month's end."""
