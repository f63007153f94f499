"""What lists have corrected downwards of one aid by themselves: whoever recovers money (追回) reads it, lest the same be claimed twice
(docs/adr/0034)."""

from django.db.models import F, Max, Min, Q, Sum

from config.dates import month_words

from ..models import AssistanceRecord, PaymentCorrection, PaymentLine, PaymentList


def told_before_recovery(record: AssistanceRecord) -> str:
    """How much of which months, and whether it is paid off; "" where nothing was."""
    once = AssistanceRecord.Cadence.ONCE
    whose = Q(record__program_id=record.program_id, record__household_id=record.household_id, record__resident_id=record.resident_id)
    key = Q(record=record) if record.cadence == once else ~Q(record__cadence=once)
    lines = PaymentLine._base_manager.filter(whose).exclude(list__status=PaymentList.Status.DRAFT)
    less = PaymentCorrection._base_manager.filter(line__in=lines.filter(key).order_by(), rightful__lt=F("listed"))
    found = less.aggregate(much=Sum(F("listed") - F("rightful")), first=Min("month"), last=Max("month"))
    if found["much"] is None:
        return ""
    months = month_words(found["first"]) + (f"至{month_words(found['last'])}" if found["last"] > found["first"] else "")
    told = f"发放名册已自动更正{months}多发的{found['much']}元"
    latest = lines.filter(list__kind=PaymentList.Kind.REGULAR).order_by("-list__month").values_list("list", flat=True)[:1]
    owed = lines.filter(list__in=list(latest)).aggregate(owed=Max("owed"))["owed"]
    if owed:
        return f"{told}，还有{owed}元没有扣回。现在作出的追回与它按较大的一个扣，不重复扣；另有多发的，等扣完以后再追回。"
    return f"{told}，不再有待扣回的。同一笔多发的不要再追回，会重复扣；确属另一笔的，才追回。"
