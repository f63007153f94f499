"""A log line is one JSON object with the request's id, and holds nobody's data (S9)."""

import json
import logging

import pytest

from config import logs, request_id

CANARY_ID = "000000199001011234"
CANARY_PHONE = "13900001234"


def line(message, *args, exc_info=None):
    record = logging.LogRecord("somewhere", logging.ERROR, __file__, 1, message, args, exc_info)
    return json.loads(logs.JsonFormatter().format(record))


def test_a_line_is_one_json_object():
    found = line("two\nlines of %s", "text")
    assert found["text"] == "two\nlines of text"
    assert {"at", "level", "logger", "request", "text"} <= set(found)


@pytest.mark.parametrize(
    "text",
    [
        f"duplicate key value\nDETAIL:  Key (name)=({CANARY_ID}) already exists.",
        f"Not Found: /people/?id={CANARY_ID}&x=1",
        f"bad number {CANARY_ID}.",
        f"call {CANARY_PHONE}, please",
        "00000019900101123X",
    ],
)
def test_what_may_be_somebodys_is_cut_out(text):
    said = line("%s", text)["text"]
    assert CANARY_ID not in said
    assert CANARY_PHONE not in said
    assert "00000019900101123X" not in said


def test_other_numbers_stay():
    assert line("%s", "took 12345678901 ns, row 42, at 1700000000000")["text"] == "took 12345678901 ns, row 42, at 1700000000000"


def test_a_traceback_is_cleaned_too():
    try:
        raise ValueError(f"cannot read\nDETAIL: {CANARY_ID}\n{CANARY_PHONE}")
    except ValueError as error:
        found = line("failed", exc_info=(type(error), error, error.__traceback__))
    assert "ValueError" in found["trace"]
    assert CANARY_ID not in found["trace"]
    assert CANARY_PHONE not in found["trace"]


def test_a_request_says_its_id_in_answer_and_log(client, caplog):
    caplog.set_level(logging.WARNING, "django.request")
    seen = []
    handler = logging.StreamHandler()
    handler.emit = lambda record: seen.append(json.loads(logs.JsonFormatter().format(record)))
    logging.getLogger("django.request").addHandler(handler)
    try:
        answer = client.get(f"/no-such-page/?id={CANARY_ID}", headers={"X-Request-ID": "abcdef0123456789"})
    finally:
        logging.getLogger("django.request").removeHandler(handler)
    assert answer["X-Request-ID"] == "abcdef0123456789"
    assert [found["request"] for found in seen] == ["abcdef0123456789"]
    assert CANARY_ID not in json.dumps(seen)


@pytest.mark.parametrize("sent", ["short", "x" * 65, 'a"b\n{}12345678', "编号编号编号编号"])
def test_an_id_that_is_not_well_formed_is_replaced(client, sent):
    answer = client.get("/healthz", headers={"X-Request-ID": sent})
    assert answer["X-Request-ID"] != sent
    assert answer["X-Request-ID"].isalnum()


def test_outside_a_request_there_is_none():
    assert request_id.current() == "-"
