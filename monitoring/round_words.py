"""What the record says of data rounds and deliveries."""

PHRASES = {
    "round.opened": "开放{new}",
    "delivery.opened": "生成{new}，截止{note}",
    "delivery.item_updated": "更新报送项“{new}”：{note}",
    "delivery.item_reopened": "撤回报送项“{new}”：{note}",
    "delivery.items_unchanged": "声明{note}本月无变化",
    "delivery.submitted": "报送数据{note}",
    "delivery.returned": "退回数据报送：{note}",
    "delivery.accepted": "确认数据报送",
    "delivery.paper_received": "登记收到纸质资料（{new}）",
}
SUBJECTS = {"monitoring.round": "报送轮次", "monitoring.delivery": "数据报送", "monitoring.deliveryitem": "报送项"}
