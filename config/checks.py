"""What `manage.py check`, and so every start, says about protected values."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error
from django.core.exceptions import ImproperlyConfigured
from django.db import models

from .protection.fields import protected_columns
from .protection.keys import provider


def field_keys(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Keys are there, well formed and different, and the algorithms give the published answers (S10)."""
    try:
        provider().self_test()
    except ImproperlyConfigured as wrong:
        return [Error(str(wrong), id="protection.E001")]
    return []


def protected_models(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """A model with a protected value makes its own uuid key before it is saved, and has the constraint that keeps the columns whole."""
    wrong: list[CheckMessage] = []
    for model, declaration in protected_columns():
        if not isinstance(model._meta.pk, models.UUIDField) or not model._meta.pk.has_default():
            wrong.append(Error(f"{model._meta.label}：有受保护字段的表须以 uuid 为主键并自带默认值。", obj=model, id="protection.E002"))
        if not any(constraint.name.endswith(f"_{declaration.name}_is_sealed_whole") for constraint in model._meta.constraints):
            wrong.append(Error(f"{model._meta.label}.{declaration.name}：缺少 sealed_whole 约束。", obj=model, id="protection.E003"))
    return wrong
