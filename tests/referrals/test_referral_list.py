"""The inbox: tabs by what is to be done, most urgent first, masked beyond one's own work, flat in its queries."""

import re
from datetime import timedelta

import pytest

from config import clock as house_clock
from config.protection.masks import mask_name
from deadlines.models import Duty
from referrals import inbox, transitions
from referrals.models import Referral
from referrals.querysets import read_of
from tests import cast
from tests.fragments import without_tokens
from tests.households.factories import person
from tests.intake.factories import family
from tests.referrals.factories import ReferralFactory, approver_of, handler_of
from tests.referrals.piles import copy_referral

pytestmark = pytest.mark.django_db
LIST = "/referrals/"
# session, account, posts; tabs, rows, clocks that stand, referrals, promises, calendar twice, programs of the filter, bell
QUERIES_OF_THE_LIST = {20: 9, 2_000: 8}  # the last page of what runs asks for what stands still besides


def numbers(response) -> list[str]:
    return re.findall(r"data-open>([^<]+)</a>", response.content.decode())


def counts(response) -> dict[str, str]:
    return dict(re.findall(r'(\S+)\s*<span class="tab-count">([^<]+)</span>', response.content.decode()))


@pytest.mark.parametrize(
    ("trait", "tab", "who"),
    [
        ({"dispatched": True}, "待签收", "unit"),
        ({"received": True}, "在办", "unit"),
        ({"in_hand": True}, "在办", "unit"),
        ({"returned": True}, "退回", "window"),
        ({"approved": True}, "待反馈", "unit"),
        ({"fed_back": True}, "待告知", "window"),
    ],
)
def test_a_referral_lies_where_it_waits_for_somebody(signed_in, trait, tab, who):
    referral = ReferralFactory(**trait)
    response = signed_in(handler_of(getattr(referral, who))).get(LIST)
    assert counts(response)[tab] == "1"
    assert numbers(response) == [referral.number]  # the first tab with something in it is the one that opens
    text = response.content.decode()
    for words in (referral.program.seed_name, referral.application.applicant.name, referral.window.region.name):
        assert words in text


def test_what_is_done_lies_under_closed(signed_in):
    referral = ReferralFactory(confirmed=True)
    for unit, step in ((referral.window, "告知申请人"), (referral.walked.last().unit, "乡镇审批")):
        text = signed_in(handler_of(unit)).get(LIST, {"tab": "closed"}).content.decode()
        assert referral.number in text
        assert step in text
        assert "按期办结" in text


def test_another_unit_sees_nothing(signed_in, neighbour_approver, officer, second_clerk):
    referral = ReferralFactory(received=True)
    for other in (neighbour_approver, officer, second_clerk):
        client = signed_in(other)
        for tab in ("receive", "stage", "returned", "feedback", "tell", "closed"):
            assert referral.number not in client.get(LIST, {"tab": tab}).content.decode()


def test_the_platform_watches_all_with_masked_names(signed_in, platform):
    referral = ReferralFactory(in_hand=True)
    text = signed_in(platform).get(LIST, {"tab": "stage"}).content.decode()
    name = referral.application.applicant.name
    assert referral.number in text
    assert mask_name(name) in text
    assert name not in text


def test_nobody_finds_out_which_sensitive_program_by_watching(signed_in, platform):
    """Neither by its filter nor by its step or the unit that has it, which the list beside the masked name would tell."""
    referral, other = ReferralFactory(program="MZ09", received=True), ReferralFactory(received=True)
    client = signed_in(platform)
    text = client.get(LIST, {"tab": "stage"}).content.decode()
    [row] = [part for part in text.split("<tr>") if referral.number in part]
    assert "敏感项目" in row
    assert not [words for words in (referral.unit.short_name, referral.stage.name, "duties/") if words in row]
    found = client.get(LIST, {"tab": "stage", "program": "MZ09"})
    assert "MZ09" not in dict(found.context["filter"].form.fields["program"].choices)
    assert set(numbers(found)) != {referral.number}
    assert numbers(client.get(LIST, {"tab": "stage", "program": other.program_id})) == [other.number]
    own = signed_in(handler_of(referral.unit)).get(LIST, {"tab": "stage", "program": "MZ09"})
    assert numbers(own) == [referral.number]


def test_what_is_asked_by_a_remembered_statement_stays_behind_each_posts_gate(request):
    """One post after the other, and back again: all of a kind of unit ask by one text."""
    referral = ReferralFactory(program="CL01", in_hand=True)
    posts = [request.getfixturevalue(name) for name in cast.MEMBERS]
    seen = {}
    for post in (*posts, handler_of(referral.unit), *reversed(posts)):
        found = [row.id for row in inbox._details(post.unit.kind).rows([referral.pk], *read_of(post))]
        assert found == list(Referral.objects.visible_to(post).filter(pk=referral.pk).values_list("pk", flat=True)), post
        seen.setdefault(post.unit.kind, set()).add(bool(found))
    assert seen["department"] == seen["township_window"] == seen["township_office"] == {True, False}


def test_most_urgent_first_and_each_sort_another_way(signed_in, reviewer, clock):
    first = ReferralFactory(dispatched=True)
    clock.forward(days=4)  # past the holiday: what is sent in it is due with what was sent before it
    second = ReferralFactory(dispatched=True)
    client = signed_in(reviewer)
    assert numbers(client.get(LIST)) == [first.number, second.number]
    assert numbers(client.get(LIST, {"sort": "-due"})) == [second.number, first.number]
    assert numbers(client.get(LIST, {"sort": "since"})) == [first.number, second.number]
    assert numbers(client.get(LIST)) == [first.number, second.number], "a sort is remembered"


def test_lamps_say_how_urgent(signed_in, reviewer, clock):
    referral = ReferralFactory(dispatched=True)
    due = Duty.objects.about(referral, "receive").get().due_at
    clock.set(due + timedelta(days=1))
    text = signed_in(reviewer).get(LIST).content.decode()
    assert "lamp-red" in text
    assert "超期" in text


def test_a_pause_says_so_in_both_dates(signed_in, clerk):
    ReferralFactory(returned=True)
    assert "暂停计时" in signed_in(clerk).get(LIST, {"tab": "returned"}).content.decode()


def choose(client, **fields):
    return client.post("/lists/referrals:referral_list/choose/", {"part": "filters", "next": LIST, **fields}, follow=True)


def test_filters_narrow_and_are_remembered(signed_in, reviewer):
    mine = ReferralFactory(in_hand=True)
    other = ReferralFactory(program="MZ01", received=True, household=family(members=[person("02", name="卫独一")]))
    client = signed_in(reviewer)
    assert numbers(choose(client, program="MZ01")) == [other.number]
    assert numbers(client.get(LIST)) == [other.number]
    assert numbers(choose(client, number=mine.number)) == [mine.number]
    assert numbers(choose(client, number=other.application.number)) == [other.number]
    assert numbers(choose(client, name=mine.application.applicant.name)) == [mine.number]
    assert numbers(choose(client, mine="on")) == [mine.number]
    assert numbers(choose(client, lamp="red")) == []
    assert set(numbers(choose(client, clear="1"))) == {mine.number, other.number}


def test_a_name_never_stands_in_an_address(signed_in, reviewer):
    referral = ReferralFactory(in_hand=True)
    name = referral.application.applicant.name
    response = signed_in(reviewer).get(LIST, {"name": name})
    assert numbers(response) == [referral.number]
    assert f"name={name}" not in response.content.decode()
    assert numbers(signed_in(reviewer).get(LIST, {"name": "无此人"})) == [referral.number], "an address filters by nobody's name"


def test_a_person_of_two_posts_has_one_inbox(signed_in, double):
    referral = ReferralFactory(dispatched=True)
    office, window = double.posts
    Referral.objects.filter(pk=referral.pk).update(unit=office.unit)
    Duty.objects.about(referral, "receive").update(unit=office.unit)
    assert numbers(signed_in(window).get(LIST)) == [referral.number]


def test_the_fragment_is_the_table_of_the_page(signed_in, reviewer):
    ReferralFactory(dispatched=True)
    client = signed_in(reviewer)
    page, part = without_tokens(client.get(LIST)), without_tokens(client.get(LIST, headers={"HX-Request": "true"}))
    assert part in page
    assert "<html" not in part


@pytest.mark.parametrize("tab", ["receive", "stage", "returned", "feedback", "closed"])
def test_empty_tabs_say_what_to_do(signed_in, reviewer, tab):
    assert 'class="empty"' in signed_in(reviewer).get(LIST, {"tab": tab}).content.decode()


def test_pages_go_on_and_back_without_gap_or_repeat(signed_in, reviewer):
    copy_referral(ReferralFactory(dispatched=True), 44)
    client, there, address, last = signed_in(reviewer), [], LIST, None
    while address:
        last = client.get(address)
        there += numbers(last)
        following = re.search(r'rel="next" href="([^"]+)"', last.content.decode())
        address = following[1].replace("&amp;", "&") if following else ""
    assert len(there) == len(set(there)) == 45
    previous = re.search(r'rel="prev" href="([^"]+)"', last.content.decode())[1].replace("&amp;", "&")
    assert numbers(client.get(previous)) == there[20:40]


@pytest.mark.parametrize("rows", [20, 2_000])
def test_queries_of_the_list_stay_flat(signed_in, reviewer, assert_queries, rows):
    copy_referral(ReferralFactory(dispatched=True), rows - 1)
    client = signed_in(reviewer)
    client.get(LIST)
    with assert_queries(QUERIES_OF_THE_LIST[rows]):
        response = client.get(LIST)
    assert counts(response)["待签收"] == ("20" if rows == 20 else "1000+")
    assert len(numbers(response)) == 20


def test_it_is_nobody_elses_page(signed_in, assistant, convener, supervision, system_administrator):
    for other in (assistant, convener, supervision, system_administrator):
        assert signed_in(other).get(LIST).status_code == 403


def test_the_list_follows_the_work(signed_in):
    referral = ReferralFactory(dispatched=True)
    handler, approver = handler_of(referral.unit), approver_of(referral.unit)
    transitions.take(referral_id=referral.pk, by=handler)
    text = signed_in(approver).get(LIST, {"tab": "stage"}).content.decode()
    assert f'data-label="现由谁办">{handler.staff.name}<' in text
    assert f"{house_clock.local(referral.arrived_at):%Y-%m-%d %H:%M}" in text
