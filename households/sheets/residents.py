"""People and households as a sheet: the household register, and what townships enter by file instead of one by one (ZX-29).

A sheet adds and fills; it never overwrites a person, moves nobody and ends nothing. A line that says somebody belongs to another
household than he does is wrong, bears the mark of a doubt, and opens no second membership.
"""

from collections.abc import Sequence
from typing import Any

from organization.lineage import codes
from organization.models import Post, Region
from spreadsheets.declaration import Comparison, Field, Template, Type
from spreadsheets.models import Batch

from ..models import Membership, Resident
from ..permissions import COUNTY, can_enter
from ..transitions.entering_people import enter_people, hold
from . import fact_sheets as columns
from . import home_plan as plan
from .people import asked, by_hash

FAMILY = "households.people"
SUPPLIER = "GA"
REGISTER = Template(
    key=f"{FAMILY}:register",
    title="居民和家庭登记表",
    fields=(
        Field("home", "户号", required=True, longest=40, aliases=("户口编号", "家庭编号", "户编号"), example="1",
              help="同一户填同一个户号；给平台已有的家庭添加成员，填平台的户编号"),
        Field("relation", "与户主关系", Type.CODE, required=True, codes=tuple(Membership.Relation.choices), aliases=("关系",)),
        columns.NAME,
        columns.NUMBER,
        Field("township", columns.TOWNSHIP.label, Type.TOWNSHIP, required=True, aliases=columns.TOWNSHIP.aliases, example="忠州街道"),
        Field("village", columns.VILLAGE.label, Type.VILLAGE, required=True, aliases=columns.VILLAGE.aliases),
        Field("address", "详细地址", longest=120, aliases=("地址", "住址")),
        Field("setting", "城乡类别", Type.CODE, codes=tuple(Region.Setting.choices), help="不填的按所在村（社区）"),
        Field("registered_place", "户籍地", longest=80),
        Field("phone", "联系电话", Type.PHONE, aliases=("电话", "手机号码", "手机号"), sealed_in=(Resident, "phone")),
        Field("lives_together", "共同生活", Type.YES_NO, help="不填为是"),
    ),
    key_fields=("id_number",),
    notes=(
        "一人一行，一户的各行填同一个户号，每户一位户主。",
        "平台已有的人员和家庭只补空缺，不改已登记的内容；姓名、地址有误的在平台更正，变动家庭的办理迁移、分户、转户。",
        "没有证件的人员请在平台单独登记。",
    ),
)  # fmt: skip


class People:
    """The owner of `households.people` (see `spreadsheets.declaration.Owner`)."""

    def template(self, name: str) -> Template | None:
        return REGISTER if name == REGISTER.name else None

    def listed_for(self, post: Post) -> Sequence[Template]:
        return [REGISTER] if self.may_hand_in(post, REGISTER) else []

    def may_hand_in(self, post: Post, template: Template) -> bool:  # noqa: ARG002 - as the protocol has it
        """- a township's handlers, for who lives in it
        - the police, who keep the household register
        - the county platform."""
        return can_enter(post) or post.role in COUNTY or (post.role in {"D", "DA"} and SUPPLIER in codes(post))

    def rows_for(self, post: Post, template: Template) -> Sequence[dict[str, Any]]:  # noqa: ARG002 - as the protocol has it
        return []

    def compare(self, batch: Batch, template: Template) -> Comparison:  # noqa: ARG002 - as the protocol has it
        with by_hash(batch.rows):
            plan.lay(batch)
            plan.refuse_wrong(batch)
            plan.write_back()
            [(opened, joined, kept)] = asked(plan.COUNTED)
            return Comparison(0, (("新建家庭", opened), ("加入已有家庭", joined), ("与登记不同，保留登记内容", kept)))

    def apply(self, batch: Batch, template: Template, by: Post) -> None:
        enter_people(batch=batch, template=template, by=by)

    def hold(self, template: Template) -> None:
        hold(template)
