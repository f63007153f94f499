"""The component page: in dev and demo only, showing every component there is."""

import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from config.styleguide import SAMPLES

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
ADDRESSES = ["/styleguide/", "/styleguide/print/", "/styleguide/answer/404/"]
# Parts of the frame itself and parts of parts: every page shows them.
FRAME = {
    "bottom_bar", "error_summary", "messages", "navigation", "office_header", "post_choices", "post_switch", "public_footer",
    "public_header", "refusal", "text_size", "watermark",
}  # fmt: skip
SHOWN_AS = {"confirm_button": "confirm", "print_button": "print", "export_button": "export", "list_head": "list", "list_tools": "list"}


@pytest.mark.django_db
def test_styleguide_shows_every_component(client: Client) -> None:
    page = client.get("/styleguide/").content.decode()
    for name, _ in SAMPLES:
        assert f'id="{name}"' in page
    components = {file.stem for file in (TEMPLATES / "_components").glob("[!_]*.html")}
    assert {SHOWN_AS.get(name, name) for name in components - FRAME} <= {name for name, _ in SAMPLES}


@pytest.mark.django_db
def test_posting_shows_errors_and_keeps_what_was_typed(client: Client) -> None:
    response = client.post("/styleguide/", {"name": "张某芳", "members": "0"})
    assert response.status_code == 422
    page = response.content.decode()
    assert 'value="张某芳"' in page
    assert "error-summary" in page


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/styleguide/", "/styleguide/?wrong"])
def test_no_id_stands_twice_and_every_label_and_description_finds_its_own(client: Client, address: str) -> None:
    page = client.get(address).content.decode()
    ids = re.findall(r'\sid="([^"]+)"', page)
    assert [name for name, count in Counter(ids).items() if count > 1] == []
    named = set(re.findall(r'\sfor="([^"]+)"', page))
    for words in re.findall(r'aria-(?:describedby|labelledby)="([^"]+)"', page):
        named.update(words.split())
    assert named <= set(ids)


@pytest.mark.parametrize("address", ADDRESSES)
def test_outside_dev_and_demo_there_is_no_styleguide(client: Client, settings: Any, address: str) -> None:
    settings.IS_DEMO = settings.DEBUG = False
    assert client.get(address).status_code == 404
    assert client.post("/styleguide/reveal/").status_code == 404


def test_answers_are_as_asked_for(client: Client) -> None:
    assert client.get("/styleguide/answer/409/").status_code == 409


@pytest.mark.django_db
def test_print_sample_is_dated_as_documents_are(client: Client) -> None:
    assert "2026年9月24日" in client.get("/styleguide/print/").content.decode()
