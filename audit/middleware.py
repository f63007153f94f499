"""Where a change came from: the address, for the length of one request. Its id is that of the log (`config.request_id`).

And the line that the opening of some pages leaves (`audit.reading.leaves_a_line`).
"""

from collections.abc import Callable

from django.db import transaction
from django.http import HttpRequest, HttpResponse

from config.addresses import client_address

from .transitions import request_address


class RequestFactsMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        token = request_address.set(client_address(request))
        try:
            answer = self.get_response(request)
            line = getattr(answer, "line_of_reading", None)
            if line is not None:
                with transaction.atomic():
                    line()
            return answer
        finally:
            request_address.reset(token)
