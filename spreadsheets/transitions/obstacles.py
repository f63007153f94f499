"""What keeps a compared file from being entered, in a sentence that says what to do: on its page, and where somebody asks all the same."""

from ..models import Batch, StagedRow
from .comparing import has_rows_to_enter

ERROR = StagedRow.Outcome.ERROR


def obstacle(batch: Batch) -> str:
    """ "" where nothing is in the way. Nobody is gone by a slip of the pen: of a whole list every row says of whom it is."""
    wrong = int(batch.counts.get(ERROR, 0))
    if unknown := int(batch.counts.get("unknown", 0)):
        return (
            f"还不能提交：这是整份名单，有{unknown}行看不出是谁（号码有误，或填成了别人的号码），入库会当作他们已不在名单上。"
            f"请在“{ERROR.label}”中逐行更正；确不在名单上的才删除该行。"
        )
    if has_rows_to_enter(batch):
        return ""
    if not wrong:
        return "没有可以入库的行，请作废这个文件。"
    template = batch.declared
    rows = "在原表中改好后整份" if template is not None and template.is_whole else "下载错误行改好后"
    return f"{wrong}行都有错误，没有可以入库的行。请逐行更正，或{rows}重新上传；不要的请作废。"
