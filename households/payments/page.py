"""What the pages of payment lists show, computed once."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from config import clock
from config.dates import month_words
from config.protection.masks import mask_name
from organization.kinds import TOWNSHIP
from organization.models import Post

from ..models import PaymentLine, PaymentList
from . import permissions
from .sheets import places_of

C = PaymentLine.Change
S = PaymentLine.State
TABS: dict[str, tuple[str, Q]] = {
    "all": ("全部", Q()),
    "new": (C.NEW.label, Q(change=C.NEW)),
    "more": (C.MORE.label, Q(change=C.MORE)),
    "less": (C.LESS.label, Q(change=C.LESS)),
    "stopped": (C.STOPPED.label, Q(change=C.STOPPED)),
    "held": (C.HELD.label, Q(change=C.HELD)),
    "back": (C.BACK.label, Q(change=C.BACK)),
    "corrected": ("更正以前月份", Q(corrections__isnull=False)),
    "resent": ("重发", Q(resent__gt=0)),
    "no_account": ("没有账号", Q(payable__gt=0, account_masked="")),
    "due": (S.DUE.label, Q(state=S.DUE)),
    "failed": (S.FAILED.label, Q(state=S.FAILED)),
}
ALWAYS = {"all", "new", "more", "less", "stopped"}
NO_ACCOUNT_OF_DRAFT = Q(payable__gt=0) & (Q(payee=None) | Q(payee__bank_account_masked=""))


def condition(row: PaymentList, tab: str) -> Q:
    return NO_ACCOUNT_OF_DRAFT if tab == "no_account" and row.status == "draft" else TABS[tab][1]


@dataclass(frozen=True)
class Sums:
    """Of a list, as far as a post sees it: how many lines and how much, by what became of them."""

    people: int = 0
    total: Any = 0
    paid: int = 0
    paid_sum: Any = 0
    failed: int = 0
    failed_sum: Any = 0
    due: int = 0


def sums_of(lines: "QuerySet[PaymentLine]", lists: list[Any]) -> dict[Any, Sums]:
    """Of these lists at once, one statement."""
    rows = lines.filter(list__in=lists).exclude(state=S.NONE).order_by().values_list("list_id", "state")
    found: dict[Any, dict[str, tuple[int, Any]]] = {}
    for pk, state, count, total in rows.annotate(count=Count("pk"), total=Sum("payable")):
        found.setdefault(pk, {})[state] = (count, total)
    return {pk: _summed(states) for pk, states in found.items()}


def _summed(states: dict[str, tuple[int, Any]]) -> Sums:
    paid, failed, due = (states.get(state, (0, 0)) for state in (S.PAID, S.FAILED, S.DUE))
    return Sums(
        people=paid[0] + failed[0] + due[0], total=paid[1] + failed[1] + due[1], paid=paid[0], paid_sum=paid[1], failed=failed[0],
        failed_sum=failed[1], due=due[0],
    )  # fmt: skip


class ListPage:
    """One list before a post: what it says, and what may be done with it now."""

    def __init__(self, row: PaymentList, post: Post) -> None:
        self.row, self.post = row, post
        self.lines = PaymentLine.objects.visible_to(post).filter(list=row)
        self.sums = sums_of(self.lines, [row.pk]).get(row.pk, Sums())
        works, is_draft = permissions.can_work_on(post, row), row.status == "draft"
        self.is_own = works
        self.may_remake = is_draft and works
        self.may_close = is_draft and permissions.can_close(post, row)
        self.may_send = not is_draft and works
        self.may_report = row.status in {"sent", "settled"} and works
        self.waits_for_second = is_draft and works and not self.may_close

    @property
    def terms(self) -> list[tuple[str, str]]:
        row, sums = self.row, self.sums
        found = [("救助项目", str(row.program)), ("发放月份", month_words(row.month)), ("名册种类", row.get_kind_display())]
        found.append(("发放单位", row.unit.name))
        found.append(("本乡镇（街道）应发" if self.post.unit.kind in TOWNSHIP else "应发", f"{sums.people}笔，{sums.total:,.2f}元"))
        if row.status in {"sent", "settled"}:
            paid = f"成功{sums.paid}笔{sums.paid_sum:,.2f}元，失败{sums.failed}笔{sums.failed_sum:,.2f}元，待回盘{sums.due}笔"
            found.append(("发放结果", paid))
        acts = (
            ("编制", row.made_at, row.made_by), ("月结", row.closed_at, row.closed_by), ("送发放", row.sent_at, row.sent_by),
            ("完结", row.settled_at, row.settled_by),
        )  # fmt: skip
        return [*found, *((what, f"{clock.local(at):%Y-%m-%d %H:%M} {by.label}") for what, at, by in acts if at and by)]

    def tabs(self, current: str) -> list[dict[str, Any]]:
        counts = self.lines.order_by().aggregate(
            **{name: Count("pk", filter=condition(self.row, name), distinct=name == "corrected") for name in TABS}
        )
        return [
            {"label": label, "url": f"{self.row.get_absolute_url()}?tab={name}", "is_current": name == current, "count": counts[name]}
            for name, (label, _) in TABS.items()
            if counts[name] or name in ALWAYS
        ]


def shown(lines: Any, *, in_full: bool) -> list[dict[str, Any]]:
    """Lines as a page shows them: names in full to the department that pays, masked to everybody else."""
    places = places_of()
    return [
        {
            "line": line,
            "who": (line.payee.name if in_full else mask_name(line.payee.name)) if line.payee else "没有领款人",
            "id_number": line.payee.id_number if line.payee else "",
            "account": line.account or (line.payee.bank_account if line.payee and line.list.status == "draft" else ""),
            "place": "".join(places(line.region_code)),
            "corrections": list(line.corrections.all()),
        }
        for line in lines
    ]
