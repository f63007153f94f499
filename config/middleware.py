"""What a refused verb looks like from outside: a sentence and the page one came from."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from .addresses import page_before
from .verbs import TransitionError


class TransitionErrorMiddleware:
    """HTML: message and redirect back, or a 409 page where nothing says from where; an htmx request: 409 with the sentence.

    The API has its own handler.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, TransitionError):
            return None
        if request.headers.get("HX-Request"):
            return render(request, "_components/refusal.html", {"sentence": str(exception)}, status=409)
        back = page_before(request)
        if not back or (request.method == "GET" and back == request.get_full_path()):  # it would lead here again, and again
            return render(request, "409.html", {"message": str(exception)}, status=409)
        messages.error(request, str(exception))
        return redirect(back)


class AddressOfAButtonMiddleware:
    """The address of a verb opened as a page (reloaded, kept as a bookmark): words and a way on instead of an empty answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        is_blank = response.status_code == 405 and not response.streaming and not response.content
        if not is_blank or request.method != "GET" or request.headers.get("HX-Request"):
            return response
        page = render(request, "405.html", status=405)
        page.headers["Allow"] = response.headers.get("Allow", "")
        return page
