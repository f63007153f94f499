"""What the events of review lists read as in the record."""

PHRASES = {
    "review_list.opened": "生成复核清单：{new}",
    "review_list.closed": "复核清单全部复核：{new}",
    "assistance_record.checked": "登记复核结果：{name}，{new}。{note}",
}
SUBJECTS = {"monitoring.reviewlist": "复核清单", "monitoring.reviewline": "复核明细"}
