"""The navigation as data: which entries stand before which post. An entry whose address does not exist yet is not shown."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse

CASEWORK = frozenset({"V", "T", "TA", "D", "DA", "B", "BA"})
TOWNSHIP = frozenset({"T", "TA"})
COUNTY = frozenset({"B", "BA"})
ADMINISTRATION = frozenset({"AS", "AX", "AU"})
EVERYBODY = CASEWORK | ADMINISTRATION | {"C", "L"}


@dataclass(frozen=True, slots=True)
class Entry:
    """`is_primary` entries also stand in the bar at the foot of a phone's page (at most four for any role)."""

    label: str
    icon: str
    url_name: str
    roles: frozenset[str]
    is_primary: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    label: str
    icon: str
    url: str
    is_current: bool
    is_primary: bool


ENTRIES = (
    Entry("待办事项", "inbox", "deadlines:duty_list", CASEWORK | {"C", "L"}, is_primary=True),
    Entry("消息通知", "bell", "deadlines:notice_list", EVERYBODY, is_primary=True),
    Entry("经济状况核查", "clipboard-check", "verification:verification_list", TOWNSHIP | COUNTY),
    Entry("救助项目", "journal-text", "programs:program_list", EVERYBODY, is_primary=True),
    Entry("工作日历", "calendar3", "deadlines:calendar", EVERYBODY),
    Entry("人员账号", "people", "organization:staff_list", ADMINISTRATION),
    Entry("岗位授权", "person-badge", "organization:grant_list", ADMINISTRATION),
    Entry("配置告警", "exclamation-diamond", "organization:alarm_list", TOWNSHIP | COUNTY | ADMINISTRATION),
    Entry("文书模板", "file-earmark-word", "documents:template_list", COUNTY),
    Entry("告知承诺文本", "file-earmark-text", "documents:form_list", CASEWORK),
    Entry("机构名录", "diagram-3", "organization:unit_list", EVERYBODY),
    Entry("参数标准", "sliders", "organization:parameter_list", EVERYBODY),
    Entry("操作记录", "clipboard-data", "audit:event_list", EVERYBODY),
    Entry("我的账号", "person-circle", "organization:account", EVERYBODY, is_primary=True),
)


def links_for(role: str, *, current_path: str, entries: Iterable[Entry] = ENTRIES) -> list[Link]:
    """The entries open to a role, the one whose address is the longest beginning of the current path marked."""
    found = [(entry, url) for entry in entries if role in entry.roles and (url := address(entry.url_name))]
    fitting = [url for _, url in found if current_path == url or (url != "/" and current_path.startswith(url))]
    current = max(fitting, key=len, default="")
    return [Link(entry.label, entry.icon, url, url == current, entry.is_primary) for entry, url in found]


def address(url_name: str) -> str:
    """The address of a name, or nothing while the room behind it is not built."""
    try:
        return reverse(url_name)
    except NoReverseMatch:
        return ""
