"""What `manage.py check` says about the gateway of texts, and so `migrate`, for which every start of the house waits."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error
from django.core.exceptions import ImproperlyConfigured

from . import gateways


def sms_gateway(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """The class that SMS_GATEWAY names can be made and has `send`."""
    if not gateways.is_configured():
        return []
    try:
        has_send = callable(getattr(gateways.gateway(), "send", None))
    except ImproperlyConfigured as wrong:
        return [Error(str(wrong), id="deadlines.E001")]
    return [] if has_send else [Error("SMS_GATEWAY：短信网关须有 send(key, phone, text)。", id="deadlines.E001")]
