"""Where a change came from: address and request id, for the length of one request."""

import uuid
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from config.addresses import client_address

from .transitions import request_facts


class RequestFactsMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request_id = str(uuid.uuid4())
        token = request_facts.set({"address": client_address(request) or None, "request_id": request_id})
        try:
            response = self.get_response(request)
        finally:
            request_facts.reset(token)
        response["X-Request-Id"] = request_id
        return response
