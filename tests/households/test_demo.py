"""The demo's families."""

from collections import Counter
from datetime import date
from random import Random

from households.demo import _member
from organization.demo import SHARES


def test_no_two_people_of_the_demo_share_a_number():
    """However many are born on one day: who is counted by the day never meets another, at whatever hour the demo is loaded."""
    rng, taken = Random(1), Counter[date]()
    found = [_member("02", rng.randrange(40, 43), rng.choice("12"), "张三丰", taken, rng).number for _ in range(3000)]
    assert len(set(found)) == 3000


def test_no_two_shares_of_the_demo_meet():
    """Each process counts its own people born on a day."""
    found = [
        {_member("02", 40, sex, "张三丰", Counter(), rng, share).number for rng in map(Random, range(400)) for sex in "12"}
        for share in range(SHARES)
    ]
    assert found[0].isdisjoint(found[1])
