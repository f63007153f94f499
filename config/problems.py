"""Errors of the API as RFC 9457 problem details, with Chinese titles. The one exception handler of the house.

| raised | answer |
|---|---|
| not signed in, not allowed | 401 or 403 |
| not there, or behind the gate | 404 |
| a filter or a body that cannot be read, a value that the house does not take | 400, with `errors` by field |
| `TransitionError` | 409, its sentence as `detail` |
| a row that somebody else holds for longer than one waits | 409, with `Retry-After` |
| `config.api.Stale`, `config.api.Unseen` | 412: the row is not as `If-Match` says; 428: it says nothing |
| a body that is too large | 413 |
| anything else | a bug: 500, reported, and nothing told of it |

What is refused before or beside a view of the API (no such address, a token that is missing, a bug) answers the same way:
`config.middleware.ApiErrorsMiddleware`.
"""

import errno
import sys
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.core.exceptions import ValidationError as Invalid
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.template import loader
from django.views import defaults
from drf_spectacular.utils import inline_serializer
from psycopg2.errors import DiskFull
from rest_framework import serializers
from rest_framework.exceptions import APIException, NotFound, ValidationError
from rest_framework.exceptions import PermissionDenied as Refused
from rest_framework.fields import get_error_detail
from rest_framework.response import Response

from config.verbs import HELD, HELD_SECONDS, TransitionError, is_held

CONTENT_TYPE = "application/problem+json"
PREFIX = "/api/"
FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})  # no room on the disk, or no more for us
TITLES = {
    400: "请求内容有误",
    401: "请先登录",
    403: "没有权限",
    404: "没有找到",
    405: "不支持这种操作",
    406: "不支持要求的格式",
    409: "现在不能这样办",
    412: "内容已有变化",
    413: "提交的内容太大",
    415: "不支持提交的格式",
    428: "须写明看到的状态",
    429: "请求太频繁",
    500: "系统故障",
    503: "系统暂时不能使用",
}
OTHER_TITLE = "请求不能完成"
FAILED = "系统出现故障，已记录。请求可能没有生效，请核对后再试。"
NO_ROOM = "服务器磁盘空间不足，请求没有完成。请告诉系统管理员。"


def handle(raised: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler (`EXCEPTION_HANDLER`). None lets a bug be a 500."""
    if isinstance(raised, TransitionError):
        return problem(409, str(raised), context)
    if is_held(raised):
        return problem(409, HELD, context, headers={"Retry-After": str(HELD_SECONDS)})
    if isinstance(raised, RequestDataTooBig):
        return problem(413, "提交的内容超过了上限。", context)
    if isinstance(raised, Http404):
        raised = NotFound()
    elif isinstance(raised, PermissionDenied):
        raised = Refused(str(raised) or None)
    elif isinstance(raised, Invalid):  # what a verb or a constraint says of a value
        raised = ValidationError(get_error_detail(raised))
    if not isinstance(raised, APIException):
        return None
    headers = {}
    if wait := getattr(raised, "wait", None):
        headers["Retry-After"] = str(int(wait))
    if challenge := getattr(raised, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    errors = raised.detail if isinstance(raised, ValidationError) else None
    detail = "" if errors is not None else str(raised.detail)
    return problem(raised.status_code, detail, context, errors=errors, headers=headers)


def problem(status: int, detail: str, context: dict[str, Any], *, errors: object = None, headers: dict[str, str] | None = None) -> Response:
    body: dict[str, object] = {"type": "about:blank", "title": TITLES.get(status, OTHER_TITLE), "status": status}
    if detail:
        body["detail"] = detail
    if errors is not None:
        body["errors"] = errors if isinstance(errors, dict) else {"": errors}
    if request := context.get("request"):
        body["instance"] = request.path
    return Response(body, status=status, headers=headers, content_type=CONTENT_TYPE)


def is_api(request: HttpRequest) -> bool:
    return request.path.startswith(PREFIX)


def refused(request: HttpRequest, status: int, detail: str = "") -> HttpResponse:
    """The same before a request has come to its view."""
    body = {"type": "about:blank", "title": TITLES.get(status, OTHER_TITLE), "status": status, "instance": request.path}
    if detail:
        body["detail"] = detail
    return JsonResponse(body, status=status, content_type=CONTENT_TYPE, json_dumps_params={"ensure_ascii": False})


def server_error(request: HttpRequest) -> HttpResponse:
    """`handler500`: of a full disk it says so. Whoever uploads meets it while the request is read, before a view could answer."""
    raised = sys.exc_info()[1]
    is_full = isinstance(raised, OSError) and raised.errno in FULL or isinstance(getattr(raised, "__cause__", None), DiskFull)
    if is_api(request):
        return refused(request, 500, NO_ROOM if is_full else FAILED)
    return HttpResponse(loader.render_to_string("500_full.html"), status=500) if is_full else defaults.server_error(request)


# The body as the OpenAPI schema describes it.
PROBLEM = inline_serializer(
    "Problem",
    {
        "type": serializers.CharField(help_text="固定为 about:blank"),
        "title": serializers.CharField(help_text="错误名称"),
        "status": serializers.IntegerField(help_text="HTTP 状态码"),
        "detail": serializers.CharField(required=False, help_text="说明"),
        "instance": serializers.CharField(required=False, help_text="出错的地址"),
        "errors": serializers.DictField(
            child=serializers.ListField(child=serializers.CharField()), required=False, help_text="各字段的错误"
        ),
    },
)
