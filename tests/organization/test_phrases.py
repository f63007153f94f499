"""常用意见: one's own, a limited number, without anybody's number; offered at the fields where opinions are written."""

from datetime import date

import pytest
from django.http import Http404
from django.urls import reverse

from audit.models import Event
from config.protection.synthetic import numbered_id
from config.rendering import OpinionArea
from config.verbs import TransitionError
from intake.forms.acceptance import NotAcceptedForm
from organization.figures import figure
from organization.models import Phrase
from organization.transitions import phrases
from referrals.forms import ForwardForm, ProposeForm

pytestmark = pytest.mark.django_db
LIST = reverse("organization:phrase_list")


def test_kept_reworded_discarded_by_their_owner(clerk, second_clerk, signed_in):
    client = signed_in(clerk)
    assert client.post(LIST, {"text": "材料齐全，同意受理。"}).status_code == 302
    [phrase] = Phrase.objects.visible_to(clerk)
    assert "材料齐全" in client.get(reverse("organization:phrase_choices")).content.decode()
    assert not Phrase.objects.visible_to(second_clerk).exists()
    with pytest.raises(Http404):
        phrases.reword(phrase_id=phrase.pk, text="改", by=second_clerk)
    client.post(reverse("organization:phrase_reword", args=[phrase.pk]), {"text": "同意。"})
    assert Phrase.objects.get().text == "同意。"
    client.post(reverse("organization:phrase_discard", args=[phrase.pk]))
    assert not Phrase.objects.exists()
    lines = Event.objects.filter(verb__startswith="phrase.").order_by("pk")
    assert [line.verb for line in lines] == ["phrase.kept", "phrase.reworded", "phrase.discarded"]
    assert not [line for line in lines if "同意" in f"{line.new}{line.note}{line.data}"], "the words are nobody else's business"


def test_refused_with_what_was_typed_kept(clerk, signed_in, monkeypatch):
    client = signed_in(clerk)
    number = numbered_id(date(1980, 5, 6), 7)
    page = client.post(LIST, {"text": f"已核对{number}"})
    assert page.status_code == 422
    assert "不要写证件号码" in page.content.decode()
    phrases.keep(text="同意。", by=clerk)
    assert "已经保存过" in client.post(LIST, {"text": "同意。"}).content.decode()
    monkeypatch.setattr("organization.transitions.phrases.figure", lambda key: 1)
    with pytest.raises(TransitionError, match="最多保存1条"):
        phrases.keep(text="不同意。", by=clerk)
    assert figure("own_phrases_max") == 30


def test_offered_where_opinions_are_written(clerk, signed_in):
    asked = [ProposeForm(cap=None), ForwardForm(), NotAcceptedForm()]
    assert all(any(isinstance(field.widget, OpinionArea) for field in form.fields.values()) for form in asked)
    without_scripts = str(ForwardForm()).partition("<noscript>")[2].partition("</noscript>")[0]  # a page to copy from
    assert f'href="{LIST}"' in without_scripts
    assert f'data-phrases="{reverse("organization:phrase_choices")}"' in signed_in(clerk).get(LIST).content.decode()
