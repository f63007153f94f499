"""Handing a cleaned form to a verb, so that what the verb refuses comes back beside the field and nothing typed is lost."""

from collections.abc import Callable
from typing import Any, TypeVar

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError

from .verbs import TransitionError

R = TypeVar("R")


def submit(form: forms.Form, verb: Callable[[], R]) -> R | None:
    """The verb's result; None when it refused, with its sentences now standing in the form."""
    try:
        return verb()
    except TransitionError as refused:
        form.add_error(None, str(refused))
    except ValidationError as invalid:
        _add(form, invalid)
    return None


def _add(form: forms.Form, invalid: ValidationError) -> None:
    by_field: dict[str, Any] = invalid.error_dict if hasattr(invalid, "error_dict") else {NON_FIELD_ERRORS: invalid.error_list}
    for field, errors in by_field.items():
        for error in errors:
            form.add_error(field if field in form.fields else None, error)
