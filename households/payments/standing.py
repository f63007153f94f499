"""Records that stand in a payment list: the entry that made them is not taken back (docs/adr/0029)."""

from django.db.models import Count, Q

from organization.models import Post
from spreadsheets import holders
from spreadsheets.models import Batch

from ..models import AssistanceRecord, PaymentLine, PaymentList


class PaymentLists:
    """A draft can be dropped first; by what is closed somebody has been paid, or will be."""

    def holds(self, batch: Batch) -> str:
        lines = PaymentLine._base_manager.filter(record_id__in=holders.made(batch, AssistanceRecord))
        is_closed = ~Q(list__status=PaymentList.Status.DRAFT)
        counted = lines.aggregate(listed=Count("record", distinct=True), closed=Count("record", distinct=True, filter=is_closed))
        if counted["closed"]:
            return f"入库的救助有{counted['closed']}项已列入月结的发放名册，不能整批撤销。请按业务流程逐条更正。"
        if counted["listed"]:
            return f"入库的救助有{counted['listed']}项已编入待月结的发放名册。请先在“待遇发放”删除该名册，再撤销入库。"
        return ""

    def let_go(self, batch: Batch, by: Post) -> None:
        """Nothing: a list is somebody's work."""
