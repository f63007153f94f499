"""The long work of files on their way in (`deadlines.jobs`) and what comes round each night."""

from deadlines.jobs import Context, JobFailed, Result
from deadlines.periods import Period

from . import transitions
from .models import Batch

S = Batch.Status


def read(context: Context) -> Result:
    """Read and compare: what cannot be read is no failed job, the sentence stands at the batch."""
    batch = transitions.read(
        batch_id=context.arguments["batch"], by=context.asked_by, told=lambda done, step: context.progress(done, None, step)
    )
    return _result(batch, batch.refusal or f"共{batch.rows}行，{_counted(batch)}")


def apply(context: Context) -> Result:
    batch = transitions.apply(batch_id=context.arguments["batch"])
    if batch.status == S.READY:
        return _result(batch, f"没有入库，原因见这个文件的页面。{transitions.next_step(batch)}")
    return _result(batch, f"已入库，{_counted(batch)}")


def undo(context: Context) -> Result:
    batch = transitions.undo(batch_id=context.arguments["batch"], by=context.asked_by)
    if batch.status != S.UNDONE:
        raise JobFailed("没有撤销，原因见这个文件的页面。")
    return _result(batch, "已撤销，数据恢复到入库之前。")


def export(context: Context) -> Result:
    made = transitions.make_export(export_id=context.arguments["export"], told=context.progress)
    return Result(url=made.get_absolute_url(), text=f"共{made.rows}行，可下载至{made.expires_on:%Y-%m-%d}", data={"rows": made.rows})


def run_reports(_: Period) -> str:
    return f"发起{transitions.run_reports()}份上报"


def remove_expired(_: Period) -> str:
    return f"清除{transitions.remove_expired()}个到期的导出文件"


def tidy(_: Period) -> str:
    dropped, forgotten = transitions.tidy()
    return f"作废{dropped}个长期未确认的文件，清理{forgotten}行暂存数据"


def _counted(batch: Batch) -> str:
    return "，".join(f"{outcome.label}{batch.counts[outcome]}" for outcome in Batch.OUTCOMES if batch.counts.get(outcome))


def _result(batch: Batch, text: str) -> Result:
    counts = {outcome.value: batch.counts[outcome] for outcome in Batch.OUTCOMES if batch.counts.get(outcome)}
    return Result(url=batch.get_absolute_url(), text=text, data=counts)
