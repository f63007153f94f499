"""Handing a cleaned form to a verb, so that what the verb refuses comes back beside the field and nothing typed is lost."""

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any, TypeVar

from django import forms
from django.contrib import messages
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import OperationalError, connection, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render, resolve_url

from .once import NothingDone
from .verbs import HELD, AlreadyHandled, TransitionError, is_held

R = TypeVar("R")
HANDLED = "handled"  # somebody else was first: nothing in the form is wrong
PROSE = 100  # a field that holds as many characters is written, not filled in


def submit(form: forms.Form, verb: Callable[[], R]) -> R | None:
    """The verb's result; None when it refused, or waited too long for a row, with the sentences now standing in the form.

    A statement that failed breaks the transaction around it. Inside one (`once`) the verb has a savepoint, since the page is read after it.
    """
    try:
        with transaction.atomic() if connection.in_atomic_block else nullcontext():
            return verb()
    except OperationalError as broken:
        if not is_held(broken):
            raise
        _say(form, HELD, "held")
    except AlreadyHandled as first:
        say_handled(form, str(first))
    except TransitionError as refused:
        form.add_error(None, str(refused))
    except ValidationError as invalid:
        _add(form, invalid)
    return None


def handled(form: forms.Form) -> str:
    """What the verb said of who was first; "" where nobody was."""
    found = form.errors.get(NON_FIELD_ERRORS)
    return str(found[0]) if found and form.has_error(NON_FIELD_ERRORS, HANDLED) else ""


def say_handled(form: forms.Form, sentence: str) -> None:
    """Who was first, over a form that keeps its words: nothing in it is said to need mending."""
    _say(form, sentence, HANDLED)


def _say(form: forms.Form, sentence: str, code: str) -> None:
    form.add_error(None, ValidationError(sentence, code=code))
    form.is_handled = True  # type: ignore[attr-defined]  # read by the summary of errors


def late(request: HttpRequest, form: forms.Form, page: Any) -> HttpResponse | None:
    """To the thing's own page, with who was first and what stands now; None where nobody was.

    For steps that are over once somebody has taken them. A page on which the second one still has something to do keeps his form. What he
    has written is shown once more before, to be copied.
    """
    sentence = handled(form)
    if not sentence:
        return None
    if words := _written(form):
        return render(request, "late.html", {"sentence": sentence, "words": words, "page": resolve_url(page)}, status=409)
    return instead(request, sentence, page)


def instead(request: HttpRequest, sentence: str, page: Any) -> NothingDone:
    """To that page with the sentence why nothing was done."""
    messages.warning(request, sentence)
    return NothingDone(resolve_url(page))


def _written(form: forms.Form) -> list[tuple[str, str]]:
    """Label and words of each field in which somebody has written sentences. Dates, choices and numbers are of no use any more."""
    found = [bound for bound in form.visible_fields() if bound.name in form.changed_data and _is_prose(bound.field)]
    return [(str(bound.label), str(bound.value())) for bound in found if bound.value()]


def _is_prose(field: forms.Field) -> bool:
    return type(field) is forms.CharField and (isinstance(field.widget, forms.Textarea) or (field.max_length or 0) >= PROSE)


def _add(form: forms.Form, invalid: ValidationError) -> None:
    by_field: dict[str, Any] = invalid.error_dict if hasattr(invalid, "error_dict") else {NON_FIELD_ERRORS: invalid.error_list}
    for field, errors in by_field.items():
        for error in errors:
            form.add_error(field if field in form.fields else None, error)
