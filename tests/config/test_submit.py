"""What a verb refuses comes back in the form; that somebody else was first is told on the thing's own page."""

import pytest
from django import forms
from django.contrib.messages import get_messages
from django.contrib.messages.storage.fallback import FallbackStorage
from django.core.exceptions import ValidationError
from django.test import RequestFactory

from config.submit import late, submit
from config.verbs import AlreadyHandled, TransitionError


class ReasonForm(forms.Form):
    reason = forms.CharField()
    amount = forms.CharField(max_length=20, required=False)
    note = forms.CharField(widget=forms.Textarea, required=False)


def refused(error: Exception, **written: str) -> ReasonForm:
    form = ReasonForm({"reason": "已核实", **written}, initial={"note": "原来的话"})
    assert form.is_valid()

    def verb():
        raise error

    assert submit(form, verb) is None
    return form


@pytest.fixture
def request_():
    request = RequestFactory().post("/")
    request.session = {}
    request._messages = FallbackStorage(request)
    return request


def test_whoever_comes_second_is_led_to_the_page(request_):
    answer = late(request_, refused(AlreadyHandled("已由虚构窗口 甲办结。")), "/thing/")
    assert answer.url == "/thing/"
    assert [str(told) for told in get_messages(request_)] == ["已由虚构窗口 甲办结。"]


def test_what_was_written_is_shown_once_more(signed_in, clerk):
    """By a page of its own, which no cookie carries."""
    answers = signed_in(clerk)
    request = answers.get("/organization/account/").wsgi_request
    form = refused(AlreadyHandled("已由虚构窗口 甲办结。"), note="走访两次\n家中无人", amount="300")
    answer = late(request, form, "/thing/")
    text = answer.content.decode()
    assert answer.status_code == 409
    for shown in ("已由虚构窗口 甲办结。", "走访两次<br>家中无人", 'href="/thing/"'):
        assert shown in text
    assert "300" not in text.split("<main")[1].split("</main")[0]


def test_what_stood_there_already_is_not(request_):
    assert late(request_, refused(AlreadyHandled("已由虚构窗口 甲办结。"), note="原来的话"), "/thing/").status_code == 302


@pytest.mark.parametrize("error", [TransitionError("还没有签收。"), ValidationError({"reason": "请写明。"}), ValidationError("不能这样。")])
def test_what_can_be_mended_keeps_its_form(request_, error):
    form = refused(error)
    assert late(request_, form, "/thing/") is None
    assert form.errors
    assert not list(get_messages(request_))


def test_a_form_not_sent_stays(request_):
    assert late(request_, ReasonForm(), "/thing/") is None
