"""What the record says of closed days and months."""

PHRASES = {
    "day.closed": "确认{new}日清（{note}）",
    "day.supplemented": "补充日清说明：{note}",
    "month.opened": "开始{new}月结",
    "month.closed": "确认{new}月结，{note}",
}
SUBJECTS = {"monitoring.dayclose": "日清", "monitoring.monthclose": "月结", "monitoring.daysupplement": "日清补充说明"}
