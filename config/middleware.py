"""What a refused verb looks like from outside: a sentence and the page one came from. And what any error of the API looks like."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from . import problems
from .addresses import page_before
from .verbs import HELD, HELD_SECONDS, TransitionError, is_held


class ApiErrorsMiddleware:
    """Whatever is refused under the API's prefix answers as the API does: also where no view was reached, or it failed.

    An address that does not exist, a host or a token that is wrong, a method, a bug: Django answers these with pages. Their headers stay.
    """

    ABOUT_THE_PAGE = frozenset({"content-type", "content-length", "content-encoding", "content-language", "content-disposition"})

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        is_told = response.headers.get("Content-Type") == problems.CONTENT_TYPE
        if response.status_code < 400 or is_told or not problems.is_api(request):
            return response
        answer = problems.refused(request, response.status_code)
        for name, value in response.headers.items():
            if name.lower() not in self.ABOUT_THE_PAGE:
                answer.headers[name] = value
        answer.headers["Content-Length"] = str(len(answer.content))
        answer.cookies = response.cookies
        vars(answer)["_has_been_logged"] = vars(response).get("_has_been_logged", False)  # Django's own mark, else it writes its line twice
        return answer


class TransitionErrorMiddleware:
    """HTML: message and redirect back, or a 409 page where nothing says from where; an htmx request: 409 with the sentence.

    Whoever waited too long for a row is not led back, where what was typed would be gone: a page to reload, which sends it once more.
    The API has its own handler.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if is_held(exception):
            return _held(request)
        if not isinstance(exception, TransitionError):
            return None
        if request.headers.get("HX-Request"):
            return render(request, "_components/refusal.html", {"sentence": str(exception)}, status=409)
        back = page_before(request)
        if not back or (request.method == "GET" and back == request.get_full_path()):  # it would lead here again, and again
            return render(request, "409.html", {"message": str(exception)}, status=409)
        messages.error(request, str(exception))
        return redirect(back)


def _held(request: HttpRequest) -> HttpResponse:
    name = "_components/refusal.html" if request.headers.get("HX-Request") else "409_held.html"
    answer = render(request, name, {"sentence": HELD, "is_sent": request.method == "POST"}, status=409)
    answer.headers["Retry-After"] = str(HELD_SECONDS)
    return answer


class KeptByNobodyMiddleware:
    """What somebody signed in was shown is kept by no browser: the next one at the desk would go back to it after the sign-out.

    A view that says itself how long its answer stands (the catalogue, public everywhere) keeps its word.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        was_signed_in = request.user.is_authenticated
        response = self.get_response(request)
        if was_signed_in and not response.has_header("Cache-Control"):
            response.headers["Cache-Control"] = "private, no-store"
        return response


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
