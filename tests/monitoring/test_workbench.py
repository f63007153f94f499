"""The workbench as a list: tabs, order, filters, pages, fragment, what it costs."""

import io
import re
from datetime import timedelta

import openpyxl
import pytest
from django.urls import reverse

from audit.models import Event
from config import clock as house_clock
from config.navigation import address
from deadlines import transitions
from deadlines.models import Duty, Reminder
from deadlines.rules import Limit, Rule
from organization.models import Post
from tests.deadlines import factories
from tests.fragments import without_tokens
from tests.referrals.acting import fresh, perform, start

pytestmark = pytest.mark.django_db
LIST, COUNTS = reverse("monitoring:workbench"), reverse("monitoring:workbench_counts")
QUERIES_OF_THE_LIST = (
    9  # session, account, posts; every number with the bell, rows, rows that stand; held for a while: calendar twice, units
)


def page_of(client, tab: str) -> str:
    return client.get(LIST, {"tab": tab}).content.decode()


def titles(response) -> list[str]:
    return re.findall(r"data-open>(转办单\d+)", response.content.decode())


def ids(text: str) -> list[str]:
    """Of the rows, by their lamps."""
    return re.findall(r'class="lamp [^"]*"\s+href="/deadlines/duties/([0-9a-f-]{36})/explain/"', text)


def test_inbox_shows_the_most_urgent_first(clerk, signed_in, clock):
    standing, later = factories.paused(clerk), factories.open_duty(clerk)
    sooner = factories.open_duty(clerk, limit=Limit(Rule.WORKING_DAYS, 1))
    clock.set(sooner.due_at)
    response = signed_in(clerk).get(LIST)
    text = response.content.decode()
    assert titles(response) == [re.search(r"转办单\d+", duty.title)[0] for duty in (sooner, later, standing)]
    for word in ("超期1日", "剩8个工作日", "已暂停", "2026-10-15"):
        assert word in text


def test_inbox_is_the_units_own(clerk, neighbour_clerk, platform, signed_in):
    duty = factories.open_duty(clerk)
    for other in (neighbour_clerk, platform):
        assert duty.title not in signed_in(other).get(LIST).content.decode()


def test_inbox_over_two_posts_names_the_unit(double, signed_in):
    for post in double.posts:
        factories.open_duty(post)
    response = signed_in(double.posts[0]).get(LIST)
    assert len(titles(response)) == 2
    for post in double.posts:
        assert f'data-label="承办单位">{post.unit.short_name}<' in response.content.decode()


def test_tabs_hold_what_they_say(clerk, signed_in, clock):
    waiting, taken, closed = factories.open_duty(clerk), factories.open_duty(clerk), factories.closed(clerk)
    late = factories.open_duty(clerk, limit=Limit(Rule.WORKING_DAYS, 1))
    transitions.take(duty_id=taken.pk, by=clerk)
    clock.set(late.due_at)
    client = signed_in(clerk)
    shown = {tab: titles(client.get(LIST, {"tab": tab})) for tab in ("waiting", "taken", "late", "closed")}
    name = {duty: re.search(r"转办单\d+", duty.title)[0] for duty in (waiting, taken, closed, late)}
    assert shown == {"waiting": [name[late], name[waiting]], "taken": [name[taken]], "late": [name[late]], "closed": [name[closed]]}
    assert "按期办结" in client.get(LIST, {"tab": "closed"}).content.decode()
    counts = dict(re.findall(r'data-count="(\w+)">(\d+)<', client.get(LIST).content.decode()))
    shown = {"waiting": "2", "taken": "1", "supervised": "0", "returned": "0", "promised": "0", "late": "1", "today": "0", "near": "0"}
    assert counts == shown


def test_a_promise_stands_beside_the_to_do_list(clerk, signed_in):
    work = factories.open_duty(clerk)
    promise = factories.open_duty(clerk, kind="promise", kind_name="承诺办结", is_promise=True)
    client = signed_in(clerk)
    name = {duty: re.search(r"转办单\d+", duty.title)[0] for duty in (work, promise)}
    assert titles(client.get(LIST)) == [name[work]]
    assert titles(client.get(LIST, {"tab": "promised"})) == [name[promise]]
    transitions.close_duty(subject=factories.subject_of(promise), kind="promise", by=clerk)
    assert titles(client.get(LIST, {"tab": "closed"})) == []


@pytest.mark.parametrize(
    ("query", "expected"),
    [({"lamp": "red"}, "late"), ({"lamp": "grey"}, "standing"), ({"kind_name": "签"}, "other"), ({"q": "补助"}, "named")],
)
def test_filters(clerk, signed_in, clock, query, expected):
    duties = {
        "late": factories.open_duty(clerk, limit=Limit(Rule.WORKING_DAYS, 1)),
        "standing": factories.paused(clerk),
        "other": factories.open_duty(clerk, kind="sign", kind_name="签收"),
        "named": factories.open_duty(clerk, title="转办单7 补助"),
    }
    clock.set(duties["late"].due_at)
    assert titles(signed_in(clerk).get(LIST, query)) == [re.search(r"转办单\d+", duties[expected].title)[0]]


def test_filter_mine(clerk, signed_in):
    mine, _ = factories.open_duty(clerk), factories.open_duty(clerk)
    transitions.take(duty_id=mine.pk, by=clerk)
    assert len(titles(signed_in(clerk).get(LIST, {"mine": "on", "tab": "taken"}))) == 1


def test_the_fragment_is_the_table_of_the_page(clerk, signed_in):
    factories.open_duty(clerk)
    client = signed_in(clerk)
    page, part = without_tokens(client.get(LIST)), without_tokens(client.get(LIST, headers={"HX-Request": "true"}))
    assert part in page
    assert "<html" not in part


def test_pages_go_on_and_back_without_gap_or_repeat(clerk, signed_in):
    """25 with dates, some on the same moment, and 20 that stand: three pages of 20, there and back."""
    for number in range(25):
        factories.open_duty(clerk, limit=Limit(Rule.WORKING_DAYS, 1 + number // 4))
    for _ in range(20):
        factories.paused(clerk)
    expected = [str(pk) for pk in Duty.objects.open().most_urgent_first().values_list("pk", flat=True)]
    client, there, back = signed_in(clerk), [], []
    address = LIST
    for _ in range(3):
        response = client.get(address)
        there += ids(response.content.decode())
        following = re.search(r'rel="next" href="([^"]+)"', response.content.decode())
        address = following[1].replace("&amp;", "&") if following else ""
    assert there == expected
    assert not address
    response_text = response.content.decode()
    for _ in range(2):
        previous = re.search(r'rel="prev" href="([^"]+)"', response_text)[1].replace("&amp;", "&")
        response_text = client.get(previous).content.decode()
        back = ids(response_text) + back
    assert back == expected[:40]
    assert 'rel="prev"' not in response_text


@pytest.mark.parametrize("position", ["x", "0~~1", "9~2026-01-01T00:00:00+00:00~" + "0" * 32, "0~yesterday~" + "0" * 32, "1~2026-01-01~x"])
def test_a_position_that_cannot_be_read_begins_at_the_top(clerk, signed_in, position):
    factories.open_duty(clerk)
    assert len(titles(signed_in(clerk).get(LIST, {"after": position}))) == 1


def test_closed_ones_page_newest_first(clerk, signed_in, clock):
    for _ in range(22):
        factories.closed(clerk)
        clock.forward(minutes=1)
    client = signed_in(clerk)
    first = client.get(LIST, {"tab": "closed"})
    following = re.search(r'rel="next" href="([^"]+)"', first.content.decode())[1].replace("&amp;", "&")
    pages = [ids(page.content.decode()) for page in (first, client.get(following))]
    assert pages[0] + pages[1] == [str(pk) for pk in Duty.objects.closed().order_by("-closed_at").values_list("pk", flat=True)]


@pytest.mark.parametrize("rows", [1, 20])
def test_queries_of_the_inbox_stay_flat(clerk, signed_in, assert_queries, rows):
    for _ in range(rows):
        transitions.take(duty_id=factories.open_duty(clerk).pk, by=clerk)
    client = signed_in(clerk)
    client.get(LIST)
    with assert_queries(QUERIES_OF_THE_LIST):
        client.get(LIST, {"tab": "taken"})


def test_a_guessed_year_is_said_in_the_list(clerk, signed_in):
    factories.open_duty(clerk, limit=Limit(Rule.WORKING_DAYS, 90))
    assert "日历未导入" in signed_in(clerk).get(LIST).content.decode()


@pytest.mark.parametrize("tab", ["waiting", "taken", "closed", "supervised", "returned", "promised", "late", "today", "near"])
def test_empty_tabs_say_what_to_do(clerk, signed_in, tab):
    assert 'class="empty"' in signed_in(clerk).get(LIST, {"tab": tab}).content.decode()


def test_hours_show_the_minute(clerk, signed_in):
    duty = factories.open_duty(clerk, limit=Limit(Rule.HOURS, 24))
    assert duty.due_at == house_clock.now() + timedelta(hours=24)
    text = signed_in(clerk).get(LIST).content.decode()
    assert "2026-09-25 10:00" in text
    assert "剩24小时" in text


def test_returned_work_is_marked_until_it_is_done(reviewer, clerk, signed_in):
    """Sent back one stage: signed for again it still came back. Returned for a supplement: it waits at the window."""
    back, short = start("send_back"), start("return_for_supplement")
    for verb, row in (("send_back", back), ("return_for_supplement", short)):
        perform(verb, row)
    desk = Post.objects.effective(house_clock.today()).filter(unit=fresh(back).unit).first()
    assert fresh(back).get_absolute_url() in page_of(signed_in(desk), "returned")
    perform("receive", back, desk)
    assert fresh(back).get_absolute_url() in page_of(signed_in(desk), "returned")
    assert fresh(short).get_absolute_url() in page_of(signed_in(clerk), "returned")


def test_supervised_is_what_went_over_the_units_head(clerk, signed_in, clock):
    late, open_one = factories.open_duty(clerk, limit=Limit(Rule.WORKING_DAYS, 1)), factories.open_duty(clerk)
    order = factories.open_duty(clerk, kind="supervise", kind_name="回复督办单")
    clock.set(late.due_at)
    Reminder.objects.create(duty=late, stage="to_head", due_at=late.due_at, is_urgent=False, made_at=house_clock.now())
    Reminder.objects.create(duty=open_one, stage="to_head", due_at=late.due_at, is_urgent=False, made_at=house_clock.now())
    found = page_of(signed_in(clerk), "supervised")
    assert {duty.title for duty in (late, order, open_one) if duty.title in found} == {late.title, order.title}


def test_counts_are_asked_for_apart_and_keep_no_session_alive(clerk, signed_in, clock, assert_queries):
    client = signed_in(clerk)
    client.get(LIST)
    since = house_clock.now()
    clock.forward(minutes=1)
    factories.open_duty(clerk)
    used = client.session["used_at"]
    with assert_queries(4):
        answer = client.get(COUNTS, {"since": since.isoformat()})
    assert answer.json()["waiting"] == "1"
    assert answer.json()["fresh"] == "1"
    assert client.session["used_at"] == used
    for nonsense in ("", "yesterday", "2026-09-24", "2026-09-24T10:00:00", "9" * 99):
        assert client.get(COUNTS, {"since": nonsense}).json()["fresh"] == "0"


def test_an_unknown_tab_is_the_first(clerk, signed_in):
    duty = factories.open_duty(clerk)
    for tab in ("nowhere", "", "承诺", "' OR 1=1"):
        assert duty.title in page_of(signed_in(clerk), tab)


@pytest.mark.parametrize(
    ("name", "door"),
    [("clerk", "intake:window"), ("assistant", "intake:village"), ("officer", "referrals:referral_list"),
     ("platform", "intake:request_list"), ("convener", "referrals:ruling_list")],
)  # fmt: skip
def test_everybody_lands_here_with_the_own_doors(request, signed_in, name, door):
    post = request.getfixturevalue(name)
    client = signed_in(post)
    assert client.get(reverse("organization:home")).url == LIST
    main = client.get(LIST).content.decode().split("<main")[1]
    assert f'href="{reverse(door)}"' in main
    assert ('name="number"' in main) == (name == "clerk")


def test_supervision_lands_on_what_is_late_in_the_county(supervision, signed_in):
    client = signed_in(supervision)
    assert client.get(reverse("organization:home")).url == (address("monitoring:supervision_home") or LIST)
    assert client.get(LIST).status_code == 200


def test_what_is_shown_is_exported(clerk, neighbour_clerk, signed_in):
    """The tab, the filter, the order and the columns; with its line in the record, and no word that was typed."""
    later = factories.open_duty(clerk, title="转办单2 张*芳", limit=Limit(Rule.WORKING_DAYS, 20))
    sooner, _ = factories.open_duty(clerk, title="转办单1 李*"), factories.open_duty(clerk, title="别的事")
    factories.open_duty(neighbour_clerk, title="转办单3 王*")
    client = signed_in(clerk)
    client.post("/lists/monitoring:workbench/choose/", {"part": "filters", "q": "转办单"})
    answer = client.post(f"{reverse('monitoring:workbench_export')}?tab=waiting")
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active
    lines = [[cell.value for cell in line] for line in sheet.iter_rows(min_row=3)]
    assert lines[0] == ["时限", "环节", "事项", "到期日", "领办人"]
    assert [line[2] for line in lines[1:]] == [sooner.title, later.title]
    assert lines[1][3] == "2026-10-15"
    event = Event.objects.get(verb="spreadsheet.exported")
    assert (event.data, event.note) == ({"sheet": "工作台（待办）", "rows": 2}, "编号或事项：已填")
