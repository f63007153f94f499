"""What was found, in words: the evidence of a doubt names ids, codes and dates alone, and is told to a post with the names it may see."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse

from households.models import AssistanceRecord, IdentityTag, Resident
from households.showing import shown_name
from organization.models import Post
from programs.models import FactKind, Program
from referrals.changes import standing_text
from spreadsheets.models import Batch

from .models import Doubt
from .transitions.closing_doubts import ids_in

Kind = Doubt.Kind
# By whom somebody is said to be dead, or kin of staff.
SAID_BY = {
    "register": "人员档案登记",
    "death_date": "死亡信息",
    "cremation_date": "火化信息",
    "death_certificate": "死亡医学证明",
    "register_cancelled": "户籍注销",
    "staff": "工作人员申报",
    "household": "家庭申报",
}
WHY = {
    Kind.AFTER_DEATH: "对象死亡以后，救助仍在发放。请核实死亡日期，停止或调整救助；多发的依程序追回。",
    Kind.TWICE: "同一个人从两条记录享受同一项救助。请核实哪一条应当停止。",
    Kind.EXCLUSIVE: "按现行规则，这两项救助不能同时享受。请核实保留哪一项。",
    Kind.MANY: "同一需要由几个部门救助。多个部门救助不一定违规，请核实是否重复、是否超出需要。",
    Kind.OMITTED: "按现行规则和已掌握的数据符合条件，没有享受，也没有申请。请上门核实，应救尽救。",
    Kind.WATCHED: "防返贫监测户没有低保、特困，也没有申请。请核实是否符合低保条件（双向比对）。",
    Kind.UNWATCHED: "农村低保户不在防返贫监测和脱贫人口名单中。请核实是否应当纳入监测（双向比对）。",
    Kind.IDENTITY: "部门文件中的姓名与登记的不一致。请核对证件。",
    Kind.TWO_HOMES: "部门文件把此人列入另一个家庭。没有重复登记成员，请核实应当属于哪一户。",
    Kind.LOOSE: "此人在享受救助或在部门名册上，但不属于任何家庭。请立户或加入家庭。",
    Kind.KIN: "享受救助的家庭中有人与经办人员是近亲属，没有备案。请核实后办理备案。",
    Kind.UNPAID: "已经批准，但连续几次没有出现在部门的发放名册中。请核实是否发放到位。",
    Kind.AMOUNT: "部门名册上的金额与决定的不一致，以决定为准。请核实。",
}


@dataclass(frozen=True, slots=True)
class Item:
    """One thing found: a sentence, whom it is about, the record and the file behind it where the post may open them."""

    text: str
    people: str
    record_url: str = ""
    record: AssistanceRecord | None = None
    batch: Batch | None = None
    row: int | None = None


@dataclass
class Names:
    """What the ids of some doubts stand for, in a handful of statements."""

    post: Post
    programs: dict[str, str] = field(default_factory=dict)
    people: dict[str, str] = field(default_factory=dict)
    records: dict[str, AssistanceRecord] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    batches: dict[str, Batch] = field(default_factory=dict)
    lists: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, doubts: Iterable[Doubt], post: Post) -> "Names":
        doubts = list(doubts)

        def ids(*names: str) -> list[str]:
            return [each for doubt in doubts for each in ids_in(doubt, *names)]

        records = AssistanceRecord.objects.filter(pk__in=ids("record", "records"))
        seen = AssistanceRecord.objects.visible_to(post).shown_to(post).filter(pk__in=ids("record", "records"))
        return cls(
            post,
            dict(Program.objects.values_list("code", "seed_name")),
            {str(row.pk): shown_name(row.name, post) for row in Resident.objects.filter(pk__in=ids("people")).only("name")},
            {str(row.pk): row for row in records.select_related("program", "unit")},
            {str(pk) for pk in seen.values_list("pk", flat=True)},
            {str(row.pk): row for row in Batch.objects.filter(pk__in=ids("batch")).select_related("unit")},
            _lists(ids("lists")),
        )


def items_of(doubt: Doubt, names: Names) -> list[Item]:
    found: list[Item] = []
    for item in doubt.evidence:
        people = "、".join(names.people.get(str(pk), "") for pk in item.get("people", []) if str(pk) in names.people)
        keys = [str(key) for key in item.get("records") or [item.get("record")] if key]
        batch = names.batches.get(str(item.get("batch", "")))
        told = sentence(doubt.kind, item, names)
        url, record = _record(keys[0], names) if keys else ("", None)
        first = Item(told, people, url, record, batch, item.get("row"))
        found.append(first)
        found += [Item("", "", *_record(key, names)) for key in keys[1:]]
    return found


def _record(key: str, names: Names) -> tuple[str, AssistanceRecord | None]:
    record = names.records.get(key)
    url = reverse("referrals:record_detail", args=[key]) if record is not None and key in names.seen else ""
    return url, record


def record_text(record: AssistanceRecord) -> str:
    """残疾人两项补贴：每月80元，自2026-05-01起（县残联）."""
    return f"{record.program}：{standing_text(record)}（{record.unit.short_name}）"


def sentence(kind: str, item: dict[str, Any], names: Names) -> str:
    """What one item says."""
    program, other = names.programs.get(item.get("program", ""), ""), names.programs.get(item.get("other_program", ""), "")
    since = f"自{item['since']}起" if item.get("since") else ""
    match kind:
        case Kind.AFTER_DEATH:
            return f"{SAID_BY.get(item.get('by', ''), '数据')}：{item.get('died_on', '')}死亡，“{program}”{since}享受，至今没有停止"
        case Kind.TWICE:
            return f"“{program}”有{len(item.get('records', []))}条记录同时有效"
        case Kind.EXCLUSIVE:
            return f"“{program}”与“{other}”不能同时享受，{since}同时有效"
        case Kind.MANY:
            named = "、".join(f"“{names.programs.get(code, code)}”" for code in item.get("programs", []))
            return f"{item.get('since', '')}至{item.get('last', '')}先后享受{named}"
        case Kind.OMITTED:
            return f"符合“{program}”的条件"
        case Kind.WATCHED:
            return f"在{'、'.join(names.lists[word] for word in item['lists'])}名单中"
        case Kind.UNWATCHED:
            return f"“{program}”{since}享受，不在监测名单中"
        case Kind.KIN:
            return f"{SAID_BY.get(item.get('by', ''), '')}近亲属关系，享受“{program}”，没有备案"
        case Kind.UNPAID:
            return f"“{program}”已批准，{_seen(item)}没有出现在名册中"
        case Kind.AMOUNT:
            return f"“{program}”名册（截至{item.get('as_of', '')}）的金额与决定不同"
        case Kind.LOOSE:
            return f"享受“{program}”{since}，没有家庭" if program else "在部门报送的名册上，没有家庭"
    return f"部门报送的文件（截至{item.get('as_of', '')}）与登记不一致"


def _lists(words: list[str]) -> dict[str, str]:
    """An identity, or a fact that says the same."""
    tags = {word: str(label) for word, label in IdentityTag.Kind.choices if word in words}
    facts = set(words) - set(tags)
    return tags | (dict(FactKind.objects.filter(pk__in=facts).values_list("key", "label")) if facts else {})


def _seen(item: dict[str, Any]) -> str:
    return f"{'、'.join(item['rolls'])}的名册"
