"""The doors by which each role begins its work, one click from the workbench; one that the role may not open is not shown."""

from collections.abc import Sequence

from config.navigation import CASEWORK, COUNTY, DEPARTMENTS, TOWNSHIP, Entry, Link, links_for
from organization.models import Post

DOORS = (
    Entry("综合受理", "person-vcard", "intake:window", frozenset({"T"}), unit_kind="township_window"),
    Entry("本村工作", "house-door", "intake:village", frozenset({"V"})),
    Entry("登记求助", "person-plus", "intake:request_new", frozenset({"V", "D", "B"})),
    Entry("求助推送", "send", "intake:request_list", TOWNSHIP | COUNTY),
    Entry("转办事项", "arrow-left-right", "referrals:referral_list", TOWNSHIP | DEPARTMENTS | COUNTY),
    Entry("争议裁定", "hammer", "referrals:ruling_list", COUNTY | {"C"}),
    Entry("督查总览", "binoculars", "monitoring:supervision_home", COUNTY | {"L"}),
    Entry("请单位核实", "patch-question", "households:fact_request_list", DEPARTMENTS),
    Entry("经济状况核查", "clipboard-check", "verification:verification_list", frozenset({"TA"})),
    Entry("查找人员", "search", "households:household_search", CASEWORK - {"T"}),
)


def doors_of(post: Post) -> Sequence[Link]:
    return links_for(post.role, current_path="", unit_kind=post.unit.kind, entries=DOORS)
