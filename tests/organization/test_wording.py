"""A parameter's value reads as an office would say it."""

import csv
import json
import re

import pytest
from django.conf import settings

from organization.wording import shown


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (30, "30"),
        (1.5, "1.5"),
        (True, "是"),
        (False, "否"),
        ("01-15", "01-15"),
        ({"max": 2, "min": 1}, "最少1，最多2"),
        ([{"up_to": 20000, "staff": 1}, {"up_to": None, "staff": 3}], "上限20000，配1；上限不限，配3"),
        ({"mz01": "next_month"}, "最低生活保障次月起"),
    ],
)
def test_values_read_as_words(value, text):
    assert shown(value) == text


def test_no_figure_of_the_fixture_shows_its_code():
    with (settings.BASE_DIR / "fixtures/parameters.csv").open(encoding="utf-8", newline="") as file:
        texts = {row["key"]: shown(json.loads(row["value"])) for row in csv.DictReader(file)}
    assert {key: text for key, text in texts.items() if re.search(r"[a-z_{}\[\]]", text)} == {}
