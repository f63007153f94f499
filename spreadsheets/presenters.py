"""This room's verbs in Chinese, for the record."""

PHRASES = {
    "spreadsheet.exported": "导出{sheet}，{new}（{note}）",
    "spreadsheet.blank_handed_out": "下载空白模板{sheet}，{new}",
    "batch.errors_handed_out": "下载错误行，{new}（{note}）",
    "batch.handed_in": "上传导入文件，{unit}，{new}",
    "batch.mapped": "对应导入文件的列，{columns}列",
    "batch.read": "读取导入文件，{new}，变更{changes}条，错误{errors}行",
    "batch.refused": "导入文件未读成：{note}",
    "batch.row_mended": "更正导入文件{new}",
    "batch.row_taken_out": "删除导入文件{old}",
    "batch.dropped": "作废导入文件：{note}",
    "batch.proposed": "提交入库确认，变更{new}（{note}）",
    "batch.sent_back": "退回导入文件：{note}",
    "batch.confirmed": "确认入库，变更{new}（{note}）",
    "batch.applied": "导入数据入库，变更{new}",
    "batch.held_up": "导入未入库：{note}",
    "batch.undo_asked": "要求撤销入库：{note}",
    "batch.undone": "撤销入库：{note}",
    "row.put_back": "撤销导入，恢复为入库之前的内容",
}
SUBJECTS = {"spreadsheets.batch": "导入批次"}
