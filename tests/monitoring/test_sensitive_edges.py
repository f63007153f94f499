"""A page whose edge row withholds its day, its unit or its key: the links to the next page tell none of them, however they are read."""

import re
from base64 import urlsafe_b64decode
from datetime import timedelta
from html import unescape

import pytest
from django.urls import reverse

from config import keyset
from deadlines.models import Duty
from deadlines.rules import due_on
from monitoring.views import on_time
from tests.referrals.factories import ReferralFactory

pytestmark = pytest.mark.django_db
LISTS = {
    "inbox": (reverse("referrals:referral_list"), "tab=receive"),
    "on time": (reverse("monitoring:on_time_list"), "half=stage&figure=open_late"),
    "ledger": (reverse("monitoring:ledger_referrals"), ""),
    "interface": ("/api/v1/referrals/", ""),
}


@pytest.fixture
def late(clock, monkeypatch):
    """The middle one of three, each of them the edge of its page."""
    monkeypatch.setattr(keyset, "SIZES", (1, 2, 3))
    monkeypatch.setattr(on_time, "SIZE", 1)
    between = [ReferralFactory(program=program, dispatched=True) for program in ("MZ03", "MZ09", "MZ03")]
    for days, referral in enumerate(between):
        duty_of(referral).__class__.objects.filter(pk=duty_of(referral).pk).update(due_at=duty_of(referral).due_at + timedelta(days=days))
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
    found = re.search(rf'rel="{way}" href="\?([^"]*)"', text) or re.search(
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


@pytest.mark.parametrize("name", LISTS)
def test_no_edge_tells_what_its_row_withholds(signed_in, platform, late, name):
    duty, (path, query) = duty_of(late), LISTS[name]
    found = list(pages(signed_in(platform), path, query))
    assert len(found) == 6  # each of the three is an edge, downwards and upwards
    assert any(late.number in page for page in found)
    told = [
        duty.pk.bytes,
        str(duty.pk).encode(),
        duty.pk.hex.encode(),
        due_on(duty.due_at).isoformat().encode(),
        duty.due_at.isoformat().encode(),
    ]
    told += [str(duty.pk.int).encode(), f"{duty.due_at:%Y%m%d}".encode(), str(int(duty.due_at.timestamp())).encode()]
    assert [(at, what) for at, page in enumerate(found) for what in told if what in written_out(page)] == []


def test_a_link_of_one_list_does_not_open_in_another_that_tells_the_days(signed_in, platform, late):
    """By it the list of late matters would begin right after the clock."""
    client, inbox = signed_in(platform), "/".join(LISTS["inbox"][:1])
    pages_of = [page for page in pages(client, inbox, "tab=receive") if late.number in page]
    tokens = {found[1] for page in pages_of for found in re.finditer(r"after=([\w.-]+)", page)}
    late_list, whole = reverse("monitoring:late_list"), {}
    for query in ["", *(f"after={token}" for token in tokens)]:
        whole[query] = re.findall(r'name="duty"\s+value="([^"]+)"', client.get(f"{late_list}?size=3&{query}").content.decode())
    assert tokens
    assert len({tuple(keys) for keys in whole.values()}) == 1
