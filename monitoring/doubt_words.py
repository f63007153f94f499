"""What the record says of closed doubts."""

PHRASES = {"doubt.closed": "办结疑点（{new}）：{note}"}
