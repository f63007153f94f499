"""A page whose edge row withholds its day, its unit or its key: the links to the next page tell none of them, however they are read."""

import re
from base64 import urlsafe_b64decode
from datetime import timedelta
from html import unescape

import pytest
from django.urls import reverse

from config import clock as house_clock
from config import keyset
from deadlines.models import Duty
from deadlines.rules import due_on
from deadlines.transitions import close_duty
from monitoring import forecast
from monitoring.other_ledgers.acts import REMINDERS
from monitoring.transitions import issue_reminders
from monitoring.views import on_time
from tests import cast
from tests.monitoring.factories import DEMAND
from tests.monitoring.other_ledgers.reading import sheets
from tests.referrals.factories import ReferralFactory

pytestmark = pytest.mark.django_db
LISTS = {
    "inbox": (reverse("referrals:referral_list"), "tab=receive"),
    "on time": (reverse("monitoring:on_time_list"), "half=stage&figure=open_late"),
    "ledger": (reverse("monitoring:ledger_referrals"), ""),
    "interface": ("/api/v1/referrals/", ""),
}
TICKED = re.compile(r'name="duty"\s+value="([^"]+)"')


@pytest.fixture
def late(clock, monkeypatch):
    """The middle one of three, each of them the edge of its page."""
    monkeypatch.setattr(keyset, "SIZES", (1, 2, 3))
    monkeypatch.setattr(on_time, "SIZE", 1)
    between = [ReferralFactory(program=program, dispatched=True) for program in ("MZ03", "MZ09", "MZ03")]
    for days, referral in enumerate(between):
        Duty.objects.filter(pk=duty_of(referral).pk).update(due_at=duty_of(referral).due_at + timedelta(days=days))
    clock.forward(days=60)
    return between[1]


def duty_of(referral):
    return Duty.objects.open().filter(is_promise=False).get(subject_id=str(referral.pk))


def pages(client, path, query):
    """Each page down to the last and up again."""
    for way in ("next", "prev"):
        while query is not None:
            text = unescape(client.get(f"{path}?{query}").content.decode())
            yield text
            here, query = query, following(text, way)
        query = here


def following(text, way):
    found = re.search(rf'rel="{way}" href="[^"?]*\?([^"]*)"', text) or re.search(
        rf'"{"next" if way == "next" else "previous"}":"[^"?]*\?([^"]*)"', text
    )
    return found and found[1]


def written_out(text):
    """A page with whatever in it may be octets in base64, read as that."""
    octets = b""
    for run in re.findall(r"[\w-]{16,}", text):
        for start in range(4):
            part = run[start:]
            octets += urlsafe_b64decode(part[: len(part) // 4 * 4].encode("ascii", "replace")) if part.isascii() else b""
    return text.encode() + octets


def test_no_edge_tells_what_its_row_withholds(signed_in, platform, late):
    duty, day = duty_of(late), due_on(duty_of(late).due_at).isoformat()
    texts = [
        str(duty.pk),
        duty.pk.hex,
        str(duty.pk.int),
        day,
        day.replace("-", ""),
        duty.due_at.isoformat(),
        str(int(duty.due_at.timestamp())),
    ]
    told = [duty.pk.bytes, *(text.encode() for text in texts)]
    for name, (path, query) in LISTS.items():
        found = list(pages(signed_in(platform), path, query))
        assert len(found) == 6, name  # each of the three is an edge, downwards and upwards
        assert any(late.number in page for page in found)
        assert [(name, at, what) for at, page in enumerate(found) for what in told if what in written_out(page)] == []


def test_a_link_of_one_list_does_not_open_in_another_that_tells_the_days(signed_in, platform, late):
    """By it the list of late matters would begin right after the clock."""
    client, late_list = signed_in(platform), reverse("monitoring:late_list")
    found = {link[0] for page in pages(client, *LISTS["inbox"]) for link in re.finditer(r"(after|before)=[\w.-]{100,}", page)}
    assert len(found) > 3
    begun = {tuple(TICKED.findall(client.get(f"{late_list}?size=3&{link}").content.decode())) for link in ["", *found]}
    assert len(begun) == 1


def test_where_its_day_is_withheld_it_stands_after_all_others(signed_in, platform, supervision, late):
    """Between its neighbours its place would tell the day; where the day is told it stands among them."""
    place = f"&township={late.township_code}"
    last = [(platform, *LISTS["inbox"]), (platform, *LISTS["on time"]), (supervision, LISTS["on time"][0], LISTS["on time"][1] + place)]
    for post, path, query in last:
        found = [late.number in page for page in pages(signed_in(post), path, query)]
        assert found == [False, False, True, True, False, False], (post, path)
    whole = signed_in(platform).get(reverse("monitoring:late_list"), {"size": 3}).content.decode()
    assert TICKED.findall(whole)[1] == str(duty_of(late).pk)


def test_what_they_go_by_instead_pairs_no_number_with_a_day(signed_in, platform, late, monkeypatch):
    """Clocks' keys stand beside unit and day in the list of late matters: in their order, the third here were the third there."""
    several = [late, *(ReferralFactory(program="MZ09", dispatched=True) for _ in range(4))]
    when = {name: getattr(duty_of(late), name) for name in ("starts_at", "amber_at", "due_at")}
    for referral in several:
        Duty.objects.filter(pk=duty_of(referral).pk).update(**when)
    monkeypatch.setattr(keyset, "SIZES", (50,))
    monkeypatch.setattr(on_time, "SIZE", 50)
    of_referrals = [row.number for row in sorted(several, key=lambda row: str(row.pk))]
    for path, query in (LISTS["inbox"], LISTS["on time"]):
        text = signed_in(platform).get(f"{path}?{query}").content.decode()
        found = {row.number: text.index(row.number) for row in several}
        assert sorted(found, key=found.get) == of_referrals, path


def test_nor_does_it_stand_between_those_that_will_be_late(platform):
    between = [ReferralFactory(program="MZ03", dispatched=True), ReferralFactory(program="MZ09", dispatched=True)]
    between.append(ReferralFactory(program="MZ03", dispatched=True))
    now = house_clock.now()
    for hours, referral in enumerate(between, start=2):
        Duty.objects.filter(pk=duty_of(referral).pk).update(due_at=now + timedelta(hours=hours), amber_at=now)
    found = [line.number for line in forecast.forecast(platform, now).lines]
    assert [number for number in found if number in {row.number for row in between}] == [between[at].number for at in (0, 2, 1)]


def test_the_end_of_a_matter_that_was_pressed_for_stands_beside_its_number_alone(signed_in, platform, late, clock):
    """Its minute beside the unit, on the reminder and in the ledger, would find the number in the list behind 按期率."""
    duty, unit_post = duty_of(late), late.unit.posts.first()
    [reminder] = issue_reminders(duty_ids=[duty.pk], demand=DEMAND, by=cast.member("platform_approver"))
    clock.forward(days=1)
    close_duty(subject=late, kind=duty.kind, by=unit_post)
    minute = f"{house_clock.local(house_clock.now()):%Y-%m-%d %H:%M}"
    pressed, own = (signed_in(post).get(reminder.get_absolute_url()).content.decode() for post in (platform, unit_post))
    assert [minute in pressed, "不写时间（已办）" in pressed, minute in own] == [False, True, True]
    days = {post: [row["事项办结日期"] for sheet in sheets(REMINDERS, post) for row in sheet] for post in (platform, unit_post)}
    assert days[platform] == ["已办"]
    assert [str(day) for day in days[unit_post]] == [minute[:10]]
