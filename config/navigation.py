"""The navigation as data: which entries stand before which post. An entry whose address does not exist yet is not shown."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from functools import lru_cache

from django.conf import settings
from django.urls import NoReverseMatch, get_script_prefix, reverse

CASEWORK = frozenset({"V", "T", "TA", "D", "DA", "B", "BA"})
TOWNSHIP = frozenset({"T", "TA"})
COUNTY = frozenset({"B", "BA"})
DEPARTMENTS = frozenset({"D", "DA"})
WORKERS = TOWNSHIP | DEPARTMENTS | COUNTY
ADMINISTRATION = frozenset({"AS", "AX", "AU"})
# Whose programs nobody applies for: 惠民济困保, 巩固脱贫保, 城市生活垃圾处置费.
WITHOUT_APPLICATION = frozenset({"MZ", "XC", "CG"})
# Who gives on the spot: 救助站 and 殡仪馆 of 县民政局.
ON_THE_SPOT = frozenset({"MZ"})
PEOPLE = ("/households/", "/records/")
RULES = ("/households/rule-trials/", "/programs/versions/", "/programs/examples/")
EVERYBODY = CASEWORK | ADMINISTRATION | {"C", "L"}


@dataclass(frozen=True, slots=True)
class Entry:
    """`is_primary` entries also stand in the bar at the foot of a phone's page (at most four for any role); `primary_for`: for these roles.

    `unit_kind`: of the roles, only the posts of such a unit. `departments`: of the departments' posts, only theirs and their successors'.
    `beneath`: beginnings of further addresses whose pages belong under the entry. `section`: the heading it stands under.
    """

    label: str
    icon: str
    url_name: str
    roles: frozenset[str]
    is_primary: bool = False
    unit_kind: str = ""
    primary_for: frozenset[str] = frozenset()
    departments: frozenset[str] = frozenset()
    beneath: tuple[str, ...] = ()
    section: str = ""

    def is_of(self, departments: Collection[str]) -> bool:
        """Whether one of the departments for which somebody works has something behind it; whoever is of none is not asked."""
        return not departments or not self.departments or not self.departments.isdisjoint(departments)

    def is_primary_for(self, role: str) -> bool:
        return self.is_primary or role in self.primary_for


@dataclass(frozen=True, slots=True)
class Link:
    label: str
    icon: str
    url: str
    is_current: bool
    is_primary: bool
    section: str = ""


SECTIONS: tuple[tuple[str, tuple[Entry, ...]], ...] = (
    (
        "",
        (
            Entry("工作台", "inbox", "monitoring:workbench", CASEWORK | {"C", "L"}, is_primary=True, beneath=("/deadlines/duties/",)),
            Entry(
                "综合受理",
                "person-vcard",
                "intake:window",
                frozenset({"T"}),
                is_primary=True,
                unit_kind="township_window",
                beneath=("/intake/visits/arrive/",),  # the same page, once something was wrong
            ),
            Entry("本村工作", "house-door", "intake:village", frozenset({"V"}), is_primary=True, beneath=("/cases/",)),
            Entry(
                "转办事项",
                "arrow-left-right",
                "referrals:referral_list",
                WORKERS,
                is_primary=True,
                beneath=("/verification/",),
            ),
            Entry("消息通知", "bell", "deadlines:notice_list", EVERYBODY),  # the bell stands in the header, on a phone too
            Entry("我的任务", "hourglass-split", "jobs:job_list", WORKERS),  # how many are under way stands beside it
            Entry("我的导出", "download", "exports:export_list", WORKERS | {"L"}),
        ),
    ),
    (
        "办理",
        (
            Entry("求助推送", "send", "intake:request_list", CASEWORK),
            Entry("求助登记", "person-lines-fill", "intake:visit_list", TOWNSHIP | COUNTY),
            Entry("救助申请", "file-earmark-text", "intake:application_list", TOWNSHIP | COUNTY, beneath=("/cases/",)),
            Entry("经济状况核查", "clipboard-check", "verification:verification_list", TOWNSHIP | COUNTY),
            Entry("先行救助", "lightning", "referrals:urgent_list", WORKERS, departments=ON_THE_SPOT),
            Entry("争议裁定", "hammer", "referrals:ruling_list", WORKERS | {"C"}, primary_for=frozenset({"C"})),
            Entry("延期申请", "calendar-plus", "referrals:extension_list", COUNTY),
            Entry("变化报告", "megaphone", "referrals:report_list", TOWNSHIP | COUNTY | {"V"}),
            Entry("请单位核实", "patch-question", "households:fact_request_list", WORKERS),
            Entry("免申请名单", "card-list", "referrals:monthly_list_list", DEPARTMENTS | COUNTY, departments=WITHOUT_APPLICATION),
        ),
    ),
    (
        "家庭和人员",
        (
            # the window has its own finder
            Entry("查找人员", "search", "households:household_search", CASEWORK, primary_for=CASEWORK - {"T"}, beneath=PEOPLE),
            Entry("家庭变动", "house-gear", "referrals:registry_list", TOWNSHIP | COUNTY),
            Entry("近亲属备案", "people-fill", "households:kin_filing_list", COUNTY),
            Entry("复核认证", "ui-checks", "monitoring:review_board", WORKERS),
            Entry("疑点核查", "question-diamond", "monitoring:doubt_list", TOWNSHIP | COUNTY),
            Entry("疑点比对", "intersect", "monitoring:doubt_run_list", COUNTY),
            Entry("全县筛查", "funnel", "households:screening_run_list", DEPARTMENTS | COUNTY),
        ),
    ),
    (
        "数据",
        (
            Entry("数据报送", "database-up", "monitoring:round_list", DEPARTMENTS),
            Entry("数据报送", "database-up", "monitoring:round_board", COUNTY | {"L"}, beneath=("/rounds/",)),
            Entry("数据导入", "file-earmark-arrow-up", "spreadsheets:template_list", WORKERS, beneath=("/spreadsheets/",)),
            Entry("整份名单", "list-check", "programs:fact_lists", DEPARTMENTS | COUNTY),
            Entry("名单核身", "person-check", "monitoring:list_check_list", DEPARTMENTS | COUNTY),
        ),
    ),
    (
        "台账和资金",
        (
            Entry(
                "台账",
                "journal-bookmark",
                "exports:ledger_list",
                WORKERS | {"L"},
                beneath=("/ledgers/", "/exports/reports/", "/exports/forms/"),
            ),
            Entry("按户台账", "table", "monitoring:household_ledger", CASEWORK),
            Entry("转办台账", "table", "monitoring:ledger_referrals", WORKERS | {"L"}),
            Entry("待遇发放", "cash-coin", "payments:payment_list_list", WORKERS, beneath=("/payments/",)),
            Entry("标准调整", "graph-up-arrow", "standards:change_list", DEPARTMENTS | COUNTY, departments=frozenset({"MZ"})),
            Entry("资金", "cash-coin", "funds:fund_list", DEPARTMENTS | COUNTY),
        ),
    ),
    (
        "看板和督查",
        (
            Entry("数据看板", "bar-chart-line", "monitoring:dashboard", CASEWORK | {"C", "L"}),
            Entry("按期率", "speedometer2", "monitoring:on_time", WORKERS | {"L"}),
            Entry("督查总览", "binoculars", "monitoring:supervision_home", COUNTY | {"L"}, primary_for=frozenset({"L"})),
            Entry("超期事项", "alarm", "monitoring:late_list", COUNTY | {"L"}, primary_for=frozenset({"L"})),
            Entry("明天会超期", "alarm", "monitoring:forecast", frozenset({"TA", "DA"}) | COUNTY),
            Entry("督办单", "megaphone", "monitoring:order_list", CASEWORK | {"L"}),
            Entry("书面提醒", "envelope-exclamation", "monitoring:reminder_list", CASEWORK),
            Entry("督查通报", "newspaper", "monitoring:bulletin_list", COUNTY | {"L"}),
            Entry("日清", "calendar-check", "monitoring:day_close", frozenset({"T"}), unit_kind="township_window"),
            Entry("日清", "calendar-check", "monitoring:day_close", frozenset({"V"})),
            Entry("日清情况", "calendar2-week", "monitoring:day_close_list", frozenset({"TA"}) | COUNTY),
            Entry("月结", "calendar2-month", "monitoring:month_list", TOWNSHIP | COUNTY),
            Entry("日清月结汇总", "table", "monitoring:close_overview", COUNTY | {"L"}),
        ),
    ),
    (
        "政策和资料",
        (
            Entry("救助项目", "journal-text", "programs:program_list", EVERYBODY),
            Entry("筛查规则", "list-check", "programs:rule_list", DEPARTMENTS | COUNTY, beneath=RULES),
            Entry("参数标准", "sliders", "organization:parameter_list", EVERYBODY),
            Entry("工作日历", "calendar3", "deadlines:calendar", EVERYBODY),
            Entry("提醒规则", "alarm", "deadlines:reminder_rules", COUNTY | {"AS"}),
            Entry("文书模板", "file-earmark-word", "documents:template_list", COUNTY),
            Entry("告知承诺文本", "file-earmark-text", "documents:form_list", CASEWORK),
            Entry("机构名录", "diagram-3", "organization:unit_list", EVERYBODY, beneath=("/organization/",)),
        ),
    ),
    (
        "系统和账号",
        (
            Entry("人员账号", "people", "organization:staff_list", ADMINISTRATION, is_primary=True),
            Entry("岗位授权", "person-badge", "organization:grant_list", ADMINISTRATION, is_primary=True),
            Entry("岗位交接", "arrow-left-right", "referrals:hand_over_list", frozenset({"TA", "DA", "AS"})),
            Entry("配置告警", "exclamation-diamond", "organization:alarm_list", TOWNSHIP | COUNTY | ADMINISTRATION),
            Entry("定期工作", "arrow-repeat", "deadlines:period_list", COUNTY | {"AS"}),
            Entry("消息发送", "envelope-check", "deadlines:outbox_list", COUNTY | {"AS"}),
            Entry("操作记录", "clipboard-data", "audit:event_list", EVERYBODY, primary_for=ADMINISTRATION),
            Entry("我的账号", "person-circle", "organization:account", EVERYBODY, is_primary=True, beneath=("/households/own-kin/",)),
        ),
    ),
)
ENTRIES = tuple(replace(entry, section=section) for section, entries in SECTIONS for entry in entries)


def links_for(
    role: str, *, current_path: str, unit_kind: str = "", departments: Collection[str] = (), entries: Iterable[Entry] = ENTRIES
) -> list[Link]:
    """The entries open to a role, marked the one whose address, or a beginning beneath it, is the longest one of the current path."""
    asked = (role, unit_kind, frozenset(departments))
    found = _remembered(*asked, settings.ROOT_URLCONF, get_script_prefix()) if entries is ENTRIES else _open_to(*asked, entries)
    begun = [(start, url) for entry, url in found for start in (url, *entry.beneath)]
    fitting = [(start, url) for start, url in begun if current_path == start or (start != "/" and current_path.startswith(start))]
    _, current = max(fitting, key=lambda one: (len(one[0]), one[0] == one[1]), default=("", ""))  # its own address before another's
    return [Link(entry.label, entry.icon, url, url == current, entry.is_primary_for(role), entry.section) for entry, url in found]


Found = tuple[tuple[Entry, str], ...]


def _open_to(role: str, unit_kind: str, departments: frozenset[str], entries: Iterable[Entry]) -> Found:
    """The entries and their addresses."""
    own = [entry for entry in entries if role in entry.roles and entry.unit_kind in {"", unit_kind} and entry.is_of(departments)]
    return tuple((entry, url) for entry in own if (url := address(entry.url_name)))


@lru_cache(maxsize=256)
def _remembered(role: str, unit_kind: str, departments: frozenset[str], _urlconf: str, _prefix: str) -> Found:
    """By all that it depends on, which each request reads from its post: whoever changes the post has the other menu at once."""
    return _open_to(role, unit_kind, departments, ENTRIES)


def address(url_name: str, *args: object) -> str:
    """The address of a name, or nothing while the room behind it is not built."""
    if not args:
        return _address_of(url_name, settings.ROOT_URLCONF, get_script_prefix())
    try:
        return reverse(url_name, args=args)
    except NoReverseMatch:
        return ""


@lru_cache(maxsize=512)  # a page's frame asks for some thirty, the same ones each time: a twentieth of an empty page
def _address_of(url_name: str, _urlconf: str, _prefix: str) -> str:
    try:
        return reverse(url_name)
    except NoReverseMatch:
        return ""
