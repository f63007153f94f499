"""Pages of the first road over a county (PERFORMANCE 6): `python -m bench.main_road [--households 60000] [--rounds 60]`.

Through Django's test client: every middleware, the session and the acting post are part of each figure, a network is not.
"""

import argparse
import os
import random
import re
import sys
from collections.abc import Callable, Iterable
from html import unescape
from typing import Any

from bench.county import county
from bench.harness import Latency, Row, at_least, at_most, latencies, machine, table

HOUSEHOLDS = int(os.environ.get("BENCH_HOUSEHOLDS", "60000"))
REFERRALS = int(os.environ.get("BENCH_REFERRALS", "300000"))  # as many as the goals speak of, however many households
FULL = 300_000  # households: the goals that grow with the county are asked of it from here on
DEEP = 200
LIST = "/referrals/"
Get = Callable[[str], Any]


def prepare() -> None:
    """As a live server: nothing of the test bed's strictness, static files read once; and the addresses of the peers."""
    from django.conf import settings
    from django.template import engines

    from config.memory import OF_PAGES, settle

    settle(OF_PAGES)
    settings.ROOT_URLCONF = "bench.peers"
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if not name.startswith("tests.")]
    engines["django"].engine.string_if_invalid = ""
    settings.WHITENOISE_AUTOREFRESH = False


def worker(kind: str, where: str = "") -> Any:
    """A new colleague of whoever works there, with no other post."""
    from config import clock
    from organization.models import Post, Staff
    from tests.cast import unit_of

    unit = unit_of(kind, where)
    post = (
        Post.objects.effective(clock.today()).filter(unit=unit).select_related("unit__region", "unit__department").order_by("-rank").first()
    )
    found = Staff.objects.filter(username=f"bench-{unit.pk}").first()
    if found is None:
        found = Staff.objects.create(
            username=f"bench-{unit.pk}",
            name="测量员",
            created_at=clock.now(),
            created_by=post,
            password_changed_at=clock.now(),
            must_change_password=False,
        )
        post.pk, post.staff, post._state.adding = None, found, True
        post.save()
    return Post.objects.select_related("unit__region", "unit__department", "staff").get(staff=found)


def signed_in(post: Any) -> Any:
    from django.test import Client

    from tests.cast import sign_in

    return sign_in(Client(), post.staff, post)


def pages_of(post: Any) -> Get:
    client = signed_in(post)

    def get(address: str) -> Any:
        answer = client.get(address)
        if answer.status_code != 200:
            raise RuntimeError(f"{address} answered {answer.status_code} to {post}")
        return answer

    return get


def at_page(get: Get, address: str, number: int) -> tuple[str, int]:
    """The address of page `number`, reached as people reach it, or of the last one there is."""
    for page in range(1, number):
        found = re.search(r'rel="next"[^>]*href="([^"]+)"', get(address).content.decode())
        if found is None:
            return address, page
        address = unescape(found[1])
    return address, number


def inbox(rounds: int) -> int:
    """The list against what one would write, and against a page with nothing on it."""
    get = pages_of(worker("department", "MZ"))
    first = f"{LIST}?tab=closed&size=50"
    deep, number = at_page(get, first, DEEP)
    took = latencies(
        {
            "empty": (get, ["/bench/empty/"] * rounds),
            "first": (get, [first] * rounds),
            "deep": (get, [deep] * rounds),
            "naive first": (get, ["/bench/naive/"] * max(rounds // 3, 5)),
            "naive deep": (get, [f"/bench/naive/?page={number}"] * max(rounds // 6, 5)),
        }
    )
    empty = took["empty"]

    def against(what: str, ours: Latency, peer: Latency, goal: float) -> list[Row]:
        share = empty.median / ours.median * 100
        return [
            at_least(what, f"{ours}, {1000 / ours.median:.0f} a second", peer.median / ours.median, goal, f"Paginator ({peer})"),
            at_least("- of an empty signed-in page", f"{empty}", share, 20, "a hundredth of its requests a second"),
        ]

    rows = against("page 1", took["first"], took["naive first"], 2)
    rows += against(f"page {number}", took["deep"], took["naive deep"], 20 if number == DEEP else 1)
    return table("Inbox of a department, what it has done, 50 rows a page, median / 99th percentile", rows)


def tabs_and_sorts(rounds: int) -> int:
    """Every tab of every kind of unit, and every order of it, 20 rows a page."""
    people = {
        "window": worker("township_window", "500233001"),
        "township office": worker("township_office", "500233001:social_affairs"),
        "department": worker("department", "MZ"),
        "platform": worker("platform"),
    }
    rows = []
    for who, post in people.items():
        get = pages_of(post)
        shown = {f"{who}: {tab}, {sort}": f"{LIST}?tab={tab}&sort={sort}" for tab, sort in _views(get(LIST).content.decode(), get)}
        rows += measured(get, shown, rounds)
    return table("Inbox, each tab and order, median / 99th percentile", rows)


def _views(page: str, get: Get) -> Iterable[tuple[str, str]]:
    for tab in dict.fromkeys(re.findall(r'href="\?tab=(\w+)"', page)):
        for sort in dict.fromkeys(re.findall(r"[?;]sort=(-?\w+)", get(f"{LIST}?tab={tab}").content.decode())):
            yield from ((tab, sort), (tab, sort.removeprefix("-") if sort.startswith("-") else f"-{sort}"))


def measured(get: Get, shown: dict[str, str], rounds: int) -> list[Row]:
    took = latencies({"empty": (get, ["/bench/empty/"] * rounds)} | {what: (get, [address] * rounds) for what, address in shown.items()})
    empty = took.pop("empty")
    return [
        Row(what, str(found), f"{empty.median / found.median:.0%} of an empty page's requests a second") for what, found in took.items()
    ]


def other_pages(rounds: int) -> int:
    """A window's day: the desk, its lists, one household, one case, one referral."""
    from django.urls import reverse

    from households.models import Household
    from referrals.models import Referral

    clerk = worker("township_window", "500233001")
    mine = Referral.objects.visible_to(clerk).filter(status="confirmed").order_by("?").first()
    home = Household.objects.visible_to(clerk).filter(pk=mine.case_household_id).get()
    shown = {
        "window": reverse("intake:window"),
        "applications": reverse("intake:application_list"),
        "visits": reverse("intake:visit_list"),
        "household": reverse("households:household_detail", args=[home.pk]),
        "case": reverse("referrals:case_detail", args=[mine.application_id]),
        "referral": reverse("referrals:referral_detail", args=[mine.pk]),
        **{f"duties, {tab}": f"/workbench/?tab={tab}" for tab in ("waiting", "taken", "late", "promised", "closed")},
    }
    rows = measured(pages_of(clerk), shown, rounds)
    platform = {"platform: applications": reverse("intake:application_list")}
    return table(
        "Other pages of a window and of the platform, median / 99th percentile",
        rows + measured(pages_of(worker("platform")), platform, rounds),
    )


def search(rounds: int, *, is_full: bool) -> int:
    """By name through the page: posted, redirected, shown; and the statement alone against LIKE and a primary key."""
    from households.finding import people_named
    from households.models import Resident

    rng = random.Random(7)
    clerk, platform = worker("township_window", "500233001"), worker("platform")
    people = list(Resident.objects.visible_to(clerk).values_list("pk", "name")[:5000])
    rng.shuffle(people)
    keys, names = [pk for pk, _ in people[:rounds]], [name for _, name in people if len(name) == 3]
    client, numbers = signed_in(clerk), _numbers(keys)

    def through_the_page(term: str) -> None:
        answer = client.post("/households/search/", {"wanted": term}, follow=True)
        if answer.status_code != 200 or not answer.redirect_chain:
            raise RuntimeError(f"the search answered {answer.status_code}")

    def like(term: str) -> list[Any]:
        return list(Resident.objects.visible_to(platform).filter(name__contains=term).values_list("pk", flat=True))

    rows = []
    for what, terms in {"2 characters": [name[1:] for name in names], "3 characters": names}.items():
        took = latencies(
            {
                "key": (lambda pk: Resident.objects.values_list("pk").get(pk=pk), keys),
                "county": (lambda term: people_named(term, platform), terms[:rounds]),
                "own": (lambda term: people_named(term, clerk), terms[:rounds]),
                "like": (like, terms[: max(rounds // 6, 5)]),
                "page": (through_the_page, terms[:rounds]),
            }
        )
        against = took["like"].median / took["county"].median
        of_like = f"as long: LIKE '%...%' ({took['like']})"
        of_key = took["county"].median / took["key"].median
        key = f"a primary key ({took['key'].median:.2f} ms)"
        rows += [
            at_least(what, str(took["county"]), against, 100, of_like)
            if is_full
            else Row(what, str(took["county"]), f"{against:.0f} x {of_like}"),
            at_most("- of the primary key", "", of_key, 3, key) if is_full else Row("- of the primary key", "", f"{of_key:.1f} x {key}"),
            Row("- within a township", str(took["own"]), f"{took['own'].median / took['key'].median:.1f} x {key}"),
            Row("- through the page", str(took["page"]), "post, redirect and page"),
        ]
    took = latencies({"number": (through_the_page, numbers)})
    rows.append(Row("an ID number, to the household's page", str(took["number"]), "post, redirect and page"))
    return table("Looking for people", rows)


def _numbers(keys: list[Any]) -> list[str]:
    from config.protection.sealing import open_sealed
    from households.models import Resident

    return [open_sealed(person, "id_number") for person in Resident.objects.filter(pk__in=keys)]


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--households", type=int, default=HOUSEHOLDS, help="BENCH_HOUSEHOLDS; 350000 is the county")
    parser.add_argument("--referrals", type=int, default=REFERRALS)
    parser.add_argument("--rounds", type=int, default=60)
    options = parser.parse_args()
    with county("bench_main_road", options.households, options.referrals) as said:
        prepare()
        print(f"{machine()}\n{said}")
        missed = inbox(options.rounds) + tabs_and_sorts(options.rounds // 3) + other_pages(options.rounds // 2)
        return min(missed + search(options.rounds, is_full=options.households >= FULL), 1)


if __name__ == "__main__":
    sys.exit(main())
