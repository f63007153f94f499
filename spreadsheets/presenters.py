"""This room's verbs in Chinese, for the record."""

PHRASES = {"spreadsheet.exported": "导出{sheet}，{new}（{note}）"}
