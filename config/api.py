"""What the rooms' APIs share: sign-in by the session, the acting post, pages by position, a POST that is sent twice.

An API is a further door to the same corridor: rows come through `visible_to`, columns as the pages show them, writes are the pages' verbs.
"""

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.plumbing import build_mock_request
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.exceptions import PermissionDenied as Refused
from rest_framework.pagination import BasePagination
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import UserRateThrottle

from . import keyset, once
from .problems import CONTENT_TYPE, PROBLEM

KEY_HEADER = "Idempotency-Key"
REPLAYED_HEADER = "Idempotency-Replayed"
MATCH_HEADER = "If-Match"


class Stale(APIException):
    """The row is not as the sender saw it; the detail says who did what since."""

    status_code = 412


class Unseen(APIException):
    """The sender does not say what it saw."""

    status_code = 428
    default_detail = "请先读取，再把答复中的 ETag 写入 If-Match 提交。"


class Session(SessionAuthentication):
    """The session of the pages, with its CSRF token in `X-CSRFToken` for every write. Without one: 401."""

    def authenticate_header(self, request: Request) -> str:  # noqa: ARG002
        return 'Session realm="api"'

    def enforce_csrf(self, request: Request) -> None:
        try:
            super().enforce_csrf(request)
        except Refused as raised:
            raise PermissionDenied("写入须在 X-CSRFToken 中带上本次登录的令牌（csrftoken）。") from raised


class SessionScheme(OpenApiAuthenticationExtension):
    target_class = "config.api.Session"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:  # noqa: ARG002
        return {"type": "apiKey", "in": "cookie", "name": "sessionid", "description": "网页登录的会话；写入另须 X-CSRFToken。"}


class ActingPost(BasePermission):
    """Somebody signed in who holds a post that the view lets in (`may_enter`). Which post acts is the pages' choice."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if not request.user.is_authenticated:
            return False
        post = getattr(request, "post", None)
        if post is None:
            raise PermissionDenied("您没有生效的岗位，请联系本单位管理员。")
        if not view.may_enter(post):
            raise PermissionDenied("您的岗位不能使用这个接口。")
        return True


def request_for_schema(method: str, path: str, view: Any, original_request: Any, **options: Any) -> Any:
    """The request by which the schema asks what its reader may use (`SERVE_PUBLIC`): with the reader's posts."""
    request = build_mock_request(method, path, view, original_request, **options)
    if original_request is not None:
        request._request.post, request._request.posts = original_request.post, original_request.posts
    return request


class Positions(BasePagination):
    """Pages by position (`config.keyset`), in the view's `sort`: stable while rows are added, as fast on the last as on the first."""

    display_page_controls = False

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any] | None:
        size = request.query_params.get("size")
        if size is not None and not keyset.size_in(request.query_params):
            raise ValidationError({"size": [f"每页行数只能是{'、'.join(map(str, keyset.SIZES))}。"]})
        self._page = keyset.page(keyset.ordered(queryset, view.sort, is_filled=True), request._request, sort=view.sort)
        return list(self._page.rows)

    def get_paginated_response(self, data: Any) -> Response:
        return Response({"previous": self._page.previous or None, "next": self._page.next or None, "results": data})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": "string", "nullable": True, "description": "没有时为 null"}
        return {
            "type": "object",
            "required": ["previous", "next", "results"],
            "properties": {
                "previous": {**link, "example": None},
                "next": {**link, "example": "/api/v1/…?after=…"},
                "results": schema,
            },
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:  # noqa: ARG002
        texts = {"after": "从此位置往后（取自 next）", "before": "从此位置往前（取自 previous）"}
        found: list[dict[str, Any]] = [
            {"name": name, "in": "query", "required": False, "description": text, "schema": {"type": "string"}}
            for name, text in texts.items()
        ]
        sizes = {"type": "integer", "enum": list(keyset.SIZES), "default": keyset.SIZES[0]}
        return [*found, {"name": "size", "in": "query", "required": False, "description": "每页行数", "schema": sizes}]


class PerPerson(UserRateThrottle):
    """So many requests a minute of one person (`API_REQUESTS_PER_MINUTE`)."""

    scope = "user"


def _refusal(status: int, text: str) -> dict[Any, Any]:
    return {(status, CONTENT_TYPE): OpenApiResponse(PROBLEM, text)}


REFUSED = {**_refusal(401, "没有登录"), **_refusal(403, "岗位不能使用"), **_refusal(429, "请求太频繁")}
BAD = _refusal(400, "请求内容有误")
MISSING = _refusal(404, "没有找到，或不在权限范围内")
CONFLICT = _refusal(409, "现在不能这样办：已由谁何时办理，或缺什么；记录正被占用的带 Retry-After（秒）")
MATCHLESS = {**_refusal(412, "读取后已有变化：何人何时办了什么"), **_refusal(428, "没有带 If-Match")}
UNREADABLE = {**_refusal(413, "提交的内容超过上限"), **_refusal(415, "只接受 application/json")}
KEY = OpenApiParameter(
    KEY_HEADER,
    {"type": "string", "format": "uuid"},
    OpenApiParameter.HEADER,
    description="同一次提交的标记：网络中断后带同一标记重发，只办一次，重发的答复带 Idempotency-Replayed: true。",
)

MATCH = OpenApiParameter(
    MATCH_HEADER,
    str,
    OpenApiParameter.HEADER,
    required=True,
    description="读取时答复的 ETag：此后已有变化的答 412，写明何人何时办了什么。写 * 表示不论状态。",
)


def etag(state: str) -> str:
    return f'"{state}"'


def refuse_unseen(request: Request, state: str, changed: Callable[[str], str]) -> None:
    """Go on only where the request names the state that stands; `changed` says of another what happened since.

    Raises:
        Unseen: no `If-Match`. Stale: another state.
    """
    text = request.headers.get(MATCH_HEADER, "").strip()
    if not text:
        raise Unseen
    seen = [tag.strip().removeprefix('"').removesuffix('"') for tag in text.split(",")]
    if text != "*" and state not in seen:
        raise Stale(changed(seen[0]))


def done_once(request: Request, act: Callable[[], str]) -> bool:
    """Do `act`, which returns the address of what it changed; True where a request with this key has done it before.

    Without a key it is done each time. What `act` raises undoes the key with it, so that the corrected request may bring the same one.

    Raises:
        ValidationError: the key is no uuid.
        TransitionError: the key was used for another content, or its first request is still at work.
    """
    text = request.headers.get(KEY_HEADER)
    if text is None:
        act()
        return False
    try:
        key = UUID(text)
    except ValueError as wrong:
        raise ValidationError({KEY_HEADER: ["须是 UUID。"]}) from wrong
    return once.by_key(request, key, json.dumps([request.method, request.path, request.data], default=str, sort_keys=True), act)
