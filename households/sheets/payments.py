"""What the bank did with a payment list, line by line, as a sheet of the import: the list itself with the result beside each line (XX-13).

A template is one list's: its hidden id names the list, and each line names its list, month, payee and sum again, so that the file of
another month, program or list is told by a sentence. A file may hold some of the lines; what it does not name stays as it is.
"""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.core.exceptions import ValidationError

from config.protection.fields import BANK_ACCOUNT
from config.protection.sealing import digest_texts
from config.verbs import TransitionError
from spreadsheets.declaration import Comparison, Field, Template, Type
from spreadsheets.staged import refuse, typed

from ..models import PaymentLine, PaymentList
from ..models.payment import code_of
from ..payments.permissions import can_work_on
from .people import asked, differs, masked, run

if TYPE_CHECKING:
    from organization.models import Post
    from spreadsheets.models import Batch

FAMILY = "households.payments"
PAID, FAILED = PaymentLine.State.PAID, PaymentLine.State.FAILED
REPORTED = ("sent", "settled")
NAMED = re.compile(r"%\((\w+)\)s")
PAYEE, PAYER = ("收款", "领款", "收方"), ("付款", "付方", "汇款", "扣款", "经办", "代办")  # in a bank's file: whose column it is
FIELDS = (
    Field("line", "行号", Type.WHOLE, required=True, least=1, aliases=("序号", "名册行号"), help="花名册上的行号", example="1"),
    Field("month", "发放月份", Type.MONTH, required=True, aliases=("月份",), example="2026-09"),
    Field(
        "name", "领款人", Type.NAME, required=True, ours=PAYEE, others=PAYER,
        aliases=("姓名", "户名", "收款人", "收款户名", "收款人户名", "收款人姓名", "收款人名称", "收款方户名"),
    ),
    Field("amount", "应发（元）", Type.MONEY, required=True, aliases=("金额", "应发金额", "发放金额", "金额（元）"), example="600.00"),
    Field(
        "result", "发放结果", Type.CODE, required=True, codes=((PAID, "成功"), (FAILED, "失败")),
        aliases=("结果", "处理结果", "状态"), example="成功", words=((PAID, "发放成功"), (PAID, "已发放"), (FAILED, "发放失败")),
        missing="没有填发放结果。银行已有结果的填“成功”或“失败”；还没有结果的，把这一行删去，有了结果再报。",
    ),
    Field("paid_on", "发放日期", Type.DATE, aliases=("入账日期", "交易日期", "到账日期"), help="成功的须填写"),
    Field("failure", "失败原因", longest=60, aliases=("原因", "摘要"), help="失败的须填写，如“账户已注销”"),
    Field(
        "id_number", "证件号码", Type.ID_NUMBER, ours=PAYEE, others=PAYER,
        aliases=("身份证号", "身份证号码", "领款人证件号码", "收款人证件号码", "收款人身份证号", "收款人身份证号码"),
        help="可以不填；填了完整号码的，与名册上领款人的核对", may_be_masked=True,
    ),
    Field(
        "account", "银行账号", Type.BANK_ACCOUNT, ours=PAYEE, others=PAYER,
        aliases=("账号", "收款账号", "收款人账号", "收款方账号", "收款账户", "银行卡号", "卡号"),
        help="可以不填；填了完整账号的，与名册上的核对，只有尾号的核对末四位", may_be_masked=True,
    ),
    Field("code", "名册编号", longest=20, help="花名册和回盘表中已有，不用改", example="MZ01-202609-1"),
)  # fmt: skip
NOTES = ("可以分几次上传，每次只填已有结果的行。", "先前报为成功、后来退汇的，再报一次失败即可更正。")

# Accounts of which the bank gave the last four alone: their cells hold no more than what the mask of a whole one shows (`_tails`).
IS_TAIL = "r.account_digest = ANY (%(tails)s::uuid[])"

# Rows that are not this list's, or say nothing: the cell, the sentence, and when.
WRONG: tuple[tuple[str, str, str], ...] = (
    ("line", "'名册中没有第' || r.line || '行。请核对是不是这份名册的结果。'", "l.id IS NULL"),
    (
        "month", "'这一行是' || to_char(r.month, 'YYYY年FMMM月') || '的，这份名册是' || to_char(%(month)s::date, 'YYYY年FMMM月') "
        "|| '的。请到该月的名册上传。'", "r.month <> %(month)s::date",
    ),
    ("code", "'这一行的名册编号是' || r.code || '，这份名册是' || %(code)s || '。请到那份名册上传。'",
     "r.month = %(month)s::date AND upper(r.code) <> %(code)s"),
    ("name", f"'第' || r.line || '行的领款人登记为' || COALESCE({masked('p.name')}, '无') || '，与表中不同。请核对是不是这份名册。'",
     f"l.id IS NOT NULL AND (p.name IS NULL OR {differs('r.name', 'p.name')})"),
    (
        "id_number", "'第' || r.line || '行领款人登记的证件号码是' || COALESCE(NULLIF(p.id_number_masked, ''), '无') || '，表中为' "
        "|| r.id_number || '。请与银行核对这笔款发给了谁；表中写错的，改正或删去号码再上传。'",
        "p.id IS NOT NULL AND r.id_number_digest IS NOT NULL AND NOT EXISTS (SELECT FROM households_resident v "
        "WHERE v.id IN (p.id, p.survivor_id) AND v.id_number_digest = r.id_number_digest)",
    ),
    (
        "account", "'第' || r.line || '行的账户在名册上是' || l.account_masked || '，表中为' || r.account || '。"
        "请与银行核对这笔款发到了哪个账户；表中写错的，改正或删去账号再上传。'",
        f"l.account_digest IS NOT NULL AND r.account_digest <> l.account_digest AND NOT {IS_TAIL}",
    ),
    (
        "account", "'第' || r.line || '行的账户在名册上是' || l.account_masked || '，表中只有末四位，为' || r.account || '。"
        "请与银行核对这笔款发到了哪个账户；表中写错的，改正或删去账号再上传。'",
        f"l.account_digest IS NOT NULL AND r.account <> l.account_masked AND {IS_TAIL}",
    ),
    ("amount", "'第' || r.line || '行应发' || l.payable || '元，表中为' || r.amount || '元。请核对是不是这份名册。'",
     "r.amount <> l.payable"),
    ("line", "'第' || r.line || '行本月不发，没有发放结果。'", "l.state = 'none'"),
    ("result", "'第' || r.line || '行的款项已在以后的名册重发，结果不能再改。'", "l.resent_in_id IS NOT NULL"),
    ("paid_on", "'发放成功的须填写发放日期。'", "r.result = 'paid' AND r.paid_on IS NULL"),
    ("paid_on", "'发放日期' || r.paid_on || '早于发放月份，或晚于数据截止日。请核对。'",
     "r.result = 'paid' AND (r.paid_on < %(month)s::date OR r.paid_on > %(as_of)s)"),
    ("failure", "'发放失败的须写明原因，如“账户已注销”“户名不符”。'", "r.result = 'failed' AND COALESCE(r.failure, '') = ''"),
)  # fmt: skip
COMPARE = """
    UPDATE spreadsheets_stagedrow s SET subject_id = l.id, person_id = l.payee_id,
        region_code = l.region_code,
        outcome = CASE
            WHEN l.state = 'due' THEN 'new'
            WHEN l.state = r.result AND l.paid_on IS NOT DISTINCT FROM CASE WHEN r.result = 'paid' THEN r.paid_on END
                AND l.failure = CASE WHEN r.result = 'failed' THEN r.failure ELSE '' END THEN 'same'
            ELSE 'changed' END,
        before = CASE WHEN l.state = 'due' THEN '{{}}'::jsonb ELSE jsonb_strip_nulls(jsonb_build_object(
            'result', l.state, 'paid_on', l.paid_on, 'failure', NULLIF(l.failure, ''))) END,
        marks = s.marks || ARRAY[r.result]::varchar[]
    FROM ({rows}) r JOIN households_paymentline l ON l.list_id = %(list)s AND l.number = r.line
    WHERE s.id = r.id
"""
TAIL_ALONE = """
    SELECT count(*) FROM spreadsheets_stagedrow s JOIN households_paymentline l ON l.id = s.subject_id
    WHERE s.batch_id = %s AND s.outcome <> 'error' AND l.account_digest IS NOT NULL
        AND (s.sealed #>> '{account,d}')::uuid = ANY (%s::uuid[])
"""
# What was compared and is no longer so: somebody else reported the same lines.
MOVED = """
    SELECT count(*) FROM spreadsheets_stagedrow s JOIN households_paymentline l ON l.id = s.subject_id
    WHERE s.batch_id = %s AND s.outcome IN ('new', 'changed') AND (l.resent_in_id IS NOT NULL
        OR l.state <> CASE WHEN s.outcome = 'new' THEN 'due' ELSE s.before ->> 'result' END)
"""


# Under which the headings of a bank's files are remembered: they are the same for each list. Nothing is handed in for it.
ANY = Template(key=f"{FAMILY}:", title="待遇发放结果", fields=FIELDS, key_fields=("line",), person="")


class PaymentResults:
    """The owner of `households.payments` (see `spreadsheets.declaration.Owner`)."""

    def template(self, name: str) -> Template | None:
        if not name:
            return ANY
        try:
            row = PaymentList._base_manager.select_related("program").filter(pk=UUID(name)).first()
        except (ValueError, ValidationError):
            return None
        return template_of(row) if row is not None else None

    def listed_for(self, post: "Post") -> Sequence[Template]:
        """The lists of the department that wait for results."""
        rows = PaymentList.objects.visible_to(post).filter(status="sent").select_related("program").order_by("-month", "program")
        return [template_of(row) for row in rows if can_work_on(post, row)]

    def may_hand_in(self, post: "Post", template: Template) -> bool:
        if not template.name:
            return False
        row = PaymentList.objects.visible_to(post).filter(pk=template.name).select_related("program").first()
        return row is not None and row.status in REPORTED and can_work_on(post, row)

    def rows_for(self, post: "Post", template: Template) -> Sequence[dict[str, Any]]:
        """Every line that waits, to be filled with what became of it."""
        lines = PaymentLine.objects.visible_to(post).filter(list_id=template.name, state="due").order_by("number")
        found = lines.values_list("number", "list__month", "payee__name", "payable", "list__program_id", "list__serial")
        return [
            {
                "line": number,
                "month": f"{month:%Y-%m}",
                "name": name or "",
                "amount": str(payable),
                "result": "",
                "paid_on": "",
                "failure": "",
                "id_number": "",
                "account": "",
                "code": code_of(program_code, month, serial),
            }
            for number, month, name, payable, program_code, serial in found
        ]

    def compare(self, batch: "Batch", template: Template) -> Comparison:
        row = _list(template)
        params = {"month": row.month, "code": row.code, "as_of": batch.as_of, "list": row.pk, "batch": batch.pk, "tails": _tails(batch)}
        rows = typed(template).replace("%s", "%(batch)s")
        for field, sentence, condition in WRONG:
            source = (
                f"SELECT r.id, {sentence}, '' FROM ({rows}) r LEFT JOIN households_paymentline l ON l.list_id = %(list)s "  # noqa: S608
                f"AND l.number = r.line LEFT JOIN households_resident p ON p.id = l.payee_id WHERE {condition}"
            )
            run_refuse(batch, field, source, params)
        run(COMPARE.format(rows=rows), params)
        counted = dict(
            asked(
                "SELECT m, count(*) FROM spreadsheets_stagedrow, unnest(marks) m WHERE batch_id = %s AND outcome IN ('new', 'changed') "
                "GROUP BY m",
                [batch.pk],
            )
        )
        [(counted["tail"],)] = asked(TAIL_ALONE, [batch.pk, params["tails"]])
        words = (("发放成功", PAID), ("发放失败（交乡镇核对账户）", FAILED), ("只有账号尾号，仅核对了末四位", "tail"))
        return Comparison(remarks=tuple((word, int(counted[key])) for word, key in words if counted.get(key)))

    def apply(self, batch: "Batch", template: Template, by: "Post") -> None:
        """Raises TransitionError: somebody else has reported the same lines since the comparison."""
        from ..transitions.payment_results import enter_results

        self.hold(template)
        row = _list(template)
        asked(
            "SELECT l.id FROM households_paymentline l JOIN spreadsheets_stagedrow s ON s.subject_id = l.id WHERE s.batch_id = %s "
            "ORDER BY l.id FOR NO KEY UPDATE OF l",
            [batch.pk],
        )
        [(moved,)] = asked(MOVED, [batch.pk])
        if moved:
            raise TransitionError(f"比对之后有{moved}行的结果已由他人登记或已重发。")
        enter_results(batch=batch, rows=typed(template), payment_list=row, by=by)

    def hold(self, template: Template) -> None:
        """The list before its lines, which it is settled by."""
        asked("SELECT id FROM households_paymentlist WHERE id = %s FOR NO KEY UPDATE", [template.name])

    def undone(self, batch: "Batch", template: Template, by: "Post") -> None:
        """The lines stand as before: their clocks and their list follow."""
        from ..transitions.payment_results import follow

        row = _list(template)
        ids = [pk for (pk,) in asked("SELECT unnest(row_ids)::uuid FROM spreadsheets_effect WHERE batch_id = %s", [batch.pk])]
        follow(line_ids=ids, payment_list=row, by=by)


def template_of(row: PaymentList) -> Template:
    return Template(
        key=f"{FAMILY}:{row.pk}", title=f"{row.program}{row}发放结果"[:80], fields=FIELDS, key_fields=("line",), person="",
        notes=NOTES, sensitive=row.program.is_sensitive, memory=ANY.key,
    )  # fmt: skip


def _list(template: Template) -> PaymentList:
    row = PaymentList._base_manager.select_related("program", "unit").filter(pk=template.name).first()
    if row is None or row.status not in REPORTED:
        raise TransitionError("这份名册还没有送发放，不能登记发放结果。请先下载花名册送财政或银行。")
    return row


def _tails(batch: "Batch") -> list[str]:
    """The digests of the ends that the file's accounts have, each as if it were all that was given: a cell that has one holds no more."""
    ends = asked("SELECT DISTINCT cells ->> 'account' FROM spreadsheets_stagedrow WHERE batch_id = %s AND sealed ? 'account'", [batch.pk])
    return [digest for digest, _ in digest_texts(BANK_ACCOUNT, [end for (end,) in ends if end])]


def run_refuse(batch: "Batch", field: str, source: str, params: dict[str, Any]) -> None:
    """`spreadsheets.staged.refuse` takes values by place: ours are named, since a condition may use one twice."""
    places: list[Any] = []

    def place(found: Any) -> str:
        places.append(params[found.group(1)])
        return "%s"

    refuse(batch, field, NAMED.sub(place, source), places)


class PaymentDoor:
    """By which a list's results come in: from its own page, and the file's page leads back there."""

    def applied(self, batch: "Batch", by: "Post") -> None:
        """What follows is the owner's, whichever way the file came."""

    def undone(self, batch: "Batch", by: "Post") -> None:
        """As `applied`."""

    def way_back(self, batch: "Batch") -> tuple[str, str] | None:
        row = PaymentList._base_manager.filter(pk=batch.subject_id).first()
        return (str(row), row.get_absolute_url()) if row else None
