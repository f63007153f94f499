"""Error reports tell where, never whom (S9): nothing typed and no variable leaves the process with a report."""

from collections.abc import ItemsView
from types import FrameType
from typing import Any

from django.http import HttpRequest
from django.views.debug import SafeExceptionReporterFilter


class SilentReporterFilter(SafeExceptionReporterFilter):
    """As Django's, and on a running system (DEBUG off) it hides every posted value and every local variable, not only those marked."""

    def get_post_parameters(self, request: HttpRequest | None) -> Any:
        typed = super().get_post_parameters(request)
        return dict.fromkeys(typed, self.cleansed_substitute) if self.is_active(request) else typed

    def get_traceback_frame_variables(self, request: HttpRequest | None, tb_frame: FrameType) -> ItemsView[str, Any]:
        found = super().get_traceback_frame_variables(request, tb_frame)
        return {name: self.cleansed_substitute if self.is_active(request) else value for name, value in found}.items()
